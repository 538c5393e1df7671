"""Stable keys for items that bring no identifier of their own."""

from __future__ import annotations

import dataclasses
import hashlib
import unicodedata
from collections.abc import Iterable

from bot.model import Item

_LONGEST_KEY = 500


def fold(text: str) -> str:
    """Fold case, compatibility forms and white space.

    Kept apart from bot.text: keys are stored, so a better folding for searching must not make every old entry new.
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def digest(*parts: str) -> str:
    """Hash parts into 32 hexadecimal digits."""
    joined = "\x1f".join(parts).encode("utf-8", "replace")
    return hashlib.sha256(joined).hexdigest()[:32]


def shorten_key(key: str) -> str:
    """Replace a key too long for an index by its hash."""
    return key if len(key) <= _LONGEST_KEY else digest(key)


def unique(items: Iterable[Item]) -> list[Item]:
    """Collapse repeated items and tell apart different ones that share a key.

    Feeds exist in which distinct entries carry one guid or one address; losing all but the first would lose news.
    """
    by_key: dict[str, dict[str, Item]] = {}
    for item in items:
        by_key.setdefault(item.key, {}).setdefault(fold(item.headline), item)
    return [
        # All of a group get a key of their own: which of them comes first changes from poll to poll.
        item if len(group) == 1 else dataclasses.replace(item, key=shorten_key(f"{key} {digest(headline)}"))
        for key, group in by_key.items()
        for headline, item in group.items()
    ]
