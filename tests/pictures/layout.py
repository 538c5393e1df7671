"""Break messages into lines of styled characters, by approximate widths."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

WIDEST_TEXT = 540.0
SIZE, LINE, BLANK = 15, 20, 8
QUOTE_INDENT, QUOTE_MARGIN = 12, 8
# Nobody knows which fonts a reader has. These are Helvetica's widths in thousandths, by which lines are broken; each
# line then tells its width (textLength), and whatever font draws it keeps to that.
_WIDTHS = {
    222: "ijl'’‘",
    260: "|",
    278: " .,:;!/ftI·[]",
    333: "r()-“”",
    350: "•",
    500: "ckvsxyzJ",
    584: "<>=+",
    611: "FTZ",
    667: "ABEKPSVXY&",
    722: "CDHNRUw",
    778: "GOQ",
    833: "mM",
    944: "W",
    1000: "—…",
}
_WIDTH = {character: width / 1000 for width, characters in _WIDTHS.items() for character in characters}
_OTHER, _BOLD, _CODE = 0.556, 1.07, 0.58
_TIME = re.compile(r"(?:(?:[A-Z][a-z]{2} )?\d{1,2} [A-Z][a-z]{2} (?:\d{4} )?)?\d{2}:\d{2}")
_CLASSES = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "text_link": "l",
    "bot_command": "l",
    "code": "c",
    "blockquote": "q",
    "expandable_blockquote": "q",
}
Character = tuple[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Message:
    """A message as people see it; `shown` are the times to put in place of those in its text, `quoted` what it answers.

    `entities` are the Bot API's, with offsets in UTF-16 units.
    """

    name: str
    mine: bool
    text: str
    entities: tuple[Mapping[str, Any], ...]
    clock: str
    shown: tuple[str, ...] = ()
    quoted: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bubble; without characters it is a gap."""

    characters: Sequence[Character]
    quoted: bool = False

    @property
    def width(self) -> float:
        """Estimate how far it reaches."""
        return sum(map(_width, self.characters)) + self.quoted * (QUOTE_INDENT + QUOTE_MARGIN)

    @property
    def height(self) -> int:
        """Tell how much room it takes."""
        return LINE if self.characters else BLANK


def _width(character: Character) -> float:
    letter, classes = character
    if "c" in classes:
        return _CODE * SIZE
    return _WIDTH.get(letter, _OTHER) * SIZE * (_BOLD if "b" in classes else 1)


def styled(message: Message) -> list[Character]:
    """Give every character its classes, and every time its fixed value."""
    units = message.text.encode("utf-16-le")
    classes: list[set[str]] = [set() for _ in range(len(units) // 2)]
    for entity in message.entities:
        for place in range(entity["offset"], entity["offset"] + entity["length"]):
            classes[place].add(_CLASSES[entity["type"]])
    characters: list[Character] = []
    place = 0
    for letter in message.text:
        characters.append((letter, frozenset(classes[place])))
        place += len(letter.encode("utf-16-le")) // 2
    found = list(_TIME.finditer(message.text))
    for match, time in reversed(list(zip(found, message.shown, strict=True))):
        start, end = match.span()
        characters[start:end] = [(letter, characters[start][1]) for letter in time]
    return characters


def lines_of(message: Message) -> Iterator[Line]:
    """Break a message into lines; what stands unmarked below a linked headline is its byline."""
    below_headline = False
    characters = styled(message)
    for is_break, group in groupby(characters, lambda character: character[0] == "\n"):
        paragraph = list(group)
        if is_break:
            # The first break ends a line; each further one is an empty line.
            yield from [Line((), "q" in paragraph[0][1])] * (len(paragraph) - 1)
            continue
        if below_headline and not any(classes for _, classes in paragraph):
            paragraph = [(letter, frozenset("g")) for letter, _ in paragraph]
        below_headline = all(classes >= {"b", "l"} for _, classes in paragraph)
        quoted = any("q" in classes for _, classes in paragraph)
        for line in _wrapped(paragraph, WIDEST_TEXT - quoted * (QUOTE_INDENT + QUOTE_MARGIN)):
            yield Line(line, quoted)


def _wrapped(paragraph: Sequence[Character], widest: float) -> Iterator[list[Character]]:
    line: list[Character] = []
    word: list[Character] = []
    for character in [*paragraph, (" ", frozenset())]:
        if character[0] != " ":
            word.append(character)
            continue
        if line and sum(map(_width, [*line, *word])) > widest:
            yield line[:-1]
            line = []
        line += [*word, character]
        word = []
    yield line[:-1]
