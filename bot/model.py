"""Frozen values shared by the rooms, and the outcomes of a send.

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

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

EntryKind = Literal["wire", "release"]
SubscriptionKind = Literal["follow", "match", "mute"]
Preview = Literal["small", "large", "none"]
Part = Literal["", "text", "change"]
"""What goes into the thread of a message: the full text, or what a correction has changed."""

ENTRY_KINDS: tuple[EntryKind, ...] = ("wire", "release")


@dataclass(frozen=True, slots=True)
class Source:
    """Something polled. `every` is None where the default interval applies; `select` holds CSS selectors by field.

    `public_only` is of sources that were added by command: a private address must not be asked for them. `icon` is a
    picture's address; `emoji` stands for it where there are no pictures, and `custom_emoji` is the number of one of
    Telegram's.
    """

    slug: str
    name: str
    kind: str
    url: str
    every: timedelta | None = None
    timezone: str = "Europe/London"
    icon: str = ""
    emoji: str = ""
    custom_emoji: str = ""
    entry_kind: EntryKind = "wire"
    organisation: str = ""
    select: Mapping[str, str] = field(default_factory=dict)
    public_only: bool = False


@dataclass(frozen=True, slots=True)
class Hints:
    """What a source says about how often it may be read; nothing where it says nothing.

    `ttl` is RSS's, `fresh_for` that of Cache-Control or Expires; hours are in UTC, days count from Monday, 0. `period`
    is the syndication module's, which blog software writes unasked: nobody need wait for it. `hub` is a WebSub hub's
    address and `topic` what to subscribe to there; the topic is the feed's own word, and may be somebody else's feed.
    """

    ttl: timedelta = timedelta(0)
    fresh_for: timedelta = timedelta(0)
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    period: timedelta = timedelta(0)
    hub: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source is doing: `error` is empty while it answers, `entries` counts what it has brought.

    `trouble` names what operators must know (wire/health.py), empty where all is well. `delay` is the usual time from
    publication to our seeing it, in seconds. A gap is a time in which entries may have come and gone unseen.
    `pushed_until` is when a hub's promise to tell of news at once ends, None where there is none.
    """

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
    trouble: str = ""
    trouble_since: datetime | None = None
    delay: float | None = None
    gaps: int = 0
    last_gap_at: datetime | None = None
    pushed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Quotation:
    """What somebody says in a press release: `office` is empty where only a name is given."""

    speaker: str
    office: str
    text: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file beside a press release."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Item:
    """What a parser returned, not stored yet.

    `key` identifies it within its source; `given_key` says that it is the publisher's own, an id or an address, and not
    made of what the item says. Text fields are plain, empty where unknown; a blank line separates paragraphs of
    `body`. Several organisations or topics are separated by commas. `published_at` is aware, or None where the source
    gives no time. `updated_at` is the publisher's own time of its last change of substance, and None where the source
    has no such time. `change_note` is what the publisher says of that change; `withdrawn` that it does not stand by
    the text any more.
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
    attachments: tuple[Attachment, ...] = ()
    withdrawn: bool = False
    change_note: str = ""
    updated_at: datetime | None = None


# Where the source of an entry would stand: somebody picked it by hand.
PICKED = "picked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Item):
    """An item on the wire: stored, with identity and revisions.

    `source` is a slug, `source_name` is for people; `emoji` and `custom_emoji` are the source's, where it has any.
    """

    id: int
    source: str
    source_name: str
    first_seen_at: datetime
    revision: int = 1
    emoji: str = ""
    custom_emoji: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """A destination: a Telegram chat or topic, a Slack conversation, the terminal. `thread` is empty outside topics.

    Where the platform can, its messages come without a sound (`silent`), show a `preview` of the page they link to,
    and have `buttons`, and what follows on them goes into their `threads`. They follow its `template`, unless that is
    empty. `members` may change its filters where not only administrators may. Its `language` is empty until somebody
    has chosen one or typed there.
    """

    id: int
    platform: str
    address: str
    thread: str = ""
    title: str = ""
    timezone: str = "Europe/London"
    silent: bool = False
    preview: Preview = "small"
    buttons: bool = True
    template: str = ""
    members: bool = False
    threads: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What signs one source in: a cookie, or the address of a form with what goes into which of its two fields."""

    slug: str
    cookie: str = field(default="", repr=False)
    form: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    fields: tuple[str, str] = ("username", "password")


class Operator(NamedTuple):
    """A person who runs the bot: the platform, and the address of a chat with them, which is their own id there."""

    platform: str
    address: str


@dataclass(frozen=True, slots=True)
class Subscription:
    """One filter of one channel: follow an author, match a query, or mute one.

    What is `urgent` is never held back; what only `silent` ones bring comes without a sound.
    """

    id: int
    channel: int
    kind: SubscriptionKind
    query: str
    created_by: str
    created_at: datetime
    expires_at: datetime | None = None
    urgent: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A term of a query that an entry has, and in which of its parts: such as headline or body."""

    term: str
    where: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an entry is wanted: the subscription, who added it when, and what of it the entry has."""

    subscription: int
    kind: SubscriptionKind
    query: str
    created_by: str
    created_at: datetime
    found: tuple[Found, ...] = ()
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """What a revision of an entry said, as far as messages show it."""

    headline: str
    author: str
    body: str
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """A match in the outbox, claimed for sending.

    `attempts` counts this one and those before it, `ambiguous` those of them that may have arrived, the first of which
    was claimed at `doubt_since`. Its channel takes nothing since `held_since`, for the reason `held_for`. `edits` names
    a message that was sent and is to be corrected: it says what `before` is. `folded` are all entries of a message that
    tells of several. Where it has a `part`, the message stays as it is, and that goes into its thread. With it the
    channel learns of `left_out` entries, of `left_among`, that it does not get.
    """

    id: int
    channel: Channel
    entry: Entry
    reasons: tuple[Reason, ...]
    attempts: int
    ambiguous: int = 0
    edits: str = ""
    before: Version | None = None
    folded: tuple[Entry, ...] = ()
    left_out: int = 0
    left_among: int = 0
    doubt_since: datetime | None = None
    held_since: datetime | None = None
    held_for: str = ""
    part: Part = ""
