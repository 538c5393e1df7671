"""Decide what an outcome means for its delivery, its channel and its token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.model import Ambiguous, Delivery, Gone, Moved, Outcome, Rejected, Sent, Throttled, Unavailable

FIRST_BACKOFF = timedelta(seconds=1)
LONGEST_BACKOFF = timedelta(minutes=5)
# Attempts that surely failed for a reason of the channel's own; then the delivery is given up.
MOST_ATTEMPTS = 8
# A send that may have happened is tried once more, after the platform has had time to show what it did.
AMBIGUOUS_PAUSE = timedelta(seconds=60)
MOST_AMBIGUOUS = 1

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
    """The delivery waits until `due_at`, and with it all that `reach` says.

    `counts` is false where the attempt was not the message's fault; `ambiguous` is true where it may have arrived.
    """

    due_at: datetime
    error: str
    reach: Reach = "channel"
    counts: bool = True
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Close:
    """The channel is gone: nothing more is sent there, its filters are kept."""

    reason: str


@dataclass(frozen=True, slots=True)
class Follow:
    """The channel has moved: the delivery goes to the new address at once."""

    address: str


Decision = Settle | Retry | Close | Follow


def decide(outcome: Outcome, delivery: Delivery, now: datetime, jitter: float, outages: int = 1) -> Decision:
    """Turn a platform's answer into what happens next.

    Args:
        outcome: what the platform answered.
        delivery: what was sent.
        now: when the answer came.
        jitter: 0..1.
        outages: failures of the whole platform in a row, this one included.
    """
    match outcome:
        case Sent(message_ref):
            return Settle("sent", message_ref=message_ref)
        case Throttled(retry_after):
            pause = timedelta(seconds=retry_after + jitter)
            return Retry(now + pause, f"throttled for {retry_after:g} s", "address", counts=False)
        case Unavailable():
            return _unavailable(outcome, delivery, now, jitter, outages)
        case Ambiguous(reason):
            if delivery.ambiguous >= MOST_AMBIGUOUS:
                return Settle("failed", error=f"{reason}; it may have arrived, nobody can tell")
            return Retry(now + AMBIGUOUS_PAUSE, reason, ambiguous=True)
        case Rejected(reason):
            return Settle("failed", error=reason)
        case Gone(reason):
            return Close(reason)
        case Moved(address):
            return Follow(address)


def _unavailable(outcome: Unavailable, delivery: Delivery, now: datetime, jitter: float, outages: int) -> Decision:
    """Wait as asked, or by backoff. A platform that is down comes back: nothing is given up for that.

    The store expires what gets too old meanwhile.
    """
    whole = outcome.scope == "token"
    if not whole and delivery.attempts >= MOST_ATTEMPTS:
        return Settle("failed", error=f"{outcome.reason} (given up after {delivery.attempts} attempts)")
    pause = backoff(outages if whole else delivery.attempts, jitter)
    if outcome.retry_after is not None:
        pause = timedelta(seconds=outcome.retry_after)
    return Retry(now + pause, outcome.reason, outcome.scope, counts=not whole)


def backoff(failures: int, jitter: float) -> timedelta:
    """Double from one second to five minutes, and add up to a quarter."""
    pause = min(FIRST_BACKOFF * 2.0 ** min(failures - 1, 16), LONGEST_BACKOFF)
    return pause * (1 + 0.25 * jitter)
