"""Remember what operators pick for the wire by hand: entries without a source that is polled."""

from __future__ import annotations

import re
import sqlite3
from datetime import datetime

from bot import db, rows
from bot.model import PICKED, Entry, Item
from bot.sources.addresses import canonical
from bot.wire import entry_store
from bot.wire.entry_store import Arrival


def find(connection: sqlite3.Connection, url: str) -> Entry | None:
    """Find the newest entry of an address, whoever brought it; None where the wire has none."""
    bare = re.sub(r"[?#].*", "", url).partition("://")[2].rstrip("/")
    escaped = re.sub(r"([!%_])", r"!\1", bare)
    # Addresses alone are read of an index, which is far less than the entries.
    found = connection.execute(
        f"""
        {rows.ENTRY} WHERE e.id IN (
            SELECT id FROM entries INDEXED BY entries_by_url
            WHERE url <> '' AND source <> '' AND url LIKE ? ESCAPE '!'
        ) ORDER BY e.id DESC
        """,
        (f"%://{escaped}%",),
    )
    return next((each for each in map(rows.entry, found) if canonical(each.url) == canonical(url)), None)


def picked(connection: sqlite3.Connection, key: str) -> Entry | None:
    """Find what was picked under a key."""
    row = connection.execute(f"{rows.ENTRY} WHERE e.source = ? AND e.key = ?", (PICKED, key)).fetchone()
    return None if row is None else rows.entry(row)


def put(connection: sqlite3.Connection, item: Item, now: datetime) -> None:
    """Put a pick on the wire as news."""
    entry_store.put(connection, PICKED, db.to_text(now), [Arrival(item, item)], (), ())


def correct(connection: sqlite3.Connection, entry: int, item: Item, now: datetime) -> None:
    """Replace what a pick says, also where it was sent."""
    entry_store.put(connection, PICKED, db.to_text(now), (), [(entry, Arrival(item, item))], ())
