"""The tables, as an append-only list of migrations."""

from __future__ import annotations

import sqlite3

import sqlite_utils
from sqlite_utils import Migrations

migrations = Migrations("phiwire")

SEARCHED = ["headline", "author", "organisation", "topic", "summary", "body"]


class UnusableError(Exception):
    """The database is a newer version's or another program's; the message says which, and what to do."""


@migrations()
def m001_house(database: sqlite_utils.Database) -> None:
    """Create the rooms' tables."""
    for statement in _HOUSE:
        database.execute(statement)
    database.table("entries").enable_fts(
        SEARCHED,
        create_triggers=True,
        tokenize="unicode61 remove_diacritics 2",
    )
    # sqlite-utils' trigger re-indexes at every UPDATE; marking an entry as matched must not.
    (trigger,) = (each.sql for each in database.triggers if each.name == "entries_au")
    database.execute("DROP TRIGGER entries_au")
    database.execute(trigger.replace("AFTER UPDATE ON", f"AFTER UPDATE OF {', '.join(SEARCHED)} ON"))


_HOUSE = (
    """
    CREATE TABLE sources (
        slug TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        url TEXT NOT NULL,
        options TEXT NOT NULL DEFAULT '{}',
        origin TEXT NOT NULL CHECK (origin IN ('catalogue', 'file', 'added')),
        removed_at TEXT,
        etag TEXT NOT NULL DEFAULT '',
        last_modified TEXT NOT NULL DEFAULT '',
        next_poll_at TEXT,
        baseline_at TEXT,
        last_poll_at TEXT,
        last_ok_at TEXT,
        last_new_at TEXT,
        failures INTEGER NOT NULL DEFAULT 0,
        error TEXT NOT NULL DEFAULT ''
    ) STRICT
    """,
    """
    CREATE TABLE entries (
        id INTEGER PRIMARY KEY,
        source TEXT NOT NULL,
        key TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('wire', 'release')),
        headline TEXT NOT NULL,
        url TEXT NOT NULL,
        author TEXT NOT NULL,
        organisation TEXT NOT NULL,
        topic TEXT NOT NULL,
        summary TEXT NOT NULL,
        body TEXT NOT NULL,
        quotations TEXT NOT NULL,
        icon TEXT NOT NULL,
        published_at TEXT,
        first_seen_at TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        revision INTEGER NOT NULL DEFAULT 1,
        matched_at TEXT,
        UNIQUE (source, key)
    ) STRICT
    """,
    "CREATE INDEX entries_by_url ON entries (source, url) WHERE url <> ''",
    "CREATE INDEX entries_by_time ON entries (coalesce(published_at, first_seen_at), id)",
    "CREATE INDEX entries_unmatched ON entries (id) WHERE matched_at IS NULL",
    """
    CREATE TABLE revisions (
        entry INTEGER NOT NULL REFERENCES entries ON DELETE CASCADE,
        revision INTEGER NOT NULL,
        headline TEXT NOT NULL,
        author TEXT NOT NULL,
        summary TEXT NOT NULL,
        body TEXT NOT NULL,
        seen_at TEXT NOT NULL,
        PRIMARY KEY (entry, revision)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE channels (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        platform TEXT NOT NULL,
        address TEXT NOT NULL,
        thread TEXT NOT NULL DEFAULT '',
        title TEXT NOT NULL DEFAULT '',
        timezone TEXT NOT NULL DEFAULT 'Europe/London',
        paused_until TEXT,
        gone_at TEXT,
        gone_reason TEXT NOT NULL DEFAULT '',
        hold_until TEXT,
        hold_reason TEXT NOT NULL DEFAULT '',
        created_at TEXT NOT NULL,
        UNIQUE (platform, address, thread)
    ) STRICT
    """,
    """
    CREATE TABLE subscriptions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        channel INTEGER NOT NULL REFERENCES channels ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('follow', 'match', 'mute')),
        query TEXT NOT NULL,
        note TEXT NOT NULL DEFAULT '',
        created_by TEXT NOT NULL,
        created_at TEXT NOT NULL,
        expires_at TEXT,
        UNIQUE (channel, kind, query)
    ) STRICT
    """,
    """
    CREATE TABLE deliveries (
        id INTEGER PRIMARY KEY,
        channel INTEGER NOT NULL REFERENCES channels ON DELETE CASCADE,
        entry INTEGER NOT NULL REFERENCES entries ON DELETE CASCADE,
        revision INTEGER NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('pending', 'sending', 'sent', 'failed', 'expired')),
        reasons TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        ambiguous INTEGER NOT NULL DEFAULT 0,
        due_at TEXT NOT NULL,
        lease_until TEXT,
        message_ref TEXT NOT NULL DEFAULT '',
        error TEXT NOT NULL DEFAULT '',
        created_at TEXT NOT NULL,
        sent_at TEXT,
        UNIQUE (channel, entry)
    ) STRICT
    """,
    "CREATE INDEX deliveries_waiting ON deliveries (created_at) WHERE status = 'pending'",
    "CREATE INDEX deliveries_queue ON deliveries (channel, id) WHERE status IN ('pending', 'sending')",
    "CREATE INDEX deliveries_leased ON deliveries (lease_until) WHERE status = 'sending'",
    "CREATE INDEX deliveries_by_message ON deliveries (channel, message_ref) WHERE message_ref <> ''",
    """
    CREATE TABLE audit (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        actor TEXT NOT NULL,
        channel INTEGER NOT NULL,
        action TEXT NOT NULL,
        subscription INTEGER,
        detail TEXT NOT NULL DEFAULT ''
    ) STRICT
    """,
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to this version's tables. Raises UnusableError."""
    database = sqlite_utils.Database(connection)
    known = [migration.name for migration in migrations.pending(sqlite_utils.Database(memory=True))]
    applied = [migration.name for migration in migrations.applied(database)]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(known) or set(applied) - set(known):
        raise UnusableError(
            f"it was written by a newer version of PhiWire Bot (at {version}, where this program is at {len(known)}); "
            "install that version again, or restore a backup from before the upgrade, or set PHIWIRE_DATABASE to a new "
            "file."
        )
    if not applied and database.table_names():
        raise UnusableError("it belongs to another program; set PHIWIRE_DATABASE to a file of its own.")
    if migrations.pending(database):
        migrations.apply(database)
    if version != len(known):
        connection.execute(f"PRAGMA user_version = {len(known)}")
