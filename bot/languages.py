"""The language in which people are spoken to: English in the code, others from gettext catalogues.

Whoever answers or sends says once in whose language (`speaking`); what composes sentences below them says only what
(`say`). Logs, settings, the command line and what operators are told are English.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Iterator, Mapping
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


def default() -> str:
    """Name the language of those whose own is not known."""
    return _default.get()


@contextmanager
def spoken(default: str, load: Callable[[str], gettext.NullTranslations] | None = None) -> Iterator[None]:
    """Let everything inside, and every task that begins there, speak a language where none is known.

    `load` finds the catalogue of a language.
    """
    before, catalogues = _default.set(default), _catalogues.set(load or _load)
    try:
        yield
    finally:
        _default.reset(before)
        _catalogues.reset(catalogues)


@contextmanager
def speaking(tag: str) -> Iterator[None]:
    """Say everything inside in a language; in the default one where it is not known."""
    with translating(_catalogues.get()(known(tag) or default())):
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


_default: ContextVar[str] = ContextVar("default", default=ENGLISH)
_catalogues: ContextVar[Callable[[str], gettext.NullTranslations]] = ContextVar("catalogues", default=_load)


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
