"""From a page or feed to Telegram: how long our part of the way takes, with many subscriptions.

There is one item more at each look; the server says when the last byte of its answer was written, and when the first
and the last message about it came. Between lie reading, deciding, commit, matching, commit, claim, and sending. The
bare steps of it, in `bare`, take turns with ours.
"""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from bot.adapters.telegram import TelegramAdapter
from bot.db import Database
from bot.filters import matcher
from bot.model import Entry, Source
from bot.outbox.pacing import Limits
from bot.outbox.sender import Sender
from bot.sources.fetch import Fetcher
from bot.wire import source_store
from bot.wire.poller import Poller
from tests.bench import bare, subscribers
from tests.bench.answering import AnsweringServer
from tests.bench.rows import Row
from tests.bench.workload import Wanted, Workload
from tests.emulators import pages

SUBSCRIPTIONS = 10_000
ROUNDS = 60
# What Telegram allows is not what is measured; the first message goes at once with its limits, too.
LIMITS = Limits(token_per_second=1000, burst=1000, in_flight=128, second=0.01)
WHOLE = 10_000


class _Kind(NamedTuple):
    """A kind of source as a bench has it: what it shows of some entries, and how many at a time."""

    name: str
    title: str
    shown: int
    document: Callable[[Sequence[tuple[int, Entry]]], str]


def _page(entries: Sequence[tuple[int, Entry]]) -> str:
    rows = [
        pages.Row(entry.author.removeprefix("By "), entry.headline, f"/wire/{number}", "09:00")
        for number, entry in entries
    ]
    return pages.phiwire_page(rows, "list")


def _feed(entries: Sequence[tuple[int, Entry]]) -> str:
    return pages.rss(
        [
            pages.FeedItem(entry.headline, f"https://example.org/{number}", f"id-{number}", entry.author)
            for number, entry in entries
        ]
    )


# A PhiWire shows its newest five; feeds vary.
KINDS = (_Kind("phiwire", "PhiWire page", 5, _page), _Kind("feed", "feed of 20", 20, _feed))


async def measure(subscriptions: int = SUBSCRIPTIONS, rounds: int = ROUNDS) -> list[Row]:
    """Publish so many items one by one, and poll after each."""
    workload = Workload()
    wanted = workload.subscriptions(subscriptions)
    return [row for kind in KINDS for row in await _measure(kind, wanted, workload, rounds)]


async def _measure(kind: _Kind, wanted: Sequence[Wanted], workload: Workload, rounds: int) -> list[Row]:
    entries = list(enumerate(workload.headlines(kind.shown + rounds)))
    async with AnsweringServer() as server, AnsweringServer() as other:
        with tempfile.TemporaryDirectory() as folder:
            database = Database(Path(folder) / "phiwire.db")
            try:
                await database.write(subscribers.fill, wanted)
                bot = _Bot(database, server.url, kind.name)
                async with (
                    bare.opened(other.url, kind.name, Path(folder), wanted) as least,
                    asyncio.TaskGroup() as tasks,
                ):
                    matching = await bot.start(tasks)
                    # In turn, so that noise hits both alike.
                    for end in range(kind.shown, len(entries) + 1):
                        shown = kind.document(entries[end - kind.shown : end][::-1])
                        for publisher, look in ((server, bot.look), (other, least.look)):
                            await publisher.publish(shown)
                            await look()
                    await bot.stop(matching)
            finally:
                await asyncio.to_thread(database.close)
        ways = list(_ways(*await server.times()))
        floor = statistics.median(way.first for way in _ways(*await other.times()))
    firsts, lasts = sorted(way.first for way in ways), [way.last for way in ways]
    about = f"{kind.title} to message"
    return [
        Row(f"{about}: p50", statistics.median(firsts), "ms", "<= 5" if len(wanted) == WHOLE else ""),
        Row(f"{about}: p95", firsts[int(len(firsts) * 0.95)], "ms"),
        Row(f"{about}: bare steps in one thread, p50", floor, "ms"),
        Row(f"{about}: times the bare steps", statistics.median(firsts) / floor, ""),
        Row(f"{about}: to the last of them, p50", statistics.median(lasts), "ms"),
        Row(f"{about}: messages", sum(way.messages for way in ways), ""),
        Row(f"{about}: items that are wanted", len(ways), ""),
    ]


class _Way(NamedTuple):
    """Milliseconds from a feed's last byte to the first and the last message, and how many these were."""

    first: float
    last: float
    messages: int


def _ways(fed: list[float], sent: list[float]) -> Iterator[_Way]:
    for at, until in zip(fed, [*fed[1:], float("inf")], strict=True):
        caused = [each - at for each in sent if at <= each < until]
        if caused:
            yield _Way(min(caused) * 1000, max(caused) * 1000, len(caused))


class _Bot:
    """The loops of the bot, but for polling by the clock."""

    def __init__(self, database: Database, url: str, kind: str) -> None:
        self._database = database
        self._source = Source("wire", "The Wire", kind, f"{url}/feed")
        self._fetcher = Fetcher("bench", allowed_hosts=["127.0.0.1"])
        self._news = asyncio.Event()
        self._adapter = TelegramAdapter("123456:TEST-token", f"{url}/0", [], _now, LIMITS)
        self._sender = Sender(database, self._adapter, _now)
        self._poller = Poller(database, self._fetcher, timedelta(minutes=1), _now, self._news.set)

    async def start(self, tasks: asyncio.TaskGroup) -> asyncio.Task[None]:
        await self._adapter.check()
        await self._database.write(source_store.put_source, self._source, "file")
        tasks.create_task(self._sender.run())
        return tasks.create_task(matcher.run(self._database, _now, self._news, self._sender.wake))

    async def look(self) -> None:
        """Poll, and return when all that came of it is sent."""
        await self._poller.poll(self._source)
        while True:
            # Rarely, so that asking does not delay what is measured.
            await asyncio.sleep(0.1)
            if not await self._database.read(is_waiting):
                return

    async def stop(self, matching: asyncio.Task[None]) -> None:
        matching.cancel()
        self._sender.stop()
        await self._adapter.close()
        await self._fetcher.close()


def is_waiting(connection: sqlite3.Connection) -> bool:
    """Tell whether anything on the wire is still to be matched or sent."""
    (waiting,) = connection.execute(
        """
        SELECT EXISTS (SELECT 1 FROM entries WHERE matched_at IS NULL)
            OR EXISTS (SELECT 1 FROM deliveries WHERE status IN ('pending', 'sending'))
        """
    ).fetchone()
    return bool(waiting)


def _now() -> datetime:
    return datetime.now(UTC)
