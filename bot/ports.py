"""What stands between the platforms and the rest: requests, replies, and the protocols of adapter and inbox."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol

from bot.membership import Workspace
from bot.model import Channel, Delivery, Entry
from bot.outbox.pacing import Pacer
from bot.outcomes import Outcome

if TYPE_CHECKING:
    # The same port in two modules; that one needs the values of this one.
    from bot.editing_ports import Editing
    from bot.overview_ports import Overview, Viewer


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style. `url` makes it a link; `command` is shown as it is typed on the reader's platform.

    A `block` keeps its lines and stands alone in its line of the reply, to be copied as it is; a line of what is a
    `quote` is a quotation, folded up where the platform can. What has a `press` is a button, which sends that back or
    opens its `url`; a line of buttons is shown where the platform has any. What `picks` a channel is a button that lets
    the person choose one, "none" takes it away. On Telegram it may be the `custom_emoji` of that number. What `refuses`
    the person matters to nobody else, and soon not even to them. A time `at` is shown in the reader's own zone where
    the platform can.
    """

    text: str
    bold: bool = False
    code: bool = False
    command: bool = False
    url: str = ""
    block: bool = False
    press: str = ""
    picks: Literal["", "channel", "none"] = ""
    italic: bool = False
    underline: bool = False
    strike: bool = False
    quote: bool = False
    custom_emoji: str = ""
    refuses: bool = False
    at: datetime | None = None


Line = tuple[Span, ...]
Reply = tuple[Line, ...]
Keyboard = tuple[Line, ...]
"""Lines of buttons."""


def is_row(line: Line) -> bool:
    """Tell whether a line of a reply is one of buttons."""
    return any(span.press or span.picks for span in line)


Standing = Literal["administers", "no administrator", "bot is none"]
"""What a person is in a broadcast channel, where the bot is an administrator that may post, or else is none."""


def is_refusal(reply: Reply) -> bool:
    """Tell whether a reply says nothing but that the person may not."""
    return bool(reply) and all(span.refuses for line in reply for span in line)


@dataclass(frozen=True, slots=True)
class Place:
    """A channel as its platform has it: its address, and what it is called."""

    address: str
    title: str


@dataclass(frozen=True, slots=True)
class Request:
    """What a person typed, where, and whether they may change filters there.

    `text` is the command without the platform's prefix ("follow Isabel Hardman"); `replied_to` is the message_ref of
    the message that it answers, or empty. `may_write` asks the platform, because rights change, and raises
    RightsUnknownError where it does not answer. `belongs` asks likewise whether they are a member of the chat, and is
    None where nobody has to tell members and administrators apart. `later` sends one more answer when it is there, and
    is None where an answer keeps nobody else waiting. `actor` is empty for an administrator who stays anonymous, and
    `actor_id`, the person's id on the platform, where it is not known; `is_private` says that nobody else sees the
    answer, and `has_buttons` that the answer may have buttons. `home` is the bot's own address, where the platform has
    links that ask it for something, else empty. `standing` asks what the person is in another channel, by its address,
    and raises RightsUnknownError; None where nobody can tell. `find` looks for a broadcast channel by its public name
    ("@harbour_news"), and raises that, too. `language` is the person's, as a tag like "cy-GB", empty where it is not
    known. What `is_remote` was typed in another chat, from which the channel is managed, and is answered there.
    `announce` tells everybody there what was changed, and is None where they see the answer. Where the platform
    `has_editor`, `edit` opens one for the filters.
    """

    platform: str
    address: str
    text: str
    actor: str
    may_write: Callable[[], Awaitable[bool]]
    thread: str = ""
    title: str = ""
    replied_to: str = ""
    actor_id: str = ""
    is_private: bool = False
    home: str = ""
    standing: Callable[[str], Awaitable[Standing]] | None = None
    find: Callable[[str], Awaitable[Place | None]] | None = None
    has_buttons: bool = False
    belongs: Callable[[], Awaitable[bool]] | None = None
    later: Callable[[Coroutine[None, None, Reply]], None] | None = None
    language: str = ""
    is_remote: bool = False
    has_editor: bool = False
    announce: Callable[[Reply], None] | None = None


