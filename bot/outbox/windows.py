"""Count messages in sliding windows, and learn which share of a published rate a platform really takes."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

# Seconds without an answer after which a message has arrived, or never will. Until then it may arrive at any moment.
PATIENCE = 5.0
# What is learnt of a 429: half the rate, and an eighth of the whole more every half minute.
BACK_OFF, LEAST, STEP, STEP_TIME = 0.5, 1 / 16, 1 / 8, 30.0


@dataclass(slots=True, eq=False)
class Sending:
    """A token's message on its way, or about to be: it leaves at `at`, and once answered it had arrived by `at`."""

    at: float
    answered: bool = False
    token: str = ""


class Rule(NamedTuple):
    """At most `most` messages in any `seconds`."""

    most: int
    seconds: float

    def part(self, share: float) -> Rule:
        """Take a share of the rate: fewer messages, and of less than one, one in a longer time."""
        allowed = self.most * share
        most = max(1, int(allowed + 1e-9))
        return Rule(most, self.seconds * most / allowed)


class Log:
    """The latest messages to an address or of a token, no more than its rules look at."""

    def __init__(self, length: int, *, group: bool = False) -> None:
        self.group = group
        self._sendings: deque[Sending] = deque(maxlen=length)

    def add(self, sending: Sending) -> None:
        """Count a message."""
        self._sendings.append(sending)

    def _arrivals(self, now: float) -> list[float]:
        """List when the messages arrived; one without an answer does now, until it is lost or badly late."""
        return sorted(one.at if one.answered else max(one.at, min(now, one.at + PATIENCE)) for one in self._sendings)

    def free_at(self, rule: Rule, now: float) -> float:
        """Say when the next message may go: `now`, or later."""
        if len(self._sendings) < rule.most:
            return now
        return max(now, self._arrivals(now)[-rule.most] + rule.seconds)

    def room(self, rule: Rule, now: float) -> int:
        """Say how many messages may go now."""
        return max(0, rule.most - sum(at + rule.seconds > now for at in self._arrivals(now)))

    def remove(self, sending: Sending) -> None:
        """Count a message no more."""
        self._sendings.remove(sending)

    def last(self) -> float:
        """Say when the latest message left or had arrived."""
        return max((one.at for one in self._sendings), default=-math.inf)


@dataclass(frozen=True, slots=True)
class Learned:
    """The share of a published rate that the platform really takes, as learnt at `since`."""

    share: float
    since: float

    def at(self, now: float) -> float:
        """Say which share to use: step by step up to the whole."""
        return min(1.0, self.share + STEP * math.floor((now - self.since) / STEP_TIME))


WHOLE = Learned(1.0, 0.0)


def slower(learned: Learned, now: float) -> Learned:
    """Learn that a rate was too fast."""
    return Learned(max(learned.at(now) * BACK_OFF, LEAST), now)
