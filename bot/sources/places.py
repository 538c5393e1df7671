"""A few places to work at, of which nobody keeps one for long."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

# Documents read at once: more of them only take the processor from each other and lie in memory.
MOST = 2
# Seconds after which a place is given on, though its work goes on: a hostile document must not keep others waiting.
KEPT = 1.0


class Places:
    """Places for those who read documents; whoever fetches the next one waits until one of them is free."""

    def __init__(self, most: int = MOST, kept: float = KEPT) -> None:
        self._free = asyncio.Semaphore(most)
        self._kept = kept

    @contextlib.asynccontextmanager
    async def take(self) -> AsyncIterator[None]:
        """Have a place, for as long as it lasts."""
        await self._free.acquire()
        given_on = False

        def give_on() -> None:
            nonlocal given_on
            if not given_on:
                given_on = True
                self._free.release()

        timer = asyncio.get_running_loop().call_later(self._kept, give_on)
        try:
            yield
        finally:
            timer.cancel()
            give_on()

    async def wait(self) -> None:
        """Wait until one is free, and leave it to others."""
        async with self._free:
            pass
