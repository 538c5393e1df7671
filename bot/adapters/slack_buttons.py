"""Slack's buttons: rows of them below an answer, and a menu below a message that everybody reads.

Limits: docs.slack.dev/reference/block-kit (25 elements a row, 5 options a menu, 75 characters on either).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bot import text
from bot.adapters import slack_markup
from bot.adapters.slack_markup import COMMAND, Block
from bot.ports import Keyboard, Line, Reply, Span, is_row

# Names what is pressed; others' elements begin otherwise.
PRESS = "press"
LONGEST_LABEL = 75
MOST_BUTTONS, MOST_OPTIONS = 25, 5
# What a button opens, where Slack itself does that.
LONGEST_ADDRESS = 2000
# Of blocks as they are written, menu and all (see slack_markup.LONGEST_BLOCKS).
LONGEST = 12_800
_OF = "of:"


def answer(reply: Reply, command: str = COMMAND, of: str = "") -> dict[str, Any]:
    """Lay out an answer: its text, and where it has buttons, blocks. These are `of` a message, where one is named."""
    words = slack_markup.reply(reply, command)
    rows = [row for line in reply if is_row(line) and (row := _pressable(line))]
    if not rows:
        return {"text": words}
    laid_out = [*_sections(reply, command), *_rows(rows, of)]
    return {"text": words or "…", **({"blocks": laid_out} if _length(laid_out) <= LONGEST else {})}


def with_menu(laid_out: list[Block], rows: Keyboard) -> list[Block]:
    """Put a menu of buttons below a message, where there is room: without what opens addresses, if these are long."""
    spans = [span for line in rows for span in _pressable(line)]
    for offered in (spans, [span for span in spans if not span.url]):
        whole = [*laid_out, *_menu(offered)]
        if _length(whole) <= LONGEST:
            return whole
    return laid_out


def meant(block_id: str) -> str:
    """Read which message a row of buttons is of; empty where it is of its own."""
    return block_id[len(_OF) :].partition(":")[0] if block_id.startswith(_OF) else ""


def _pressable(line: Line) -> Line:
    return tuple(span for span in line if span.press and len(span.url) <= LONGEST_ADDRESS)[:MOST_BUTTONS]


def _menu(spans: list[Span]) -> list[Block]:
    if not spans:
        return []
    if len(spans) == 1:
        return _rows([tuple(spans)], "")
    options = [
        {"text": _label(span), "value": span.press} | ({"url": span.url} if span.url else {})
        for span in spans[:MOST_OPTIONS]
    ]
    return [{"type": "actions", "elements": [{"type": "overflow", "action_id": PRESS, "options": options}]}]


def _rows(rows: list[Line], of: str) -> list[Block]:
    return [
        {"type": "actions", "elements": [_button(span, f"{PRESS}:{row}:{place}") for place, span in enumerate(line)]}
        | ({"block_id": f"{_OF}{of}:{row}"} if of else {})
        for row, line in enumerate(rows)
    ]


def _button(span: Span, name: str) -> Block:
    element = {"type": "button", "text": _label(span), "action_id": name, "value": span.press}
    return element | ({"url": span.url} if span.url else {})


def _label(span: Span) -> Block:
    return {"type": "plain_text", "text": text.shorten(span.text, LONGEST_LABEL), "emoji": False}


def _sections(reply: Reply, command: str) -> Iterator[Block]:
    """Cut a reply into texts that are short enough, where lines end; a line that is not is shown without markup."""
    shown = ""
    for line in reply:
        if is_row(line):
            continue
        marked = slack_markup.reply((line,), command)
        if len(shown) + len(marked) + 1 > slack_markup.LONGEST_TEXT:
            yield from _section(shown)
            shown = ""
        if len(marked) > slack_markup.LONGEST_TEXT:
            plain = text.shorten("".join(span.text for span in line), slack_markup.LONGEST_TEXT)
            yield {"type": "section", "text": {"type": "plain_text", "text": plain, "emoji": False}, "expand": True}
            continue
        shown = f"{shown}\n{marked}" if shown else marked
    yield from _section(shown)


def _section(shown: str) -> Iterator[Block]:
    if shown.strip():
        yield {"type": "section", "text": {"type": "mrkdwn", "text": shown}, "expand": True}


def _length(laid_out: list[Block]) -> int:
    return len(json.dumps(laid_out, ensure_ascii=False))
