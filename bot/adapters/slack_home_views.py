"""Slack's home tab as views: what is shown of somebody's channels, in pages, with buttons.

Limits: docs.slack.dev/surfaces/app-home and block-kit: 100 blocks, 3,000 characters a text, 250 kB a view. Texts from
outside stand in rich text and plain text, which Slack does not read for markup.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot import bidi, text
from bot.adapters import slack_markup
from bot.languages import say
from bot.overview_ports import Managed, Overview
from bot.ports import Line, Reply, Span, is_row
from bot.sentences import say_line

Block = dict[str, Any]
View = dict[str, Any]
Where = Literal["card", "panel", "turn", "back", "link"]

# Channels on a page: three blocks each, and room for all else below 100.
A_PAGE = 10
# Lines in a block and in a text, and its bytes as it is written for Slack: what is more is cut.
A_BLOCK, MOST_LINES, MOST_BYTES = 15, 150, 24_000
LONGEST_LABEL = 75
# Characters of a part of a line, in a text and on a channel's card, and of an address that becomes a link.
LONGEST_LINE, LONGEST_OF_CARD, LONGEST_URL = 1000, 300, 1000
ACTION = re.compile("^home_(card|panel|turn|back|link)_[0-9]+$")
# Slack shows such an id as the channel's name to those who may know it, and to nobody else.
_LINKABLE = re.compile("[CG][A-Z0-9]{2,20}")
_BOLD = {"bold": True}
_NOT_INVITED = frozenset({"not_in_channel", "channel_not_found"})


@dataclass(frozen=True, slots=True)
class Here:
    """Which page somebody looks at, counted from 0, in which language, and their own conversation's id."""

    direct: str = ""
    page: int = 0
    language: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """What a pressed button says: from where, of which conversation by its id, and what it asks for."""

    where: Where
    conversation: str = ""
    press: str = ""
    page: int = 0


def conversation(address: str) -> str:
    """Read the id of a conversation from a channel's address, before which its workspace's may stand."""
    return address.rpartition("/")[2]


def read_here(metadata: str) -> Here:
    """Read where somebody was when they pressed a button."""
    with contextlib.suppress(ValueError, TypeError, AttributeError, OverflowError):
        said = json.loads(metadata)
        return Here(str(said.get("direct", "")), max(int(said.get("page", 0)), 0), str(said.get("language", "")))
    return Here()


def read_button(action_id: str, value: str) -> Button | None:
    """Read what was pressed; None where no version that is known has made it."""
    form = ACTION.fullmatch(action_id)
    match None if form is None else form[1]:
        case "card" | "panel" as where:
            where_to, _, press = value.partition(" ")
            return Button("card" if where == "card" else "panel", where_to, press)
        case "turn":
            return Button("turn", page=int(value)) if value.isdecimal() and len(value) <= len("9999") else None
        case "back":
            return Button("back")
        case "link":
            return Button("link")
        case _:
            return None


