"""Who says what in a release, taken out of its text, so that it is read once and with its speaker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from bot import bidi, text
from bot.model import Quotation

LONGEST, LONGEST_NAME = 1200, 120
_MARKS = "“”„\"«»‘’'"
# Words of a paragraph that are neither said nor the speaker's name: "said the minister today".
_AROUND = 5
# Words of a line that only says who speaks.
LONGEST_INTRODUCTION = 25


@lru_cache(maxsize=32)  # an entry may go to thousands
def apart(paragraphs: tuple[str, ...], said: tuple[Quotation, ...]) -> tuple[tuple[str, ...], str]:
    """Give the paragraphs that are no quotations, and who says what, a paragraph each, as many as fit.

    What does not fit stays among the paragraphs.
    """
    shown: list[str] = []
    fitting: list[Quotation] = []
    room = LONGEST
    for each in said:
        who = text.shorten(", ".join(text.clean(part) for part in (each.speaker, each.office) if part), LONGEST_NAME)
        before = f"{bidi.isolate(who)}: " if who else ""
        words = text.clean(each.text).strip(_MARKS)
        left = room - len(before) - len("\n\n“”") - 2
        if not words or left < LONGEST_NAME:
            continue
        shown.append(f"{before}{bidi.isolate(f'“{text.shorten(words, left)}”')}")
        fitting.append(each)
        room -= len(shown[-1]) + 2
    return tuple(_without(paragraphs, fitting)), "\n\n".join(shown)


def _without(paragraphs: Sequence[str], said: Sequence[Quotation]) -> Iterator[str]:
    """Leave paragraphs out that are quotations, with the line that introduces them."""
    spoken = [(text.tokens(each.text), frozenset(text.tokens(f"{each.speaker} {each.office}"))) for each in said]
    gone = [any(_is_said(paragraph, words, who) for words, who in spoken) for paragraph in paragraphs]
    for paragraph, is_gone, is_next_gone in zip(paragraphs, gone, [*gone[1:], False], strict=False):
        introduces = is_next_gone and paragraph.endswith(":") and len(text.tokens(paragraph)) <= LONGEST_INTRODUCTION
        if not is_gone and not introduces:
            yield paragraph


def _is_said(paragraph: str, words: tuple[str, ...], who: frozenset[str]) -> bool:
    mine = text.tokens(paragraph)
    if not mine:
        return False
    if f" {' '.join(mine)} " in f" {' '.join(words)} ":
        return True
    known = who.union(words)
    others = sum(word not in known for word in mine)
    return paragraph[0] in _MARKS and others <= _AROUND and others * 2 < len(mine)
