"""A file that cannot be used for a while: what was to be written is written when it can be, and all is said clearly."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import channels, db
from bot.db import Database
from bot.outages import FIRST_PAUSE, LONGEST_PAUSE, Outage, Outages

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
ROOT = os.geteuid() == 0


class Mending:
    """Waits no time at all, and mends what is broken at the third pause."""

    def __init__(self) -> None:
        self.pauses: list[float] = []
        self.mend: Callable[[], object] = lambda: None
        self.problems: list[str] = []
        self.database: Database | None = None

    async def __call__(self, seconds: float) -> None:
        """Stand for asyncio.sleep."""
        assert self.database is not None
        self.problems.append(self.database.outages.problem)
        self.pauses.append(seconds)
        if len(self.pauses) == 3:
            await asyncio.get_running_loop().run_in_executor(self.database._writer, self.mend)
        await asyncio.sleep(0)


@pytest.fixture
def mending() -> Mending:
    """Make what mends."""
    return Mending()


@pytest.fixture
async def database(tmp_path: Path, mending: Mending) -> AsyncIterator[Database]:
    """Open a new file."""
    opened = mending.database = Database(tmp_path / "phiwire.db", mending)
    yield opened
    await asyncio.to_thread(opened.close)


def ensure(connection: sqlite3.Connection, title: str = "") -> int:
    """Write something."""
    return channels.ensure(connection, "telegram", "7", "", title, "Europe/London", NOW).id


async def test_full_disk_is_waited_for(database: Database, mending: Mending) -> None:
    """Readers go on, the transaction is whole, and whoever listens learns when it is over."""
    ended: list[Outage] = []
    database.outages.on_end = ended.append
    pages = database._writing.execute("PRAGMA page_count").fetchone()[0]
    database._writing.execute(f"PRAGMA max_page_count = {pages}")
    mending.mend = lambda: database._writing.execute("PRAGMA max_page_count = 1000000")
    writing = asyncio.create_task(database.write(ensure, "x" * 20_000))
    assert await database.read(channels.find, "telegram", "7", "") is None
    assert await writing == 1
    assert mending.problems == ["database or disk is full"] * 3
    assert mending.pauses == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert [each.problem for each in ended] == ["database or disk is full"]
    assert database.outages.problem == ""
    found = await database.read(channels.find, "telegram", "7", "")
    assert found is not None
    assert len(found.title) == 20_000


async def test_file_that_may_only_be_read_is_waited_for(database: Database, mending: Mending) -> None:
    """A file system that is mounted anew after an error comes back."""
    database._writing.execute("PRAGMA query_only = ON")
    mending.mend = lambda: database._writing.execute("PRAGMA query_only = OFF")
    assert await database.write(ensure) == 1
    assert mending.problems == ["attempt to write a readonly database"] * 3


async def test_locked_file_is_waited_for(database: Database, mending: Mending) -> None:
    """However long another process takes."""
    database._writing.execute("PRAGMA busy_timeout = 1")
    with contextlib.closing(db.connect(database.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        mending.mend = lambda: other.execute("COMMIT")
        assert await database.write(ensure) == 1
    assert mending.problems == ["database is locked"] * 3


async def test_many_wait_and_all_get_through(database: Database, mending: Mending) -> None:
    """It is over when everybody has gone on, and said once."""
    ended: list[Outage] = []
    database.outages.on_end = ended.append
    database._writing.execute("PRAGMA query_only = ON")
    mending.mend = lambda: database._writing.execute("PRAGMA query_only = OFF")
    assert await asyncio.gather(*(database.write(ensure) for _ in range(5))) == [1] * 5
    assert len(ended) == 1


async def test_who_waits_can_be_told_to_give_up(database: Database, mending: Mending) -> None:
    """A bot that is asked to stop must not hang on a full disk."""
    ended: list[Outage] = []
    database.outages.on_end = ended.append
    database._writing.execute("PRAGMA query_only = ON")
    writing = asyncio.create_task(database.write(ensure))
    while not mending.pauses:
        await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert database.outages.problem == ""
    assert ended == []


async def test_mistakes_are_not_waited_for(database: Database) -> None:
    """A statement that is wrong now is wrong tomorrow."""
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await database.write(lambda connection: connection.execute("SELECT * FROM absent"))
    with pytest.raises(sqlite3.IntegrityError):
        await database.write(lambda connection: connection.execute("INSERT INTO gaps (source) VALUES (NULL)"))


async def test_file_that_breaks_while_it_is_used_names_the_remedy(database: Database) -> None:
    """There is nothing to wait for: a backup helps."""
    await database.write(ensure)
    database._writing.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    await asyncio.to_thread(spoil, database.path)
    with pytest.raises(db.DatabaseError, match=r"damaged .* newest backup"):
        await database.read(lambda connection: connection.execute("SELECT count(*) FROM audit").fetchone())


def spoil(path: Path) -> None:
    """Overwrite all but the first page."""
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))


@pytest.mark.parametrize("how", ["cut", "spoilt"])
def test_damaged_file_is_refused_with_the_remedy(how: str, tmp_path: Path) -> None:
    """Nobody should find out weeks later."""
    path = tmp_path / "phiwire.db"
    Database(path).close()
    if how == "cut":
        os.truncate(path, path.stat().st_size // 2 // 4096 * 4096)
    else:
        spoil(path)
    with pytest.raises(db.DatabaseError, match="newest backup") as refused:
        Database(path)
    assert "\n" not in str(refused.value)


def test_large_file_is_not_read_through_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start takes a second; whoever has a large file has it checked while the bot runs."""
    path = tmp_path / "phiwire.db"
    Database(path).close()
    monkeypatch.setattr(db, "CHECKED_AT_START", 1000)
    opened = Database(path)
    assert not opened.is_checked
    opened.close()


@pytest.mark.skipif(ROOT, reason="root may write everything")
def test_file_that_may_only_be_read_is_refused_at_the_start(tmp_path: Path) -> None:
    """That is a mistake, and not a moment's trouble."""
    path = tmp_path / "phiwire.db"
    Database(path).close()
    path.chmod(0o400)
    with pytest.raises(db.DatabaseError, match=r"only be read|cannot be opened"):
        Database(path)


def test_trouble_is_said_once_a_minute() -> None:
    """A log that is full of it fills the disk."""
    now = [0.0]
    outages = Outages(lambda: now[0])
    ended: list[Outage] = []
    outages.on_end = ended.append
    outages.begin()
    outages.failed(sqlite3.OperationalError("database or disk is full"))
    now[0] = 90.0
    outages.begin()
    outages.end(done=True)
    assert (outages.problem, ended) == ("database or disk is full", [])
    outages.end(done=True)
    assert ended == [Outage("database or disk is full", 90.0)]
    assert LONGEST_PAUSE < 60
