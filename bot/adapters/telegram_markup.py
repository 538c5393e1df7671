"""Telegram's HTML: bold linked headline, author · source · time, a release's text in an expandable quotation.

What was looked for stands out: underlined in the headline, which is bold already, and bold below it.
Only tags and entities that the Bot API knows: any other fails the message (core.telegram.org/bots/api, HTML style).
Texts are cut before they are marked up; Telegram counts 4,096 code points after parsing.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import replace

from bot import bidi, text
from bot.filters.marks import Marks
from bot.languages import say
from bot.model import Preview
from bot.ports import Keyboard, Line, Reply, Span, is_row
from bot.story import Story, pieces

LONGEST_MESSAGE = 4096
# Entities beyond the hundredth are dropped without a word (tdlib/td, MessageEntity.cpp).
MOST_ENTITIES = 90


def escape(words: str) -> str:
    """Escape for text and attribute values: `&lt; &gt; &amp; &quot;` are the only named entities Telegram reads."""
    return html.escape(words).replace("&#x27;", "'")


def story(told: Story, *, custom_emoji: bool = False) -> str:
    """Mark up a message about an entry, with the custom emoji of its source or with the plain one."""
    headline = f"<b>{_linked(_marked(told.headline, told.in_headline, 'u'), told.url)}</b>"
    old = f"<s>{escape(told.old_headline)}</s>\n" if told.old_headline else ""
    parts = [f"{old}{headline}\n{_about(told, custom_emoji=custom_emoji)}"]
    if told.lede:
        parts.append(_marked(told.lede, told.in_lede, "b"))
    if told.rest:
        parts.append(f"<blockquote expandable>{_marked(told.rest, told.in_rest, 'b')}</blockquote>")
    if told.quotations:
        said = _marked(told.quotations, told.in_quotations, "b")
        parts.append(f"<blockquote expandable>{said}</blockquote>")
    if told.why:
        # As code, or "@somebody" in a filter would call that person to every message.
        label = escape(say("Why:"))
        parts.append(f"<i>{label}</i> <code>{escape(told.why)}</code>")
    parts += map(_line, told.more)
    return "\n\n".join(parts)


def _about(told: Story, *, custom_emoji: bool) -> str:
    icon = _custom(escape(told.emoji), told.custom_emoji if custom_emoji else "")
    source = " ".join(part for part in (icon, escape(bidi.isolate(told.source))) if part)
    by, *rest = (escape(bidi.isolate(part)) for part in (told.by, told.time, told.updated))
    return " · ".join(part for part in (by, source, *rest) if part)


def _custom(emoji: str, number: str) -> str:
    """Mark up a custom emoji: where it is not shown, the plain one in it is."""
    return f'<tg-emoji emoji-id="{number}">{emoji}</tg-emoji>' if number else emoji


def templated(rows: Reply, *, custom_emoji: bool = False) -> str:
    """Mark up a message that was made by a template, with custom emoji or with plain ones."""
    return "\n".join(_line(line, custom_emoji=custom_emoji) for line in rows)


def plain_story(told: Story) -> str:
    """Write the same without any markup, for when Telegram cannot read ours."""
    return "\n".join(part for part in (told.headline, told.about, told.url) if part)


def preview(url: str, size: Preview) -> dict[str, object]:
    """Say what Telegram shows of a link's page; its size is only heeded where the address is named."""
    return {"url": url, f"prefer_{size}_media": True} if url and size != "none" else {"is_disabled": True}


def keyboard(rows: Keyboard) -> dict[str, object]:
    """Make an inline keyboard of lines of buttons."""
    return {"inline_keyboard": [[_button(span) for span in row] for row in rows]}


def _button(span: Span) -> dict[str, str]:
    action = {"url": span.url} if span.url else {"callback_data": span.press}
    return {"text": span.text, **action}


def plain(reply: Reply) -> str:
    """Write a reply without any markup, for where Telegram reads none."""
    return "\n".join("".join(map(_shown, line)) for line in reply if not is_row(line)).strip()


def addressed(reply: Reply, bot: str) -> Reply:
    """Write commands as they reach the bot for certain, in a group that has others: `/undo@phiwire_bot`."""
    return tuple(tuple(_addressed(span, bot) if span.command else span for span in line) for line in reply)


def _addressed(span: Span, bot: str) -> Span:
    word, space, rest = span.text.partition(" ")
    return replace(span, text=f"{word}@{bot}{space}{rest}")


def replies(reply: Reply) -> Iterator[str]:
    """Mark up a reply without its buttons, in as many messages as its length and its number of entities need."""
    lines: list[Line] = []
    length = entities = 0
    for line in reply:
        if is_row(line):
            continue
        plain = _width(line) + 1
        if plain > LONGEST_MESSAGE:
            line = _narrowed(line)  # noqa: PLW2901 (it is shown so)
            plain = _width(line) + 1
        marks = sum(map(_entities, line))
        if lines and (length + plain > LONGEST_MESSAGE or entities + marks > MOST_ENTITIES):
            yield from _message(lines)
            lines, length, entities = [], 0, 0
        lines.append(line)
        length, entities = length + plain, entities + marks
    yield from _message(lines)


def _width(line: Line) -> int:
    return sum(len(_shown(span)) + 2 * bidi.turns(span.text) for span in line)


def _narrowed(line: Line) -> Line:
    """Cut a line that no message holds."""
    room = LONGEST_MESSAGE // len(line) - 4
    return tuple(replace(span, text=text.shorten(span.text, room)) for span in line)


def _entities(span: Span) -> int:
    styles = span.bold + span.italic + span.underline + span.strike
    return styles + span.code + span.command + span.block + span.quote + bool(span.url)


def _marked(words: str, marks: Marks, tag: str) -> str:
    shown = ((escape(piece), stands_out) for piece, stands_out in pieces(words, marks))
    return "".join(f"<{tag}>{piece}</{tag}>" if stands_out else piece for piece, stands_out in shown)


def _message(lines: list[Line]) -> Iterator[str]:
    """Telegram refuses messages without text, so those are left out."""
    if any(_shown(span).strip() for line in lines for span in line):
        yield "\n".join(map(_line, lines))


def _line(line: Line, *, custom_emoji: bool = False) -> str:
    shown = [_custom(_span(span), span.custom_emoji if custom_emoji else "") for span in line]
    if line and all(span.quote for span in line):
        return f"<blockquote expandable>{''.join(shown)}</blockquote>"
    if len(line) > 1:
        turning = [bidi.turns(span.text) for span in line]
        shown = [f"{bidi.FSI}{each}{bidi.PDI}" if turns else each for each, turns in zip(shown, turning, strict=True)]
    return "".join(shown)


def _shown(span: Span) -> str:
    if span.block or span.quote:
        return span.text
    return bidi.closed(text.shorten(f"/{span.text}" if span.command else span.text, 1000))


def _span(span: Span) -> str:
    shown = _linked(escape(_shown(span)), span.url)
    if span.block:
        return f"<pre>{shown}</pre>"
    if span.code or (span.command and " " in span.text):
        return f"<code>{shown}</code>"
    for tag, wanted in (("u", span.underline), ("s", span.strike), ("i", span.italic), ("b", span.bold)):
        shown = f"<{tag}>{shown}</{tag}>" if wanted else shown
    return shown


def _linked(marked_up: str, url: str) -> str:
    return f'<a href="{escape(url)}">{marked_up}</a>' if url else marked_up
