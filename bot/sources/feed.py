"""RSS, Atom and JSON Feed read into items."""

from __future__ import annotations

import calendar
import html
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.languages import say, sentence
from bot.model import Item, Source
from bot.sources.addresses import absolute, canonical
from bot.sources.documents import Page, Unreadable
from bot.sources.identity import digest, fold, shorten_key, unique
from bot.sources.markup import decode, decode_xml, refuse_depth, shorten, squash
from bot.sources.outline import one_line, paragraphs
from bot.sources.times import parse_iso, parse_time
from bot.sources.xml_feed import parse

# A few nested ones unfold into gigabytes.
_ENTITY = re.compile(r"<!ENTITY\b", re.IGNORECASE)
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_FEED = re.compile(r"<(?:\w+:)?(?:feed|rss|rdf|channel)\b", re.IGNORECASE)
_FIRST = re.compile(r"<[a-z][^\s<>/]*", re.IGNORECASE)
_EMAIL = re.compile(r"\(?<?\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b>?\)?")
# feedparser fails at references to what is no character: &#xD800;
_REFERENCE = re.compile(r"&#(?:x([0-9a-f]++)|([0-9]++));?+", re.IGNORECASE)
_LONGEST_REFERENCE = 12
_SURROGATES = range(0xD800, 0xE000)
# Markup beyond these is not read: a million paragraphs in a headline would take a minute.
_LONGEST_TITLE, _LONGEST_NAME, _LONGEST_BODY = 20_000, 2_000, 500_000
_DEEPEST = 20_000
_HOURS = {"BST": 1, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3}
# Seconds since 1970, since 2001; it takes four of their digits for a year.
_SECONDS = re.compile(r"[12]\d{9}")
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
_NO_FEED = sentence("this is not a feed: check the address, and open it in a browser to see what it answers now")
_ENDED = "this feed has ended"


def read(page: Page, source: Source, now: datetime) -> list[Item]:
    """Read a feed; one without entries gives none.

    Raises:
        Unreadable: it is not a feed, is broken before its first entry, or says that it has ended.
    """
    if page.body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        items = _json_feed(page, source)
    elif _FEED.search(text := decode_xml(page)):
        items = _xml_feed(text, page, source, now)
    elif _HTML.search(text[:4096]):
        raise Unreadable(
            say(
                "this is an HTML page, not a feed: look for the feed's address in the page, "
                "or use {kind} with selectors",
                kind='kind = "page"',
            )
        )
    else:
        raise Unreadable(say(_NO_FEED))
    if len(items) == 1 and items[0].headline.casefold().rstrip(".!") == _ENDED:
        raise Unreadable(
            say('the feed says "{words}": look for its new address and change url', words="This feed has ended")
        )
    return unique(items)


def has_root(page: Page) -> bool:
    """Tell whether the first element of a document is that of an XML feed, however it goes on."""
    first = _FIRST.search(decode_xml(replace(page, body=page.body[:4096])))
    return first is not None and _FEED.match(first[0]) is not None


def _xml_feed(text: str, page: Page, source: Source, now: datetime) -> list[Item]:
    if _ENTITY.search(text):
        raise Unreadable(say("this feed declares entities of its own, which no honest feed needs: use another source"))
    # feedparser's time grows with the square of the depth; cut summaries leave some elements open in honest feeds.
    refuse_depth(text, _DEEPEST, xml=True)
    # NULs are no characters of XML, and mean nothing.
    parsed = parse(_REFERENCE.sub(_valid, text.replace("\0", "")), page.url)
    if not parsed.entries and not parsed.version:
        raise Unreadable(say(_NO_FEED))
    atom = parsed.version.startswith("atom")
    everybody = _names(parsed.feed) if atom else ""
    items = (_entry(entry, page, source, now, everybody if atom else None) for entry in parsed.entries)
    found = [item for item in items if item is not None]
    if not found and parsed.problem:
        raise Unreadable(
            say(
                "this feed is broken before its first entry ({problem}): tell its publisher, or try later",
                problem=parsed.problem,
            )
        )
    return found


def _valid(reference: re.Match[str]) -> str:
    digits = (reference[1] or reference[2]).lstrip("0")
    if not digits or len(digits) > _LONGEST_REFERENCE:
        return "&#xFFFD;"
    code = int(digits, 16 if reference[1] else 10)
    valid = code < _SURROGATES.start or _SURROGATES.stop <= code <= sys.maxunicode
    return reference[0] if valid else "&#xFFFD;"


