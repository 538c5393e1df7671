"""Queue the edits of messages whose entry was corrected, a batch at a time."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from bot import db, rows, text
from bot.model import Version
from bot.outbox.floods import CORRECTION

# What was sent longer ago is not read again.
OLDEST = timedelta(days=2)
# Deliveries in one transaction, and entries: whoever types a command waits for no more.
MOST, MOST_ENTRIES = 2_000, 20
# Characters of a body that a message shows; what is changed further down is not seen.
SHOWN = 2_200


def matters(kind: str, before: Version, after: Version) -> bool:
    """Tell whether readers should see a correction: other words, and not only other signs, where a message shows them.

    Messages about rows of the wire show no body.
    """
    if before.withdrawn != after.withdrawn:
        return True
    shown = [(before.headline, after.headline), (before.author, after.author)]
    if kind == "release":
        shown.append((before.body[:SHOWN], after.body[:SHOWN]))
    return any(text.tokens(old) != text.tokens(new) for old, new in shown)


def queue(connection: sqlite3.Connection, now: datetime) -> int:
    """Queue the edits of entries that were corrected since the last call, and return how many they are."""
    entries = connection.execute(
        "SELECT * FROM entries WHERE corrected < revision ORDER BY id LIMIT ?", (MOST_ENTRIES,)
    ).fetchall()
    room = MOST
    for entry in entries:
        room -= _queue_entry(connection, entry, now, room)
        if room <= 0:
            break
        connection.execute("UPDATE entries SET corrected = revision WHERE id = ?", (entry["id"],))
    return MOST - room


def _queue_entry(connection: sqlite3.Connection, entry: sqlite3.Row, now: datetime, room: int) -> int:
    number, revision = entry["id"], entry["revision"]
    said = connection.execute(
        "SELECT DISTINCT revision FROM deliveries WHERE entry = ? AND status = 'sent' AND revision < ?",
        (number, revision),
    ).fetchall()
    for (version,) in said:
        old = before(connection, number, version)
        if old is None or not matters(entry["kind"], old, rows.version(entry)):
            continue
        wanted = connection.execute(
            """
            SELECT d.id, d.folded_into FROM deliveries AS d JOIN channels AS c ON c.id = d.channel
            WHERE d.entry = ? AND d.status = 'sent' AND d.revision = ? AND d.message_ref <> '' AND d.sent_at >= ?
                AND c.gone_at IS NULL AND c.corrections LIMIT ?
            """,
            (number, version, db.to_text(now - OLDEST), room + 1),
        ).fetchall()
        for row in wanted[:room]:
            _edit(connection, row, revision, now)
        if len(wanted) > room:
            return room
        room -= len(wanted)
        if len(wanted) == MOST:
            return MOST
    # What need not be edited is not looked at again.
    connection.execute(
        "UPDATE deliveries SET revision = ? WHERE entry = ? AND status = 'sent' AND revision < ?",
        (revision, number, revision),
    )
    return MOST - room


def before(connection: sqlite3.Connection, entry: int, revision: int) -> Version | None:
    """Give what an entry said in a revision that is not its last; None for that."""
    row = connection.execute("SELECT * FROM revisions WHERE entry = ? AND revision = ?", (entry, revision)).fetchone()
    return None if row is None else rows.version(row)


def _edit(connection: sqlite3.Connection, row: sqlite3.Row, revision: int, now: datetime) -> None:
    moment, leader = db.to_text(now), row["folded_into"]
    if leader not in {None, row["id"]}:
        connection.execute("UPDATE deliveries SET revision = ? WHERE id = ?", (revision, row["id"]))
    connection.execute(
        """
        UPDATE deliveries SET status = 'pending', priority = ?, due_at = ?, revised_at = ?, attempts = 0, ambiguous = 0,
            doubt_since = NULL, error = '', part = '', part_since = 0
        WHERE id = ? AND status = 'sent'
        """,
        (CORRECTION, moment, moment, row["id"] if leader is None else leader),
    )
