"""Remember subscriptions: a removed one stays as a row, and the audit trail says who changed what."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot import audit, db, rows
from bot.audit import Change
from bot.model import Subscription, SubscriptionKind

Mark = Literal["urgent", "silent"]


def add(
    connection: sqlite3.Connection,
    channel: int,
    kind: SubscriptionKind,
    query: str,
    actor: str,
    now: datetime,
    expires_at: datetime | None = None,
    *,
    urgent: bool = False,
    silent: bool = False,
    change: int | None = None,
) -> bool:
    """Add a filter to a channel, or give the one it has a new end and its marks. Return whether it is a new one.

    `change` comes from `audit.next_change` where a command does several things; undo takes them back together.
    """
    mine = _change(connection, change, actor, now)
    row = connection.execute(
        "SELECT * FROM subscriptions WHERE channel = ? AND kind = ? AND query = ? AND removed_at IS NULL",
        (channel, kind, query),
    ).fetchone()
    end = db.optional_text(expires_at)
    if row is not None:
        existing = rows.subscription(row)
        marks: tuple[tuple[Mark, bool], ...] = (("urgent", urgent), ("silent", silent))
        for mark, wanted in marks:
            if wanted:
                _set_mark(connection, existing, mine, mark, on=True)
        if row["expires_at"] == end:
            return False
        if existing.expires_at is None or existing.expires_at > now:
            _set_end(connection, existing, expires_at, mine)
            return False
        # It has ended: whoever adds it now is its author, and what it brought before keeps the old one.
        _set_removed(connection, existing, mine, "lapse")
    number = connection.execute(
        """
        INSERT INTO subscriptions (channel, kind, query, created_by, created_at, expires_at, urgent, silent)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
        """,
        (channel, kind, query, actor, db.to_text(now), end, urgent, silent),
    ).fetchone()["id"]
    audit.write(connection, mine, channel, "add", f"{kind} {query}", number)
    return True


def remove(
    connection: sqlite3.Connection,
    subscription: Subscription,
    actor: str,
    now: datetime,
    *,
    change: int | None = None,
) -> bool:
    """Remove a filter; `why` still finds it, and undo takes it back. Return whether it was still there."""
    return _set_removed(connection, subscription, _change(connection, change, actor, now), "remove")


def set_mark(
    connection: sqlite3.Connection, subscription: Subscription, actor: str, now: datetime, mark: Mark, *, on: bool
) -> bool:
    """Say whether what a filter brings is urgent, or silent. Return whether that is a change."""
    return _set_mark(connection, subscription, _change(connection, None, actor, now), mark, on=on)


def revise(
    connection: sqlite3.Connection, subscription: Subscription, wanted: Subscription, actor: str, now: datetime
) -> bool:
    """Make of a filter what is wanted, in one change; what finds something else is another filter in its place.

    Return whether that changes anything.
    """
    mine = _change(connection, None, actor, now)
    if (wanted.kind, wanted.query) != (subscription.kind, subscription.query):
        _set_removed(connection, subscription, mine, "remove")
        marks = {"urgent": wanted.urgent, "silent": wanted.silent}
        end, change = wanted.expires_at, mine.number
        add(connection, wanted.channel, wanted.kind, wanted.query, actor, now, end, change=change, **marks)
        return True
    changed = [
        _set_mark(connection, subscription, mine, "urgent", on=wanted.urgent),
        _set_mark(connection, subscription, mine, "silent", on=wanted.silent),
        wanted.expires_at != subscription.expires_at and _set_end(connection, subscription, wanted.expires_at, mine),
    ]
    return any(changed)


def find(connection: sqlite3.Connection, number: int, channel: int) -> Subscription | None:
    """Find a filter of a channel, also one that was removed."""
    row = connection.execute("SELECT * FROM subscriptions WHERE id = ? AND channel = ?", (number, channel)).fetchone()
    return None if row is None else rows.subscription(row)


@dataclass(frozen=True, slots=True)
class Touch:
    """Who last changed a filter, when, and what they did; `heir` is the filter that took its place, where one did."""

    actor: str
    at: datetime
    action: str
    heir: Subscription | None


def touched(connection: sqlite3.Connection, subscription: int, channel: int, version: int) -> Touch | None:
    """Say who last changed a channel's filter after a row of the audit trail; None where nobody did."""
    row = connection.execute(
        """
        SELECT * FROM audit WHERE channel = ? AND subscription = ? AND id > ? ORDER BY id DESC LIMIT 1
        """,
        (channel, subscription, version),
    ).fetchone()
    if row is None:
        return None
    added = connection.execute(
        """
        SELECT s.* FROM audit AS a JOIN subscriptions AS s ON s.id = a.subscription
        WHERE a.channel = ? AND a.change = ? AND a.action = 'add' AND s.id <> ? AND s.removed_at IS NULL
        """,
        (channel, row["change"], subscription),
    ).fetchall()
    heir = rows.subscription(added[0]) if row["action"] == "remove" and len(added) == 1 else None
    return Touch(row["actor"], db.from_text(row["at"]), row["action"], heir)


def _set_mark(
    connection: sqlite3.Connection, subscription: Subscription, change: Change, mark: Mark, *, on: bool
) -> bool:
    changed = connection.execute(
        f"UPDATE subscriptions SET {mark} = ? WHERE id = ? AND removed_at IS NULL AND {mark} <> ?",
        (on, subscription.id, on),
    ).rowcount
    if changed:
        _audit(connection, change, mark, subscription, before=str(int(not on)))
    return changed > 0


def _change(connection: sqlite3.Connection, number: int | None, actor: str, now: datetime) -> Change:
    return Change(audit.next_change(connection) if number is None else number, actor, now)


