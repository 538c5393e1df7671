"""A reverse index: each subscription is filed under keys of which a matching entry has at least one, then verified."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from bot.filters import query
from bot.filters.document import Document
from bot.model import Subscription


@dataclass(frozen=True, slots=True)
class Hit:
    """A subscription that an entry satisfies, with the words that did."""

    subscription: Subscription
    found: tuple[str, ...]


def query_of(subscription: Subscription) -> query.Query:
    """Read a subscription's query. Raises QueryError where it is none."""
    return query.author(subscription.query) if subscription.kind == "follow" else query.parse(subscription.query)


class Index:
    """All subscriptions, kept up to date one by one."""

    def __init__(self) -> None:
        self._filed: dict[int, tuple[Subscription, query.Query, frozenset[str]]] = {}
        self._by_key: defaultdict[str, set[int]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._filed)

    def put(self, subscription: Subscription) -> None:
        """File a subscription, in place of what was filed under its id. Raises QueryError."""
        self.remove(subscription.id)
        tree = query_of(subscription)
        keys = query.required(tree)
        if keys is None:
            raise query.QueryError(subscription.query, 0, "This query requires nothing.")
        self._filed[subscription.id] = (subscription, tree, keys)
        for key in keys:
            self._by_key[key].add(subscription.id)

    def remove(self, subscription_id: int) -> None:
        """Forget a subscription; it may be unknown."""
        if (filed := self._filed.pop(subscription_id, None)) is None:
            return
        for key in filed[2]:
            self._by_key[key].discard(subscription_id)
            if not self._by_key[key]:
                del self._by_key[key]

    def hits(self, document: Document) -> Iterator[Hit]:
        """Find every subscription that the document satisfies, in the order of their ids."""
        candidates: set[int] = set()
        for key in document.keys & self._by_key.keys():
            candidates |= self._by_key[key]
        for candidate in sorted(candidates):
            subscription, tree, _ = self._filed[candidate]
            if (words := query.found(tree, document)) is not None:
                yield Hit(subscription, words)
