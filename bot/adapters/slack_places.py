"""Whether messages can come into a conversation of Slack's: looked at before its first filter is saved."""

from __future__ import annotations

import time
from collections.abc import Callable

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.adapters import slack_errors
from bot.membership import Obstacle

log = structlog.get_logger("bot.slack")

# Seconds for which a conversation that takes messages is not looked at again.
KEPT = 60.0
PROBLEMS = (SlackApiError, aiohttp.ClientError, TimeoutError)
# Slack names an app's scopes with each answer (docs.slack.dev/authentication/installing-with-oauth, "Checking scopes").
SCOPES_GIVEN = "x-oauth-scopes"
PUBLIC = "chat:write.public"


class Places:
    """Looks at conversations; only that nothing keeps messages out is remembered."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        # By workspace and conversation, until when; the oldest first.
        self._open: dict[tuple[str, str], float] = {}

    async def obstacle(self, client: AsyncWebClient, team: str, conversation: str) -> Obstacle:
        """Say what keeps messages out; nothing where Slack does not answer, for a wish must not be lost to a look."""
        self._forget_old()
        if (team, conversation) in self._open:
            return ""
        try:
            obstacle = _obstacle(await client.conversations_info(channel=conversation))
        except PROBLEMS as problem:
            name = slack_errors.name(problem)
            log.info("slack_look_failed", problem=name or type(problem).__name__)
            # Its own conversations with people the app may not look at without further scopes, nor has to.
            if name != "channel_not_found":
                return ""
            # Of a private conversation without the bot Slack does not even say that it is there.
            return "closed" if conversation.startswith("D") else "not invited"
        if not obstacle:
            self._open[team, conversation] = self._monotonic() + KEPT
        return obstacle

    def forget(self, team: str, conversation: str) -> None:
        """Look again next time: something has changed there."""
        self._open.pop((team, conversation), None)

    def _forget_old(self) -> None:
        now = self._monotonic()
        for place, until in list(self._open.items()):
            if until > now:
                break
            del self._open[place]


def _obstacle(answer: AsyncSlackResponse) -> Obstacle:
    """Read a conversation object (docs.slack.dev/reference/objects/conversation-object)."""
    found = answer.get("channel") or {}
    if found.get("is_archived"):
        return "archived"
    if found.get("is_im") or found.get("is_mpim") or found.get("is_member", True):
        return ""
    scopes = {scope.strip() for scope in str(answer.headers.get(SCOPES_GIVEN, PUBLIC)).split(",")}
    return "" if PUBLIC in scopes and not found.get("is_private") else "not invited"
