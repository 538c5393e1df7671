"""What became of deliveries: counts, delays and failures of all, and what one channel got and did not get."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import db, seek

DAY = timedelta(days=1)
# Of more deliveries than these, as many are looked at as make a median and a percentile, spread evenly over the day.
SAMPLE = 2000
MOST_KINDS = 10
_NUMBERS = re.compile(r"\d+(?:\.\d+)?")
Percentiles = tuple[float, float]
"""The median and the 95th percentile, in seconds."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits on one platform: of each status so many, and since when the oldest has been due."""

    platform: str
    status: str
    count: int
    due_since: datetime | None


def queue(connection: sqlite3.Connection, now: datetime) -> tuple[Queue, ...]:
    """Count what is still to be sent. What is paused, held or not due yet waits, and is not due."""
    found = connection.execute(
        """
        SELECT c.platform, d.status, count(*) AS count, min(CASE
            WHEN c.gone_at IS NULL AND c.paused_until IS NULL AND max(d.due_at, coalesce(c.hold_until, '')) <= :now
            THEN max(d.due_at, coalesce(c.hold_until, '')) END) AS due_since
        FROM deliveries AS d JOIN channels AS c ON c.id = d.channel
        WHERE d.status IN ('pending', 'sending') GROUP BY c.platform, d.status ORDER BY c.platform, d.status
        """,
        {"now": db.to_text(now)},
    )
    return tuple(Queue(**{**dict(row), "due_since": db.optional_time(row["due_since"])}) for row in found)


@dataclass(frozen=True, slots=True)
class Lag:
    """How long news took to one platform's channels, each part as median and 95th percentile.

    `deliveries` is how many were measured: all, or of very many a sample.
    None where nothing says when it was published.
    """

    platform: str
    deliveries: int
    published_to_seen: Percentiles | None
    seen_to_sent: Percentiles
    published_to_sent: Percentiles | None


def lag(connection: sqlite3.Connection, now: datetime, window: timedelta = DAY) -> tuple[Lag, ...]:
    """Measure the delays of what was put into the outbox lately and sent, by platform."""
    first = seek.first_since(connection, "deliveries", "created_at", now - window)
    beyond: int = (connection.execute("SELECT max(id) FROM deliveries").fetchone()[0] or 0) + 1
    step = max(1, (beyond - first) // SAMPLE)
    found = connection.execute(
        """
        SELECT c.platform, (julianday(e.first_seen_at) - julianday(e.published_at)) * 86400 AS seen,
            (julianday(d.sent_at) - julianday(e.first_seen_at)) * 86400 AS sent
        FROM json_each(?) AS some CROSS JOIN deliveries AS d ON d.id = some.value
            CROSS JOIN entries AS e ON e.id = d.entry CROSS JOIN channels AS c ON c.id = d.channel
        WHERE d.sent_at IS NOT NULL AND e.source <> ''
        """,
        (json.dumps(list(range(first, beyond, step))),),
    )
    parts: defaultdict[str, list[tuple[float | None, float]]] = defaultdict(list)
    for platform, seen, sent in found:
        parts[platform].append((None if seen is None else max(0.0, seen), max(0.0, sent)))
    return tuple(
        Lag(
            platform,
            len(each),
            _percentiles([seen for seen, _ in each if seen is not None]),
            _percentiles([sent for _, sent in each]) or (0.0, 0.0),
            _percentiles([seen + sent for seen, sent in each if seen is not None]),
        )
        for platform, each in sorted(parts.items())
    )


def _percentiles(seconds: Iterable[float]) -> Percentiles | None:
    ordered = sorted(seconds)
    if not ordered:
        return None
    last = len(ordered) - 1
    return round(ordered[round(last * 0.5)], 1), round(ordered[round(last * 0.95)], 1)


@dataclass(frozen=True, slots=True)
class FailureKind:
    """How many deliveries to a platform failed lately for the same reason; numbers in it are left out."""

    platform: str
    error: str
    count: int


def failure_kinds(connection: sqlite3.Connection, now: datetime, window: timedelta = DAY) -> tuple[FailureKind, ...]:
    """Count the failures of what was put into the outbox lately by platform and reason, most frequent first."""
    first = seek.first_since(connection, "deliveries", "created_at", now - window)
    found = connection.execute(
        """
        SELECT c.platform, d.error, count(*) AS count FROM deliveries AS d JOIN channels AS c ON c.id = d.channel
        WHERE d.status = 'failed' AND d.id >= ? GROUP BY c.platform, d.error
        """,
        (first,),
    )
    kinds: Counter[tuple[str, str]] = Counter()
    for platform, error, count in found:
        kinds[platform, _NUMBERS.sub("…", error)] += count
    return tuple(FailureKind(*kind, count) for kind, count in kinds.most_common(MOST_KINDS))


@dataclass(frozen=True, slots=True)
class Last:
    """One of a channel's last deliveries: of which entry, what became of it, and when."""

    headline: str
    url: str
    status: str
    error: str
    at: datetime


def last(connection: sqlite3.Connection, channel: int, limit: int) -> tuple[Last, ...]:
    """List a channel's last deliveries, newest first."""
    found = connection.execute(
        """
        SELECT e.headline, e.url, d.status, d.error, coalesce(d.sent_at, d.created_at) AS at
        FROM deliveries AS d JOIN entries AS e ON e.id = d.entry WHERE d.channel = ? ORDER BY d.entry DESC LIMIT ?
        """,
        (channel, limit),
    )
    return tuple(Last(**{**dict(row), "at": db.from_text(row["at"])}) for row in found)


@dataclass(frozen=True, slots=True)
class Unsent:
    """An entry that was not sent to a channel: with the status of its delivery, empty where it never had one."""

    entry: int
    status: str


def unsent(connection: sqlite3.Connection, channel: int, entries: Sequence[int]) -> tuple[Unsent, ...]:
    """Find those of some entries that a channel did not get and will not get: failed, expired, or never its own.

    What is being matched may still come; what was old when its source was first read, and says not how old, is no news.
    """
    found = connection.execute(
        """
        SELECT e.id AS entry, coalesce(d.status, '') AS status
        FROM json_each(?) AS some CROSS JOIN entries AS e ON e.id = some.value
            LEFT JOIN deliveries AS d ON d.channel = ? AND d.entry = e.id LEFT JOIN sources AS s ON s.slug = e.source
        WHERE e.matched_at IS NOT NULL AND (d.id IS NULL OR d.status = 'failed' OR d.status = 'expired')
            AND NOT (e.published_at IS NULL AND e.first_seen_at IS s.baseline_at)
        """,
        (json.dumps(list(entries)), channel),
    )
    return tuple(Unsent(**dict(row)) for row in found)


def behind(connection: sqlite3.Connection, platform: str, address: str, message_ref: str) -> int | None:
    """Find the number of the delivery behind a message, in any thread of an address; None where there is none.

    Of several in one message it is the one that carries the others.
    """
    row = connection.execute(
        """
        SELECT d.id FROM channels AS c JOIN deliveries AS d ON d.channel = c.id
        WHERE c.platform = ? AND c.address = ? AND d.message_ref = ? AND d.message_ref <> ''
        ORDER BY d.folded_into IS NOT NULL AND d.folded_into <> d.id, d.id LIMIT 1
        """,
        (platform, address, message_ref),
    ).fetchone()
    return None if row is None else int(row["id"])
