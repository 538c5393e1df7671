"""What stands between an editor of filters on a platform and the rest: a sheet of filters, a draft, what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from bot.model import SubscriptionKind
from bot.ports import Reply, Request

Lasts = Literal["ever", "hour", "day", "week", "kept"]
"""For how long something is muted; `kept` leaves the end that it has."""


@dataclass(frozen=True, slots=True)
class Row:
    """A filter in a sheet: its `number` in the list, and the one by which it is known, `filter`.

    Whether it `is_urgent` can be switched where it `may_be_urgent`.
    """

    number: int
    filter: int
    about: Reply
    is_urgent: bool = False
    may_be_urgent: bool = True


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of a channel's filters, counted from 0, as they are at a `version`, which grows with every change.

    `head` stands above them. Whoever `may_write` not is told why there, and can only look.
    """

    head: Reply
    rows: tuple[Row, ...]
    page: int
    pages: int
    version: int
    may_write: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """A filter as somebody is writing it: `words` are a query, or a name to follow.

    `filter` is the one that it will take the place of, as it was at `version`; 0 for a new one.
    """

    filter: int = 0
    version: int = 0
    kind: SubscriptionKind = "match"
    words: str = ""
    lasts: Lasts = "ever"
    urgent: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """What somebody writes a filter in: the draft to begin with, and what it would have matched (`trial`).

    `said` stands above it. A mute that ends does so at `until`, told for people; empty where it does not.
    """

    draft: Draft
    trial: Reply
    said: Reply = ()
    until: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """An author or an organisation to follow, and a few words about them."""

    name: str
    about: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What was asked for is done, or was so already."""

    said: Reply


@dataclass(frozen=True, slots=True)
class Problem:
    """Nothing was changed; `brief` says why in one line where the words of a draft are what is wrong, else is empty."""

    said: Reply
    brief: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Nothing was changed, for somebody else has changed that filter meanwhile.

    Whoever saved a draft goes on with `form`: the filter as it is now, or where it is gone the draft as a new one.
    """

    said: Reply
    form: Form | None = None


Outcome = Saved | Problem | Conflict


class Editing(Protocol):
    """What an editor asks for, in the language that is being spoken. Rights are asked for at each change.

    Nothing here raises.
    """

    async def language(self, request: Request) -> str:
        """Name the language to speak, empty where it is not known."""

    async def sheet(self, request: Request, page: int) -> Sheet | Problem:
        """Show a page of the filters of a request's channel; where there is none of that number, the last."""

    async def form(self, request: Request, filter_: int) -> Form | Problem:
        """Begin a draft: of a filter as it is, or of a new one for 0."""

    async def trial(self, request: Request, draft: Draft) -> Reply:
        """Say what a draft would have matched, or what is wrong with it."""

    async def names(self, request: Request, typed: str) -> tuple[Name, ...]:
        """Find whom to follow by how a name begins; last the name as it was typed, where nobody has it so far."""

    async def save(self, request: Request, draft: Draft) -> Outcome:
        """Save a draft. What is so already is saved."""

    async def remove(self, request: Request, filter_: int, version: int) -> Outcome:
        """Remove a filter."""

    async def set_urgent(self, request: Request, filter_: int, version: int, *, on: bool) -> Outcome:
        """Say whether a filter is urgent."""
