"""The conversations of which somebody is a member on Slack, as Slack says them: all in one call, kept for a moment.

users.conversations needs the scopes channels:read and groups:read; private channels are among them only where the bot
is a member, too (docs.slack.dev/reference/methods/users.conversations).
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack_workspaces import Address
from bot.ports import Place, RightsUnknownError

log = structlog.get_logger("bot.slack")

# Seconds for which an answer counts where nothing is changed: whoever has left sees no longer what they knew.
KEPT = 30.0
MOST_REMEMBERED = 1000
KINDS = "public_channel,private_channel"
# Slack recommends no more than 200 at a time.
PAGE, MOST_PAGES = 200, 10


@dataclass(frozen=True, slots=True)
class _Asked:
    at: float
    places: tuple[Place, ...]


class Seats:
    """Who sits where. `address` makes a channel's address of its id and the team's."""

    def __init__(self, address: Address, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._address = address
        self._monotonic = monotonic
        self._asked: OrderedDict[tuple[str, str], _Asked] = OrderedDict()

    async def of(self, client: AsyncWebClient, team: str, user: str) -> tuple[Place, ...]:
        """List somebody's channels, as they were a moment ago at the most. Raises RightsUnknownError."""
        known = self._asked.get((team, user))
        if known is not None and self._monotonic() - known.at <= KEPT:
            return known.places
        return await self.now(client, team, user)

    async def now(self, client: AsyncWebClient, team: str, user: str) -> tuple[Place, ...]:
        """List somebody's channels as they are now. Raises RightsUnknownError."""
        try:
            places = await self._ask(client, team, user)
        except SlackApiError as problem:
            log.warning("slack_seats_unknown", problem=str(problem.response.get("error", "")))
            raise RightsUnknownError from problem
        except (aiohttp.ClientError, TimeoutError) as problem:
            log.warning("slack_seats_unknown", problem=type(problem).__name__)
            raise RightsUnknownError from problem
        self._asked[team, user] = _Asked(self._monotonic(), places)
        self._asked.move_to_end((team, user))
        if len(self._asked) > MOST_REMEMBERED:
            self._asked.popitem(last=False)
        return places

    async def names(self, client: AsyncWebClient, user: str) -> tuple[str, ...]:
        """Name somebody as the record of changes does: by their id, and by their name where Slack says it."""
        try:
            known = (await client.users_info(user=user)).get("user") or {}
        except (SlackApiError, aiohttp.ClientError, TimeoutError):
            return (user,)
        return tuple(filter(None, (user, str(known.get("name") or ""))))

    async def _ask(self, client: AsyncWebClient, team: str, user: str) -> tuple[Place, ...]:
        found: list[Place] = []
        cursor = None
        for _ in range(MOST_PAGES):
            answer = await client.users_conversations(user=user, types=KINDS, limit=PAGE, cursor=cursor)
            found += [
                Place(self._address(team, str(each["id"])), str(each.get("name") or ""))
                for each in answer.get("channels") or ()
            ]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
        return tuple(found)
