"""Decide what of a channel's queue is sent, folded into one message, left out, or waits: nobody is flooded.

what came late ──▶ the newest CATCH_UP, not older than OLDEST; the others are left to `latest`
more than `burst` in a minute ──▶ what waits becomes one message that lists headlines
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# Messages that a channel gets in a minute before the others are folded into one.
BURST = 10
MINUTE = timedelta(minutes=1)
# After the bot was off, or nothing could be sent: so many, and none that is older.
CATCH_UP = 10
OLDEST = timedelta(hours=6)
# What waited longer is no part of a burst: something was broken meanwhile.
LATE = timedelta(minutes=10)
# Headlines in one message: more would not fit into every platform's.
MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery that waits: `behind` where its entry was seen later than it should have been."""

    id: int
    published_at: datetime
    waited_since: datetime
    behind: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens to a channel's queue: some are left out, of `fold` the first carries the others, or all wait."""

    left_out: tuple[int, ...] = ()
    fold: tuple[int, ...] = ()
    wait_until: datetime | None = None


def plan(waiting: Sequence[Waiting], sent: Sequence[datetime], now: datetime, burst: int = BURST) -> Plan:
    """Decide about what waits in a channel, in the order of its queue.

    `sent` is when the channel got its last `burst` messages. Urgent deliveries are not asked about.
    """
    late = [each for each in waiting if each.behind or now - each.waited_since >= LATE]
    fresh = sorted((each for each in late if _age(each, now) <= OLDEST), key=lambda each: each.published_at)
    kept = {each.id for each in fresh[-CATCH_UP:]}
    left_out = [each.id for each in late if each.id not in kept]
    rest = [each.id for each in waiting if each.id not in left_out]
    recent = sorted(moment for moment in sent if now - moment < MINUTE)[-burst:]
    if len(rest) <= burst - len(recent):
        return Plan(tuple(left_out))
    if len(recent) == burst:
        return Plan(tuple(left_out), wait_until=recent[0] + MINUTE)
    return Plan((*left_out, *rest[:-MOST_LISTED]), tuple(rest[-MOST_LISTED:]) if len(rest) > 1 else ())


def _age(each: Waiting, now: datetime) -> timedelta:
    """Tell how old news is: by the publisher where we were late, else by us, for sources list some things late."""
    return now - (each.published_at if each.behind else each.waited_since)
