"""Queries as the index files them: clauses of keys, one of which is enough for a hit.

Keys are those of a document's words, such as "pens*" for a beginning and "headline:pensions" for a word there.
"""

from __future__ import annotations

from typing import NamedTuple

from bot.filters.document import LONGEST_ROW, NAMED_FIELDS, Key
from bot.filters.query import QueryError
from bot.filters.tree import All, Any, Not, Query, Term, format_query
from bot.languages import say

HEADLINE = "headline:"

Keys = tuple[Key, ...]


class Simple(NamedTuple):
    """Asks that an entry has one of some keys, and none of others. Most filters ask no more."""

    one: Keys
    none: Keys

    def options(self) -> list[Keys]:
        """List sets of keys of which every entry that satisfies the clause has at least one."""
        return [self.one]

    def unwanted(self) -> Keys:
        """List the keys that rule an entry out."""
        return self.none


class Clause(NamedTuple):
    """Asks that an entry has all keys of `need`, none of `avoid`, one of each of `groups`, not all of any of `apart`.

    What keys cannot say is left to `rest`; each of `required` are keys of which every entry that satisfies `rest` has
    at least one.
    """

    need: Keys = ()
    avoid: Keys = ()
    groups: tuple[Keys, ...] = ()
    apart: tuple[Keys, ...] = ()
    rest: tuple[Query, ...] = ()
    required: tuple[Keys, ...] = ()

    def options(self) -> list[Keys]:
        """List sets of keys of which every entry that satisfies the clause has at least one."""
        return [*((key,) for key in self.need), *self.groups, *self.required]

    def unwanted(self) -> Keys:
        """List the keys that rule an entry out."""
        return self.avoid


def is_of_names(key: Key) -> bool:
    """Tell whether a key is of a field of names."""
    first = key if isinstance(key, str) else key[0]
    return ":" in first and not first.startswith(HEADLINE)


def clauses(query: Query) -> list[Simple | Clause]:
    """Read a query into clauses. Raises QueryError where one of them requires nothing."""
    read = _clauses(query)
    if not all(clause.options() for clause in read):
        raise QueryError(format_query(query), 0, say("This query requires nothing."))
    return read


def _clauses(query: Query) -> list[Simple | Clause]:
    if isinstance(query, Any):
        if (keys := _keys(query)) is not None:
            return [Simple(keys, ())]
        return [clause for part in query.parts for clause in _clauses(part)]
    return [_clause(query.parts if isinstance(query, All) else (query,))]


def _clause(parts: tuple[Query, ...]) -> Simple | Clause:
    need: list[Key] = []
    avoid: list[Key] = []
    groups: list[Keys] = []
    apart: list[Keys] = []
    rest: list[Query] = []
    required: list[Keys] = []
    for part in parts:
        match part:
            case Term() if (key := _key(part)) is not None:
                need.append(key)
            case Not(unwanted) if (keys := _keys(unwanted)) is not None:
                avoid += keys
            case Not(All(together)) if (keys := _keys(Any(together))) is not None:
                apart.append(keys)
            case Any() if (keys := _keys(part)) is not None:
                groups.append(keys)
            case _:
                rest.append(part)
                if keys := _required(part):
                    required.append(keys)
    needed = [*((key,) for key in need), *groups]
    if len(needed) == 1 and not (apart or rest):
        return Simple(needed[0], tuple(avoid))
    return Clause(tuple(need), tuple(avoid), tuple(groups), tuple(apart), tuple(rest), tuple(required))


def _key(term: Term) -> Key | None:
    """Give the key that says exactly the same as a term; None where there is none."""
    words, field, prefix = term
    if len(words) == 1:
        if prefix and field == "headline":
            return None
        key = f"{words[0]}*" if prefix else words[0]
        return f"{field}:{key}" if field else key
    if prefix or len(words) > LONGEST_ROW or field == "headline":
        return None
    return (f"{field}:{words[0]}", *words[1:]) if field else words


def _keys(query: Query) -> Keys | None:
    """Give keys one of which is there exactly where a term, or one of several, is found."""
    if isinstance(query, Term):
        return None if (key := _key(query)) is None else (key,)
    if isinstance(query, Any):
        keys = [_key(part) if isinstance(part, Term) else None for part in query.parts]
        return tuple(key for key in keys if key is not None) if None not in keys else None
    return None


def _required(query: Query) -> Keys:
    """Give keys of which an entry that satisfies the query has at least one; none where nothing is required."""
    match query:
        case Term():
            return _of_term(query)
        case Not():
            return ()
        case All(parts):
            return min((keys for part in parts if (keys := _required(part))), key=len, default=())
        case Any(parts):
            each = [_required(part) for part in parts]
            return tuple(key for keys in each for key in keys) if all(each) else ()


def _of_term(term: Term) -> Keys:
    if (key := _key(term)) is not None:
        return (key,)
    words, field, prefix = term.words, term.field, term.prefix
    if field not in NAMED_FIELDS and not prefix and len(words) <= LONGEST_ROW:
        # A headline's words stand among all words.
        return _of_term(Term(words))
    if prefix and len(words) == 1:
        return (f"{words[0]}*",)
    mark = f"{field}:" if field in NAMED_FIELDS else ""
    longest = max(words[:-1] if prefix else words, key=len)
    # Where it does not stand free, a name with hyphens may still hold the whole row.
    return (f"{mark}{longest}", f"{mark}~{longest}")
