"""A language that nobody speaks: every message stands in brackets, its fields outside, so that what is typed shows."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator, Sequence
from string import Formatter

from tests.emulators.telegram_state import SentMessage

# What people read in brackets; what was cut off behind it ends where it ends.
_SAID = re.compile(r"⟦[^⟦⟧]*(?:⟧|$)")
# Two words of English, or more. News, names and queries of the tests are Greek.
_ENGLISH = re.compile(r"[A-Za-z][a-z’'-]*(?:[ ,:;.]+[A-Za-z][A-Za-z’'-]+)+")
# What everybody calls so.
_NAMES = re.compile(r"PhiWire Bot|America/New_York|Europe/\w+|/[a-z]+(?:@\w+)?")
# What is shown as it is typed, is the news itself, or a link's.
_LITERAL = frozenset({"code", "pre", "bot_command", "text_link", "url", "expandable_blockquote"})
_UNITS = "utf-16-le"


class Brackets(gettext.NullTranslations):
    """Says everything in brackets."""

    def gettext(self, message: str) -> str:
        """Put a message in brackets."""
        return "".join(_bracketed(message))

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Put the message of a number in brackets."""
        return self.gettext(one if number == 1 else many)


def _bracketed(message: str) -> Iterator[str]:
    for words, name, form, conversion in Formatter().parse(message):
        if words:
            yield f"⟦{words.replace('{', '{{').replace('}', '}}')}⟧"
        if name is not None:
            yield "".join(("{", name, f"!{conversion}" * bool(conversion), f":{form}" * bool(form), "}"))


def brackets(language: str) -> gettext.NullTranslations:
    """Load the catalogue of any language."""
    return Brackets()


def typed(shown: str) -> list[str]:
    """List the English that was typed past the catalogue."""
    before, left = "", shown
    while left != before:  # what is said may be a field of what is said
        before, left = left, _SAID.sub("|", left)
    return _ENGLISH.findall(_NAMES.sub("|", left))


def typed_in(message: SentMessage) -> list[str]:
    """List the English of a message that is neither said nor shown as it is typed."""
    return typed(_plain(message.text, message.entities))


def _plain(shown: str, entities: Sequence[object]) -> str:
    units = shown.encode(_UNITS)
    for each in entities:
        assert isinstance(each, dict)
        if each["type"] in _LITERAL:
            begin, end = each["offset"] * 2, (each["offset"] + each["length"]) * 2
            units = units[:begin] + "|".encode(_UNITS) * each["length"] + units[end:]
    return units.decode(_UNITS)
