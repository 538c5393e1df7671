"""Remember sources, entries and their revisions."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import db, rows, text
from bot.model import Entry, Item, Source, SourceState
from bot.wire.news import Known, fingerprint


@dataclass(frozen=True, slots=True)
class PollState:
    """What the last polls of a source left: validators of its answer, the plan and the count of failures in a row."""

    etag: str
    last_modified: str
    next_poll_at: datetime | None
    failures: int
    has_baseline: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """An item on its way into the wire: as the list showed it, and completed from its own page where it has one."""

    listed: Item
    completed: Item


def keep_sources(connection: sqlite3.Connection, sources: Iterable[Source], origin: str) -> None:
    """Make the table hold exactly these sources of the file or catalogue; sources added by command stay.

    A source whose address or kind changed starts again with a baseline, so that it cannot flood anybody.
    """
    kept = {source.slug: source for source in sources}
    for row in connection.execute("SELECT slug FROM sources WHERE origin <> 'added'").fetchall():
        if row["slug"] not in kept:
            connection.execute("DELETE FROM sources WHERE slug = ?", (row["slug"],))
    for source in kept.values():
        put_source(connection, source, origin)


def put_source(connection: sqlite3.Connection, source: Source, origin: str) -> None:
    """Add a source or change it; one that was removed by command stays removed unless it is added by command."""
    connection.execute(
        """
        INSERT INTO sources (slug, name, kind, url, options, origin) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (slug) DO UPDATE SET
            baseline_at = CASE WHEN url = excluded.url AND kind = excluded.kind THEN baseline_at END,
            etag = CASE WHEN (url, kind, options) = (excluded.url, excluded.kind, excluded.options)
                THEN etag ELSE '' END,
            last_modified = CASE WHEN (url, kind, options) = (excluded.url, excluded.kind, excluded.options)
                THEN last_modified ELSE '' END,
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
            UPDATE sources SET removed_at = ?, baseline_at = NULL, etag = '', last_modified = '', next_poll_at = NULL
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


def sources(connection: sqlite3.Connection) -> tuple[Source, ...]:
    """List the sources to be polled."""
    return tuple(
        rows.source(row)
        for row in connection.execute("SELECT * FROM sources WHERE removed_at IS NULL ORDER BY name, slug")
    )


def source_states(connection: sqlite3.Connection) -> tuple[SourceState, ...]:
    """Tell how the polled sources are doing."""
    found = connection.execute(
        """
        SELECT slug, name, kind, url, last_poll_at, last_ok_at, last_new_at, next_poll_at, failures, error,
            (SELECT count(*) FROM entries WHERE source = slug) AS entries
        FROM sources WHERE removed_at IS NULL ORDER BY name, slug
        """
    )
    times = ("last_poll_at", "last_ok_at", "last_new_at", "next_poll_at")
    return tuple(SourceState(**{**dict(row), **{name: db.optional_time(row[name]) for name in times}}) for row in found)


def poll_state(connection: sqlite3.Connection, slug: str) -> PollState:
    """Read what the last polls of a source left."""
    row = connection.execute("SELECT * FROM sources WHERE slug = ?", (slug,)).fetchone()
    if row is None:
        return PollState("", "", None, 0, has_baseline=False)
    return PollState(
        etag=row["etag"],
        last_modified=row["last_modified"],
        next_poll_at=db.optional_time(row["next_poll_at"]),
        failures=row["failures"],
        has_baseline=row["baseline_at"] is not None,
    )


def known(connection: sqlite3.Connection, slug: str, items: Sequence[Item]) -> tuple[Known, ...]:
    """Find the source's entries that share a key or an address with one of the items."""
    wanted = json.dumps({"keys": [item.key for item in items], "urls": [item.url for item in items if item.url]})
    found = connection.execute(
        """
        SELECT id, key, url, headline, fingerprint FROM entries
        WHERE source = :source AND key IN (SELECT value FROM json_each(:wanted, '$.keys'))
        UNION
        SELECT id, key, url, headline, fingerprint FROM entries
        WHERE source = :source AND url <> '' AND url IN (SELECT value FROM json_each(:wanted, '$.urls'))
        """,
        {"source": slug, "wanted": wanted},
    )
    return tuple(Known(**dict(row)) for row in found)


