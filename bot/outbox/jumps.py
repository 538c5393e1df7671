"""Let what waits in the outbox wait no longer and no shorter when the clock is set."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from bot import db
from bot.channels import UNTIL_RESUMED

# What was noted so far in the future was noted by a clock that was wrong.
AHEAD = timedelta(minutes=1)

_SHIFTED = "strftime('%Y-%m-%dT%H:%M:%fZ', {column}, :seconds || ' seconds')"


def shift(connection: sqlite3.Connection, by: timedelta) -> None:
    """Move the times of all that waits, by as much as the clock was moved: when it was made, is due, is given back."""
    times = {"seconds": f"{by.total_seconds():+.3f}", "never": db.to_text(UNTIL_RESUMED)}
    made = ", ".join(
        f"{column} = {_SHIFTED.format(column=column)}"
        for column in ("created_at", "due_at", "lease_until", "revised_at", "doubt_since")
    )
    connection.execute(f"UPDATE deliveries SET {made} WHERE status IN ('pending', 'sending')", times)
    for column in ("hold_until", "paused_until"):
        connection.execute(
            f"UPDATE channels SET {column} = {_SHIFTED.format(column=column)} WHERE {column} < :never", times
        )
    # What is kept for thirty days is kept for thirty days.
    connection.execute(
        f"UPDATE installations SET gone_at = {_SHIFTED.format(column='gone_at')} WHERE gone_at IS NOT NULL",
        {"seconds": times["seconds"]},
    )


def settle_down(connection: sqlite3.Connection, now: datetime) -> timedelta:
    """Shift all back that a clock wrote which was ahead when the bot ran last. Return by how much it was.

    Sources are looked at all the time: the newest look says what the clock showed then.
    """
    newest = db.optional_time(connection.execute("SELECT max(last_poll_at) FROM sources").fetchone()[0])
    if newest is None or newest - now <= AHEAD:
        return timedelta(0)
    shift(connection, now - newest)
    connection.execute("UPDATE sources SET last_poll_at = ? WHERE last_poll_at > ?", (db.to_text(now), db.to_text(now)))
    return newest - now
