"""Break messages into lines of styled characters, by the widths of Helvetica."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from tests.pictures.shots import Bubble

SIZE, LINE, BLANK = 15, 20, 8
QUOTE_INDENT, QUOTE_MARGIN = 12, 8
# So many lines of an expandable quotation are shown before it is opened.
BEGINNING, ARROW = 3, 24
# Of a message of more lines than that the first and the last are shown.
MOST, SHOWN = 26, 5
# Nobody knows which fonts a reader has. These are Helvetica's widths in thousandths, by which lines are broken; each
# line then tells its width (textLength), and whatever font draws it keeps to that.
_WIDTHS = {
    222: "ijl'’‘",
    260: "|",
    278: " .,:;!/ftI·[]\\",
    333: "r()-“”‹›`",
    350: "•",
    400: "°",
    500: "ckvsxyzJ",
    556: "0123456789abdeghnopquL?_–#$",
    584: "<>=+~",
    611: "FTZ",
    667: "ABEKPSVXY&",
    722: "CDHNRUw",
    778: "GOQ",
    833: "mM✓✕",
    889: "%",
    944: "W",
    1000: "—…⚠→",
    1015: "@",
}
_WIDTH = {character: width / 1000 for width, characters in _WIDTHS.items() for character in characters}
_FROM_RIGHT = 0.49
_OTHER, _WIDE, _BOLD, _CODE = 0.556, 1.25, 1.07, 0.58
_CLASSES = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "spoiler": "p",
    "code": "c",
    "pre": "ck",
    "blockquote": "q",
    "expandable_blockquote": "qx",
}
_LINK = "l"
_BLOCKS = "kqx"
Character = tuple[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bubble; without characters it is a gap.

    `block` is `q` in a quotation, `x` in one that can be opened, `k` in a block of code; a line of a paragraph that
    begins with a word from right to left stands at the right.
    """

    characters: Sequence[Character]
    block: str = ""
    from_right: bool = False

    @property
    def text_width(self) -> float:
        """Tell how long its words are."""
        return sum(map(_width, self.characters))

    @property
    def width(self) -> float:
        """Tell how far it reaches, with what is left and right of it."""
        return self.text_width + bool(self.block) * (QUOTE_INDENT + QUOTE_MARGIN)

    @property
    def height(self) -> int:
        """Tell how much room it takes."""
        return LINE if self.characters else BLANK


def _width(character: Character) -> float:
    letter, classes = character
    if unicodedata.combining(letter) or unicodedata.category(letter) in {"Mn", "Cf"}:
        return 0
    if unicodedata.east_asian_width(letter) == "W":
        return _WIDE * SIZE
    if "c" in classes:
        return _CODE * SIZE
    other = _FROM_RIGHT if unicodedata.bidirectional(letter) in {"R", "AL"} else _OTHER
    return _WIDTH.get(letter, other) * SIZE * (_BOLD if "b" in classes else 1)


def width_of(words: str, size: float, *, bold: bool = False) -> float:
    """Tell how long plain words are."""
    return sum(_width((letter, frozenset("b" if bold else ""))) for letter in words) * size / SIZE


def shortened(words: str, size: float, widest: float, *, bold: bool = False) -> str:
    """Cut words that are too long."""
    if width_of(words, size, bold=bold) <= widest:
        return words
    while width_of(f"{words}…", size, bold=bold) > widest:
        words = words[:-1]
    return f"{words.rstrip()}…"


def plain_lines(words: str, widest: float) -> list[Line]:
    """Break plain words into lines."""
    return [
        Line(line)
        for paragraph in words.split("\n")
        for line in _wrapped([(letter, frozenset()) for letter in paragraph], widest)
    ]


def lines_of(message: Bubble, widest: float) -> list[Line]:
    """Break a message into lines."""
    lines: list[Line] = []
    for block, group in groupby(_paragraphs(message, widest), lambda line: line.block):
        some = list(group)
        written = [number for number, line in enumerate(some) if line.characters]
        if block == "x" and not message.opened and len(written) > BEGINNING:
            end = written[BEGINNING - 1]
            some[end:] = [Line(_cut(some[end].characters, widest - QUOTE_INDENT - ARROW), block)]
        lines += some
    return lines if len(lines) <= MOST else [*lines[:SHOWN], Line([("⋮", frozenset("g"))]), *lines[-SHOWN:]]


def _cut(characters: Sequence[Character], widest: float) -> list[Character]:
    """Say that something follows, in what room there is beside the arrow that shows it."""
    cut, more = list(characters), ("…", frozenset[str]())
    while sum(map(_width, [*cut, more])) > widest:
        cut = _trimmed(cut[:-1])
    return [*cut, more]


def _paragraphs(message: Bubble, widest: float) -> Iterator[Line]:
    for is_break, group in groupby(_styled(message), lambda character: character[0] == "\n"):
        paragraph = list(group)
        block = max(classes & set(_BLOCKS), default="") if (classes := paragraph[0][1]) else ""
        if is_break:
            # The first break ends a line; each further one is an empty line.
            yield from [Line((), block)] * (len(paragraph) - 1)
            continue
        for line in _wrapped(paragraph, widest - bool(block) * (QUOTE_INDENT + QUOTE_MARGIN)):
            yield Line(line, block, from_right=_is_from_right(paragraph))


def _is_from_right(paragraph: Sequence[Character]) -> bool:
    """Tell a paragraph's direction by its first letter that has one, outside of isolates (UAX #9, P2)."""
    depth = 0
    for letter, _ in paragraph:
        kind = unicodedata.bidirectional(letter)
        depth += (kind in {"LRI", "RLI", "FSI"}) - (kind == "PDI")
        if not depth and kind in {"L", "R", "AL"}:
            return kind != "L"
    return False


def _styled(message: Bubble) -> Iterator[Character]:
    """Give every character its classes."""
    classes: list[set[str]] = [set() for _ in range(len(message.text.encode("utf-16-le")) // 2)]
    for entity in message.entities:
        for place in range(entity["offset"], entity["offset"] + entity["length"]):
            classes[place].update(_CLASSES.get(entity["type"], _LINK))
    place = 0
    for letter in message.text:
        yield letter, frozenset(classes[place])
        place += len(letter.encode("utf-16-le")) // 2


def _wrapped(paragraph: Sequence[Character], widest: float) -> Iterator[list[Character]]:
    line: list[Character] = []
    for is_space, group in groupby(paragraph, lambda character: character[0] == " "):
        word = list(group)
        if not is_space and line and sum(map(_width, [*line, *word])) > widest:
            yield _trimmed(line)
            line = []
        # An address may be longer than any line.
        while not is_space and sum(map(_width, word)) > widest:
            end = len(word)
            while sum(map(_width, word[:end])) > widest:
                end -= 1
            yield word[:end]
            word = word[end:]
        line += word
    yield _trimmed(line)


def _trimmed(line: list[Character]) -> list[Character]:
    while line and line[-1][0] == " ":
        line = line[:-1]
    return line
