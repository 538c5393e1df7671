"""Remember the sources: which there are, when each is due, how it is doing."""

from __future__ import annotations

import json
import sqlite3
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import db, rows
from bot.model import PICKED, Source, SourceState

# Of so many entries is the usual delay taken.
DELAYS = 25

_IS_WELL = """
    (removed_at IS NULL AND baseline_at IS NOT NULL AND first_poll_at IS NOT NULL AND empty_since IS NULL
        AND failures = 0 AND failure = '' AND trouble = '' AND told = '')
"""
_IS_SAME = f"""
    ((url, kind, etag, last_modified, body_digest) = (given.value ->> 1, given.value ->> 2, given.value ->> 3,
        given.value ->> 4, given.value ->> 5) AND {_IS_WELL})
"""


@dataclass(frozen=True, slots=True)
class PollState:
    """What the last polls of a source left: validators of its answer, the plan and the count of failures in a row.

    `rhythm` is what was learnt of when it brings news, as text, watched until `last_ok_at`. A source is well where
    there is nothing that the next look could end or would have to tell.
    """

    etag: str
    last_modified: str
    next_poll_at: datetime | None
    failures: int
    has_baseline: bool
    last_ok_at: datetime | None = None
    last_new_at: datetime | None = None
    window: tuple[str, ...] = ()
    body_digest: str = ""
    moved_to: str = ""
    rhythm: str = ""
    is_well: bool = False


@dataclass(frozen=True, slots=True)
class UnchangedLook:
    """A look at a source that is well and has not changed since `state` was read."""

    source: Source
    state: PollState
    now: datetime
    next_poll_at: datetime


def keep_sources(connection: sqlite3.Connection, sources: Iterable[Source], origin: str) -> None:
    """Make the table hold exactly these sources of the file or catalogue; those added by command stay as they are.

    A source whose address or kind changed starts again with a baseline, so that it cannot flood anybody.
    """
    kept = {source.slug: source for source in sources}
    for row in connection.execute("SELECT slug FROM sources WHERE origin <> 'added'").fetchall():
        if row["slug"] not in kept:
            connection.execute("DELETE FROM sources WHERE slug = ?", (row["slug"],))
    added = {row["slug"] for row in connection.execute("SELECT slug FROM sources WHERE origin = 'added'")}
    for source in kept.values():
        if source.slug not in added:
            put_source(connection, source, origin)


def put_source(connection: sqlite3.Connection, source: Source, origin: str) -> None:
    """Add a source or change it; one that was removed by command stays removed unless it is added by command."""
    connection.execute(
        """
        INSERT INTO sources (slug, name, kind, url, options, origin) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (slug) DO UPDATE SET
            baseline_at = CASE WHEN url = excluded.url AND kind = excluded.kind THEN baseline_at END,
            failures = CASE WHEN url = excluded.url AND kind = excluded.kind THEN failures ELSE 0 END,
            rhythm = CASE WHEN url = excluded.url AND kind = excluded.kind THEN rhythm ELSE '' END,
            error = CASE WHEN url = excluded.url AND kind = excluded.kind THEN error ELSE '' END,
            etag = CASE WHEN (url, kind, options) = (excluded.url, excluded.kind, excluded.options)
                THEN etag ELSE '' END,
            last_modified = CASE WHEN (url, kind, options) = (excluded.url, excluded.kind, excluded.options)
                THEN last_modified ELSE '' END,
            window = CASE WHEN (url, kind, options) = (excluded.url, excluded.kind, excluded.options)
                THEN window ELSE '[]' END,
            body_digest = CASE WHEN (url, kind, options) = (excluded.url, excluded.kind, excluded.options)
                THEN body_digest ELSE '' END,
            moved_to = CASE WHEN url = excluded.url THEN moved_to ELSE '' END,
            name = excluded.name, kind = excluded.kind, url = excluded.url, options = excluded.options,
            origin = excluded.origin, removed_at = CASE WHEN excluded.origin = 'added' THEN NULL ELSE removed_at END
        """,
        (source.slug, source.name, source.kind, source.url, rows.source_options(source), origin),
    )


def remove_source(connection: sqlite3.Connection, slug: str, now: datetime) -> bool:
    """Stop polling a source; its entries stay. Return whether there was one."""
    return (
        connection.execute(
            """
            UPDATE sources SET removed_at = ?, baseline_at = NULL, etag = '', last_modified = '', next_poll_at = NULL,
                window = '[]', body_digest = '', moved_to = '', empty_since = NULL, trouble = '', told = '', rhythm = ''
            WHERE slug = ? AND removed_at IS NULL
            """,
            (db.to_text(now), slug),
        ).rowcount
        > 0
    )


def restore_source(connection: sqlite3.Connection, slug: str) -> bool:
    """Poll a removed source again, from a new baseline. Return whether there was one."""
    return (
        connection.execute(
            "UPDATE sources SET removed_at = NULL WHERE slug = ? AND removed_at IS NOT NULL", (slug,)
        ).rowcount
        > 0
    )


