"""Read documents beside the event loop, under a time limit that a hostile one cannot outstay."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from datetime import datetime

from bot.model import Item, Source
from bot.sources import kinds
from bot.sources.documents import Page, Unreadable

# Seconds that one document may take.
READ_TIME = 20.0
# Documents read at once, those included that have taken too long to keep their places.
MOST_READ = 32
# Bytes. Larger ones are read one after the other: a tree in memory is many times as large as its text.
BIG = 500_000


class Reader:
    """Reads each document in a thread of its own, which the end of the process does not wait for."""

    def __init__(self, seconds: float = READ_TIME) -> None:
        """Take the seconds that each document may take."""
        self._seconds = seconds
        self._slots = asyncio.Semaphore(MOST_READ)
        self._big = asyncio.Semaphore(1)
        self._busy: set[str] = set()

    async def read(self, page: Page, source: Source, now: datetime) -> list[Item]:
        """Read a document by its source's kind.

        Raises:
            Unreadable: it is not what it should be, or takes too long; until a read that took too long has ended, its
                source is not read again.
        """
        async with self._big if len(page.body) > BIG else contextlib.nullcontext(), self._slots:
            return await self._read(page, source, now)

    async def _read(self, page: Page, source: Source, now: datetime) -> list[Item]:
        if source.slug in self._busy:
            raise Unreadable(
                "its last answer is still being read, far longer than it should take: look at what it sends"
            )
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[list[Item]] = loop.create_future()
        self._busy.add(source.slug)

        def work() -> None:
            try:
                items: list[Item] | Exception = kinds.KINDS[source.kind].read(page, source, now)
            except Exception as error:  # noqa: BLE001 (it is raised again where it is awaited)
                items = error
            # A loop that has ended waits for nobody.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._settle, source.slug, outcome, items)

        threading.Thread(target=work, name=f"read {source.slug}", daemon=True).start()
        try:
            async with asyncio.timeout(self._seconds):
                return await outcome
        except TimeoutError:
            raise Unreadable(
                f"its answer took more than {self._seconds:g} seconds to read and was given up: look at what it sends"
            ) from None

    def _settle(self, slug: str, outcome: asyncio.Future[list[Item]], items: list[Item] | Exception) -> None:
        self._busy.discard(slug)
        if outcome.done():
            return
        if isinstance(items, Exception):
            outcome.set_exception(items)
        else:
            outcome.set_result(items)
