"""Look after what nobody asks for: what is old goes, a clock that was set is noticed, operators learn of outages.

every half minute: clock, outages        hourly: entries, deliveries, gaps, the audit trail and workspaces
                                         that took the bot away, a few rows at a time
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from bot import audit, db, notices, retention
from bot.clock import SteadyClock
from bot.db import Database
from bot.model import Operator
from bot.outages import Outage
from bot.outbox import jumps
from bot.retention import Keeps, Place
from bot.wire import health

T = TypeVar("T")

log = structlog.get_logger("bot.upkeep")

# Seconds between two looks at clock and outages.
LOOK_EVERY = 30.0
# Seconds until the first pruning, when sources have been read and the backlog sent, and between two.
PRUNED_FIRST, PRUNED_EVERY = 300.0, 3600.0
# Seconds between two batches: whoever writes gets in between.
BREATH = 0.05
# Shorter outages stand in the log.
TOLD_OUTAGE = timedelta(minutes=1)


class Upkeep:
    """Looks after the database of a running bot."""

    def __init__(
        self,
        database: Database,
        clock: SteadyClock,
        keeps: Keeps,
        operators: Sequence[Operator],
        operators_told: Callable[[], None],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`pause` waits so many seconds between two batches."""
        self._database = database
        self._clock = clock
        self._keeps = keeps
        self._operators = operators
        self._operators_told = operators_told
        self._pause = pause
        self._bell = asyncio.Event()
        self._outage: Outage | None = None
        self._read_through = 0
        database.outages.on_end = self._ended

    def _ended(self, outage: Outage) -> None:
        if self._outage is None or outage.seconds > self._outage.seconds:
            self._outage = outage
        self._bell.set()

    async def run(self) -> None:
        """Look after it for ever."""
        prune_at = time.monotonic() + PRUNED_FIRST
        self._read_through = await self._database.read(audit.newest)
        if not self._database.is_checked:
            await self.check()
        while True:
            self._bell.clear()
            await self.look()
            if time.monotonic() >= prune_at:
                await self.prune()
                prune_at = time.monotonic() + PRUNED_EVERY
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._bell.wait()

    async def check(self) -> None:
        """Read through a file that was too large for the start."""
        log.info("database_check", bytes=self._database.path.stat().st_size)
        if problem := await self._database.read(db.damage):
            log.error("database_damaged", problem=problem)
            await self._tell(f"⚠ {db.damaged(self._database.path, problem)}")

    async def look(self) -> None:
        """Notice that the clock was set, and that the file can be used again."""
        self._clock()
        if by := self._clock.ahead:
            await self._database.write(jumps.shift, by)
            self._clock.accept(by)
            way = "ahead" if by > timedelta(0) else "back"
            log.warning("clock_set", seconds=round(by.total_seconds()))
            await self._tell(
                f"⚠ The clock of this machine was set {way} by {health.about(abs(by))}. What waits to be sent goes on "
                "waiting as before; if the clock is wrong now, so are the times in my messages."
            )
        outage, self._outage = self._outage, None
        if outage is not None and outage.seconds >= TOLD_OUTAGE.total_seconds():
            lasted = health.about(timedelta(seconds=outage.seconds))
            await self._tell(
                f"⚠ For {lasted} I could not use my database ({outage.problem}). It works again, and I go on where I "
                "was; what sources showed only in that time I have not seen."
            )

    async def prune(self) -> None:
        """Delete what is older than it is kept."""
        now, keeps = self._clock(), self._keeps
        newest = await self._database.read(audit.newest)
        deliveries = 0 if keeps.deliveries is None else await self._prune_deliveries(now - keeps.deliveries)
        entries = 0 if keeps.entries is None else await self._prune_entries(now - keeps.entries)
        trail = 0 if keeps.audit is None else await self._prune_audit(now - keeps.audit)
        erased = await self._in_batches(
            lambda connection, after: retention.prune_installations(connection, now, after), 0
        )
        # The matcher reads it at least twice a minute: by the next time all of this is read.
        self._read_through = newest
        if deliveries or entries or trail or erased:
            log.info("pruned", entries=entries, deliveries=deliveries, audit=trail, channels=erased)

    async def _prune_deliveries(self, before: datetime) -> int:
        return await self._in_batches(
            lambda connection, after: retention.prune_deliveries(connection, before, after), 0
        )

    async def _prune_entries(self, before: datetime) -> int:
        await self._database.write(retention.prune_gaps, before)
        limits = await self._database.read(retention.limits)
        return await self._in_batches(
            lambda connection, after: retention.prune_entries(connection, before, limits, after), Place()
        )

    async def _prune_audit(self, before: datetime) -> int:
        through = self._read_through
        return await self._in_batches(
            lambda connection, after: retention.prune_audit(connection, before, through, after), 0
        )

    async def _in_batches(self, prune: Callable[[sqlite3.Connection, T], tuple[int, T | None]], start: T) -> int:
        pruned, place = 0, start
        while True:
            gone, after = await self._database.write(prune, place)
            pruned += gone
            if after is None:
                return pruned
            place = after
            await self._pause(BREATH)

    async def _tell(self, sentence: str) -> None:
        await self._database.write(notices.tell, self._operators, sentence, self._clock())
        self._operators_told()
