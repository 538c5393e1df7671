"""The outbox: how close to the permitted rate it comes without being refused once, and what a durable settle costs.

The server enforces the published limits to the letter and answers at once, or after 80 ms. A backlog of N messages
takes no less than (N - 1) / 30 seconds from the first arrival to the last. The measure of a settle is fdatasync of as
many bytes, written over what a file of the same folder has, in turn with settles. One that is alone also goes from the
event loop to the writer's thread and back, which takes as long as a fast disk; those that finish together share that.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import math
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot import channels, db
from bot.adapters import slack as slack_adapter
from bot.adapters import telegram as telegram_adapter
from bot.adapters.slack import SlackAdapter
from bot.adapters.telegram import TelegramAdapter
from bot.db import Database
from bot.model import Delivery, Item, Source
from bot.outbox import floods, store
from bot.outbox.policy import Settle
from bot.outbox.sender import Sender
from bot.outbox.settling import Settling
from bot.ports import Adapter
from bot.wire import source_store
from bot.wire import store as wire
from bot.wire.entry_store import Arrival
from tests.bench.rows import Row
from tests.emulators.rates import Rates
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator

SECONDS, CHATS, BACKLOG, SETTLES = 10, 100, 10_000, 300
# What 30 a second have in flight where an answer takes a quarter of a second.
WAVE = 8
FAR = 0.08
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
WIRE = Source("wire", "The Wire", "phiwire", "https://example.org")
FIRST_ID = 1_000
# The permitted rate of a Slack channel is too low to be waited for: a second of a quarter.
SLACK_SECOND, SLACK_CHANNELS, SLACK_MESSAGES = 0.25, 8, 13
# SQLite's log begins anew after a thousand pages: from then on it does not grow.
WARM = 250
# The measure goes over its file again and again, as SQLite does.
PLACES = 200
SENT = Settle("sent", message_ref="1")


async def measure(seconds: int = SECONDS, backlog: int = BACKLOG, settles: int = SETTLES) -> list[Row]:
    """Drain backlogs of so many seconds, overtake a large one, and settle."""
    figures = []
    for name, answer_time in (("telegram", 0.0), (f"telegram {FAR * 1000:g} ms away", FAR)):
        figures += _drained(name, *await _drain_telegram(seconds, answer_time))
    figures += _drained("slack", *await _drain_slack())
    figures.append(
        Row(f"first message of a chat, behind {backlog}", await _overtake(backlog, floods.NEWS), "s", "<= 2")
    )
    figures.append(Row(f"urgent message, behind {backlog}", await _overtake(backlog, floods.URGENT), "s", "<= 2"))
    return [*figures, *await _settle(settles)]


def _drained(name: str, rates: Rates, ideal: float) -> list[Row]:
    took = rates.arrivals[-1][0] - rates.arrivals[0][0]
    rows = [
        Row(f"{name}: messages", len(rates.arrivals), ""),
        Row(f"{name}: ideal time", ideal, "s"),
        Row(f"{name}: time", took, "s"),
        Row(f"{name}: rate, of the permitted", ideal / took, "", ">= 0.9"),
        Row(f"{name}: refused (429)", len(rates.refused), "", "== 0"),
    ]
    if name == "slack":
        # Its short seconds make every way long.
        return rows
    return [
        *rows,
        Row(f"{name}: time, of the ideal", took / ideal, "", "<= 1.03"),
        Row(f"{name}: most in one second", rates.most(rates.second), "", f"<= {rates.per_second}"),
    ]


async def _drain_telegram(seconds: int, answer_time: float) -> tuple[Rates, float]:
    limits = telegram_adapter.LIMITS
    rates = Rates(limits.token_per_second, limits.burst + limits.reply_burst, limits.group_per_minute)
    messages = seconds * limits.token_per_second + 1
    async with _telegram(CHATS) as (telegram, adapter, database):
        telegram.rates, telegram.answer_time = rates, answer_time
        await database.write(_queue, "telegram", _chats(CHATS), messages)
        async with _sending(database, adapter):
            await telegram.wait_for(lambda: len(rates.arrivals) >= messages, timeout=3.0 * seconds + 10)
    return rates, (messages - 1) / limits.token_per_second


async def _drain_slack() -> tuple[Rates, float]:
    limits = replace(slack_adapter.LIMITS, second=SLACK_SECOND)
    rates = Rates(limits.token_per_second, limits.burst + limits.reply_burst, second=SLACK_SECOND)
    messages = SLACK_CHANNELS * SLACK_MESSAGES
    async with SlackEmulator() as slack:
        rooms = [slack.channel(f"room-{number}").id for number in range(SLACK_CHANNELS)]
        adapter = SlackAdapter("xoxb-test", "xapp-test", slack.url, lambda: NOW, limits)
        await adapter.check()
        slack.rates = rates
        with _database() as database:
            await database.write(_queue, "slack", rooms, messages)
            async with _sending(database, adapter):
                await slack.wait_for(lambda: len(rates.arrivals) >= messages, timeout=30)
        await adapter.close()
    return rates, (SLACK_MESSAGES - 1) * SLACK_SECOND


async def _overtake(backlog: int, priority: int) -> float:
    """Say how long the newest message of all takes while many wait.

    News is for a chat of its own, whose turn it is; what is urgent is for the chat that had the latest turn, and passes
    the chat's own backlog, too.
    """
    async with _telegram(CHATS + 1) as (telegram, adapter, database):
        *others, fresh = _chats(CHATS + 1)
        await database.write(_queue, "telegram", others, backlog)
        async with _sending(database, adapter) as sender:
            # In the middle of a busy second, when all the others have had their first.
            await telegram.wait_for(lambda: len(telegram.state.sent) >= min(CHATS + 10, backlog // 2))
            address = fresh if priority == floods.NEWS else str(telegram.state.sent[-1].chat_id)
            began = time.monotonic()
            await database.write(_queue, "telegram", [address], 1, "Division bell", priority)
            sender.wake()
            message = await telegram.wait_for_message(telegram.state.chats[int(address)], "Division bell")
            return message.at - began


async def _settle(number: int) -> list[Row]:
    """Settle one after the other, and WAVE at a time, with an fdatasync after each."""
    with _database() as database:
        chats = max(WARM, number)
        await database.write(_queue, "telegram", _chats(chats), 6 * chats)
        size = await _bytes_of_a_settle(database)
        settling = Settling(database)

        async def settle(deliveries: Sequence[Delivery]) -> None:
            await asyncio.gather(*(settling.settle(each, SENT, NOW) for each in deliveries))

        await settle(await _claim(database, WARM))
        with _measure(database.path.parent / "bytes", size) as sync:
            alone, first = await _compared(settle, sync, await _claim(database, number), 1)
            together, second = await _compared(settle, sync, await _claim(database, number), WAVE)
        began = time.perf_counter()
        claimed = await _claim(database, number)
        claiming = time.perf_counter() - began
        bare = _bare(database.path, [delivery.id for delivery in claimed])
    return [
        Row("settle: bytes", size, ""),
        Row("fdatasync of as many bytes, median", second * 1000, "ms"),
        Row("settle, nothing else in flight, median", alone * 1000, "ms"),
        Row("settle, nothing else in flight, of an fdatasync", alone / first, ""),
        Row(f"settle, {WAVE} at a time, each, median", together * 1000, "ms"),
        Row(f"settle, {WAVE} at a time, each, of an fdatasync", together / second, "", "<= 1.3"),
        Row(f"settles, {WAVE} at a time", 1 / together, "/s"),
        Row("settles by the bare statement", len(claimed) / bare, "/s"),
        Row("claims, all in one transaction", len(claimed) / claiming, "/s"),
    ]


async def _compared(
    settle: Callable[[Sequence[Delivery]], Awaitable[None]],
    sync: Callable[[], None],
    claimed: Sequence[Delivery],
    wave: int,
) -> tuple[float, float]:
    """Give the medians of a settle, so many at a time, and of the fdatasync that follows each wave, in seconds."""
    settled, synced = [], []
    for start in range(0, len(claimed) - wave + 1, wave):
        began = time.perf_counter()
        await settle(claimed[start : start + wave])
        written = time.perf_counter()
        sync()
        settled.append((written - began) / wave)
        synced.append(time.perf_counter() - written)
    return statistics.median(settled), statistics.median(synced)


@contextlib.contextmanager
def _measure(path: Path, size: int) -> Iterator[Callable[[], None]]:
    """Make what writes so many bytes and waits for the disk."""
    places = itertools.cycle(range(PLACES))
    with path.open("wb+", buffering=0) as file:
        file.write(bytes(PLACES * size))
        os.fdatasync(file.fileno())

        def sync() -> None:
            os.pwrite(file.fileno(), bytes(size), next(places) * size)
            os.fdatasync(file.fileno())

        yield sync


async def _claim(database: Database, number: int) -> tuple[Delivery, ...]:
    return await database.write(store.claim, "telegram", NOW, number)


async def _bytes_of_a_settle(database: Database) -> int:
    """Measure by how much SQLite's log grows: by as many bytes as are written, and the commit waits for."""
    log = database.path.with_name(database.path.name + "-wal")
    sizes = []
    for delivery in await _claim(database, 9):
        before = log.stat().st_size
        await database.write(store.settle, delivery, SENT, NOW)
        sizes.append(log.stat().st_size - before)
    return int(statistics.median(sizes))


