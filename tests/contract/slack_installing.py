"""A bot for many workspaces before an emulated Slack, and browsers in which people install it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import aiohttp
from yarl import URL

from bot.adapters.slack import SlackAdapter
from bot.adapters.slack_installed import ManyWorkspaces
from bot.adapters.slack_oauth import BACK, INSTALL, OAuth
from bot.adapters.slack_requests import Calls
from bot.commands.handlers import Commands
from bot.db import Database
from bot.model import Operator
from bot.outbox.pacing import Limits
from bot.sealing import Seal
from bot.web import slack as calls_web
from bot.web import slack_install
from bot.web.server import WebServer
from tests.contract.conversations import NOW
from tests.emulators.slack_many import ManySlack, Team
from tests.emulators.slack_state import SlackChannel, SlackUser

SECRET = "signing-secret"  # noqa: S105 - opens nothing but the test's own server
KEY = "c2l4dGVlbiBieXRlcyBhbmQgc2l4dGVlbiBieXRlcyE="
LIMITS = Limits(token_per_second=1000, burst=1000)


@dataclass(frozen=True, slots=True)
class Shown:
    """A page, or where a browser is sent."""

    status: int
    text: str
    location: str


class Browser:
    """Keeps cookies, and follows no redirect by itself."""

    def __init__(self) -> None:
        self.session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def get(self, url: str) -> Shown:
        """Open an address."""
        async with self.session.get(URL(url, encoded=True), allow_redirects=False) as answer:
            return Shown(answer.status, await answer.text(), answer.headers.get("Location", ""))


class Bot:
    """The bot as it runs; another one on the same database is the bot after a restart."""

    def __init__(
        self,
        slack: ManySlack,
        database: Database,
        keys: tuple[str, ...] = (KEY,),
        limits: Limits = LIMITS,
        operators: Collection[Operator] = (),
    ) -> None:
        self.slack = slack
        self.database = database
        self.now = NOW
        self.calls = Calls(SECRET, self.clock)
        self.workspaces = ManyWorkspaces(Seal(keys), "https://bot.example.org/slack/install", self.clock, database)
        self.commands = Commands(database, self.clock, lambda: None, "Europe/London", operators=operators)
        self.adapter = SlackAdapter("", "", slack.url, self.clock, limits, self.calls, workspaces=self.workspaces)
        self.url = ""
        self.server: WebServer | None = None

    def clock(self) -> datetime:
        """Tell the time."""
        return self.now

    def seconds(self) -> float:
        """Tell the time as Slack does."""
        return self.clock().timestamp()

    async def start(self, port: int = 0) -> None:
        """Listen, connect, and have Slack know the address."""
        # The port is part of the address that Slack sends browsers back to.
        self.server = WebServer("127.0.0.1", port, self._routes(port))
        await self.server.start()
        self.url = f"http://127.0.0.1:{self.server.port}"
        self.slack.redirects.append(self.url + BACK)
        self.slack.call_at(self.url + calls_web.PATH, SECRET, self.seconds)
        await self.adapter.start(self.commands)

    def _routes(self, port: int) -> list[aiohttp.web.RouteDef]:
        oauth = OAuth(
            self.slack.client_id,
            self.slack.client_secret,
            f"http://127.0.0.1:{port}",
            self.slack.url,
            self.workspaces,
            self.clock,
        )
        oauth.use(self.database)
        return [*calls_web.routes(self.calls), *slack_install.routes(oauth)]

    async def stop(self) -> None:
        """End it; all that it should know stands in the database."""
        await self.adapter.close()
        if self.server is not None:
            await self.server.close()
        if self.slack.calls_out is not None:
            await self.slack.calls_out.close()

    async def install(self, team: Team, user: SlackUser, *, whole_organisation: bool = False) -> Shown:
        """Have somebody install the bot, and return the last page."""
        browser = Browser()
        try:
            away = await browser.get(self.url + INSTALL)
            back = self.slack.allow(away.location, team, user, whole_organisation=whole_organisation)
            return await browser.get(back)
        finally:
            await browser.session.close()

    async def ask(self, text: str, user: SlackUser, channel: SlackChannel) -> str:
        """Type /phiwire and something, and return all that the answer shows."""
        return (await self.slack.command(channel, user, "/phiwire", text)).text


@asynccontextmanager
async def running(
    slack: ManySlack, database: Database, port: int, *keys: str, operators: Collection[Operator] = ()
) -> AsyncIterator[Bot]:
    """Run the bot."""
    bot = Bot(slack, database, keys or (KEY,), operators=operators)
    try:
        await bot.start(port)
        yield bot
    finally:
        await bot.stop()
