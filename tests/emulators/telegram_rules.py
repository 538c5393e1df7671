"""What Telegram accepts: HTML, lengths, buttons, and parameters as the official description has them."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tdjson

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXT_LIMIT = 4096
ENTITY_LIMIT = 100
CALLBACK_DATA_LIMIT = 64
TEXTS = {
    "text",
    "parse_mode",
    "callback_query_id",
    "description",
    "short_description",
    "language_code",
    "url",
    "action",
}
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
    "textEntityTypeBotCommand": "bot_command",
    "textEntityTypeMention": "mention",
    "textEntityTypeHashtag": "hashtag",
    "textEntityTypeCashtag": "cashtag",
    "textEntityTypeUrl": "url",
    "textEntityTypeEmailAddress": "email",
    "textEntityTypePhoneNumber": "phone_number",
}
# The workspace of this project keeps the official description beside the repository; elsewhere the check is skipped.
SPECIFICATION = Path(__file__).parents[2].parent / "shared" / "specs" / "telegram-bot-api.json"


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
            extra = {key: entity["type"][key] for key in ("url", "language") if key in entity["type"]}
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


def check_markup(markup: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the buttons of a message."""
    wrong = []
    for button in (button for row in markup.get("inline_keyboard", []) for button in row):
        actions = button.keys() - {"text", "style", "icon_custom_emoji_id"}
        size = len(str(button["callback_data"]).encode()) if "callback_data" in button else 1
        if not 1 <= size <= CALLBACK_DATA_LIMIT:
            wrong.append("BUTTON_DATA_INVALID")
        if len(actions) != 1:
            wrong.append(f"inline keyboard button needs one action, not {sorted(actions)}")
        if not button.get("text"):
            wrong.append("inline keyboard button text is empty")
    return wrong


@functools.cache
def _specification() -> dict[str, Any]:
    known: dict[str, Any] = {"methods": {}, "types": {}}
    if SPECIFICATION.is_file():
        known = json.loads(SPECIFICATION.read_text("utf-8"))
    return known


def check_parameters(method: str, params: Mapping[str, Any]) -> list[str]:
    """Return how the parameters differ from the official description; nothing where there is none at hand."""
    described = _specification()["methods"].get(method)
    return _check_fields(method, described.get("fields", []), params) if described else []


def _check_fields(where: str, fields: list[dict[str, Any]], values: Mapping[str, Any]) -> list[str]:
    names = {field["name"] for field in fields}
    wrong = [f"{where}: parameter {name} is not described" for name in values if name not in names]
    for field in fields:
        name = field["name"]
        if name not in values:
            wrong += [f"{where}: parameter {name} is required"] if field["required"] else []
            continue
        tried = [_check_value(f"{where}.{name}", kind, values[name]) for kind in field["types"]]
        wrong += [] if [] in tried else tried[0]
    return wrong


def _check_value(where: str, kind: str, value: Any) -> list[str]:
    if kind.startswith("Array of "):
        if not isinstance(value, list):
            return [f"{where}: not an array"]
        inner = kind.removeprefix("Array of ")
        return [problem for item in value for problem in _check_value(where, inner, item)]
    if kind in ("Integer", "Float", "String", "Boolean"):
        right = {
            "Integer": isinstance(value, int) and not isinstance(value, bool),
            "Float": isinstance(value, int | float) and not isinstance(value, bool),
            "String": isinstance(value, str),
            "Boolean": isinstance(value, bool),
        }[kind]
        return [] if right else [f"{where}: {value!r} is not {kind}"]
    if not isinstance(value, dict):
        return [f"{where}: not a JSON object"] if kind != "InputFile" else []
    described = _specification()["types"].get(kind, {})
    if "subtypes" in described:
        tried = [_check_value(where, subtype, value) for subtype in described["subtypes"]]
        return [] if [] in tried else tried[0]
    return _check_fields(where, described.get("fields", []), value)


def decode(method: str, name: str, value: Any) -> Any:
    """Turn a form value into what its JSON would be; a value that is not what it should be stays text."""
    fields = _specification()["methods"].get(method, {}).get("fields", [])
    kinds = next((field["types"] for field in fields if field["name"] == name), None)
    if not isinstance(value, str) or kinds == ["String"] or (kinds is None and name in TEXTS):
        return value
    try:
        decoded = json.loads(value)
    except ValueError:
        return value
    return value if isinstance(decoded, str) else decoded
