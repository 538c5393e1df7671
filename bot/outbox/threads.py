"""Queue what goes into a message's thread, in the transaction that writes down that the message was sent."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from bot import db, threaded
from bot.model import Delivery
from bot.outbox.floods import CORRECTION


def owe(connection: sqlite3.Connection, delivery: Delivery, said: int, now: datetime) -> None:
    """Queue a delivery that was sent or corrected once more, for what follows on it; `said` is what it said before.

    Like a correction it keeps its message, and can end in nothing but sent (ADR 25).
    """
    part = threaded.owed(delivery)
    if not part:
        return
    moment = db.to_text(now)
    connection.execute(
        """
        UPDATE deliveries SET status = 'pending', priority = ?, due_at = ?, revised_at = ?, attempts = 0, ambiguous = 0,
            doubt_since = NULL, error = '', part = ?, part_since = ?
        WHERE id = ? AND status = 'sent' AND message_ref <> ''
        """,
        (CORRECTION, moment, moment, part, said if part == "change" else 0, delivery.id),
    )
