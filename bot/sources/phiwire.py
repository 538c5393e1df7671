"""The PhiWire list: rows of `Author | Headline`, a source icon and a bare HH:MM, whatever the markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.languages import say
from bot.model import Item, Source
from bot.sources import phiwire_rows
from bot.sources.addresses import absolute, canonical
from bot.sources.documents import Page, Unreadable
from bot.sources.identity import digest, fold
from bot.sources.markup import decode, has_markup, parse
from bot.sources.outline import base_of, segments, tree_segments
from bot.sources.phiwire_rows import Row
from bot.sources.times import AHEAD, clock, latest, parse_iso

_PIPE = re.compile(r"\s\|\s")
_LONGEST_NAME_WORDS = 10
_LONGEST_NAME = 80


def read(page: Page, source: Source, now: datetime) -> list[Item]:
    """Read the rows, newest first; the placeholders for non-subscribers are not rows.

    Raises:
        Unreadable: no row and no placeholder.
    """
    text = decode(page)
    tree = parse(text) if has_markup(text) else None
    rows, placeholders = phiwire_rows.find(segments(text) if tree is None else tree_segments(tree))
    if not rows and not placeholders:
        raise Unreadable(
            say(
                "no row with a time and a source icon: the page's layout changed or the address is wrong; "
                "open the address in a browser, and use {kind} with selectors if the list is still there",
                kind='kind = "page"',
            )
        )
    base = page.url if tree is None else base_of(tree, page.url)
    found: dict[str, Item] = {}
    for row, moment in zip(rows, _resolve(rows, ZoneInfo(source.timezone), now), strict=True):
        item = _item(row, base, source, moment)
        found.setdefault(item.key, item)
    return list(found.values())


def is_signed_out(page: Page) -> bool:
    """Tell whether a page says that it shows only what everybody sees."""
    return phiwire_rows.has_placeholder(decode(page))


def split(text: str) -> tuple[str, str]:
    """Split a row's text into author and headline, at the first pipe between spaces.

    The author is empty where there is no pipe, or where what stands before it is too long for a name.
    """
    # A row without its author may keep the pipe.
    text = text.removeprefix("| ")
    pipe = _PIPE.search(text)
    if pipe is None:
        return "", text
    author, headline = text[: pipe.start()].strip(), text[pipe.end() :].strip()
    if not author or not headline or len(author) > _LONGEST_NAME or len(author.split()) > _LONGEST_NAME_WORDS:
        return "", text
    return author, headline


def _item(row: Row, base: str, source: Source, published_at: datetime | None) -> Item:
    author, headline = split(row.text)
    url = absolute(base, row.href)
    return Item(
        key=digest(canonical(url), fold(author), fold(headline)),
        given_key=False,
        kind="wire",
        headline=headline,
        url=url,
        author=author,
        organisation=source.organisation,
        icon=absolute(base, row.icon) or source.icon,
        published_at=published_at,
    )


def _resolve(rows: list[Row], zone: ZoneInfo, now: datetime) -> Iterator[datetime | None]:
    """Date the rows: each not after the row above it, the first not after now (and a little, for clocks differ)."""
    limit = now + AHEAD
    for row in rows:
        wall = clock(row.time)
        moment = latest(wall, zone, limit) if wall is not None else parse_iso(row.time, zone)
        limit = moment if moment is not None else limit
        yield moment
