"""The emulator's table of the Bot API, beside the official description; and what the emulator refuses by it."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.emulators import telegram_specification as specification
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_methods import Methods
from tests.emulators.telegram_state import State

OFFICIAL = Path(__file__).parents[2].parent / "shared" / "specs" / "telegram-bot-api.json"
# How official sentences put limits, the most frequent way first.
LIMITS = (
    r"(?P<least>\d+)-(?P<most>\d+) (?P<unit>characters|bytes)",
    r"(?:values between|messages|list of|update delivery,) (?P<least>\d+)-(?P<most>\d+)",
    r"(?:at most|no more than) (?P<most>\d+) (?:commands|results)",
    r"length can't exceed (?P<most>\d+) (?P<unit>bytes)",
)


@functools.cache
def official() -> dict[str, Any]:
    """Read the official description, or skip."""
    if not OFFICIAL.is_file():
        pytest.skip("the official description is not here: ../shared/specs is absent")
    described = json.loads(OFFICIAL.read_text("utf-8"))
    return {**described["methods"], **described["types"]}


def types_of(field: specification.Field) -> set[str]:
    """Name a field's types as the official description does; a word of its own is a string."""
    named = set()
    for kind in field.kinds:
        arrays = kind.count("[]")
        named.add("Array of " * arrays + ("String" if kind.startswith("=") else kind.replace("[]", "")))
    return named


@pytest.mark.parametrize("name", [*specification.METHODS, *specification.TYPES])
def test_table_says_what_the_official_description_says(name: str) -> None:
    """An emulator with rules of its own would let pass what Telegram refuses."""
    described = {field["name"]: field for field in official()[name].get("fields", [])}
    ours = specification.fields_of(name)
    assert ours.keys() <= described.keys()
    assert {name for name, field in described.items() if field["required"]} <= ours.keys()
    for field in ours.values():
        theirs = described[field.name]
        assert (field.required, types_of(field)) == (theirs["required"], set(theirs["types"])), field
        words = {kind[1:] for kind in field.kinds if kind.startswith("=")}
        assert all(word in theirs["description"] for word in words), field


@pytest.mark.parametrize("name", [*specification.METHODS, *specification.TYPES])
def test_table_has_every_published_limit(name: str) -> None:
    """A text that is a character too long is refused whole."""
    described = {field["name"]: field["description"] for field in official()[name].get("fields", [])}
    if "results" in described:  # said of the method, not of its parameter
        described["results"] += " ".join(official()[name]["description"])
    for field in specification.fields_of(name).values():
        # Which characters count after parsing, the official description does not always say.
        ours = (field.least, field.most, field.unit.replace("p", "c"))
        assert ours == limit(described[field.name]), described[field.name]


def limit(sentence: str) -> tuple[int, int, str]:
    """Read a limit out of an official sentence, as the table has it."""
    for pattern in LIMITS:
        if found := re.search(pattern, sentence, re.IGNORECASE):
            named = {"least": "0", "unit": "number"} | found.groupdict()
            return int(named["least"]), int(named["most"]), named["unit"][0].lower()
    return 0, 0, ""


@pytest.mark.parametrize("name", specification.UNIONS)
def test_unions_hold_official_types(name: str) -> None:
    """A scope or a result that does not exist is refused whole."""
    assert set(specification.UNIONS[name]) <= set(official()[name]["subtypes"])


WRONG = {"inline_keyboard": [[{"text": "x", "callback_data": "é" * 33}]]}
ARTICLE = {"type": "article", "id": "1", "title": "x", "input_message_content": {"message_text": "x"}}


@pytest.mark.parametrize(
    ("method", "params", "answer"),
    [
        ("sendMessage", {"text": "x"}, "chat_id is empty"),
        ("sendMessage", {"chat_id": 1}, "message text is empty"),
        ("sendMessage", {"chat_id": 1, "text": "x", "colour": "red"}, "colour is not described"),
        ("sendMessage", {"chat_id": 1, "text": "x", "reply_markup": "[1]"}, "not a JSON object"),
        ("sendMessage", {"chat_id": 1, "text": "x", "reply_markup": json.dumps(WRONG)}, "BUTTON_DATA_INVALID"),
        ("sendMessage", {"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": [[{}]]}}, "text is required"),
        ("sendMessage", {"chat_id": 1, "text": "x", "link_preview_options": {"is_disabled": 1}}, "1 is not Boolean"),
        ("sendMessage", {"chat_id": 1, "text": "x", "entities": [{"type": "bold", "offset": 0}]}, "length is required"),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
            "beyond",
        ),
        ("sendMessage", {"chat_id": 1, "text": "x\0"}, "control characters"),
        ("sendMessage", {"chat_id": 1, "text": "\u202ex"}, "control characters"),
        ("editMessageReplyMarkup", {"chat_id": 1}, "message identifier is not specified"),
        ("answerCallbackQuery", {"callback_query_id": "1", "text": "x" * 201}, "MESSAGE_TOO_LONG"),
        ("answerCallbackQuery", {}, "query ID is invalid"),
        ("setMyCommands", {"commands": [{"command": "Follow", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ("setMyCommands", {"commands": [{"command": "a", "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ("setMyCommands", {"commands": [{"command": "a", "description": "x"}] * 101}, "BOT_COMMANDS_TOO_MUCH"),
        ("setMyCommands", {"commands": [], "scope": {"type": "chat"}}, "chat_id"),
        ("setMyCommands", {"commands": [], "scope": {"type": "everybody"}}, "is not"),
        ("setWebhook", {"url": "https://example.org", "secret_token": "two words"}, "secret token is invalid"),
        ("answerInlineQuery", {"inline_query_id": "1", "results": [ARTICLE | {"id": "x" * 65}]}, "RESULT_ID_INVALID"),
        ("answerInlineQuery", {"inline_query_id": "1", "results": [ARTICLE] * 51}, "RESULTS_TOO_MUCH"),
        ("getUpdates", {"limit": "101"}, "limit is invalid"),
    ],
)
async def test_wrong_request_is_refused_and_remembered(method: str, params: dict[str, Any], answer: str) -> None:
    """What only a mistake of the bot explains must fail a test that looks at `violations` alone."""
    async with TelegramEmulator() as telegram, aiohttp.ClientSession() as session:
        telegram.private_chat(1, "Ada")
        async with session.post(f"{telegram.url}/bot{telegram.token}/{method}", json=params) as response:
            body = await response.json()
        assert (response.status, body["ok"], body["error_code"]) == (400, False, 400)
        assert answer in body["description"]
        assert len(telegram.violations) == 1


@pytest.mark.parametrize("method", sorted(Methods(State(privacy=True), []).known))
def test_emulated_methods_are_in_the_table(method: str) -> None:
    """One that is not would be called unchecked."""
    assert method in specification.METHODS
