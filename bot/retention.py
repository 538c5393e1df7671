"""Forget what is old, a few rows at a time: entries, deliveries, gaps, and the audit trail.

Each function looks at the next rows after a place, deletes those of them that may go, and says where to go on.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import NamedTuple

from bot import db, erasure, installations, workspaces
from bot.wire.entry_store import SIGHTED_EVERY

# Rows that one transaction looks at: other writers wait for some milliseconds at the most.
ENTRIES, ROWS = 20, 200
CHANNELS = 10
# Of each source so many entries are kept, however old: a list that is broken for a while comes back.
NEWEST = 100
# Of each channel so many rows of the trail are kept, however old: `undo` reads them.
UNDOABLE = 20


@dataclass(frozen=True, slots=True)
class Keeps:
    """For how long what is kept; None is for ever."""

    entries: timedelta | None = None
    deliveries: timedelta | None = None
    audit: timedelta | None = None


FOR_EVER = Keeps()


class Place(NamedTuple):
    """How far one went through the entries: by time, then by number."""

    at: str = ""
    id: int = 0


class Limit(NamedTuple):
    """Which entries of a source may go: those before a number, and not seen on its list since a time."""

    before: int
    unseen_since: str


def limits(connection: sqlite3.Connection) -> dict[str, Limit]:
    """Say of each source which of its entries it surely shows no more. Sources that begin anew have none."""
    found = connection.execute(
        """
        SELECT slug, listed_at, (SELECT id FROM entries WHERE source = slug ORDER BY id DESC LIMIT 1 OFFSET ?) AS floor
        FROM sources WHERE removed_at IS NULL AND baseline_at IS NOT NULL
        """,
        (NEWEST - 1,),
    )
    # An entry on the list that was read last was noted there in the time before it, for that is how often it is noted.
    return {
        row["slug"]: Limit(
            row["floor"] or 0,
            "" if row["listed_at"] is None else db.to_text(db.from_text(row["listed_at"]) - 2 * SIGHTED_EVERY),
        )
        for row in found
    }


def prune_entries(
    connection: sqlite3.Connection, before: datetime, known: Mapping[str, Limit], after: Place
) -> tuple[int, Place | None]:
    """Delete entries that were seen last before a time, that no delivery needs and no source may show again.

    `known` is what `limits` says. Return how many went, and where to go on: None where nothing is left.
    """
    found = connection.execute(
        """
        SELECT coalesce(e.published_at, e.first_seen_at) AS at, e.id, e.source,
            max(e.first_seen_at, coalesce(s.at, '')) AS seen_at,
            e.matched_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM deliveries AS d WHERE d.entry = e.id)
                AND e.id < (SELECT max(id) FROM entries) AS is_free
        FROM entries AS e LEFT JOIN sightings AS s ON s.entry = e.id
        WHERE coalesce(e.published_at, e.first_seen_at) < :before AND coalesce(e.published_at, e.first_seen_at) >= :at
            AND (coalesce(e.published_at, e.first_seen_at) > :at OR e.id > :id)
        ORDER BY coalesce(e.published_at, e.first_seen_at), e.id LIMIT :rows
        """,
        {"before": db.to_text(before), "at": after.at, "id": after.id, "rows": ENTRIES},
    ).fetchall()
    if not found:
        return 0, None
    old = [
        row["id"]
        for row in found
        if row["is_free"] and row["seen_at"] < db.to_text(before) and _may_go(known.get(row["source"]), row)
    ]
    _delete(connection, "entry_words", old, "rowid")
    _delete(connection, "entries", old)
    return len(old), Place(found[-1]["at"], found[-1]["id"])


def _may_go(limit: Limit | None, row: sqlite3.Row) -> bool:
    """Tell whether a source shows an entry no more; one that is gone, or begins anew, delivers nothing old."""
    return limit is None or (row["id"] < limit.before and row["seen_at"] < limit.unseen_since)


def prune_deliveries(connection: sqlite3.Connection, before: datetime, after: int) -> tuple[int, int | None]:
    """Delete deliveries made before a time that are sent, failed or expired. Return as `prune_entries`."""
    found = connection.execute(
        "SELECT id, status, created_at AS at FROM deliveries WHERE id > ? ORDER BY id LIMIT ?", (after, ROWS)
    ).fetchall()
    old = _older(found, before)
    finished = [row["id"] for row in old if row["status"] not in {"pending", "sending"}]
    _delete(connection, "deliveries", finished)
    return len(finished), old[-1]["id"] if len(old) == ROWS else None


def prune_audit(connection: sqlite3.Connection, before: datetime, through: int, after: int) -> tuple[int, int | None]:
    """Delete rows of the trail written before a time, in their order, but the newest of each channel.

    `through` is the newest row that whoever follows the trail has surely read. Return as `prune_entries`.
    """
    found = connection.execute(
        "SELECT id, channel, change, at FROM audit WHERE id > ? AND id <= ? ORDER BY id LIMIT ?", (after, through, ROWS)
    ).fetchall()
    old = _older(found, before)
    # The last change may go on beyond what was read: half a change could be taken back.
    whole = [row for row in old if row["change"] != old[-1]["change"]] if len(old) == ROWS else old
    old = whole or old
    newer = """
        SELECT count(*) FROM (SELECT 1 FROM audit WHERE channel = ? AND id > ? AND change > ? LIMIT ?)
    """
    gone = [
        row["id"]
        for row in old
        if connection.execute(newer, (row["channel"], row["id"], row["change"], UNDOABLE)).fetchone()[0] == UNDOABLE
    ]
    _delete(connection, "audit", gone)
    return len(gone), old[-1]["id"] if len(found) == ROWS and old else None


def prune_gaps(connection: sqlite3.Connection, before: datetime) -> int:
    """Delete gaps that ended before a time. There are few."""
    return connection.execute(
        "DELETE FROM gaps WHERE id IN (SELECT id FROM gaps WHERE before < ? LIMIT ?)", (db.to_text(before), ROWS)
    ).rowcount


def prune_installations(connection: sqlite3.Connection, now: datetime, _after: int) -> tuple[int, int | None]:
    """Erase the channels of workspaces that took the bot away long ago, then these. Return as `prune_entries`."""
    row = connection.execute(
        "SELECT owner, platform FROM installations WHERE gone_at < ? ORDER BY gone_at LIMIT 1",
        (db.to_text(now - installations.KEPT),),
    ).fetchone()
    if row is None:
        return 0, None
    found = list[int]()
    # An organisation's installation may still be there for a workspace that took its own away.
    left = [
        team
        for team in installations.teams(connection, row["owner"])
        if installations.of_team(connection, team) is None
    ]
    for team in left:
        if len(found) < CHANNELS:
            numbers = connection.execute(
                "SELECT id FROM channels WHERE platform = ? AND address GLOB ? LIMIT ?",
                (row["platform"], f"{team}{installations.SLASH}*", CHANNELS),
            )
            found += [each["id"] for each in numbers]
    for number in found:
        erasure.erase(connection, number, now)
    if not found:
        for team in left:
            workspaces.forget(connection, row["platform"], team)
            connection.execute("DELETE FROM workspaces WHERE team = ?", (team,))
        connection.execute("DELETE FROM workspaces WHERE enterprise = ?", (row["owner"],))
        connection.execute("DELETE FROM installations WHERE owner = ?", (row["owner"],))
    return len(found), 0


def _older(found: Iterable[sqlite3.Row], before: datetime) -> list[sqlite3.Row]:
    """Take the rows before the first that is not old: in the order of their numbers they were written."""
    moment = db.to_text(before)
    return list(takewhile(lambda row: row["at"] < moment, found))


def _delete(connection: sqlite3.Connection, table: str, numbers: Iterable[int], key: str = "id") -> None:
    connection.executemany(f"DELETE FROM {table} WHERE {key} = ?", [(number,) for number in numbers])
