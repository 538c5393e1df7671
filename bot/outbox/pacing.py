"""Decide when the next message may go, by the platforms' published limits, counted in sliding windows.

A leaky bucket would let twice the rate into its first window; counting what was really sent does not. The platform
counts what arrives, we know when a message left and when its answer came: it counts as late as it can have arrived.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from bot.outbox.windows import PATIENCE, WHOLE, Learned, Log, Rule, Sending, slower

MINUTE = 60.0
# Of what a group may get in a minute, so much is left to replies.
FOR_DELIVERIES = 0.9
# A busy token sends evenly, a sixth of a second's share at a time, so that a reply never waits for a whole second. Each
# part may come a little sooner than its time, or all that the parts are late would add up.
PARTS, SOONER = 6, 0.75
# The time of the fastest answer is subtracted from each: what is common to all ways shifts all arrivals alike. Not the
# whole of it, for a faster one may come.
FASTEST = 0.97
# Seconds in which so many throttled addresses mean that it is not they who send too much, but the token.
TOGETHER = 10.0
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


def one_token(_address: str) -> str:
    """Say that all addresses are one token's."""
    return ""


@dataclass(slots=True)
class _Token:
    """What one token sent of late, and what was learnt of it; `throttled` are addresses, and when they were refused."""

    log: Log
    learned: Learned = WHOLE
    held_until: float = -math.inf
    throttled: dict[str, float] = field(default_factory=dict)

    def is_at_rest(self, now: float, second: float) -> bool:
        """Tell whether a token of which nothing is known would do as well."""
        rested = self.log.last() + max(second, PATIENCE) <= now and self.learned.at(now) >= 1.0
        return rested and self.held_until <= now and all(now - at >= TOGETHER for at in self.throttled.values())


class Pacer:
    """Counts what the tokens of a platform send, deliveries and replies. Times are seconds of any one monotonic clock.

    `token_of` names the token of an address; what one may not do yet concerns no other.
    """

    def __init__(self, limits: Limits, token_of: Callable[[str], str] = one_token) -> None:
        self.limits = limits
        self.token_of = token_of
        second, most = limits.second, limits.burst + limits.reply_burst
        self._of_token = Rule(limits.token_per_second, second)
        self._of_part = Rule(math.ceil(limits.token_per_second / PARTS), SOONER * second / PARTS)
        self._of_address = Rule(most, most * second)
        self._of_deliveries = Rule(limits.burst, limits.burst * second)
        self._of_group = Rule(limits.group_per_minute or 1, MINUTE * second)
        self._tokens: dict[str, _Token] = {}
        self._addresses: dict[str, Log] = {}
        self._learned: dict[str, Learned] = {}
        self._held: dict[str, float] = {}
        self._served: dict[str, float] = {}
        # Of all others it is known that they are free: that changes with the next message to them, and not by itself.
        self._watched: set[str] = set()
        self._answers, self._fastest = 0, math.inf

    def _token(self, name: str) -> _Token:
        if name not in self._tokens:
            self._tokens[name] = _Token(Log(self.limits.token_per_second))
        return self._tokens[name]

    def token_free_at(self, now: float, name: str = "") -> float:
        """Say when a token may deliver again, to whatever channel."""
        token = self._token(name)
        rule, part = self._token_rules(token, now)
        free_at = max(token.held_until, token.log.free_at(rule, now))
        return free_at if token.log.room(rule, now) > rule.most // 2 else max(free_at, token.log.free_at(part, now))

    def token_room(self, now: float, name: str = "") -> int:
        """Say how many deliveries a token may send now: half of its second at once, and then a part at a time."""
        if self.token_free_at(now, name) > now:
            return 0
        token = self._token(name)
        rule, part = self._token_rules(token, now)
        room = token.log.room(rule, now)
        return min(room, max(room - rule.most // 2, token.log.room(part, now)))

    def fresh_room(self) -> int:
        """Say how many deliveries a token may send that sent nothing of late."""
        most = self._of_token.most
        return min(most, max(most - most // 2, self._of_part.most))

    def tokens(self, now: float) -> tuple[str, ...]:
        """Name the tokens that sent of late; all others may send at once, and are forgotten."""
        at_rest = [name for name, token in self._tokens.items() if token.is_at_rest(now, self.limits.second)]
        for name in at_rest:
            del self._tokens[name]
        return tuple(self._tokens)

    def _token_rules(self, token: _Token, now: float) -> tuple[Rule, Rule]:
        share = token.learned.at(now)
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
        return max(self.token_free_at(now, self.token_of(address)), self.address_free_at(address, now))

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
        sending = Sending(now, token=self.token_of(address))
        self._log(address, group=group).add(sending)
        self._token(sending.token).log.add(sending)
        return sending

    def reserve(self, address: str, now: float, *, group: bool) -> Sending:
        """Give a reply the address's next turn, before every delivery there; `begin` gives it the token's."""
        log = self._log(address, group=group)
        rules = [self._of_address, self._of_group] if log.group else [self._of_address]
        sending = Sending(self._free_at(address, rules, now), token=self.token_of(address))
        log.add(sending)
        return sending

    def begin(self, reply: Sending, now: float) -> None:
        """Give a reply whose time has come the token's next turn, before every delivery: it leaves at `reply.at`."""
        token = self._token(reply.token)
        rule, _ = self._token_rules(token, now)
        reply.at = max(reply.at, token.held_until, token.log.free_at(rule, now))
        token.log.add(reply)

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

        Where several of a token's are refused within a few seconds, it is the token's doing: then all that it has do.
        """
        self._watched.add(address)
        self._held[address] = max(now + seconds, self._held.get(address, now))
        self._learned[address] = slower(self._learned.get(address, WHOLE), now)
        token = self._token(self.token_of(address))
        recent = {each: at for each, at in token.throttled.items() if now - at < TOGETHER}
        token.throttled = recent | {address: now}
        if len(token.throttled) < self.limits.together:
            return
        # What was in flight at the same time is refused for the same reason: that is learnt once.
        if now >= token.held_until:
            token.learned = slower(token.learned, now)
        token.held_until = max(token.held_until, now + seconds)

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
