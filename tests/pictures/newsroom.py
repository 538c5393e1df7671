"""A newsroom for pictures: the wire as it was, news that comes and is delivered, and a clock that the scene turns."""

from __future__ import annotations

import asyncio
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot import db
from bot.db import Database
from bot.filters.matcher import Matcher
from bot.model import Item, Source
from bot.outbox.pacing import Limits
from bot.outbox.sender import Sender
from bot.ports import Adapter
from bot.wire import source_store
from bot.wire import store as wire
from bot.wire.entry_store import Arrival

DAY = datetime(2026, 3, 4, tzinfo=UTC)
WIRE = Source("wire", "PhiWire", "phiwire", "https://wire.example")
RELEASES = Source("releases", "Press releases", "press_releases", "https://releases.example", entry_kind="release")
# Nobody waits for anything but the scene.
LIMITS = Limits(token_per_second=1000, burst=1000, reply_burst=1000, second=0.001)
AUTHORS = ("Marta Quill", "Owen Tarrant", "Priya Ashdown", "Colm Everard")
# What was on the wire before, one every sixteen hours, newest last.
PAST = (
    "Five things we learned about the lighthouse levy",
    "Who gains from the by-election in Saltmarsh?",
    "Ministers think again on harbour towns",
    "The whips’ office: the numbers that matter",
    "Saltmarsh goes to the polls",
    "Why nobody wants to talk about the levy",
    "What the Saltmarsh result means",
    "Ferry workers await the division bell",
    "Seven questions the harbour minister must now answer",
    "The football pundit who would be mayor",
    "Harbour levy: the vote is on Tuesday",
    "Inside the whips’ office: a quiet week, for once",
    "A very short history of the harbour bill",
    "Peers send the harbour bill back",
)


class Newsroom(ABC):
    """What happens on the wire, and is sent by an adapter. What people see is taken down by `look`."""

    def __init__(self, database: Database, adapter: Adapter) -> None:
        self.now = DAY.replace(hour=9)
        self.database = database
        self._adapter = adapter

    @abstractmethod
    def look(self) -> None:
        """Take down what people see now."""

    def at(self, clock: str, *, days: int = 0) -> None:
        """Turn the clock to an hour and minute of a later day."""
        hour, minute = map(int, clock.split(":"))
        later = self.now.replace(hour=hour, minute=minute) + timedelta(days=days)
        assert later >= self.now, "time does not go back"
        self.now = later

    async def news(self, *items: Item, source: Source = WIRE, was_off: bool = False) -> None:
        """Bring items to whoever wants them; where the bot was off, nobody looked at the source until now."""
        await self.database.write(_publish, source, items, self.now, was_off)
        await self.deliver()

    async def picked(self) -> None:
        """Bring what was picked by hand to whoever wants it."""
        await self.database.write(_match, self.now)
        await self.deliver()

    async def deliver(self) -> None:
        """Send what is due."""
        sender = Sender(self.database, self._adapter, lambda: self.now)
        running = asyncio.create_task(sender.run())
        await self.until(lambda connection: not _is_due(connection, self.now))
        sender.stop()
        await running
        self.look()

    async def until(self, holds: Callable[[sqlite3.Connection], bool]) -> None:
        """Wait until something is committed."""
        async with asyncio.timeout(10):
            while not await self.database.read(holds):
                pass


def past(connection: sqlite3.Connection, now: datetime) -> None:
    """Let the wire have been watched for two weeks, with an entry every sixteen hours."""
    for source in (WIRE, RELEASES):
        source_store.put_source(connection, source, "file")
        wire.commit_poll(connection, source, now - timedelta(days=15), now)
    for number, headline in enumerate(PAST):
        seen = now - timedelta(hours=16 * (len(PAST) - number))
        item = Item(f"past {number}", "wire", headline, author=AUTHORS[number % 4], published_at=seen)
        wire.commit_poll(connection, WIRE, seen, now, new=[Arrival(item, item)])
    wire.commit_poll(connection, WIRE, now, now)
    _match(connection, now)


def _publish(
    connection: sqlite3.Connection, source: Source, items: tuple[Item, ...], now: datetime, was_off: bool
) -> None:
    later = now + timedelta(minutes=1)
    if not was_off:
        wire.commit_poll(connection, source, now, later)
    wire.commit_poll(connection, source, now, later, new=[Arrival(item, item) for item in items])
    _match(connection, now)


def _match(connection: sqlite3.Connection, now: datetime) -> None:
    matcher = Matcher()
    while matcher.match(connection, now).more:
        pass


def correct(connection: sqlite3.Connection, key: str, item: Item, now: datetime) -> None:
    """Have an entry of the wire say something else."""
    (number,) = connection.execute("SELECT id FROM entries WHERE key = ?", (key,)).fetchone()
    wire.commit_poll(connection, WIRE, now, now + timedelta(minutes=1), changed=[(number, Arrival(item, item))])


def _is_due(connection: sqlite3.Connection, now: datetime) -> bool:
    found = connection.execute(
        """
        SELECT 1 FROM deliveries AS d JOIN channels AS c ON c.id = d.channel
        WHERE d.status = 'sending' OR (d.status = 'pending' AND d.due_at <= :now AND c.gone_at IS NULL
            AND (c.paused_until IS NULL OR c.paused_until <= :now) AND (c.hold_until IS NULL OR c.hold_until <= :now))
        """,
        {"now": db.to_text(now)},
    )
    return found.fetchone() is not None
