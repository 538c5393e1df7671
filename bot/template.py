"""Templates of messages: read from what people type, and filled with the parts of an entry.

    template = line { newline line }        line = { text | "{" field "}" | "*" bold "*" | "_" italic "_" }

A sign that is written twice stands for itself. A field without a value goes, with the signs before it back to the field
before; a line of fields of which none has a value is left out. Values are spans and never read: they cannot break it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from bot import text
from bot.languages import say, sentence
from bot.ports import Line, Reply, Span

FIELDS: Mapping[str, str] = {
    "headline": sentence("the headline, linked to its page"),
    "author": sentence("who wrote it, or whose release it is"),
    "organisation": sentence("whose release it is"),
    "source": sentence("the source's name"),
    "icon": sentence("the source's emoji"),
    "time": sentence("when it was published"),
    "link": sentence("the address of its page"),
    "summary": sentence("the first lines of a release"),
    "text": sentence("the rest of a release, folded up"),
    "quotations": sentence("who said what in a release, folded up"),
    "topics": sentence("the topics of a release"),
    "why": sentence("the filters that brought it"),
}
# These have several lines, and stand alone in theirs.
QUOTED = frozenset({"text", "quotations"})
LONGEST = 400
# Each costs entities, of which a message holds few.
MOST_STYLED = 8
WINDOW = 60
_OTHER_NAMES = {
    "title": "headline",
    "by": "author",
    "name": "author",
    "org": "organisation",
    "organization": "organisation",
    "emoji": "icon",
    "date": "time",
    "url": "link",
    "lede": "summary",
    "body": "text",
    "quotes": "quotations",
    "topic": "topics",
}
_TOKEN = re.compile(r"(?P<twice>\{\{|\}\}|\*\*|__)|\{(?P<field>[^{}\n]*)\}|(?P<brace>[{}])|(?P<style>[*_])")
# What separates values, and means nothing at the beginning of a line.
_SEPARATORS = " ,;:.·•|/–—-&+~›»"
_CLOSING = {"(": ")", "[": "]", "“": "”", '"': '"', "«": "»", "‘": "’", "<": ">"}


class TemplateError(ValueError):
    """A template that cannot be used. Says what is wrong at which character, and what to type instead."""

    def __init__(self, template: str, position: int, problem: str) -> None:
        super().__init__(problem)
        self.template = template
        self.position = position
        self.problem = problem

    def lines(self) -> tuple[str, str, str]:
        """Give the template, or where it is long what is around the mistake, a caret below, and the problem."""
        shown, at = text.window(re.sub(r"\s", " ", self.template), self.position, WINDOW)
        return shown, " " * at + "^", self.problem


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line: words as they are, or the name of a field."""

    words: str
    is_field: bool = False
    bold: bool = False
    italic: bool = False


Template = tuple[tuple[Part, ...], ...]
"""Lines of parts."""


@lru_cache(maxsize=256)
def parse(written: str) -> Template:
    """Read a template. Raises TemplateError."""
    if len(written) > LONGEST:
        problem = say("A template has at most {most} characters: shorten it.", most=LONGEST)
        raise TemplateError(written, LONGEST, problem)
    lines: list[tuple[Part, ...]] = []
    at = 0
    for line in written.split("\n"):
        lines.append(tuple(_Reader(written, at, at + len(line)).parts()))
        at += len(line) + 1
    if not any(part.is_field and part.words == "headline" for line in lines for part in line):
        problem = say("A message needs its headline: add {field}.", field="{headline}")
        raise TemplateError(written, len(written), problem)
    styled = sum(part.bold or part.italic for line in lines for part in line)
    if styled > MOST_STYLED:
        problem = say(
            "At most {most} pieces can be bold or italic: leave some of {bold} and {italic} out.",
            most=MOST_STYLED,
            bold="*",
            italic="_",
        )
        raise TemplateError(written, 0, problem)
    return tuple(lines)


