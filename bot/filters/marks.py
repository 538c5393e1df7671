"""Where in a text the terms of a query stand, so that they can stand out in a message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from bot import text
from bot.filters.tree import Term

Marks = tuple[tuple[int, int], ...]
"""Where ranges of a text start and end: in order, none overlapping another."""

# More of them emphasise nothing, and messages hold few entities.
MOST = 20
_Span = tuple[int, int, list[str]]


def marks(written: str, terms: Iterable[Term]) -> Marks:
    """Find the terms in a text, whatever their fields: whole words, and phrases from their first to their last."""
    sought = list(terms)
    if not written or not sought:
        return ()
    spans, line, owners = _read(written)
    found = {
        (spans[owners[start]][0], spans[owners[end - 1]][1]) for term in sought for start, end in _places(line, term)
    }
    return tuple(_joined(sorted(found)))[:MOST]


@lru_cache(maxsize=32)
def _read(written: str) -> tuple[Sequence[_Span], str, Sequence[int]]:
    """Find the words of a text once for all the channels that get it."""
    spans = list(text.spans(written))
    return spans, *_line(spans)


def _line(spans: Sequence[_Span]) -> tuple[str, list[int]]:
    """Write the folded words as evaluation reads them, tags behind; tell for each character whose span it is of."""
    words: list[tuple[str, int]] = []
    tags: list[tuple[str, int]] = [("|", 0)]
    for number, (_, _, found) in enumerate(spans):
        row = words
        for word in found:
            if word == "|":
                row = tags
            else:
                row.append((word, number))
    line = [(" ", 0), *((f"{word} ", number) for word, number in (*words, *tags))]
    return "".join(word for word, _ in line), [number for word, number in line for _ in word]


def _places(line: str, term: Term) -> Iterator[tuple[int, int]]:
    """Find a term in folded words like `document.holds`: it stands free, and may reach across the hyphens of names."""
    wanted = " ".join(term.words)
    parted = line.replace("-", " ")
    before = parted.find(f" {wanted}")
    while before >= 0:
        start, end = before + 1, before + 1 + len(wanted)
        if line[before] == " " and (term.prefix or line[end] == " "):
            yield start, end
        before = parted.find(f" {wanted}", start)


def _joined(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Make one of ranges that overlap."""
    start = end = 0
    for next_start, next_end in ranges:
        if next_start < end:
            end = max(end, next_end)
            continue
        if end:
            yield start, end
        start, end = next_start, next_end
    if end:
        yield start, end
