"""Remember what polls and hubs bring, and find it again."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

from bot import db, rows
from bot.model import Entry, Item, Source
from bot.wire import entry_store
from bot.wire.entry_store import Arrival
from bot.wire.news import Known, same_page

# A look that comes so much later than it should brings what it brings all at once.
BEHIND = timedelta(minutes=10)
# Entries of one address that are compared: where all rows link to one page there would be no end of them.
MOST_KNOWN = 200

# Without notices to operators, which have no source.
_NEWS = "e.source <> ''"

# Not asked yet; there when its source was first read, which is not sent; asked about everywhere.
Fate = Literal["waiting", "baseline", "matched"]


def known(connection: sqlite3.Connection, slug: str, items: Sequence[Item]) -> tuple[Known, ...]:
    """Find the source's entries that share a key or an address with one of the items."""
    urls = {address for item in items if item.url for address in same_page(item.url)}
    wanted = json.dumps({"keys": [item.key for item in items], "urls": sorted(urls)})
    found = connection.execute(
        """
        SELECT id, key, url, headline, fingerprint, coalesce(updated_at, published_at) AS updated_at FROM entries
        WHERE source = :source AND key IN (SELECT value FROM json_each(:wanted, '$.keys'))
        UNION
        SELECT * FROM (
            SELECT id, key, url, headline, fingerprint, coalesce(updated_at, published_at) FROM entries
            WHERE source = :source AND url <> '' AND url IN (SELECT value FROM json_each(:wanted, '$.urls'))
            ORDER BY id DESC LIMIT :most
        )
        """,
        {"source": slug, "wanted": wanted, "most": MOST_KNOWN + len(items)},
    )
    return tuple(Known(**{**dict(row), "updated_at": db.optional_time(row["updated_at"])}) for row in found)


def commit_poll(
    connection: sqlite3.Connection,
    source: Source,
    now: datetime,
    next_poll_at: datetime,
    *,
    new: Sequence[Arrival] = (),
    changed: Sequence[tuple[int, Arrival]] = (),
    rekeyed: Sequence[tuple[int, str]] = (),
    validators: tuple[str, str] | None = None,
    rhythm: str = "",
) -> int:
    """Commit what a poll brought, all at once, and return how many entries are news.

    The first poll of a source is its baseline: its entries are stored as already matched, so that nothing is sent.
    `validators` are the ETag and Last-Modified of the answer, None where it was unchanged; `rhythm` is what is known by
    now of when the source brings news.
    """
    slug = source.slug
    row = connection.execute(
        "SELECT * FROM sources WHERE slug = ? AND url = ? AND kind = ? AND removed_at IS NULL",
        (slug, source.url, source.kind),
    ).fetchone()
    if row is None:  # removed or changed while it was being polled: what was found is another source's
        return 0
    baseline = row["baseline_at"] is None
    moment = db.to_text(now)
    inserted = entry_store.put(
        connection, slug, moment, new, changed, rekeyed, baseline=baseline, behind=_is_behind(row, now)
    )
    connection.execute(
        """
        UPDATE sources SET next_poll_at = ?, last_poll_at = ?, last_ok_at = ?, failures = 0, error = '',
            baseline_at = coalesce(baseline_at, ?), last_new_at = CASE WHEN ? THEN ? ELSE last_new_at END,
            rhythm = ?
        WHERE slug = ?
        """,
        (db.to_text(next_poll_at), moment, moment, moment, inserted > 0, moment, rhythm, slug),
    )
    if validators is not None:
        connection.execute("UPDATE sources SET etag = ?, last_modified = ? WHERE slug = ?", (*validators, slug))
    return 0 if baseline else inserted


def _is_behind(row: sqlite3.Row, now: datetime) -> bool:
    """Tell whether a look comes much later than it should have: the bot was off, or the source was down."""
    if row["last_ok_at"] is None or now - db.from_text(row["last_ok_at"]) < BEHIND:
        return False
    due = db.optional_time(row["next_poll_at"])
    return row["failures"] > 0 or (due is not None and now - due >= BEHIND)


def commit_push(
    connection: sqlite3.Connection,
    source: Source,
    now: datetime,
    *,
    new: Sequence[Arrival],
    changed: Sequence[tuple[int, Arrival]],
    rekeyed: Sequence[tuple[int, str]],
) -> int:
    """Commit what was sent to us unasked, and return how many entries are news: none before the baseline."""
    row = connection.execute(
        "SELECT baseline_at FROM sources WHERE slug = ? AND url = ? AND removed_at IS NULL", (source.slug, source.url)
    ).fetchone()
    if row is None or row["baseline_at"] is None:
        return 0
    moment = db.to_text(now)
    inserted = entry_store.put(connection, source.slug, moment, new, changed, rekeyed)
    if inserted:
        connection.execute("UPDATE sources SET last_new_at = ? WHERE slug = ?", (moment, source.slug))
    return inserted


def latest(connection: sqlite3.Connection, limit: int) -> tuple[Entry, ...]:
    """List the newest entries, newest first."""
    return _entries(
        connection,
        f"WHERE {_NEWS} ORDER BY coalesce(e.published_at, e.first_seen_at) DESC, e.id DESC LIMIT ?",
        (limit,),
    )


