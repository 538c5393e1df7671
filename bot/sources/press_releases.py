"""Lists of press releases, with each release completed from its own page."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.languages import say
from bot.model import Item, Source
from bot.sources import page as selected
from bot.sources.addresses import absolute, canonical, host_of
from bot.sources.documents import Fetches, FetchFailed, NotNow, Page, Unreadable
from bot.sources.identity import shorten_key, unique
from bot.sources.markup import decode, has_markup, parse
from bot.sources.outline import base_of, node_segments, plain, segments
from bot.sources.release import find_label, has_selected_body, prose_length, read_release, without_prefix
from bot.sources.times import CLOCK, parse_time

__all__ = ["complete", "read", "read_release"]

_TITLED = re.compile(r"(?P<organisation>[A-Z0-9][^:|?!]{1,80}): (?P<headline>\S.{7,})")
_LISTS = re.compile(r"(?:latest )?(?:press|news) releases?|announcements", re.IGNORECASE)
_LONGEST_EMPTY_LIST = 200
_LONGEST_ORGANISATION = 9
_FEWEST_WORDS = 4
_FEWEST_LINKS = 2
_ROW_LEVELS = 6
_LONGEST_ASIDE = 600


@dataclasses.dataclass(frozen=True, slots=True)
class _Link:
    """A link that may be a release's. `position` is the way to it from the root, as tags."""

    node: LexborNode
    url: str
    text: str
    position: tuple[str, ...]

    @property
    def titled(self) -> re.Match[str] | None:
        form = _TITLED.fullmatch(self.text)
        return form if form is not None and len(form["organisation"].split()) <= _LONGEST_ORGANISATION else None


def read(page: Page, source: Source, now: datetime) -> list[Item]:
    """Read a list of releases, or a single release where the page is one.

    Raises:
        Unreadable: neither the source's selectors nor the page's links and headings show any release.
    """
    if source.select.get("row"):
        return [_split(dataclasses.replace(item, kind="release")) for item in selected.read(page, source, now)]
    text = decode(page)
    if has_selected_body(text, source) or find_label(segments(text)) is not None:
        return [read_release(page, source, now)]
    items = _listed(parse(text), page, source, now) if has_markup(text) else []
    if items:
        return items
    try:
        return [read_release(page, source, now)]
    except Unreadable as error:
        shown = [segment.text.strip() for segment in segments(text)]
        # A list that says what it is and shows nothing else is empty; one that shows more has changed its layout.
        if any(map(_LISTS.fullmatch, shown)) and sum(map(len, shown)) <= _LONGEST_EMPTY_LIST:
            return []
        raise Unreadable(
            say(
                "no list of press releases and no release in this page: check the address, "
                "or name {row}, {link} and {headline} under {table}",
                row="row",
                link="link",
                headline="headline",
                table="[source.select]",
            )
        ) from error


async def complete(item: Item, source: Source, fetcher: Fetches, now: datetime) -> Item:
    """Fill in what the release's own page says; without a readable page the item stays as it was.

    Raises:
        NotNow: the page does not answer at the moment.
    """
    if not item.url or item.body:
        return item
    elsewhere = host_of(item.url) != host_of(source.url)
    answer = await fetcher.get(item.url, public_only=elsewhere, for_people=True, item=True)
    if isinstance(answer, FetchFailed) and not (answer.final or answer.closed):
        raise NotNow(answer.reason)
    if not isinstance(answer, Page):
        return item
    try:
        full = read_release(answer, source, now)
    except Unreadable:
        return item
    organisation = full.organisation or item.organisation
    return dataclasses.replace(
        item,
        # The list may cut headlines; a page of another layout may have anything as its first heading.
        headline=without_prefix(_fuller(item.headline, full.headline), organisation),
        organisation=organisation,
        topic=full.topic or item.topic,
        summary=item.summary or full.summary,
        body=full.body,
        quotations=full.quotations,
        published_at=full.published_at or item.published_at,
        attachments=full.attachments,
    )


def _fuller(listed: str, own: str) -> str:
    cut = listed.rstrip(" .…")
    return own if listed != cut and own.casefold().startswith(cut.casefold()) else listed


def _split(item: Item) -> Item:
    """Take the organisation from a headline that begins with it."""
    form = _TITLED.fullmatch(item.headline)
    if item.organisation:
        return dataclasses.replace(item, headline=without_prefix(item.headline, item.organisation))
    if form is None or len(form["organisation"].split()) > _LONGEST_ORGANISATION:
        return item
    return dataclasses.replace(item, organisation=form["organisation"].strip(), headline=form["headline"].strip())