def home(overview: Overview, here: Here, done: Reply = ()) -> View:
    """Show somebody's channels; `done` is what their last press did."""
    number = itertools.count()
    last = max((len(overview.channels) - 1) // A_PAGE, 0)
    here = replace(here, page=min(here.page, last), language=overview.language)
    shown = overview.channels[here.page * A_PAGE : (here.page + 1) * A_PAGE]
    blocks = [*_texts(overview.about), *_said(done)]
    if shown:
        blocks.append(_header(say("Your channels")))
        for each in shown:
            blocks += [*_card(each, _name(each), number), {"type": "divider"}]
        if last:
            blocks.append(_turns(here.page, last, number))
    if overview.direct is not None or overview.offered:
        blocks.append(_header(say("Get news here, too")))
    if overview.direct is not None:
        blocks += _card(overview.direct, {"type": "text", "text": say("In messages to you"), "style": _BOLD}, number)
    blocks += _rows(overview.offered, "card", here.direct, number)
    if overview.operators:
        blocks += [_header("For operators"), *_texts(overview.operators)]
    if overview.help:
        blocks += [{"type": "divider"}, *_texts((overview.help,))]
    return _view(blocks, here)


def panel(reply: Reply, of: str, here: Here, done: Reply = ()) -> View:
    """Show the settings or the filters of a conversation in place of the channels, with a way back to these."""
    number = itertools.count()
    name: Block = {"type": "channel", "channel_id": of}
    named = [_named(name)] if _LINKABLE.fullmatch(of) else []
    rows = [line for line in reply if is_row(line)]
    texts = tuple(line for line in reply if not is_row(line))
    back = _actions([_button(say("‹ All channels"), "back", "-", number)])
    return _view([*named, *_said(done), *_texts(texts), *_rows(rows, "panel", of, number), back], here)


def _view(blocks: Sequence[Block], here: Here) -> View:
    metadata = json.dumps({"direct": here.direct, "page": here.page, "language": here.language})
    return {"type": "home", "private_metadata": metadata, "blocks": list(blocks)}


def _header(words: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": words, "emoji": False}}


def _texts(reply: Reply) -> Iterator[Block]:
    lines = list(_fitting(reply))
    for at in range(0, len(lines), A_BLOCK):
        yield slack_markup.rich(tuple(lines[at : at + A_BLOCK]))


def _fitting(reply: Reply) -> Iterator[Line]:
    """Leave out what has nothing to read, and the lines for which there is no room."""
    left = MOST_BYTES
    for each in reply[:MOST_LINES]:
        line = _short(each, LONGEST_LINE)
        left -= sum(len(json.dumps(span.text)) + len(span.url) for span in line)
        if line and left >= 0:
            yield line


def _short(line: Line, most: int) -> Line:
    return tuple(
        replace(span, text=text.shorten(span.text, most), url=span.url if len(span.url) <= LONGEST_URL else "")
        for span in line
        if span.text
    )


def _said(done: Reply) -> Iterator[Block]:
    yield from _texts(tuple(line for line in done if not is_row(line)))


def _name(managed: Managed) -> Block:
    of = conversation(managed.channel.address)
    if _LINKABLE.fullmatch(of):
        return {"type": "channel", "channel_id": of, "style": _BOLD}
    title = bidi.closed(text.shorten(managed.channel.title, LONGEST_LABEL)) or say("A channel without a name")
    return {"type": "text", "text": title, "style": _BOLD}


def _named(name: Block, lines: Reply = ()) -> Block:
    elements = [name]
    if lines:
        elements += [{"type": "text", "text": "\n"}, *slack_markup.rich(lines)["elements"][0]["elements"]]
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def _card(managed: Managed, name: Block, number: Iterator[int]) -> Iterator[Block]:
    lines = (*((_trouble(managed.trouble),) if managed.trouble else ()), *managed.lines)
    yield _named(name, tuple(_short(line, LONGEST_OF_CARD) for line in lines))
    yield from _rows((managed.buttons,), "card", conversation(managed.channel.address), number)


def _trouble(reason: str) -> Line:
    if reason in _NOT_INVITED:
        return say_line("⚠ I am not in this channel. Type {invite} there.", invite=Span("/invite @PhiWire", code=True))
    if reason == "is_archived":
        return say_line("⚠ This channel is archived: messages wait until it is opened again.")
    return say_line(
        "⚠ Messages cannot be posted there: {reason}. Invite me, or let me post.",
        reason=Span(text.shorten(reason, LONGEST_LABEL), code=True),
    )


def _turns(page: int, last: int, number: Iterator[int]) -> Block:
    def to(label: str, other: int) -> Block:
        return _button(label, "turn", str(other), number)

    before = [to("‹", page - 1)] if page else []
    after = [to("›", page + 1)] if page < last else []
    return _actions([*before, to(f"{page + 1}/{last + 1}", page), *after])


def _rows(rows: Sequence[Line], where: Where, of: str, number: Iterator[int]) -> Iterator[Block]:
    for row in rows:
        if row:
            yield _actions([_pressed(span, where, of, number) for span in row])


def _pressed(span: Span, where: Where, of: str, number: Iterator[int]) -> Block:
    if span.url:
        return _button(span.text, "link", "-", number) | {"url": span.url}
    return _button(span.text, where, f"{of} {span.press}", number)


def _button(label: str, where: Where, value: str, number: Iterator[int]) -> Block:
    shown = {"type": "plain_text", "text": text.shorten(label, LONGEST_LABEL), "emoji": False}
    return {"type": "button", "action_id": f"home_{where}_{next(number)}", "text": shown, "value": value}


def _actions(elements: Sequence[Block]) -> Block:
    return {"type": "actions", "elements": list(elements)}