def _entry(entry: Mapping[str, Any], page: Page, source: Source, now: datetime, everybody: str | None) -> Item | None:
    """Make an item of an entry; `everybody` is the author of all that name none, and None where a feed is not Atom."""
    title = str(entry.get("title") or "")[:_LONGEST_TITLE]
    # Atom says which titles are text; RSS never does, and half of the feeds escape twice.
    verbatim = everybody is not None and (entry.get("title_detail") or {}).get("type") == "text/plain"
    contents = [str(content.get("value") or "")[:_LONGEST_BODY] for content in entry.get("content") or ()]
    tags = [squash(str(tag.get("label") or tag.get("term") or "")) for tag in entry.get("tags") or ()]
    return _item(
        source,
        identifier=str(entry.get("id") or ""),
        headline=squash(title) if verbatim else one_line(title),
        url=absolute(page.url, str(entry.get("feedburner_origlink") or entry.get("link") or "")),
        author=_names(entry) or everybody or "",
        topic=next((one_line(tag) for tag in tags if tag), ""),
        summary=str(entry.get("summary") or "")[:_LONGEST_BODY],
        body=max(contents, key=len, default=""),
        published_at=_moment(entry, ZoneInfo(source.timezone), now),
    )


def _item(
    source: Source,
    *,
    identifier: str,
    headline: str,
    url: str,
    author: str,
    topic: str,
    summary: str,
    body: str,
    published_at: datetime | None,
) -> Item | None:
    text = paragraphs(body)
    short = shorten(one_line(summary) or " ".join(text))
    headline = headline or shorten(short, 120) or url
    if not headline:
        return None
    # A guid that is an address changes like one: the BBC's end in "#0", and carry tracking parameters.
    key = canonical(squash(identifier))
    if not key:
        key = f"{canonical(url)} {fold(headline)}" if url else digest(fold(headline), short)
    return Item(
        key=shorten_key(key),
        given_key=bool(identifier.strip()),
        kind=source.entry_kind,
        headline=headline,
        url=url,
        author=author,
        organisation=source.organisation,
        topic=topic,
        summary=short,
        body="\n\n".join(text),
        icon=source.icon,
        published_at=published_at,
    )


def _names(thing: Mapping[str, Any]) -> str:
    """Join the authors' names; an address of e-mail is not a name."""
    authors = [author for author in thing.get("authors") or () if author]
    names = [str(author.get("name") or "") for author in authors] or [str(thing.get("author") or "")]
    # Cut first: to look for addresses of e-mail takes a time that grows with the square of the length.
    cleaned = [squash(_EMAIL.sub("", one_line(name[:_LONGEST_NAME]))).strip(" ,;()<>") for name in names]
    return ", ".join(dict.fromkeys(name for name in cleaned if name))


def _moment(entry: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> datetime | None:
    # In this order: feedparser warns when "updated" is asked for and only "published" is there.
    dated = bool(entry.get("published")) or "updated_parsed" not in entry
    parsed = entry.get("published_parsed") or (None if dated else entry.get("updated_parsed"))
    written = squash(str(entry.get("published" if dated else "updated") or ""))
    try:
        if _SECONDS.fullmatch(written):
            return datetime.fromtimestamp(int(written), UTC)
        if parsed is None:
            # It knows neither "2 hours ago" nor "20. November 2026".
            return parse_time(written, zone, now)
        moment = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
        # Nor summer time in London, which it takes for UTC.
        moment -= timedelta(hours=_HOURS.get(written.rpartition(" ")[2].upper(), 0))
    except (ValueError, OverflowError, OSError, TypeError):
        return None
    # From before there were feeds: a zero, as a rule.
    return moment if moment >= _EARLIEST else None


def _json_feed(page: Page, source: Source) -> list[Item]:
    """Read JSON Feed 1.0 or 1.1, https://www.jsonfeed.org/version/1.1/."""
    try:
        feed = json.loads(decode(page))
    except (ValueError, RecursionError) as error:
        raise Unreadable(say("this is broken JSON, not a feed: check the address, or try later")) from error
    if not isinstance(feed, dict) or "jsonfeed.org/version/" not in str(feed.get("version")):
        raise Unreadable(
            say(
                "this is JSON, but not a JSON Feed: check the address; for GOV.UK's search use {kind}",
                kind='kind = "govuk"',
            )
        )
    entries = feed.get("items")
    if not isinstance(entries, list):
        raise Unreadable(say("this JSON Feed has no list of items: tell its publisher, or try later"))
    found = [_json_entry(entry, page, source) for entry in entries if isinstance(entry, dict)]
    return [item for item in found if item is not None]


def _json_entry(entry: dict[str, Any], page: Page, source: Source) -> Item | None:
    authors = entry.get("authors") or [entry.get("author")]
    tags = entry.get("tags")
    identifier = entry.get("id")
    stamp = _text(entry, "date_published") or _text(entry, "date_modified")
    return _item(
        source,
        identifier=str(identifier) if isinstance(identifier, str | int | float) else "",
        # All but content_html is plain text there, and means its signs as they stand.
        headline=squash(_text(entry, "title")[:_LONGEST_TITLE]),
        url=absolute(page.url, _text(entry, "url") or _text(entry, "external_url")),
        author=_names({"authors": [a for a in authors if isinstance(a, dict)]} if isinstance(authors, list) else {}),
        topic=squash(next((tag for tag in tags if isinstance(tag, str)), "")) if isinstance(tags, list) else "",
        summary=html.escape(_text(entry, "summary")),
        body=_text(entry, "content_html") or html.escape(_text(entry, "content_text")),
        published_at=parse_iso(stamp, ZoneInfo("UTC")),
    )


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""
