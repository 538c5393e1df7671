"""Decide what is new and what has changed, by comparing sets: never by date, order or position."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from difflib import SequenceMatcher

from bot import text
from bot.model import Attachment, Item

LONGEST_HEADLINE, LONGEST_NAME, LONGEST_SUMMARY, LONGEST_BODY = 500, 300, 2_000, 100_000
LONGEST_ADDRESS = 2_000
MOST_QUOTATIONS = MOST_ATTACHMENTS = 50
# Of what a look saw so many keys are remembered: the newest are the last to leave.
WINDOW = 100
# Shorter steps of a publisher's own time are no step: databases and feeds round it.
STEP = timedelta(seconds=1)
# Below this likeness two headlines at one address are two entries that share a link, not two versions of one.
SAME_STORY = 0.6


@dataclass(frozen=True, slots=True)
class Known:
    """What the wire remembers of an entry: `fingerprint` is that of the item as its list showed it.

    `updated_at` is the publisher's time of its last change; where none is known, that of its publication.
    """

    id: int
    key: str
    url: str
    headline: str
    fingerprint: str
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class News:
    """What a poll brought: new items, oldest first; changed ones and re-identified ones with their entry's id."""

    new: tuple[Item, ...]
    changed: tuple[tuple[int, Item], ...]
    rekeyed: tuple[tuple[int, str], ...]


def fingerprint(item: Item) -> str:
    """Digest what makes a revision when it changes. Times are left out: bare times are inferred anew at each poll."""
    content = [item.headline, item.url, item.author, item.organisation, item.topic, item.summary, item.body]
    # Only where there is any of it, so that what was stored before there was is the same.
    if item.withdrawn or item.change_note:
        content += ["withdrawn" if item.withdrawn else "", item.change_note]
    return hashlib.blake2b("\x1f".join(map(text.clean, content)).encode(), digest_size=16).hexdigest()


def decide(known: Sequence[Known], items: Sequence[Item]) -> News:
    """Compare the items of one poll, newest first, with the entries that share a key or an address with one of them.

    An item is an entry's by its key; else by address and equal headline, for ids change when sites move; else, where
    keys are made of what the item says, by address and like headline, for that is how a correction looks.
    """
    listed = {item.key: item for item in reversed(items)}  # where a key stands twice, its first row counts
    entries = {entry.key: entry for entry in known}
    found = {key: entries[key] for key in listed if key in entries}
    taken = {entry.id for entry in found.values()}
    there: dict[str, list[Known]] = defaultdict(list)
    for entry in known:
        if entry.url and entry.key not in listed:
            there[_address(entry.url)].append(entry)
    for fits in (_same_headline, _like_headline):
        for item in items:
            if item.url and item.key not in found:
                free = [entry for entry in there.get(_address(item.url), ()) if entry.id not in taken]
                if (best := _best(free, item, fits)) is not None:
                    found[item.key] = best
                    taken.add(best.id)
    new = [item for key, item in listed.items() if key not in found]
    changed = [(found[key].id, item) for key, item in listed.items() if key in found and _differs(found[key], item)]
    rekeyed = [(entry.id, key) for key, entry in found.items() if entry.key != key and not _differs(entry, listed[key])]
    return News(_oldest_first(tuple(new)), tuple(changed), tuple(rekeyed))


def digest(body: bytes) -> str:
    """Digest a document, to tell whether it is the same again."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def window(items: Sequence[Item]) -> list[str]:
    """Digest the keys of what a look saw, newest first."""
    return [hashlib.blake2b(item.key.encode(), digest_size=6).hexdigest() for item in items]


def overran(before: Sequence[str], items: Sequence[Item], found: News) -> bool:
    """Tell whether entries may have come and gone unseen: of what the last look saw nothing is left.

    `before` is its window. Where ids changed the entries are the same, and nothing was missed.
    """
    if not before or not items or found.rekeyed or found.changed:
        return False
    return set(before).isdisjoint(window(items))


def _differs(entry: Known, item: Item) -> bool:
    return entry.fingerprint != fingerprint(item) or _is_newer(entry, item)


def _is_newer(entry: Known, item: Item) -> bool:
    """Tell whether the publisher has changed a text that its list does not show, as GOV.UK's public timestamp tells."""
    if entry.updated_at is None or item.updated_at is None:
        return False
    return item.updated_at - entry.updated_at >= STEP


def _best(free: Sequence[Known], item: Item, fits: Callable[[Known, Item], float]) -> Known | None:
    best = max(free, key=lambda entry: fits(entry, item), default=None)
    return best if best is not None and fits(best, item) >= SAME_STORY else None


def _address(url: str) -> str:
    """Leave aside what sites change while their pages stay: http and https, "www." and none, a slash at the end."""
    return url.partition("://")[2].removeprefix("www.").rstrip("/")


def same_page(url: str) -> list[str]:
    """List the addresses at which the page of one may have been found before."""
    address = _address(url)
    return [
        f"{scheme}://{www}{address}{slash}"
        for scheme in ("http", "https")
        for www in ("", "www.")
        for slash in ("", "/")
    ]


def _same_headline(entry: Known, item: Item) -> float:
    return float(text.tokens(entry.headline) == text.tokens(item.headline))


def _like_headline(entry: Known, item: Item) -> float:
    return 0.0 if item.given_key else _likeness(entry.headline, item.headline)


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, text.tokens(one), text.tokens(other), autojunk=False).ratio()


def _oldest_first(backwards: tuple[Item, ...]) -> tuple[Item, ...]:
    """Order as readers expect to receive: by time where every item has one, else the list from its end."""
    times = [item.published_at for item in backwards if item.published_at is not None]
    if len(times) < len(backwards):
        return backwards
    return tuple(item for _, _, item in sorted(zip(times, range(len(times)), backwards, strict=True)))


def bounded(item: Item, now: datetime) -> Item:
    """Cut what no honest publisher sends, so that one hostile item cannot fill the file, a message or a list's top."""
    return replace(
        item,
        headline=text.shorten(item.headline, LONGEST_HEADLINE),
        url=item.url if len(item.url) <= LONGEST_ADDRESS else "",
        author=text.shorten(item.author, LONGEST_NAME),
        organisation=text.shorten(item.organisation, LONGEST_NAME),
        topic=text.shorten(item.topic, LONGEST_NAME),
        summary=text.shorten(item.summary, LONGEST_SUMMARY),
        body=text.shorten(item.body, LONGEST_BODY),
        quotations=item.quotations[:MOST_QUOTATIONS],
        attachments=_bounded_attachments(item.attachments),
        change_note=text.shorten(item.change_note, LONGEST_SUMMARY),
        icon=item.icon if len(item.icon) <= LONGEST_ADDRESS else "",
        published_at=None if item.published_at is None else min(item.published_at, now),
        updated_at=None if item.updated_at is None else min(item.updated_at, now),
    )


def _bounded_attachments(attachments: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    kept = [each for each in attachments if len(each.url) <= LONGEST_ADDRESS][:MOST_ATTACHMENTS]
    return tuple(replace(each, title=text.shorten(each.title, LONGEST_NAME)) for each in kept)
