"""Matching: the index against a loop of regular expressions, against merely reading the texts, and at other sizes.

All figures are of one run on one machine, so that their ratios mean something; goals are ratios only.
"""

from __future__ import annotations

import contextlib
import gc
import sqlite3
import statistics
import tempfile
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, TypeVar

import structlog

from bot import audit, db, schema, text
from bot.audit import Change
from bot.filters import document, fanout, query
from bot.filters.fanout import EVERY_CHANNEL
from bot.filters.index import Index
from bot.filters.matcher import FILTERS, Matcher
from bot.model import Entry
from tests.bench import regexes
from tests.bench.regexes import Loop
from tests.bench.rows import Row
from tests.bench.workload import Wanted, Workload

SUBSCRIPTIONS = 10_000
ROUNDS = 5
# Beyond this many, the loop of regular expressions takes too long: it is measured on the first ones of them.
MOST_LOOPED = 100_000
FIRST = 10_000
MOST_LOADED = 100_000
CHANGES = 100
NOW = datetime(2026, 11, 1, tzinfo=UTC)

# At these sizes there are goals.
_SIZES = (10_000, 100_000, 1_000_000)
_FASTER = {
    ("headline", 10_000): 2000,
    ("headline", 100_000): 4000,
    ("release", 10_000): 1500,
    ("release", 100_000): 3000,
}

T = TypeVar("T")
Matching = Callable[[Entry], set[int]]


class _Texts(NamedTuple):
    """Entries of a kind, and how many of them the loop has time for."""

    kind: str
    entries: list[Entry]
    looped: int


