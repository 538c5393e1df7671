"""Find the feeds of a page: ask where they may be, politely, and keep those that yield items."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from bot.model import Item, Source
from bot.sources import discovery, head, kinds
from bot.sources.addresses import canonical, host_of
from bot.sources.discovery import Candidate
from bot.sources.documents import Fetches, FetchFailed, Page, Unreadable

# Requests for one page, one after the other: enough to find what is there, not enough to annoy.
MOST_ASKED = 8
# What a feed's address may turn out to be; a page that merely links to releases is none.
_KINDS = frozenset({"feed", "govuk"})


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that was asked and yields items; `title` is its own, else what the page calls it, and may be empty."""

    candidate: Candidate
    kind: str
    title: str
    items: tuple[Item, ...]

    @property
    def url(self) -> str:
        """The address as the page gave it, which outlives what it redirects to today."""
        return self.candidate.url


@dataclass(frozen=True, slots=True)
class Search:
    """What a search for feeds brought: those found, best first, and how many addresses were asked."""

    found: tuple[Found, ...]
    asked: int

    @property
    def rivals(self) -> tuple[Found, ...]:
        """The feeds that are as good as the best; more than one is for a person to decide."""
        return tuple(found for found in self.found if found.candidate.rank == self.found[0].candidate.rank)


async def find(page: Page, source: Source, fetcher: Fetches, now: datetime, *, guess: bool = True) -> Search:
    """Ask for the feeds of an HTML page, the better places first; once some are found, worse places are not asked.

    At most MOST_ASKED requests, one after the other, and none more to a server that asks for a pause. Without `guess`
    only the feeds that the page announces are asked. `source` says how items are read, such as their time zone.
    """
    found: list[Found] = []
    asked = 0
    closed: set[str] = set()
    for _, together in groupby(discovery.candidates(page, guess=guess), key=lambda candidate: candidate.rank):
        if found:
            break
        for candidate in together:
            host = host_of(candidate.url)
            if asked == MOST_ASKED or host in closed:
                continue
            asked += 1
            answer = await fetcher.get(candidate.url, public_only=source.public_only or host != host_of(page.url))
            if isinstance(answer, FetchFailed) and answer.retry_after is not None:
                closed.add(host)
            if isinstance(answer, Page):
                feed = await asyncio.to_thread(_read, candidate, answer, source, now)
                if feed is not None and not any(_same(feed, other) for other in found):
                    found.append(feed)
    return Search(tuple(found), asked)


def _read(candidate: Candidate, answer: Page, source: Source, now: datetime) -> Found | None:
    try:
        kind = kinds.recognise(answer)
        if kind not in _KINDS:
            return None
        items = kinds.KINDS[kind].read(answer, replace(source, kind=kind, url=candidate.url), now)
    except Unreadable:
        return None
    return Found(candidate, kind, head.title(answer) or candidate.title, tuple(items)) if items else None


def _same(one: Found, other: Found) -> bool:
    """Tell whether two feeds show the same, as the RSS and the Atom of one list do."""
    return _shown(one.items) == _shown(other.items)


def _shown(items: Sequence[Item]) -> set[tuple[str, str]]:
    return {(canonical(item.url), item.headline) for item in items}
