"""Queries as the index files them: clauses of keys, one of which is enough for a hit.

A clause asks that an entry has all keys of `need`, none of `avoid`, one of each of `groups`, not all of any of `apart`,
and satisfies each query of `rest`. Keys are those of `Document.keys`, and such as the index adds where filters ask for
them: "pens*" for a beginning, "headline:pensions" for a word there. What keys cannot say is left to `rest`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from bot.filters.document import LONGEST_ROW, NAMED_FIELDS, Key
from bot.filters.tree import All, Any, Not, Query, Term

HEADLINE = "headline:"


class Clause(NamedTuple):
    """A conjunction; `options` are sets of keys of which every entry that satisfies it has at least one."""

    need: tuple[Key, ...]
    avoid: tuple[Key, ...]
    groups: tuple[tuple[Key, ...], ...]
    apart: tuple[tuple[Key, ...], ...]
    rest: tuple[Query, ...]
    options: tuple[tuple[Key, ...], ...]


def clauses(query: Query) -> list[Clause]:
    """Read a query into clauses."""
    if isinstance(query, Any):
        if (keys := _keys(query)) is not None:
            return [Clause((), (), (keys,), (), (), (keys,))]
        return [clause for part in query.parts for clause in clauses(part)]
    if isinstance(query, Term) and (key := _key(query)) is not None:
        return [Clause((key,), (), (), (), (), ((key,),))]
    return [_clause(query.parts if isinstance(query, All) else (query,))]


def _clause(parts: tuple[Query, ...]) -> Clause:
    need: list[Key] = []
    avoid: list[Key] = []
    groups: list[tuple[Key, ...]] = []
    apart: list[tuple[Key, ...]] = []
    rest: list[Query] = []
    options: list[tuple[Key, ...]] = []
    for part in parts:
        match part:
            case Term() if (key := _key(part)) is not None:
                need.append(key)
                options.append((key,))
            case Not(unwanted) if (keys := _keys(unwanted)) is not None:
                avoid += keys
            case Not(All(together)) if (keys := _keys(Any(together))) is not None:
                apart.append(keys)
            case Any() if (keys := _keys(part)) is not None:
                groups.append(keys)
                options.append(keys)
            case _:
                rest.append(part)
                if required := _required(part):
                    options.append(required)
    return Clause(tuple(need), tuple(avoid), tuple(groups), tuple(apart), tuple(rest), tuple(options))


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


def _keys(query: Query) -> tuple[Key, ...] | None:
    """Give keys one of which is there exactly where a term, or one of several, is found."""
    if isinstance(query, Term):
        return None if (key := _key(query)) is None else (key,)
    if isinstance(query, Any):
        keys = [_key(part) if isinstance(part, Term) else None for part in query.parts]
        return tuple(key for key in keys if key is not None) if None not in keys else None
    return None


def _required(query: Query) -> tuple[Key, ...]:
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


def _of_term(term: Term) -> tuple[Key, ...]:
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


def asked(read: Iterable[Clause]) -> list[str]:
    """Name the keys that an entry has only where somebody asks for them."""
    return [
        key
        for need, avoid, groups, apart, _, options in read
        for each in (need, avoid, *groups, *apart, *options)
        for key in each
        if isinstance(key, str) and ((key[-1] == "*" and ":" not in key) or key.startswith(HEADLINE))
    ]
