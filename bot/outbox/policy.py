"""Decide what an outcome means for its delivery, its channel and its token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.model import Ambiguous, Delivery, Gone, Moved, Outcome, Rejected, Scope, Sent, Throttled, Unavailable

FIRST_BACKOFF = timedelta(seconds=1)
LONGEST_BACKOFF = timedelta(minutes=5)
# Attempts that surely failed; then the delivery is given up, with its reason.
MOST_ATTEMPTS = 8
# A send that may have happened is tried once more, after the platform has had time to show what it did.
AMBIGUOUS_PAUSE = timedelta(seconds=60)
MOST_AMBIGUOUS_ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class Settle:
    """The delivery ends."""

    status: Literal["sent", "failed"]
    message_ref: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """The delivery waits until `due_at`. `counts` is false where the attempt was not the message's fault.

    With `scope` "channel" the channel's other deliveries wait too; with "token" all of the platform's.
    """

    due_at: datetime
    error: str
    scope: Scope = "channel"
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Close:
    """The channel is gone: nothing more is sent there, its filters are kept."""

    reason: str


@dataclass(frozen=True, slots=True)
class Follow:
    """The channel has moved: the delivery goes to the new address at once."""

    address: str


Decision = Settle | Retry | Close | Follow


def decide(outcome: Outcome, delivery: Delivery, now: datetime, jitter: float) -> Decision:
    """Turn a platform's answer into what happens next. `jitter` is 0..1."""
    match outcome:
        case Sent(message_ref):
            return Settle("sent", message_ref=message_ref)
        case Throttled(retry_after, scope):
            pause = timedelta(seconds=retry_after + jitter)
            return Retry(now + pause, f"throttled for {retry_after:g} s", scope, counts=False)
        case Unavailable(reason, scope, retry_after):
            if delivery.attempts >= MOST_ATTEMPTS and scope == "channel":
                return Settle("failed", error=f"{reason} (given up after {delivery.attempts} attempts)")
            pause = backoff(delivery.attempts, jitter) if retry_after is None else timedelta(seconds=retry_after)
            return Retry(now + pause, reason, scope, counts=scope == "channel")
        case Ambiguous(reason):
            if delivery.attempts >= MOST_AMBIGUOUS_ATTEMPTS:
                return Settle("failed", error=f"{reason}; it may have arrived, nobody can tell")
            return Retry(now + AMBIGUOUS_PAUSE, reason)
        case Rejected(reason):
            return Settle("failed", error=reason)
        case Gone(reason):
            return Close(reason)
        case Moved(address):
            return Follow(address)


def backoff(attempts: int, jitter: float) -> timedelta:
    """Double from one second to five minutes, and add up to a quarter."""
    pause = min(FIRST_BACKOFF * 2.0 ** min(attempts - 1, 16), LONGEST_BACKOFF)
    return pause * (1 + 0.25 * jitter)
