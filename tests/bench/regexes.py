"""What a typical bot does: every subscription's regular expressions over every text, as fast as plain Python goes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from bot.filters.reading import query_of
from bot.filters.tree import All, Any, Not, Query, Term
from bot.model import Entry
from tests.bench.workload import Wanted

Test = tuple[re.Pattern[str], int]
"""A pattern, and in which of an entry's texts it is searched."""
Filter = tuple[int, tuple[Test, ...], tuple[Test, ...], tuple[tuple[Test, ...], ...]]
"""A number, what must be there, what must not, and of which groups one must be."""

_PLACES = {"": 0, "headline": 1, "author": 2, "org": 3}
# Words that the filters fold and regular expressions take apart.
_FOLDED = re.compile(r"\w+(?:[-’]\w+)+")


class Loop:
    """Goes through all filters for every entry; the same terms share one pattern."""

    def __init__(self, subscriptions: Iterable[Wanted]) -> None:
        test = cache(_test)

        def tests(terms: Iterable[Query]) -> tuple[Test, ...]:
            return tuple(test(term) for term in terms if isinstance(term, Term))

        self._filters: list[Filter] = [
            (each.number, tests(need), tests(avoid), tuple(tests(group) for group in groups))
            for each in subscriptions
            for need, avoid, groups in _conjunctions(query_of(each.kind, each.query))
        ]

    def hits(self, entry: Entry) -> set[int]:
        """Find every subscription that an entry satisfies."""
        texts = (_everything(entry), entry.headline, entry.author, entry.organisation)
        hits: set[int] = set()
        for number, need, avoid, groups in self._filters:
            for pattern, place in need:
                if not pattern.search(texts[place]):
                    break
            else:
                for pattern, place in avoid:
                    if pattern.search(texts[place]):
                        break
                else:
                    for group in groups:
                        for pattern, place in group:
                            if pattern.search(texts[place]):
                                break
                        else:
                            break
                    else:
                        hits.add(number)
        return hits


def must_agree(asked: Wanted, entry: Entry) -> bool:
    """Tell whether a filter and its regular expressions must say the same of an entry: it asks for no folded word."""
    folded = {part for found in _FOLDED.findall(_everything(entry)) for part in re.split("[-’]", found.casefold())}
    terms = _terms(query_of(asked.kind, asked.query))
    return not any(
        word in folded or (term.prefix and any(each.startswith(word) for each in folded))
        for term in terms
        for word in term.words
    )


def _everything(entry: Entry) -> str:
    # An underscore is a letter to regular expressions: no phrase goes from one text into the next.
    return f"{entry.headline} _ {entry.author} _ {entry.organisation} _ {entry.topic} _ {entry.body}"


def _test(term: Term) -> Test:
    words = r"\W+".join(map(re.escape, term.words))
    return re.compile(rf"\b{words}\w*" if term.prefix else rf"\b{words}\b", re.IGNORECASE), _PLACES[term.field]


_Conjunction = tuple[tuple[Query, ...], tuple[Query, ...], tuple[tuple[Query, ...], ...]]


def _conjunctions(query: Query) -> Iterator[_Conjunction]:
    """Read a query into terms that must be there, terms that must not, and groups of which one must be."""
    if isinstance(query, Any) and not all(isinstance(part, Term) for part in query.parts):
        for part in query.parts:
            yield from _conjunctions(part)
        return
    parts = query.parts if isinstance(query, All) else (query,)
    need = tuple(part for part in parts if isinstance(part, Term))
    groups = tuple(part.parts for part in parts if isinstance(part, Any))
    avoid: tuple[Query, ...] = ()
    instead: tuple[Query, ...] = ()
    for part in parts:
        match part:
            case Not(All(left_out)):
                instead = left_out
            case Not(Any(left_out)):
                avoid += left_out
            case Not(left_out_term):
                avoid += (left_out_term,)
    if instead:
        # Not both is the one not or the other not.
        yield from ((need, (*avoid, each), groups) for each in instead)
    else:
        yield need, avoid, groups


def _terms(query: Query) -> Iterator[Term]:
    match query:
        case Term():
            yield query
        case Not(part):
            yield from _terms(part)
        case All(parts) | Any(parts):
            for part in parts:
                yield from _terms(part)
