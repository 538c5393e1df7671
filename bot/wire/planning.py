"""Plan when each source is looked at next: by its interval, its rhythm, what it asks for, and the budget of all."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.model import Hints, Source
from bot.sources import hints
from bot.sources.documents import Page, Unchanged
from bot.wire import cadence, rhythm
from bot.wire.cadence import Pace
from bot.wire.rhythm import Forecast, Rhythm


class Planner:
    """What is known of how often sources may and need to be looked at."""

    def __init__(self, every: timedelta) -> None:
        self._every = every
        self._hints: dict[str, Hints] = {}
        self._beat: float | None = None

    async def share(self, sources: Sequence[Source], learnt: Mapping[str, tuple[str, datetime | None]]) -> None:
        """Share among these sources as many requests as a look in every interval would take (ADR 14).

        Until then each is looked at in its interval; those whose interval an operator has set stay out of it. `learnt`
        are their rhythms as text, and when each was last seen.
        """
        learning = [source for source in sources if source.every is None]

        def find() -> float:
            shares = []
            for source in learning:
                within = cadence.bounds(self._every, self._hints.get(source.slug))
                if within is not None:
                    text, seen_at = learnt.get(source.slug, ("", None))
                    shares.append((rhythm.forecast(rhythm.from_json(text, source.timezone, seen_at)), within))
            return cadence.shared_beat(shares, len(shares) / self._every.total_seconds())

        # Beside the loop: a thousand sources take a second.
        self._beat = await asyncio.to_thread(find)

    def heard(self, source: Source, answer: Page | Unchanged) -> Hints | None:
        """Take note of what an answer asks for; return it where a feed names another hub than before, or none."""
        before = self._hints.get(source.slug)
        if isinstance(answer, Page) and source.kind != "feed":
            # Only feeds say more than their server does.
            self._hints[source.slug] = hints.of_server(answer)
            return None
        after = self._hints[source.slug] = hints.read(answer, before or Hints())
        known = before is not None and (before.hub, before.topic) == (after.hub, after.topic)
        return after if isinstance(answer, Page) and not known else None

    def ahead(self, source: Source, learnt: Rhythm) -> Forecast | None:
        """Forecast a source's news; none where its rhythm is not followed."""
        return rhythm.forecast(learnt) if source.every is None and self._beat is not None else None

    def due(
        self,
        source: Source,
        now: datetime,
        ahead: Forecast | None,
        failures: int = 0,
        retry_after: float | None = None,
    ) -> datetime:
        """Say when a source is looked at next, after a look that ended now."""
        pace = None
        if ahead is not None and self._beat is not None and source.every is None:
            pace = Pace(ahead, self._beat)
        return cadence.next_poll(
            now,
            source.every or self._every,
            failures=failures,
            retry_after=retry_after,
            jitter=random.random(),
            pace=pace,
            hints=self._hints.get(source.slug),
        )
