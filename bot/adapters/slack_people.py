"""Who people are on Slack, as it says now: asked at each write, and remembered for half a minute."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import text
from bot.adapters import slack_errors
from bot.membership import Member
from bot.ports import RightsUnknownError

log = structlog.get_logger("bot.slack")

# Seconds. Slack would tell of changes by user_change, which comes with every status that anybody sets.
KEPT = 30.0
# Seconds that an answer waits for a name, which only the record of changes needs.
NAME_TIME = 3.0
# docs.slack.dev/reference/methods/users.list: fewer than 1,000 a page.
A_PAGE, MOST_PAGES = 500, 100
LONGEST_NAME = 80
_ID = re.compile("[UW][A-Z0-9]{6,20}", re.ASCII)
_NOBODY = frozenset({"user_not_found", "users_not_found", "user_not_visible"})
PROBLEMS = (SlackApiError, aiohttp.ClientError, TimeoutError)
Alarm = Callable[[str, str], Awaitable[None]]


class People:
    """Asks about people; `alarm` tells the operators where the app may not."""

    def __init__(self, alarm: Alarm, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._alarm = alarm
        self._monotonic = monotonic
        # By workspace and person, until when; the oldest first.
        self._known: dict[tuple[str, str], tuple[float, Member]] = {}

    async def member(self, client: AsyncWebClient, team: str, user: str) -> Member:
        """Say who somebody is in a workspace. Raises RightsUnknownError."""
        self._forget_old()
        known = self._known.get((team, user))
        return await self.member_anew(client, team, user) if known is None else known[1]

    async def member_anew(self, client: AsyncWebClient, team: str, user: str) -> Member:
        """Ask who somebody is, whatever is remembered. Raises RightsUnknownError."""
        answer = await self._asked(partial(client.users_info, user=user))
        member = _member(answer.get("user") or {"id": user}, team)
        self._known.pop((team, user), None)
        self._known[team, user] = (self._monotonic() + KEPT, member)
        return member

    async def name(self, client: AsyncWebClient, team: str, user: str) -> str:
        """Give somebody's handle, which commands and buttons name, too; their id where Slack does not answer."""
        try:
            async with asyncio.timeout(NAME_TIME):
                return (await self.member(client, team, user)).handle
        except (RightsUnknownError, TimeoutError):
            return user

    async def find(self, client: AsyncWebClient, team: str, name: str) -> tuple[Member, ...]:
        """Find the people who are called by a name, or have that id. Raises RightsUnknownError."""
        if _ID.fullmatch(name):
            known = await self._asked(partial(client.users_info, user=name), _NOBODY)
            return () if known is None else (_member(known["user"], team),)
        wanted, found, cursor = name.casefold(), list[Member](), ""
        for _ in range(MOST_PAGES):
            page = await self._asked(partial(client.users_list, limit=A_PAGE, cursor=cursor or None))
            found += [_member(user, team) for user in page.get("members") or () if wanted in _names(user)]
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                break
        return tuple(found)

    async def _asked(self, call: Callable[[], Awaitable[Any]], nothing: Collection[str] = ()) -> Any:
        """Call, and return None where Slack answers one of what means `nothing`. Raises RightsUnknownError."""
        try:
            return await call()
        except PROBLEMS as problem:
            name = slack_errors.name(problem)
            if name in nothing:
                return None
            log.warning("slack_rights_unknown", problem=name or type(problem).__name__)
            if name == "missing_scope":
                await self._alarm(
                    "slack scopes",
                    "⚠ Slack does not say who people are, so nobody can change filters there: the app lacks the scope "
                    "users:read. `phiwire manifest` prints what it needs; install it again with that.",
                )
            raise RightsUnknownError from problem

    def _forget_old(self) -> None:
        now = self._monotonic()
        for person, (until, _) in list(self._known.items()):
            if until > now:
                break
            del self._known[person]


def _member(user: dict[str, Any], team: str) -> Member:
    """Read a user object (docs.slack.dev/reference/objects/user-object); guests are members of where they are."""
    teams = {user.get("team_id"), *((user.get("enterprise_user") or {}).get("teams") or ())}
    is_outsider = bool(user.get("is_stranger")) or team not in teams
    is_admin = any(user.get(right) for right in ("is_admin", "is_owner", "is_primary_owner"))
    profile = user.get("profile") or {}
    display, real, handle = (
        text.shorten(text.clean(str(each or "")), LONGEST_NAME)
        for each in (profile.get("display_name"), profile.get("real_name"), user.get("name"))
    )
    known = str(user["id"])
    return Member(
        known,
        name=display or real or handle or known,
        is_admin=is_admin and not is_outsider,
        is_outsider=is_outsider,
        handle=handle or known,
    )


def _names(user: dict[str, Any]) -> set[str]:
    if user.get("deleted") or user.get("is_bot"):
        return set()
    profile = user.get("profile") or {}
    names = (user.get("name"), profile.get("display_name"), profile.get("real_name"))
    return {text.clean(str(name)).casefold() for name in names if name}
