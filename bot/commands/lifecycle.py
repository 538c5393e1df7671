"""Learn what becomes of channels: gone, brought back, closed for a while, renamed, moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot import channels
from bot.db import Database

log = structlog.get_logger("bot.commands")

# Whoever mends what is wrong is heard of; that this was missed is found out by a try once in so long.
LONGEST_HOLD = timedelta(days=1)


class Lifecycle:
    """Writes down what platforms tell of channels; of a channel that is not known there is nothing to write."""

    def __init__(self, database: Database, clock: Callable[[], datetime], deliveries_due: Callable[[], None]) -> None:
        self._database = database
        self._clock = clock
        self._deliveries_due = deliveries_due

    async def gone(self, platform: str, address: str, reason: str) -> None:
        """Send nothing there any more; keep its filters."""
        log.info("channel_gone", platform=platform, reason=reason)
        await self._database.write(channels.gone, platform, address, reason, self._clock())

    async def returned(self, platform: str, address: str) -> None:
        """Send there again, at once."""
        log.info("channel_returned", platform=platform)
        await self._database.write(channels.returned, platform, address)
        self._deliveries_due()

    async def suspended(self, platform: str, address: str, reason: str) -> None:
        """Let what comes for it wait."""
        log.info("channel_suspended", platform=platform, reason=reason)
        now = self._clock()
        await self._database.write(channels.hold, platform, address, now + LONGEST_HOLD, reason, now)

    async def renamed(self, platform: str, address: str, title: str) -> None:
        """Keep its new title."""
        await self._database.write(channels.rename, platform, address, title)

    async def moved(self, platform: str, old: str, new: str) -> None:
        """Take filters and queue to the new address."""
        log.info("channel_moved", platform=platform)
        await self._database.write(channels.move, platform, old, new, self._clock())
        self._deliveries_due()
