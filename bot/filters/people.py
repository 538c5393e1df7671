"""Author names: several people in one by-line, honorifics and titles left aside, names that mean the same person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from bot import text

_BETWEEN = re.compile(r"\s*(?:[,;/|+()•·]|\s[&–—-]\s|(?<![\w-])(?:and|with)(?![\w-]))\s*", re.IGNORECASE)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_BEFORE = _set(
    """
    by from the rt right hon honourable sir dame lord lady baroness baron viscount earl mr mrs ms miss mx dr prof
    professor rev reverend cllr councillor
    """
)
_AFTER = _set("mp mps msp ms mla am tds td mep qc kc cbe obe mbe dbe kbe pc esq")
TITLES = _BEFORE | _AFTER
# By-lines name offices too ("Priya Ashdown, Political Editor"): those are nobody to follow.
_OFFICES = _set(
    """
    editor reporter correspondent writer staff agency minister secretary chancellor leader spokesman spokeswoman
    spokesperson chair chairman adviser director analyst columnist
    """
)


class Aliases(Mapping[str, tuple[str, ...]]):
    """For each folded name, written without its hyphens, all the folded names of the same person or organisation.

    It never changes, so that what was read with it can be kept.
    """

    def __init__(self, groups: Mapping[str, tuple[str, ...]]) -> None:
        self._groups = dict(groups)

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return self._groups[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._groups)

    def __len__(self) -> int:
        return len(self._groups)

    __hash__ = object.__hash__


# Of a release that several publish together, those whose aliases are known.
MOST_ORGANISATIONS = 10
NO_ALIASES = Aliases({})


def person(part: str) -> str:
    """Take titles and honours off one person's name as written: "By the Rt Hon Rachel Reeves MP" is "Rachel Reeves"."""
    words = [word for word in part.split() if text.fold(word)]
    # A name that is nothing but titles ("Lord", "Miss MP") stays as it is.
    while len(words) > 1 and text.fold(words[0]) in _BEFORE:
        del words[0]
    while len(words) > 1 and text.fold(words[-1]) in _AFTER:
        del words[-1]
    return " ".join(words).strip(" .:,")


def name(part: str) -> str:
    """Fold one person's name, without titles."""
    return text.fold(person(part))


def tokens(written: str) -> tuple[str, ...]:
    """List the words of a name to look for, names with hyphens in their parts, without titles."""
    # Parts first: what is read back from them must be the same.
    return text.tokens(person(" ".join(text.tokens(written))))


def people(byline: str) -> tuple[str, ...]:
    """List the people of a by-line as they are written there."""
    found = [person(part) for part in _BETWEEN.split(byline) if part]
    return tuple(each for each in found if _is_somebody(set(text.tokens(each))))


def _is_somebody(words: set[str]) -> bool:
    return not (words & _OFFICES or words <= TITLES)


@lru_cache(maxsize=4096)
def names(byline: str, aliases: Aliases = NO_ALIASES) -> tuple[str, ...]:
    """Fold every name of a by-line with its aliases; the whole stands too, where it may be an organisation."""
    found = [folded for part in _BETWEEN.split(byline) if part and (folded := name(part))]
    if len(found) > 1 and _may_be_one(byline, found):
        found.append(text.fold(byline))
    return with_aliases(found, aliases)


def _may_be_one(byline: str, names: Iterable[str]) -> bool:
    """Tell whether a by-line may be one name: where it is several people's, they must not run into each other."""
    if any(" " not in each and each not in TITLES for each in names):
        return True  # "Digital, Culture, Media & Sport"
    return {match.group().strip().casefold() for match in _BETWEEN.finditer(byline)} <= {"and", "with"}


def organisation(written: str, aliases: Aliases = NO_ALIASES) -> tuple[str, ...]:
    """Fold the name of an organisation, with its aliases, which do without its "the"."""
    folded = text.fold(written)
    return with_aliases([folded, name(written), *_known_among(written, aliases)] if aliases else [folded], aliases)


def _known_among(written: str, aliases: Aliases) -> Iterator[str]:
    """Find the organisations with aliases among several that commas separate; a name may have commas of its own."""
    parts = written.split(", ")[:MOST_ORGANISATIONS]
    for start in range(len(parts)):
        for end in range(start + 1, len(parts) + 1):
            folded = name(", ".join(parts[start:end]))
            if folded.replace("-", " ") in aliases:
                yield folded


def with_aliases(folded: Iterable[str], aliases: Aliases) -> tuple[str, ...]:
    """Add to folded names the others of the same person or organisation."""
    return tuple(dict.fromkeys(alias for each in folded for alias in (each, *aliases.get(each.replace("-", " "), ()))))
