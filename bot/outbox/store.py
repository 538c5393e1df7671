"""Remember deliveries: claim them for sending, settle what became of them.

A channel's deliveries go out in the order of their ids, one at a time: only the first that is neither sent, failed nor
expired can be claimed, and while it waits for its retry the others wait behind it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import channels, db, rows
from bot.model import Delivery
from bot.outbox import corrections, endings, floods, queue, reasons
from bot.outbox.folding import BURST, CATCH_UP
from bot.outbox.policy import Close, Decision, Follow, Retry, Settle, Suspend

# Longer than any send may take: a lease that runs out has lost its owner.
LEASE = timedelta(seconds=120)
# Telegram asks for hours at the most. A time further ahead was written while the clock was wrong.
LONGEST_PAUSE = timedelta(days=1)
# A claim that may have been sent remembers when the first such claim was made.
_DOUBT = f"""
    ambiguous = ambiguous + 1,
    doubt_since = coalesce(doubt_since, strftime('%Y-%m-%dT%H:%M:%fZ', lease_until, '-{LEASE.seconds} seconds'))
"""


def claim(
    connection: sqlite3.Connection,
    platform: str,
    now: datetime,
    limit: int,
    busy: Collection[str] = (),
    burst: int = BURST,
    served: Mapping[str, float] = queue.NOBODY,
    rooms: queue.Rooms = queue.AMPLE,
) -> tuple[Delivery, ...]:
    """Take due deliveries for sending, one an address and as many as a token has room for, none to those in `busy`.

    What is urgent is first; then those to whom nothing was sent of late, oldest first; then by when their addresses
    were `served`.

    Pauses that are over end first, leases that ran out are given back, what is too old expires, corrected entries have
    their messages queued again, and what is more than `burst` in a minute for one channel is folded.
    """
    _tidy(connection, now)
    corrections.queue(connection, now)
    due: list[int] = []
    # A head whose channel waits for its minute to pass must not hold the others up.
    while not due and (heads := queue.due(connection, platform, now, limit, busy, served, rooms)):
        due = [number for head in heads if (number := floods.tame(connection, head, now, burst)) is not None]
    connection.executemany(
        "UPDATE deliveries SET status = 'sending', attempts = attempts + 1, lease_until = ? WHERE id = ?",
        [(db.to_text(now + LEASE), number) for number in due],
    )
    return tuple(_delivery(connection, number) for number in due)


def _tidy(connection: sqlite3.Connection, now: datetime) -> None:
    moment = db.to_text(now)
    for row in connection.execute("SELECT id FROM channels WHERE paused_until <= ?", (moment,)).fetchall():
        resume(connection, row["id"])
    connection.execute(
        f"""
        UPDATE deliveries SET status = 'pending', {_DOUBT}, lease_until = NULL
        WHERE status = 'sending' AND lease_until <= ?
        """,
        (moment,),
    )


def next_due(connection: sqlite3.Connection, platform: str, now: datetime) -> datetime | None:
    """Say when the next delivery may be claimed that may not be claimed yet; None where there is none."""
    earliest = connection.execute(
        f"""
        SELECT min(max(d.due_at, coalesce(c.hold_until, d.due_at))) AS due
        FROM ({queue.HEADS}) AS head JOIN deliveries AS d ON d.id = head.id JOIN channels AS c ON c.id = d.channel
        WHERE d.status = 'pending' AND max(d.due_at, coalesce(c.hold_until, d.due_at)) > :now
        """,
        {"platform": platform, "now": db.to_text(now)},
    ).fetchone()["due"]
    return db.optional_time(earliest)


def settle(connection: sqlite3.Connection, delivery: Delivery, decision: Decision, now: datetime) -> None:
    """Write down what became of a claimed delivery."""
    channel = delivery.channel
    match decision:
        case Settle(status, message_ref, error, moved):
            endings.end(connection, delivery, status, message_ref, error, now)
            connection.execute(
                "UPDATE channels SET hold_reason = '', held_since = NULL WHERE id = ? AND hold_reason <> ''",
                (channel.id,),
            )
            if moved:
                channels.move(connection, channel.platform, channel.address, moved, now)
        case Retry(due_at, error, reach, ambiguous):
            _release(connection, delivery.id, due_at, error, ambiguous=ambiguous)
            if reach == "channel":
                connection.execute("UPDATE channels SET hold_until = ? WHERE id = ?", (db.to_text(due_at), channel.id))
            elif reach == "address":
                connection.execute(
                    "UPDATE channels SET hold_until = ? WHERE platform = ? AND address = ?",
                    (db.to_text(due_at), channel.platform, channel.address),
                )
        case Suspend(until, reason):
            _release(connection, delivery.id, now, reason)
            channels.suspend(connection, channel.id, until, reason, now)
        case Follow(address):
            _release(connection, delivery.id, now, f"moved to {address}")
            channels.move(connection, channel.platform, channel.address, address, now)
        case Close(reason):
            endings.end(connection, delivery, "failed", "", reason, now)
            channels.gone(connection, channel.platform, channel.address, reason, now)


def _release(
    connection: sqlite3.Connection,
    delivery_id: int,
    due_at: datetime,
    error: str,
    *,
    ambiguous: bool = False,
) -> None:
    doubt = f"{_DOUBT}, " if ambiguous else ""
    connection.execute(
        f"UPDATE deliveries SET status = 'pending', due_at = ?, error = ?, {doubt} lease_until = NULL WHERE id = ?",
        (db.to_text(due_at), error, delivery_id),
    )


def recover(connection: sqlite3.Connection, now: datetime) -> int:
    """Give back what a process that died had claimed. Return how many there were.

    Called at the start, when the process has just taken the file's lock: what is still leased has no owner. Whether it
    was sent nobody knows: the sender looks for it, or goes by the policy for doubts (ADR 16).
    """
    latest = db.to_text(now + LONGEST_PAUSE)
    connection.execute("UPDATE deliveries SET due_at = ? WHERE status = 'pending' AND due_at > ?", (latest, latest))
    connection.execute("UPDATE channels SET hold_until = ? WHERE hold_until > ?", (latest, latest))
    return connection.execute(
        f"UPDATE deliveries SET status = 'pending', due_at = ?, {_DOUBT}, lease_until = NULL WHERE status = 'sending'",
        (db.to_text(now),),
    ).rowcount


def next_pause_end(connection: sqlite3.Connection, platform: str) -> datetime | None:
    """Say when the next pause is over; None where nothing is paused for a time."""
    earliest = connection.execute(
        "SELECT min(paused_until) FROM channels WHERE platform = ? AND paused_until < ?",
        (platform, db.to_text(channels.UNTIL_RESUMED)),
    ).fetchone()[0]
    return db.optional_time(earliest)


def resume(connection: sqlite3.Connection, channel: int) -> int:
    """End a channel's pause: the newest that waited are sent, the others expire. Return how many expired."""
    connection.execute("UPDATE channels SET paused_until = NULL WHERE id = ?", (channel,))
    return connection.execute(
        """
        UPDATE deliveries SET status = 'expired', error = :error
        WHERE channel = :channel AND status = 'pending' AND priority = :news AND folded_into IS NULL AND id NOT IN (
            SELECT id FROM deliveries WHERE channel = :channel AND status = 'pending' AND priority = :news
            ORDER BY id DESC LIMIT :most)
        """,
        {"channel": channel, "news": floods.NEWS, "most": CATCH_UP, "error": reasons.AFTER_A_PAUSE},
    ).rowcount


