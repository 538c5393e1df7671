"""Erase a channel in one go: its filters, its deliveries, its history, its name. Each topic of a chat is a channel."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from bot import audit, db


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much is known of a channel: filters in force and removed, messages sent and waiting, changes of filters."""

    filters: int
    removed: int
    sent: int
    waiting: int
    changes: int


def holdings(connection: sqlite3.Connection, channel: int) -> Holdings:
    """Count what `erase` would erase."""
    row = connection.execute(
        """
        SELECT (SELECT count(*) FROM subscriptions WHERE channel = :channel AND removed_at IS NULL) AS filters,
            (SELECT count(*) FROM subscriptions WHERE channel = :channel AND removed_at IS NOT NULL) AS removed,
            (SELECT count(*) FROM deliveries WHERE channel = :channel AND status NOT IN ('pending', 'sending')) AS sent,
            (SELECT count(*) FROM deliveries WHERE channel = :channel AND status IN ('pending', 'sending')) AS waiting,
            (SELECT count(*) FROM audit WHERE channel = :channel) AS changes
        """,
        {"channel": channel},
    ).fetchone()
    return Holdings(**dict(row))


def erase(connection: sqlite3.Connection, channel: int, now: datetime) -> None:
    """Erase a channel, in the transaction of the caller. What is being sent there is settled as if nothing were there.

    Numbers of filters stay in the trail, without words and names: whoever caches filters learns from it that they are
    no more.
    """
    # What is deleted is overwritten, and not only marked as free.
    connection.execute("PRAGMA secure_delete = ON")
    change = audit.next_change(connection)
    # Whoever has not read yet that filters were moved here must still learn where they were.
    connection.execute("DELETE FROM audit WHERE channel = ? AND action NOT IN ('move', 'forget')", (channel,))
    connection.execute("UPDATE audit SET actor = '', detail = '' WHERE channel = ?", (channel,))
    connection.execute(
        """
        INSERT INTO audit (at, actor, channel, action, subscription, change)
        SELECT ?, '', channel, 'forget', id, ? FROM subscriptions WHERE channel = ?
        """,
        (db.to_text(now), change, channel),
    )
    # Filters and deliveries go with it.
    connection.execute("DELETE FROM channels WHERE id = ?", (channel,))
