"""One fetch under way: at most one host's turn and one place among all requests, and time that runs only meanwhile."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from bot.sources.turns import Turn, Turns


class Visit:
    """Goes from host to host, and never waits for anything while it has what others wait for."""

    def __init__(self, turns: Turns, places: asyncio.Semaphore, seconds: float) -> None:
        """Take `seconds`, of all its turns together; when they are over, the block raises TimeoutError."""
        self.seconds = seconds
        self._turns = turns
        self._places = places
        self._limit = asyncio.timeout(None)
        self._left = seconds
        self._turn: Turn | None = None

    async def __aenter__(self) -> Self:
        await self._limit.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._give_up()
        await self._limit.__aexit__(kind, error, trace)

    async def at(self, key: str, pause: float) -> None:
        """Have a host's turn, and a place among all requests; where it is this host's already, go on at once."""
        if self._turn is not None and self._turn.key == key:
            return
        self.leave()
        # First the turn, then the place: a queue at one host must not take places from others.
        turn = await self._turns.take(key, pause)
        try:
            await self._places.acquire()
        except BaseException:
            turn.end()
            raise
        self._turn = turn
        self._run()

    def leave(self) -> None:
        """Let others have the turn and the place, and stop the time."""
        end = self._limit.when()
        if end is not None:
            self._left = end - asyncio.get_running_loop().time()
            self._limit.reschedule(None)
        self._give_up()

    def follow(self, other: Visit) -> None:
        """Go on with what another visit has; for that one it is over."""
        self.leave()
        # The place comes with the turn.
        self._turn, other._turn = other._turn, None
        if self._turn is not None:
            self._run()

    def _run(self) -> None:
        self._limit.reschedule(asyncio.get_running_loop().time() + self._left)

    def _give_up(self) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.end()
            self._places.release()
