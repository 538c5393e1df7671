"""Find where a time begins in a table that only grows, without an index: ids rise with time."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from bot import db


def first_since(connection: sqlite3.Connection, table: str, column: str, moment: datetime) -> int:
    """Name the first id whose time is not before a moment, one beyond the last where there is none.

    Takes as many steps as the highest id has bits; ids that are gone do no harm.
    """
    sought = db.to_text(moment)
    low, high = 1, (connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0] or 0) + 1
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(
            f"SELECT id, {column} FROM {table} WHERE id >= ? ORDER BY id LIMIT 1", (middle,)
        ).fetchone()
        if row is None or row[1] >= sought:
            high = middle
        else:
            low = row[0] + 1
    return low
