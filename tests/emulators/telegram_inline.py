"""What Telegram accepts as the answer to an inline query, beside the names and types of its description."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.emulators import telegram_rules as rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# core.telegram.org/bots/api: InlineQuery, answerInlineQuery, InlineQueryResultArticle, InlineQueryResultsButton.
QUERY_LIMIT = 256
RESULT_LIMIT = 50
ID_LIMIT = OFFSET_LIMIT = 64
START_PARAMETER = re.compile("[A-Za-z0-9_-]{1,64}")


def check_answer(params: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with an answer, in Telegram's words where they are known."""
    return [*_wrong(params)]


def pasted(result: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """Return the text and the entities of the message that a result becomes.

    Raises:
        ParseError: Telegram would refuse it.

    """
    content = result["input_message_content"]
    if "parse_mode" not in content:
        return content["message_text"], []
    return rules.parse_text(content["message_text"], content["parse_mode"])


def _wrong(params: Mapping[str, Any]) -> Iterator[str]:
    results = params["results"]
    if len(results) > RESULT_LIMIT:
        yield "RESULTS_TOO_MUCH"
    if len({result["id"] for result in results}) < len(results):
        yield "RESULT_ID_DUPLICATE"
    if len(params.get("next_offset", "").encode()) > OFFSET_LIMIT:
        yield "NEXT_OFFSET_INVALID"
    if (button := params.get("button")) is not None:
        if not button.get("text", "").strip():
            yield "SWITCH_PM_TEXT_EMPTY"
        if len(button.keys() & {"web_app", "start_parameter"}) != 1:
            yield "inline query results button must have exactly one of the optional fields"
        if not START_PARAMETER.fullmatch(button.get("start_parameter", "x")):
            yield "START_PARAM_INVALID"
    for result in results:
        yield from _wrong_with(result)


def _wrong_with(result: Mapping[str, Any]) -> Iterator[str]:
    if not 1 <= len(result["id"].encode()) <= ID_LIMIT:
        yield "RESULT_ID_INVALID"
    if result["type"] != "article":
        yield "only articles are known to the emulator"
    if not result["title"].strip():
        yield "ARTICLE_TITLE_EMPTY"
    try:
        text, entities = pasted(result)
    except rules.ParseError as error:
        yield str(error)
        return
    if not text.strip():
        yield "message text is empty"
    if len(text) > rules.TEXT_LIMIT:
        yield "MESSAGE_TOO_LONG"
    if len(entities) > rules.ENTITY_LIMIT:
        yield f"{len(entities)} entities, of which Telegram drops all after {rules.ENTITY_LIMIT}"
