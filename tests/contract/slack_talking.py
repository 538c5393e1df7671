"""People who talk with the bot on an emulated Slack, by Socket Mode or by calls to its web server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Literal

from bot.adapters.slack import SlackAdapter
from bot.adapters.slack_requests import Calls
from bot.commands.handlers import Commands
from bot.commands.operating import Operating
from bot.db import Database
from bot.model import Operator
from bot.outbox.pacing import Limits
from bot.web import slack as web
from bot.web.server import WebServer
from tests.contract.conversations import NOW
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_modals import Modal
from tests.emulators.slack_state import SlackChannel, SlackUser

Way = Literal["socket", "http"]
SECRET = "signing-secret"  # noqa: S105 - opens nothing but the test's own server
# People who type faster than Slack lets apps answer; how that is paced is tested elsewhere.
LIMITS = Limits(token_per_second=1000, burst=1000)


class Talk:
    """A Slack with the bot in it, and Ada and Bob who type."""

    def __init__(
        self,
        slack: SlackEmulator,
        database: Database,
        calls: Calls | None,
        operators: Collection[Operator] = (),
        operating: Operating | None = None,
    ) -> None:
        self.slack = slack
        self.database = database
        self.now = NOW
        self.commands = Commands(
            database, self._clock, lambda: None, "Europe/London", operators=operators, operating=operating
        )
        app_token = slack.app_token if calls is None else ""
        self.adapter = SlackAdapter(slack.bot_token, app_token, slack.url, self._clock, LIMITS, calls)
        self.ada, self.bob = slack.user("ada", admin=True), slack.user("bob")
        self.channel = slack.channel("westminster")

    def _clock(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        """Tell the time as Slack does."""
        return self.now.timestamp()

    async def ask(self, text: str, user: SlackUser | None = None, channel: SlackChannel | None = None) -> str:
        """Type /phiwire and something, and return all that the answer shows."""
        return (await self.slack.command(channel or self.channel, user or self.ada, "/phiwire", text)).text

    async def modal(
        self,
        typed: str = "/phiwire edit",
        user: SlackUser | None = None,
        channel: SlackChannel | None = None,
        *,
        filled: bool = True,
    ) -> Modal:
        """Type what opens a modal, and return it when something stands in it, or at once."""
        command, _, text = typed.partition(" ")
        stacks, who = self.slack.workspace.modals.stacks, user or self.ada
        before = len(stacks)
        await self.slack.command(channel or self.channel, who, command, text, replies=0)
        await self.slack.wait_for(lambda: len(stacks) > before)
        modal = Modal(self.slack, who, stacks[-1])
        await self.slack.wait_for(lambda: not filled or "One moment" not in modal.shown)
        return modal


@asynccontextmanager
async def talking(
    slack: SlackEmulator,
    database: Database,
    way: Way,
    operators: Collection[Operator] = (),
    operating: Operating | None = None,
) -> AsyncIterator[Talk]:
    """Run an adapter to which Slack's requests come in one of the two ways."""
    calls = Calls(SECRET, lambda: talk.now) if way == "http" else None
    talk = Talk(slack, database, calls, operators, operating)
    server = None
    try:
        if calls is not None:
            server = WebServer("127.0.0.1", 0, web.routes(calls))
            await server.start()
            url = f"http://127.0.0.1:{server.port}{web.PATH}"
            slack.call_at(url, SECRET, talk.seconds)
        await talk.adapter.start(talk.commands)
        yield talk
    finally:
        await talk.adapter.close()
        if server is not None:
            await server.close()
