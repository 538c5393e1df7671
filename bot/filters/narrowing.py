"""Queries as full-text searches: which stored entries a query can want at all.

The archive's words are those of `document.searchable`, so that what the search leaves out the query would leave out.
Syntax: sqlite.org/fts5.html, section 3.
"""

from __future__ import annotations

from typing import NamedTuple

from bot.filters.people import Aliases
from bot.filters.tree import All, Any, Not, Query, Term


class Narrowing(NamedTuple):
    """A search, empty where it leaves nothing out. Where it is `exact`, it finds just what the query finds."""

    words: str
    exact: bool


_EVERYTHING = Narrowing("", exact=False)


def narrow(query: Query, aliases: Aliases) -> Narrowing:
    """Write a query as a search of the archive."""
    return _narrow(query, frozenset(word for name in aliases for word in name.split()))


def _narrow(query: Query, ambiguous: frozenset[str]) -> Narrowing:
    match query:
        case Term():
            return _of_term(query, ambiguous)
        case Not():
            return _EVERYTHING
        case All(parts):
            return _of_all(parts, ambiguous)
        case Any(parts):
            each = [_narrow(part, ambiguous) for part in parts]
            if not all(part.words for part in each):
                return _EVERYTHING
            return Narrowing(f"({' OR '.join(part.words for part in each)})", all(part.exact for part in each))


def _of_all(parts: tuple[Query, ...], ambiguous: frozenset[str]) -> Narrowing:
    wanted = [_narrow(part, ambiguous) for part in parts if not isinstance(part, Not)]
    unwanted = [_narrow(part.part, ambiguous) for part in parts if isinstance(part, Not)]
    words = " AND ".join(part.words for part in wanted if part.words)
    if not words:
        return _EVERYTHING
    # Only what the search finds exactly may be left out: of more it would leave out too much.
    for part in unwanted:
        words = f"({words}) NOT {part.words}" if part.exact else words
    return Narrowing(f"({words})", all(part.exact for part in (*wanted, *unwanted)))


def _of_term(term: Term, ambiguous: frozenset[str]) -> Narrowing:
    words, field, prefix = term
    if field == "source" or (field in {"author", "org"} and ambiguous.intersection(words)):
        return _EVERYTHING  # names of sources and aliases may change after an entry was stored
    mark = f"{field}:" if field in {"author", "org", "kind"} else ""
    if len(words) == 1:
        exact = not prefix and field in {"", "kind"}
        return Narrowing(f'"{mark}{words[0]}"{" *" if prefix else ""}', exact)
    # Each word may stand free or in a name with hyphens; a beginning may be of either.
    end = [f'("{mark}{words[-1]}" * OR "{mark}~{words[-1]}" *)'] if prefix else []
    whole = [f'("{mark}{word}" OR "{mark}~{word}")' for word in (words[:-1] if prefix else words)]
    return Narrowing(f"({' AND '.join(whole + end)})", exact=False)
