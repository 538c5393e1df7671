"""Watch whether news flows, and have operators told when it does not.

    every half minute: look at the database and at what the platforms answered | decide | tell, once

Beside the loops that it watches, and without a part in what they do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.db import Database
from bot.flow import sight, stages
from bot.flow.stages import Progress
from bot.model import Operator
from bot.outbox.tally import Tally

log = structlog.get_logger("bot.flow")

LOOK_EVERY = 30.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the last look found: how each stage gets on, and since when news is stuck at some."""

    at: datetime
    progress: Mapping[str, Progress]
    stuck: Mapping[str, datetime]


class Watcher:
    """Looks at the whole way from the sources to the platforms, of each of which there is a tally."""

    def __init__(
        self,
        database: Database,
        operators: Sequence[Operator],
        tallies: Mapping[str, Tally],
        clock: Callable[[], datetime],
        operators_told: Callable[[], None],
    ) -> None:
        self._database = database
        self._operators = operators
        self._tallies = tallies
        self._clock = clock
        self._operators_told = operators_told
        self.verdict: Verdict | None = None

    async def run(self) -> None:
        """Watch for ever."""
        while True:
            try:
                await self.look()
            except Exception:  # whoever watches must not end what is watched
                log.exception("watching_broke")
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Look once, and tell operators what has changed."""
        now = self._clock()
        seen = await self._database.read(sight.look, tuple(self._tallies), now)
        moved = {platform: tally.moved for platform, tally in self._tallies.items()}
        unanswered = {platform: tally.unanswered for platform, tally in self._tallies.items()}
        before = self.verdict
        progress = stages.watch(
            {} if before is None else before.progress,
            stages.stages(seen, moved, unanswered),
            None if before is None else before.at,
            now,
        )
        stuck = stages.stuck(progress, now)
        self.verdict = Verdict(now, progress, stuck)
        known = await self._database.read(sight.alarms)
        changes = stages.alarms(known, progress, seen, now)
        if not changes:
            return
        await self._database.write(sight.tell, changes, self._operators, frozenset(stuck), now)
        for change in changes:
            log.error("news_stuck" if change.alarm.since else "news_flows", notice=change.sentence)
        self._operators_told()
