"""Match entries with subscriptions and commit the deliveries.

    unmatched entries | documents | indexes | mutes win | deliveries, committed with how far the entry has come

Every transaction is short, and does a part of three things: it catches up with the audit trail, so that a filter added
a moment ago, by whatever process, is seen by the next entry; it loads a slice of the filters, where some are still to
be loaded; it takes entries on to the next channels, in the order of their ids. Whatever is kept in memory is a cache:
`matched_through` says where an entry goes on, after a crash as well as between two batches.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sqlite3
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

import structlog

from bot import audit
from bot.db import Database
from bot.filters import document, fanout
from bot.filters.fanout import EVERY_CHANNEL, Filter
from bot.filters.index import Index
from bot.filters.people import NO_ALIASES, Aliases
from bot.filters.query import QueryError
from bot.model import Entry

log = structlog.get_logger("bot.matcher")

# In one transaction: commands wait for one batch at the most.
DELIVERIES = 5000
ENTRIES = 50
FILTERS = 2000
# More changes than these at once are an import: all is loaded anew, by slices. So it is after as many removals.
MOST_CHANGES = 5000
# Looked again at least this often, in seconds: a bell that was never rung costs no more than that.
LONGEST_WAIT = 30.0

# A number stands for a filter: its channel before its id, so that their order is that of the channels.
_CHANNEL = 32
_ID = (1 << _CHANNEL) - 1


class Batch(NamedTuple):
    """What one transaction did: entries that are matched now, deliveries; whether there is `more` to do at once."""

    entries: int
    deliveries: int
    more: bool


class _Plan(NamedTuple):
    """The filters that want an entry, in the order of their channels, as far as those were loaded."""

    entry: Entry
    numbers: array[int]
    through: int
    urgent: frozenset[int] = frozenset()


class Matcher:
    """Owns the index; used on the database's writer thread only."""

    def __init__(
        self,
        index: Index | None = None,
        aliases: Aliases = NO_ALIASES,
        *,
        deliveries: int = DELIVERIES,
        filters: int = FILTERS,
    ) -> None:
        self._index = Index() if index is None else index
        self._aliases = aliases
        # What removed filters asked for stays in the index; some time all is loaded anew.
        self._dropped = 0
        self._ends: dict[int, datetime] = {}
        self._urgent: set[int] = set()
        self._room = deliveries
        self._slice = filters
        self._seen: int | None = None
        self._loaded = 0
        self._ready, self._ready_filters = 0, 0
        self._plans: dict[int, _Plan] = {}

    def match(self, connection: sqlite3.Connection, now: datetime) -> Batch:
        """Do one batch of work, in the transaction of the caller."""
        self._catch_up(connection)
        self._load(connection)
        waiting = fanout.unmatched(connection, ENTRIES, self._ready)
        matched, deliveries, room = 0, 0, self._room
        for each in waiting:
            plan = self._plan(each.entry, now)
            reasons, through = _next(plan, each.through, room)
            if reasons:
                deliveries += fanout.deliver(connection, each.entry, reasons, now, plan.urgent & reasons.keys())
            fanout.advance(connection, each.entry, through, now)
            if through == plan.through:
                del self._plans[each.entry.id]
            matched += through == EVERY_CHANNEL
            room -= len(reasons)
            if room <= 0:
                break
        return Batch(matched, deliveries, more=bool(waiting) or self._loaded < EVERY_CHANNEL)

    def _plan(self, entry: Entry, now: datetime) -> _Plan:
        plan = self._plans.get(entry.id)
        if plan is None or plan.entry != entry:
            wanting = self._wanted(entry, now)
            urgent = frozenset(number >> _CHANNEL for number in self._urgent.intersection(wanting))
            plan = self._plans[entry.id] = _Plan(entry, wanting, self._loaded, urgent)
        return plan

    def _wanted(self, entry: Entry, now: datetime) -> array[int]:
        """Decide who wants an entry: one filter is enough, one mute is too much, ended ones are none."""
        try:
            wanting = self._index.hits(document.of_entry(entry, self._aliases))
        except Exception:  # one entry's surprise must not hold up the wire, now and after every start
            log.exception("entry_unmatchable", entry=entry.id)
            return array("Q")
        wanting -= {number for number, end in self._ends.items() if end <= now}
        if muting := self._index.of_kind("mute") & wanting:
            muted = {number >> _CHANNEL for number in muting}
            wanting = {number for number in wanting if number >> _CHANNEL not in muted}
        return array("Q", sorted(wanting))

    def _catch_up(self, connection: sqlite3.Connection) -> None:
        newest = audit.newest(connection)
        seen = newest if self._seen is None else self._seen
        if newest - seen > MOST_CHANGES or self._dropped > max(MOST_CHANGES, len(self._index)):
            self._forget()
        elif newest > seen:
            self._refile(connection, seen)
        # Only now: what fails half-way is done again.
        self._seen = newest

    def _refile(self, connection: sqlite3.Connection, seen: int) -> None:
        for touched in fanout.touched_since(connection, seen):
            self._plans.clear()
            for channel in touched.channels:
                if touched.filter is None or channel != touched.filter.channel:
                    self._drop(channel << _CHANNEL | touched.id)
            if touched.filter is not None and touched.filter.channel <= self._loaded:
                self._file(touched.filter)

    def _load(self, connection: sqlite3.Connection) -> None:
        if self._loaded == EVERY_CHANNEL:
            return
        end = fanout.slice_end(connection, self._loaded, self._slice)
        with _no_garbage():
            for each in fanout.live(connection, self._loaded, end):
                self._file(each)
        self._loaded = end
        # Entries look at what is loaded when it has doubled: with every slice would be a look at everything each time.
        filters = len(self._index)
        if end == EVERY_CHANNEL or filters >= 2 * self._ready_filters:
            self._ready, self._ready_filters = end, filters
        if end == EVERY_CHANNEL:
            log.info("filters_loaded", filters=filters)

    def _file(self, each: Filter) -> None:
        number = each.channel << _CHANNEL | each.id
        try:
            self._index.put(number, each.kind, each.query)
        except QueryError:  # written by another version or by hand: the other filters go on
            log.warning("filter_unreadable", subscription=each.id, query=each.query)
            return
        if each.expires_at is not None:
            self._ends[number] = each.expires_at
        else:
            self._ends.pop(number, None)
        (self._urgent.add if each.urgent else self._urgent.discard)(number)

    def _drop(self, number: int) -> None:
        self._index.remove(number)
        self._dropped += 1
        self._ends.pop(number, None)
        self._urgent.discard(number)

    def _forget(self) -> None:
        self._index, self._dropped = Index(), 0
        self._ends.clear()
        self._urgent.clear()
        self._plans.clear()
        self._loaded, self._ready, self._ready_filters = 0, 0, 0


