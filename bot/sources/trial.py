"""Try a source once: fetch and read it, and look for its feeds where the address is a page."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Callable
from datetime import datetime

from bot import text
from bot.languages import say, say_count
from bot.model import Item, Source
from bot.sources import catalogue, finding, kinds
from bot.sources.addresses import without_secrets
from bot.sources.fetch import Fetcher, FetchFailed, Page, Unchanged
from bot.sources.finding import Found, Search

# Items whose own pages a trial fetches: enough to judge, not enough to annoy.
MOST_COMPLETED = 5


class TrialError(Exception):
    """An address cannot be a source as it is; the message is for the person who gave it."""


class NoFeedError(TrialError):
    """The address is a page without any feed, of which so many were asked for."""

    def __init__(self, url: str, asked: int) -> None:
        super().__init__(
            say_count(
                asked,
                "{address} is a page, and no feed was found ({number:,} address asked)",
                "{address} is a page, and no feed was found ({number:,} addresses asked)",
                address=without_secrets(url),
            )
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Tried:
    """What an address or a file yields. `found` is there where the address is a page: `url` is then its best feed's."""

    kind: str
    items: list[Item]
    url: str
    found: Search | None = None


def make_source(table: dict[str, object]) -> Source:
    """Make a source of fields, checked as those of a file are. Raises TrialError."""
    try:
        return catalogue.of_table(table, "the options")
    except catalogue.SourcesError as error:
        raise TrialError(str(error)) from error


def slug_of(name: str) -> str:
    """Make a slug of what people call a source."""
    return re.sub(r"[^a-z0-9]+", "-", text.fold(name)).strip("-")[:40] or "source"


async def try_source(
    wanted: Source,
    kind: str | None,
    now: datetime,
    fetcher: Fetcher,
    *,
    complete: bool = False,
    tell: Callable[[str], None] = lambda _: None,
    warn: Callable[[str], None] = lambda _: None,
) -> Tried:
    """Fetch a source once and read it. Without a kind the answer is looked at. Raises TrialError.

    `tell` is told how it goes, `warn` what is not as it should be.
    """
    tell(f"Fetching {without_secrets(wanted.url)} …")
    assumed = kind or ("page" if "row" in wanted.select else "feed")
    page = await _fetch(fetcher, wanted, assumed)
    if kind is None and not wanted.select:
        tried = await _recognise(page, wanted, fetcher, now, tell)
    else:
        tried = await read(page, wanted, kind, now, without_secrets(wanted.url))
    if kinds.KINDS[tried.kind].for_people > kinds.KINDS[assumed].for_people:
        # What it is was not known before: now it is asked for as the bot will ask.
        await _fetch(fetcher, wanted, tried.kind, page)
    completing = kinds.KINDS[tried.kind].complete
    if complete and completing is not None:
        source = dataclasses.replace(wanted, kind=tried.kind, url=tried.url)
        head = [await _complete(completing, item, source, fetcher, now, warn) for item in tried.items[:MOST_COMPLETED]]
        tried = dataclasses.replace(tried, items=head + tried.items[MOST_COMPLETED:])
    return tried


async def _complete(
    completing: kinds.Complete, item: Item, source: Source, fetcher: Fetcher, now: datetime, warn: Callable[[str], None]
) -> Item:
    """Complete an item; where its page does not answer say so, and show it as its list does."""
    try:
        return await completing(item, source, fetcher, now)
    except kinds.NotNow as error:
        warn(f"{error}; its item comes as the list shows it.")
        return item


async def _fetch(fetcher: Fetcher, wanted: Source, kind: str, known: Page | None = None) -> Page:
    """Fetch a source; what is known of it need not be sent again. Raises TrialError."""
    answer = await fetcher.get(
        wanted.url,
        etag=known.etag if known is not None else "",
        last_modified=known.last_modified if known is not None else "",
        public_only=wanted.public_only,
        for_people=kinds.KINDS[kind].for_people,
    )
    match answer:
        case Page():
            return answer
        case FetchFailed():
            raise TrialError(f"{answer.reason}.")
        case Unchanged() if known is not None:
            return known
    raise TrialError(say("it answered 304 to an unconditional request."))


async def read(page: Page, wanted: Source, kind: str | None, now: datetime, place: str) -> Tried:
    """Read a document that is there. Raises TrialError, which names its place."""
    try:
        kind = kind or kinds.recognise(page, wanted.select)
        source = dataclasses.replace(wanted, kind=kind)
        return Tried(kind, await asyncio.to_thread(kinds.KINDS[kind].read, page, source, now), wanted.url)
    except kinds.Unreadable as error:
        raise TrialError(f"{place}: {error}") from error


async def _recognise(page: Page, wanted: Source, fetcher: Fetcher, now: datetime, tell: Callable[[str], None]) -> Tried:
    """Read what an address answers; where that is a page of no known form, read the best of its feeds."""
    tried, problem = None, TrialError()
    try:
        tried = await read(page, wanted, None, now, without_secrets(wanted.url))
    except TrialError as error:
        problem = error
    # Any front page has links that could be a list of releases. What the site announces is better than that guess, but
    # addresses that it does not name need not be asked then.
    sure = tried is not None and (tried.kind != "press_releases" or any(item.organisation for item in tried.items))
    if not sure and kinds.is_page(page):
        tell("This is a page: looking for its feeds …")
        search = await finding.find(page, wanted, fetcher, now, guess=tried is None)
        if search.found:
            best = search.found[0]
            return Tried(best.kind, list(best.items), best.url, search)
        if tried is None:
            problem = NoFeedError(wanted.url, search.asked)
    if tried is None:
        raise problem
    return tried


def origin(search: Search) -> str:
    """Say how the feeds of a page were found."""
    number = len(search.found)
    match search.found[0].candidate.origin:
        case "system":
            return say("This is a page of a site whose feeds are known:")
        case "announced":
            return say_count(
                number, "This is a page; it announces this feed:", "This is a page; it announces these feeds:"
            )
        case "linked":
            return say_count(
                number, "This is a page; it links to this feed:", "This is a page; it links to these feeds:"
            )
        case "usual":
            return say_count(
                number,
                "This is a page that names no feed; where many sites have theirs, this was found:",
                "This is a page that names no feed; where many sites have theirs, these were found:",
            )


def about(found: Found) -> str:
    """Say what a feed is."""
    items = say_count(len(found.items), "{number:,} item", "{number:,} items")
    comments = say("comments of readers") if found.candidate.comments else ""
    return ", ".join(filter(None, (found.title, items, comments)))


def needs_a_choice(search: Search) -> bool:
    """Tell whether a person must decide: several feeds are as good, or the only one is of readers' comments."""
    return len(search.rivals) > 1 or search.found[0].candidate.comments
