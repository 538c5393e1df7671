"""Remember the channels: where messages go, whether they may go there now."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from bot import audit, db, rows
from bot.model import Channel

Preference = Literal[
    "silent", "preview", "buttons", "timezone", "template", "members", "threads", "language", "outsiders"
]
# Far enough to mean "until somebody resumes", near enough to be a date in every library.
UNTIL_RESUMED = datetime(9999, 12, 31, tzinfo=UTC)


def ensure(
    connection: sqlite3.Connection,
    platform: str,
    address: str,
    thread: str,
    title: str,
    timezone: str,
    now: datetime,
    language: str = "",
) -> Channel:
    """Find the channel or create it in a time zone.

    A new title is kept, and the first language; a channel that was gone or suspended is tried again, for somebody is
    there.
    """
    row = connection.execute(
        """
        INSERT INTO channels (platform, address, thread, title, timezone, created_at, language)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (platform, address, thread) DO UPDATE
        SET title = coalesce(nullif(excluded.title, ''), title), gone_at = NULL, gone_reason = '',
            language = coalesce(nullif(language, ''), excluded.language),
            hold_until = CASE WHEN hold_reason = '' THEN hold_until END, hold_reason = '', held_since = NULL
        RETURNING *
        """,
        (platform, address, thread, title, timezone, db.to_text(now), language),
    ).fetchone()
    return rows.channel(row)


@dataclass(frozen=True, slots=True)
class Held:
    """A channel that takes nothing now, and why."""

    platform: str
    address: str
    title: str
    reason: str


def held(connection: sqlite3.Connection) -> tuple[Held, ...]:
    """List the channels that take nothing now."""
    found = connection.execute(
        """
        SELECT platform, address, title, coalesce(nullif(hold_reason, ''), gone_reason) AS reason FROM channels
        WHERE hold_reason <> '' OR gone_at IS NOT NULL ORDER BY id
        """
    )
    return tuple(Held(**dict(row)) for row in found)


class Found(NamedTuple):
    """How an answer finds a channel: why nothing can be sent there, in the platform's words, and its language.

    Both are empty where there is none.
    """

    trouble: str = ""
    language: str = ""


def found(connection: sqlite3.Connection, platform: str, address: str, thread: str) -> Found:
    """Look at a channel before it is answered."""
    row = connection.execute(
        """
        SELECT coalesce(nullif(hold_reason, ''), gone_reason) AS trouble, language FROM channels
        WHERE platform = ? AND address = ? AND thread = ?
        """,
        (platform, address, thread),
    ).fetchone()
    return Found() if row is None else Found(*row)


def find(connection: sqlite3.Connection, platform: str, address: str, thread: str) -> Channel | None:
    """Find a channel without creating it."""
    row = connection.execute(
        "SELECT * FROM channels WHERE platform = ? AND address = ? AND thread = ?", (platform, address, thread)
    ).fetchone()
    return None if row is None else rows.channel(row)


def settings(connection: sqlite3.Connection, platform: str, address: str, thread: str) -> dict[str, object] | None:
    """Give all that people can set for a channel, to be compared; None where there is no such channel."""
    row = connection.execute(
        """
        SELECT silent, preview, buttons, timezone, template, members, threads, language, corrections,
            paused_until
        FROM channels
        WHERE platform = ? AND address = ? AND thread = ?
        """,
        (platform, address, thread),
    ).fetchone()
    return None if row is None else dict(row)


def numbered(connection: sqlite3.Connection, number: int, platform: str, address: str) -> Channel | None:
    """Find a channel by its number; another address's is none."""
    row = connection.execute(
        "SELECT * FROM channels WHERE id = ? AND platform = ? AND address = ?", (number, platform, address)
    ).fetchone()
    return None if row is None else rows.channel(row)


def topics(connection: sqlite3.Connection, platform: str, address: str) -> list[str]:
    """List the threads of an address that are known; one outside of all is empty."""
    found = connection.execute(
        "SELECT thread FROM channels WHERE platform = ? AND address = ? ORDER BY id", (platform, address)
    )
    return [row["thread"] for row in found]


def gone(connection: sqlite3.Connection, platform: str, address: str, reason: str, now: datetime) -> None:
    """Send nothing to an address any more, in any of its threads; filters stay, waiting deliveries expire."""
    connection.execute(
        "UPDATE channels SET gone_at = ?, gone_reason = ? WHERE platform = ? AND address = ?",
        (db.to_text(now), reason, platform, address),
    )
    connection.execute(
        """
        UPDATE deliveries SET status = CASE WHEN message_ref = '' THEN 'expired' ELSE 'sent' END, revised_at = NULL,
            error = ?
        WHERE status IN ('pending', 'folded')
            AND channel IN (SELECT id FROM channels WHERE platform = ? AND address = ?)
        """,
        (reason, platform, address),
    )


def suspend(connection: sqlite3.Connection, channel: int, until: datetime, reason: str, now: datetime) -> None:
    """Send nothing to a channel until a time, for a reason that people can mend; what it takes next ends that."""
    connection.execute(
        """
        UPDATE channels SET hold_until = :until, hold_reason = :reason,
            held_since = CASE WHEN hold_reason = :reason THEN coalesce(held_since, :now) ELSE :now END
        WHERE id = :channel
        """,
        {"until": db.to_text(until), "reason": reason, "now": db.to_text(now), "channel": channel},
    )