@dataclass(frozen=True, slots=True)
class Pressed:
    """What comes of a pressed button: `toast` is for the person alone, who has to put it away where it is an `alert`.

    `panel` replaces the message with its buttons, `keyboard` only these; None leaves them. Where the keyboard asks
    something, it is `about` that; a platform that leaves messages as they are asks apart from them. `said` is for
    everybody in the channel, whose thread is `thread`.
    """

    toast: Reply = ()
    alert: bool = False
    panel: Reply | None = None
    keyboard: Keyboard | None = None
    said: Reply = ()
    thread: str = ""
    about: Reply = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What a person looks for, to paste it anywhere: `actor_id` and `language` are theirs on the platform.

    `place` is where an answer before this one ended, empty for the first.
    """

    platform: str
    actor_id: str
    query: str
    place: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """The entries that were found, newest first, with times to be told in `timezone`.

    The next begin at `next_place`, empty where there are none. `hint` says in a few words what else the person should
    know. All of it is for them alone, in their `language`.
    """

    entries: tuple[Entry, ...] = ()
    timezone: str = "Europe/London"
    next_place: str = ""
    hint: str = ""
    language: str = ""


Audience = Literal["private", "administrators", "members", "operator"]


@dataclass(frozen=True, slots=True)
class Menu:
    """The commands, each with what it does, that people of an audience are offered in a language, "" for all others.

    `administrators` and `members` are a group's; an `operator` has their own `chat` with the bot.
    """

    audience: Audience
    language: str
    commands: tuple[tuple[str, str], ...]
    chat: str = ""


@dataclass(frozen=True, slots=True)
class Portrait:
    """What the bot is, at length and in short, in a language, "" for all others."""

    language: str
    description: str
    short: str


@dataclass(frozen=True, slots=True)
class Presentation:
    """What a platform shows of the bot by itself."""

    menus: tuple[Menu, ...] = ()
    portraits: tuple[Portrait, ...] = ()


class Inbox(Protocol):
    """What adapters report to: what people type, and what happens to their channels."""

    def meet(self, platform: str, workspace_of: Callable[[Request], Workspace]) -> None:
        """Learn whom to ask on a platform where people share workspaces, which say who may, and not `may_write`."""

    @property
    def editing(self) -> Editing:
        """Edit filters in forms, where the platform has them."""

    async def answer(self, request: Request) -> Reply:
        """Answer what a person typed. Never raises."""

    async def press(self, request: Request) -> Pressed:
        """Do what a pressed button asks for; it is the request's text, `replied_to` its message. Never raises."""

    async def find(self, question: Question) -> Findings:
        """Find public entries of the wire. Never raises."""

    @property
    def overview(self) -> Callable[[Viewer], Awaitable[Overview]]:
        """Show a person the channels that they manage. Never raises."""

    async def joined(self, request: Request) -> Reply:
        """Learn that the bot was brought into a group, and say what to say there, or nothing. Never raises."""

    async def gone(self, platform: str, address: str, reason: str) -> None:
        """Learn that the bot was removed or blocked."""

    async def returned(self, platform: str, address: str) -> None:
        """Learn that the bot was brought back."""

    async def suspended(self, platform: str, address: str, reason: str) -> None:
        """Learn that nothing can be sent somewhere until somebody mends that."""

    async def renamed(self, platform: str, address: str, title: str) -> None:
        """Learn what an address is called now."""

    async def moved(self, platform: str, old: str, new: str) -> None:
        """Learn that an address has changed."""

    async def alarm(self, topic: str, sentence: str) -> None:
        """Learn what the operators must be told, once a day and topic."""


class AdapterError(Exception):
    """The adapter cannot work with its settings; the message says which one and what to do."""


class RightsUnknownError(Exception):
    """The platform does not say at the moment whether a person may change filters."""


class Adapter(Protocol):
    """The code for one platform. `pacer` counts all that its token sends: the sender's deliveries, its own replies.

    Where it `can_look_up`, a message that may have arrived can be found there.
    """

    platform: str
    pacer: Pacer
    can_look_up: bool

    def is_group(self, channel: Channel) -> bool:
        """Tell whether people share the channel, so that `group_per_minute` applies."""

    def is_private(self, channel: Channel) -> bool:
        """Tell whether one person alone reads the channel, so that a message that comes twice bothers nobody else."""

    async def check(self) -> str:
        """Ask the platform who we are, once, and return the answer for people. Raises AdapterError."""

    async def start(self, inbox: Inbox) -> None:
        """Connect, waiting out an unreachable platform, and begin to take what people type to `inbox`.

        Raises AdapterError where waiting cannot help, such as for a wrong token.
        """

    async def send(self, delivery: Delivery) -> Outcome:
        """Send one delivery, once: no waiting inside. Every failure is an outcome; raising is a bug."""

    async def look_up(self, delivery: Delivery) -> Outcome | None:
        """Look for a delivery's message that may have arrived: Sent where it is there, None where it is not.

        Ambiguous where nobody can tell; the other outcomes mean that the platform has to be asked again.
        """

    async def stop_receiving(self) -> None:
        """Take nothing new in and finish what is being answered. Safe to call at any time."""

    async def close(self) -> None:
        """Release connections. Safe to call twice, and without a start."""
