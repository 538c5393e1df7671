"""Send a token's replies: in order in each chat, within the limits, before its deliveries."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakValueDictionary

import structlog

from bot.outbox.pacing import Pacer
from bot.outcomes import Throttled

Post = Callable[[], Awaitable[Throttled | None]]
log = structlog.get_logger("bot.turns")

# Seconds. A reply that cannot go within them is dropped: the person has given up waiting.
LONGEST_WAIT = 10.0


class Turns:
    """The turns of all chats. None waits for another chat's."""

    def __init__(
        self,
        pacer: Pacer,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._pacer = pacer
        self._monotonic = monotonic
        self._sleep = sleep
        # One that nobody holds or waits for is forgotten.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, address: str, *posts: Post, group: bool) -> None:
        """Send a reply beside whatever else is to do: whoever waits for a turn keeps no other command waiting."""
        self.keep(asyncio.create_task(self.send(address, *posts, group=group), name=f"reply to {address}"))

    def keep(self, task: asyncio.Task[Any]) -> None:
        """Have `finish` wait for a task that answers somebody, too."""
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("reply_failed", exc_info=task.exception())

    async def finish(self) -> None:
        """Wait for what was started, and for what that starts; where nobody waits for it, end it."""
        try:
            while self._tasks:
                await asyncio.wait(self._tasks)
        finally:
            for task in self._tasks:
                task.cancel()

    async def send(self, address: str, *posts: Post, group: bool) -> None:
        """Call each post of a reply when it is its turn, and again where the platform throttles it."""
        deadline = self._monotonic() + LONGEST_WAIT
        lock = self._locks.setdefault(address, asyncio.Lock())
        async with lock:
            for post in posts:
                while not await self._sent(address, post, deadline, group=group):
                    pass

    async def _sent(self, address: str, post: Post, deadline: float, *, group: bool) -> bool:
        """Send it, or drop it; tell whether that is that."""
        reply = self._pacer.reserve(address, self._monotonic(), group=group)
        if reply.at > deadline:
            self._pacer.give_back(address, reply)
            log.warning("reply_dropped", seconds=LONGEST_WAIT)
            return True
        await self._until(reply.at)
        self._pacer.begin(reply, self._monotonic())
        await self._until(reply.at)
        throttled = await post()
        now = self._monotonic()
        self._pacer.answered(reply, now, accepted=throttled is None)
        if throttled is not None:
            self._pacer.throttled(address, throttled.retry_after, now)
        return throttled is None

    async def _until(self, moment: float) -> None:
        pause = moment - self._monotonic()
        if pause > 0:
            await self._sleep(pause)
