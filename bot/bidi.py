"""Right-to-left text among left-to-right text: isolated, so that it re-orders nothing around it (UAX #9)."""

from __future__ import annotations

import re
import unicodedata

FSI, PDI = "\u2068", "\u2069"
_OPENING = "\u2066\u2067\u2068"
ISOLATES = f"{_OPENING}{PDI}"
# Embeddings and overrides: nobody needs them where there are isolates.
_DROPPED = re.compile("[\u202a-\u202e]")
_ISOLATES = re.compile(f"[{ISOLATES}]")
# Where characters run from right to left, assigned or not yet (UAX #9, section 3.2; DerivedBidiClass.txt).
_BLOCKS = re.compile("[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]")
_STRONG = frozenset({"R", "AL", "AN", ""})


def turns(words: str) -> bool:
    """Tell whether a text has characters outside isolates that could re-order their neighbours."""
    if words.isascii() or not _BLOCKS.search(words):
        return False
    depth = 0
    for character in words:
        if character in _OPENING:
            depth += 1
        elif character == PDI:
            depth = max(depth - 1, 0)
        elif character == "\n":
            depth = 0  # no isolate reaches into the next paragraph
        elif not depth and _BLOCKS.match(character) and unicodedata.bidirectional(character) in _STRONG:
            return True
    return False


def closed(words: str) -> str:
    """Take embeddings and overrides out, and give each isolate its end in its own line, so that none leaks."""
    if words.isascii() or not (_DROPPED.search(words) or _ISOLATES.search(words)):
        return words
    return "\n".join(map(_closed, _DROPPED.sub("", words).split("\n")))


def _closed(line: str) -> str:
    kept: list[str] = []
    depth = 0
    for character in line:
        if character in _OPENING:
            depth += 1
        elif character == PDI:
            if not depth:
                continue
            depth -= 1
        kept.append(character)
    return "".join(kept) + PDI * depth


def isolate(words: str) -> str:
    """Keep a text from re-ordering its neighbours; one that cannot stays as it is."""
    whole = closed(words)
    if not turns(whole):
        return whole
    return "\n".join(f"{FSI}{line}{PDI}" if turns(line) else line for line in whole.split("\n"))
