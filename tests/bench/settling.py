"""What a durable settle costs, beside fdatasync.

The measure of its time is fdatasync of as many bytes, written over what a file of the same folder has, in turn with
settles. One that is alone also goes from the event loop to the writer's thread and back, and through SQLite, which
together take as long as a fast disk; those that finish together share that. How often it waits for the disk is counted
by strace, where there is one.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

from bot import db, logs
from bot.db import Database
from bot.model import Delivery
from bot.outbox import store
from bot.outbox.policy import Settle
from bot.outbox.settling import Settling
from tests.bench import backlogs
from tests.bench.rows import Row
from tests.e2e.process import ROOT

SETTLES = 300
# What 30 a second have in flight where an answer takes a quarter of a second.
WAVE = 8
# SQLite's log begins anew after a thousand pages: from then on it does not grow.
WARM = 250
# The measure goes over its file again and again, as SQLite does.
PLACES = 200
SENT = Settle("sent", message_ref="1")
# Between two syncs of a file with this name lie the settles that are counted.
MARK = "mark"


async def measure(number: int = SETTLES) -> list[Row]:
    """Settle one after the other, and WAVE at a time, with an fdatasync after each."""
    with backlogs.database() as database:
        chats = max(WARM, number)
        await database.write(backlogs.queue, "telegram", backlogs.chats(chats), 6 * chats)
        size = await _bytes_of_a_settle(database)
        settling = Settling(database)

        async def settle(deliveries: Sequence[Delivery]) -> None:
            await asyncio.gather(*(settling.settle(each, SENT, backlogs.NOW) for each in deliveries))

        await settle(await _claim(database, WARM))
        with _measure(database.path.parent / "bytes", size) as sync:
            alone, first = await _compared(settle, sync, await _claim(database, number), 1)
            together, second = await _compared(settle, sync, await _claim(database, number), WAVE)
        began = time.perf_counter()
        claimed = await _claim(database, number)
        claiming = time.perf_counter() - began
        bare = _bare(database.path, [delivery.id for delivery in claimed])
    return [
        *await _counted(number),
        Row("settle: bytes", size, ""),
        Row("fdatasync of as many bytes, median", second * 1000, "ms"),
        Row("settle, nothing else in flight, median", alone * 1000, "ms"),
        Row("settle, nothing else in flight, of an fdatasync", alone / first, ""),
        Row(f"settle, {WAVE} at a time, each, median", together * 1000, "ms"),
        Row(f"settle, {WAVE} at a time, each, of an fdatasync", together / second, "", "<= 1.3"),
        Row(f"settles, {WAVE} at a time", 1 / together, "/s"),
        Row("settles by the bare statement", len(claimed) / bare, "/s"),
        Row("claims, all in one transaction", len(claimed) / claiming, "/s"),
    ]


async def _compared(
    settle: Callable[[Sequence[Delivery]], Awaitable[None]],
    sync: Callable[[], None],
    claimed: Sequence[Delivery],
    wave: int,
) -> tuple[float, float]:
    """Give the medians of a settle, so many at a time, and of the fdatasync that follows each wave, in seconds."""
    settled, synced = [], []
    for start in range(0, len(claimed) - wave + 1, wave):
        began = time.perf_counter()
        await settle(claimed[start : start + wave])
        written = time.perf_counter()
        sync()
        settled.append((written - began) / wave)
        synced.append(time.perf_counter() - written)
    return statistics.median(settled), statistics.median(synced)


@contextlib.contextmanager
def _measure(path: Path, size: int) -> Iterator[Callable[[], None]]:
    """Make what writes so many bytes and waits for the disk."""
    places = itertools.cycle(range(PLACES))
    with path.open("wb+", buffering=0) as file:
        file.write(bytes(PLACES * size))
        os.fdatasync(file.fileno())

        def sync() -> None:
            os.pwrite(file.fileno(), bytes(size), next(places) * size)
            os.fdatasync(file.fileno())

        yield sync


async def _claim(database: Database, number: int) -> tuple[Delivery, ...]:
    return await database.write(store.claim, "telegram", backlogs.NOW, number)


async def _bytes_of_a_settle(database: Database) -> int:
    """Measure by how much SQLite's log grows: by as many bytes as are written, and the commit waits for."""
    log = database.path.with_name(database.path.name + "-wal")
    sizes = []
    for delivery in await _claim(database, 9):
        before = log.stat().st_size
        await database.write(store.settle, delivery, SENT, backlogs.NOW)
        sizes.append(log.stat().st_size - before)
    return int(statistics.median(sizes))


def _bare(path: Path, deliveries: Sequence[int]) -> float:
    """Say for how many seconds the statement of a settle keeps a connection that does nothing else."""
    with contextlib.closing(db.connect(path)) as connection:
        began = time.perf_counter()
        for number in deliveries:
            connection.execute(
                "UPDATE deliveries SET status = 'sent', message_ref = '1', sent_at = due_at, lease_until = NULL "
                "WHERE id = ?",
                (number,),
            )
        return time.perf_counter() - began


async def _counted(number: int) -> list[Row]:
    """Count how often settles that are alone wait for the disk, checkpoints included."""
    strace = shutil.which("strace")
    if strace is None:
        return []
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace"
        options = ["-f", "-y", "-e", "trace=fsync,fdatasync", "-o", str(trace)]
        process = await asyncio.create_subprocess_exec(
            *(strace, *options, sys.executable, "-m", "tests.bench.settling", str(number)),
            cwd=ROOT,
            stderr=asyncio.subprocess.DEVNULL,
        )
        if await process.wait():
            return []  # it may not trace here
        calls = [line for line in trace.read_text().splitlines() if "sync(" in line]
    begin, end = (place for place, line in enumerate(calls) if f"/{MARK}>" in line)
    return [Row("settle, nothing else in flight: fdatasyncs", (end - begin - 1) / number, "", "<= 1.3")]


async def _settle_alone(number: int) -> None:
    """Settle one after the other, between two marks for who counts."""
    with backlogs.database() as database:
        await database.write(backlogs.queue, "telegram", backlogs.chats(number), number)
        settling = Settling(database)
        claimed = await _claim(database, number)
        with (database.path.parent / MARK).open("wb") as mark:
            os.fsync(mark.fileno())
            for delivery in claimed:
                await settling.settle(delivery, SENT, backlogs.NOW)
            os.fsync(mark.fileno())


if __name__ == "__main__":
    logs.configure("error", "text", ())
    asyncio.run(_settle_alone(int(sys.argv[1])))
