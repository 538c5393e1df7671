"""A stage for the outbox: real database, sender and adapter, an emulated platform, and a clock that the test turns."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot import channels, db
from bot.adapters.slack import SlackAdapter
from bot.adapters.telegram import TelegramAdapter
from bot.db import Database
from bot.filters import store as filters
from bot.filters.matcher import Matcher
from bot.model import Channel, Item, Operator, Source
from bot.outbox import store
from bot.outbox.alarms import Alarms
from bot.outbox.pacing import Pacer
from bot.outbox.policy import Repeats
from bot.outbox.sender import Sender
from bot.ports import Adapter
from bot.wire import source_store
from bot.wire import store as wire
from bot.wire.entry_store import Arrival
from tests.emulators.server import Fault
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
WIRE = Source("wire", "The Wire", "phiwire", "https://example.org")
# Who hears of a platform that is dead is on the other.
OPERATORS = {"telegram": Operator("slack", "U0MAX"), "slack": Operator("telegram", "1")}
PATIENCE = 10.0


class Stage:
    """Two channels of one platform, `here` and `there`, each of which follows an author of its own."""

    def __init__(
        self, database: Database, adapter: Adapter, emulator: TelegramEmulator | SlackEmulator, method: str
    ) -> None:
        self.now = NOW
        self.database = database
        self.adapter = adapter
        self.emulator = emulator
        self.method = method
        self.alarms = Alarms(database, [OPERATORS[adapter.platform]], lambda: None)
        self._numbers = itertools.count(1)

    async def follow(self, address: str, author: str) -> Channel:
        """Make a channel that follows an author."""
        return await self.database.write(_follow, self.adapter.platform, address, author)

    async def publish(self, author: str) -> str:
        """Bring an entry through wire and matcher, and return its headline."""
        headline = f"Harbour levy vote {next(self._numbers)} of many"
        await self.database.write(_publish, Item(headline, "wire", headline, author=author), self.now)
        return headline

    def script(self, *faults: Fault) -> None:
        """Let the next sends meet these faults."""
        self.emulator.script(self.method, *faults)

    def advance(self, **by: float) -> None:
        """Turn the clock."""
        self.now += timedelta(**by)

    def sender(self, repeats: Repeats = "retry") -> Sender:
        """Make a sender, as a new process would."""
        self.adapter.pacer = Pacer(self.adapter.pacer.limits)
        return Sender(self.database, self.adapter, lambda: self.now, ambiguous=repeats, alarms=self.alarms)

    async def round(self, attempts: int, repeats: Repeats = "retry") -> Sender:
        """Run a new sender for so many attempts, and no more; return it when all is settled."""
        wanted = await self.database.read(_attempts) + attempts
        sender = self.sender(repeats)
        running = asyncio.create_task(sender.run())
        try:
            async with asyncio.timeout(PATIENCE):
                while not await self.database.read(_is_settled, wanted):
                    pass
        finally:
            sender.stop()
            await running
        assert await self.database.read(_attempts) == wanted
        return sender

    async def die_when(self, happened: Callable[[], object], repeats: Repeats = "retry") -> None:
        """Run a new sender until something has happened on the platform, then end it as a crash would, and recover."""
        running = asyncio.create_task(self.sender(repeats).run())
        await self.emulator.wait_for(lambda: bool(happened()))
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        self.emulator.release()
        await self.database.write(store.recover, self.now)

    async def nothing_is_due(self) -> bool:
        """Tell whether nothing may be sent now."""
        return await self.database.write(store.claim, self.adapter.platform, self.now, 9) == ()

    async def newest(self, channel: Channel) -> dict[str, Any]:
        """Give the channel's newest delivery and the channel itself, as they stand in their tables."""
        return await self.database.read(_newest, channel.id)

    async def notices(self) -> list[str]:
        """List what operators were told on the other platform."""
        return await self.database.read(_notices, self.adapter.platform)

    def received(self, address: str) -> list[str]:
        """List what a channel shows, each message's text."""
        if isinstance(self.emulator, TelegramEmulator):
            return [sent.text for sent in self.emulator.state.sent if str(sent.chat_id) == address]
        return [sent.shown for sent in self.emulator.workspace.posted if sent.channel == address]


