"""Deliveries are claimed as far as their tokens have room, and one token's backlog holds up no other's."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from bot import channels
from bot.filters import store as filters
from bot.filters.matcher import Matcher
from bot.model import Item, Source
from bot.outbox import queue, store
from bot.outbox.queue import Rooms
from bot.wire import source_store
from bot.wire import store as wire
from bot.wire.entry_store import Arrival

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
WIRE = Source("wire", "The Wire", "phiwire", "https://example.org")


def _token(address: str) -> str:
    return address.partition("/")[0]


def _fill(connection: sqlite3.Connection, *addresses: str, entries: int = 1) -> None:
    source_store.put_source(connection, WIRE, "file")
    wire.commit_poll(connection, WIRE, NOW, NOW)
    for address in addresses:
        channel = channels.ensure(connection, "slack", address, "", "", "Europe/London", NOW)
        filters.add(connection, channel.id, "match", "ferry", "Ada", NOW)
    items = [Item(f"Ferry vote {number}", "wire", f"Ferry vote {number}") for number in range(entries)]
    wire.commit_poll(connection, WIRE, NOW, NOW, new=[Arrival(item, item) for item in items])
    matcher = Matcher()
    while matcher.match(connection, NOW).more:
        pass


def _claimed(connection: sqlite3.Connection, limit: int, **left: int) -> list[str]:
    claimed = store.claim(connection, "slack", NOW, limit, burst=10_000, rooms=Rooms(2, left, _token))
    return [delivery.channel.address for delivery in claimed]


def test_each_token_gets_what_it_has_room_for(connection: sqlite3.Connection) -> None:
    """One that sent nothing of late as much as any such."""
    _fill(connection, "A/1", "A/2", "A/3", "A/4", "B/1", "C/1", "C/2", "C/3")
    assert _claimed(connection, 99, A=3, B=0) == ["A/1", "A/2", "A/3", "C/1", "C/2"]


def test_backlog_of_a_token_that_may_not_send_is_no_wall(connection: sqlite3.Connection) -> None:
    """However much of it is in front."""
    rooms = [f"A/{number}" for number in range(30)]
    _fill(connection, *rooms, "B/1", entries=queue.FRONT // 30 + 1)
    assert _claimed(connection, 9, A=0) == ["B/1"]
    assert _claimed(connection, 9, A=1) == ["A/0"]
