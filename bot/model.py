"""Frozen values shared by the rooms, the outcomes of a send, and the protocol of an adapter.

Outcome
├── Sent          the platform took it; `message_ref` finds the message again
├── Throttled     asked to wait before the next message to this address
├── Unavailable   surely not sent; try again later, the channel or the whole platform
├── Ambiguous     the request left and no answer came: sent or not, nobody can tell
├── Moved         the channel has another address now
├── Rejected      this message will never be accepted
└── Gone          this channel will not accept anything until somebody brings the bot back
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

EntryKind = Literal["wire", "release"]
SubscriptionKind = Literal["follow", "match", "mute"]
Scope = Literal["channel", "token"]

ENTRY_KINDS: tuple[EntryKind, ...] = ("wire", "release")


@dataclass(frozen=True, slots=True)
class Source:
    """Something polled. `every` is None where the default interval applies; `select` holds CSS selectors by field."""

    slug: str
    name: str
    kind: str
    url: str
    every: timedelta | None = None
    timezone: str = "Europe/London"
    icon: str = ""
    entry_kind: EntryKind = "wire"
    organisation: str = ""
    select: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source is doing: `error` is empty while it answers, `entries` counts what it has brought."""

    slug: str
    name: str
    kind: str
    url: str
    last_poll_at: datetime | None
    last_ok_at: datetime | None
    last_new_at: datetime | None
    next_poll_at: datetime | None
    failures: int
    error: str
    entries: int


@dataclass(frozen=True, slots=True)
class Quotation:
    """What somebody says in a press release: `office` is empty where only a name is given."""

    speaker: str
    office: str
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """What a parser returned, not stored yet.

    `key` identifies it within its source; `given_key` says that it is the publisher's own, an id or an address, and not
    made of what the item says. Text fields are plain, empty where unknown; a blank line separates paragraphs of
    `body`. `published_at` is aware, or None where the source gives no time.
    """

    key: str
    kind: EntryKind
    headline: str
    url: str = ""
    author: str = ""
    organisation: str = ""
    topic: str = ""
    summary: str = ""
    body: str = ""
    quotations: tuple[Quotation, ...] = ()
    icon: str = ""
    published_at: datetime | None = None
    given_key: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Item):
    """An item on the wire: stored, with identity and revisions. `source` is a slug, `source_name` is for people."""

    id: int
    source: str
    source_name: str
    first_seen_at: datetime
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Channel:
    """A destination: a Telegram chat or topic, a Slack conversation, the terminal. `thread` is empty outside topics."""

    id: int
    platform: str
    address: str
    thread: str = ""
    title: str = ""
    timezone: str = "Europe/London"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One filter of one channel: follow an author, match a query, or mute one."""

    id: int
    channel: int
    kind: SubscriptionKind
    query: str
    created_by: str
    created_at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an entry is wanted: the subscription, its text, and the words or the author that it found."""

    subscription: int
    kind: SubscriptionKind
    query: str
    found: tuple[str, ...] = ()
    created_by: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A match in the outbox, claimed for sending.

    `attempts` counts this one and those that failed for its own reasons; `ambiguous` those that were not answered.
    """

    id: int
    channel: Channel
    entry: Entry
    reasons: tuple[Reason, ...]
    attempts: int
    ambiguous: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform accepted the message (ADR 5: accepted, not read)."""

    message_ref: str


@dataclass(frozen=True, slots=True)
class Throttled:
    """The platform asked to wait `retry_after` seconds before the next message to this address."""

    retry_after: float


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Surely not sent, worth another try: after `retry_after` seconds, or by backoff where that is None."""

    reason: str
    scope: Scope = "channel"
    retry_after: float | None = None


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
    """The channel accepts nothing any more; its filters are kept for its return."""

    reason: str


Outcome = Sent | Throttled | Unavailable | Ambiguous | Moved | Rejected | Gone


@dataclass(frozen=True, slots=True)
class Limits:
    """A platform's published sending limits, in messages.

    `token_per_second` holds for all channels of a token together; `group_per_minute` only where people share a channel.
    """

    token_per_second: int
    channel_per_second: int = 1
    group_per_minute: int | None = None
    in_flight: int = 8


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style. `url` makes it a link; `command` is shown as it is typed on the reader's platform."""

    text: str
    bold: bool = False
    code: bool = False
    command: bool = False
    url: str = ""


Line = tuple[Span, ...]
Reply = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """What a person typed, where, and whether they may change filters there.

    `text` is the command without the platform's prefix ("follow Isabel Hardman"); `replied_to` is the message_ref of
    the message that it answers, or empty. `may_write` asks the platform anew at every call, because rights change.
    """

    platform: str
    address: str
    text: str
    actor: str
    may_write: Callable[[], Awaitable[bool]]
    thread: str = ""
    title: str = ""
    replied_to: str = ""


class Inbox(Protocol):
    """What adapters report to: what people type, and what happens to their channels."""

    async def answer(self, request: Request) -> Reply:
        """Answer what a person typed. Never raises."""

    async def gone(self, platform: str, address: str, reason: str) -> None:
        """Learn that the bot was removed or blocked."""

    async def returned(self, platform: str, address: str) -> None:
        """Learn that the bot was brought back."""

    async def moved(self, platform: str, old: str, new: str) -> None:
        """Learn that an address has changed."""


class AdapterError(Exception):
    """The adapter cannot work with its settings; the message says which one and what to do."""


class Adapter(Protocol):
    """The code for one platform."""

    platform: str
    limits: Limits

    def is_group(self, channel: Channel) -> bool:
        """Tell whether people share the channel, so that `group_per_minute` applies."""

    async def check(self) -> str:
        """Ask the platform who we are, once, and return the answer for people. Raises AdapterError."""

    async def start(self, inbox: Inbox) -> None:
        """Connect, waiting out an unreachable platform, and begin to take what people type to `inbox`.

        Raises AdapterError where waiting cannot help, such as for a wrong token.
        """

    async def send(self, delivery: Delivery) -> Outcome:
        """Send one delivery, once: no waiting inside. Every failure is an outcome; raising is a bug."""

    async def stop_receiving(self) -> None:
        """Take nothing new in and finish what is being answered. Safe to call at any time."""

    async def close(self) -> None:
        """Release connections. Safe to call twice, and without a start."""
