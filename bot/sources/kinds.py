"""The kinds of sources, and which kind an unknown document is."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.languages import say
from bot.model import Item, Source
from bot.sources import feed, govuk, page, phiwire, press_releases
from bot.sources.documents import Fetches, NotNow, Page, Unreadable
from bot.sources.markup import decode, has_markup

__all__ = ["KINDS", "Complete", "Kind", "NotNow", "Unreadable", "is_page", "recognise"]

Read = Callable[[Page, Source, datetime], list[Item]]
Complete = Callable[[Item, Source, Fetches, datetime], Awaitable[Item]]


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind is read: `read` raises Unreadable and nothing else; `complete`, where there is one, NotNow.

    `for_people` says that its documents are meant for people: of those robots.txt says whether programs may read them.
    """

    read: Read
    complete: Complete | None = None
    for_people: bool = False


def is_empty(document: Page) -> bool:
    """Tell whether a document says nothing at all."""
    return not document.body.strip(b"\xef\xbb\xbf\0 \t\r\n")


def _guarded(read: Read) -> Read:
    def guarded(document: Page, source: Source, now: datetime) -> list[Item]:
        if is_empty(document):
            raise Unreadable(say("the answer is empty: check the address, or try it later"))
        try:
            return read(document, source, now)
        except Unreadable:
            raise
        except Exception as error:
            # Whatever stands in a document, one source's bytes must not stop the others.
            raise Unreadable(
                say(
                    "the document confuses its reader ({error}): look at it in a browser, "
                    "and report the source if it looks right",
                    error=type(error).__name__,
                )
            ) from error

    return guarded


def _forgiving(complete: Complete) -> Complete:
    async def forgiving(item: Item, source: Source, fetcher: Fetches, now: datetime) -> Item:
        try:
            return await complete(item, source, fetcher, now)
        except NotNow:
            raise
        except Exception:  # noqa: BLE001 - an entry without its details is better than none
            return item

    return forgiving


KINDS: Mapping[str, Kind] = {
    "feed": Kind(_guarded(feed.read)),
    "govuk": Kind(_guarded(govuk.read), _forgiving(govuk.complete)),
    "page": Kind(_guarded(page.read), for_people=True),
    "phiwire": Kind(_guarded(phiwire.read), for_people=True),
    "press_releases": Kind(_guarded(press_releases.read), _forgiving(press_releases.complete), for_people=True),
}

_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


def recognise(document: Page, select: Mapping[str, str] | None = None) -> str:
    """Guess the kind of a document.

    Raises:
        Unreadable: it is like none of them.
    """
    if select and "row" in select:
        return "page"
    start = document.body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"{", b"[")):
        return _recognise_json(document)
    for kind in ("feed", "phiwire", "press_releases"):
        source = Source(slug=kind, name=kind, kind=kind, url=document.url)
        try:
            KINDS[kind].read(document, source, _NEVER)
        except Unreadable:
            # A feed that cannot be read is still one, and an empty answer is nothing: the reason says more than ours.
            if feed.has_root(document) or is_empty(document):
                raise
            continue
        return kind
    raise Unreadable(
        say(
            "this is no feed, no PhiWire and no list of press releases: look for a feed's address in the page, "
            "or use {kind} with selectors",
            kind='kind = "page"',
        )
    )


def is_page(document: Page) -> bool:
    """Tell whether a document looks like HTML, which may name feeds."""
    start = document.body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if _PAGE.search(start):
        return True
    return not start.startswith((b"{", b"[", b"<?xml", b"<rss", b"<feed")) and has_markup(decode(document))


def _recognise_json(document: Page) -> str:
    try:
        answer = json.loads(decode(document))
    except (ValueError, RecursionError) as error:
        raise Unreadable(say("this is broken JSON: check the address, or try later")) from error
    if isinstance(answer, dict):
        if "jsonfeed.org/version/" in str(answer.get("version")):
            return "feed"
        if isinstance(answer.get("results"), list) or ("base_path" in answer and "details" in answer):
            return "govuk"
    raise Unreadable(say("this JSON is neither a JSON Feed nor an answer of GOV.UK: check the address"))
