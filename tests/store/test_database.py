"""The file itself: its versions, its lock, its threads, its export."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from bot import channels, db, schema, workspaces
from bot.filters import store as filters
from bot.filters import transfer

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def test_migrating_twice_changes_nothing(connection: sqlite3.Connection) -> None:
    """Every start migrates."""
    before = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    schema.migrate(connection)
    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == before


def test_database_from_the_future_is_refused(tmp_path: Path) -> None:
    """An older program would lose what it does not know."""
    path = tmp_path / "future.db"
    db.Database(path).close()
    with contextlib.closing(sqlite3.connect(path)) as other, other:
        other.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('phiwire', 'm999_later', '')"
        )
    with pytest.raises(db.DatabaseError, match="newer version"):
        db.Database(path)


def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """A path mistyped must not be overwritten."""
    path = tmp_path / "notes.txt"
    path.write_text("not a database, and longer than the header that SQLite reads " * 40)
    with pytest.raises(db.DatabaseError, match="PHIWIRE_DATABASE"):
        db.Database(path)
    assert path.read_text().startswith("not a database")


def test_second_process_is_refused_by_name(tmp_path: Path) -> None:
    """Two bots on one database would send everything twice."""
    path = tmp_path / "phiwire.db"
    with db.only_process(path), pytest.raises(db.DatabaseError, match=r"process \d+"), db.only_process(path):
        pass
    with db.only_process(path):
        pass


def test_database_has_one_process_by_whatever_name(tmp_path: Path) -> None:
    """A link to it is no other database."""
    path, link = tmp_path / "phiwire.db", tmp_path / "link.db"
    db.Database(path).close()
    link.symlink_to(path)
    with db.only_process(link), pytest.raises(db.DatabaseError, match="is running"), db.only_process(path):
        pass


async def test_failed_write_leaves_nothing(tmp_path: Path) -> None:
    """A transaction is all or nothing."""
    database = db.Database(tmp_path / "phiwire.db")

    def half(connection: sqlite3.Connection) -> None:
        channels.ensure(connection, "telegram", "7", "", "", "Europe/London", NOW)
        raise ValueError("half way")

    try:
        with pytest.raises(ValueError, match="half way"):
            await database.write(half)
        assert await database.read(channels.find, "telegram", "7", "") is None
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await database.read(half)
    finally:
        database.close()


async def test_disk_is_waited_for_where_nothing_makes_up_for_it(tmp_path: Path) -> None:
    """What is derived may be undone by a power cut, but not once something was written after it."""

    def patience(connection: sqlite3.Connection) -> tuple[int, bool]:
        return connection.execute("PRAGMA synchronous").fetchone()[0], connection.in_transaction

    normal, full = 1, 2
    database = db.Database(tmp_path / "phiwire.db")
    try:
        assert await database.derive(patience) == (normal, True)
        assert await database.write(patience) == (full, True)
    finally:
        database.close()


async def test_cancelled_writer_still_commits_whole(tmp_path: Path) -> None:
    """A stop must not tear a transaction."""
    database = db.Database(tmp_path / "phiwire.db")
    try:
        writing = asyncio.create_task(database.write(channels.ensure, "telegram", "7", "", "", "Europe/London", NOW))
        await asyncio.sleep(0)
        writing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await writing
        assert await database.write(channels.find, "telegram", "7", "") is not None
    finally:
        database.close()


@pytest.mark.parametrize("second", [0, 0.001, 0.999999, 59.5])
def test_times_keep_their_order_as_text(second: float) -> None:
    """SQL compares times as text."""
    moment = NOW.replace(second=int(second), microsecond=int(second % 1 * 1e6))
    assert len(db.to_text(moment)) == len("2026-03-04T12:00:00.000Z")
    assert (db.to_text(NOW) <= db.to_text(moment)) == (moment >= NOW)
    assert abs((db.from_text(db.to_text(moment)) - moment).total_seconds()) < 0.001


def test_export_is_imported_as_it_was(tmp_path: Path, connection: sqlite3.Connection) -> None:
    """People move house."""
    channel = channels.ensure(connection, "telegram", "-100", "5", "Lobby", "Europe/Paris", NOW)
    filters.add(connection, channel.id, "follow", "Marta Quill", "Ada", NOW, silent=True)
    filters.add(connection, channel.id, "mute", "football", "Ada", NOW, NOW)
    channels.pause(connection, channel.id, None)
    channels.set_preference(connection, channel.id, "preview", value="none")
    channels.set_preference(connection, channel.id, "buttons", value=False)
    channels.set_preference(connection, channel.id, "template", value="{headline}\n{time}")
    channels.set_preference(connection, channel.id, "members", value=True)
    channels.set_preference(connection, channel.id, "language", value="cy")
    exported = transfer.export(connection)
    with contextlib.closing(db.connect(tmp_path / "other.db")) as other:
        schema.migrate(other)
        assert transfer.import_(other, exported, NOW) == 2
        assert transfer.import_(other, exported, NOW) == 0
        assert transfer.export(other) == exported


def test_what_slack_has_chosen_moves_house_too(tmp_path: Path, connection: sqlite3.Connection) -> None:
    """Or everybody could change there what administrators had kept to themselves."""
    channel = channels.ensure(connection, "slack", "C0LOBBY", "", "lobby", "Europe/Paris", NOW)
    for name in ("threads", "outsiders"):
        channels.set_preference(connection, channel.id, name, value=True)
    rules = workspaces.Chosen("people", (workspaces.Person("U0ADA", "Ada | Lobby"),))
    workspaces.choose(connection, "slack", "", rules)
    workspaces.choose(connection, "slack", "T0HARBOUR", workspaces.Chosen("admins"))
    exported = json.loads(json.dumps(transfer.export(connection)))
    with contextlib.closing(db.connect(tmp_path / "other.db")) as other:
        schema.migrate(other)
        transfer.import_(other, exported, NOW)
        assert json.loads(json.dumps(transfer.export(other))) == exported
        there = channels.find(other, "slack", "C0LOBBY", "")
        assert there is not None
        assert there.threads
        assert channels.admits_outsiders(other, there.id)
        assert workspaces.chosen(other, "slack", "") == rules


def test_every_setting_of_a_channel_is_exported() -> None:
    """A new one is not forgotten."""
    assert set(get_args(channels.Preference)) <= set(transfer.NAMES)


@pytest.mark.parametrize(
    ("exported", "part"),
    [
        ([], "the whole"),
        ({"phiwire": 2, "channels": []}, "version 2"),
        ({"phiwire": 1, "channels": [{"platform": "telegram"}]}, "channels.0.address"),
        (
            {"phiwire": 1, "channels": [{"platform": "slack", "address": "1", "template": "{headlin}"}]},
            "did you mean {headline}",
        ),
        (
            {"phiwire": 1, "channels": [{"platform": "slack", "address": "1", "language": "tlh"}]},
            "tlh is no language of this phiwire, which has en, cy",
        ),
        (
            {
                "phiwire": 1,
                "channels": [
                    {"platform": "slack", "address": "1", "subscriptions": [{"kind": "match", "query": "-x"}]}
                ],
            },
            "'-x'",
        ),
    ],
)
def test_what_is_no_export_changes_nothing(connection: sqlite3.Connection, exported: object, part: str) -> None:
    """A bad file is refused whole."""
    with pytest.raises(transfer.NotAnExportError, match=part):
        transfer.import_(connection, exported, NOW)
    assert transfer.export(connection)["channels"] == []


async def test_write_waits_for_another_process(tmp_path: Path) -> None:
    """An import beside a running bot must not end it."""
    path = tmp_path / "phiwire.db"
    database = db.Database(path)
    other = db.connect(path)
    try:
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(database.write(channels.ensure, "telegram", "7", "", "", "Europe/London", NOW))
        assert await database.read(channels.find, "telegram", "7", "") is None
        other.execute("COMMIT")
        assert (await writing).address == "7"
    finally:
        other.close()
        database.close()


def test_error_that_ended_its_transaction_is_not_hidden(connection: sqlite3.Connection) -> None:
    """A full disk rolls back by itself; "cannot rollback" would say nothing of it."""

    def full() -> None:
        with db.transaction(connection):
            connection.execute("ROLLBACK")
            raise sqlite3.OperationalError("database or disk is full")

    with pytest.raises(sqlite3.OperationalError, match="disk is full"):
        full()


def test_newer_version_is_known_by_its_number_too(tmp_path: Path) -> None:
    """SQLite's own place for a version."""
    path = tmp_path / "future.db"
    db.Database(path).close()
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version = 9999")
    with pytest.raises(db.DatabaseError, match="newer version"):
        db.Database(path)


def test_database_of_another_program_is_refused(tmp_path: Path) -> None:
    """A path mistyped must not get our tables."""
    path = tmp_path / "photos.db"
    with contextlib.closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE photos (id)")
    with pytest.raises(db.DatabaseError, match="another program"):
        db.Database(path)
