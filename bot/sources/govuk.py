"""GOV.UK: lists from its Search API, press releases completed from its Content API."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from bot.languages import say
from bot.model import Attachment, Item, Source
from bot.sources import attachments, quotations
from bot.sources.addresses import absolute, canonical
from bot.sources.documents import Fetches, FetchFailed, NotNow, Page, Unreadable
from bot.sources.identity import shorten_key, unique
from bot.sources.markup import decode, has_markup, shorten, squash
from bot.sources.outline import one_line, segments
from bot.sources.quotations import Paragraph
from bot.sources.times import parse_iso

_FIRST = "first published"
_API = "https://www.gov.uk/api/"
# Newer pages are tagged with taxons, older ones with policy areas or topics; events are the last resort.
_TOPICS = ("taxons", "policy_areas", "topics", "topical_events")


def read(page: Page, source: Source, now: datetime) -> list[Item]:  # noqa: ARG001 - every kind has the same signature
    """Read a search answer, or one content item.

    Raises:
        Unreadable: it is not JSON, or has neither results nor a title and details.
    """
    answer = _json(page)
    if isinstance(answer.get("details"), dict):
        return [read_content(page, source)]
    results = answer.get("results")
    if not isinstance(results, list):
        raise Unreadable(
            say(
                "this JSON has no list of results: use a search address, {address} with {fields}",
                address="https://www.gov.uk/api/search.json?…",
                fields="fields=title,link,description,public_timestamp,organisations",
            )
        )
    items = [_result(result, page, source) for result in results if isinstance(result, dict)]
    found = [item for item in items if item is not None]
    if results and not found:
        raise Unreadable(
            say("the results have no title and link: add {fields} to the address", fields="fields=title,link")
        )
    return unique(found)


async def complete(item: Item, source: Source, fetcher: Fetches, now: datetime) -> Item:  # noqa: ARG001 - as above
    """Fill in body, quotations, topics and more from the Content API; without an answer the item stays as it was."""
    parts = urlsplit(item.url)
    if not parts.path.strip("/"):
        return item
    answer = await fetcher.get(
        urljoin(item.url, "/api/content" + parts.path), public_only=_foreign(item, source), item=True
    )
    if isinstance(answer, FetchFailed) and not answer.final:
        raise NotNow(answer.reason)
    if not isinstance(answer, Page):
        return item
    try:
        full = read_content(answer, source)
    except Unreadable:
        return item
    return dataclasses.replace(
        item,
        organisation=item.organisation or full.organisation,
        summary=item.summary or full.summary,
        topic=full.topic or item.topic,
        body=full.body or item.body,
        quotations=full.quotations,
        published_at=item.published_at or full.published_at,
        attachments=full.attachments,
        withdrawn=full.withdrawn or item.withdrawn,
        change_note=full.change_note,
        updated_at=item.updated_at or full.updated_at,
    )


def read_content(page: Page, source: Source) -> Item:
    """Read a content item, as https://www.gov.uk/api/content/<path> answers.

    Raises:
        Unreadable: it is not JSON, or has no title and path.
    """
    content = _json(page)
    details = content.get("details")
    title, path = _text(content, "title"), _text(content, "base_path")
    if not isinstance(details, dict) or not title or not path:
        raise Unreadable(say("this JSON is no content item, with title, base_path and details: check the address"))
    links = content.get("links")
    links = links if isinstance(links, dict) else {}
    body = _html(details.get("body"))
    text = _paragraphs(body)
    notice = content.get("withdrawn_notice")
    notice = notice if isinstance(notice, dict) else {}
    stamp = _text(content, "public_updated_at") or _text(content, "first_published_at")
    return Item(
        key=shorten_key(path),
        kind="release",
        headline=title,
        url=absolute(page.url, path),
        organisation=_titles(links.get("organisations")) or source.organisation,
        topic=next((topics for topics in (_titles(links.get(name)) for name in _TOPICS) if topics), ""),
        summary=shorten(one_line(_text(content, "description"))),
        body="\n\n".join(paragraph.text for paragraph in text),
        quotations=quotations.find(text),
        icon=source.icon,
        published_at=parse_iso(stamp, ZoneInfo("UTC")),
        attachments=_attachments(details, body, page),
        # There is an empty notice where nothing was withdrawn.
        withdrawn=bool(notice),
        change_note=one_line(_text(notice, "explanation")) or _change_note(details.get("change_history")),
        updated_at=parse_iso(stamp, ZoneInfo("UTC")),
    )


def _attachments(details: Mapping[str, Any], body: str, page: Page) -> tuple[Attachment, ...]:
    """Take the files as the newer form has them, as the older one does, as HTML, and as the text links to them."""
    listed = details.get("attachments")
    found = [
        Attachment(_text(each, "title") or attachments.file_name(url), url)
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, dict) and (url := absolute(page.url, _text(each, "url")))
    ]
    older = details.get("documents")
    markup = [each for each in (older if isinstance(older, list) else []) if isinstance(each, str)]
    linked = [segment for html in (*markup, body) if has_markup(html) for segment in segments(html)]
    known = {canonical(each.url) for each in found}
    found += [each for each in attachments.find(linked, page.url) if canonical(each.url) not in known]
    return tuple(each for each in found if each.title)


def _change_note(history: object) -> str:
    """Give the newest note; the first publication is no change."""
    notes = [each for each in history if isinstance(each, dict)] if isinstance(history, list) else []
    dated = [(parse_iso(_text(each, "public_timestamp"), ZoneInfo("UTC")), _text(each, "note")) for each in notes]
    newest = max(((at, note) for at, note in dated if at is not None), default=None, key=lambda each: each[0])
    return newest[1] if newest is not None and newest[1].casefold().rstrip(".") != _FIRST else ""


def _result(result: dict[str, Any], page: Page, source: Source) -> Item | None:
    title, link = _text(result, "title"), _text(result, "link") or _text(result, "_id")
    if not title or not link:
        return None
    return Item(
        key=shorten_key(link),
        kind="release",
        headline=title,
        url=absolute(page.url, link),
        organisation=_titles(result.get("organisations")) or source.organisation,
        summary=shorten(one_line(_text(result, "description"))),
        icon=source.icon,
        published_at=parse_iso(_text(result, "public_timestamp"), ZoneInfo("UTC")),
        withdrawn=result.get("is_withdrawn") is True,
        # It steps with each change that has a note, and not with others.
        updated_at=parse_iso(_text(result, "public_timestamp"), ZoneInfo("UTC")),
    )


def _json(page: Page) -> dict[str, Any]:
    try:
        answer = json.loads(decode(page))
    except (ValueError, RecursionError) as error:
        raise Unreadable(say("this is not JSON: use an address below {place}, or try later", place=_API)) from error
    if not isinstance(answer, dict):
        raise Unreadable(say("this JSON is not an object: use an address below {place}", place=_API))
    return answer


def _html(body: object) -> str:
    # Some schemas give the body as versions by content type.
    if isinstance(body, list):
        body = next(
            (v.get("content") for v in body if isinstance(v, dict) and v.get("content_type") == "text/html"), ""
        )
    return body if isinstance(body, str) else ""


def _paragraphs(body: str) -> list[Paragraph]:
    if not body:
        return []
    if not has_markup(body):
        return [Paragraph(squash(line)) for line in body.splitlines() if squash(line)]
    return [paragraph for segment in segments(body) for paragraph in quotations.paragraphs_of(segment)]


def _foreign(item: Item, source: Source) -> bool:
    return urlsplit(item.url).netloc != urlsplit(source.url).netloc


def _titles(things: object) -> str:
    titles = [_text(thing, "title") for thing in things if isinstance(thing, dict)] if isinstance(things, list) else []
    return ", ".join(dict.fromkeys(title for title in titles if title))


def _text(thing: Mapping[str, Any], name: str) -> str:
    value = thing.get(name)
    return squash(value) if isinstance(value, str) else ""