def commit_poll(
    connection: sqlite3.Connection,
    slug: str,
    now: datetime,
    next_poll_at: datetime,
    *,
    new: Sequence[Arrival] = (),
    changed: Sequence[tuple[int, Arrival]] = (),
    rekeyed: Sequence[tuple[int, str]] = (),
    validators: tuple[str, str] | None = None,
) -> int:
    """Commit what a poll brought, all at once, and return how many entries are news.

    The first poll of a source is its baseline: its entries are stored as already matched, so that nothing is sent.
    `validators` are the ETag and Last-Modified of the answer, None where it was unchanged.
    """
    row = connection.execute("SELECT baseline_at FROM sources WHERE slug = ?", (slug,)).fetchone()
    if row is None:  # removed while it was being polled
        return 0
    baseline = row["baseline_at"] is None
    moment = db.to_text(now)
    for entry_id, key in rekeyed:
        connection.execute("UPDATE OR IGNORE entries SET key = ? WHERE id = ?", (key, entry_id))
    for entry_id, arrival in changed:
        _revise(connection, entry_id, arrival, moment)
    inserted = sum(_insert(connection, slug, arrival, moment, matched=baseline) for arrival in new)
    connection.execute(
        """
        UPDATE sources SET next_poll_at = ?, last_poll_at = ?, last_ok_at = ?, failures = 0, error = '',
            baseline_at = coalesce(baseline_at, ?), last_new_at = CASE WHEN ? THEN ? ELSE last_new_at END
        WHERE slug = ?
        """,
        (db.to_text(next_poll_at), moment, moment, moment, inserted > 0, moment, slug),
    )
    if validators is not None:
        connection.execute("UPDATE sources SET etag = ?, last_modified = ? WHERE slug = ?", (*validators, slug))
    return 0 if baseline else inserted


def commit_failure(
    connection: sqlite3.Connection, slug: str, now: datetime, next_poll_at: datetime, error: str
) -> None:
    """Remember a failed poll and when to try again."""
    connection.execute(
        "UPDATE sources SET next_poll_at = ?, last_poll_at = ?, failures = failures + 1, error = ? WHERE slug = ?",
        (db.to_text(next_poll_at), db.to_text(now), error, slug),
    )


def _insert(connection: sqlite3.Connection, slug: str, arrival: Arrival, moment: str, *, matched: bool) -> int:
    item = arrival.completed
    return connection.execute(
        """
        INSERT INTO entries (source, key, kind, headline, url, author, organisation, topic, summary, body, quotations,
                             icon, published_at, first_seen_at, fingerprint, matched_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """,
        (
            slug,
            item.key,
            item.kind,
            item.headline,
            item.url,
            item.author,
            item.organisation,
            item.topic,
            item.summary,
            item.body,
            rows.quotations(item),
            item.icon,
            db.optional_text(item.published_at),
            moment,
            fingerprint(arrival.listed),
            moment if matched else None,
        ),
    ).rowcount


def _revise(connection: sqlite3.Connection, entry_id: int, arrival: Arrival, moment: str) -> None:
    """Keep the old text as a revision and put the new one in its place; what the new one lacks stays."""
    old = connection.execute("SELECT * FROM entries WHERE id = ?", (entry_id,)).fetchone()
    item = arrival.completed
    named = ("headline", "url", "author", "organisation", "topic", "summary", "body")
    merged = {field: getattr(item, field) or old[field] for field in named}
    connection.execute(
        "UPDATE OR IGNORE entries SET key = ?, fingerprint = ? WHERE id = ?",
        (item.key, fingerprint(arrival.listed), entry_id),
    )
    if all(text.clean(merged[field]) == text.clean(old[field]) for field in named):
        return
    connection.execute(
        """
        INSERT INTO revisions (entry, revision, headline, author, summary, body, seen_at) VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
        (entry_id, old["revision"], old["headline"], old["author"], old["summary"], old["body"], moment),
    )
    connection.execute(
        """
        UPDATE entries SET headline = :headline, url = :url, author = :author, organisation = :organisation,
            topic = :topic, summary = :summary, body = :body, quotations = :quotations, revision = revision + 1
        WHERE id = :id
        """,
        merged | {"id": entry_id, "quotations": rows.quotations(item) if item.quotations else old["quotations"]},
    )


def latest(connection: sqlite3.Connection, limit: int) -> tuple[Entry, ...]:
    """List the newest entries, newest first."""
    return _entries(connection, "ORDER BY coalesce(e.published_at, e.first_seen_at) DESC, e.id DESC LIMIT ?", (limit,))


def seen_since(connection: sqlite3.Connection, moment: datetime) -> tuple[Entry, ...]:
    """List the entries published, or where no time is known first seen, since a time, newest first."""
    return _entries(
        connection,
        """
        WHERE coalesce(e.published_at, e.first_seen_at) >= ?
        ORDER BY coalesce(e.published_at, e.first_seen_at) DESC, e.id DESC
        """,
        (db.to_text(moment),),
    )


def search(connection: sqlite3.Connection, words: Sequence[str], limit: int) -> tuple[Entry, ...]:
    """Find entries that hold all the words, by full-text search, newest first."""
    quoted = " ".join(f'"{word}"' for word in words)
    return _entries(
        connection,
        """
        WHERE e.id IN (SELECT rowid FROM entries_fts WHERE entries_fts MATCH ?)
        ORDER BY coalesce(e.published_at, e.first_seen_at) DESC, e.id DESC LIMIT ?
        """,
        (quoted, limit),
    )


def _entries(connection: sqlite3.Connection, clause: str, parameters: Sequence[object]) -> tuple[Entry, ...]:
    return tuple(rows.entry(row) for row in connection.execute(rows.ENTRY + clause, parameters))
