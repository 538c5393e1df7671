"""Complete new items from their own pages, some at once, and wait a few polls for pages that are down."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from bot.model import Item, Source
from bot.sources import kinds
from bot.sources.documents import Fetches
from bot.wire import news
from bot.wire.entry_store import Arrival

log = structlog.get_logger("bot.poller")

# Pages fetched at once to complete the new items of one poll.
CONCURRENT_COMPLETIONS = 4
# Seconds that an item may wait for its page, with its host's turn: a site may ask for a minute between two requests.
COMPLETION_TIME = 75.0
# Polls in which an item's own page is asked for.
MOST_POLLS = 3


class Completer:
    """Completes items, and remembers which wait for their pages."""

    def __init__(self, fetcher: Fetches, clock: Callable[[], datetime]) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._polls_waited: Counter[tuple[str, str]] = Counter()

    async def complete(self, source: Source, items: Sequence[Item]) -> tuple[list[Arrival], int]:
        """Complete items from their own pages. Return those that are ready, and how many wait for the next poll.

        A page that does not answer is asked again at the next polls; after MOST_POLLS the item goes out as listed.
        """
        complete = kinds.KINDS[source.kind].complete
        if complete is None:
            return await as_listed(source, items)
        slots = asyncio.Semaphore(CONCURRENT_COMPLETIONS)

        async def one(item: Item) -> Arrival | None:
            waiting = (source.slug, item.key)
            async with slots:
                now = self._clock()
                try:
                    async with asyncio.timeout(COMPLETION_TIME):
                        completed = news.bounded(await complete(item, source, self._fetcher, now), now)
                except (kinds.NotNow, TimeoutError) as error:
                    self._polls_waited[waiting] += 1
                    log.warning("page_failed", source=source.slug, problem=str(error) or "it took too long")
                    if self._polls_waited[waiting] < MOST_POLLS:
                        return None
                    completed = item
            self._polls_waited.pop(waiting, None)
            return Arrival(item, completed)

        arrivals = await asyncio.gather(*map(one, items))
        ready = [arrival for arrival in arrivals if arrival is not None]
        return ready, len(arrivals) - len(ready)


async def as_listed(_source: Source, items: Sequence[Item]) -> tuple[list[Arrival], int]:
    """Let items go as their list shows them."""
    return [Arrival(item, item) for item in items], 0
