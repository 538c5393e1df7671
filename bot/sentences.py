"""Sentences in the language that is being spoken, of which parts stand out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Formatter

from bot.languages import translated, translated_count
from bot.ports import Line, Span

Field = str | int | Span | Line
"""What fills a field of a message: text, a number, or what stands out."""


def say_line(message: str, /, **fields: Field) -> Line:
    """Say a message as a line: `say_line("Removed: {filter}.", filter=code("mute football"))`."""
    return tuple(_filled(translated(message), fields))


def say_line_count(number: int, one: str, many: str, /, **fields: Field) -> Line:
    """Say a message that counts as a line; its number is the field `number`."""
    return tuple(_filled(translated_count(number, one, many), {"number": number} | fields))


def _filled(message: str, fields: Mapping[str, Field]) -> Iterator[Span]:
    for words, name, form, _ in Formatter().parse(message):
        if words:
            yield Span(words)
        if name is None:
            continue
        match fields[name]:
            case Span() as span:
                yield span
            case tuple() as spans:
                yield from spans
            case value:
                if shown := format(value, form or ""):
                    yield Span(shown)
