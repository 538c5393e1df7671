"""The one workspace whose token stands in the settings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot import installations
from bot.adapters import slack_errors, slack_manifest
from bot.adapters.slack_commands import PLATFORM
from bot.adapters.slack_places import SCOPES_GIVEN
from bot.adapters.slack_sending import Poster
from bot.adapters.slack_workspaces import Access, Connect, NoAccessError
from bot.db import Database
from bot.outbox.pacing import one_token
from bot.outbox.reasons import OTHER_WORKSPACE
from bot.outcomes import Outcome, Unavailable
from bot.ports import AdapterError

log = structlog.get_logger("bot.slack")

BOT = "SLACK_BOT_TOKEN, which begins with xoxb- and stands on your app's page under OAuth & Permissions"
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
Call = Callable[[], Awaitable[AsyncSlackResponse]]


class OneWorkspace:
    """Its addresses do not name it. Where a database is given, it is remembered whose they are."""

    def __init__(self, bot_token: str, clock: Callable[[], datetime], database: Database | None = None) -> None:
        self._bot_token = bot_token
        self._clock = clock
        self._database = database
        self._access: Access | None = None
        self._bot_id = self._team = ""

    def use(self, database: Database) -> None:
        """Remember here."""
        self._database = database

    def connect(self, connect: Connect) -> None:
        """Make the client; safe to call twice."""
        if self._access is None:
            client = connect(self._bot_token)
            self._access = Access(client, Poster(client), "")

    @property
    def _client(self) -> AsyncWebClient:
        assert self._access is not None, "used before it is connected"
        return self._access.client

    async def check(self) -> str:
        """Ask auth.test. Raises AdapterError, and what the client raises."""
        who = self._learn(await accepted(self._client.auth_test, BOT))
        named = f"{who.get('user')} in {who.get('team')}"
        lacking = slack_manifest.lacking(who.headers.get(SCOPES_GIVEN, ""))
        return f"{named}. {lacking}" if lacking else named

    async def start(self) -> dict[str, Any]:
        """Wait for Slack, and give what Bolt needs. Raises AdapterError."""
        self._learn(await until_reachable(self._client.auth_test, BOT))
        if self._database is not None and self._team:
            await self._database.write(installations.set_plain, PLATFORM, self._team, self._clock())
        return {"client": self._client}

    def _learn(self, who: AsyncSlackResponse) -> AsyncSlackResponse:
        """Remember who we are."""
        self._bot_id, self._team = str(who.get("bot_id") or ""), str(who.get("team_id") or "")
        return who

    def address(self, team: str | None, conversation: str) -> str:  # noqa: ARG002 (there is but one)
        """Name a conversation by its own id."""
        return conversation

    def token_of(self, address: str) -> str:
        """Say that all addresses take the same token."""
        return one_token(address)

    async def access(self, address: str) -> Access:
        """Give the client. Raises NoAccessError for addresses of other workspaces, from when there were several."""
        assert self._access is not None, "used before it is connected"
        if installations.SLASH in address:
            raise NoAccessError(Unavailable(OTHER_WORKSPACE, "channel", slack_errors.SUSPENDED))
        return self._access._replace(bot_id=self._bot_id, team=self._team)

    async def judged(self, access: Access, outcome: Outcome) -> Outcome:  # noqa: ARG002 (the same for all)
        """Take an outcome as it is."""
        return outcome


async def until_reachable(call: Call, setting: str) -> AsyncSlackResponse:
    """Make a call, again and again until Slack answers. Raises AdapterError."""
    pause = FIRST_PAUSE
    while True:
        try:
            return await accepted(call, setting)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as problem:
            log.warning("slack_unreachable", problem=type(problem).__name__, next_try_in=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)


async def accepted(call: Call, setting: str) -> AsyncSlackResponse:
    """Make a call. Raises AdapterError where Slack refuses the token, which waiting cannot help."""
    try:
        return await call()
    except SlackApiError as problem:
        if slack_errors.is_token_error(problem):
            raise AdapterError(f"Slack does not accept {setting}: copy it again into .env.") from problem
        raise
