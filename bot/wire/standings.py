"""What is kept in memory of sources that are well: a look that finds one unchanged needs nothing from the database.

Such looks are committed some at once. Whoever is killed before that has forgotten seconds of looking, and nothing that
was learnt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.db import Database
from bot.model import Source
from bot.wire import health, rhythm, source_store
from bot.wire.rhythm import Forecast, Rhythm
from bot.wire.source_store import PollState, UnchangedLook

# Forecasts change by the hour.
KEPT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a source stood in the database, and what its rhythm promises; nothing but a change matters until `ends`."""

    source: Source
    state: PollState
    ahead: Forecast
    ends: datetime


class Standings:
    """The standings of all sources, and the looks since then that found nothing new."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[str, Standing] = {}
        self._looks: dict[str, UnchangedLook] = {}

    def of(self, source: Source, now: datetime) -> Standing | None:
        """Give a source's standing; none where it must be read."""
        standing = self._kept.get(source.slug)
        if standing is None or standing.source != source or not standing.ends - KEPT <= now < standing.ends:
            return None
        return standing

    def keep(self, source: Source, state: PollState, learnt: Rhythm, now: datetime) -> Standing | None:
        """Keep the standing of a source that is well, and will not be too quiet before it is read again."""
        ends, last = now + KEPT, state.last_new_at
        if not state.is_well or learnt.since is None:
            return None
        if (
            last is not None
            and ends - last >= health.QUIET_AT_LEAST
            and rhythm.expected(learnt, last, ends) >= health.EXPECTED_AT_LEAST
        ):
            return None
        # Both are long, and of use only where something changed.
        slim = replace(state, window=(), rhythm="")
        standing = self._kept[source.slug] = Standing(source, slim, rhythm.forecast(learnt), ends)
        return standing

    def forget(self, slug: str) -> None:
        """Have a source's standing read anew."""
        self._kept.pop(slug, None)

    def looked(self, standing: Standing, now: datetime, next_poll_at: datetime) -> None:
        """Take note that a source was looked at and is unchanged."""
        source = standing.source
        self._looks[source.slug] = UnchangedLook(source, standing.state, now, next_poll_at)

    async def read(self, source: Source) -> PollState:
        """Read what the last looks at a source left."""
        if source.slug in self._looks:
            await self.commit()
        return await self._database.read(source_store.poll_state, source.slug)

    async def commit(self) -> None:
        """Commit the looks that found nothing new; standings that are no longer true are forgotten."""
        looks, self._looks = self._looks, {}
        if looks:
            for slug in await self._database.derive(source_store.commit_unchanged, list(looks.values())):
                self.forget(slug)
