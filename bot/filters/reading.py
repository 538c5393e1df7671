"""Read stored filters, most of them without parsing: nearly all queries have one of a few shapes.

    "net zero" -nhs ──▶ the shape w -w, read once, and the terms "net zero", nhs ──▶ clauses with these terms

A shape stands for its queries where only their terms make a difference, plain ones such as stored queries are made of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from bot.filters import people, query
from bot.filters.clauses import HEADLINE, Clause, Keys, Simple, clauses
from bot.filters.document import SHORTEST_BEGINNING, Key
from bot.filters.query import SURELY_FITS, QueryError
from bot.filters.tree import Query
from bot.model import SubscriptionKind

# What folding leaves as it is, and no field: a word, or in quotation marks a row of two or three.
_TERM = re.compile(r'("[a-z0-9]+(?: [a-z0-9]+){1,2}"|(?<![a-z0-9])[a-z0-9]++(?!:))')
# A query that is nothing but such terms, the first of them to be there.
_PLAIN = re.compile(
    r"""(?:([a-z0-9]++)|"([a-z0-9]++)(?:[ ][a-z0-9]++)*+")(?:[ ]-?(?:[a-z0-9]++|"[a-z0-9]++(?:[ ][a-z0-9]++)*+"))*+"""
)
# A hyphen after a term may be of a word or no sign at all: that is the parser's to know.
_SHAPE = re.compile(r"(?:w\*?(?!-)|[ ()-]|OR|NOT|(?:author|headline|org|source|topic):)+")
# What stands for the terms when a shape is read.
_PLACES = [f"zq{number:03}" for number in range(SURELY_FITS)]
_PLACE = re.compile(r"(.*:|)zq(\d{3})(\*?)")


def query_of(kind: SubscriptionKind, written: str) -> Query:
    """Read the query of a stored filter. Raises QueryError where it is none."""
    return query.author(written) if kind == "follow" else query.parse(written)


def clauses_of(kind: SubscriptionKind, written: str) -> Sequence[Simple | Clause]:
    """Read a stored filter into the clauses of its query. Raises QueryError where it is none."""
    if kind == "follow":
        return _followed(written)
    if len(written) <= SURELY_FITS:
        pieces = _TERM.split(written)
        shape = _shape("w".join(pieces[::2]))
        if shape is not None and (read := shape.filled(pieces[1::2])):
            return read
    return clauses(query.parse(written))


def required_word(kind: SubscriptionKind, written: str) -> str | None:
    """Give a word that an entry must have, alone or in a name with hyphens, to satisfy a stored filter.

    None where that takes reading the query.
    """
    plain = _PLAIN.fullmatch(written) if kind != "follow" and len(written) <= SURELY_FITS else None
    return None if plain is None else plain[1] or plain[2]


# Many channels follow the same people.
@lru_cache(maxsize=4096)
def _followed(name: str) -> Sequence[Simple | Clause]:
    return clauses(query.author(name))


Picks = Callable[[Keys], Keys]
"""Picks some of the keys of a query."""


class _Marked(NamedTuple):
    """A term that is no plain one: in a field, the beginning of a word, or both."""

    at: int
    field: str
    star: str


class _Shape(NamedTuple):
    """The clauses of a shape with their keys left open, and which of its terms are no plain ones."""

    clauses: tuple[Callable[[Keys], Simple | Clause], ...]
    marked: tuple[_Marked, ...]

    def filled(self, terms: Sequence[str]) -> Sequence[Simple | Clause]:
        """Give the clauses with these terms; none where one of them is read otherwise than most are."""
        keys: Keys = tuple([tuple(term[1:-1].split()) if term[0] == '"' else term for term in terms])
        if self.marked:
            known = list(keys)
            for at, field, star in self.marked:
                if (key := _key(keys[at], field, star)) is None:
                    return ()
                known[at] = key
            keys = tuple(known)
        return [clause(keys) for clause in self.clauses]


def _key(term: Key, field: str, star: str) -> Key | None:
    """Give the key of a term in a field, or that begins words; None where it is read otherwise than most are."""
    if isinstance(term, str):
        if (star and len(term) < SHORTEST_BEGINNING) or (field == "author:" and term in people.TITLES):
            return None
        return field + term + star
    if star or field == HEADLINE or (field == "author:" and not people.TITLES.isdisjoint(term)):
        return None
    return (field + term[0], *term[1:])


@lru_cache(maxsize=4096)
def _shape(shape: str) -> _Shape | None:
    """Read a shape; None where more matters than which terms there are."""
    if not _SHAPE.fullmatch(shape):
        return None
    before, *after = shape.split("w")
    try:
        terms = "".join(f"{place}{each}" for place, each in zip(_PLACES, after, strict=False))
        read = clauses(query.parse(before + terms))
    except QueryError:
        return None
    keys = [key for clause in read for key in _all_keys(clause)]
    places = [_PLACE.fullmatch(key) if isinstance(key, str) else None for key in keys]
    found = [_Marked(int(each[2]), each[1], each[3]) for each in places if each is not None]
    # Each term must have become one key, with nothing left over.
    if len(keys) != len(after) or sorted(each.at for each in found) != [*range(len(after))]:
        return None
    return _Shape(tuple(map(_opened, read)), tuple([each for each in found if each.field or each.star]))


def _all_keys(clause: Simple | Clause) -> Iterator[Key]:
    if isinstance(clause, Simple):
        return chain(clause.one, clause.none)
    return chain(clause.need, clause.avoid, *clause.groups, *clause.apart)


def _opened(clause: Simple | Clause) -> Callable[[Keys], Simple | Clause]:
    """Give what makes a clause like this one of other keys."""
    if isinstance(clause, Simple):
        one, none = map(_picks, clause)
        return lambda keys: Simple(one(keys), none(keys))
    need, avoid = _picks(clause.need), _picks(clause.avoid)
    groups, apart = tuple(map(_picks, clause.groups)), tuple(map(_picks, clause.apart))
    if not (groups or apart):
        return lambda keys: Clause(need(keys), avoid(keys))
    return lambda keys: Clause(
        need(keys), avoid(keys), tuple([pick(keys) for pick in groups]), tuple([pick(keys) for pick in apart])
    )


def _picks(keys: Keys) -> Picks:
    """Give what picks the keys at the places of these."""
    places = [int(match[2]) for key in keys if isinstance(key, str) and (match := _PLACE.fullmatch(key))]
    if not places:
        return itemgetter(slice(0))
    first, last = places[0], places[-1]
    return itemgetter(slice(first, last + 1)) if places == [*range(first, last + 1)] else itemgetter(*places)
