"""Find what may be sent next: the first of each channel that waits; urgent first, then by whose turn it is."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from bot import db
from bot.outbox import floods
from bot.outbox.reasons import TOO_OLD

# What has waited longer, because platform or channel would not take it, is no news any more.
OLDEST = timedelta(hours=6)
# Rows at the front that are looked at before every channel is asked. They suffice, unless what may not go yet piles up
# there: pauses, another platform's news, what is held back.
FRONT = 1000

NOBODY: Mapping[str, float] = {}

# The first delivery of each channel of a platform that takes something.
HEADS = """
    SELECT (SELECT d.id FROM deliveries AS d WHERE d.channel = c.id AND d.status IN ('pending', 'sending')
            ORDER BY d.priority, d.id LIMIT 1) AS id
    FROM channels AS c
    WHERE c.platform = :platform AND c.gone_at IS NULL AND c.paused_until IS NULL
"""
_FRONT = "SELECT id FROM deliveries WHERE status = 'pending' ORDER BY priority, id LIMIT :front"


def due(
    connection: sqlite3.Connection,
    platform: str,
    now: datetime,
    limit: int,
    busy: Collection[str],
    served: Mapping[str, float] = NOBODY,
) -> list[int]:
    """Find the deliveries that may go now, without those to addresses in `busy`; what is too old expires.

    Urgent news is before news, and that before corrections. Among equals a channel that was not `served` of late is
    next, whatever the others still have waiting: it is at the front, or else every channel is asked.
    """
    heads, whole = _heads(connection, _FRONT, platform, now, busy)
    if not whole and sum(head["address"] not in served for head in heads) < limit:
        heads, _ = _heads(connection, HEADS, platform, now, busy)
    taken, found = set[str](), []
    for head in sorted(heads, key=lambda each: _turn(each, served)):
        if head["address"] not in taken:
            taken.add(head["address"])
            found.append(head["id"])
    return found[:limit]


def _turn(head: sqlite3.Row, served: Mapping[str, float]) -> tuple[int, float, int]:
    return head["priority"], served.get(head["address"], -math.inf), head["id"]


def _heads(
    connection: sqlite3.Connection, among: str, platform: str, now: datetime, busy: Collection[str]
) -> tuple[list[sqlite3.Row], bool]:
    """Find the first of each channel among some rows; tell whether these were fewer than there may be at the front."""
    moment, oldest = db.to_text(now), db.to_text(now - OLDEST)
    while True:
        rows = connection.execute(
            f"""
            SELECT d.id, d.channel, d.priority, c.address,
                c.paused_until IS NULL AND coalesce(d.revised_at, d.created_at) < :oldest AS stale,
                c.platform = :platform AND c.paused_until IS NULL AND d.due_at <= :now
                    AND (c.hold_until IS NULL OR c.hold_until <= :now) AS ready
            FROM ({among}) AS some CROSS JOIN deliveries AS d ON d.id = some.id
                CROSS JOIN channels AS c ON c.id = d.channel
            WHERE d.status = 'pending' ORDER BY d.priority, d.id
            """,
            {"platform": platform, "now": moment, "oldest": oldest, "front": FRONT},
        ).fetchall()
        stale = {row["channel"] for row in rows if row["stale"]}
        if not stale:
            break
        _expire(connection, stale, oldest)
    # One at a time: whatever is under way in a channel is before what waits there.
    passed = {row["channel"] for row in connection.execute("SELECT channel FROM deliveries WHERE status = 'sending'")}
    heads = []
    for row in rows:
        if row["channel"] not in passed:
            passed.add(row["channel"])
            if row["ready"] and row["address"] not in busy:
                heads.append(row)
    return heads, len(rows) < FRONT


def _expire(connection: sqlite3.Connection, channels: Collection[int], oldest: str) -> None:
    for channel in channels:
        # The second term is what the index of the queue knows, the first is what is meant. A message that was not
        # corrected in time stays as it is.
        ended = connection.execute(
            """
            UPDATE deliveries SET revised_at = NULL,
                status = CASE WHEN message_ref = '' THEN 'expired' ELSE 'sent' END,
                error = replace(?, '{reason}', error)
            WHERE channel = ? AND status = 'pending' AND status IN ('pending', 'sending')
                AND coalesce(revised_at, created_at) < ?
            RETURNING id, status
            """,
            (TOO_OLD, channel, oldest),
        ).fetchall()
        expired = [row["id"] for row in ended if row["status"] == "expired"]
        folded = floods.expire_folded(connection, expired)
        floods.miss(connection, channel, len(expired) + folded, len(expired) + folded)
