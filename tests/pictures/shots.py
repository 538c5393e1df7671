"""What a picture is made of: windows, and in each what a person saw there, from top to bottom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Button:
    """What stands on a button; one that `leads_out` opens an address."""

    text: str
    leads_out: bool = False


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message as it stood. `entities` are the Bot API's, with offsets in UTF-16 units.

    `answers` names whom it answers, and how that begins; `via` the bot that found it; `rows` are the buttons below it,
    of which `pressed` is the one that was tapped then. An expandable quotation is `opened` or shows its beginning.
    """

    author: str
    text: str
    clock: str
    entities: tuple[Mapping[str, Any], ...] = ()
    mine: bool = False
    named: bool = False
    answers: tuple[str, str] | None = None
    edited: bool = False
    via: str = ""
    rows: Rows = ()
    pressed: str = ""
    opened: bool = False


@dataclass(frozen=True, slots=True)
class Keys:
    """The buttons of a message that is above, as they are now."""

    rows: Rows
    pressed: str = ""
    named: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A line between messages: what happened, or which day it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Toast:
    """What pops up for whoever tapped a button; an `alert` has to be closed."""

    text: str
    alert: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What an inline query offers: what was typed, and a title and a line of each result."""

    typed: str
    results: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Board:
    """The keyboard that a bot puts where one types."""

    rows: Rows
    pressed: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """The menu of commands, each with what it does; `more` are below those that are seen."""

    commands: tuple[tuple[str, str], ...]
    more: int = 0


Shot = Bubble | Keys | Note | Toast | Found | Board | Offered


@dataclass(slots=True)
class Window:
    """A chat on somebody's screen."""

    title: str
    subtitle: str
    shots: list[Shot] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Picture:
    """Windows, one above the other."""

    title: str
    windows: tuple[Window, ...]