def explain(connection: sqlite3.Connection, channel: int, message_ref: str) -> Delivery | None:
    """Find the delivery behind a message of a channel, or its newest sent one where no message is named."""
    row = connection.execute(
        """
        SELECT id FROM deliveries WHERE channel = ? AND message_ref <> '' AND (? = '' OR message_ref = ?)
        ORDER BY sent_at DESC, id DESC LIMIT 1
        """,
        (channel, message_ref, message_ref),
    ).fetchone()
    return None if row is None else _delivery(connection, row["id"])


def numbered(connection: sqlite3.Connection, number: int, platform: str, address: str) -> Delivery | None:
    """Find a delivery by its number, in any thread of an address; another address's is none."""
    row = connection.execute(
        """
        SELECT 1 FROM deliveries AS d JOIN channels AS c ON c.id = d.channel
        WHERE d.id = ? AND c.platform = ? AND c.address = ?
        """,
        (number, platform, address),
    ).fetchone()
    return None if row is None else _delivery(connection, number)


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of a delivery, and when: sent, or made where it is not."""

    status: str
    error: str
    at: datetime


def standing(connection: sqlite3.Connection, channel: int, entry: int) -> Standing | None:
    """Say what became of an entry's delivery to a channel; None where it has none."""
    row = connection.execute(
        "SELECT status, error, coalesce(sent_at, created_at) AS at FROM deliveries WHERE channel = ? AND entry = ?",
        (channel, entry),
    ).fetchone()
    return None if row is None else Standing(row["status"], row["error"], db.from_text(row["at"]))


