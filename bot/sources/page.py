"""List pages read by the CSS selectors of their source."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborNode

from bot.languages import say, sentence
from bot.model import Item, Source
from bot.sources.addresses import absolute, canonical
from bot.sources.documents import Page, Unreadable
from bot.sources.identity import digest, fold, shorten_key, unique
from bot.sources.markup import decode, parse, selector_problem, shorten
from bot.sources.outline import base_of, plain, select, select_text
from bot.sources.times import AHEAD, clock, parse_time

TABLE = "[source.select]"
# By what `selector_problem` finds.
_BROKEN = {
    "is empty": sentence("the selector {selector} is empty: correct it under {table}"),
    "is not a CSS selector": sentence("the selector {selector} is not a CSS selector: correct it under {table}"),
}


def read(page: Page, source: Source, now: datetime) -> list[Item]:
    """Read one item per row; rows without a headline are none.

    Raises:
        Unreadable: a selector is missing or broken, matches no row, or finds no headline in any.
    """
    for name, selector in source.select.items():
        problem = selector_problem(selector)
        if problem:
            setting = f'{name} = "{selector}"'
            raise Unreadable(say(_BROKEN[problem], selector=setting, table=TABLE))
    row = source.select.get("row", "")
    setting = f'row = "{row}"'
    if not row:
        raise Unreadable(
            say("there is no selector for the rows: add {example} under {table}", example='row = "…"', table=TABLE)
        )
    text = decode(page)
    tree = parse(text)
    base, zone = base_of(tree, page.url), ZoneInfo(source.timezone)
    rows = [node for node, _ in select(tree.root, row)] if tree.root is not None else []
    if not rows:
        raise Unreadable(
            say(
                "the selector {selector} matches nothing: the page's layout changed or the address is wrong; "
                "look at the page and correct {table}",
                selector=setting,
                table=TABLE,
            )
        )
    items = []
    limit = now + AHEAD
    for node in rows:
        stamp = row_time(node, source)
        moment = parse_time(stamp, zone, now, limit)
        if moment is not None and clock(stamp) is not None:
            limit = moment
        item = read_row(node, source, base, moment)
        if item is not None:
            items.append(item)
    if not items:
        raise Unreadable(
            say(
                "the selector {selector} matches, but no row has a headline: correct {headline} or {link} under "
                "{table}",
                selector=setting,
                headline="headline",
                link="link",
                table=TABLE,
            )
        )
    return unique(items)


def read_row(node: LexborNode, source: Source, base: str, published_at: datetime | None) -> Item | None:
    """Read one row; without selectors its link is the first, and its headline the link's text."""
    chosen = source.select
    url, link_text = _link(node, chosen.get("link", ""), base)
    headline = select_text(node, chosen.get("headline", "")) or link_text
    if not headline:
        return None
    icon = next((found for found in _sources(node, chosen.get("icon", ""))), "")
    return Item(
        key=shorten_key(canonical(url)) if url else digest(fold(headline)),
        given_key=bool(url),
        kind=source.entry_kind,
        headline=headline,
        url=url,
        author=select_text(node, chosen.get("author", "")),
        organisation=select_text(node, chosen.get("organisation", "")) or source.organisation,
        topic=select_text(node, chosen.get("topic", "")),
        summary=shorten(select_text(node, chosen.get("summary", ""))),
        icon=absolute(base, icon) or source.icon,
        published_at=published_at,
    )


def row_time(node: LexborNode, source: Source) -> str:
    """Give the row's time as it stands: the datetime attribute or the text of the selected, or of a time element."""
    for found, text in select(node, source.select.get("time", "time")):
        stamp = found.attributes.get("datetime") or ""
        if "@" not in source.select.get("time", "") and stamp:
            return stamp
        if text:
            return text
    return ""


def _link(node: LexborNode, selector: str, base: str) -> tuple[str, str]:
    """Give the address and the text of the row's link, which may be the row itself."""
    for found, text in select(node, selector or "a[href]"):
        href = text if "@" in selector else found.attributes.get("href") or ""
        if not href:
            inner = found.css_first("a[href]")
            href = (inner.attributes.get("href") or "") if inner is not None else ""
        url = absolute(base, href)
        if url:
            return url, plain(found)
    return "", ""


def _sources(node: LexborNode, selector: str) -> list[str]:
    if not selector:
        return []
    found = select(node, selector)
    return [text if "@" in selector else element.attributes.get("src") or "" for element, text in found]
