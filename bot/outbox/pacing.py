"""Decide when the next message may go, by the platforms' published limits, counted in sliding windows.

A leaky bucket would let twice the rate into its first window; counting what was really sent does not. The platform
counts what arrives, we know when a message left and when its answer came: it counts as late as it can have arrived.
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

MINUTE = 60.0
# Of what a group may get in a minute, so much is left to replies.
FOR_DELIVERIES = 0.9
# A busy token sends evenly, a sixth of a second's share at a time, so that a reply never waits for a whole second. Each
# part may come a little sooner than its time, or all that the parts are late would add up.
PARTS, SOONER = 6, 0.75
# The time of the fastest answer is subtracted from each: what is common to all ways shifts all arrivals alike. Not the
# whole of it, for a faster one may come.
FASTEST = 0.97
# Seconds without an answer after which a message has arrived, or never will. Until then it may arrive at any moment.
PATIENCE = 5.0
# Seconds in which so many throttled addresses mean that it is not they who send too much, but the token.
TOGETHER = 10.0
# What is learnt of a 429: half the rate, and an eighth of the whole more every half minute.
BACK_OFF, LEAST, STEP, STEP_TIME = 0.5, 1 / 16, 1 / 8, 30.0
# Seconds for which it is known who had a turn: as long as ten thousand channels of Telegram take, and some.
REMEMBERED = 600.0


@dataclass(frozen=True, slots=True)
class Limits:
    """A platform's published sending limits, in messages.

    `token_per_second` holds for all channels of a token together, `group_per_minute` only where people share a channel.
    A channel gets one a second, of which `burst` may come at once, and `reply_burst` more where they are replies. As
    many addresses as `together`, throttled within seconds, mean that the token sends too much. `folds` says that people
    mind a flood there. `second` is a second's length: tests have shorter ones.
    """

    token_per_second: int
    burst: int = 3
    reply_burst: int = 2
    group_per_minute: int | None = None
    in_flight: int = 8
    folds: bool = True
    together: int = 3
    second: float = 1.0


@dataclass(slots=True, eq=False)
class Sending:
    """A message on its way, or about to be: it leaves at `at`, and once it is answered it had arrived by `at`."""

    at: float
    answered: bool = False


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


class Pacer:
    """Counts what one token sends, deliveries and replies. Times are seconds of any one monotonic clock."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        second, most = limits.second, limits.burst + limits.reply_burst
        self._of_token = Rule(limits.token_per_second, second)
        self._of_part = Rule(math.ceil(limits.token_per_second / PARTS), SOONER * second / PARTS)
        self._of_address = Rule(most, most * second)
        self._of_deliveries = Rule(limits.burst, limits.burst * second)
        self._of_group = Rule(limits.group_per_minute or 1, MINUTE * second)
        self._token = Log(limits.token_per_second)
        self._addresses: dict[str, Log] = {}
        self._learned: dict[str, Learned] = {}
        self._token_learned = WHOLE
        self._held: dict[str, float] = {}
        self._token_held_until = -math.inf
        self._throttled: dict[str, float] = {}
        self._served: dict[str, float] = {}
        # Of all others it is known that they are free: that changes with the next message to them, and not by itself.
        self._watched: set[str] = set()
        self._answers, self._fastest = 0, math.inf

    def token_free_at(self, now: float) -> float:
        """Say when the token may deliver again, to whatever channel."""
        rule, part = self._token_rules(now)
        free_at = max(self._token_held_until, self._token.free_at(rule, now))
        return free_at if self._token.room(rule, now) > rule.most // 2 else max(free_at, self._token.free_at(part, now))

    def token_room(self, now: float) -> int:
        """Say how many deliveries the token may send now: half of its second at once, and then a part at a time."""
        if self.token_free_at(now) > now:
            return 0
        rule, part = self._token_rules(now)
        room = self._token.room(rule, now)
        return min(room, max(room - rule.most // 2, self._token.room(part, now)))

    def _token_rules(self, now: float) -> tuple[Rule, Rule]:
        share = self._token_learned.at(now)
        return self._of_token.part(share), self._of_part.part(share)

    def address_free_at(self, address: str, now: float) -> float:
        """Say when the address may get a delivery again."""
        log = self._addresses.get(address)
        rules = [self._of_address, self._of_deliveries]
        if log is not None and log.group:
            rules.append(self._of_group.part(FOR_DELIVERIES))
        return self._free_at(address, rules, now)

    def free_at(self, address: str, now: float) -> float:
        """Say when a delivery to the address may go."""
        return max(self.token_free_at(now), self.address_free_at(address, now))

    def _free_at(self, address: str, rules: Iterable[Rule], now: float) -> float:
        log = self._addresses.get(address)
        free_at = max(now, self._held.get(address, now))
        if log is None:
            return free_at
        share = self._learned.get(address, WHOLE).at(now)
        return max(free_at, *(log.free_at(rule.part(share), now) for rule in rules))

    def take(self, address: str, now: float, *, group: bool) -> Sending:
        """Count a delivery to an address, a chat with all its topics, that leaves now."""
        self._served.pop(address, None)
        self._served[address] = now
        sending = Sending(now)
        self._log(address, group=group).add(sending)
        self._token.add(sending)
        return sending

    def reserve(self, address: str, now: float, *, group: bool) -> Sending:
        """Give a reply the address's next turn, before every delivery there; `begin` gives it the token's."""
        log = self._log(address, group=group)
        rules = [self._of_address, self._of_group] if log.group else [self._of_address]
        sending = Sending(self._free_at(address, rules, now))
        log.add(sending)
        return sending

    def begin(self, reply: Sending, now: float) -> None:
        """Give a reply whose time has come the token's next turn, before every delivery: it leaves at `reply.at`."""
        rule, _ = self._token_rules(now)
        reply.at = max(reply.at, self._token_held_until, self._token.free_at(rule, now))
        self._token.add(reply)

    def give_back(self, address: str, reply: Sending) -> None:
        """Forget a reply that is not sent after all."""
        self._addresses[address].remove(reply)

    def _log(self, address: str, *, group: bool) -> Log:
        """Find an address's log, or begin one; the latest used is the last."""
        shared = group and self.limits.group_per_minute is not None
        # And one more, for a reply that may be given back.
        length = max(self._of_address.most, self._of_group.most if shared else 0) + 1
        self._watched.add(address)
        log = self._addresses.pop(address, None) or Log(length, group=shared)
        self._addresses[address] = log
        return log

    def answered(self, sending: Sending, now: float, *, accepted: bool) -> None:
        """Learn that a message had arrived by now. How fast the way is, only those tell that were accepted."""
        if accepted:
            self._answers += 1
            self._fastest = min(self._fastest, now - sending.at)
        # The first answers come over connections that are still being opened, and tell too little.
        way = FASTEST * self._fastest if self._answers > self.limits.token_per_second else 0.0
        sending.at = max(sending.at, now - way)
        sending.answered = True

    def throttled(self, address: str, seconds: float, now: float) -> None:
        """Learn that an address was refused a message: it rests as it was asked to, and then goes slower for a while.

        Where several addresses are refused within a few seconds, it is the token's doing: then all do.
        """
        self._watched.add(address)
        self._held[address] = max(now + seconds, self._held.get(address, now))
        self._learned[address] = _slower(self._learned.get(address, WHOLE), now)
        recent = {each: at for each, at in self._throttled.items() if now - at < TOGETHER}
        self._throttled = recent | {address: now}
        if len(self._throttled) < self.limits.together:
            return
        # What was in flight at the same time is refused for the same reason: that is learnt once.
        if now >= self._token_held_until:
            self._token_learned = _slower(self._token_learned, now)
        self._token_held_until = max(self._token_held_until, now + seconds)

    def busy(self, now: float) -> dict[str, float]:
        """Name the addresses that may get no delivery yet, with the time when they may; forget those at rest."""
        self._forget(now)
        free = {address: self.address_free_at(address, now) for address in self._watched}
        busy = {address: at for address, at in free.items() if at > now}
        self._watched = set(busy)
        return busy

    def served(self, now: float) -> Mapping[str, float]:
        """Say which addresses had a delivery of late, and when: who has waited longest for a turn is next."""
        # The oldest are the first.
        for address in list(itertools.takewhile(lambda each: self._served[each] <= now - REMEMBERED, self._served)):
            del self._served[address]
        return self._served

    def _forget(self, now: float) -> None:
        self._held = {address: at for address, at in self._held.items() if at > now}
        self._learned = {address: learned for address, learned in self._learned.items() if learned.at(now) < 1.0}
        long_ago = now - MINUTE * self.limits.second
        rested = itertools.takewhile(lambda each: self._addresses[each].last() <= long_ago, self._addresses)
        for address in list(rested):
            del self._addresses[address]


def _slower(learned: Learned, now: float) -> Learned:
    return Learned(max(learned.at(now) * BACK_OFF, LEAST), now)
