"""Polling: what a look at a feed takes beside the bare HTTP client and the bare parser, and what is kept in memory.

The feeds are served by another process. Each round looks at all of them: some with the bot, the same with the bare
client asking the same of the same server by as many tasks, and so on, so that noise hits them alike.
"""

from __future__ import annotations

import asyncio
import io
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import feedparser
import httpx

from bot.db import Database
from bot.model import Source
from bot.sources.fetch import Fetcher
from bot.wire import source_store
from bot.wire.poller import SOURCES_READ_EVERY, Poller
from tests.bench import feeds, resident
from tests.bench.rows import Row

SOURCES = 1_000
ROUNDS = 5
KINDS = feeds.KINDS
# Each is a host of its own, which answers one request after the other: so many looks are under way at once.
PORTS = 8
EVERY = timedelta(minutes=2)
# What is kept in memory is read anew once an hour.
LOOKS_AN_HOUR = timedelta(hours=1) // EVERY
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
# So many looks, and the bare client has its turn.
SLICE = 40
# Of the feeds that change so many are looked at in a round: parsing takes its time.
MOST_CHANGED = 200

_SAID = {
    "changed": "changed",
    "validated": "unchanged, 304",
    "same": "unchanged, 200",
}


class Spent(NamedTuple):
    """What a piece of work took: seconds, and seconds of all processors."""

    seconds: float
    cpu: float


Took = dict[tuple[str, str], list[Spent]]


def sources(ports: Sequence[str], kind: str, number: int) -> list[Source]:
    """List so many sources of a kind."""
    addresses = feeds.addresses(list(ports), kind, number)
    return [Source(f"{kind}-{at}", f"Feed {at}", "feed", address) for at, address in enumerate(addresses)]


class Bot:
    """A poller of its own, on a clock that goes on by an interval with each round."""

    def __init__(self, database: Database, given: Sequence[Source]) -> None:
        self.sources = given
        self.now = NOW
        self._database = database
        self._fetcher = Fetcher("PhiWire-Bot bench")
        self._looks = 0
        self._together = max(1, round(len(given) * SOURCES_READ_EVERY / EVERY.total_seconds()))
        self._poller = Poller(database, self._fetcher, EVERY, lambda: self.now, lambda: None)

    @classmethod
    async def open(cls, folder: Path, given: Sequence[Source]) -> Bot:
        """Make the database with these sources."""
        database = Database(folder / "phiwire.db")
        await database.write(source_store.keep_sources, given, "file")
        bot = cls(database, given)
        await bot._poller.share_budget(given)
        return bot

    async def poll(self, source: Source) -> None:
        """Look at a source; now and then, commit what can wait, as the running bot does."""
        self._looks += 1
        if self._looks % LOOKS_AN_HOUR == 0:
            self._poller._standings.forget(source.slug)
        await self._poller.poll(source)
        if self._looks % self._together == 0:
            await self._poller.commit()

    async def settle(self) -> None:
        """Close what is open on the network."""
        await self._fetcher.close()

    def close(self) -> None:
        """Close the database."""
        self._database.close()


async def measure(sources: int = SOURCES, rounds: int = ROUNDS) -> list[Row]:
    """Look at so many feeds of each kind, then at as many of all kinds together in a fresh process."""
    async with feeds.serving(PORTS) as ports:
        with tempfile.TemporaryDirectory() as folder:
            figures = await _polls(Path(folder), ports, sources, rounds)
        imports = await resident.of("imports")
        polling = await resident.of("bot", str(sources), *ports)
    return [
        *figures,
        Row("memory: bare imports, most", imports.megabytes, "MB"),
        Row(f"memory: polling {sources:,} sources, most", polling.megabytes, "MB"),
        Row("memory: of the bare imports'", polling.megabytes / imports.megabytes, "", "<= 1.6"),
        Row("TLS contexts of all sources", polling.contexts, "", "== 1"),
    ]


async def _polls(folder: Path, ports: Sequence[str], number: int, rounds: int) -> list[Row]:
    wanted = {kind: sources(ports, kind, number) for kind in KINDS}
    wanted["changed"] = wanted["changed"][:MOST_CHANGED]
    took: Took = defaultdict(list)
    bodies: list[bytes] = []
    with closing(await Bot.open(folder, [each for kind in KINDS for each in wanted[kind]])) as bot:
        async with httpx.AsyncClient(trust_env=False) as client:

            async def ask(source: Source) -> None:
                headers = {"If-None-Match": feeds.ETAG} if source.slug.startswith("validated") else {}
                answer = await client.get(source.url, headers=headers)
                if source.slug.startswith("changed"):
                    bodies.append(answer.content)

            for at in range(rounds + 2):
                spent: Took = defaultdict(list)
                for kind, given in wanted.items():
                    for some in _slices(given):
                        for name, look in (("bot", bot.poll), ("client", ask)):
                            spent[kind, name].append(await _timed(_all(look, some)))
                    if bodies:
                        spent[kind, "parser"].append(await _timed(_parse(bodies)))
                        bodies.clear()
                # The first round reads baselines and opens connections; the second keeps what the others need.
                for (kind, name), parts in spent.items() if at else ():
                    took[kind if at > 1 else f"{kind}, first", name].append(_each(parts, len(wanted[kind])))
                bot.now += EVERY
        await bot.settle()
    return [row for kind in KINDS for row in _rows(kind, took)]


def _slices(given: Sequence[Source]) -> Iterator[Sequence[Source]]:
    for at in range(0, len(given), SLICE):
        yield given[at : at + SLICE]


def _each(parts: Sequence[Spent], number: int) -> Spent:
    """Share out what all parts of a round took: what few looks take much longer for counts, too."""
    return Spent(*(sum(values) / number for values in zip(*parts, strict=True)))


async def _all(look: Callable[[Source], Awaitable[None]], given: Sequence[Source]) -> None:
    """Look at all, one after the other at each port."""

    async def at_port(some: Sequence[Source]) -> None:
        for each in some:
            await look(each)

    await asyncio.gather(*(at_port(given[at::PORTS]) for at in range(PORTS)))


async def _parse(bodies: Sequence[bytes]) -> None:
    for body in bodies:
        feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)


async def _timed(work: Awaitable[None]) -> Spent:
    began, spent = time.perf_counter(), time.process_time()
    await work
    return Spent(time.perf_counter() - began, time.process_time() - spent)


def _rows(kind: str, took: Took) -> list[Row]:
    said = _SAID[kind]
    seconds = statistics.median(each.seconds for each in took[kind, "bot"])
    bot, client = (statistics.median(each.cpu * 1e6 for each in took[kind, name]) for name in ("bot", "client"))
    figures = [
        Row(f"{said}: polls", 1 / seconds, "/s"),
        Row(f"{said}: CPU of a poll", bot, "µs"),
        Row(f"{said}: CPU of the bare client", client, "µs"),
    ]
    if kind != "changed":
        return [
            *figures,
            Row(f"{said}: times the bare client", _times(took, kind), "", "<= 1.5"),
            Row(f"{said}: times it, first look", _times(took, f"{kind}, first"), ""),
        ]
    parser = statistics.median(each.cpu * 1e6 for each in took[kind, "parser"])
    return [
        *figures,
        Row(f"{said}: CPU of the bare parser", parser, "µs"),
        Row(f"{said}: times bare client and parser", bot / (client + parser), ""),
    ]


def _times(took: Took, kind: str) -> float:
    """Compare rounds with themselves: the machine's mood changes by the minute."""
    rounds = zip(took[kind, "bot"], took[kind, "client"], strict=True)
    return statistics.median(bot.cpu / client.cpu for bot, client in rounds)
