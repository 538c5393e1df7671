"""Remember the links that copy filters into another channel, each of them once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import db
from bot.model import SubscriptionKind

# An offer in a chat is taken within days, or forgotten there.
LASTS = timedelta(days=7)
# So long a link that is over is known, to say so.
KNOWN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter as somebody asks for it, with its end where it has one."""

    kind: SubscriptionKind
    query: str
    expires_at: datetime | None = None
    urgent: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """What one channel offers, until when, and where it went: `filters` are empty once it is used."""

    channel: int
    filters: tuple[Wanted, ...]
    expires_at: datetime
    used_at: datetime | None
    used_by: int | None


def make(
    connection: sqlite3.Connection, token: str, channel: int, wanted: Iterable[Wanted], actor: str, now: datetime
) -> datetime:
    """Offer filters under a token, and say until when."""
    connection.execute("DELETE FROM links WHERE expires_at < ?", (db.to_text(now - KNOWN),))
    end = now + LASTS
    filters = [
        {
            "kind": each.kind,
            "query": each.query,
            "end": db.optional_text(each.expires_at),
            "urgent": each.urgent,
            "silent": each.silent,
        }
        for each in wanted
    ]
    connection.execute(
        """
        INSERT INTO links (token, channel, filters, created_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)
        """,
        (token, channel, json.dumps(filters, ensure_ascii=False), actor, db.to_text(now), db.to_text(end)),
    )
    return end


def offered(connection: sqlite3.Connection, channel: int, now: datetime) -> int:
    """Count a channel's links that can still be used."""
    number: int = connection.execute(
        "SELECT count(*) FROM links WHERE channel = ? AND used_at IS NULL AND expires_at > ?",
        (channel, db.to_text(now)),
    ).fetchone()[0]
    return number


def find(connection: sqlite3.Connection, token: str) -> Link | None:
    """Find a link, also one that is used or over."""
    row = connection.execute("SELECT * FROM links WHERE token = ?", (token,)).fetchone()
    if row is None:
        return None
    filters = tuple(
        Wanted(each["kind"], each["query"], db.optional_time(each["end"]), each["urgent"], each.get("silent", False))
        for each in json.loads(row["filters"])
    )
    return Link(
        row["channel"], filters, db.from_text(row["expires_at"]), db.optional_time(row["used_at"]), row["used_by"]
    )


def use(connection: sqlite3.Connection, token: str, channel: int, now: datetime) -> None:
    """Note where a link went, and forget what it offered."""
    connection.execute(
        "UPDATE links SET used_at = ?, used_by = ?, filters = '[]' WHERE token = ?", (db.to_text(now), channel, token)
    )