def source_rows(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    """Read the sources to be polled as `rows.source` takes them: equal rows are equal sources."""
    return connection.execute(
        "SELECT slug, name, kind, url, options, origin FROM sources WHERE removed_at IS NULL ORDER BY name, slug"
    ).fetchall()


def sources(connection: sqlite3.Connection) -> tuple[Source, ...]:
    """List the sources to be polled."""
    return tuple(map(rows.source, source_rows(connection)))


def slugs(connection: sqlite3.Connection) -> frozenset[str]:
    """Name all sources that there are or were, and whatever else entries come from."""
    return frozenset(row["slug"] for row in connection.execute("SELECT slug FROM sources")) | {PICKED}


def effective_sources(connection: sqlite3.Connection, configured: Iterable[Source]) -> tuple[Source, ...]:
    """List what would be polled with these sources of the file or catalogue. Only `run` changes the table."""
    found = connection.execute("SELECT * FROM sources WHERE origin = 'added' OR removed_at IS NOT NULL").fetchall()
    commanded = {row["slug"]: None if row["removed_at"] is not None else rows.source(row) for row in found}
    effective = {source.slug: source for source in configured} | commanded
    return tuple(sorted(filter(None, effective.values()), key=lambda source: (source.name, source.slug)))


def source_states(connection: sqlite3.Connection) -> tuple[SourceState, ...]:
    """Tell how the polled sources are doing."""
    found = connection.execute(
        """
        SELECT slug, name, kind, url, last_poll_at, last_ok_at, last_new_at, next_poll_at, failures, error, trouble,
            trouble_since, (SELECT count(*) FROM entries WHERE source = slug) AS entries,
            (SELECT count(*) FROM gaps WHERE source = slug) AS gaps,
            (SELECT max(before) FROM gaps WHERE source = slug) AS last_gap_at,
            (SELECT lease_until FROM hubs WHERE source = slug) AS pushed_until
        FROM sources WHERE removed_at IS NULL ORDER BY name, slug
        """
    )
    times = (
        "last_poll_at",
        "last_ok_at",
        "last_new_at",
        "next_poll_at",
        "trouble_since",
        "last_gap_at",
        "pushed_until",
    )
    return tuple(
        SourceState(
            **{**dict(row), **{name: db.optional_time(row[name]) for name in times}},
            delay=_delay(connection, row["slug"]),
        )
        for row in found.fetchall()
    )


def _delay(connection: sqlite3.Connection, slug: str) -> float | None:
    """Give the median time from publication to our seeing it of a source's newest entries, in seconds.

    Without those of the baseline, which was old when it was read. None where nothing says when it was published.
    """
    found = connection.execute(
        """
        SELECT (julianday(e.first_seen_at) - julianday(e.published_at)) * 86400 AS delay
        FROM entries AS e JOIN sources AS s ON s.slug = e.source
        WHERE e.source = ? AND e.published_at IS NOT NULL AND e.first_seen_at > s.baseline_at ORDER BY e.id DESC LIMIT ?
        """,
        (slug, DELAYS),
    )
    delays = [max(0.0, row["delay"]) for row in found]
    return round(statistics.median(delays), 1) if delays else None


def poll_state(connection: sqlite3.Connection, slug: str) -> PollState:
    """Read what the last polls of a source left."""
    row = connection.execute(f"SELECT *, {_IS_WELL} AS is_well FROM sources WHERE slug = ?", (slug,)).fetchone()
    if row is None:
        return PollState("", "", None, 0, has_baseline=False)
    return PollState(
        etag=row["etag"],
        last_modified=row["last_modified"],
        next_poll_at=db.optional_time(row["next_poll_at"]),
        failures=row["failures"],
        has_baseline=row["baseline_at"] is not None,
        last_ok_at=db.optional_time(row["last_ok_at"]),
        last_new_at=db.optional_time(row["last_new_at"]),
        window=tuple(json.loads(row["window"])),
        body_digest=row["body_digest"],
        moved_to=row["moved_to"],
        rhythm=row["rhythm"],
        is_well=bool(row["is_well"]),
    )


def rhythms(connection: sqlite3.Connection) -> dict[str, tuple[str, datetime | None]]:
    """Read what was learnt of the polled sources, and up to when, by slug."""
    found = connection.execute("SELECT slug, rhythm, last_ok_at FROM sources WHERE removed_at IS NULL")
    return {row["slug"]: (row["rhythm"], db.optional_time(row["last_ok_at"])) for row in found}


def commit_unchanged(connection: sqlite3.Connection, looks: Sequence[UnchangedLook]) -> list[str]:
    """Remember looks that found nothing new. Return the slugs of sources that no longer are what the look knew."""
    given = json.dumps(
        [
            [
                look.source.slug,
                look.source.url,
                look.source.kind,
                look.state.etag,
                look.state.last_modified,
                look.state.body_digest,
                db.to_text(look.next_poll_at),
                db.to_text(look.now),
            ]
            for look in looks
        ]
    )
    # One statement for all of them: between two, this thread waits for the busy one of the loop.
    updated = connection.execute(
        f"""
        UPDATE sources SET next_poll_at = given.value ->> 6, last_poll_at = given.value ->> 7,
            last_ok_at = given.value ->> 7
        FROM json_each(?) AS given WHERE slug = given.value ->> 0 AND {_IS_SAME}
        """,
        (given,),
    ).rowcount
    if updated == len(looks):
        return []
    same = connection.execute(
        f"SELECT slug FROM json_each(?) AS given JOIN sources ON slug = given.value ->> 0 WHERE {_IS_SAME}", (given,)
    )
    return sorted({look.source.slug for look in looks} - {row["slug"] for row in same})


def commit_failure(
    connection: sqlite3.Connection, slug: str, now: datetime, next_poll_at: datetime, error: str
) -> None:
    """Remember a failed poll and when to try again."""
    connection.execute(
        "UPDATE sources SET next_poll_at = ?, last_poll_at = ?, failures = failures + 1, error = ? WHERE slug = ?",
        (db.to_text(next_poll_at), db.to_text(now), error, slug),
    )
