"""Author names: several people in one by-line, honorifics and titles left aside."""

from __future__ import annotations

import re

from bot import text

_BETWEEN = re.compile(r"\s*(?:[,;/|+]|\s&\s|\band\b)\s*", re.IGNORECASE)
_STYLES = "sir dame lord lady baroness baron mr mrs ms miss mx dr prof professor rev cllr"
_BEFORE = frozenset(f"by the rt right hon honourable {_STYLES}".split())
_AFTER = frozenset(["mp", "msp", "ms", "mla", "am", "mep", "qc", "kc", "cbe", "obe", "mbe"])


def name(words: str) -> tuple[str, ...]:
    """Fold one person's name: "By the Rt Hon Rachel Reeves MP" is ("rachel", "reeves")."""
    folded = text.tokens(words)
    start, end = 0, len(folded)
    # A name that is nothing but titles ("Lord", "Miss MP") stays as it is.
    while start < end - 1 and folded[start] in _BEFORE:
        start += 1
    while end > start + 1 and folded[end - 1] in _AFTER:
        end -= 1
    return folded[start:end]


def names(byline: str) -> tuple[tuple[str, ...], ...]:
    """Fold every person of a by-line: "Rachel Reeves and Ed Balls" are two; the whole stands too, for organisations."""
    parts = [part for part in _BETWEEN.split(byline) if part]
    people = [folded for part in parts if (folded := name(part))]
    if len(parts) > 1:
        people.append(text.tokens(byline))
    return tuple(dict.fromkeys(people))