async def measure(subscriptions: int = SUBSCRIPTIONS, rounds: int = ROUNDS) -> list[Row]:
    """Build the index and its rivals, give them the same texts, and change and load the index as the bot does."""
    goals = subscriptions in _SIZES
    workload = Workload()
    wanted = workload.subscriptions(subscriptions)
    looped = wanted if subscriptions <= MOST_LOOPED else wanted[:FIRST]
    only = "" if looped is wanted else f", first {len(looped):,}"
    builds = [_build_time(wanted) for _ in range(rounds if looped is wanted else 1)]
    _, size = _traced(lambda: _index(wanted))
    loop, loop_size = _traced(lambda: Loop(looped))
    index = _index(wanted)
    first = index if looped is wanted else _index(looped)
    figures = [Row("build", statistics.median(builds) / subscriptions, "µs/sub")]
    figures += [Row("memory", size / subscriptions, "B/sub")]
    figures += [Row(f"memory: regex loop{only}", loop_size / len(looped), "B/sub")]
    if not only:
        figures.append(Row("memory: of the loop's", size / loop_size, "", "<= 0.7" if goals else ""))
    for texts in (
        _Texts("headline", workload.headlines(200), min(40, 400_000 // len(looped))),
        _Texts("release", workload.releases(20), 4 if len(looped) <= FIRST else 1),
    ):
        _check(first, loop, looped, texts)
        took = _take_times(
            {
                "index": (_matching(index), texts.entries),
                "floor": (_floor(workload.vocabulary), texts.entries),
                "first": (_matching(first), texts.entries),
                "loop": (loop.hits, texts.entries[: texts.looped]),
            },
            rounds,
        )
        hits = statistics.fmean(len(index.hits(document.of_entry(entry))) for entry in texts.entries)
        figures += _figures(texts, took, hits, subscriptions, only)
    del loop, first
    gc.collect()
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(db.connect(Path(folder) / "bench.db")) as connection,
        structlog.testing.capture_logs(),
    ):
        schema.migrate(connection)
        figures += _changes(connection, index, workload, rounds, "<= 0.25" if goals else "")
        del index
        figures += _loading(connection, wanted[:MOST_LOADED], rounds, "<= 1.5" if goals else "")
        figures.append(_first_release(wanted[:MOST_LOADED], workload))
    return figures


def _index(wanted: Iterable[Wanted]) -> Index:
    query._term.cache_clear()
    index = Index()
    for number, kind, written in wanted:
        index.put(number, kind, written)
    return index


def _build_time(wanted: Iterable[Wanted]) -> float:
    gc.collect()
    began = time.perf_counter()
    _index(wanted)
    return (time.perf_counter() - began) * 1e6


def _traced(build: Callable[[], T]) -> tuple[T, int]:
    """Build something, and say how many bytes of it stay in memory without the parser's cache."""
    query._term.cache_clear()
    gc.collect()
    tracemalloc.start()
    built = build()
    query._term.cache_clear()
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return built, size


def _check(index: Index, loop: Loop, looped: Sequence[Wanted], texts: _Texts) -> None:
    """Refuse to compare what does not do the same."""
    asked = {each.number: each for each in looped}
    for entry in texts.entries[: texts.looped]:
        for number in index.hits(document.of_entry(entry)) ^ loop.hits(entry):
            if regexes.must_agree(asked[number], entry):
                raise AssertionError(
                    f"The index and the regular expressions disagree: {asked[number]} in {entry.headline!r} by "
                    f"{entry.author!r} of {entry.organisation!r} with {entry.body!r}."
                )


def _matching(index: Index) -> Matching:
    return lambda entry: index.hits(document.of_entry(entry))


def _floor(vocabulary: Iterable[str]) -> Matching:
    known = dict.fromkeys(vocabulary)

    def look_up(entry: Entry) -> set[int]:
        for each in (entry.headline, entry.author, entry.organisation, entry.topic, entry.body):
            if each:
                for word in text.words(each):
                    known.get(word)
        return set()

    return look_up


def _take_times(works: dict[str, tuple[Matching, Sequence[Entry]]], rounds: int) -> dict[str, list[float]]:
    """Give the median times by text in µs; all take turns, so that noise hits them alike.

    Each but the loop, which takes too long, goes through its texts once before it is timed: what went before it has
    left it nothing in the processor's caches.
    """
    took: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    for _ in range(rounds):
        for name, (work, entries) in works.items():
            for entry in () if name == "loop" else entries:
                work(entry)
            for at, entry in enumerate(entries):
                began = time.perf_counter()
                work(entry)
                took[name, at].append((time.perf_counter() - began) * 1e6)
    return {
        name: [statistics.median(took[name, at]) for at in range(len(entries))] for name, (_, entries) in works.items()
    }


def _figures(texts: _Texts, took: dict[str, list[float]], hits: float, subscriptions: int, only: str) -> list[Row]:
    kind, goal = texts.kind, _FASTER.get((texts.kind, subscriptions))
    index, floor, first = (statistics.fmean(took[name]) for name in ("index", "floor", "first"))
    faster = statistics.fmean(took["loop"]) / statistics.fmean(took["first"][: texts.looped])
    close = kind == "headline" and subscriptions == FIRST
    figures = [
        Row(kind, index, "µs"),
        Row(f"{kind}: hits", hits, ""),
        Row(f"{kind}: hits, of the subscriptions", 100 * hits / subscriptions, "%"),
        Row(f"{kind}: floor", floor, "µs"),
        Row(f"{kind}: times the floor", index / floor, "", "<= 4" if close else ""),
        Row(f"{kind}: regex loop{only}", statistics.fmean(took["loop"]), "µs"),
        Row(f"{kind}: times faster than it{only}", faster, "", f">= {goal}" if goal else ""),
    ]
    if only:
        most = "<= 60" if kind == "headline" and subscriptions == _SIZES[-1] else ""
        figures.append(Row(f"{kind}{only}", first, "µs"))
        figures.append(Row(f"{kind}: times that with the first", index / first, "", most))
    return figures


def _changes(connection: sqlite3.Connection, index: Index, workload: Workload, rounds: int, goal: str) -> list[Row]:
    """Add filters as the matcher does and remove them, beside the commits that every such change costs anyway."""
    took: defaultdict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        added = workload.subscriptions(CHANGES)
        with db.transaction(connection):
            _add_channels(connection, added)
        spent = dict.fromkeys(("commit", "add", "remove"), 0.0)
        for each in added:
            began = time.perf_counter()
            with db.transaction(connection):
                _insert(connection, each)
            committed = time.perf_counter()
            index.put(each.number, each.kind, each.query)
            spent["commit"] += committed - began
            spent["add"] += time.perf_counter() - committed
        for each in added:
            began = time.perf_counter()
            index.remove(each.number)
            spent["remove"] += time.perf_counter() - began
        for name, seconds in spent.items():
            took[name].append(seconds / CHANGES * 1e6)
    commit, add, remove = (statistics.median(took[name]) for name in ("commit", "add", "remove"))
    return [
        Row("commit of a subscription", commit, "µs"),
        Row("add", add, "µs"),
        Row("add: of the commit", add / commit, "", goal),
        Row("remove", remove, "µs"),
        Row("remove: of the commit", remove / commit, "", goal),
    ]


def _insert(connection: sqlite3.Connection, wanted: Wanted) -> None:
    cursor = connection.execute(
        "INSERT INTO subscriptions (channel, kind, query, created_by, created_at) VALUES (?, ?, ?, 'bench', ?)",
        (wanted.number >> 32, wanted.kind, wanted.query, db.to_text(NOW)),
    )
    change = Change(audit.next_change(connection), "bench", NOW)
    audit.write(connection, change, wanted.number >> 32, "add", f"{wanted.kind} {wanted.query}", cursor.lastrowid)


def _add_channels(connection: sqlite3.Connection, wanted: Iterable[Wanted]) -> None:
    connection.executemany(
        "INSERT OR IGNORE INTO channels (id, platform, address, created_at) VALUES (?, 'bench', ?, '')",
        ((each.number >> 32, each.number >> 32) for each in wanted),
    )


def _loading(connection: sqlite3.Connection, wanted: Sequence[Wanted], rounds: int, goal: str) -> list[Row]:
    """Load filters as the matcher does at the start, beside merely reading and tokenising the same rows."""
    with db.transaction(connection):
        connection.execute("DELETE FROM subscriptions")
        _add_channels(connection, wanted)
        for each in wanted:
            with contextlib.suppress(sqlite3.IntegrityError):
                _insert(connection, each)
    rows = connection.execute("SELECT count(*) FROM subscriptions").fetchone()[0]
    loads: list[float] = []
    reads: list[float] = []
    for _ in range(rounds):
        for work, took in ((_tokenise, reads), (_load, loads)):
            query._term.cache_clear()
            gc.collect()
            began = time.perf_counter()
            work(connection)
            took.append((time.perf_counter() - began) / rows * 1e6)
    load, read = statistics.median(loads), statistics.median(reads)
    return [
        Row(f"load {rows:,} rows", load, "µs/row"),
        Row("load: reading and tokenising them", read, "µs/row"),
        Row("load: of reading and tokenising", load / read, "", goal),
    ]


def _first_release(wanted: Sequence[Wanted], workload: Workload) -> Row:
    """Match a release with filters of which none is read yet: it reads those that wait for its words."""
    index = _index(wanted)
    (release,) = workload.releases(1)
    began = time.perf_counter()
    index.hits(document.of_entry(release))
    return Row("first release after it, once", (time.perf_counter() - began) * 1000, "ms")


def _load(connection: sqlite3.Connection) -> None:
    matcher, more = Matcher(), True
    while more:
        with db.transaction(connection):
            more = matcher.match(connection, NOW).more


def _tokenise(connection: sqlite3.Connection) -> None:
    through = 0
    while through < EVERY_CHANNEL:
        with db.transaction(connection):
            end = fanout.slice_end(connection, through, FILTERS)
            for each in fanout.live(connection, through, end):
                for kind, written, _ in query._lexemes(each.query):
                    if kind in {"word", "phrase", "beginning"}:
                        text.tokens(written)
            through = end
