"""Match entries with subscriptions and commit the deliveries.

    unmatched entries | documents | index | mutes win | deliveries, committed with the entry's matched_at

The index is a cache of the subscriptions table: each transaction first catches up with the audit trail, so that a
filter added a moment ago, by whatever process, is seen by the next entry.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

import structlog

from bot.db import Database
from bot.filters import document, store
from bot.filters.index import Hit, Index
from bot.filters.query import QueryError
from bot.model import Reason

log = structlog.get_logger("bot.matcher")

# Entries in one transaction: commands wait for one batch at the most.
BATCH = 50


class Matcher:
    """Owns the index; used on the database's writer thread only."""

    def __init__(self) -> None:
        self._index = Index()
        self._seen: int | None = None

    def match(self, connection: sqlite3.Connection, now: datetime) -> tuple[int, int]:
        """Match one batch of entries. Return how many entries there were and how many deliveries they made."""
        self._catch_up(connection)
        entries = store.unmatched(connection, BATCH)
        deliveries = 0
        for entry in entries:
            hits = self._index.hits(document.of_entry(entry))
            deliveries += store.fan_out(connection, entry, wanted(list(hits), now).items(), now)
        return len(entries), deliveries

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
            await news_committed.wait()
