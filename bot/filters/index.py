"""A reverse index: each filter is filed under keys of which a matching entry has at least one, then verified.

    document ──keys──▶ filed under those keys ──need, avoid, groups, rest──▶ hits

A filter that one key decides is a hit by its place alone. Others are filed where the fewest are filed already, so that
common words do not gather them all. Numbers stand for filters; what they mean is the caller's.
"""

from __future__ import annotations

from bot.filters import query
from bot.filters.asked import Asked, Remembered
from bot.filters.clauses import HEADLINE, Clause, asked, clauses
from bot.filters.document import Document, Key
from bot.filters.evaluation import found
from bot.filters.query import QueryError
from bot.filters.tree import Query, format_query
from bot.model import SubscriptionKind

_Rows = tuple[tuple[Key, ...], ...]
_Checked = tuple[int, tuple[Key, ...], tuple[Key, ...], tuple[_Rows, _Rows, tuple[Query, ...]] | tuple[()]]

_Shelf = dict[Key, list[int | _Checked]]


def query_of(kind: SubscriptionKind, written: str) -> Query:
    """Read the query of a stored filter. Raises QueryError where it is none."""
    return query.author(written) if kind == "follow" else query.parse(written)


class Index:
    """Filters by number, kept up to date one by one."""

    def __init__(self) -> None:
        # Under each key the filters that it decides, as numbers, and those that are to be checked.
        self._in_texts: _Shelf = {}
        self._in_names: _Shelf = {}
        self._by_names = Remembered(self._under_names)
        self._filed: dict[int, tuple[Key, ...]] = {}
        self._asked = Asked()

    def __len__(self) -> int:
        return len(self._filed)

    def put(self, number: int, tree: Query) -> None:
        """File a filter, unless it is filed already. Raises QueryError where it requires nothing."""
        if number in self._filed:
            return
        read = clauses(tree)
        for clause in read:
            if not clause.options:
                raise QueryError(format_query(tree), 0, "This query requires nothing.")
        if keys := asked(read):
            self._asked.put(number, keys)
        if len(read) == 1:
            self._filed[number] = self._file(number, read[0])
        else:
            self._filed[number] = tuple([key for clause in read for key in self._file(number, clause)])

    def _file(self, number: int, clause: Clause) -> tuple[Key, ...]:
        need, avoid, groups, apart, rest, options = clause
        place = options[0] if len(options) == 1 else min(options, key=self._crowd)
        filed: int | _Checked = number
        if len(options) > 1 or avoid or apart or rest:
            groups = tuple([each for each in groups if each is not place])
            more = (groups, apart, rest) if groups or apart or rest else ()
            filed = (number, tuple([key for key in need if place != (key,)]), avoid, more)
        for key in place:
            shelf = self._shelf(key)
            if (under := shelf.get(key)) is None:
                shelf[key] = [filed]
                if shelf is self._in_names:
                    self._by_names.clear()
            else:
                under.append(filed)
        return place

    def _shelf(self, key: Key) -> _Shelf:
        first = key if isinstance(key, str) else key[0]
        return self._in_names if ":" in first and not first.startswith(HEADLINE) else self._in_texts

    def _crowd(self, keys: tuple[Key, ...]) -> int:
        return sum([len(self._shelf(key).get(key, ())) for key in keys])

    def remove(self, number: int) -> None:
        """Forget a filter; it may be unknown."""
        for key in self._filed.pop(number, ()):
            shelf = self._shelf(key)
            if (under := shelf.get(key)) is None:
                continue
            under[:] = [each for each in under if (each if isinstance(each, int) else each[0]) != number]
            if not under:
                del shelf[key]
                self._by_names.clear()
        self._asked.remove(number)

    def _under_names(self, names: frozenset[Key]) -> tuple[list[int | _Checked], ...]:
        return tuple([self._in_names[key] for key in self._in_names.keys() & names])

    def hits(self, document: Document) -> set[int]:
        """Find every filter that the document satisfies."""
        keys, names = document.keys(), document.named()
        if self._asked:
            self._asked.add(keys, document)
        found_under = [self._in_texts[key] for key in self._in_texts.keys() & keys]
        found_under += self._by_names[names]
        # Added in place: they are true of the document, whoever asks.
        keys |= names
        hits: set[int] = set()
        hit, has_all, has_none = hits.add, keys.issuperset, keys.isdisjoint
        for under in found_under:
            for filed in under:
                if isinstance(filed, int):
                    hit(filed)
                    continue
                number, need, avoid, more = filed
                if (need and not has_all(need)) or (avoid and not has_none(avoid)):
                    continue
                if more:
                    groups, apart, rest = more
                    if any(map(has_none, groups)) or any(map(has_all, apart)):
                        continue
                    if any(found(part, document) is None for part in rest):
                        continue
                hit(number)
        return hits
