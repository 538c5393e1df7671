"""The published limits, enforced to the letter: whatever comes too soon is refused, by the server's own clock."""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field

SENDING = frozenset({"sendMessage", "editMessageText", "chat.postMessage", "chat.postEphemeral", "chat.update"})
MINUTE = 60.0
# An arrival is a binary fraction of seconds, the end of a window the sum of two.
EXACT = 1e-9


@dataclass(slots=True)
class Rates:
    """Limits of a token, of each address, and of each address that people share; these have a negative id.

    A token gets `per_second` in any second, wherever that begins; an address one a second, of which `burst` may come at
    once; a shared one `per_minute` in any minute. `second` is a second's length: a test has no time. What is refused
    counts for nothing, `arrivals` and `refused` are (monotonic time, address).
    """

    per_second: int
    burst: int
    per_minute: int | None = None
    second: float = 1.0
    arrivals: list[tuple[float, str]] = field(default_factory=list)
    refused: list[tuple[float, str]] = field(default_factory=list)
    _token: deque[float] = field(default_factory=deque)
    _addresses: defaultdict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def refusal(self, method: str, address: str) -> int | None:
        """Count a request; where it comes too soon, say for how many seconds it should wait instead."""
        if method not in SENDING:
            return None
        now, known = time.monotonic(), self._addresses[address]
        waits = [_wait(self._token, self.per_second, self.second, now), self._wait_for_burst(known, now)]
        if self.per_minute is not None and address.startswith("-"):
            waits.append(_wait(known, self.per_minute, MINUTE * self.second, now))
        if max(waits) > EXACT:
            self.refused.append((now, address))
            return math.ceil(max(waits))
        self.arrivals.append((now, address))
        self._token.append(now)
        known.append(now)
        return None

    def _wait_for_burst(self, times: deque[float], now: float) -> float:
        """Say how long a bucket of `burst`, which gains one a second, has nothing to give."""
        level, before = float(self.burst), -math.inf
        for at in times:
            level = min(self.burst, level + (at - before) / self.second) - 1
            before = at
        return (1 - min(self.burst, level + (now - before) / self.second)) * self.second

    def most(self, seconds: float) -> int:
        """Count what came in the fullest window of so many seconds, refused or not."""
        times = [at for at, _ in (*self.arrivals, *self.refused)]
        return max((sum(start <= at < start + seconds - EXACT for at in times) for start in times), default=0)


def _wait(times: deque[float], most: int, seconds: float, now: float) -> float:
    return 0.0 if len(times) < most else times[-most] + seconds - now
