"""Documents to publish: the PhiWire in three markups, press releases, RSS and Atom. All text is escaped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Markup = Literal["list", "table", "divs"]

PLACEHOLDER = "PoliticsHome | Only the latest five entries on the PhiWire are visible to non-subscribers"
WIRE_TITLE = "Phi Wire Hand Picked Politics - Live"
EPOCH = datetime(2014, 11, 26, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the PhiWire; an empty author leaves out the bar, an empty path the link."""

    author: str
    headline: str
    path: str = ""
    time: str = "12:00"
    icon: str = "/icons/source.png"


@dataclass(frozen=True, slots=True)
class Said:
    """A quotation and who said it; an empty office leaves only the name."""

    office: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Release:
    """A press release."""

    organisation: str
    headline: str
    path: str
    paragraphs: Sequence[str] = ()
    quotations: Sequence[Said] = ()
    topic: str = ""
    published: datetime = EPOCH


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An item of a feed; empty fields are left out, as real feeds do."""

    title: str
    link: str
    key: str = ""
    author: str = ""
    summary: str = ""
    published: datetime | None = EPOCH
    categories: Sequence[str] = ()


def _document(title: str, body: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8">'
        f"<title>{escape(title)}</title></head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _row_parts(row: Row) -> tuple[str, str, str]:
    label = escape(f"{row.author} | {row.headline}" if row.author else row.headline)
    link = f'<a href="{escape(row.path)}">{label}</a>' if row.path else label
    return link, f'<img alt="source icon" src="{escape(row.icon)}">', escape(row.time)


def _list(rows: Sequence[Row], placeholders: int) -> str:
    items = [
        f'<li class="wire-item">{link}<ul><li>{icon}</li><li class="time">{clock}</li></ul></li>'
        for link, icon, clock in map(_row_parts, rows)
    ]
    items += [f'<li class="wire-item">{escape(PLACEHOLDER)}</li>'] * placeholders
    return '<ul class="wire">\n' + "\n".join(items) + "\n</ul>"


def _table(rows: Sequence[Row], placeholders: int) -> str:
    lines = [
        f'<tr class="wire-item"><td>{link}</td><td>{icon}</td><td class="time">{clock}</td></tr>'
        for link, icon, clock in map(_row_parts, rows)
    ]
    lines += [f'<tr class="wire-item"><td colspan="3">{escape(PLACEHOLDER)}</td></tr>'] * placeholders
    return '<table class="wire"><tbody>\n' + "\n".join(lines) + "\n</tbody></table>"


def _divs(rows: Sequence[Row], placeholders: int) -> str:
    blocks = [
        f'<div class="wire-item"><div class="story">{link}</div>'
        f'<div class="meta">{icon} <span class="time">{clock}</span></div></div>'
        for link, icon, clock in map(_row_parts, rows)
    ]
    blocks += [f'<div class="wire-item"><div class="story">{escape(PLACEHOLDER)}</div></div>'] * placeholders
    return '<div class="wire">\n' + "\n".join(blocks) + "\n</div>"


_MARKUPS: dict[Markup, Callable[[Sequence[Row], int], str]] = {"list": _list, "table": _table, "divs": _divs}


def phiwire_page(rows: Sequence[Row], markup: Markup = "list", placeholders: int = 20) -> str:
    """Render a PhiWire page, newest row first as given, with the placeholders that anonymous readers see after it."""
    return _document(WIRE_TITLE, f"<h1>{escape(WIRE_TITLE)}</h1>\n{_MARKUPS[markup](rows, placeholders)}")


def _title(release: Release) -> str:
    return f"{release.organisation}: {release.headline}"


def press_release_list(releases: Sequence[Release]) -> str:
    """Render the page that lists press releases."""
    items = "\n".join(
        f'<li class="release"><a href="{escape(release.path)}">{escape(_title(release))}</a>'
        f' <time datetime="{release.published.isoformat()}">{release.published:%d %B %Y}</time></li>'
        for release in releases
    )
    return _document("Press Releases", f'<h1>Press Releases</h1>\n<ul class="releases">\n{items}\n</ul>')


def press_release_page(release: Release) -> str:
    """Render one press release with its labels, paragraphs, quotations and topic."""
    parts = [
        '<p class="section">Press Releases</p>',
        f"<h1>{escape(_title(release))}</h1>",
        f'<p class="label">{escape(release.organisation)} press release</p>',
        f'<time datetime="{release.published.isoformat()}">{release.published:%d %B %Y}</time>',
        '<div class="body">',
        *(f"<p>{escape(paragraph)}</p>" for paragraph in release.paragraphs),
    ]
    for said in release.quotations:
        speaker = ", ".join(part for part in (said.office, said.name) if part)
        parts += [f"<p>{escape(speaker)}, said:</p>", f"<p>&quot;{escape(said.text)}&quot;</p>"]
    parts.append("</div>")
    if release.topic:
        parts.append(f'<p class="topic">Latest on {escape(release.topic)}</p>')
    return _document(_title(release), "\n".join(parts))


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else ""


def rss(items: Sequence[FeedItem], title: str = "Invented news") -> str:
    """Render an RSS 2.0 feed."""
    rendered = "\n".join(
        "<item>"
        + _tag("title", item.title)
        + _tag("link", item.link)
        + (f'<guid isPermaLink="false">{escape(item.key)}</guid>' if item.key else "")
        + _tag("dc:creator", item.author)
        + _tag("description", item.summary)
        + (_tag("pubDate", format_datetime(item.published)) if item.published else "")
        + "".join(_tag("category", category) for category in item.categories)
        + "</item>"
        for item in items
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>\n'
        f"{_tag('title', title)}<link>http://127.0.0.1/</link><description>Invented</description>\n"
        f"{rendered}\n</channel></rss>\n"
    )


def atom(items: Sequence[FeedItem], title: str = "Invented news") -> str:
    """Render an Atom feed."""
    rendered = "\n".join(
        "<entry>"
        + _tag("id", item.key or item.link)
        + _tag("title", item.title)
        + f'<link rel="alternate" href="{escape(item.link)}"/>'
        + _tag("updated", (item.published or EPOCH).isoformat())
        + (f"<author>{_tag('name', item.author)}</author>" if item.author else "")
        + (f'<summary type="html">{escape(item.summary)}</summary>' if item.summary else "")
        + "".join(f'<category term="{escape(category)}"/>' for category in item.categories)
        + "</entry>"
        for item in items
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"{_tag('id', 'tag:invented.example,2014:feed')}{_tag('title', title)}"
        f"{_tag('updated', EPOCH.isoformat())}\n{rendered}\n</feed>\n"
    )