@contextlib.contextmanager
def _no_garbage() -> Iterator[None]:
    """Spare the collector looking again and again at what stays."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _next(plan: _Plan, after: int, room: int) -> tuple[dict[int, str], int]:
    """Take the next channels of a plan with their filters' ids, and say how far the entry has come with them."""
    reasons: dict[int, str] = {}
    last = after
    for number in memoryview(plan.numbers)[bisect_left(plan.numbers, (after + 1) << _CHANNEL) :]:
        channel = number >> _CHANNEL
        if channel == last:
            reasons[channel] = f"{reasons[channel]},{number & _ID}"
        elif len(reasons) == room:
            return reasons, last
        else:
            last = channel
            reasons[channel] = str(number & _ID)
    return reasons, plan.through


async def run(
    database: Database,
    clock: Callable[[], datetime],
    news_committed: asyncio.Event,
    deliveries_committed: Callable[[], None],
    aliases: Aliases = NO_ALIASES,
) -> None:
    """Match for ever: at the start what a crash left, then whatever the poller commits."""
    matcher = Matcher(aliases=aliases)
    while True:
        rung = news_committed.is_set()
        news_committed.clear()
        # Whoever sends what comes of it waits for the disk, before the first message leaves.
        batch = await database.derive(matcher.match, clock())
        # Also where nothing is new: what is corrected has messages to be edited.
        if batch.deliveries or rung:
            deliveries_committed()
            await asyncio.sleep(0)  # whoever sends them gets the writer's thread first
        if batch.entries or batch.deliveries:
            log.info("matched", entries=batch.entries, deliveries=batch.deliveries)
        if not batch.more:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_WAIT):
                    await news_committed.wait()
