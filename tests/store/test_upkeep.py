"""The loop that looks after the database: clocks that are set, outages, and pruning beside others' work."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import channels, db, retention
from bot.clock import SteadyClock
from bot.db import Database
from bot.filters import store as filters
from bot.filters.matcher import Matcher
from bot.model import Delivery, Item, Operator, Source
from bot.outages import Outage
from bot.outbox import jumps
from bot.outbox import store as outbox
from bot.outbox.policy import Retry, Suspend
from bot.retention import Keeps
from bot.upkeep import Upkeep
from bot.wire import source_store
from bot.wire import store as wire
from bot.wire.entry_store import Arrival

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
WIRE = Source("wire", "The Wire", "phiwire", "https://example.org")
MAX = Operator("slack", "U0MAX")


class Time:
    """A machine's clock, and how long it runs."""

    def __init__(self) -> None:
        self.wall = NOW
        self.seconds = 0.0

    def passes(self, time: timedelta) -> None:
        """Let time pass."""
        self.wall += time
        self.seconds += time.total_seconds()


class Bench:
    """A database with a chat that wants ferries, and its upkeep."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.time = Time()
        self.clock = SteadyClock(lambda: self.time.wall, lambda: self.time.seconds)
        self.told = 0
        self.pauses = 0
        self.upkeep = Upkeep(database, self.clock, Keeps(DAY, DAY, DAY), (MAX,), self._tell, self._pause)

    def _tell(self) -> None:
        self.told += 1

    async def _pause(self, _seconds: float) -> None:
        self.pauses += 1

    async def publish(self, *headlines: str) -> None:
        """Bring entries through wire and matcher."""
        items = [Item(each, "wire", each) for each in headlines]
        now = self.clock()
        await self.database.write(
            wire.commit_poll, WIRE, now, now, new=[Arrival(item, item) for item in items], validators=("", "")
        )
        matcher = Matcher()
        while (await self.database.write(matcher.match, now)).more:
            pass

    async def claim(self) -> tuple[Delivery, ...]:
        """Claim what may go on Telegram now."""
        return await self.database.write(outbox.claim, "telegram", self.clock(), 9)

    async def notices(self) -> list[str]:
        """Read what the operator is told."""
        return [each.entry.headline for each in await self.database.write(outbox.claim, "slack", self.clock(), 9)]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """Open a new file."""
    database = Database(tmp_path / "phiwire.db")
    made = Bench(database)
    await database.write(source_store.put_source, WIRE, "file")
    await made.publish()
    channel = await database.write(channels.ensure, "telegram", "7", "", "", "Europe/London", NOW)
    await database.write(filters.add, channel.id, "match", "ferry", "Ada", NOW)
    yield made
    await asyncio.to_thread(database.close)


async def test_clock_that_is_set_ahead_expires_nothing(bench: Bench) -> None:
    """What has waited for a minute is no day old, whatever the clock says."""
    await bench.publish("ferry")
    (delivery,) = await bench.claim()
    await bench.database.write(outbox.settle, delivery, Retry(NOW + 2 * MINUTE, "throttled"), NOW)
    bench.time.wall += DAY
    bench.time.passes(MINUTE)
    assert await bench.claim() == ()
    await bench.upkeep.look()
    assert bench.clock() == NOW + DAY + MINUTE
    assert await bench.claim() == ()
    bench.time.passes(MINUTE)
    assert [each.entry.headline for each in await bench.claim()] == ["ferry"]
    assert "set ahead by 24 hours" in (await bench.notices())[0]
    assert bench.told == 1


async def test_clock_that_is_set_back_holds_nothing_up(bench: Bench) -> None:
    """A throttle of a minute, the hour of a suspension, a lease and a pause stay what they are."""
    await bench.publish("ferry one", "ferry two")
    (delivery,) = await bench.claim()
    bench.time.wall -= DAY
    bench.time.passes(MINUTE)
    await bench.upkeep.look()
    now = bench.clock()
    assert now == NOW - DAY + MINUTE
    # The process that had claimed it is no more: its lease runs out as it would have.
    bench.time.passes(outbox.LEASE)
    (again,) = await bench.claim()
    assert again.id == delivery.id
    await bench.database.write(outbox.settle, again, Suspend(bench.clock() + 60 * MINUTE, "no rights"), now)
    bench.time.wall -= DAY
    await bench.upkeep.look()
    bench.time.passes(61 * MINUTE)
    assert len(await bench.claim()) == 1


async def test_pause_lasts_as_long_as_it_was_meant_to(bench: Bench) -> None:
    """Until somebody resumes stays until then."""
    await bench.publish("ferry")
    forever = await bench.database.write(channels.ensure, "telegram", "8", "", "", "Europe/London", NOW)
    await bench.database.write(channels.pause, forever.id, None)
    await bench.database.write(channels.pause, 1, NOW + 60 * MINUTE)
    bench.time.wall -= DAY
    await bench.upkeep.look()
    assert await bench.claim() == ()
    bench.time.passes(61 * MINUTE)
    assert len(await bench.claim()) == 1
    assert await bench.database.read(channels.paused_until, forever.id) == channels.UNTIL_RESUMED


async def test_small_corrections_are_no_jumps(bench: Bench) -> None:
    """Clocks are corrected all the time."""
    bench.time.wall += timedelta(seconds=50)
    await bench.upkeep.look()
    assert bench.clock() == NOW + timedelta(seconds=50)
    assert await bench.notices() == []


async def test_start_after_the_clock_was_ahead_goes_on_at_once(bench: Bench) -> None:
    """It was a day ahead when the bot ran last, and was put right while it did not."""
    bench.time.wall += DAY
    await bench.upkeep.look()
    await bench.publish("ferry")
    await bench.notices()
    (delivery,) = await bench.claim()
    await bench.database.write(outbox.settle, delivery, Suspend(bench.clock() + 60 * MINUTE, "x"), bench.clock())
    assert await bench.database.write(jumps.settle_down, NOW) == DAY
    assert await bench.database.write(jumps.settle_down, NOW) == timedelta(0)
    await bench.database.write(outbox.recover, NOW)
    assert len(await bench.database.write(outbox.claim, "telegram", NOW + 61 * MINUTE, 9)) == 1


async def test_long_outage_is_told_when_it_is_over(bench: Bench) -> None:
    """Operators learn of it by the way that was closed."""
    assert bench.database.outages.on_end is not None
    bench.database.outages.on_end(Outage("database or disk is full", 30.0))
    await bench.upkeep.look()
    assert await bench.notices() == []
    for seconds in (600.0, 1.0):
        bench.database.outages.on_end(Outage("database or disk is full", seconds))
    await bench.upkeep.look()
    (notice,) = await bench.notices()
    assert "For 10 minutes I could not use my database (database or disk is full)" in notice


async def test_pruning_lets_others_in(bench: Bench) -> None:
    """Between two batches there is a pause, and after the last one nothing old is left."""
    await bench.publish(*(f"levy {number}" for number in range(300)))
    bench.time.passes(3 * DAY)
    await bench.publish("ferry")
    await bench.claim()

    def read_the_list(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE sources SET listed_at = ?", (db.to_text(bench.clock()),))

    await bench.database.write(read_the_list)
    await bench.upkeep.prune()
    assert bench.pauses >= 200 / retention.ENTRIES
    left = await bench.database.read(wire.latest, 400)
    assert len(left) == 100
    assert left[0].headline == "ferry"


async def test_file_that_was_too_large_for_the_start_is_read_through(bench: Bench) -> None:
    """Operators are told where it is damaged."""
    await bench.upkeep.check()
    assert await bench.notices() == []
