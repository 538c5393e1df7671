"""Remember subscriptions; read unmatched entries, and commit the deliveries that they are due."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot import db, rows
from bot.model import Entry, Reason, Subscription, SubscriptionKind


def add(
    connection: sqlite3.Connection,
    channel: int,
    kind: SubscriptionKind,
    query: str,
    actor: str,
    now: datetime,
    expires_at: datetime | None = None,
) -> bool:
    """Add a filter to a channel, or give the one it has a new end. Return whether it is a new one."""
    existing = connection.execute(
        "SELECT id FROM subscriptions WHERE channel = ? AND kind = ? AND query = ?", (channel, kind, query)
    ).fetchone()
    row = connection.execute(
        """
        INSERT INTO subscriptions (channel, kind, query, created_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (channel, kind, query) DO UPDATE SET expires_at = excluded.expires_at RETURNING id
        """,
        (channel, kind, query, actor, db.to_text(now), db.optional_text(expires_at)),
    ).fetchone()
    _audit(connection, now, actor, channel, "add", row["id"], f"{kind} {query}")
    return existing is None


def remove(connection: sqlite3.Connection, subscription: Subscription, actor: str, now: datetime) -> bool:
    """Remove a filter. Return whether it was still there."""
    removed = connection.execute("DELETE FROM subscriptions WHERE id = ?", (subscription.id,)).rowcount > 0
    if removed:
        detail = f"{subscription.kind} {subscription.query}"
        _audit(connection, now, actor, subscription.channel, "remove", subscription.id, detail)
    return removed


def of_channel(connection: sqlite3.Connection, channel: int, now: datetime) -> tuple[Subscription, ...]:
    """List a channel's filters in the order of their numbers, without those that have ended."""
    found = connection.execute(
        "SELECT * FROM subscriptions WHERE channel = ? AND (expires_at IS NULL OR expires_at > ?) ORDER BY id",
        (channel, db.to_text(now)),
    )
    return tuple(rows.subscription(row) for row in found)


def _audit(
    connection: sqlite3.Connection, now: datetime, actor: str, channel: int, action: str, subscription: int, detail: str
) -> None:
    connection.execute(
        "INSERT INTO audit (at, actor, channel, action, subscription, detail) VALUES (?, ?, ?, ?, ?, ?)",
        (db.to_text(now), actor, channel, action, subscription, detail),
    )


def newest_change(connection: sqlite3.Connection) -> int:
    """Name the newest row of the audit trail, 0 where there is none."""
    newest: int = connection.execute("SELECT coalesce(max(id), 0) FROM audit").fetchone()[0]
    return newest


def every(connection: sqlite3.Connection) -> dict[int, Subscription | None]:
    """Read all subscriptions by id."""
    return {row["id"]: rows.subscription(row) for row in connection.execute("SELECT * FROM subscriptions")}


def changed_since(connection: sqlite3.Connection, change: int) -> dict[int, Subscription | None]:
    """Read the subscriptions touched after a row of the audit trail as they are now; None where one was removed."""
    touched = connection.execute(
        """
        SELECT a.subscription AS touched, s.* FROM (SELECT DISTINCT subscription FROM audit WHERE id > ?) AS a
        LEFT JOIN subscriptions AS s ON s.id = a.subscription WHERE a.subscription IS NOT NULL
        """,
        (change,),
    )
    return {row["touched"]: None if row["id"] is None else rows.subscription(row) for row in touched}


def unmatched(connection: sqlite3.Connection, limit: int) -> tuple[Entry, ...]:
    """Read entries that no filter has seen yet, in the order in which they go out."""
    found = connection.execute(rows.ENTRY + "WHERE e.matched_at IS NULL ORDER BY e.id LIMIT ?", (limit,))
    return tuple(rows.entry(row) for row in found)


def fan_out(
    connection: sqlite3.Connection, entry: Entry, matches: Iterable[tuple[int, Sequence[Reason]]], now: datetime
) -> int:
    """Commit an entry's deliveries, one per channel, and mark it as matched. Return how many there are."""
    moment = db.to_text(now)
    cursor = connection.executemany(
        """
        INSERT INTO deliveries (channel, entry, revision, status, reasons, due_at, created_at)
        SELECT id, ?, ?, 'pending', ?, ?, ? FROM channels WHERE id = ? AND gone_at IS NULL ON CONFLICT DO NOTHING
        """,
        [
            (entry.id, entry.revision, rows.reasons_text(reasons), moment, moment, channel)
            for channel, reasons in matches
        ],
    )
    connection.execute("UPDATE entries SET matched_at = ? WHERE id = ?", (moment, entry.id))
    return max(cursor.rowcount, 0)
