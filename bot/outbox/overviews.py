"""Read what a person sees at a glance of several channels: their filters, their state, what came last."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bot import db, rows
from bot.model import Channel
from bot.outbox.history import Last

# As many channels as anybody looks after.
MOST = 500


@dataclass(frozen=True, slots=True)
class Summary:
    """A channel, how many filters it has, why nothing can be sent there, and what came since a time."""

    channel: Channel
    filters: int
    paused_until: datetime | None
    trouble: str
    recent: int
    last: Last | None


def of_addresses(
    connection: sqlite3.Connection, platform: str, addresses: Collection[str], since: datetime, now: datetime
) -> tuple[Summary, ...]:
    """Summarise the channels at some addresses, outside of threads; those that nobody has used are left out."""
    found = connection.execute(
        """
        SELECT c.*, c.paused_until AS until,
            CASE WHEN c.hold_reason <> '' THEN c.hold_reason WHEN c.gone_at IS NOT NULL THEN c.gone_reason ELSE '' END
                AS trouble,
            (
                SELECT count(*) FROM subscriptions AS s
                WHERE s.channel = c.id AND s.removed_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > :now)
            ) AS filters,
            (SELECT count(*) FROM deliveries AS d WHERE d.channel = c.id AND d.sent_at >= :since) AS recent,
            e.headline, e.url, l.sent_at
        FROM json_each(:addresses) AS wanted
            CROSS JOIN channels AS c ON c.platform = :platform AND c.address = wanted.value AND c.thread = ''
            LEFT JOIN deliveries AS l ON l.id = (
                SELECT d.id FROM deliveries AS d WHERE d.channel = c.id AND d.sent_at IS NOT NULL
                ORDER BY d.sent_at DESC, d.id DESC LIMIT 1
            )
            LEFT JOIN entries AS e ON e.id = l.entry
        ORDER BY c.id LIMIT :most
        """,
        {
            "addresses": json.dumps(list(addresses)),
            "platform": platform,
            "since": db.to_text(since),
            "now": db.to_text(now),
            "most": MOST,
        },
    )
    return tuple(_summary(row) for row in found)


def _summary(row: sqlite3.Row) -> Summary:
    last = None
    if row["sent_at"] is not None:
        last = Last(row["headline"], row["url"], "sent", "", db.from_text(row["sent_at"]))
    paused = db.optional_time(row["until"])
    return Summary(rows.channel(row), row["filters"], paused, row["trouble"], row["recent"], last)


def changed_by(
    connection: sqlite3.Connection, platform: str, within: str, actors: Collection[str]
) -> tuple[Channel, ...]:
    """List the channels of a platform, or of a workspace in it, in which some names have changed anything."""
    found = connection.execute(
        """
        SELECT * FROM channels AS c
        WHERE platform = :platform AND substr(address, 1, length(:within)) = :within AND thread = ''
            AND EXISTS (
                SELECT 1 FROM audit AS a
                WHERE a.channel = c.id AND a.actor IN (SELECT value FROM json_each(:actors))
            )
        ORDER BY id LIMIT :most
        """,
        {"platform": platform, "within": within, "actors": json.dumps(list(actors)), "most": MOST},
    )
    return tuple(map(rows.channel, found))
