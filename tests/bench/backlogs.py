"""Databases with many deliveries that wait, without wire and matcher."""

from __future__ import annotations

import contextlib
import itertools
import math
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot import channels, db
from bot.db import Database
from bot.model import Item, Source
from bot.outbox import floods
from bot.wire import source_store
from bot.wire import store as wire
from bot.wire.entry_store import Arrival

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
WIRE = Source("wire", "The Wire", "phiwire", "https://example.org")
FIRST_ID = 1_000


@contextlib.contextmanager
def database() -> Iterator[Database]:
    """Open a new one, for as long as it is needed."""
    with tempfile.TemporaryDirectory() as folder:
        opened = Database(Path(folder) / "phiwire.db")
        try:
            yield opened
        finally:
            opened.close()


def chats(number: int) -> list[str]:
    """Name so many chats."""
    return [str(FIRST_ID + each) for each in range(number)]


def queue(
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
