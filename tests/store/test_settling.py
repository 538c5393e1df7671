"""Settles that finish together share a commit; none returns before it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.db import Database
from bot.model import Delivery
from bot.outbox import store
from bot.outbox.policy import Settle
from bot.outbox.settling import Settling
from tests.store.test_outbox import NOW, follower, publish

SENT = Settle("sent", message_ref="m")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Open a new file."""
    opened = Database(tmp_path / "test.db")
    yield opened
    opened.close()


def claimed(connection: sqlite3.Connection, chats: int) -> tuple[Delivery, ...]:
    """Claim a delivery to each of so many chats."""
    for number in range(chats):
        follower(connection, str(number))
    publish(connection, "Ferry vote survives")
    return store.claim(connection, "telegram", NOW, chats)


async def test_settle_returns_when_it_is_committed(database: Database) -> None:
    """Only then may the channel's next delivery be claimed."""
    settling = Settling(database)

    async def settle(delivery: Delivery) -> bool:
        await settling.settle(delivery, SENT, NOW)
        found = await database.read(store.standing, delivery.channel.id, delivery.entry.id)
        return found is not None and found.status == "sent"

    deliveries = await database.write(claimed, 10)
    assert all(await asyncio.gather(*map(settle, deliveries)))


async def test_failed_commit_is_everybodys_failure(database: Database) -> None:
    """Nobody may take for settled what is not; later commits are their own."""
    settling = Settling(database)
    *deliveries, last = await database.write(claimed, 3)
    broken = Settle("lost")  # type: ignore[arg-type]
    results = await asyncio.gather(
        settling.settle(deliveries[0], SENT, NOW),
        settling.settle(deliveries[1], broken, NOW),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [sqlite3.IntegrityError] * 2
    await settling.settle(last, SENT, NOW)
    assert {count.status: count.count for count in await database.read(store.counts)} == {"sending": 2, "sent": 1}
