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


@dataclass(frozen=True, slots=True)
class Step:
    """A row of the trail: what was done, to which filter or setting, and what that was `before`.

    It may take a change back. `ends_at` is when its filter ends, as it is now.
    """

    number: int
    action: str
    detail: str
    before: str
    takes_back: bool
    ends_at: datetime | None


def gained(connection: sqlite3.Connection, after: int, platform: str, address: str, actor: str) -> tuple[Step, ...]:
    """List what somebody has done in a conversation since a row of the trail."""
    found = connection.execute(
        """
        SELECT a.id, a.action, a.detail, a.before, a.undoes, s.expires_at
        FROM audit AS a JOIN channels AS c ON c.id = a.channel LEFT JOIN subscriptions AS s ON s.id = a.subscription
        WHERE a.id > ? AND c.platform = ? AND c.address = ? AND a.actor = ? ORDER BY a.id
        """,
        (after, platform, address, actor),
    )
    return tuple(
        Step(
            row["id"],
            row["action"],
            row["detail"],
            row["before"] or "",
            row["undoes"] is not None,
            db.optional_time(row["expires_at"]),
        )
        for row in found
    )
