"""Folding and words: case, accents, quotes, hyphens and possessives, so that texts compare as people read them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

from bot import hyphens

_APOSTROPHES = "'’‘‚‛ʼʻʹ′`´＇\u1fef\u1ffd"
_DASHES = "-‐‑‒–−﹣－"
_INSIDE = frozenset(f"{_APOSTROPHES}{_DASHES}._#@")
# Letters that carry no accent which could be taken off, and are often typed without what makes them special.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_SIGNS = str.maketrans(dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_DASHES, "-") | dict.fromkeys("\u200b™℠", " "))
# What an ASCII character becomes: a small letter, itself where it can be part of a word, else a space.
_ASCII = {code: chr(code).lower() if chr(code).isalnum() or chr(code) in "'-_#@" else " " for code in range(128)}
_ASCII[ord("`")] = "'"
_ASCII_BYTES = "".join(_ASCII.values()).encode().ljust(256)
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_DOT_LETTER = re.compile(r"\.[^\W\d_](?![^\W_])")
_ACRONYM = re.compile(r"(?<![^\W_])[^\W\d_](?:\.[^\W\d_](?![^\W_]))+(?:\.(?![^\W_]))?")
_LOOSE_UNDERSCORES = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])")
_TAG = re.compile(r"(?<!\w)[#@]\w+")
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def clean(text: str) -> str:
    """Collapse white space and drop control and direction-changing characters; joiners of emoji stay."""
    return " ".join(_CONTROL.sub(" ", text).split())


def fold(text: str) -> str:
    """Fold what readers do not distinguish, leaving words with spaces between them and hyphens in names only.

    Case, accents, width, apostrophes, possessives, dotted acronyms and punctuation go. Where a hyphen joins a name
    ("rees-mogg") it stays, any other ("post brexit") becomes a space.
    """
    return " ".join(_words_only(_characters(text)).split())


def words(text: str) -> list[str]:
    """List the folded words; then, after a "|", the #tags and @names, whose bare words are among the others."""
    characters = _characters(text)
    if "#" not in characters and "@" not in characters:
        return (_hyphenated(characters) if "-" in characters else characters).split()
    tags = _TAG.findall(characters)
    return [*_words_only(characters).split(), *(["|", *tags] if tags else [])]


def tokens(text: str) -> tuple[str, ...]:
    """List the folded words, names with hyphens in their parts, without tags."""
    return tuple(fold(text).replace("-", " ").split())


def spans(text: str) -> Iterator[tuple[int, int, list[str]]]:
    """Find the folded words piece by piece, each with where it starts and ends without the punctuation around it."""
    for found in re.finditer(r"\S+", text):
        piece, at = found.group(), found.start()
        whole = words(piece)
        parts = [(start, end, words(piece[start:end])) for start, end in _parts(piece)]
        # What folding sees across the seams, such as the "㎢" that becomes letters behind a number, is not cut.
        if sorted(whole) != sorted(word for _, _, part in parts for word in part):
            parts = [(0, len(piece), whole)]
        yield from ((at + start, at + end, part) for start, end, part in parts if part)


def _parts(piece: str) -> Iterator[tuple[int, int]]:
    """Cut a piece between white space at the signs that separate words, and those off that stand around a word."""
    at = 0
    for inside, group in groupby(piece, _may_be_inside_a_word):
        start, at = at, at + len(list(group))
        letters = [place for place in range(start, at) if inside and _is_of_a_word(piece[place])]
        if letters:
            end = letters[-1] + 1
            while end < at and unicodedata.category(piece[end])[0] == "M":
                end += 1  # an accent of its own
            yield letters[0], end


def _may_be_inside_a_word(character: str) -> bool:
    return character.isalnum() or character in _INSIDE or unicodedata.category(character) in {"Mn", "Mc", "Me", "Cf"}