def _set_end(connection: sqlite3.Connection, subscription: Subscription, end: datetime | None, change: Change) -> bool:
    changed = connection.execute(
        "UPDATE subscriptions SET expires_at = ? WHERE id = ? AND removed_at IS NULL",
        (db.optional_text(end), subscription.id),
    ).rowcount
    if changed:
        _audit(connection, change, "end", subscription, before=db.optional_text(subscription.expires_at))
    return changed > 0


def _set_removed(connection: sqlite3.Connection, subscription: Subscription, change: Change, action: str) -> bool:
    changed = connection.execute(
        "UPDATE subscriptions SET removed_at = ? WHERE id = ? AND removed_at IS NULL",
        (db.to_text(change.now), subscription.id),
    ).rowcount
    if changed:
        _audit(connection, change, action, subscription)
    return changed > 0


def _set_restored(connection: sqlite3.Connection, subscription: Subscription, change: Change) -> bool:
    # Ignored where somebody has added the same filter again meanwhile.
    changed = connection.execute(
        "UPDATE OR IGNORE subscriptions SET removed_at = NULL WHERE id = ? AND removed_at IS NOT NULL",
        (subscription.id,),
    ).rowcount
    if changed:
        _audit(connection, change, "add", subscription)
    return changed > 0


def _audit(
    connection: sqlite3.Connection,
    change: Change,
    action: str,
    subscription: Subscription,
    before: str | None = None,
) -> None:
    detail = f"{subscription.kind} {subscription.query}"
    audit.write(connection, change, subscription.channel, action, detail, subscription.id, before)


@dataclass(frozen=True, slots=True)
class Undone:
    """A change that was taken back: whose it was, when, and what it had done to which filters, as they are now.

    What it had done is add, remove, end, urgent or silent.
    """

    actor: str
    at: datetime
    taken_back: tuple[tuple[str, Subscription], ...]


def undo(connection: sqlite3.Connection, channel: int, actor: str, now: datetime) -> Undone | None:
    """Take the channel's newest change of its filters back; called again, the one before. None where none is left.

    What cannot be taken back any more is left out: somebody has removed the filter meanwhile, or added the same again.
    """
    while changed := connection.execute(
        """
        SELECT change, actor, at FROM audit AS a
        WHERE channel = :channel AND action IN ('add', 'remove', 'end', 'urgent', 'silent') AND undoes IS NULL
            AND NOT EXISTS (SELECT 1 FROM audit AS u WHERE u.undoes = a.change)
        ORDER BY id DESC LIMIT 1
        """,
        {"channel": channel},
    ).fetchone():
        mine = Change(audit.next_change(connection), actor, now, undoes=changed["change"])
        taken_back = _take_back(connection, channel, mine)
        if taken_back:
            return Undone(changed["actor"], db.from_text(changed["at"]), taken_back)
        # Nothing of it is left: remembered as undone, and the one before it is meant.
        audit.write(connection, mine, channel, "undo")
    return None


def _take_back(connection: sqlite3.Connection, channel: int, change: Change) -> tuple[tuple[str, Subscription], ...]:
    done = connection.execute(
        """
        SELECT a.action, a.before, s.* FROM audit AS a JOIN subscriptions AS s ON s.id = a.subscription
        WHERE a.channel = ? AND a.change = ? AND a.action IN ('add', 'remove', 'end', 'urgent', 'silent')
        ORDER BY a.id DESC
        """,
        (channel, change.undoes),
    ).fetchall()
    taken_back = []
    for row in done:
        subscription = rows.subscription(row)
        match row["action"]:
            case "add":
                changed = _set_removed(connection, subscription, change, "remove")
            case "remove":
                changed = _set_restored(connection, subscription, change)
            case "urgent" | "silent" as mark:
                changed = _set_mark(connection, subscription, change, mark, on=row["before"] == "1")
            case _:
                changed = _set_end(connection, subscription, db.optional_time(row["before"]), change)
        if changed:
            taken_back.append((row["action"], subscription.id))
    return tuple((action, _by_id(connection, each)) for action, each in taken_back)


def _by_id(connection: sqlite3.Connection, subscription: int) -> Subscription:
    row = connection.execute("SELECT * FROM subscriptions WHERE id = ?", (subscription,)).fetchone()
    return rows.subscription(row)


def of_channel(connection: sqlite3.Connection, channel: int, now: datetime) -> tuple[Subscription, ...]:
    """List a channel's filters in the order of their numbers, without those that have ended."""
    found = connection.execute(
        """
        SELECT * FROM subscriptions
        WHERE channel = ? AND removed_at IS NULL AND (expires_at IS NULL OR expires_at > ?) ORDER BY id
        """,
        (channel, db.to_text(now)),
    )
    return tuple(rows.subscription(row) for row in found)


_NAMED = """
    FROM deliveries AS d, json_each(d.reasons) AS r JOIN subscriptions AS s ON s.id = r.value
    WHERE d.channel = :channel AND s.channel = :channel AND s.removed_at IS NULL
"""


def hits(connection: sqlite3.Connection, channel: int, since: datetime) -> dict[int, int]:
    """Count by filter the channel's deliveries that it brought since a time; filters without any are left out."""
    found = connection.execute(
        f"SELECT s.id, count(*) AS count {_NAMED} AND d.created_at >= :since GROUP BY s.id",
        {"channel": channel, "since": db.to_text(since)},
    )
    return {row["id"]: row["count"] for row in found}


def last_hit(connection: sqlite3.Connection, channel: int) -> dict[int, datetime]:
    """Say by filter when it last brought a delivery; filters that never did are left out."""
    found = connection.execute(f"SELECT s.id, max(d.created_at) AS at {_NAMED} GROUP BY s.id", {"channel": channel})
    return {row["id"]: db.from_text(row["at"]) for row in found}