def _bare(path: Path, deliveries: Sequence[int]) -> float:
    """Say for how many seconds the statement of a settle keeps a connection that does nothing else."""
    with contextlib.closing(db.connect(path)) as connection:
        began = time.perf_counter()
        for number in deliveries:
            connection.execute(
                "UPDATE deliveries SET status = 'sent', message_ref = '1', sent_at = due_at, lease_until = NULL "
                "WHERE id = ?",
                (number,),
            )
        return time.perf_counter() - began


@contextlib.contextmanager
def _database() -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "phiwire.db")
        try:
            yield database
        finally:
            database.close()


@contextlib.asynccontextmanager
async def _telegram(chats: int) -> AsyncIterator[tuple[TelegramEmulator, TelegramAdapter, Database]]:
    async with TelegramEmulator() as telegram:
        for number in range(chats):
            telegram.private_chat(FIRST_ID + number, f"Person {number}")
        adapter = TelegramAdapter(telegram.token, telegram.url, [], lambda: NOW)
        try:
            await adapter.check()
            with _database() as database:
                yield telegram, adapter, database
        finally:
            await adapter.close()


@contextlib.asynccontextmanager
async def _sending(database: Database, adapter: Adapter) -> AsyncIterator[Sender]:
    # Folded, there would be nothing left to pace.
    sender = Sender(database, adapter, lambda: NOW, burst=BACKLOG)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(sender.run())
        try:
            yield sender
        finally:
            sender.stop()