def held(sender: Sender) -> float:
    """Say for how many seconds a sender holds its token back."""
    return max(sender._held_until.get("", 0.0), sender._pacer._token("").held_until) - time.monotonic()


@contextlib.asynccontextmanager
async def on_telegram(folder: Path) -> AsyncIterator[Stage]:
    """Set the stage on Telegram; nothing that the bot sends may be wrong."""
    async with TelegramEmulator() as emulator:
        adapter = TelegramAdapter(emulator.token, emulator.url, [], lambda: NOW)
        async with _stage(folder, adapter, emulator, "sendMessage") as stage:
            yield stage


@contextlib.asynccontextmanager
async def on_slack(folder: Path, *scopes: str) -> AsyncIterator[Stage]:
    """Set the stage on Slack."""
    clock = [lambda: NOW]
    async with SlackEmulator(scopes=scopes, without={"im:history"}, clock=lambda: clock[0]().timestamp()) as emulator:
        adapter = SlackAdapter(emulator.bot_token, emulator.app_token, emulator.url, lambda: NOW)
        async with _stage(folder, adapter, emulator, "chat.postMessage") as stage:
            clock[0] = lambda: stage.now
            yield stage


@contextlib.asynccontextmanager
async def _stage(
    folder: Path, adapter: Adapter, emulator: TelegramEmulator | SlackEmulator, method: str
) -> AsyncIterator[Stage]:
    database = Database(folder / "stage.db")
    try:
        await adapter.check()
        await database.write(_first_poll)
        yield Stage(database, adapter, emulator, method)
    finally:
        await adapter.close()
        await asyncio.to_thread(database.close)
    assert emulator.violations == []


def _follow(connection: sqlite3.Connection, platform: str, address: str, author: str) -> Channel:
    channel = channels.ensure(connection, platform, address, "", "", "Europe/London", NOW)
    filters.add(connection, channel.id, "follow", author, "Ada", NOW)
    return channel


def _first_poll(connection: sqlite3.Connection) -> None:
    source_store.put_source(connection, WIRE, "file")
    wire.commit_poll(connection, WIRE, NOW, NOW)


def _publish(connection: sqlite3.Connection, item: Item, now: datetime) -> None:
    wire.commit_poll(connection, WIRE, now, now, new=[Arrival(item, item)])
    matcher = Matcher()
    while matcher.match(connection, now).more:
        pass


def _attempts(connection: sqlite3.Connection) -> int:
    found: int = connection.execute("SELECT coalesce(sum(attempts), 0) FROM deliveries").fetchone()[0]
    return found


def _is_settled(connection: sqlite3.Connection, attempts: int) -> bool:
    sending = connection.execute("SELECT count(*) FROM deliveries WHERE status = 'sending'").fetchone()[0]
    return not sending and _attempts(connection) >= attempts


def _newest(connection: sqlite3.Connection, channel: int) -> dict[str, Any]:
    row = connection.execute(
        """
        SELECT c.*, d.* FROM deliveries AS d JOIN channels AS c ON c.id = d.channel WHERE c.id = ?
        ORDER BY d.id DESC LIMIT 1
        """,
        (channel,),
    ).fetchone()
    times = ("due_at", "hold_until", "held_since", "gone_at", "doubt_since")
    return dict(row) | {name: db.optional_time(row[name]) for name in times}


def _notices(connection: sqlite3.Connection, platform: str) -> list[str]:
    found = connection.execute(
        """
        SELECT e.headline FROM entries AS e JOIN deliveries AS d ON d.entry = e.id
            JOIN channels AS c ON c.id = d.channel
        WHERE e.source = '' AND c.platform <> ? ORDER BY e.id
        """,
        (platform,),
    )
    return [row["headline"] for row in found]
