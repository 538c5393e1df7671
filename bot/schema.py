"""The tables, as an append-only list of migrations."""

from __future__ import annotations

import sqlite3

import sqlite_utils
from sqlite_utils import Migrations

from bot.filters import document
from bot.flow import tables as flow_tables
from bot.model import Item
from bot.tables import first, installations, later, links, managing, paging, workspaces

migrations = Migrations("phiwire")

SEARCHED = ["headline", "author", "organisation", "topic", "summary", "body"]


class UnusableError(Exception):
    """The database is a newer version's or another program's; the message says which, and what to do."""


@migrations()
def m001_house(database: sqlite_utils.Database) -> None:
    """Create the rooms' tables."""
    for statement in first.HOUSE:
        database.execute(statement)
    database.table("entries").enable_fts(SEARCHED, create_triggers=True, tokenize="unicode61 remove_diacritics 2")
    # sqlite-utils' trigger re-indexes at every UPDATE; marking an entry as matched must not.
    (trigger,) = (each.sql for each in database.triggers if each.name == "entries_au")
    database.execute("DROP TRIGGER entries_au")
    database.execute(trigger.replace("AFTER UPDATE ON", f"AFTER UPDATE OF {', '.join(SEARCHED)} ON"))


@migrations()
def m002_filters(database: sqlite_utils.Database) -> None:
    """Keep removed filters, name reasons by their filters' ids, fan out in batches, let changes be taken back."""
    (numbers,) = database.execute(
        "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'subscriptions'"
    ).fetchone()
    for statement in first.FILTERS:
        database.execute(statement)
    # A number that was given once is never given again, also where the newest filters had been deleted.
    database.execute("DELETE FROM sqlite_sequence WHERE name = 'subscriptions'")
    database.execute(
        "INSERT INTO sqlite_sequence SELECT 'subscriptions', max(?, coalesce(max(id), 0)) FROM subscriptions", [numbers]
    )


@migrations()
def m003_words(database: sqlite_utils.Database) -> None:
    """Search entries by the words that filters see: what is shown before a filter is saved must be what it will do."""
    for name in ("entries_ai", "entries_ad", "entries_au"):
        database.execute(f"DROP TRIGGER {name}")
    database.execute("DROP TABLE entries_fts")
    # Words are folded already; nothing but the space between them separates them.
    database.execute(
        """
        CREATE VIRTUAL TABLE entry_words USING fts5 (words, detail = none, columnsize = 0,
                                                     tokenize = "ascii tokenchars '#@~:_-'")
        """
    )
    entries = database.execute(f"SELECT id, key, kind, {', '.join(SEARCHED)} FROM entries")
    words = (
        (number, document.searchable(Item(key, kind, **dict(zip(SEARCHED, texts, strict=True)))))
        for number, key, kind, *texts in entries
    )
    database.conn.executemany("INSERT INTO entry_words (rowid, words) VALUES (?, ?)", words)


@migrations()
def m004_rhythm(database: sqlite_utils.Database) -> None:
    """Remember when each source brings news, learnt from what it lists next: an unchanged answer would list nothing."""
    database.execute("ALTER TABLE sources ADD COLUMN rhythm TEXT NOT NULL DEFAULT ''")
    database.execute("UPDATE sources SET etag = '', last_modified = ''")


@migrations()
def m005_health(database: sqlite_utils.Database) -> None:
    """Remember what a source showed last, how it is doing, what operators were told, and where it may have overrun."""
    for statement in later.HEALTH:
        database.execute(statement)


@migrations()
def m006_releases(database: sqlite_utils.Database) -> None:
    """Keep attachments of entries, whether they were withdrawn, and what their publisher says of changes, and when."""
    for statement in later.RELEASES:
        database.execute(statement)


@migrations()
def m007_hubs(database: sqlite_utils.Database) -> None:
    """Remember the hubs that tell of sources' news."""
    for statement in later.HUBS:
        database.execute(statement)


@migrations()
def m008_floods(database: sqlite_utils.Database) -> None:
    """Let deliveries be urgent, folded into one message, and edited when their entry is corrected."""
    for statement in later.FLOODS:
        database.execute(statement)


@migrations()
def m009_doubt(database: sqlite_utils.Database) -> None:
    """Remember since when channels take nothing, and since when a message may have arrived."""
    for statement in later.DOUBT:
        database.execute(statement)


@migrations()
def m010_upkeep(database: sqlite_utils.Database) -> None:
    """Remember what sources still list."""
    for statement in later.UPKEEP:
        database.execute(statement)


@migrations()
def m011_flow(database: sqlite_utils.Database) -> None:
    """Count polls, entries and deliveries, and remember of what operators were alarmed."""
    for statement in flow_tables.FLOW:
        database.execute(statement)


@migrations()
def m012_settings(database: sqlite_utils.Database) -> None:
    """Let channels choose how their messages come: silently, with which preview of links, with buttons."""
    for statement in later.SETTINGS:
        database.execute(statement)


@migrations()
def m013_links(database: sqlite_utils.Database) -> None:
    """Remember the links that copy filters."""
    for statement in links.LINKS:
        database.execute(statement)


@migrations()
def m014_managing(database: sqlite_utils.Database) -> None:
    """Remember which channel is managed from which private chat."""
    for statement in managing.MANAGING:
        database.execute(statement)


@migrations()
def m015_paging(database: sqlite_utils.Database) -> None:
    """Remember what was typed for answers that come in pages."""
    for statement in paging.PAGING:
        database.execute(statement)


@migrations()
def m016_templates(database: sqlite_utils.Database) -> None:
    """Let channels choose what their messages look like."""
    for statement in later.TEMPLATES:
        database.execute(statement)


@migrations()
def m017_members(database: sqlite_utils.Database) -> None:
    """Let channels choose whether all members may change their filters."""
    for statement in later.MEMBERS:
        database.execute(statement)


@migrations()
def m018_language(database: sqlite_utils.Database) -> None:
    """Let channels choose the language in which they are spoken to."""
    for statement in later.LANGUAGE:
        database.execute(statement)


@migrations()
def m019_installations(database: sqlite_utils.Database) -> None:
    """Let many workspaces install the bot, each with a sealed token of its own."""
    for statement in installations.INSTALLATIONS:
        database.execute(statement)


@migrations()
def m020_workspaces(database: sqlite_utils.Database) -> None:
    """Let workspaces choose who may change filters, and channels whether people of other organisations may."""
    for statement in workspaces.WORKSPACES:
        database.execute(statement)


@migrations()
def m021_threads(database: sqlite_utils.Database) -> None:
    """Let what follows on a message go into its thread."""
    for statement in later.THREADS:
        database.execute(statement)


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
