"""Decide what an outcome means for its delivery, its channel and its token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.model import Delivery
from bot.outbox.reasons import NOBODY_KNOWS, THROTTLED
from bot.outcomes import Ambiguous, Gone, Moved, Outcome, Rejected, Sent, Throttled, Unavailable

FIRST_BACKOFF = timedelta(seconds=1)
# One request a minute hurts no platform, and news goes on within a minute of its recovery.
LONGEST_BACKOFF = timedelta(minutes=1)
# A send that may have happened is tried again after the platform has had time to show what it did.
AMBIGUOUS_PAUSE, LONGEST_AMBIGUOUS_PAUSE = timedelta(seconds=60), timedelta(minutes=5)
# Once, where the platform answers others meanwhile. Where it answers nobody, the message hardly arrived, and few more
# tries bridge the outage.
MOST_AMBIGUOUS, MOST_AMBIGUOUS_IN_OUTAGE = 1, 5
# A channel that does not take messages is probed less and less often: each pause is as long as all before it, and this.
FIRST_SUSPENSION, LONGEST_SUSPENSION = timedelta(hours=1), timedelta(days=1)
# Platforms deny now and then that a chat exists: it must be said twice, and not in one breath.
SECOND_LOOK = timedelta(minutes=10)
# What is wrong with our markup is told once in so long.
BETWEEN_ALARMS = timedelta(days=1)

# Who waits: the channel (a chat or one topic of it), the whole chat, or all that the token sends.
Reach = Literal["channel", "address", "token"]


@dataclass(frozen=True, slots=True)
class Settle:
    """The delivery ends; its channel has `moved` to that address, where one is named."""

    status: Literal["sent", "failed"]
    message_ref: str = ""
    error: str = ""
    moved: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """The delivery waits until `due_at`, and with it all that `reach` says; `ambiguous` where it may have arrived."""

    due_at: datetime
    error: str
    reach: Reach = "channel"
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Suspend:
    """The channel does not take messages now, for a reason that people can mend: it is tried again at `until`."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Close:
    """The channel is gone: nothing more is sent there, its filters are kept."""

    reason: str


@dataclass(frozen=True, slots=True)
class Follow:
    """The channel has moved: the delivery goes to the new address at once."""

    address: str


Decision = Settle | Retry | Suspend | Close | Follow
# What becomes of messages that may have arrived, in channels that several people read.
Repeats = Literal["retry", "drop"]


@dataclass(frozen=True, slots=True)
class Alarm:
    """What operators must know of a send: once in `every`, or once until messages are taken again where that is None.

    Alarms of one `topic` are the same alarm, whatever they say.
    """

    topic: str
    sentence: str
    every: timedelta | None = None


def decide(
    outcome: Outcome,
    delivery: Delivery,
    now: datetime,
    jitter: float,
    outages: int = 1,
    *,
    repeat: bool = True,
) -> Decision:
    """Turn a platform's answer into what happens next.

    Args:
        outcome: what the platform answered.
        delivery: what was sent.
        now: when the answer came.
        jitter: 0..1.
        outages: sends in a row, this one included, to which the platform gave no sensible answer.
        repeat: what may have arrived may be sent again, or looked for.
    """
    match outcome:
        case Sent(message_ref, _, moved):
            return Settle("sent", message_ref, moved=moved)
        case Throttled(retry_after):
            pause = timedelta(seconds=retry_after + jitter)
            # Whether it is the token's limit that several addresses met, the pacer knows.
            return Retry(now + pause, THROTTLED.format(seconds=f"{retry_after:g}"), "address")
        case Unavailable(reason, scope, retry_after):
            asked = None if retry_after is None else timedelta(seconds=retry_after)
            if scope == "channel":
                pause = (asked or FIRST_SUSPENSION) + _held(delivery, reason, now)
                return Suspend(now + min(pause, LONGEST_SUSPENSION), reason)
            # What is down comes back: nothing is given up for it. The store expires what gets too old meanwhile.
            return Retry(now + (asked or backoff(outages, jitter)), reason, "token")
        case Ambiguous(reason):
            return _doubt(reason, delivery, now, outages) if repeat else Settle("failed", error=doubtful(reason))
        case Rejected(reason):
            return Settle("failed", error=reason)
        case Gone(reason, sure):
            if sure or _held(delivery, reason, now) >= SECOND_LOOK:
                return Close(reason)
            return Suspend(now + SECOND_LOOK, reason)
        case Moved(address):
            return Follow(address)


def _doubt(reason: str, delivery: Delivery, now: datetime, outages: int) -> Decision:
    if delivery.ambiguous >= (MOST_AMBIGUOUS_IN_OUTAGE if outages > 1 else MOST_AMBIGUOUS):
        return Settle("failed", error=doubtful(reason))
    pause = min(AMBIGUOUS_PAUSE * 2 ** min(outages - 1, 16), LONGEST_AMBIGUOUS_PAUSE)
    return Retry(now + pause, reason, ambiguous=True)


def _held(delivery: Delivery, reason: str, now: datetime) -> timedelta:
    """Say for how long the channel has taken nothing for this very reason."""
    if delivery.held_since is None or delivery.held_for != reason:
        return timedelta(0)
    return max(now - delivery.held_since, timedelta(0))


def doubtful(reason: str) -> str:
    """Say of a message that is not sent again what nobody knows of it."""
    return NOBODY_KNOWS.format(reason=reason)


def alarm(platform: str, outcome: Outcome) -> Alarm | None:
    """Say what operators must know of an outcome, if anything."""
    name = platform.capitalize()
    match outcome:
        case Unavailable(reason, _, _, remedy) if remedy:
            sentence = f"⚠ {reason}: nothing is sent to {name}, and what comes for it waits. {remedy}"
            return Alarm(f"{platform} stopped", sentence)
        case Sent(_, refused) if refused:
            sentence = (
                f"⚠ {name} refused the layout of a message, which went out as plain text (it said “{refused}”). "
                "That is a mistake of this program: please report it."
            )
            return Alarm(f"{platform} refused markup", sentence, BETWEEN_ALARMS)
        case _:
            return None


def backoff(failures: int, jitter: float) -> timedelta:
    """Double from one second to one minute, and add up to a quarter."""
    pause = min(FIRST_BACKOFF * 2.0 ** min(failures - 1, 16), LONGEST_BACKOFF)
    return pause * (1 + 0.25 * jitter)
