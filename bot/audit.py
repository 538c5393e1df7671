"""Remember who changed what in a channel."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from bot import db


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes something, and when: all that one command does. `undoes` is the change that it takes back."""

    number: int
    actor: str
    now: datetime
    undoes: int | None = None


def newest(connection: sqlite3.Connection) -> int:
    """Name the newest row of the trail, 0 where there is none."""
    row: int = connection.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'audit'").fetchone()[
        0
    ]
    return row


def next_change(connection: sqlite3.Connection) -> int:
    """Name the change that begins with the next row, for all rows that one command writes in its transaction."""
    return newest(connection) + 1


def write(
    connection: sqlite3.Connection,
    change: Change,
    channel: int,
    action: str,
    detail: str = "",
    subscription: int | None = None,
    before: str | None = None,
) -> None:
    """Add a row to a change."""
    connection.execute(
        """
        INSERT INTO audit (at, actor, channel, action, subscription, detail, change, before, undoes)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (
            db.to_text(change.now),
            change.actor,
            channel,
            action,
            subscription,
            detail,
            change.number,
            before,
            change.undoes,
        ),
    )


def record(connection: sqlite3.Connection, channel: int, actor: str, action: str, detail: str, now: datetime) -> None:
    """Add a change of one row that is about no filter, such as a pause."""
    write(connection, Change(next_change(connection), actor, now), channel, action, detail)