def _characters(text: str) -> str:
    """Fold character by character; what cannot be part of a word becomes a space."""
    if not text.isascii():
        # Nearly all that newspapers need beside ASCII; looking for each takes a hundredth of looking for any other.
        for sign in "’‘“”–—":
            if sign in text:
                text = text.replace(sign, _foreign(sign))
        if not text.isascii():
            text = _FOREIGN.sub(_folded, text)
    if "." in text and _DOT_LETTER.search(text):
        text = _ACRONYM.sub(lambda match: match.group().replace(".", ""), text)
    text = text.encode().translate(_ASCII_BYTES).decode() if text.isascii() else text.translate(_ASCII)
    if "_" in text:
        text = _LOOSE_UNDERSCORES.sub("", text)
    if "'" in text:
        # The last mark may close what was quoted: ‘the NHS’s’.
        text = f"{text} ".replace("'s ", " ").replace("'s-", "-").replace("'s' ", " ").replace("'", "")
    return text


def _words_only(characters: str) -> str:
    if "#" in characters or "@" in characters:
        characters = characters.replace("#", " ").replace("@", " ")
    return _hyphenated(characters) if "-" in characters else characters


def _hyphenated(characters: str) -> str:
    """Join names and separate other words, hyphen by hyphen: texts are long and hyphens rare."""
    done = 0
    pieces: list[str] = []
    at = characters.find("-")
    while at >= 0:
        start = characters.rfind(" ", 0, at) + 1
        end = characters.find(" ", at)
        end = len(characters) if end < 0 else end
        pieces += (characters[done:start], _compound(characters[start:end]))
        done, at = end, characters.find("-", end)
    return "".join(pieces) + characters[done:]


@lru_cache(maxsize=4096)
def _compound(hyphenated: str) -> str:
    if "--" in hyphenated:
        # Typed for a dash.
        return " ".join(_compound(each) for each in hyphenated.split("--"))
    parts = [part for part in hyphenated.split("-") if part]
    return ("-" if len(parts) > 1 and not hyphens.separates(parts) else " ").join(parts)


def _folded(match: re.Match[str]) -> str:
    return _foreign(match.group())


@lru_cache(maxsize=4096)
def _foreign(characters: str) -> str:
    """Fold characters outside ASCII. They do not depend on their neighbours: what composes with them goes anyway."""
    folded = unicodedata.normalize("NFKD", characters.translate(_SIGNS)).casefold()
    # Again after folding, for what casefold composes and what came apart.
    folded = unicodedata.normalize("NFKD", folded).translate(_PLAIN).translate(_SIGNS)
    return "".join(_as_word(each) for each in folded if not unicodedata.combining(each))


def _as_word(character: str) -> str:
    if character.isascii() or character.isalnum():
        return character
    category = unicodedata.category(character)
    if category in {"Mc", "Mn"} and not _INVISIBLE.match(character):
        return character  # a vowel in some scripts
    # Soft hyphens, joiners, marks of direction and of an emoji's variant stand inside words.
    return "" if category[0] == "M" or category == "Cf" else " "


def _is_of_a_word(character: str) -> bool:
    return _characters(character).strip(" -") != ""


def contains(words: str, phrase: str) -> bool:
    """Tell whether folded words hold a phrase that stands free: not joined to what is before or after it."""
    if f" {phrase} " in f" {words} ":
        return True
    # A single word that does not stand free is part of a name; several may be a name with its hyphens.
    if "-" not in words or " " not in phrase or phrase not in words.replace("-", " "):
        return False
    joined = re.escape(phrase).replace(r"\ ", "[ -]")
    return re.search(f"(?<![^ ]){joined}(?![^ ])", words) is not None


def shorten(text: str, limit: int) -> str:
    """Cut after a whole word so that the result, with its ellipsis, has at most `limit` code points."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > limit // 2 else cut).rstrip(" ,;:-–—") + "…"


def window(text: str, at: int, width: int) -> tuple[str, int]:
    """Cut a long text to what is around a character, and say where that character is then."""
    if len(text) <= width:
        return text, at
    start = max(0, min(at - width // 2, len(text) - width))
    before, after = "…" * (start > 0), "…" * (start + width < len(text))
    return f"{before}{text[start : start + width]}{after}", at - start + len(before)


def count(number: int, noun: str, plural: str = "") -> str:
    """Say a number of things: "1 entry", "2 entries"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
