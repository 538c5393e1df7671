"""What is filed under the keys of the index: kept as bare numbers, laid out as the words of entries want it.

Keys are kept as their 64-bit hashes: that makes a million filters small and quick to read. Two keys of one text and one
filter share a hash once in some 10^17 cases.
"""

from __future__ import annotations

from array import array
from collections.abc import Container, Iterable
from itertools import chain, compress
from operator import not_
from typing import NamedTuple, TypeVar

from bot.filters.document import Document, Key
from bot.filters.evaluation import found
from bot.filters.tree import Query

Hashes = tuple[int, ...]
Filed = TypeVar("Filed")


class Other(NamedTuple):
    """A filter of any form: a clause in hashes."""

    number: int
    need: Hashes
    avoid: Hashes
    groups: tuple[Hashes, ...]
    apart: tuple[Hashes, ...]
    rest: tuple[Query, ...]

    def is_satisfied(self, keys: set[int], document: Document) -> bool:
        """Check a document and its keys."""
        _, need, avoid, groups, apart, rest = self
        return (
            keys.issuperset(need)
            and not (groups and any(map(keys.isdisjoint, groups)))
            and keys.isdisjoint(avoid)
            and not (apart and any(map(keys.issuperset, apart)))
            and (not rest or all(found(part, document) is not None for part in rest))
        )


class Conditions(NamedTuple):
    """Filters of which other keys of the document decide."""

    needing: Hashes
    """Numbers: such a filter is hit where the document has all the keys at the same places in `needed`."""
    needed: Hashes
    others: tuple[Other, ...]
    gate: Hashes
    """Keys without all of which none of the others is satisfied; empty where one of them may be all the same."""
    shared: tuple[Found, ...]
    """What is found under keys of the word under which so much is filed that it is kept and looked at once."""

    def satisfied(self, keys: set[int]) -> set[int]:
        """Find the filters that need more keys than one and have them."""
        lacking = compress(self.needing, map(not_, map(keys.__contains__, self.needed)))
        return set(self.needing).difference(lacking)


class Found(NamedTuple):
    """What a document finds by a word of its, or by its by-line."""

    seconds: Container[str]
    """Words with which the word, where they follow it, makes a row that is asked for."""
    keys: Hashes
    """What the document has with it, as conditions name it."""
    decided: Hashes
    """Numbers of filters that are hit."""
    blocked: Hashes
    """Numbers of filters that are not hit, whatever else is found."""
    conditions: Conditions | None


class Shelf:
    """Filters by the hashes of keys. Where nothing is left there is no entry."""

    def __init__(self) -> None:
        # The numbers of filters that a key decides, and below zero of those that it blocks. Most keys have one.
        self._decided: dict[int, int | array[int]] = {}
        # Numbers and needed keys in turn.
        self._needing: dict[int, array[int]] = {}
        self._others: dict[int, list[Other]] = {}

    def __len__(self) -> int:
        return len(self._decided) + len(self._needing) + len(self._others)

    def crowd(self, key: Key) -> int:
        """Count what is filed under a key, in about the time that it takes to check it."""
        return self.crowd_of_hash(hash(key))

    def crowd_of_hash(self, hashed: int) -> int:
        """Count what is filed under the hash of a key."""
        crowd = 0
        if (decided := self._decided.get(hashed)) is not None:
            crowd = 1 if isinstance(decided, int) else len(decided)
        if (needing := self._needing.get(hashed)) is not None:
            crowd += len(needing) >> 1
        if (others := self._others.get(hashed)) is not None:
            crowd += len(others)
        return crowd

    def emptiest(self, keys: Iterable[Key]) -> Key:
        """Choose the key under which the fewest are filed."""
        fewest, chosen = -1, next(iter(keys))
        for key in keys:
            crowd = self.crowd(key)
            if not crowd:
                return key
            if fewest < 0 or crowd < fewest:
                fewest, chosen = crowd, key
        return chosen

    def decide(self, keys: Iterable[Key], number: int) -> None:
        """File a filter that wants no more than one of the keys, or below zero one that avoids them all."""
        filed = self._decided
        for key in keys:
            hashed = hash(key)
            if (there := filed.get(hashed)) is None:
                filed[hashed] = number
            elif isinstance(there, int):
                filed[hashed] = array("q", (there, number))
            else:
                there.append(number)

    def need(self, keys: Iterable[Key], number: int, need: Hashes) -> None:
        """File a filter that wants one of the keys and needs all of some others."""
        for key in map(hash, keys):
            if (needing := self._needing.get(key)) is None:
                needing = self._needing[key] = array("q")
            for other in need:
                needing.append(number)
                needing.append(other)

    def check(self, keys: Iterable[Key], other: Other) -> None:
        """File a filter of any form that wants one of the keys."""
        for key in map(hash, keys):
            self._others.setdefault(key, []).append(other)

    def remove(self, keys: Iterable[Key], number: int) -> None:
        """Take a filter from under some keys; it need not be there."""
        for key in map(hash, keys):
            decided = self._decided.get(key, 0)
            if isinstance(decided, int):
                if abs(decided) == number:
                    del self._decided[key]
            elif number in decided or -number in decided:
                for each in (number, -number):
                    while each in decided:
                        decided.remove(each)
                _keep(self._decided, key, decided[0] if len(decided) == 1 else decided)
            pairs = self._needing.get(key, array("q"))
            if number in pairs[::2]:
                kept = [pair for pair in zip(pairs[::2], pairs[1::2], strict=True) if pair[0] != number]
                _keep(self._needing, key, array("q", chain.from_iterable(kept)))
            if key in self._others:
                _keep(self._others, key, [each for each in self._others[key] if each.number != number])

    def find(
        self, keys: Iterable[int], named: Hashes = (), seconds: Container[str] = (), shared: tuple[Found, ...] = ()
    ) -> Found:
        """Lay out what is filed under some keys; `named` are those that conditions name."""
        found = list(keys)
        decided = [self._decided[key] for key in found if key in self._decided]
        numbers = [*chain.from_iterable([(each,) if isinstance(each, int) else each for each in decided])]
        pairs = [*chain.from_iterable([self._needing[key] for key in found if key in self._needing])]
        others = (*chain.from_iterable([self._others[key] for key in found if key in self._others]),)
        return Found(
            seconds,
            named,
            tuple([number for number in numbers if number > 0]),
            tuple([-number for number in numbers if number < 0]),
            Conditions(tuple(pairs[::2]), tuple(pairs[1::2]), others, _gate(others), shared)
            if pairs or others or shared
            else None,
        )


def _gate(others: Iterable[Other]) -> Hashes:
    needs = [other.need[:1] or (other.groups[0] if other.groups else ()) for other in others]
    return tuple(chain.from_iterable(needs)) if all(needs) else ()


def _keep(filed: dict[int, Filed], key: int, left: Filed) -> None:
    """Keep what is left under a key; nothing is not kept."""
    if left:
        filed[key] = left
    else:
        del filed[key]
