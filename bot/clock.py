"""Tell the time steadily: when the machine's clock is set, whoever must know learns of it before anybody sees it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

# More than clocks are corrected by, little by little.
JUMP = timedelta(seconds=60)


def seconds_since_boot() -> float:
    """Count seconds that nobody sets, also while the machine sleeps where its system counts them."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class SteadyClock:
    """The time as it would be without the jumps of the wall's clock that were not accepted yet.

    `ahead` is how far the wall's clock is ahead of what is told: negative where it was set back.
    """

    def __init__(self, wall: Callable[[], datetime], elapsed: Callable[[], float] = seconds_since_boot) -> None:
        self._wall = wall
        self._elapsed = elapsed
        self._told, self._at = wall(), elapsed()
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        """Tell the time."""
        at = self._elapsed()
        told, expected = self._wall() - self.ahead, self._told + timedelta(seconds=at - self._at)
        if abs(told - expected) > JUMP:
            self.ahead += told - expected
            told = expected
        self._told, self._at = told, at
        return told

    def accept(self, ahead: timedelta) -> None:
        """Tell the wall's time from now on, as far as it was ahead."""
        self.ahead -= ahead
        self._told += ahead
