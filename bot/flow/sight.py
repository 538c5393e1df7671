"""See in the database whether news flows, and remember of what operators were alarmed."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import db, notices
from bot.flow.stages import Alarm, Change, Sight
from bot.model import Operator
from bot.wire import silence

# A source may be looked at a little late: its host gets one request at a time.
LATE = timedelta(minutes=1)
# A pause of our own between two tries is at most so long; a longer one was asked for by the platform.
LONGEST_BACKOFF = timedelta(minutes=6)

_WAITING = """
    SELECT EXISTS (
        SELECT 1 FROM deliveries AS d CROSS JOIN channels AS c ON c.id = d.channel
        WHERE d.status = ? AND d.due_at <= ? AND c.platform = ? AND c.gone_at IS NULL AND c.paused_until IS NULL
            AND c.hold_reason = '' AND coalesce(c.hold_until, '') <= ?)
"""


def look(connection: sqlite3.Connection, platforms: Collection[str], now: datetime) -> Sight:
    """Look at all stages. What is paused, suspended or asked to wait by its platform is not due."""
    row = connection.execute(
        """
        SELECT count(*) AS sources, total(coalesce(next_poll_at, '') < ?) AS overdue, max(last_poll_at) AS looked,
            max(last_ok_at) AS answered_at FROM sources WHERE removed_at IS NULL
        """,
        (db.to_text(now - LATE),),
    ).fetchone()
    # The least advanced: it changes with everything that the matcher does.
    unmatched = connection.execute(
        "SELECT id, matched_through FROM entries WHERE matched_at IS NULL ORDER BY matched_through, id LIMIT 1"
    ).fetchone()
    soon = db.to_text(now + LONGEST_BACKOFF)
    waiting = {
        platform
        for platform in platforms
        for status in ("pending", "sending")
        if connection.execute(_WAITING, (status, soon, platform, soon)).fetchone()[0]
    }
    return Sight(
        sources=row["sources"],
        overdue=int(row["overdue"]),
        looked=row["looked"] or "",
        nobody_answers=silence.nobody_answers(connection),
        answered_at=db.optional_time(row["answered_at"]),
        unmatched="" if unmatched is None else f"{unmatched['id']} {unmatched['matched_through']}",
        waiting=frozenset(waiting),
    )


def alarms(connection: sqlite3.Connection) -> dict[str, Alarm]:
    """Read of what operators were told, by stage."""
    return {
        row["stage"]: Alarm(row["stage"], db.optional_time(row["since"]), db.from_text(row["told_at"]))
        for row in connection.execute("SELECT stage, since, told_at FROM alarms")
    }


@dataclass(frozen=True, slots=True)
class Open:
    """An alarm that is not over: what operators were told, and when."""

    stage: str
    sentence: str
    told_at: datetime


def still_open(connection: sqlite3.Connection) -> tuple[Open, ...]:
    """List the alarms that are not over, the oldest first."""
    found = connection.execute("SELECT stage, sentence, told_at FROM alarms WHERE since IS NOT NULL ORDER BY told_at")
    return tuple(Open(row["stage"], row["sentence"], db.from_text(row["told_at"])) for row in found)


def tell(
    connection: sqlite3.Connection,
    changes: Iterable[Change],
    operators: Iterable[Operator],
    silent: Collection[str],
    now: datetime,
) -> None:
    """Tell operators what has changed, through a platform that is not silent, and remember that they know."""
    reachable = [operator for operator in operators if operator.platform not in silent]
    for change in changes:
        alarm = change.alarm
        connection.execute(
            """
            INSERT INTO alarms (stage, since, sentence, told_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (stage) DO UPDATE
            SET since = excluded.since, sentence = excluded.sentence, told_at = excluded.told_at
            """,
            (alarm.stage, db.optional_text(alarm.since), change.sentence, db.to_text(alarm.told_at)),
        )
        notices.tell(connection, reachable, change.sentence, now)
