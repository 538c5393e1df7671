"""`kill -9` in the middle of a backup: of the copy, and of the bot that goes on beside it."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bot import db
from tests.crash.stage import Stage
from tests.e2e.process import BotProcess

Make = Callable[..., BotProcess]
# Bytes that take long enough to copy.
SIZE = 20_000_000


def fill(path: Path) -> None:
    """Make the file large, in a place that nobody reads."""
    with contextlib.closing(db.connect(path)) as connection, db.transaction(connection):
        connection.execute(
            """
            INSERT INTO entries (source, key, kind, headline, url, author, organisation, topic, summary, body,
                quotations, icon, first_seen_at, fingerprint, matched_at)
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :entries)
            SELECT 'old', i, 'wire', 'Old news', '', '', '', '', '', hex(randomblob(5000)), '[]', '', :now, '', :now
            FROM n
            """,
            {"entries": SIZE // 10_000, "now": db.to_text(datetime.now(UTC))},
        )


def is_whole(path: Path) -> bool:
    """Tell whether a file is a database in which nothing is wrong."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        entries = connection.execute("SELECT count(*) FROM entries").fetchone()[0]
        return bool(entries >= SIZE // 10_000 and connection.execute("PRAGMA integrity_check").fetchone() == ("ok",))


def grows(part: Path, size: int) -> None:
    """Wait until a copy under way has so many bytes: nothing tells of them, so one looks again and again."""
    end = time.monotonic() + 30
    while not part.exists() or part.stat().st_size < size:
        assert time.monotonic() < end, "no backup is made"


async def test_killed_backup_leaves_no_backup(
    tmp_path: Path, make_stage: Callable[..., Stage], bot_process: Make
) -> None:
    """Half a copy never has a backup's name; an earlier one, the database and the next backup are as ever."""
    stage = make_stage()
    rooms = stage.rooms()
    stage.subscribe(*rooms)
    fill(stage.path)
    await stage.start()
    earlier, copy = tmp_path / "earlier.db", tmp_path / "copy.db"
    first = bot_process(stage.settings, "backup", str(earlier))
    await first.start()
    assert await first.ends() == 0, first.errors
    before = earlier.read_bytes()

    for size in (0, SIZE // 2):
        killed = bot_process(stage.settings, "backup", str(copy))
        await killed.start()
        await asyncio.to_thread(grows, tmp_path / "copy.db.part", size)
        await killed.kill()
        assert not copy.exists()
        assert earlier.read_bytes() == before
        # Of the next one's size nothing may be known from this one.
        (tmp_path / "copy.db.part").unlink(missing_ok=size == 0)

    stage.publish(3)
    await stage.finish(rooms)
    assert [set(stage.copies(room).values()) for room in rooms] == [{1}] * len(rooms)
    again = bot_process(stage.settings, "backup", str(copy))
    await again.start()
    assert await again.ends() == 0, again.errors
    assert is_whole(copy)
    assert is_whole(stage.path)
    assert not (tmp_path / "copy.db.part").exists()


async def test_bot_killed_during_a_backup_harms_neither(
    tmp_path: Path, make_stage: Callable[..., Stage], bot_process: Make
) -> None:
    """The copy is of one instant, and goes on without the bot; the bot starts while it is made."""
    stage = make_stage()
    rooms = stage.rooms()
    stage.subscribe(*rooms)
    fill(stage.path)
    await stage.start()
    copy = tmp_path / "copy.db"
    backup = bot_process(stage.settings, "backup", str(copy))
    await backup.start()
    stage.publish(3)
    await asyncio.to_thread(grows, tmp_path / "copy.db.part", 0)
    await stage.process.kill()
    await stage.process.start()
    assert await backup.ends() == 0, backup.errors
    await stage.finish(rooms)
    assert is_whole(copy)
    assert is_whole(stage.path)
    for room in rooms:
        assert set(stage.copies(room).values()) <= ({1} if room.readable else {1, 2})
