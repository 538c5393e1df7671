"""What Telegram makes of a text: markup parsed by its own parser, and the entities that it finds in plain text."""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING, Any

import tdjson

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXT_LIMIT = 4096
ENTITY_LIMIT = 100
# Telegram turns the first into spaces and takes the second, which turn the direction of what follows, out.
UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f]|[\u202a-\u202e]")
PARSE_MODES: dict[str, dict[str, Any]] = {
    "html": {"@type": "textParseModeHTML"},
    "markdown": {"@type": "textParseModeMarkdown", "version": 1},
    "markdownv2": {"@type": "textParseModeMarkdown", "version": 2},
}
ENTITY_TYPES = {
    "textEntityTypeBold": "bold",
    "textEntityTypeItalic": "italic",
    "textEntityTypeUnderline": "underline",
    "textEntityTypeStrikethrough": "strikethrough",
    "textEntityTypeSpoiler": "spoiler",
    "textEntityTypeCode": "code",
    "textEntityTypePre": "pre",
    "textEntityTypePreCode": "pre",
    "textEntityTypeTextUrl": "text_link",
    "textEntityTypeBlockQuote": "blockquote",
    "textEntityTypeExpandableBlockQuote": "expandable_blockquote",
    "textEntityTypeCustomEmoji": "custom_emoji",
    "textEntityTypeBotCommand": "bot_command",
    "textEntityTypeMention": "mention",
    "textEntityTypeHashtag": "hashtag",
    "textEntityTypeCashtag": "cashtag",
    "textEntityTypeUrl": "url",
    "textEntityTypeEmailAddress": "email",
    "textEntityTypePhoneNumber": "phone_number",
}


class ParseError(ValueError):
    """Telegram cannot parse the markup; the message is its own."""


@functools.cache
def _silence() -> None:
    tdjson.td_execute(b'{"@type":"setLogVerbosityLevel","new_verbosity_level":0}')


def _execute(request: Mapping[str, Any]) -> dict[str, Any]:
    _silence()
    answer: dict[str, Any] = json.loads(tdjson.td_execute(json.dumps(request).encode()) or b"{}")
    return answer


def _entities(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    converted = []
    for entity in found:
        kind = entity["type"]["@type"]
        if kind in ENTITY_TYPES:
            extra = {
                key: entity["type"][key] for key in ("url", "language", "custom_emoji_id") if key in entity["type"]
            }
            place = {"offset": entity["offset"], "length": entity["length"]}
            converted.append({"type": ENTITY_TYPES[kind], **place, **extra})
    return converted


def parse_text(text: str, mode: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the plain text and the Bot API entities of marked-up text.

    Raises:
        ParseError: Telegram would refuse it.

    """
    answer = _execute({"@type": "parseTextEntities", "text": text, "parse_mode": PARSE_MODES[mode.casefold()]})
    if answer["@type"] == "error":
        message = str(answer["message"])
        raise ParseError(message[:1].lower() + message[1:])
    return str(answer["text"]), _entities(answer["entities"])


def parse_html(text: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the plain text and the Bot API entities of HTML, by Telegram's own parser.

    Raises:
        ParseError: Telegram would refuse it.

    """
    return parse_text(text, "HTML")


def find_entities(text: str) -> list[dict[str, Any]]:
    """Return what Telegram itself finds in plain text: commands, mentions, links."""
    return _entities(_execute({"@type": "getTextEntities", "text": text})["entities"])


def check_text(text: str, entities: list[dict[str, Any]]) -> str:
    """Say what Telegram would make of a text without a word: characters that it takes out, entities beyond the end."""
    if found := UNREADABLE.search(text):
        return f"text holds control characters, such as {found[0]!a}"
    length = len(text.encode("utf-16-le")) // 2
    beyond = [entity for entity in entities if entity["offset"] < 0 or entity["offset"] + entity["length"] > length]
    return f"entity beyond the text: {beyond[0]}" if beyond else ""
