"""Remember which WebSub hubs tell of which sources' news, and until when."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from bot import db, rows
from bot.model import Source


@dataclass(frozen=True, slots=True)
class Hub:
    """A hub of a source: `token` is the secret end of our address, `secret` signs what the hub sends.

    `lease_until` is None until the hub has asked whether it was us who asked (WebSub, section 5.3).
    """

    source: Source
    hub: str
    topic: str
    token: str
    secret: str
    lease_until: datetime | None


def announce(connection: sqlite3.Connection, slug: str, hub: str, topic: str, token: str, secret: str) -> None:
    """Remember the hub that a source announces, or that it has none; another hub or topic than before is asked anew."""
    if not hub:
        connection.execute("DELETE FROM hubs WHERE source = ?", (slug,))
        return
    connection.execute(
        """
        INSERT INTO hubs (source, hub, topic, token, secret) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (source) DO UPDATE SET hub = excluded.hub, topic = excluded.topic, token = excluded.token,
            secret = excluded.secret, ask_at = '', lease_until = NULL
        WHERE (hub, topic) <> (excluded.hub, excluded.topic)
        """,
        (slug, hub, topic, token, secret),
    )


def listen_at(connection: sqlite3.Connection, address: str) -> None:
    """Have every hub asked anew that knows us by another address."""
    connection.execute(
        "UPDATE hubs SET listens_at = ?, ask_at = '', lease_until = NULL WHERE listens_at <> ?", (address, address)
    )


def to_ask(connection: sqlite3.Connection, now: datetime) -> tuple[Hub, ...]:
    """List the hubs that are to be asked, for the first time or again."""
    found = connection.execute(f"{_HUBS} AND h.ask_at <= ? ORDER BY h.source", (db.to_text(now),))
    return tuple(map(_hub, found))


def ask_again(connection: sqlite3.Connection, slug: str, at: datetime) -> None:
    """Remember when to ask a hub again."""
    connection.execute("UPDATE hubs SET ask_at = ? WHERE source = ?", (db.to_text(at), slug))


def by_token(connection: sqlite3.Connection, token: str) -> Hub | None:
    """Find the hub that knows an address of ours."""
    row = connection.execute(f"{_HUBS} AND h.token = ?", (token,)).fetchone()
    return None if row is None else _hub(row)


def lease(connection: sqlite3.Connection, slug: str, until: datetime | None, ask_at: datetime) -> None:
    """Remember until when a hub tells of news, None where it does not, and when to ask it again."""
    connection.execute(
        "UPDATE hubs SET lease_until = ?, ask_at = ? WHERE source = ?",
        (db.optional_text(until), db.to_text(ask_at), slug),
    )


_HUBS = """
    SELECT s.*, h.hub, h.topic, h.token, h.secret, h.lease_until FROM hubs AS h
    JOIN sources AS s ON s.slug = h.source WHERE s.removed_at IS NULL
"""


def _hub(row: sqlite3.Row) -> Hub:
    return Hub(
        source=rows.source(row),
        hub=row["hub"],
        topic=row["topic"],
        token=row["token"],
        secret=row["secret"],
        lease_until=db.optional_time(row["lease_until"]),
    )
