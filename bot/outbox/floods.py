"""Carry the plan of a channel's queue out, in the transaction that claims from it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from bot import db, rows
from bot.model import Entry
from bot.outbox import folding
from bot.outbox.folding import Plan, Waiting
from bot.outbox.reasons import LEFT_OUT

URGENT, NEWS, CORRECTION = 0, 1, 2


def tame(connection: sqlite3.Connection, delivery: int, now: datetime, burst: int) -> int | None:
    """Plan the queue that a delivery is the first of. Return which is sent instead, itself mostly; None where all wait.

    What is urgent, a correction or folded already is sent as it is.
    """
    row = connection.execute(
        "SELECT channel, priority, folded_into FROM deliveries WHERE id = ?", (delivery,)
    ).fetchone()
    if row["priority"] != NEWS or row["folded_into"] is not None:
        return delivery
    channel = row["channel"]
    waiting = _waiting(connection, channel)
    plan = folding.plan(waiting, _sent(connection, channel, burst), now, burst)
    if plan.left_out:
        _leave_out(connection, channel, plan.left_out, among=len(waiting))
    if plan.wait_until is not None:
        connection.execute(
            "UPDATE deliveries SET due_at = ? WHERE channel = ? AND status = 'pending' AND priority = ?",
            (db.to_text(plan.wait_until), channel, NEWS),
        )
        return None
    return _fold(connection, plan) or _first(waiting, plan)


def _waiting(connection: sqlite3.Connection, channel: int) -> list[Waiting]:
    found = connection.execute(
        """
        SELECT d.id, coalesce(e.published_at, e.first_seen_at) AS published_at, d.created_at, e.behind
        FROM deliveries AS d JOIN entries AS e ON e.id = d.entry
        WHERE d.channel = ? AND d.priority = ? AND d.status = 'pending' AND d.status IN ('pending', 'sending')
            AND d.folded_into IS NULL
        ORDER BY d.id
        """,
        (channel, NEWS),
    )
    return [
        Waiting(row["id"], db.from_text(row["published_at"]), db.from_text(row["created_at"]), bool(row["behind"]))
        for row in found
    ]


def _sent(connection: sqlite3.Connection, channel: int, burst: int) -> list[datetime]:
    """List when the channel got its last messages; what was folded is one."""
    found = connection.execute(
        """
        SELECT sent_at FROM deliveries
        WHERE channel = ? AND sent_at IS NOT NULL AND (folded_into IS NULL OR folded_into = id)
        ORDER BY sent_at DESC LIMIT ?
        """,
        (channel, burst),
    )
    return [db.from_text(row["sent_at"]) for row in found]


def _leave_out(connection: sqlite3.Connection, channel: int, ids: Sequence[int], *, among: int) -> None:
    connection.executemany(
        "UPDATE deliveries SET status = 'expired', error = ? WHERE id = ?", [(LEFT_OUT, number) for number in ids]
    )
    miss(connection, channel, len(ids), among)


def miss(connection: sqlite3.Connection, channel: int, count: int, among: int) -> None:
    """Remember that a channel did not get so many entries, of how many; a later message says so."""
    connection.execute(
        "UPDATE channels SET left_out = left_out + ?, left_among = left_among + ? WHERE id = ?",
        (count, among, channel),
    )


def folded(connection: sqlite3.Connection, leader: int) -> tuple[Entry, ...]:
    """List the entries that go out in one message, in their order."""
    found = connection.execute(
        f"{rows.ENTRY} JOIN deliveries AS d ON d.entry = e.id WHERE d.folded_into = ? ORDER BY d.id", (leader,)
    )
    return tuple(map(rows.entry, found))


class LeftOut(TypedDict):
    """How many entries a channel did not get and is told of now, and of how many."""

    left_out: int
    left_among: int


def left_out(connection: sqlite3.Connection, delivery: sqlite3.Row) -> LeftOut:
    """Say what the channel is to be told of with a delivery: with the last that waits, for then all is known."""
    row = connection.execute(
        """
        SELECT left_out, left_among FROM channels AS c WHERE id = :channel AND left_out > 0 AND :edits IS NULL
            AND NOT EXISTS (SELECT 1 FROM deliveries WHERE channel = c.id AND status = 'pending'
                AND status IN ('pending', 'sending') AND priority = :news AND id <> :id)
        """,
        {"channel": delivery["channel"], "id": delivery["id"], "news": NEWS, "edits": delivery["revised_at"]},
    ).fetchone()
    return LeftOut(left_out=0, left_among=0) if row is None else LeftOut(left_out=row[0], left_among=row[1])


def expire_folded(connection: sqlite3.Connection, leaders: Sequence[int]) -> int:
    """Let what was folded into deliveries that have expired expire, too. Return how many they are."""
    return sum(
        connection.execute(
            """
            UPDATE deliveries SET status = 'expired', error = (SELECT error FROM deliveries WHERE id = :leader)
            WHERE folded_into = :leader AND status = 'folded'
            """,
            {"leader": leader},
        ).rowcount
        for leader in leaders
    )


def _fold(connection: sqlite3.Connection, plan: Plan) -> int | None:
    if not plan.fold:
        return None
    leader, *others = plan.fold
    connection.execute("UPDATE deliveries SET folded_into = id WHERE id = ?", (leader,))
    connection.executemany(
        "UPDATE deliveries SET status = 'folded', folded_into = ? WHERE id = ?", [(leader, number) for number in others]
    )
    return leader


def _first(waiting: Sequence[Waiting], plan: Plan) -> int | None:
    return next((each.id for each in waiting if each.id not in plan.left_out), None)
