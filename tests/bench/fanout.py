"""One entry that every channel wants: how long its deliveries take, and what others wait for meanwhile.

The measure is a bare INSERT … SELECT of the same rows into a table with no index but its key, in a file with the same
pragmas. Fan-out is timed from the unmatched entry to the last committed batch; filters are loaded before.
"""

from __future__ import annotations

import contextlib
import sqlite3
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bot import db
from bot.db import Database
from bot.filters.matcher import Matcher
from bot.model import Item, Source
from bot.wire import source_store, store
from bot.wire.entry_store import Arrival
from tests.bench.rows import Row

CHANNELS = 10_000
ROUNDS = 3
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
WIRE = Source("wire", "The Wire", "phiwire", "https://example.org")


async def measure(channels: int = CHANNELS, rounds: int = ROUNDS) -> list[Row]:
    """Fan entries out one after the other, then one more with another entry coming in the middle of it."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "phiwire.db")
        try:
            await database.write(_people, channels)
            matcher = Matcher()
            while (await database.write(matcher.match, NOW)).more:
                pass
            batches = []
            for number in range(rounds):
                batches.append(await _fan_out(database, matcher, f"ferry {number}"))
                await database.write(_send_all)
            waited = await _in_the_middle(database, matcher, len(batches[0]) // 2)
            deliveries = await database.read(_deliveries_of_first)
        finally:
            database.close()
        bare = statistics.median(_bare(Path(folder), number) for number in range(rounds))
    whole = statistics.median(sum(each) for each in batches)
    return [
        Row("bare insert of the rows, median", bare, "ms"),
        Row("fan-out of one entry, median", whole, "ms"),
        Row("fan-out over bare insert", whole / bare, "", "<= 5"),
        Row("deliveries", deliveries, "", f"== {channels}"),
        Row("batches", len(batches[0]), ""),
        Row("longest batch, what a command waits", max(map(max, batches)), "ms"),
        Row("another entry in the middle, until committed", waited, "ms"),
    ]


def _people(connection: sqlite3.Connection, number: int) -> None:
    moment = db.to_text(NOW)
    connection.executemany(
        "INSERT INTO channels (platform, address, created_at) VALUES ('telegram', ?, ?)",
        ((str(each), moment) for each in range(number)),
    )
    connection.execute(
        """
        INSERT INTO subscriptions (channel, kind, query, created_by, created_at)
        SELECT id, 'match', 'ferry', 'Ada', ? FROM channels
        """,
        (moment,),
    )
    # Somewhere in the row of channels, and not at its beginning.
    connection.execute(
        """
        INSERT INTO subscriptions (channel, kind, query, created_by, created_at)
        SELECT max(id), 'match', 'levy', 'Ada', ? FROM channels
        """,
        (moment,),
    )
    source_store.put_source(connection, WIRE, "file")
    store.commit_poll(connection, WIRE, NOW, NOW)


def _publish(connection: sqlite3.Connection, headline: str) -> None:
    item = Item(headline, "wire", headline)
    store.commit_poll(connection, WIRE, NOW, NOW, new=[Arrival(item, item)])


def _send_all(connection: sqlite3.Connection) -> None:
    """Let the next entry find what it finds in life: a history of messages, and a queue that is empty."""
    connection.execute("UPDATE deliveries SET status = 'sent', message_ref = id WHERE status = 'pending'")


async def _fan_out(database: Database, matcher: Matcher, headline: str) -> list[float]:
    """Publish an entry and give the milliseconds of each batch."""
    await database.write(_publish, headline)
    batches, matched = [], 0
    while not matched:
        began = time.perf_counter()
        matched = (await database.write(matcher.match, NOW)).entries
        batches.append((time.perf_counter() - began) * 1000)
    return batches


async def _in_the_middle(database: Database, matcher: Matcher, batches: int) -> float:
    """Publish a wide entry, after so many batches another one, and give the milliseconds until that one is matched."""
    await database.write(_publish, "ferry at last")
    for _ in range(batches):
        await database.write(matcher.match, NOW)
    began = time.perf_counter()
    await database.write(_publish, "levy")
    while not (await database.write(matcher.match, NOW)).entries:
        pass
    return (time.perf_counter() - began) * 1000


def _deliveries_of_first(connection: sqlite3.Connection) -> int:
    number: int = connection.execute(
        "SELECT count(*) FROM deliveries WHERE entry = (SELECT min(entry) FROM deliveries)"
    ).fetchone()[0]
    return number


def _bare(folder: Path, number: int) -> float:
    with contextlib.closing(db.connect(folder / f"bare{number}.db")) as connection:
        connection.execute("ATTACH ? AS whole", (str(folder / "phiwire.db"),))
        connection.execute(
            """
            CREATE TEMP TABLE given AS
            SELECT channel, entry, revision, status, reasons, due_at, created_at FROM whole.deliveries
            WHERE entry = (SELECT min(entry) FROM whole.deliveries) ORDER BY channel
            """
        )
        connection.execute("DETACH whole")
        connection.execute(
            """
            CREATE TABLE bare (
                channel INTEGER, entry INTEGER, revision INTEGER, status TEXT, reasons TEXT, due_at TEXT,
                created_at TEXT, PRIMARY KEY (channel, entry)
            ) WITHOUT ROWID
            """
        )
        began = time.perf_counter()
        with db.transaction(connection):
            connection.execute("INSERT INTO bare SELECT * FROM given")
        return (time.perf_counter() - began) * 1000
