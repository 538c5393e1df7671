"""Tell the operators what they must know: a notice is an entry of no source, delivered to each of them like news."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from bot import channels, db
from bot.model import Operator


def tell(connection: sqlite3.Connection, operators: Iterable[Operator], sentence: str, now: datetime) -> None:
    """Put a sentence into the outbox for every operator. Those who blocked the bot are tried again."""
    to = [channels.ensure(connection, *each, "", "", "Europe/London", now).id for each in operators]
    if not to:
        return
    moment = db.to_text(now)
    # Matched already, and in no archive of words: no filter finds it.
    entry = connection.execute(
        """
        INSERT INTO entries (source, key, kind, headline, url, author, organisation, topic, summary, body, quotations,
                             icon, first_seen_at, fingerprint, matched_at)
        VALUES ('', hex(randomblob(8)), 'wire', ?, '', '', '', '', '', '', '[]', '', ?, '', ?) RETURNING id
        """,
        (sentence, moment, moment),
    ).fetchone()["id"]
    connection.executemany(
        """
        INSERT INTO deliveries (channel, entry, revision, status, reasons, priority, due_at, created_at)
        VALUES (?, ?, 1, 'pending', '[]', 0, ?, ?)
        """,
        [(channel, entry, moment, moment) for channel in to],
    )
