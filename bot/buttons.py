"""Buttons under messages: which there are, and what comes back when one is pressed: a letter and numbers, no text."""

from __future__ import annotations

import contextlib
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit

from bot import bidi, durations, text
from bot.filters import people, query
from bot.filters.tree import Term
from bot.languages import say, sentence
from bot.model import Delivery, Entry
from bot.ports import Keyboard, Line, Span

# Bytes that Telegram takes back from a button (core.telegram.org/bots/api, InlineKeyboardButton).
LONGEST = 64
LONGEST_LABEL = 40
# More would hide the message that they stand under.
MOST_CHOICES = 6
TIMES: Mapping[str, tuple[str, str]] = {
    "hour": (sentence("1 hour"), "1h"),
    "day": (sentence("1 day"), "1d"),
    "ever": (sentence("For good"), ""),
}
"""For how long something is muted: what stands on the button, to be said, and what is typed for it."""

Action = Literal[
    "follow",
    "mute",
    "span",
    "apply",
    "why",
    "back",
    "panel",
    "set",
    "zones",
    "filters",
    "remove",
    "close",
    "try",
    "newest",
    "page",
    "edit",
]
# What was given once stays: messages outlive versions.
_LETTERS: Mapping[Action, str] = {
    "follow": "f",
    "mute": "m",
    "span": "s",
    "apply": "a",
    "why": "y",
    "back": "b",
    "panel": "p",
    "set": "v",
    "zones": "z",
    "filters": "l",
    "remove": "x",
    "close": "q",
    "try": "t",
    "newest": "n",
    "page": "g",
    "edit": "e",
}
_ACTIONS = {letter: action for action, letter in _LETTERS.items()}
# The number of a message at which somebody points, and which the platform names.
POINTED = 0
OF_MESSAGES: frozenset[Action] = frozenset({"follow", "mute", "span", "apply", "why", "back"})
# What changes nothing is for everybody.
OF_EVERYBODY: frozenset[Action] = frozenset({"why", "newest", "page"})
_FORM = re.compile(r"([a-z]):([0-9]{1,19})(?::([a-z0-9]{1,16})(?::([a-z0-9]{1,16}))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Press:
    """What a button asks for: an action on a delivery or a channel, which has a number, and which of the choices."""

    action: Action
    number: int
    choice: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to follow or to mute: what stands on its button, and what is typed for it."""

    label: str
    words: str

    @property
    def mark(self) -> str:
        """Name the choice by its words: the same ones in a revised entry, and no others."""
        return f"{zlib.crc32(self.words.encode()):08x}"


def encode(press: Press) -> str:
    """Write what comes back when a button is pressed."""
    parts = (_LETTERS[press.action], str(press.number), press.choice, press.detail)
    return ":".join(part for part in parts if part)


def decode(data: str) -> Press | None:
    """Read what came back; None where no version that is known has written it."""
    form = _FORM.fullmatch(data)
    if form is None or form[1] not in _ACTIONS:
        return None
    return Press(_ACTIONS[form[1]], int(form[2]), form[3] or "", form[4] or "")


def button(label: str, action: Action, number: int, choice: str = "", detail: str = "") -> Span:
    """Make a button."""
    return Span(bidi.closed(text.shorten(label, LONGEST_LABEL)), press=encode(Press(action, number, choice, detail)))


def under(delivery: Delivery, *, followed: bool = False) -> Keyboard:
    """Give the row under a message about an entry. A notice to operators has none."""
    entry, number = delivery.entry, delivery.id
    if not entry.source:
        return ()
    why = button(say("Why"), "why", number)
    if delivery.folded:
        return ((why,),)
    known = followed or any(reason.kind == "follow" for reason in delivery.reasons)
    follow = () if known or not authors(entry) else (button(say("Follow"), "follow", number),)
    opened = (Span(say("Open"), url=entry.url, press="-"),) if _can_be_opened(entry.url) else ()
    return ((*follow, button(say("Mute …"), "mute", number), why, *opened),)


def whom_to_follow(delivery: Delivery) -> Keyboard:
    """Ask which author of an entry is meant."""
    return _choices(delivery.id, "follow", authors(delivery.entry))


def what_to_mute(delivery: Delivery) -> Keyboard:
    """Ask which words, or whom; of a delivery that is explained."""
    return _choices(delivery.id, "span", mutable(delivery))


def how_long(delivery: Delivery, choice: Choice) -> Keyboard:
    """Ask for how long something is muted."""
    number = delivery.id
    times = tuple(button(say(label), "apply", number, choice.mark, name) for name, (label, _) in TIMES.items())
    asked = say("Mute {words} for …", words=bidi.isolate(choice.label))
    return ((button(asked, "mute", number),), times, _back(number))


def _choices(number: int, action: Action, choices: Sequence[Choice]) -> Keyboard:
    return (*((button(each.label, action, number, each.mark),) for each in choices), _back(number))


def _back(number: int) -> Line:
    return (button(say("‹ Back"), "back", number),)


def find(choices: Sequence[Choice], mark: str) -> Choice | None:
    """Find the choice that a button means; None where the entry has been revised and has it no more."""
    return next((each for each in choices if each.mark == mark), None)


def authors(entry: Entry) -> tuple[Choice, ...]:
    """List whom one can follow for an entry."""
    return tuple(Choice(name, f'"{name}"') for _, name in _names(entry))


def mutable(delivery: Delivery) -> tuple[Choice, ...]:
    """List what one can mute for a delivery that is explained: words that were found in it, and its authors."""
    found = dict.fromkeys(each.term for reason in delivery.reasons for each in reason.found)
    words = [Choice(term, _typed(term)) for term in found if _is_about(term)]
    names = [Choice(name, f'{field}:"{name}"') for field, name in _names(delivery.entry)]
    return (*words[: MOST_CHOICES - len(names)], *names)


def _is_about(term: str) -> bool:
    """Leave out people, who have their own choice, and what would mute nearly all."""
    with contextlib.suppress(query.QueryError):
        read = query.parse(term)
        return isinstance(read, Term) and read.field not in {"author", "org", "kind"}
    return False


def _typed(term: str) -> str:
    """Write a term so that it is not taken for the time for which it is muted."""
    return f'"{term}"' if durations.split_duration(term)[1] else term


def _names(entry: Entry) -> tuple[tuple[str, str], ...]:
    """Name the people of an entry, or else its organisation, with the field that finds them."""
    is_organisations = entry.kind == "release" and entry.organisation
    return _read_names("" if is_organisations else entry.author, entry.organisation)


@lru_cache(maxsize=1024)  # an entry may go to thousands
def _read_names(by: str, organisation: str) -> tuple[tuple[str, str], ...]:
    return tuple(_readable_names(by, organisation))


def _readable_names(by: str, organisation: str) -> Iterator[tuple[str, str]]:
    written = people.people(by)
    if not written or any(" " not in name for name in written):
        written = (by,)  # an organisation's name may have commas
    named = [("author", name) for name in written] if by else [("org", organisation)]
    for field, name in named[: MOST_CHOICES - 1]:
        bare = text.clean("".join(" " if sign in query.QUOTES else sign for sign in name))
        with contextlib.suppress(query.QueryError):  # too long, or no name at all
            query.author(bare)
            query.parse(f'{field}:"{bare}"')
            yield field, bare


@lru_cache(maxsize=1024)
def _can_be_opened(url: str) -> bool:
    """Let only addresses through that Telegram takes: it refuses a message with any other."""
    if not url.startswith(("https://", "http://")) or not url.isprintable() or set(url) & set(' "<>\\'):
        return False
    with contextlib.suppress(ValueError):
        return "." in (urlsplit(url).hostname or "").strip(".")
    return False
