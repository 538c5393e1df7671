"""Tell the operators what they must know: a notice is an entry of no source, delivered to each of them like news."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from datetime import datetime

from bot import channels, db
from bot.model import Operator


def tell_once(
    connection: sqlite3.Connection,
    operators: Collection[Operator],
    topic: str,
    sentence: str,
    since: datetime,
    now: datetime,
) -> bool:
    """Tell the operators, unless they were told of the topic at or after `since`. Return whether they were."""
    prefix = f"{topic}@"
    told = connection.execute(
        # Keys are unique, and so is what their index finds: notices of this topic and no others.
        "SELECT 1 FROM entries WHERE source = '' AND key >= ? AND key < ? AND first_seen_at >= ? LIMIT 1",
        (prefix, f"{topic}A", db.to_text(since)),
    ).fetchone()
    if told is not None or not operators:
        return False
    tell(connection, operators, sentence, now, prefix)
    return True


def tell(
    connection: sqlite3.Connection, operators: Iterable[Operator], sentence: str, now: datetime, prefix: str = ""
) -> None:
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
        VALUES ('', ? || hex(randomblob(8)), 'wire', ?, '', '', '', '', '', '', '[]', '', ?, '', ?) RETURNING id
        """,
        (prefix, sentence, moment, moment),
    ).fetchone()["id"]
    connection.executemany(
        """
        INSERT INTO deliveries (channel, entry, revision, status, reasons, priority, due_at, created_at)
        VALUES (?, ?, 1, 'pending', '[]', 0, ?, ?)
        """,
        [(channel, entry, moment, moment) for channel in to],
    )
