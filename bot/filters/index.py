"""A reverse index: each filter is filed under keys of which a matching entry has at least one, then verified.

    document ──keys──▶ places ──decided: hits · simple, other: checked against all keys──▶ hits

Others than the decided are filed where the fewest are filed already, so that common words do not gather them all. Keys
are kept as their 64-bit hashes: a filter then is a few numbers side by side, which is what makes a million of them
quick to check. Two keys of one text and one filter share a hash once in some 10^17 cases. Numbers stand for filters;
what they mean is the caller's.
"""

from __future__ import annotations

from array import array
from itertools import islice
from operator import attrgetter
from struct import Struct
from typing import NamedTuple

from bot.filters import query
from bot.filters.asked import Asked, Remembered
from bot.filters.clauses import HEADLINE, Clause, asked, clauses
from bot.filters.document import Document, Key
from bot.filters.evaluation import found
from bot.filters.query import QueryError
from bot.filters.tree import Query, format_query
from bot.model import SubscriptionKind

# Most filters need at most so many keys beside the one that they are filed under, and avoid at most so many.
_NEEDED, _AVOIDED = 3, 3
_WIDTH = 1 + _NEEDED + _AVOIDED
_ROW = Struct(f"{_WIDTH}q")
# In place of a key where there are fewer: every document has the one, none the other.
_ALWAYS, _NEVER = 0, 1

Hashes = tuple[int, ...]


def query_of(kind: SubscriptionKind, written: str) -> Query:
    """Read the query of a stored filter. Raises QueryError where it is none."""
    return query.author(written) if kind == "follow" else query.parse(written)


class _Other(NamedTuple):
    """A filter of any form: a clause in hashes."""

    number: int
    need: Hashes
    avoid: Hashes
    groups: tuple[Hashes, ...]
    apart: tuple[Hashes, ...]
    rest: tuple[Query, ...]


class _Place:
    """What is filed under one key: numbers of filters that it decides, rows of simple filters, and others."""

    __slots__ = ("asks_names", "decided", "other", "simple")

    def __init__(self) -> None:
        self.decided = array("q")
        self.simple = array("q")
        self.other: tuple[_Other, ...] = ()
        # Whether one of these looks at keys of the fields of names.
        self.asks_names = False

    def __len__(self) -> int:
        return len(self.decided) + len(self.simple) // _WIDTH + len(self.other)

    def remove(self, number: int) -> None:
        """Take a filter out."""
        if number in self.decided:
            self.decided.remove(number)
        if number in islice(self.simple, 0, None, _WIDTH):
            rows = (self.simple[at : at + _WIDTH] for at in range(0, len(self.simple), _WIDTH))
            self.simple = array("q", (each for row in rows if row[0] != number for each in row))
        if self.other:
            self.other = tuple([each for each in self.other if each.number != number])


_asks_names = attrgetter("asks_names")


class Index:
    """Filters by number, kept up to date one by one."""

    def __init__(self) -> None:
        # By the keys of texts, and by those of the fields of names, which come back all the time.
        self._in_texts: dict[int, _Place] = {}
        self._in_names: dict[int, _Place] = {}
        self._by_names = Remembered(self._under_names)
        self._filed: dict[int, int | Hashes] = {}
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
        places = [key for clause in read for key in self._file(number, clause)]
        self._filed[number] = places[0] if len(places) == 1 else tuple(places)

    def _file(self, number: int, clause: Clause) -> list[int]:
        """File a clause under the option where the fewest are, and say under which hashes that is."""
        need, avoid, groups, apart, rest, options = clause
        chosen = options[0] if len(options) == 1 else min(options, key=self._crowd)
        others = [hash(key) for key in need if chosen != (key,)]
        groups = tuple([group for group in groups if group is not chosen])
        places = [self._place(key) for key in chosen]
        if not (others or avoid or groups or apart or rest):
            for place in places:
                place.decided.append(number)
            return list(map(hash, chosen))
        if any(_is_of_names(key) for keys in (need, avoid, *groups, *apart) for key in keys):
            for place in places:
                place.asks_names = True
        if groups or apart or rest or len(others) > _NEEDED or len(avoid) > _AVOIDED:
            other = _Other(
                number, tuple(others), _hashed(avoid), (*map(_hashed, groups),), (*map(_hashed, apart),), rest
            )
            for place in places:
                place.other += (other,)
        else:
            row = [number, *others, *[_ALWAYS] * (_NEEDED - len(others)), *map(hash, avoid)]
            row += [_NEVER] * (_WIDTH - len(row))
            for place in places:
                place.simple.extend(row)
        return list(map(hash, chosen))

    def _shelf(self, key: Key) -> dict[int, _Place]:
        return self._in_names if _is_of_names(key) else self._in_texts

    def _place(self, key: Key) -> _Place:
        shelf = self._shelf(key)
        if (place := shelf.get(hash(key))) is None:
            place = shelf[hash(key)] = _Place()
            if shelf is self._in_names:
                self._by_names.clear()
        return place

    def _crowd(self, keys: tuple[Key, ...]) -> int:
        return sum([len(self._shelf(key).get(hash(key), ())) for key in keys])

    def remove(self, number: int) -> None:
        """Forget a filter; it may be unknown."""
        places = self._filed.pop(number, ())
        for key in (places,) if isinstance(places, int) else places:
            shelf = self._in_texts if key in self._in_texts else self._in_names
            if (place := shelf.get(key)) is not None:
                place.remove(number)
                if not place:
                    del shelf[key]
                    self._by_names.clear()
        self._asked.remove(number)

    def _under_names(self, names: frozenset[int]) -> tuple[_Place, ...]:
        return tuple([self._in_names[key] for key in self._in_names.keys() & names])

    def hits(self, document: Document) -> set[int]:
        """Find every filter that the document satisfies."""
        keys, names = document.keys(), document.named()
        if self._asked:
            self._asked.add(keys, document)
        places = [*filter(None, map(self._in_texts.get, keys)), *self._by_names[names]]
        # Added in place: they are true of the document, whoever asks.
        keys.add(_ALWAYS)
        if any(map(_asks_names, places)):
            keys |= names
        hits: set[int] = set()
        for place in places:
            if place.decided:
                hits.update(place.decided)
            if place.simple:
                for number, n0, n1, n2, a0, a1, a2 in _ROW.iter_unpack(place.simple):
                    if (
                        a0 not in keys
                        and n0 in keys
                        and a1 not in keys
                        and n1 in keys
                        and a2 not in keys
                        and n2 in keys
                    ):
                        hits.add(number)
            if place.other:
                hits.update(_checked(place.other, keys, document))
        return hits


def _is_of_names(key: Key) -> bool:
    first = key if isinstance(key, str) else key[0]
    return ":" in first and not first.startswith(HEADLINE)


def _hashed(keys: tuple[Key, ...]) -> Hashes:
    return tuple(map(hash, keys))


def _checked(others: tuple[_Other, ...], keys: set[int], document: Document) -> list[int]:
    has_all, has_none = keys.issuperset, keys.isdisjoint
    return [
        number
        for number, need, avoid, groups, apart, rest in others
        if has_all(need)
        and has_none(avoid)
        and not any(map(has_none, groups))
        and not any(map(has_all, apart))
        and (not rest or all(found(part, document) is not None for part in rest))
    ]
