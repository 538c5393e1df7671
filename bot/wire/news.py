"""Decide what is new and what has changed, by comparing sets: never by date, order or position."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot import text
from bot.model import Item

# Below this likeness two headlines at one address are two entries that share a link, not two versions of one.
SAME_STORY = 0.6


@dataclass(frozen=True, slots=True)
class Known:
    """What the wire remembers of an entry: `fingerprint` is that of the item as its list showed it."""

    id: int
    key: str
    url: str
    headline: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class News:
    """What a poll brought: new items, oldest first; changed ones and re-identified ones with their entry's id."""

    new: tuple[Item, ...]
    changed: tuple[tuple[int, Item], ...]
    rekeyed: tuple[tuple[int, str], ...]


def fingerprint(item: Item) -> str:
    """Digest what makes a revision when it changes. Times are left out: bare times are inferred anew at each poll."""
    content = (item.headline, item.url, item.author, item.organisation, item.topic, item.summary, item.body)
    return hashlib.blake2b("\x1f".join(map(text.clean, content)).encode(), digest_size=16).hexdigest()


def decide(known: Sequence[Known], items: Sequence[Item]) -> News:
    """Compare the items of one poll, newest first, with the entries that share a key or an address with one of them."""
    by_key = {entry.key: entry for entry in known}
    present = {item.key for item in items}
    new: dict[str, Item] = {}
    changed: dict[int, Item] = {}
    rekeyed: list[tuple[int, str]] = []
    for item in items:
        if item.key in new:
            continue
        entry = by_key.get(item.key) or _earlier_version(known, item, present, changed)
        if entry is None:
            new[item.key] = item
        elif entry.fingerprint != fingerprint(item):
            changed.setdefault(entry.id, item)
        elif entry.key != item.key:
            rekeyed.append((entry.id, item.key))
    return News(_oldest_first(tuple(new.values())), tuple(changed.items()), tuple(rekeyed))


def _earlier_version(known: Sequence[Known], item: Item, present: set[str], changed: dict[int, Item]) -> Known | None:
    """Find the entry that this item replaces: same address, like headline, no longer in the list under its own key."""
    if not item.url:
        return None
    candidates = [
        entry for entry in known if entry.url == item.url and entry.key not in present and entry.id not in changed
    ]
    likeness = {entry.id: _likeness(entry.headline, item.headline) for entry in candidates}
    best = max(candidates, key=lambda entry: likeness[entry.id], default=None)
    return best if best is not None and likeness[best.id] >= SAME_STORY else None


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, text.tokens(one), text.tokens(other), autojunk=False).ratio()


def _oldest_first(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Order as readers expect to receive: by time where every item has one, else the list from its end."""
    backwards = items[::-1]
    times = [item.published_at for item in backwards if item.published_at is not None]
    if len(times) < len(backwards):
        return backwards
    return tuple(item for _, _, item in sorted(zip(times, range(len(times)), backwards, strict=True)))
