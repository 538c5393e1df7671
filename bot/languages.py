"""The language in which people are spoken to: English in the code, others from gettext catalogues.

Whoever answers or sends says once in whose language (`speaking`); what composes sentences below them says only what
(`say`). Logs, settings, the command line and what operators are told are English.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import resources

ENGLISH = "en"
LANGUAGES: Mapping[str, str] = {ENGLISH: "English", "cy": "Cymraeg"}
"""The languages that are complete, by their code (ISO 639-1), each as its speakers call it."""

_DOMAIN = "phiwire"
_AS_WRITTEN = gettext.NullTranslations()
_catalogue: ContextVar[gettext.NullTranslations] = ContextVar("catalogue", default=_AS_WRITTEN)


def known(tag: str) -> str:
    """Find the language that a tag such as "cy-GB" names (BCP 47); empty where there is none."""
    code = tag.replace("_", "-").partition("-")[0].casefold()
    return code if code in LANGUAGES else ""


@contextmanager
def speaking(tag: str) -> Iterator[None]:
    """Say everything inside in a language; in English where it is not known."""
    with translating(_load(known(tag) or ENGLISH)):
        yield


@contextmanager
def translating(catalogue: gettext.NullTranslations) -> Iterator[None]:
    """Say everything inside by a catalogue."""
    before = _catalogue.set(catalogue)
    try:
        yield
    finally:
        _catalogue.reset(before)


@cache
def _load(language: str) -> gettext.NullTranslations:
    if language == ENGLISH:
        return _AS_WRITTEN
    with (resources.files("bot") / "locale" / language / "LC_MESSAGES" / f"{_DOMAIN}.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def sentence(message: str) -> str:
    """Mark a message that is said later, for the catalogues to have it."""
    return message


def translated(message: str) -> str:
    """Find a message in the language that is being spoken, its fields not filled in."""
    return _catalogue.get().gettext(message) if message else ""


def translated_count(number: int, one: str, many: str) -> str:
    """Find a message that counts in the language that is being spoken, its fields not filled in."""
    return _catalogue.get().ngettext(one, many, number)


def say(message: str, /, **fields: object) -> str:
    """Say a message, its fields filled in as by `str.format`."""
    return translated(message).format(**fields)


def say_count(number: int, one: str, many: str, /, **fields: object) -> str:
    """Say a message that counts: "{number:,} entry", "{number:,} entries"."""
    return translated_count(number, one, many).format(number=number, **fields)