def is_sending(connection: sqlite3.Connection, channel: int) -> bool:
    """Tell whether one of a channel's deliveries is under way."""
    row = connection.execute(
        "SELECT 1 FROM deliveries WHERE channel = ? AND status = 'sending' LIMIT 1", (channel,)
    ).fetchone()
    return row is not None


def waiting(connection: sqlite3.Connection, channel: int) -> int:
    """Count a channel's deliveries that are still to be sent."""
    number: int = connection.execute(
        "SELECT count(*) FROM deliveries WHERE channel = ? AND status IN ('pending', 'sending')", (channel,)
    ).fetchone()[0]
    return number


def _delivery(connection: sqlite3.Connection, delivery_id: int) -> Delivery:
    row = connection.execute("SELECT * FROM deliveries WHERE id = ?", (delivery_id,)).fetchone()
    entry = connection.execute(rows.ENTRY + "WHERE e.id = ?", (row["entry"],)).fetchone()
    channel = connection.execute("SELECT * FROM channels WHERE id = ?", (row["channel"],)).fetchone()
    # Removed filters too: a message outlives them.
    reasons = connection.execute(
        "SELECT s.* FROM json_each(?) AS r JOIN subscriptions AS s ON s.id = r.value ORDER BY r.key", (row["reasons"],)
    )
    return Delivery(
        id=row["id"],
        channel=rows.channel(channel),
        entry=rows.entry(entry),
        reasons=tuple(rows.reason(reason) for reason in reasons),
        attempts=row["attempts"],
        ambiguous=row["ambiguous"],
        edits=row["message_ref"] if row["revised_at"] is not None else "",
        before=corrections.before(connection, row["entry"], row["part_since"] or row["revision"]),
        folded=floods.folded(connection, row["id"]) if row["folded_into"] == row["id"] else (),
        **floods.left_out(connection, row),
        doubt_since=db.optional_time(row["doubt_since"]),
        held_since=db.optional_time(channel["held_since"]),
        held_for=channel["hold_reason"],
        part=row["part"],
    )


@dataclass(frozen=True, slots=True)
class Count:
    """How many deliveries of a platform have a status."""

    platform: str
    status: str
    count: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A delivery that failed, and why."""

    platform: str
    address: str
    title: str
    entry: int
    error: str
    created_at: datetime


def counts(connection: sqlite3.Connection) -> tuple[Count, ...]:
    """Count the deliveries by platform and status."""
    found = connection.execute(
        """
        SELECT c.platform, d.status, count(*) AS count FROM deliveries AS d JOIN channels AS c ON c.id = d.channel
        GROUP BY c.platform, d.status ORDER BY c.platform, d.status
        """
    )
    return tuple(Count(**dict(row)) for row in found)


def failures(connection: sqlite3.Connection, limit: int) -> tuple[Failure, ...]:
    """List the newest deliveries that failed."""
    found = connection.execute(
        """
        SELECT c.platform, c.address, c.title, d.entry, d.error, d.created_at
        FROM deliveries AS d JOIN channels AS c ON c.id = d.channel
        WHERE d.status = 'failed' ORDER BY d.id DESC LIMIT ?
        """,
        (limit,),
    )
    return tuple(Failure(**{**dict(row), "created_at": db.from_text(row["created_at"])}) for row in found)
