"""Put entries into the wire, and keep the old text of those that are revised."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import db, rows, text
from bot.filters.document import searchable
from bot.model import Item
from bot.wire.news import fingerprint

# How exactly it is known when an entry was last on its source's list.
SIGHTED_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Arrival:
    """An item on its way into the wire: as the list showed it, and completed from its own page where it has one."""

    listed: Item
    completed: Item


def put(
    connection: sqlite3.Connection,
    slug: str,
    moment: str,
    new: Iterable[Arrival],
    changed: Iterable[tuple[int, Arrival]],
    rekeyed: Iterable[tuple[int, str]],
    *,
    baseline: bool = False,
    behind: bool = False,
) -> int:
    """Take in new items, oldest first, revisions of entries, and new keys of others; return how many are new.

    `moment` is now, as text. A baseline is stored as already matched, so that nothing is sent; what is `behind` was
    there long before it was seen.
    """
    for entry_id, key in rekeyed:
        connection.execute("UPDATE entries SET key = ? WHERE id = ?", (key, entry_id))
    for entry_id, arrival in changed:
        _revise(connection, entry_id, arrival, moment)
    return sum(_insert(connection, slug, arrival, moment, matched=baseline, behind=behind) for arrival in new)


def sighted(connection: sqlite3.Connection, entries: Iterable[int], now: datetime) -> None:
    """Note that entries of earlier days are still on their source's list, once a day for each."""
    connection.execute(
        """
        INSERT INTO sightings (entry, at)
        SELECT e.id, :now FROM json_each(:entries) AS listed JOIN entries AS e ON e.id = listed.value
        WHERE NOT EXISTS (SELECT 1 FROM sightings AS s WHERE s.entry = e.id AND s.at > :earlier)
            AND e.first_seen_at <= :earlier
        ON CONFLICT (entry) DO UPDATE SET at = excluded.at
        """,
        {"now": db.to_text(now), "earlier": db.to_text(now - SIGHTED_EVERY), "entries": json.dumps(list(entries))},
    )


def _insert(
    connection: sqlite3.Connection, slug: str, arrival: Arrival, moment: str, *, matched: bool, behind: bool
) -> int:
    item = arrival.completed
    inserted = connection.execute(
        """
        INSERT INTO entries (source, key, kind, headline, url, author, organisation, topic, summary, body, quotations,
                             icon, published_at, first_seen_at, fingerprint, matched_at, attachments, withdrawn,
                             change_note, updated_at, behind)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
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
            rows.attachments(item),
            item.withdrawn,
            item.change_note,
            db.optional_text(item.updated_at),
            behind,
        ),
    )
    if inserted.rowcount > 0:
        connection.execute(
            "INSERT INTO entry_words (rowid, words) VALUES (?, ?)", (inserted.lastrowid, searchable(item))
        )
    return inserted.rowcount


def _revise(connection: sqlite3.Connection, entry_id: int, arrival: Arrival, moment: str) -> None:
    """Keep the old text as a revision and put the new one in its place; what the new one lacks stays."""
    old = connection.execute("SELECT * FROM entries WHERE id = ?", (entry_id,)).fetchone()
    item = arrival.completed
    named = ("headline", "url", "author", "organisation", "topic", "summary", "body", "change_note")
    merged = {field: getattr(item, field) or old[field] for field in named}
    connection.execute(
        "UPDATE entries SET key = ?, fingerprint = ? WHERE id = ?",
        (item.key, fingerprint(arrival.listed), entry_id),
    )
    # A comment count in the summary changes all day; what people would call a correction is a revision.
    telling = ("headline", "author", "body", "change_note")
    # A list may not say what was withdrawn; the release's own page, which brings its text, says that it stands again.
    withdrawn = item.withdrawn or (bool(old["withdrawn"]) and not item.body)
    corrected = withdrawn != bool(old["withdrawn"]) or any(
        text.clean(merged[field]) != text.clean(old[field]) for field in telling
    )
    if corrected:
        connection.execute(
            """
            INSERT INTO revisions (entry, revision, headline, author, summary, body, withdrawn, change_note, seen_at)
            SELECT id, revision, headline, author, summary, body, withdrawn, change_note, ? FROM entries WHERE id = ?
            """,
            (moment, entry_id),
        )
    connection.execute(
        """
        UPDATE entries SET headline = :headline, url = :url, author = :author, organisation = :organisation,
            topic = :topic, summary = :summary, body = :body, quotations = :quotations, attachments = :attachments,
            withdrawn = :withdrawn, change_note = :change_note, updated_at = coalesce(:updated_at, updated_at),
            revision = revision + :corrected
        WHERE id = :id
        """,
        merged
        | {
            "id": entry_id,
            "corrected": corrected,
            "quotations": rows.quotations(item) if item.quotations else old["quotations"],
            "attachments": rows.attachments(item) if item.attachments else old["attachments"],
            "withdrawn": withdrawn,
            "updated_at": db.optional_text(item.updated_at),
        },
    )
    revised = replace(item, **merged)
    connection.execute("UPDATE entry_words SET words = ? WHERE rowid = ?", (searchable(revised), entry_id))
