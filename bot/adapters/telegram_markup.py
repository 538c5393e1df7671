"""Telegram's HTML: bold linked headline, author · source · time, a release's text in an expandable quotation.

What was looked for stands out: underlined in the headline, which is bold already, and bold below it.
Only tags and entities that the Bot API knows: any other fails the message (core.telegram.org/bots/api, HTML style).
Texts are cut before they are marked up; Telegram counts 4,096 code points after parsing.
"""

from __future__ import annotations

import html
from collections.abc import Iterator

from bot import text
from bot.adapters.story import Story, pieces
from bot.filters.marks import Marks
from bot.ports import Line, Reply, Span

LONGEST_MESSAGE = 4096
# Entities beyond the hundredth are dropped without a word (tdlib/td, MessageEntity.cpp).
MOST_ENTITIES = 90


def escape(words: str) -> str:
    """Escape for text and attribute values: `&lt; &gt; &amp; &quot;` are the only named entities Telegram reads."""
    return html.escape(words).replace("&#x27;", "'")


def story(told: Story) -> str:
    """Mark up a message about an entry."""
    headline = f"<b>{_linked(_marked(told.headline, told.in_headline, 'u'), told.url)}</b>"
    old = f"<s>{escape(told.old_headline)}</s>\n" if told.old_headline else ""
    parts = [f"{old}{headline}\n{escape(told.about)}"]
    if told.lede:
        parts.append(_marked(told.lede, told.in_lede, "b"))
    if told.rest:
        parts.append(f"<blockquote expandable>{_marked(told.rest, told.in_rest, 'b')}</blockquote>")
    if told.why:
        # As code, or "@somebody" in a filter would call that person to every message.
        parts.append(f"<i>Why:</i> <code>{escape(told.why)}</code>")
    parts += map(_line, told.more)
    return "\n\n".join(parts)


def preview(told: Story) -> dict[str, object]:
    """Have the linked page shown small below the message."""
    return {"url": told.url, "prefer_small_media": True} if told.url else {"is_disabled": True}


def plain_story(told: Story) -> str:
    """Write the same without any markup, for when Telegram cannot read ours."""
    return "\n".join(part for part in (told.headline, told.about, told.url) if part)


def replies(reply: Reply) -> Iterator[str]:
    """Mark up a reply, in as many messages as its length and its number of entities need."""
    lines: list[Line] = []
    length = entities = 0
    for line in reply:
        plain = sum(len(_shown(span)) for span in line) + 1
        marks = sum(span.bold + span.code + span.command + span.block + bool(span.url) for span in line)
        if lines and (length + plain > LONGEST_MESSAGE or entities + marks > MOST_ENTITIES):
            yield from _message(lines)
            lines, length, entities = [], 0, 0
        lines.append(line)
        length, entities = length + plain, entities + marks
    yield from _message(lines)


def _marked(words: str, marks: Marks, tag: str) -> str:
    shown = ((escape(piece), stands_out) for piece, stands_out in pieces(words, marks))
    return "".join(f"<{tag}>{piece}</{tag}>" if stands_out else piece for piece, stands_out in shown)


def _message(lines: list[Line]) -> Iterator[str]:
    """Telegram refuses messages without text, so those are left out."""
    if any(_shown(span).strip() for line in lines for span in line):
        yield "\n".join(map(_line, lines))


def _line(line: Line) -> str:
    return "".join(map(_span, line))


def _shown(span: Span) -> str:
    if span.block:
        return span.text
    return text.shorten(f"/{span.text}" if span.command else span.text, 1000)


def _span(span: Span) -> str:
    shown = _linked(escape(_shown(span)), span.url)
    if span.block:
        return f"<pre>{shown}</pre>"
    if span.code or (span.command and " " in span.text):
        return f"<code>{shown}</code>"
    return f"<b>{shown}</b>" if span.bold else shown


def _linked(marked_up: str, url: str) -> str:
    return f'<a href="{escape(url)}">{marked_up}</a>' if url else marked_up
