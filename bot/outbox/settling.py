"""Write down what became of sends: all that finish while a commit is under way go into the next one."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from bot.db import Database
from bot.model import Delivery
from bot.outbox import store
from bot.outbox.policy import Decision

Settlement = tuple[Delivery, Decision, datetime]


class Settling:
    """Settles deliveries of one platform; a commit waits for the disk once, however many it settles."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._finished: list[Settlement] = []
        self._next: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()

    async def settle(self, delivery: Delivery, decision: Decision, now: datetime) -> None:
        """Settle a delivery; return when that is committed, raise what the commit raises."""
        self._finished.append((delivery, decision, now))
        if self._next is None:
            self._next = asyncio.create_task(self._commit(), name="settle")
        # Shielded: who gives up waiting must not take the others' commit along.
        await asyncio.shield(self._next)

    async def _commit(self) -> None:
        async with self._writing:
            finished, self._finished, self._next = self._finished, [], None
            await self._database.write(_settle_all, finished)


def _settle_all(connection: sqlite3.Connection, finished: Sequence[Settlement]) -> None:
    for delivery, decision, now in finished:
        store.settle(connection, delivery, decision, now)
