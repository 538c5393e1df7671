"""What became of a send, in words that every platform shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scope = Literal["channel", "token"]


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform accepted the message (ADR 5: accepted, not read); `refused` is what it said to our markup of it.

    `moved` is the address by which its channel is known from now on, empty where that is the same.
    """

    message_ref: str
    refused: str = ""
    moved: str = ""


@dataclass(frozen=True, slots=True)
class Throttled:
    """The platform asked to wait `retry_after` seconds before the next message to this address."""

    retry_after: float


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Surely not sent, worth another try: after `retry_after` seconds, or by backoff where that is None.

    `remedy` is what an operator has to do, empty where waiting is enough.
    """

    reason: str
    scope: Scope = "channel"
    retry_after: float | None = None
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The request left and no answer came."""

    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The channel lives at `address` from now on."""

    address: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The platform will never accept this message."""

    reason: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The channel accepts nothing any more; its filters are kept for its return. Not `sure`: once more will tell."""

    reason: str
    sure: bool = True


Outcome = Sent | Throttled | Unavailable | Ambiguous | Moved | Rejected | Gone
