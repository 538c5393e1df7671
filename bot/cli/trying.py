"""Try a source once: fetch and read it, and look for its feeds where the address is a page."""

from __future__ import annotations

import asyncio
import dataclasses
import mimetypes
import shlex
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import click

from bot import text
from bot.cli.common import Refused, open_fetcher
from bot.model import Item, Source
from bot.settings import Settings
from bot.sources import finding, kinds
from bot.sources.fetch import Fetcher, FetchFailed, Page, Unchanged
from bot.sources.finding import Found, Search

# Items whose own pages `source test` fetches: enough to judge, not enough to annoy.
MOST_COMPLETED = 5
_ORIGINS = {
    "system": "This is a page of a site whose feeds are known:",
    "announced": "This is a page; it announces {these}:",
    "linked": "This is a page; it links to {these}:",
    "usual": "This is a page that names no feed; where many sites have theirs, {there}:",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Tried:
    """What an address or a file yields. `found` is there where the address is a page: `url` is then its best feed's."""

    kind: str
    items: list[Item]
    url: str
    found: Search | None = None


async def try_source(
    wanted: Source,
    kind: str | None,
    now: datetime,
    settings: Settings,
    *,
    path: Path | None = None,
    base: str = "",
    complete: bool,
) -> Tried:
    """Fetch a source, or read a file, once. Without a kind the answer is looked at. Raises Refused."""
    fetcher = open_fetcher(settings)
    if path is None:
        _progress(f"Fetching {wanted.url} …")
    try:
        assumed = kind or ("page" if "row" in wanted.select else "feed")
        page = await _fetch(fetcher, wanted, assumed) if path is None else _read_file(path, base)
        if path is None and kind is None and not wanted.select:
            tried = await _recognise(page, wanted, fetcher, now)
        else:
            tried = await _read(page, wanted, kind, now, str(path or wanted.url))
        if path is None and kinds.KINDS[tried.kind].for_people > kinds.KINDS[assumed].for_people:
            # What it is was not known before: now it is asked for as the bot will ask.
            await _fetch(fetcher, wanted, tried.kind, page)
        completing = kinds.KINDS[tried.kind].complete
        if complete and completing is not None and path is None:
            source = dataclasses.replace(wanted, kind=tried.kind, url=tried.url)
            head = [await _complete(completing, item, source, fetcher, now) for item in tried.items[:MOST_COMPLETED]]
            tried = dataclasses.replace(tried, items=head + tried.items[MOST_COMPLETED:])
        return tried
    finally:
        await fetcher.close()


async def _complete(completing: kinds.Complete, item: Item, source: Source, fetcher: Fetcher, now: datetime) -> Item:
    """Complete an item; where its page does not answer say so, and show it as its list does."""
    try:
        return await completing(item, source, fetcher, now)
    except kinds.NotNow as error:
        click.echo(f"{error}; its item comes as the list shows it.", err=True)
        return item


async def _fetch(fetcher: Fetcher, wanted: Source, kind: str, known: Page | None = None) -> Page:
    """Fetch a source; what is known of it need not be sent again. Raises Refused."""
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
            raise Refused(f"{answer.reason}.")
        case Unchanged() if known is not None:
            return known
    raise Refused("it answered 304 to an unconditional request.")


async def _read(page: Page, wanted: Source, kind: str | None, now: datetime, place: str) -> Tried:
    try:
        kind = kind or kinds.recognise(page, wanted.select)
        source = dataclasses.replace(wanted, kind=kind)
        return Tried(kind, await asyncio.to_thread(kinds.KINDS[kind].read, page, source, now), wanted.url)
    except kinds.Unreadable as error:
        raise Refused(f"{place}: {error}") from error


async def _recognise(page: Page, wanted: Source, fetcher: Fetcher, now: datetime) -> Tried:
    """Read what an address answers; where that is a page of no known form, read the best of its feeds."""
    tried, problem = None, Refused()
    try:
        tried = await _read(page, wanted, None, now, wanted.url)
    except Refused as error:
        problem = error
    # Any front page has links that could be a list of releases. What the site announces is better than that guess, but
    # addresses that it does not name need not be asked then.
    sure = tried is not None and (tried.kind != "press_releases" or any(item.organisation for item in tried.items))
    if not sure and kinds.is_page(page):
        _progress("This is a page: looking for its feeds …")
        search = await finding.find(page, wanted, fetcher, now, guess=tried is None)
        if search.found:
            best = search.found[0]
            return Tried(best.kind, list(best.items), best.url, search)
        if tried is None:
            problem = _no_feed(wanted.url, search.asked)
    if tried is None:
        raise problem
    return tried


def _no_feed(url: str, asked: int) -> Refused:
    places = text.count(asked, "address", "addresses")
    return Refused(
        f"{url} is a page, and no feed was found ({places} asked): "
        'if it shows a list, name its rows with --kind page --select "row=…"; docs/sources.md shows how.'
    )


def _progress(sentence: str) -> None:
    if sys.stderr.isatty():
        click.echo(sentence, err=True)


def _read_file(path: Path, base: str) -> Page:
    try:
        body = path.read_bytes()
    except OSError as error:
        raise Refused(f"{path} cannot be read ({error.strerror}): give an http(s) address or a file.") from error
    content_type = mimetypes.guess_type(path.name)[0] or ""
    return Page(url=base, body=body, content_type=content_type, etag="", last_modified="")


def announcement(search: Search) -> str:
    """Say which feeds a page has, the best one first."""
    many = len(search.found) > 1
    opening = _ORIGINS[search.found[0].candidate.origin].format(
        these="these feeds" if many else "this feed", there="these were found" if many else "this was found"
    )
    return "\n".join([opening, *(f"  {found.url}  {_about(found)}" for found in search.found)])


def needs_a_choice(search: Search) -> bool:
    """Tell whether a person must decide: several feeds are as good, or the only one is of readers' comments."""
    return len(search.rivals) > 1 or search.found[0].candidate.comments


def choices(search: Search, options: Mapping[str, str | None]) -> str:
    """Give for each feed that may be meant the command that adds it, with the options that were given."""
    lines = [announcement(search), "None was added yet. Choose:"]
    for found in search.rivals:
        given = dict(options)
        if not given["--name"] and not given["--slug"] and found.title and len(search.rivals) > 1:
            given["--name"] = found.title
        words = [word for name, value in given.items() if value for word in (name, value)]
        lines.append(f"  phiwire source add {shlex.join([found.url, *words])}")
    return "\n".join(lines)


def _about(found: Found) -> str:
    comments = "comments of readers" if found.candidate.comments else ""
    return ", ".join(filter(None, (found.title, text.count(len(found.items), "item"), comments)))


def item(shown: Item) -> str:
    """Show an item to a person who judges its source."""
    when = "no time" if shown.published_at is None else f"{shown.published_at:%Y-%m-%d %H:%M} UTC"
    by = shown.author or shown.organisation
    withdrawn = click.style("Withdrawn: ", fg="red") if shown.withdrawn else ""
    lines = [f"{f'{by} | ' if by else ''}{withdrawn}{click.style(shown.headline, bold=True)}"]
    lines.append(f"    {when}  {shown.url or '(no link)'}")
    if shown.topic:
        lines.append(f"    topic: {shown.topic}")
    lines += [f"    quoted: {', '.join(filter(None, (each.speaker, each.office)))}" for each in shown.quotations]
    lines += [f"    attached: {each.title}  {each.url}" for each in shown.attachments]
    if shown.change_note:
        lines.append(f"    changed: {text.shorten(shown.change_note, 160)}")
    body = (shown.body or shown.summary).replace("\n\n", " ")
    if body:
        lines.append(f"    {text.shorten(body, 160)}")
    return "\n".join(lines)
