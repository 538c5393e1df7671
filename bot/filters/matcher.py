"""Match entries with subscriptions and commit the deliveries.

    unmatched entries | documents | index | mutes win | deliveries, committed with the entry's matched_at

The index is a cache of the subscriptions table: each transaction first catches up with the audit trail, so that a
filter added a moment ago, by whatever process, is seen by the next entry.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

import structlog

from bot.db import Database
from bot.filters import document, store
from bot.filters.index import Hit, Index
from bot.filters.query import QueryError
from bot.model import Entry, Reason

log = structlog.get_logger("bot.matcher")

# Entries in one transaction: commands wait for one batch at the most.
BATCH = 50
# Looked again at least this often, in seconds: a bell that was never rung costs no more than that.
LONGEST_WAIT = 30.0


class Matcher:
    """Owns the index; used on the database's writer thread only."""

    def __init__(self, index: Index | None = None) -> None:
        self._index = Index() if index is None else index
        self._seen: int | None = None

    def match(self, connection: sqlite3.Connection, now: datetime) -> tuple[int, int]:
        """Match one batch of entries. Return how many entries there were and how many deliveries they made."""
        self._catch_up(connection)
        entries = store.unmatched(connection, BATCH)
        deliveries = 0
        for entry in entries:
            deliveries += store.fan_out(connection, entry, self._wanted(entry, now).items(), now)
        return len(entries), deliveries

    def _wanted(self, entry: Entry, now: datetime) -> dict[int, list[Reason]]:
        try:
            return wanted(list(self._index.hits(document.of_entry(entry))), now)
        except Exception:  # one entry's surprise must not hold up the wire, now and after every start
            log.exception("entry_unmatchable", entry=entry.id)
            return {}

    def _catch_up(self, connection: sqlite3.Connection) -> None:
        seen, self._seen = self._seen, store.newest_change(connection)
        if seen == self._seen:
            return
        touched = store.every(connection) if seen is None else store.changed_since(connection, seen)
        for subscription_id, subscription in touched.items():
            if subscription is None:
                self._index.remove(subscription_id)
                continue
            try:
                self._index.put(subscription)
            except QueryError:  # written by another version or by hand: the other filters go on
                log.warning("filter_unreadable", subscription=subscription_id, query=subscription.query)


def wanted(hits: list[Hit], now: datetime) -> dict[int, list[Reason]]:
    """Decide which channels want an entry, and why: one filter is enough, one mute is too much, ended ones are none."""
    reasons: defaultdict[int, list[Reason]] = defaultdict(list)
    muted: set[int] = set()
    for hit in hits:
        subscription = hit.subscription
        if subscription.expires_at is not None and subscription.expires_at <= now:
            continue
        if subscription.kind == "mute":
            muted.add(subscription.channel)
        else:
            reasons[subscription.channel].append(
                Reason(
                    subscription.id,
                    subscription.kind,
                    subscription.query,
                    hit.found,
                    created_by=subscription.created_by,
                )
            )
    return {channel: each for channel, each in reasons.items() if channel not in muted}


async def run(
    database: Database,
    clock: Callable[[], datetime],
    news_committed: asyncio.Event,
    deliveries_committed: Callable[[], None],
) -> None:
    """Match for ever: at the start what a crash left, then whatever the poller commits."""
    matcher = Matcher()
    while True:
        news_committed.clear()
        entries, deliveries = await database.write(matcher.match, clock())
        if deliveries:
            deliveries_committed()
        if entries:
            log.info("matched", entries=entries, deliveries=deliveries)
        else:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_WAIT):
                    await news_committed.wait()
