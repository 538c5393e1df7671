"""What Slack accepts: blocks, lengths, links, and text that alerts nobody by accident."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BLOCKS_LIMIT = 50
VIEW_BLOCKS_LIMIT = 100
TEXT_OBJECT_LIMIT = 3000
TEXT_LIMIT = 40_000
TOTAL_LIMIT = 13_200
URL_LIMIT = 3000
ELEMENTS = {"context": 10, "actions": 25}
BLOCK_TYPES = {"section", "divider", "image", "actions", "context", "input", "header", "markdown", "rich_text"}
# Rich text whose elements stand side by side.
INLINE = {"rich_text_section", "rich_text_quote", "rich_text_preformatted"}
# Parts of rich text that Slack writes for each reader: the name of a channel, a time in their zone.
SHOWN_BY_SLACK = {"channel", "date"}
ALERT = re.compile(r"<!(channel|here|everyone|subteam)\b", re.IGNORECASE)
# What may stand in angle brackets: mentions, channels, dates, links with or without a label.
TOKEN = re.compile(
    r"<(?:@[UW][A-Z0-9]+(?:\|[^<>]*)?|#C[A-Z0-9]+(?:\|[^<>]*)?|!date\^\d+\^[^<>|]+\|[^<>]+"
    r"|(?:https?://|mailto:|tel:)[^<>|\s]+(?:\|[^<>|]+)?)>"
)
BARE_AMPERSAND = re.compile(r"&(?!amp;|lt;|gt;)")
URL = re.compile(r"https?://[^\s]+")
MALFORMED = (SlackObjectFormationError, TypeError, ValueError, AttributeError, KeyError)


def check_message(params: Mapping[str, Any], *, unfurls: bool = False) -> tuple[str, list[str]]:
    """Return Slack's error code, empty if all is well, and what is wrong with a message.

    `unfurls` demands that both kinds of unfurling are decided on, which Slack leaves to a default.
    """
    if params.get("delete_original"):
        return "", []
    text, blocks = params.get("text"), params.get("blocks") or []
    wrong = check_blocks(blocks, BLOCKS_LIMIT)
    code = "invalid_blocks" if wrong else ""
    if not isinstance(text, str) or not text.strip():
        wrong.append("text is empty: notifications and screen readers show it")
        code = code or ("invalid_blocks" if blocks else "no_text")
    else:
        problems = check_mrkdwn(text)
        wrong += problems
        code = code or ("invalid_blocks" if problems else "")
        if len(text) > TEXT_LIMIT:
            wrong.append(f"text of {len(text)} characters, more than {TEXT_LIMIT}")
            code = "msg_too_long"
    total = sum(len(part["text"]) for part in _texts(blocks))
    if total > TOTAL_LIMIT:
        wrong.append(f"{total} characters in blocks, more than {TOTAL_LIMIT}")
        code = "msg_blocks_too_long"
    undecided = [name for name in ("unfurl_links", "unfurl_media") if unfurls and params.get(name) is None]
    undecided += [f"{name} would alert people" for name in ("link_names", "parse") if params.get(name)]
    if undecided:
        wrong += [f"{name} has to be given explicitly" if " " not in name else name for name in undecided]
        code = code or "invalid_arguments"
    return code, wrong


def check_blocks(blocks: Any, limit: int) -> list[str]:
    """Return what is wrong with blocks, by the SDK's own models and what these leave out."""
    if not isinstance(blocks, list):
        return ["blocks are not an array"]
    wrong = [f"{len(blocks)} blocks, more than {limit}"] if len(blocks) > limit else []
    ids = [block["block_id"] for block in blocks if isinstance(block, dict) and block.get("block_id")]
    if len(ids) != len(set(ids)):
        wrong.append("two blocks have the same block_id")
    for block in blocks:
        kind = block.get("type") if isinstance(block, dict) else None
        if kind not in BLOCK_TYPES:
            wrong.append(f"block type {kind!r} is unknown to the emulator")
            continue
        elements = len(block.get("elements") or ())
        if kind in ELEMENTS and not 1 <= elements <= ELEMENTS[kind]:
            wrong.append(f"{kind}: {elements} elements, not 1 to {ELEMENTS[kind]}")
        try:
            parsed = Block.parse(block)
            assert parsed is not None
            parsed.to_dict()
        except MALFORMED as error:
            wrong.append(f"{kind}: {error}")
        wrong += [f"{kind}: {problem}" for problem in _check_parts(block)]
    return wrong


def check_view(view: Any) -> list[str]:
    """Return what is wrong with a modal or a home tab."""
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        return ["a view is a modal or a home"]
    wrong = check_blocks(view.get("blocks"), VIEW_BLOCKS_LIMIT)
    if view["type"] == "modal" and not view.get("title"):
        wrong.append("a modal needs a title")
    try:
        View(**view).to_dict()
    except MALFORMED as error:
        wrong.append(f"view: {error}")
    return wrong


def check_mrkdwn(text: str) -> list[str]:
    """Return what would alert a channel or stand unescaped in mrkdwn."""
    wrong = [f"{match[0]}> alerts everybody" for match in ALERT.finditer(text)]
    rest = TOKEN.sub("", text)
    lines = [line.lstrip(">") for line in rest.split("\n")]
    if any("<" in line or ">" in line for line in lines):
        wrong.append(f"angle brackets stand unescaped in {text!r}")
    if BARE_AMPERSAND.search(rest):
        wrong.append(f"an ampersand stands unescaped in {text!r}")
    return wrong


def readable(blocks: Any) -> list[str]:
    """Return the texts of blocks as people read them: links by their labels, nothing escaped, a line in one piece."""
    if isinstance(blocks, list):
        return [text for each in blocks for text in readable(each)]
    if not isinstance(blocks, dict):
        return []
    if blocks.get("type") in INLINE:
        return ["".join(readable(blocks.get("elements")))]
    if blocks.get("type") in SHOWN_BY_SLACK:
        return [f"#{blocks['channel_id']}" if blocks["type"] == "channel" else str(blocks["fallback"])]
    text = blocks.get("text")
    if not isinstance(text, str):
        return [text for each in blocks.values() for text in readable(each)]
    if blocks.get("type") in ("mrkdwn", "markdown"):
        text = unescape(TOKEN.sub(lambda match: match[0].strip("<>").rpartition("|")[2], text))
    return [text]


def _walk(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner)


def _texts(blocks: Any) -> Iterator[dict[str, Any]]:
    return (part for part in _walk(blocks) if isinstance(part.get("text"), str))


def _check_parts(block: Any) -> Iterator[str]:
    for part in _texts(block):
        kind, size = part.get("type"), len(part["text"])
        if kind in ("mrkdwn", "plain_text") and not 1 <= size <= TEXT_OBJECT_LIMIT:
            yield f"a text object of {size} characters, not 1 to {TEXT_OBJECT_LIMIT}"
        if kind in ("text", "link") and not size:
            yield f"an element of rich text of type {kind!r} has nothing to read"
        if kind in ("mrkdwn", "markdown"):
            yield from check_mrkdwn(part["text"])
    for part in _walk(block):
        text = part.get("text")
        if isinstance(text, dict) and text.get("type") not in ("mrkdwn", "plain_text"):
            yield f"text type {text.get('type')!r} is neither mrkdwn nor plain_text"
        for name in ("image_url", "thumbnail_url", "url", "title_url"):
            address = part.get(name)
            if address is not None and not (URL.fullmatch(str(address)) and len(str(address)) <= URL_LIMIT):
                yield f"{name} {address!r} is not an http address"
        if part.get("type") == "image" and not part.get("alt_text"):
            yield "an image needs alt_text"
