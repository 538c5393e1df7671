"""Slack's blocks: bold linked headline, a context line with the source's icon, a release's text as a quotation.

Texts from outside stand in rich text and plain text elements only, which Slack does not read for markup: no headline
can ping a channel or break a link. Limits: docs.slack.dev/reference/block-kit (50 blocks, 3,000 characters a text).
What was looked for stands out: italic in the headline, which is bold already, and bold below it.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from bot import bidi, text
from bot.filters.marks import Marks
from bot.languages import say
from bot.ports import Line, Reply, Span, is_row
from bot.story import Story, pieces

COMMAND = "/phiwire"
LONGEST_TEXT = 3000
# A reply's text as a whole; Slack cuts at 40,000 and people stop reading long before.
LONGEST_REPLY = 12_000
# Slack refuses a message whose blocks, as written for it, are longer than 13,200 characters or so; the limit is not
# documented (slackapi/bolt-js#2509).
LONGEST_BLOCKS = 12_000
# Slack refuses a message with a link to anything else.
_LINKED = re.compile(r"https?://[^\s<>|\"]{1,2900}")
_DATE = "{date_short_pretty} {time}"
Block = dict[str, Any]


def escape(words: str) -> str:
    """Escape the three characters that mean something in mrkdwn (docs.slack.dev, formatting message text)."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def address(url: str) -> str:
    """Make an address safe between < and >."""
    return url.replace("|", "%7C").replace(">", "%3E").replace("<", "%3C").replace(" ", "%20")


def blocks(told: Story, *, icon: bool = True) -> list[Block]:
    """Lay out a message about an entry, with the source's icon or without; nothing stands out where it is too long."""
    laid_out = _laid_out(told, icon=icon)
    if len(json.dumps(laid_out, ensure_ascii=False)) <= LONGEST_BLOCKS:
        return laid_out
    # Each marked word costs an element, in the headline with the whole address.
    return _laid_out(replace(told, in_headline=(), in_lede=(), in_rest=(), in_quotations=()), icon=icon)


def _laid_out(told: Story, *, icon: bool) -> list[Block]:
    laid_out = [_rich(_section(_headline(told))), _context(told.about, told.icon if icon else "", told.source)]
    if told.lede:
        laid_out.append(_rich(_section(_texts(told.lede, told.in_lede))))
    if told.rest:
        laid_out.append(_rich({"type": "rich_text_quote", "elements": _texts(told.rest, told.in_rest)}))
    if told.quotations:
        laid_out.append(_rich({"type": "rich_text_quote", "elements": _texts(told.quotations, told.in_quotations)}))
    if told.why:
        laid_out.append(_context(say("Why: {filters}", filters=told.why)))
    laid_out += [_rich(_section(list(map(_plainly, line)))) for line in told.more]
    return laid_out


def templated(rows: Reply) -> list[Block]:
    """Lay out a message that was made by a template; without its quotations where it is too long."""
    laid_out = _templated(rows)
    if len(json.dumps(laid_out, ensure_ascii=False)) <= LONGEST_BLOCKS:
        return laid_out
    return _templated(tuple(line for line in rows if not any(span.quote for span in line)))


def rich(rows: Reply) -> Block:
    """Lay out lines as rich text, in which nothing is read for markup."""
    return _templated(rows)[0]


def _templated(rows: Reply) -> list[Block]:
    elements: list[Block] = []
    lines: list[Block] = []
    for line in rows:
        if line and all(span.quote for span in line):
            if lines:
                elements.append(_section(lines))
            elements.append({"type": "rich_text_quote", "elements": list(map(_plainly, line))})
            lines = []
            continue
        newline = [{"type": "text", "text": "\n"}] if lines else []
        apart = [replace(span, text=bidi.isolate(span.text)) if len(line) > 1 else span for span in _linked_once(line)]
        lines += [*newline, *map(_plainly, apart)]
    if lines:
        elements.append(_section(lines))
    return [{"type": "rich_text", "elements": elements}]