class _Reader:
    """Reads one line of a template, between two places of it."""

    def __init__(self, written: str, start: int, end: int) -> None:
        self._written = written
        self._start = start
        self._end = end
        self._open: dict[str, int] = {}

    def parts(self) -> Iterator[Part]:
        """Cut the line into its parts."""
        words, at = "", self._start
        found = list(_TOKEN.finditer(self._written, self._start, self._end))
        fields = [each for each in found if each["field"] is not None]
        for each in found:
            words += self._written[at : each.start()]
            at = each.end()
            if each["twice"]:
                words += each["twice"][0]
            elif each["style"] and self._is_inside_a_word(each.start()):
                words += each["style"]
            else:
                if words:
                    yield self._part(words)
                words = ""
                yield from self._marked(each, alone=len(fields) == 1)
        words += self._written[at : self._end]
        if words:
            yield self._part(words)
        for sign, place in self._open.items():
            problem = say(
                "This {sign} is not closed in its line: close it, or write {twice} for the sign itself.",
                sign=sign,
                twice=sign * 2,
            )
            raise TemplateError(self._written, place, problem)

    def _marked(self, each: re.Match[str], *, alone: bool) -> Iterator[Part]:
        if each["field"] is not None:
            yield self._field(each["field"], each.start(), alone=alone)
        elif each["brace"]:
            problem = say(
                "A field stands in {braces}, such as {field}; write {twice} for the sign itself.",
                braces="{}",
                field="{headline}",
                twice=each["brace"] * 2,
            )
            raise TemplateError(self._written, each.start(), problem)
        elif each["style"] in self._open:
            del self._open[each["style"]]
        else:
            self._open[each["style"]] = each.start()

    def _part(self, words: str, *, is_field: bool = False) -> Part:
        return Part(words, is_field, bold="*" in self._open, italic="_" in self._open)

    def _field(self, said: str, at: int, *, alone: bool) -> Part:
        name = said.strip().casefold()
        if name not in FIELDS:
            raise TemplateError(self._written, at + 1, _no_field(name))
        first = re.search(rf"\{{\s*{name}\s*\}}", self._written, re.IGNORECASE)
        if first is not None and first.start() < at:
            problem = say("{field} is there twice: once is enough.", field=_written(name))
            raise TemplateError(self._written, at + 1, problem)
        line = self._written[self._start : self._end].strip(" *_")
        if name in QUOTED and not (alone and line.startswith("{") and line.endswith("}")):
            problem = say("{field} has several lines: give it a line of its own.", field=_written(name))
            raise TemplateError(self._written, at + 1, problem)
        return self._part(name, is_field=True)

    def _is_inside_a_word(self, at: int) -> bool:
        before, after = self._written[max(at - 1, self._start) : at], self._written[at + 1 : self._end][:1]
        return before.isalnum() and after.isalnum()


def _written(name: str) -> str:
    return f"{{{name}}}"


def _no_field(name: str) -> str:
    shown = repr(text.shorten(name, 40))
    near = _OTHER_NAMES.get(name) or next(iter(difflib.get_close_matches(name, FIELDS, n=1, cutoff=0.5)), "")
    if near:
        return say("There is no field {name}: did you mean {near}?", name=shown, near=_written(near))
    return say("There is no field {name}: there are {fields}.", name=shown, fields=", ".join(FIELDS))


def fill(template: Template, values: Mapping[str, Line], above: Reply = ()) -> Reply:
    """Fill a template; fields without a value are empty or missing. `above` stands above the headline's line."""
    lines: list[Line] = []
    for parts in template:
        named = [part.words for part in parts if part.is_field]
        if named and not any(values.get(name) for name in named):
            continue
        if "headline" in named:
            lines += above
        lines.append(tuple(_filled(parts, values)))
    return tuple(_without_gaps(lines))


def _filled(parts: tuple[Part, ...], values: Mapping[str, Line]) -> Iterator[Span]:
    waiting: list[Part] = []
    is_begun = has_gone = False
    closing = ""
    for part in parts:
        if not part.is_field:
            words = part.words
            if closing and words.startswith(closing):
                words = words.removeprefix(closing)
            closing = ""
            waiting.append(replace(part, words=words))
        elif value := values.get(part.words):
            yield from _literal(waiting, bare=has_gone and not is_begun)
            yield from (replace(span, bold=span.bold or part.bold, italic=span.italic or part.italic) for span in value)
            waiting, is_begun = [], True
        else:
            before = "".join(each.words for each in waiting).rstrip()
            closing = _CLOSING.get(before[-1:], "")
            waiting, has_gone = [], True
    yield from _literal(waiting, bare=has_gone and not is_begun)


def _literal(parts: list[Part], *, bare: bool) -> Iterator[Span]:
    """Show words as they are; `bare` without the separators that they begin with."""
    for part in parts:
        words = part.words.lstrip(_SEPARATORS) if bare else part.words
        bare = bare and not words
        if words:
            yield Span(words, bold=part.bold, italic=part.italic)


def _without_gaps(lines: list[Line]) -> Iterator[Line]:
    """Leave blank lines out that lines which are gone have left: at the ends, and one beside another."""
    shown: Line | None = None
    for line in lines:
        if not any(span.text.strip() for span in line):
            shown = () if shown else shown
            continue
        if shown == ():
            yield ()
        yield line
        shown = line
