"""Remember which channel is managed from which private chat; whether that is allowed is asked elsewhere, each time."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from bot import db, rows
from bot.model import Channel


def begin(connection: sqlite3.Connection, chat: int, channel: int, now: datetime) -> None:
    """Let a chat's commands act on a channel; on the one before no more."""
    connection.execute(
        """
        INSERT INTO managing (chat, channel, since) VALUES (?, ?, ?)
        ON CONFLICT (chat) DO UPDATE SET channel = excluded.channel, since = excluded.since
        """,
        (chat, channel, db.to_text(now)),
    )


def end(connection: sqlite3.Connection, platform: str, address: str) -> None:
    """Let a chat's commands act on itself again."""
    connection.execute(
        "DELETE FROM managing WHERE chat IN (SELECT id FROM channels WHERE platform = ? AND address = ?)",
        (platform, address),
    )


def managed(connection: sqlite3.Connection, platform: str, address: str) -> Channel | None:
    """Find the channel that is managed from a chat."""
    row = connection.execute(
        """
        SELECT c.* FROM channels AS chat JOIN managing AS m ON m.chat = chat.id JOIN channels AS c ON c.id = m.channel
        WHERE chat.platform = ? AND chat.address = ? AND chat.thread = ''
        """,
        (platform, address),
    ).fetchone()
    return None if row is None else rows.channel(row)