def seen_since(
    connection: sqlite3.Connection, moment: datetime, words: str = "", before: Entry | None = None
) -> Iterator[Entry]:
    """Read the entries published, or where no time is known first seen, since a time, newest first.

    `words` narrows them by full-text search, as `narrowing.narrow` writes it; `before` leaves out that entry and what
    stands before it in this order.
    """
    narrowed = "e.id IN (SELECT rowid FROM entry_words WHERE entry_words MATCH ?) AND" if words else ""
    older = "(coalesce(e.published_at, e.first_seen_at), e.id) < (?, ?) AND" if before else ""
    found = connection.execute(
        f"""
        {rows.ENTRY} WHERE {_NEWS} AND {narrowed} {older} coalesce(e.published_at, e.first_seen_at) >= ?
        ORDER BY coalesce(e.published_at, e.first_seen_at) DESC, e.id DESC
        """,
        (*([words] if words else []), *(_place(before) if before else ()), db.to_text(moment)),
    )
    return map(rows.entry, found)


def _place(entry: Entry) -> tuple[str, int]:
    return db.to_text(entry.published_at or entry.first_seen_at), entry.id


def numbered(connection: sqlite3.Connection, number: int) -> Entry | None:
    """Find an entry by its number; None where there is none, or where it is none of the wire's."""
    found = _entries(connection, f"WHERE e.id = ? AND {_NEWS}", (number,))
    return found[0] if found else None


def times_since(connection: sqlite3.Connection, moment: datetime, words: str = "") -> list[datetime]:
    """List when the entries of `seen_since` were published, newest first."""
    narrowed = "id IN (SELECT rowid FROM entry_words WHERE entry_words MATCH ?) AND" if words else ""
    found = connection.execute(
        f"""
        SELECT coalesce(published_at, first_seen_at) AS at FROM entries AS e
        WHERE {_NEWS} AND {narrowed} coalesce(published_at, first_seen_at) >= ? ORDER BY 1 DESC
        """,
        (*([words] if words else []), db.to_text(moment)),
    )
    return [db.from_text(row["at"]) for row in found]


def search(connection: sqlite3.Connection, words: Iterable[str], limit: int) -> tuple[Entry, ...]:
    """Find entries that hold all the words, by full-text search, newest first."""
    quoted = " AND ".join(f'("{word}" OR "~{word}")' for word in words)
    return _entries(
        connection,
        """
        WHERE e.id IN (SELECT rowid FROM entry_words WHERE entry_words MATCH ?)
        ORDER BY coalesce(e.published_at, e.first_seen_at) DESC, e.id DESC LIMIT ?
        """,
        (quoted, limit),
    )


def at_address(connection: sqlite3.Connection, url: str) -> Entry | None:
    """Find the newest entry with an address, whatever its scheme, query and fragment; None where there is none."""
    bare = re.sub(r"[?#].*", "", url).partition("://")[2].rstrip("/")
    escaped = re.sub(r"([!%_])", r"!\1", bare)
    found = _entries(connection, "WHERE e.url LIKE ? ESCAPE '!' ORDER BY e.id DESC LIMIT 1", (f"%://{escaped}%",))
    return found[0] if found else None


def fate(connection: sqlite3.Connection, entry_id: int) -> Fate:
    """Say how far an entry has come on its way to the channels."""
    row = connection.execute(
        """
        SELECT e.matched_at, e.first_seen_at, s.baseline_at FROM entries AS e
        LEFT JOIN sources AS s ON s.slug = e.source WHERE e.id = ?
        """,
        (entry_id,),
    ).fetchone()
    if row["matched_at"] is None:
        return "waiting"
    return "baseline" if row["baseline_at"] == row["first_seen_at"] else "matched"


def authors_since(connection: sqlite3.Connection, moment: datetime, words: str) -> list[tuple[str, str, int]]:
    """Count the by-lines and organisations of the entries of `seen_since`."""
    narrowed = "id IN (SELECT rowid FROM entry_words WHERE entry_words MATCH ?) AND" if words else ""
    found = connection.execute(
        f"""
        SELECT author, organisation, count(*) FROM entries AS e
        WHERE {_NEWS} AND {narrowed} coalesce(published_at, first_seen_at) >= ? GROUP BY author, organisation
        """,
        (*([words] if words else []), db.to_text(moment)),
    )
    return [(author, organisation, count) for author, organisation, count in found]


def oldest(connection: sqlite3.Connection) -> datetime | None:
    """Say how far back the wire reaches; None where it is empty."""
    row = connection.execute(
        f"SELECT min(coalesce(published_at, first_seen_at)) AS at FROM entries AS e WHERE {_NEWS}"
    ).fetchone()
    return db.optional_time(row["at"])


def _entries(connection: sqlite3.Connection, clause: str, parameters: Sequence[object]) -> tuple[Entry, ...]:
    return tuple(rows.entry(row) for row in connection.execute(rows.ENTRY + clause, parameters))
