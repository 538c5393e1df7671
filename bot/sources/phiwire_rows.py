"""Finding the PhiWire's rows in a document: by the elements around each time, else by the order of the text."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Literal

from bot.sources.markup import squash
from bot.sources.outline import Piece, Place, Segment
from bot.sources.times import CLOCK

_PIPE = re.compile(r"\S\s\|\s+\S")
_PLACEHOLDER = re.compile(
    r"only (?:the )?(?:latest |last |first |newest )?[\w-]+ (?:entry|entries|stories|items|headlines) (?:on|of|from) "
    r"(?:the )?phi ?wires? (?:is|are) (?:visible|available|shown) (?:only )?to non[ -]?subscribers\b",
    re.IGNORECASE,
)
_PLAIN = str.maketrans("‐‑–", "---", "’‘'`")
_TAG = re.compile("<[^>]*>")
_ICON = "source icon"
_LONGEST_ROW = 200
_USUAL_ROW = 12


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it stands on the page: `time` is HH:MM, ISO 8601 or empty."""

    text: str
    href: str
    icon: str
    time: str


@dataclass(frozen=True, slots=True)
class _Token:
    """A time, an icon (`text` its address) or a text, with the pieces it was made of.

    A text is `piped` where it has an author and a headline, and `linked` where some of it is a link.
    """

    kind: Literal["time", "icon", "text"]
    text: str
    pieces: tuple[Piece, ...]
    piped: bool = False
    linked: bool = False
    placeholder: bool = False

    @classmethod
    def of_text(cls, text: str, pieces: tuple[Piece, ...]) -> _Token:
        linked = any(piece.href and piece.text.strip() for piece in pieces)
        return cls("text", text, pieces, _PIPE.search(text) is not None, linked, is_placeholder(text))

    @property
    def place(self) -> Place:
        return self.pieces[0].place


# A row with the tokens that it is made of; None stands for a placeholder.
_Found = tuple[range, Row | None]


def is_placeholder(text: str) -> bool:
    """Recognise the rows that stand for what only subscribers see."""
    return _PLACEHOLDER.match(_plain(text.rpartition("|")[2].strip())) is not None


def has_placeholder(markup: str) -> bool:
    """Tell whether such a row stands anywhere in a document."""
    return _PLACEHOLDER.search(_plain(squash(_TAG.sub(" ", markup)))) is not None


def _plain(text: str) -> str:
    return text.translate(_PLAIN)


def find(segments: Sequence[Segment]) -> tuple[list[Row], int]:
    """Find the rows in document order, and count the placeholders."""
    tokens = [token for segment in segments if not _is_chrome(segment.place) for token in _tokens(segment)]
    wrapped = _Wrapped(tokens)
    found = _without_clocks(tokens, wrapped.rows("time", set()))
    # What no element holds together is read in the order of the text, between the rows already found; rows without a
    # time come last, because their icon and headline may belong to a time that stands beside them.
    for run in _runs(tokens, found):
        if any(tokens[index].kind == "time" for index in run):
            found += _in_order(tokens, run)
    found += wrapped.rows("icon", {index for indexes, _ in found for index in indexes})
    for run in _runs(tokens, found):
        found += _part(tokens, run, None, len(run))
    found.sort(key=lambda pair: pair[0].start)
    return [row for _, row in found if row is not None], sum(token.placeholder for token in tokens)


def _is_chrome(place: Place) -> bool:
    """Tell the page's own header, footer and navigation from those of a row."""
    if place.within("nav"):
        return True
    return place.within("header", "footer") and not place.within("article", "li", "main", "section", "td")