def hold(
    connection: sqlite3.Connection, platform: str, address: str, until: datetime, reason: str, now: datetime
) -> None:
    """Suspend an address in all its threads; one that is not known is none."""
    for row in connection.execute(
        "SELECT id FROM channels WHERE platform = ? AND address = ?", (platform, address)
    ).fetchall():
        suspend(connection, row["id"], until, reason, now)


def rename(connection: sqlite3.Connection, platform: str, address: str, title: str) -> None:
    """Keep what an address is called now."""
    connection.execute("UPDATE channels SET title = ? WHERE platform = ? AND address = ?", (title, platform, address))


def admits_outsiders(connection: sqlite3.Connection, channel: int) -> bool:
    """Tell whether people of other organisations may change a channel's filters as members do."""
    row = connection.execute("SELECT outsiders FROM channels WHERE id = ?", (channel,)).fetchone()
    return row is not None and bool(row["outsiders"])


def returned(connection: sqlite3.Connection, platform: str, address: str) -> None:
    """Send again to an address that was gone, or that took nothing: somebody has changed what the bot may do there."""
    connection.execute(
        """
        UPDATE channels SET gone_at = NULL, gone_reason = '',
            hold_until = CASE WHEN hold_reason = '' THEN hold_until END, hold_reason = '', held_since = NULL
        WHERE platform = ? AND address = ?
        """,
        (platform, address),
    )


def move(connection: sqlite3.Connection, platform: str, old: str, new: str, now: datetime) -> None:
    """Give an address's channels their new address, with filters and queue; a channel already there takes them over."""
    if old == new:
        return
    for row in connection.execute(
        "SELECT id, thread FROM channels WHERE platform = ? AND address = ?", (platform, old)
    ).fetchall():
        there = connection.execute(
            "SELECT id FROM channels WHERE platform = ? AND address = ? AND thread = ?", (platform, new, row["thread"])
        ).fetchone()
        if there is None:
            connection.execute("UPDATE channels SET address = ? WHERE id = ?", (new, row["id"]))
            continue
        _merge(connection, row["id"], there["id"], now)


def _merge(connection: sqlite3.Connection, old: int, new: int, now: datetime) -> None:
    """Give one channel's rows to another that stays; of two filters that are the same, the one there stays."""
    moment, change = db.to_text(now), audit.next_change(connection)
    connection.execute(
        """
        UPDATE subscriptions SET removed_at = :now WHERE channel = :old AND removed_at IS NULL AND (kind, query) IN (
            SELECT kind, query FROM subscriptions WHERE channel = :new AND removed_at IS NULL)
        """,
        {"now": moment, "old": old, "new": new},
    )
    # Whoever caches filters learns from the trail that these now have another channel, or none, and which they had.
    connection.execute(
        """
        INSERT INTO audit (at, actor, channel, action, subscription, detail, change, before)
        SELECT ?, 'the platform', ?, 'move', id, kind || ' ' || query, ?, ? FROM subscriptions
        WHERE channel = ? AND (removed_at IS NULL OR removed_at = ?)
        """,
        (moment, new, change, str(old), old, moment),
    )
    for table in ("subscriptions", "deliveries", "audit", "links"):
        connection.execute(f"UPDATE OR IGNORE {table} SET channel = ? WHERE channel = ?", (new, old))
    # Whoever moves there is there: a chat that was left before is not left any more.
    connection.execute(
        """
        UPDATE channels SET gone_at = NULL, gone_reason = ''
        WHERE id = ? AND (SELECT gone_at FROM channels WHERE id = ?) IS NULL
        """,
        (new, old),
    )
    # Entries on their way may be past the channel that stays, and not yet at the one that it takes over.
    connection.execute(
        "UPDATE entries SET matched_through = min(matched_through, ?) WHERE matched_at IS NULL", (new - 1,)
    )
    connection.execute("DELETE FROM channels WHERE id = ?", (old,))


def set_corrections(connection: sqlite3.Connection, channel: int, *, wanted: bool) -> None:
    """Say whether messages that were sent are edited when their entry is corrected."""
    connection.execute("UPDATE channels SET corrections = ? WHERE id = ?", (wanted, channel))


def corrects(connection: sqlite3.Connection, channel: int) -> bool:
    """Tell whether messages that were sent are edited when their entry is corrected."""
    row = connection.execute("SELECT corrections FROM channels WHERE id = ?", (channel,)).fetchone()
    return row is None or bool(row["corrections"])


def set_preference(connection: sqlite3.Connection, channel: int, name: Preference, *, value: str | bool) -> None:
    """Choose how a channel's messages come, in which time zone and language it lives, or who may change its filters."""
    connection.execute(f"UPDATE channels SET {name} = ? WHERE id = ?", (value, channel))


def pause(connection: sqlite3.Connection, channel: int, until: datetime | None) -> None:
    """Hold the channel's deliveries back, until a time or until somebody resumes (None)."""
    connection.execute(
        "UPDATE channels SET paused_until = ? WHERE id = ?",
        (db.to_text(until or UNTIL_RESUMED), channel),
    )


def paused_until(connection: sqlite3.Connection, channel: int) -> datetime | None:
    """Tell until when the channel is paused (UNTIL_RESUMED: without end); None where it is not."""
    row = connection.execute("SELECT paused_until FROM channels WHERE id = ?", (channel,)).fetchone()
    return None if row is None else db.optional_time(row["paused_until"])


def held_until(connection: sqlite3.Connection, channel: int) -> datetime | None:
    """Tell until when a channel is left alone: its platform asked so, or did not answer. None where it is not."""
    row = connection.execute("SELECT hold_until FROM channels WHERE id = ?", (channel,)).fetchone()
    return None if row is None else db.optional_time(row["hold_until"])
