"""Decide what an outcome means for its delivery, its channel and its token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.model import Ambiguous, Delivery, Gone, Moved, Outcome, Rejected, Sent, Throttled, Unavailable

FIRST_BACKOFF = timedelta(seconds=1)
# One request a minute hurts no platform, and news goes on within a minute of its recovery.
LONGEST_BACKOFF = timedelta(minutes=1)
# A send that may have happened is tried again after the platform has had time to show what it did.
AMBIGUOUS_PAUSE, LONGEST_AMBIGUOUS_PAUSE = timedelta(seconds=60), timedelta(minutes=5)
# Once, where the platform answers others meanwhile. Where it answers nobody, the message hardly arrived, and few more
# tries bridge the outage.
MOST_AMBIGUOUS, MOST_AMBIGUOUS_IN_OUTAGE = 1, 5

# Who waits: the channel (a chat or one topic of it), the whole chat, or all that the token sends.
Reach = Literal["channel", "address", "token"]


@dataclass(frozen=True, slots=True)
class Settle:
    """The delivery ends."""

    status: Literal["sent", "failed"]
    message_ref: str = ""
    error: str = ""


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


def decide(outcome: Outcome, delivery: Delivery, now: datetime, jitter: float, outages: int = 1) -> Decision:
    """Turn a platform's answer into what happens next.

    Args:
        outcome: what the platform answered.
        delivery: what was sent.
        now: when the answer came.
        jitter: 0..1.
        outages: sends in a row, this one included, to which the platform gave no sensible answer.
    """
    match outcome:
        case Sent(message_ref):
            return Settle("sent", message_ref=message_ref)
        case Throttled(retry_after):
            pause = timedelta(seconds=retry_after + jitter)
            return Retry(now + pause, f"throttled for {retry_after:g} s", "address")
        case Unavailable(reason, scope, retry_after):
            # What is down comes back: nothing is given up for it. The store expires what gets too old meanwhile.
            until = now + (backoff(outages, jitter) if retry_after is None else timedelta(seconds=retry_after))
            return Retry(until, reason, "token") if scope == "token" else Suspend(until, reason)
        case Ambiguous(reason):
            most = MOST_AMBIGUOUS_IN_OUTAGE if outages > 1 else MOST_AMBIGUOUS
            if delivery.ambiguous >= most:
                return Settle("failed", error=f"{reason}; it may have arrived, nobody can tell")
            pause = min(AMBIGUOUS_PAUSE * 2 ** min(outages - 1, 16), LONGEST_AMBIGUOUS_PAUSE)
            return Retry(now + pause, reason, ambiguous=True)
        case Rejected(reason):
            return Settle("failed", error=reason)
        case Gone(reason):
            return Close(reason)
        case Moved(address):
            return Follow(address)


def backoff(failures: int, jitter: float) -> timedelta:
    """Double from one second to one minute, and add up to a quarter."""
    pause = min(FIRST_BACKOFF * 2.0 ** min(failures - 1, 16), LONGEST_BACKOFF)
    return pause * (1 + 0.25 * jitter)
