"""Remember what was typed for answers that came in pages: their buttons name it by a number."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from bot import db

# Of each channel the newest: what was asked before is far above, and asked again sooner than found.
MOST_KEPT = 50


def put(connection: sqlite3.Connection, channel: int, words: str, now: datetime) -> int:
    """Remember what was typed, and give its number; the same words have the same one."""
    number: int = connection.execute(
        """
        INSERT INTO answers (channel, words, asked_at) VALUES (?, ?, ?)
        ON CONFLICT (channel, words) DO UPDATE SET asked_at = excluded.asked_at RETURNING id
        """,
        (channel, words, db.to_text(now)),
    ).fetchone()[0]
    connection.execute(
        """
        DELETE FROM answers WHERE channel = :channel AND id NOT IN (
            SELECT id FROM answers WHERE channel = :channel ORDER BY asked_at DESC, id DESC LIMIT :most)
        """,
        {"channel": channel, "most": MOST_KEPT},
    )
    return number


def find(connection: sqlite3.Connection, channel: int, number: int) -> str | None:
    """Find what was typed in a channel; None where it is not known any more."""
    row = connection.execute("SELECT words FROM answers WHERE id = ? AND channel = ?", (number, channel)).fetchone()
    return None if row is None else row["words"]
