"""A language that nobody speaks: every message stands in brackets, its fields outside, so that what is typed shows."""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Iterator, Sequence
from functools import cache
from string import Formatter

from babel.messages.pofile import read_po

from bot import template
from bot.filters.document import FIELDS
from deploy import catalogues
from tests.emulators.telegram_state import SentMessage

# What people read in brackets; what was cut off behind it ends where it ends.
_SAID = re.compile(r"⟦[^⟦⟧]*(?:⟧|$)")
# Two words of English, or more. News, names and queries of the tests are Greek.
_ENGLISH = re.compile(r"[A-Za-z][a-z’'-]*(?:[ ,:;.]+[A-Za-z][A-Za-z’'-]+)+")
_FIELD = "|".join({*template.FIELDS, *FIELDS})
# What everybody calls so, and examples of what can be typed: names, queries, lists of fields.
_NAMES = re.compile(
    r"PhiWire Bot|Isabel Hardman|Marta Quill|Harbour Office|“net zero” OR author:hardman|America/New_York|Europe/\w+"
    rf"|/[a-z]+(?:@\w+)?|(?:\b(?:{_FIELD}):?(?:, |$|\b)){{3,}}"
)
# What is shown as it is typed, is the news itself, or a link's.
_LITERAL = frozenset({"code", "pre", "bot_command", "text_link", "url", "expandable_blockquote"})
_UNITS = "utf-16-le"


class Brackets(gettext.NullTranslations):
    """Says everything in brackets that translators find in the template; what is not there stays as it is."""

    def gettext(self, message: str) -> str:
        """Put a message in brackets."""
        return "".join(_bracketed(message)) if message in _messages() else message

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Put the message of a number in brackets."""
        return self.gettext(one if number == 1 else many)


@cache
def _messages() -> frozenset[str]:
    messages = read_po(io.BytesIO(catalogues.TEMPLATE.read_bytes()))
    found = (each.id for each in messages if each.id)
    return frozenset(text for each in found for text in ((each,) if isinstance(each, str) else each))


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
