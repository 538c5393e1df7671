"""People who look at the bot's home tab on an emulated Slack."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import timedelta

from bot.adapters.slack import SlackAdapter
from bot.db import Database
from bot.model import Operator
from tests.contract.conversations import NOW
from tests.contract.slack_talking import LIMITS, Talk
from tests.emulators import slack_homes
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_state import SlackChannel, SlackUser

SCOPES = {"channels:read", "groups:read"}


class AtHome(Talk):
    """A Slack with home tabs, whose pauses are over at once unless `patient`."""

    def __init__(
        self, slack: SlackEmulator, database: Database, operators: Collection[Operator], scopes: set[str]
    ) -> None:
        super().__init__(slack, database, None, operators)
        slack.workspace.scopes -= SCOPES - scopes
        self.patient = False
        self._over = asyncio.Event()
        self.adapter = SlackAdapter(
            slack.bot_token,
            slack.app_token,
            slack.url,
            self._clock,
            LIMITS,
            monotonic=self._monotonic,
            sleep=self._sleep,
        )

    def _monotonic(self) -> float:
        return (self.now - NOW).total_seconds()

    async def _sleep(self, seconds: float) -> None:
        if self.patient:
            await self._over.wait()
        self.now += timedelta(seconds=seconds)

    def end_pause(self) -> None:
        """Let all pauses be over, and those to come."""
        self._over.set()

    def room(self, name: str, *people: SlackUser, private: bool = False) -> SlackChannel:
        """Return a channel with people in it."""
        channel = self.slack.channel(name, private=private)
        channel.members |= {person.id for person in people}
        return channel

    async def open(self, user: SlackUser) -> str:
        """Open the home tab, and return what it shows."""
        slack_homes.open_home(self.slack, user)
        return await self._next(user)

    async def press(self, user: SlackUser, label: str, place: int = 0) -> str:
        """Press a button of the home tab, and return what it shows then."""
        slack_homes.press(self.slack, user, label, place)
        return await self._next(user)

    async def _next(self, user: SlackUser) -> str:
        before = self.slack.workspace.homes.get(user.id, {}).get("hash")
        await self.slack.wait_for(
            lambda: self.slack.workspace.homes.get(user.id, {}).get("hash") not in (None, before) or None,
            what="no view was published",
        )
        return slack_homes.shown(self.slack, user)

    def labels(self, user: SlackUser) -> list[str]:
        """List what stands on the buttons that somebody sees."""
        return slack_homes.labels(self.slack.workspace.homes[user.id])

    def published(self) -> int:
        """Count the views that were published."""
        return len(self.slack.calls("views.publish"))


@asynccontextmanager
async def at_home(
    slack: SlackEmulator,
    database: Database,
    operators: Collection[Operator] = (),
    scopes: Collection[str] = frozenset(SCOPES),
) -> AsyncIterator[AtHome]:
    """Run an adapter with home tabs."""
    talk = AtHome(slack, database, operators, set(scopes))
    try:
        await talk.adapter.start(talk.commands)
        yield talk
    finally:
        await talk.adapter.close()
