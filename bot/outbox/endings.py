"""End deliveries, with all that is folded into them."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from bot import db
from bot.model import Delivery
from bot.outbox import threads


def end(
    connection: sqlite3.Connection, delivery: Delivery, status: str, message_ref: str, error: str, now: datetime
) -> None:
    """End a delivery with all that is folded into it. A message that could not be corrected was sent all the same."""
    moment, is_sent = db.to_text(now), status == "sent" or bool(delivery.edits)
    said = _said(connection, delivery)
    # What goes into a message's thread leaves the message as it is.
    says = said if delivery.part else delivery.entry.revision
    connection.execute(
        """
        UPDATE deliveries SET status = :status, message_ref = CASE WHEN :ref = '' THEN message_ref ELSE :ref END,
            error = :error, sent_at = CASE WHEN :status = 'sent' THEN coalesce(sent_at, :now) END, lease_until = NULL,
            revised_at = NULL, part = '', part_since = 0, revision = CASE WHEN id = :id THEN :revision ELSE revision END
        WHERE id = :id OR (folded_into = :id AND status IN ('folded', 'sent'))
        """,
        {
            "id": delivery.id,
            "status": "sent" if is_sent else status,
            "ref": message_ref,
            "error": error,
            "now": moment,
            "revision": says,
        },
    )
    if not is_sent:
        return
    if delivery.left_out:
        connection.execute(
            # No less than none: where a lease ran out, two messages may have told of the same.
            """
            UPDATE channels SET left_out = max(left_out - :out, 0),
                left_among = max(left_among - :among, left_out - :out, 0)
            WHERE id = :channel
            """,
            {"out": delivery.left_out, "among": delivery.left_among, "channel": delivery.channel.id},
        )
    # What was corrected while it was on its way.
    connection.execute(
        """
        UPDATE entries SET corrected = min(corrected, ?) WHERE id = ? AND revision > ?
        """,
        (says, delivery.entry.id, says),
    )
    if status == "sent":
        threads.owe(connection, delivery, said, now)


def _said(connection: sqlite3.Connection, delivery: Delivery) -> int:
    """Say which revision a message has told of so far."""
    row = connection.execute("SELECT revision FROM deliveries WHERE id = ?", (delivery.id,)).fetchone()
    return delivery.entry.revision if row is None else int(row["revision"])
