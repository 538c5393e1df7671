"""Channels with their filters, as rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime

from bot import db
from tests.bench.workload import Wanted

MOMENT = db.to_text(datetime(2026, 3, 1, tzinfo=UTC))


def fill(connection: sqlite3.Connection, wanted: Sequence[Wanted]) -> None:
    """Put in subscriptions and the private chats that have them; of equal ones in a chat only the first."""
    chats = dict.fromkeys(each.number >> 32 for each in wanted)
    connection.executemany(
        "INSERT INTO channels (id, platform, address, created_at) VALUES (?, 'telegram', ?, ?)",
        ((chat, str(chat), MOMENT) for chat in chats),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO subscriptions (channel, kind, query, created_by, created_at) VALUES (?, ?, ?, 'Ada', ?)",
        ((each.number >> 32, each.kind, each.query, MOMENT) for each in wanted),
    )
