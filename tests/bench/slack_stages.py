"""A bot before an emulated Slack, for a bench: in one workspace by Socket Mode, or in many that call it, signed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.adapters.slack import SlackAdapter
from bot.channels import ensure
from bot.commands.handlers import Commands
from bot.db import Database
from bot.filters import matcher
from bot.filters import store as filters
from bot.model import Item, Source
from bot.outbox.pacing import Limits
from bot.outbox.sender import Sender
from bot.wire import source_store, store
from bot.wire.entry_store import Arrival
from tests.contract.slack_installing import KEY, Bot
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_many import ManySlack, Team
from tests.emulators.slack_state import SlackChannel, SlackUser
from tests.ports import held_port

WIRE = Source("wire", "The Wire", "phiwire", "https://example.org")


@dataclass(frozen=True, slots=True)
class Room:
    """A channel with its address, and somebody who types there."""

    channel: SlackChannel
    address: str
    person: SlackUser


class Stage:
    """The emulated Slack, and the bot's loops, but for polling; `news` wakes the matcher."""

    def __init__(self, slack: SlackEmulator, database: Database, adapter: SlackAdapter) -> None:
        self.slack = slack
        self.database = database
        self.sender = Sender(database, adapter, now, burst=1_000_000)
        self.commands = Commands(database, now, self.sender.wake, "Europe/London")
        self.news = asyncio.Event()
        self.people: list[Room] = []
        self.readers: list[Room] = []

    async def publish(self, headline: str) -> None:
        """Put an entry on the wire."""
        item = Item(headline, "wire", headline, author="Marta Quill")
        await self.database.write(store.commit_poll, WIRE, now(), now(), new=[Arrival(item, item)])
        self.news.set()

    async def listen(self) -> None:
        """Have the wire known, and followed by the readers."""
        for reader in self.readers:
            name, at = reader.channel.name, now()
            made = await self.database.write(ensure, "slack", reader.address, "", name, "Europe/London", at)
            await self.database.write(filters.add, made.id, "follow", "Marta Quill", "@ada", at)
        await self.database.write(source_store.put_source, WIRE, "file")
        await self.database.write(store.commit_poll, WIRE, now(), now(), new=[])


# Makes a stage in a folder with these limits, of so many people and so many readers.
Set = Callable[[Path, Limits, int, int], AbstractAsyncContextManager[Stage]]


def now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


@contextlib.asynccontextmanager
async def one_workspace(folder: Path, limits: Limits, people: int, readers: int) -> AsyncIterator[Stage]:
    """Run a bot that has one workspace's token, and opens a socket."""
    async with SlackEmulator() as slack, _opened(folder) as database:
        adapter = SlackAdapter(slack.bot_token, slack.app_token, slack.url, now, limits)
        stage = Stage(slack, database, adapter)

        def room(name: str) -> Room:
            channel = slack.channel(name)
            return Room(channel, channel.id, slack.user(f"person-{name}"))

        stage.people = [room(f"room-{number}") for number in range(people)]
        stage.readers = [room(f"reader-{number}") for number in range(readers)]
        await stage.listen()
        await adapter.start(stage.commands)
        async with _loops(stage):
            yield stage
            await adapter.close()
        assert slack.violations == []


def many_workspaces(workspaces: int) -> Set:
    """Have so many workspaces install the bot, each with a token of its own; they take turns at having channels."""

    @contextlib.asynccontextmanager
    async def run(folder: Path, limits: Limits, people: int, readers: int) -> AsyncIterator[Stage]:
        async with ManySlack() as slack, _opened(folder) as database:
            bot = _Installed(slack, database, (KEY,), limits)
            stage = Stage(slack, database, bot.adapter)
            bot.commands = stage.commands
            with held_port() as port:
                await bot.start(port)
                teams = [await _joined(bot, slack.team(f"Desk {number}")) for number in range(workspaces)]
                stage.people = _rooms(slack, teams, "room", people)
                # Each workspace has somebody to whom news comes.
                stage.readers = _rooms(slack, teams, "reader", max(readers, workspaces))
                await stage.listen()
                async with _loops(stage):
                    yield stage
                    await bot.stop()
            assert slack.violations == []
            assert len(slack.grants) == workspaces
            assert all("chat.postMessage" in grant.calls for grant in slack.grants.values())

    return run


class _Installed(Bot):
    """A bot whose clock goes."""

    def clock(self) -> datetime:
        return now()


async def _joined(bot: Bot, team: Team) -> Team:
    page = await bot.install(team, bot.slack.user_of(team, "ada"))
    assert f"PhiWire is in {team.name}" in page.text
    return team


def _rooms(slack: ManySlack, teams: Sequence[Team], name: str, number: int) -> list[Room]:
    rooms = []
    for place in range(number):
        team = teams[place % len(teams)]
        channel = slack.channel_of(team, f"{name}-{place}")
        rooms.append(Room(channel, f"{team.id}/{channel.id}", slack.user_of(team, f"person-{name}-{place}")))
    return rooms


@contextlib.asynccontextmanager
async def _opened(folder: Path) -> AsyncIterator[Database]:
    database = Database(folder / "phiwire.db")
    yield database
    await asyncio.to_thread(database.close)


@contextlib.asynccontextmanager
async def _loops(stage: Stage) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        matching = tasks.create_task(matcher.run(stage.database, now, stage.news, stage.sender.wake))
        tasks.create_task(stage.sender.run())
        yield
        matching.cancel()
        stage.sender.stop()
