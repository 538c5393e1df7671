"""Folding and tokens: case, accents, quotes, hyphens and honorifics, so that texts compare as people read them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼ′`´"), None)
_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"['’ʼ]s\b", re.IGNORECASE)
_ACRONYM = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def clean(text: str) -> str:
    """Collapse white space and drop control and direction-changing characters; joiners of emoji stay."""
    return " ".join(_CONTROL.sub(" ", text).split())


def fold(text: str) -> str:
    """Fold what readers do not distinguish: case, accents, width, apostrophes, dotted acronyms and white space."""
    text = _ACRONYM.sub(lambda match: match.group().replace(".", ""), _POSSESSIVE.sub("", text))
    # Decomposing first, or a capital in fancy dress would stay a capital; again after it, for what casefold composes.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(bare.translate(_APOSTROPHES).split())


def tokens(text: str) -> tuple[str, ...]:
    """Split into folded words; hyphens, slashes and punctuation separate them."""
    return tuple(_WORD.findall(fold(text)))


def contains(words: Sequence[str], phrase: Sequence[str]) -> bool:
    """Tell whether the folded words hold the phrase in a row."""
    if len(phrase) == 1:
        return phrase[0] in words
    length, wanted = len(phrase), tuple(phrase)
    return any(tuple(words[at : at + length]) == wanted for at in range(len(words) - length + 1))


def shorten(text: str, limit: int) -> str:
    """Cut after a whole word so that the result, with its ellipsis, has at most `limit` code points."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > limit // 2 else cut).rstrip(" ,;:-–—") + "…"


def count(number: int, noun: str, plural: str = "") -> str:
    """Say a number of things: "1 entry", "2 entries"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
