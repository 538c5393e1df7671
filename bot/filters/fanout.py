"""Read filters and unmatched entries for the matcher, and commit an entry's deliveries a batch at a time."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from bot import db, rows
from bot.model import Entry, SubscriptionKind

# Beyond every channel's id: an entry that has come this far is done.
EVERY_CHANNEL = 2**62


class Filter(NamedTuple):
    """A live subscription, as much of it as matching takes."""

    id: int
    channel: int
    kind: SubscriptionKind
    query: str
    expires_at: datetime | None
    urgent: bool = False


class Touched(NamedTuple):
    """A subscription that was touched: as it is now, None where it is removed, and all channels that it was in."""

    id: int
    channels: frozenset[int]
    filter: Filter | None


class Waiting(NamedTuple):
    """An entry that is not matched yet, and the channel up to which its deliveries are committed."""

    entry: Entry
    through: int


def slice_end(connection: sqlite3.Connection, after: int, size: int) -> int:
    """Name the channel up to which about so many filters are filed, of the channels after one."""
    row = connection.execute(
        """
        SELECT channel FROM subscriptions WHERE removed_at IS NULL AND channel > ? ORDER BY channel, id
        LIMIT 1 OFFSET ?
        """,
        (after, size - 1),
    ).fetchone()
    end: int = EVERY_CHANNEL if row is None else row["channel"]
    return end


def live(connection: sqlite3.Connection, after: int, through: int) -> Iterator[Filter]:
    """Read the filters of the channels after one and up to another, in their order."""
    found = connection.execute(
        """
        SELECT id, channel, kind, query, expires_at, urgent FROM subscriptions
        WHERE removed_at IS NULL AND channel > ? AND channel <= ? ORDER BY channel, id
        """,
        (after, through),
    )
    return map(_filter, found)


def touched_since(connection: sqlite3.Connection, change: int) -> Iterator[Touched]:
    """Read the filters touched after a row of the audit trail."""
    found = connection.execute(
        "SELECT subscription, channel, before, action FROM audit WHERE id > ? AND subscription IS NOT NULL", (change,)
    ).fetchall()
    channels: defaultdict[int, set[int]] = defaultdict(set)
    for row in found:
        channels[row["subscription"]].add(row["channel"])
    # A merge rewrites the trail too: what is filed under the channel that is no more may be any of these.
    merged = {int(row["before"]) for row in found if row["action"] == "move"}
    for number, known in channels.items():
        row = connection.execute(
            """
            SELECT id, channel, kind, query, expires_at, urgent FROM subscriptions
            WHERE id = ? AND removed_at IS NULL
            """,
            (number,),
        ).fetchone()
        yield Touched(number, frozenset(known | merged), None if row is None else _filter(row))


def _filter(row: sqlite3.Row) -> Filter:
    number, channel, kind, query, expires_at, urgent = row
    return Filter(number, channel, kind, query, db.optional_time(expires_at), bool(urgent))


def unmatched(connection: sqlite3.Connection, limit: int, before: int = EVERY_CHANNEL) -> tuple[Waiting, ...]:
    """Read entries that still have channels before one to go to, the least advanced first."""
    found = connection.execute(
        f"""
        {rows.ENTRY} WHERE e.matched_at IS NULL AND e.matched_through < ? ORDER BY e.matched_through, e.id LIMIT ?
        """,
        (before, limit),
    )
    return tuple(Waiting(rows.entry(row), row["matched_through"]) for row in found)


def deliver(
    connection: sqlite3.Connection,
    entry: Entry,
    reasons: Mapping[int, str],
    now: datetime,
    urgent: Iterable[int] = (),
) -> int:
    """Insert an entry's deliveries, by channel the ids of its filters such as "17,42". Return how many there are.

    Channels that are gone get none; in those that are named as `urgent` they go before all others.
    """
    # One statement: a hundred thousand of them take more than twice the time.
    inserted = connection.execute(
        """
        INSERT INTO deliveries (channel, entry, revision, status, reasons, due_at, created_at)
        SELECT c.id, :entry, :revision, 'pending', wanted.value, :now, :now
        FROM json_each(:reasons) AS wanted CROSS JOIN channels AS c ON c.id = CAST(wanted.key AS INTEGER)
        WHERE c.gone_at IS NULL ON CONFLICT DO NOTHING
        """,
        {
            "entry": entry.id,
            "revision": entry.revision,
            "now": db.to_text(now),
            "reasons": "{" + ",".join(f'"{channel}":[{ids}]' for channel, ids in reasons.items()) + "}",
        },
    ).rowcount
    connection.executemany(
        "UPDATE deliveries SET priority = 0 WHERE entry = ? AND channel = ? AND status = 'pending'",
        [(entry.id, channel) for channel in urgent],
    )
    return inserted


def advance(connection: sqlite3.Connection, entry: Entry, through: int, now: datetime) -> None:
    """Write down up to which channel an entry has come: it is matched when that is every one."""
    connection.execute(
        "UPDATE entries SET matched_through = ?, matched_at = ? WHERE id = ?",
        (through, db.to_text(now) if through == EVERY_CHANNEL else None, entry.id),
    )
