"""Decide when the next message may go, by the platforms' published limits, counted in sliding windows.

A leaky bucket would let twice the rate into its first window; counting what was really sent does not.
"""

from __future__ import annotations

from collections import defaultdict, deque

from bot.ports import Limits

MINUTE = 60.0


class Window:
    """At most `most` events in any `seconds`."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._times: deque[float] = deque()

    def free_at(self, now: float) -> float:
        """Say when the next event may happen: `now`, or later."""
        while self._times and self._times[0] <= now - self._seconds:
            self._times.popleft()
        if len(self._times) < self._most:
            return now
        return self._times[-self._most] + self._seconds

    def room(self, now: float) -> int:
        """Say how many events may happen now."""
        self.free_at(now)
        return self._most - len(self._times)

    def take(self, now: float) -> None:
        """Count an event."""
        self._times.append(now)

    def idle(self, now: float) -> bool:
        """Tell whether nothing is remembered any more."""
        return not self._times or self._times[-1] <= now - self._seconds


class Pacer:
    """Counts what one token sends. Times are seconds of any one monotonic clock."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._token = Window(limits.token_per_second, 1.0)
        self._addresses: defaultdict[str, Window] = defaultdict(lambda: Window(limits.burst, float(limits.burst)))
        self._groups: dict[str, Window] = {}

    def token_free_at(self, now: float) -> float:
        """Say when the token may send again, to whatever channel."""
        return self._token.free_at(now)

    def token_room(self, now: float) -> int:
        """Say how many messages the token may send now."""
        return self._token.room(now)

    def address_free_at(self, address: str, now: float) -> float:
        """Say when the address may receive again."""
        windows = [window for window in (self._addresses.get(address), self._groups.get(address)) if window is not None]
        return max((window.free_at(now) for window in windows), default=now)

    def take(self, address: str, now: float, *, group: bool) -> None:
        """Count a message to an address: a chat with all its topics."""
        self._token.take(now)
        self._addresses[address].take(now)
        if group and self._limits.group_per_minute is not None:
            self._groups.setdefault(address, Window(self._limits.group_per_minute, MINUTE)).take(now)

    def busy(self, now: float) -> dict[str, float]:
        """Name the addresses that may not receive yet, with the time when they may; forget those at rest."""
        for windows in (self._addresses, self._groups):
            for address in [address for address, window in windows.items() if window.idle(now)]:
                del windows[address]
        free = {address: self.address_free_at(address, now) for address in self._addresses | self._groups}
        return {address: at for address, at in free.items() if at > now}