def _chats(number: int) -> list[str]:
    return [str(FIRST_ID + each) for each in range(number)]


def _queue(
    connection: sqlite3.Connection,
    platform: str,
    addresses: Sequence[str],
    number: int,
    headline: str = "Ferry vote",
    priority: int = floods.NEWS,
) -> None:
    """Queue so many deliveries, an entry after the other to all addresses."""
    source_store.put_source(connection, WIRE, "file")
    wire.commit_poll(connection, WIRE, NOW, NOW)
    found = [channels.ensure(connection, platform, each, "", "", "Europe/London", NOW).id for each in addresses]
    (before,) = connection.execute("SELECT count(*) FROM entries").fetchone()
    items = [
        Item(f"{platform} {each}", "wire", f"{headline} {each}")
        for each in range(before, before + math.ceil(number / len(found)))
    ]
    wire.commit_poll(connection, WIRE, NOW, NOW, new=[Arrival(item, item) for item in items])
    entries = [
        row["id"] for row in connection.execute("SELECT id FROM entries ORDER BY id LIMIT -1 OFFSET ?", (before,))
    ]
    moment = db.to_text(NOW)
    pairs = itertools.islice(((channel, entry) for entry in entries for channel in found), number)
    connection.executemany(
        """
        INSERT INTO deliveries (channel, entry, revision, status, reasons, due_at, created_at, priority)
        VALUES (?, ?, 1, 'pending', '[]', ?, ?, ?)
        """,
        ((channel, entry, moment, moment, priority) for channel, entry in pairs),
    )
