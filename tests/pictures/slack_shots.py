"""What a picture of Slack is made of: posts, views that open above them, and what is typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph with its styles, as the Bot API's entities name them. A context's are `small`.

    `menu` is what opens behind the three dots at its right, `button` what stands there instead.
    """

    text: str
    entities: tuple[Mapping[str, Any], ...] = ()
    small: bool = False
    icon: bool = False
    title: bool = False
    menu: tuple[str, ...] = ()
    button: str = ""


@dataclass(frozen=True, slots=True)
class Buttons:
    """A row of buttons; one that drops down a list has an arrow."""

    labels: tuple[str, ...]
    drops: frozenset[str] = frozenset()
    main: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Input:
    """A field of a form: what is above it, in it, and below it; an `error` is red."""

    label: str
    value: str
    is_hint: bool = False
    below: str = ""
    error: str = ""
    choices: tuple[tuple[str, bool], ...] = ()
    drops: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across."""


Part = Words | Buttons | Input | Rule


@dataclass(frozen=True, slots=True)
class Post:
    """A message as it stood: `mine` alone can see it, or all; `pressed` names the button that was pressed then."""

    author: str
    clock: str
    parts: tuple[Part, ...]
    app: bool = False
    only_you: bool = False
    edited: bool = False
    reply: bool = False
    pressed: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A view that opened above the channel, or the app's home, which has no `submit`."""

    title: str
    parts: tuple[Part, ...]
    submit: str = ""
    close: str = ""
    home: bool = False
    pressed: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody has typed and is about to send."""

    text: str


@dataclass(frozen=True, slots=True)
class Happened:
    """A line between messages: what happened, or which day it is."""

    text: str


Seen = Post | Sheet | Typed | Happened


@dataclass(slots=True)
class Screen:
    """A conversation on somebody's screen."""

    title: str
    subtitle: str
    seen: list[Seen] = field(default_factory=list)