def _tokens(segment: Segment) -> Iterator[_Token]:
    """Cut a segment at its times; icons stand before the text around them, other images are nothing."""
    pending: list[Piece] = []

    def text() -> Iterator[_Token]:
        joined = squash("".join(piece.text for piece in pending))
        if joined:
            yield (
                _Token("icon", "", tuple(pending))
                if joined.casefold() == _ICON
                else _Token.of_text(joined, tuple(pending))
            )
        pending.clear()

    for piece in segment.pieces:
        wall = squash(piece.text)
        if piece.kind == "image":
            if wall.casefold() == _ICON:
                yield _Token("icon", piece.source, (piece,))
        elif piece.kind == "time" and (
            _is_full(piece.source) or CLOCK.fullmatch(wall) or CLOCK.fullmatch(piece.source)
        ):
            yield from text()
            stamp = piece.source.strip()
            yield _Token("time", stamp if _is_full(stamp) or not CLOCK.fullmatch(wall) else wall, (piece,))
        elif piece.kind == "text" and piece.apart and CLOCK.fullmatch(wall):
            yield from text()
            yield _Token("time", wall, (piece,))
        else:
            pending.append(piece)
    yield from text()


def _is_full(stamp: str) -> bool:
    return re.match(r"\s*\d{4}-?\d\d-?\d\d[T ]\d\d", stamp) is not None


