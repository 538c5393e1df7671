"""Remember how sources are doing, and tell operators through the outbox what they must know."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import db, notices
from bot.model import Operator
from bot.wire import health, news, silence
from bot.wire.health import Failure, Health, Look

# A window that is too small overruns again and again: operators are told of the first time in so long.
BETWEEN_GAPS = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a look saw: how many items, their window, and a digest of the document."""

    items: int
    window: Sequence[str]
    body_digest: str


def saw(connection: sqlite3.Connection, slug: str, shown: Shown, now: datetime) -> None:
    """Remember what a look saw."""
    connection.execute(
        """
        UPDATE sources SET window = ?, body_digest = ?, listed_at = ?,
            empty_since = CASE WHEN ? > 0 THEN NULL WHEN window <> '[]' THEN coalesce(empty_since, ?)
                ELSE empty_since END
        WHERE slug = ?
        """,
        (
            json.dumps(shown.window[: news.WINDOW]),
            shown.body_digest,
            db.to_text(now),
            shown.items,
            db.to_text(now),
            slug,
        ),
    )


def looked(
    connection: sqlite3.Connection,
    slug: str,
    operators: Iterable[Operator],
    now: datetime,
    *,
    failure: Failure = "",
    expected: float = 0.0,
    signed_out: str = "",
) -> list[str]:
    """Judge a source after a look, whether it failed or not. Return what operators were told.

    `expected` is how many entries its habit promises since the last one came; `signed_out` what is wrong with its
    session, with the remedy, empty where all is well or there is none.
    """
    connection.execute(
        "UPDATE sources SET failure = ?, first_poll_at = coalesce(first_poll_at, ?) WHERE slug = ?",
        (failure, db.to_text(now), slug),
    )
    row = connection.execute("SELECT * FROM sources WHERE slug = ?", (slug,)).fetchone()
    if row is None:  # taken out of the file meanwhile
        return []
    before = Health(
        row["trouble"], db.optional_time(row["trouble_since"]), row["told"], db.optional_time(row["told_at"])
    )
    look = Look(
        slug=slug,
        name=row["name"],
        failures=row["failures"],
        failure=failure,
        error=row["error"],
        seen_until=db.from_text(row["last_ok_at"] or row["first_poll_at"]),
        last_new_at=db.optional_time(row["last_new_at"]),
        empty_since=db.optional_time(row["empty_since"]),
        expected=expected,
        signed_out=signed_out,
        nobody_answers=failure == "answer" and silence.nobody_answers(connection),
    )
    diagnosis = health.diagnose(before, look, now)
    if diagnosis.health != before:
        after = diagnosis.health
        connection.execute(
            "UPDATE sources SET trouble = ?, trouble_since = ?, told = ?, told_at = ? WHERE slug = ?",
            (after.trouble, db.optional_text(after.since), after.told, db.optional_text(after.told_at), slug),
        )
    if not diagnosis.notice:
        return []
    notices.tell(connection, operators, diagnosis.notice, now)
    return [diagnosis.notice]


def record_gap(
    connection: sqlite3.Connection, slug: str, operators: Iterable[Operator], after: datetime, now: datetime
) -> list[str]:
    """Remember that entries may have come and gone between two looks. Return what operators were told."""
    last = connection.execute("SELECT max(before) AS at FROM gaps WHERE source = ?", (slug,)).fetchone()["at"]
    connection.execute(
        "INSERT INTO gaps (source, after, before) VALUES (?, ?, ?)", (slug, db.to_text(after), db.to_text(now))
    )
    if last is not None and now - db.from_text(last) < BETWEEN_GAPS:
        return []
    (name,) = connection.execute("SELECT name FROM sources WHERE slug = ?", (slug,)).fetchone()
    sentence = (
        f"⚠ Nothing is left of what {name} showed {health.about(now - after)} ago: entries may have come and gone "
        "unseen. It is looked at again at once; if this returns, give it a shorter interval of its own (every)."
    )
    notices.tell(connection, operators, sentence, now)
    return [sentence]


def moved(
    connection: sqlite3.Connection, slug: str, operators: Iterable[Operator], moved_to: str, now: datetime
) -> list[str]:
    """Ask a source where a permanent redirect leads from now on. Return what operators were told."""
    changed = connection.execute(
        "UPDATE sources SET moved_to = ? WHERE slug = ? AND moved_to <> ? AND url <> ? RETURNING name",
        (moved_to, slug, moved_to, moved_to),
    ).fetchone()
    if changed is None:
        return []
    shown = moved_to.partition("?")[0]
    sentence = (
        f"{changed['name']} has moved for good to {shown}, and is read there from now on. Change its url in "
        "your file of sources, for the old address may end."
    )
    notices.tell(connection, operators, sentence, now)
    return [sentence]