def _listed(tree: LexborHTMLParser, page: Page, source: Source, now: datetime) -> list[Item]:
    groups: dict[tuple[str, ...], list[_Link]] = {}
    for link in _links(tree, base_of(tree, page.url), page.url):
        groups.setdefault(link.position, []).append(link)
    # Titles of the form `Organisation: headline` tell best; else the group with the most different releases does.
    # A new department's list may hold one titled link; one link of any other form proves nothing.
    titled = [group for group in groups.values() if sum(link.titled is not None for link in group) * 2 > len(group)]
    enough = [group for group in groups.values() if _size(group)[0] >= _FEWEST_LINKS]
    # Nor does a single titled link beside a real list: an advert has a colon, too.
    several = [group for group in titled if group in enough]
    lists = [group for group in enough if _size(group)[0] > _FEWEST_LINKS]
    chosen = max(several or lists or titled or enough, key=_size, default=[])
    by_title = chosen in titled
    longest: dict[str, _Link] = {}
    for link in chosen:
        key = canonical(link.url)
        if key not in longest or len(longest[key].text) < len(link.text):
            longest[key] = link
    rows = _rows(list(longest.values()))
    # A release's page has links to others; its own text stands in no row of theirs.
    in_rows = sum(len(plain(row)) for row in {row.mem_id: row for row in rows.values()}.values())
    if prose_length(tree) > in_rows + _LONGEST_ASIDE:
        return []
    items = [_item(link, rows[link.node.mem_id], source, now) for link in longest.values()]
    return unique(_split(item) if by_title else item for item in items)


def _size(group: list[_Link]) -> tuple[int, int]:
    return len({canonical(link.url) for link in group}), sum(len(link.text) for link in group)


def _links(tree: LexborHTMLParser, base: str, url: str) -> Iterator[_Link]:
    """Give the links that may be releases': some words, the same site, outside navigation."""
    hosts = {host_of(url), host_of(base)}
    for node in tree.css("a[href]"):
        target = absolute(base, node.attributes.get("href") or "")
        if not target or host_of(target) not in hosts or canonical(target) == canonical(url):
            continue
        # A card is one link with title, date and picture: its heading is the title.
        text = plain(node.css_first("h1, h2, h3, h4, h5, h6") or node)
        if len(text.split()) < _FEWEST_WORDS:
            continue
        position = tuple(_ways(node))
        inside = frozenset(position)
        if not inside & {"nav", "aside"} and (
            inside & {"article", "main", "li", "section"} or not inside & {"header", "footer"}
        ):
            yield _Link(node, target, text, position)


def _ways(node: LexborNode) -> Iterator[str]:
    place: LexborNode | None = node
    while place is not None:
        yield place.tag or ""
        place = place.parent


def _rows(links: list[_Link]) -> dict[int, LexborNode]:
    """Find the row of each link: the largest element around it that holds no other."""
    shared: Counter[int] = Counter()
    for link in links:
        shared.update(node.mem_id for node in _around(link.node))
    found = {}
    for link in links:
        row = link.node
        for node in _around(link.node):
            if shared[node.mem_id] > 1 or node.tag in {"body", "html"}:
                break
            row = node
        found[link.node.mem_id] = row
    return found


def _around(node: LexborNode) -> Iterator[LexborNode]:
    place = node.parent
    for _ in range(_ROW_LEVELS):
        if place is None:
            return
        yield place
        place = place.parent


def _item(link: _Link, row: LexborNode, source: Source, now: datetime) -> Item:
    return Item(
        key=shorten_key(canonical(link.url)),
        kind="release",
        headline=link.text,
        url=link.url,
        organisation=source.organisation,
        icon=source.icon,
        published_at=_time(row, ZoneInfo(source.timezone), now),
    )


def _time(row: LexborNode, zone: ZoneInfo, now: datetime) -> datetime | None:
    for node in row.css("time, [class*=date], [class*=time]"):
        moment = parse_time(node.attributes.get("datetime") or plain(node), zone, now)
        if moment is not None:
            return moment
    for part in node_segments(row):
        for text in (part.text, *(piece.text for piece in part.pieces if not piece.href)):
            moment = None if CLOCK.fullmatch(text.strip()) else parse_time(text, zone, now)
            if moment is not None:
                return moment
    return None