class _Wrapped:
    """Rows that an element holds together: the smallest one with a headline and exactly one time, or one icon."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.starts = [token.pieces[0].index for token in tokens]
        self.times = list(accumulate((token.kind == "time" for token in tokens), initial=0))
        self.icons = list(accumulate((token.kind == "icon" for token in tokens), initial=0))

    def rows(self, anchors: Literal["time", "icon"], taken: set[int]) -> list[_Found]:
        """Give the rows around each time, or each icon, that is not taken."""
        found: list[_Found] = []
        for index, token in enumerate(self.tokens):
            if token.kind == anchors and index not in taken:
                pair = self._around(index, taken)
                if pair is not None:
                    found.append(pair)
                    taken.update(pair[0])
        return found

    def _around(self, index: int, taken: set[int]) -> _Found | None:
        timed = self.tokens[index].kind == "time"
        ranges: list[range] = []
        for place in self.tokens[index].place.upwards():
            inside = range(bisect_left(self.starts, place.first), bisect_left(self.starts, place.end))
            times = self.times[inside.stop] - self.times[inside.start]
            icons = self.icons[inside.stop] - self.icons[inside.start]
            if (
                times > 1
                or icons > 1
                or (not timed and times)
                or len(inside) > _LONGEST_ROW
                or not taken.isdisjoint(inside)
            ):
                break
            if index in inside and (not ranges or inside != ranges[-1]):
                ranges.append(inside)
        # Around the time may stand the name of its source, with a link of its own: a pipe further out is a better sign,
        # and without one the longest link or text of the row, as far as it can be a row. Placeholders come last: they
        # stand beside the only row of a quiet morning.
        own = [inside for inside in ranges if not any(self.tokens[i].placeholder for i in inside)]
        whole = [inside for inside in own if len(inside) <= _USUAL_ROW][-1:] or own[:1]
        wants = [("pipe", own), ("link", whole), ("text", whole), ("pipe", ranges)] if timed else [("pipe", ranges)]
        for wanted, where in wants:
            for inside in where:
                headline = _headline(self.tokens, inside, index, wanted)
                if headline is not None:
                    return _row(self.tokens, inside, headline, index if timed else None)
        return None


def _headline(tokens: list[_Token], inside: Sequence[int], anchor: int, wanted: str) -> int | None:
    """Choose the headline in a range: the nearest text with a pipe, else the longest link, else the longest text."""
    texts = [index for index in inside if tokens[index].kind == "text"]
    if wanted == "pipe":
        piped = [index for index in texts if tokens[index].piped or tokens[index].placeholder]
        return min(piped, key=lambda index: (tokens[index].placeholder, abs(index - anchor)), default=None)
    if not any(tokens[index].kind == "icon" for index in inside):
        return None
    chosen = [i for i in texts if tokens[i].linked] if wanted == "link" else [i for i in texts if " " in tokens[i].text]
    return max(chosen, key=lambda index: len(tokens[index].text), default=None)


def _row(tokens: list[_Token], inside: range, headline: int, time: int | None) -> _Found:
    token = tokens[headline]
    if token.placeholder:
        return inside, None
    icon = next((tokens[index].text for index in inside if tokens[index].kind == "icon"), "")
    hrefs = [_href(token), *(piece.href for index in inside for piece in tokens[index].pieces)]
    url = next((href for href in hrefs if href), "")
    return inside, Row(token.text, url, icon, tokens[time].text if time is not None else "")


def _href(token: _Token) -> str:
    """Give the link of the headline: that of most letters after the pipe, for the author may have a link too."""
    seen = ""
    weights: Counter[str] = Counter()
    for piece in token.pieces:
        before, seen = seen, seen + piece.text
        if piece.href:
            pipe = _PIPE.search(seen)
            after = len(seen) - max(len(before), pipe.end() - 1) if pipe else 0
            weights[piece.href] += after * 1_000 + len(piece.text.strip())
    return max(weights, key=lambda href: weights[href], default="")


def _without_clocks(tokens: list[_Token], found: list[_Found]) -> list[_Found]:
    """Drop what looked like a row around a clock: no icon, while the rows with icons have their times elsewhere."""

    def shape(inside: range) -> tuple[str, ...]:
        return next(_shape(tokens[index]) for index in inside if tokens[index].kind == "time")

    def has_icon(inside: range) -> bool:
        return any(tokens[index].kind == "icon" for index in inside)

    usual = {shape(inside) for inside, row in found if row is not None and has_icon(inside)}
    return [pair for pair in found if not usual or has_icon(pair[0]) or shape(pair[0]) in usual]


def _shape(token: _Token) -> tuple[str, ...]:
    return tuple(place.tag for place in token.place.upwards())


def _runs(tokens: list[_Token], found: list[_Found]) -> Iterator[range]:
    """Give the stretches that nothing has taken."""
    start = 0
    for inside, _ in [*sorted(found, key=lambda pair: pair[0].start), (range(len(tokens), len(tokens)), None)]:
        if start < inside.start:
            yield range(start, inside.start)
        start = max(start, inside.stop)


def _in_order(tokens: list[_Token], run: range) -> list[_Found]:
    """Read rows that no element holds together; whether the time ends or begins a row is decided by what fits more."""
    times = [index for index in run if tokens[index].kind == "time"]
    # A clock in the page's header stands elsewhere than the times of the list.
    shape, count = Counter(_shape(tokens[index]) for index in times).most_common(1)[0]
    times = [index for index in times if count == 1 or _shape(tokens[index]) == shape]
    chosen = set(times)
    longest = max((b - a for a, b in pairwise(times)), default=len(run))
    readings = []
    for after in (1, 0):
        cuts = [run.start, *(index + after for index in times), run.stop]
        parts = [range(a, b) for a, b in pairwise(cuts) if a < b]
        anchors = [part[-after] for part in parts]
        readings.append(
            [
                pair
                for part, anchor in zip(parts, anchors, strict=True)
                for pair in _part(tokens, part, anchor if anchor in chosen else None, longest)
            ]
        )
    return max(readings, key=_fit)


def _fit(reading: list[_Found]) -> int:
    """Count the rows that have everything; a placeholder with a time has taken that of a row."""
    return sum(1 if row is not None and row.time else -1 for _, row in reading)


def _part(tokens: list[_Token], part: range, time: int | None, longest: int) -> Iterator[_Found]:
    """Give the rows of a stretch: the one of its time, no longer than `longest`, and those with an icon and no time."""
    marks = [index for index in part if tokens[index].kind == "icon" or tokens[index].piped]
    if not marks:
        return
    cuts = [index for index in marks if tokens[index].kind == tokens[marks[0]].kind][1:]
    for group in (range(a, b) for a, b in pairwise([part.start, *cuts, part.stop])):
        timed = time if time is not None and time in group else None
        near = group if timed is None else group[-longest:] if timed == group[-1] else group[:longest]
        wants = ("pipe",) if timed is None else ("pipe", "link", "text")
        headlines = (_headline(tokens, near, timed if timed is not None else near[-1], want) for want in wants)
        headline = next((index for index in headlines if index is not None), None)
        if headline is None:
            continue
        if timed is not None or (not tokens[headline].placeholder and any(tokens[i].kind == "icon" for i in near)):
            yield _row(tokens, near, headline, timed)
