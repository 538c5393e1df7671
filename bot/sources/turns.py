"""One request at a time to each host, in the order in which they were wanted, with a pause between two."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from bot.sources import politeness

# Hosts that are remembered although nobody waits for them; links lead to more and more.
_MOST_HOSTS = 1_024


class _Host:
    """What is known of a host; `users` have its turn or wait for it."""

    __slots__ = ("ended_at", "free", "users")

    def __init__(self) -> None:
        self.ended_at: float | None = None
        self.free = asyncio.Lock()
        self.users = 0


class Turn:
    """The right to send requests to one host, one after the other, until `end`."""

    def __init__(self, key: str, end: Callable[[], None]) -> None:
        self.key = key
        self._end: Callable[[], None] | None = end

    @property
    def ended(self) -> bool:
        """Whether it is somebody else's turn."""
        return self._end is None

    def end(self) -> None:
        """Let the next one have its turn, after the pause. Safe to call twice."""
        end, self._end = self._end, None
        if end is not None:
            end()


class Turns:
    """The turns of all hosts. None waits for another host's."""

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._monotonic = monotonic
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}

    async def take(self, key: str, pause: float) -> Turn:
        """Wait for a host's turn, and then until `pause` seconds have passed since the one before ended."""
        if len(self._hosts) >= _MOST_HOSTS and key not in self._hosts:
            self._forget()
        host = self._hosts.setdefault(key, _Host())
        host.users += 1
        try:
            await host.free.acquire()
            try:
                seconds = politeness.wait(host.ended_at, pause, self._monotonic())
                if seconds:
                    await self._sleep(seconds)
            except BaseException:
                host.free.release()
                raise
        except BaseException:
            host.users -= 1
            raise
        return Turn(key, lambda: self._end(host))

    def _end(self, host: _Host) -> None:
        host.ended_at = self._monotonic()
        host.users -= 1
        host.free.release()

    def _forget(self) -> None:
        """Forget hosts whose longest pause is over."""
        before = self._monotonic() - politeness.LONGEST_GAP
        for key, host in list(self._hosts.items()):
            if not host.users and (host.ended_at is None or host.ended_at < before):
                del self._hosts[key]