def _linked_once(line: Line) -> list[Span]:
    """Make one link of several to the same place: Slack underlines nothing in them."""
    spans: list[Span] = []
    for span in line:
        if spans and span.url and spans[-1].url == span.url:
            spans[-1] = replace(spans[-1], text=spans[-1].text + span.text)
        else:
            spans.append(span)
    return spans


def notification(told: Story) -> str:
    """Write what a notification and a screen reader say."""
    before = f"{bidi.isolate(told.by)}: " if told.by else ""
    return escape(f"{before}{bidi.isolate(told.headline)} ({bidi.isolate(told.source)})")


def plain_story(told: Story) -> str:
    """Write the whole message as short plain text, for when Slack refuses the blocks."""
    link = f"\n<{address(told.url)}>" if told.url else ""
    return f"{notification(told)}{link}"


def reply(reply: Reply, command: str = COMMAND) -> str:
    """Mark up a reply in mrkdwn; what is too long for Slack is cut at a line."""
    lines: list[str] = []
    length = 0
    for line in reply:
        if is_row(line):
            continue
        shown = _line(line, command)
        length += len(shown) + 1
        if length > LONGEST_REPLY:
            lines.append("…")
            break
        lines.append(shown)
    return "\n".join(lines)


def _headline(told: Story) -> list[Block]:
    """Make one link of the headline, or several to the same place, for an element has one style."""
    element: Block = {"type": "link", "url": told.url} if told.url else {"type": "text"}
    old = {"type": "text", "text": f"{told.old_headline}\n", "style": {"strike": True}}
    return [
        *([old] if told.old_headline else []),
        *(
            element | {"text": piece, "style": {"bold": True, "italic": True} if stands_out else {"bold": True}}
            for piece, stands_out in pieces(told.headline, told.in_headline)
        ),
    ]


def _texts(words: str, marks: Marks) -> list[Block]:
    return [
        {"type": "text", "text": piece} | ({"style": {"bold": True}} if stands_out else {})
        for piece, stands_out in pieces(words, marks)
    ]


def _plainly(span: Span) -> Block:
    if span.command:
        return {"type": "text", "text": f"{COMMAND} {span.text}", "style": {"code": True}}
    styles = {"bold": span.bold, "italic": span.italic, "strike": span.strike, "code": span.code}
    wanted = {name: True for name, is_wanted in styles.items() if is_wanted}
    if span.at is not None:
        return {"type": "date", "timestamp": int(span.at.timestamp()), "format": _DATE, "fallback": span.text}
    element: Block = {"type": "link", "url": span.url} if _LINKED.fullmatch(span.url) else {"type": "text"}
    return element | {"text": span.text} | ({"style": wanted} if wanted else {})


def _section(elements: list[Block]) -> Block:
    return {"type": "rich_text_section", "elements": elements}


def _rich(element: Block) -> Block:
    return {"type": "rich_text", "elements": [element]}


def _context(words: str, icon: str = "", source: str = "") -> Block:
    elements: list[Block] = []
    if icon:
        elements.append({"type": "image", "image_url": icon, "alt_text": source or say("source icon")})
    elements.append({"type": "plain_text", "text": text.shorten(words, LONGEST_TEXT), "emoji": False})
    return {"type": "context", "elements": elements}


def _line(line: Line, command: str) -> str:
    if len(line) == 1:
        return _span(line[0], command)
    # Inside the marks: Slack reads them only beside white space.
    return "".join(_span(replace(span, text=bidi.isolate(span.text)), command) for span in line)


def _span(span: Span, command: str) -> str:
    if span.url:
        # A bar or a bracket in a label would end it; inside bold marks a star would too.
        label = escape(span.text.replace("|", "¦").replace("*", "∗"))
        shown = f"<{address(span.url)}|{label}>"
        return f"*{shown}*" if span.bold else shown
    if span.command:
        return f"`{command} {escape(span.text)}`"
    shown = escape(span.text)
    if span.quote:
        return "\n".join(f"> {each}" for each in shown.split("\n"))
    if span.block:
        return f"```\n{shown.replace('`', 'ˋ')}\n```"
    if span.code:
        return f"`{shown.replace('`', 'ˋ')}`" if shown.strip() else shown
    return f"*{shown.replace('*', '∗')}*" if span.bold else shown
