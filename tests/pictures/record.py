"""Read from an emulated Telegram's record what people saw of a message."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_inline import pasted
from tests.emulators.telegram_rules import find_entities
from tests.emulators.telegram_state import Chat, SentMessage, User
from tests.pictures.shots import Board, Bubble, Button, Found, Offered, Rows

# The chance in a link that works once; each picture has the same.
_CHANCE = re.compile(r"(?<=start=)(\w+-)?[\w-]{16,}|(?<=startgroup=)(\w+-)?[\w-]{16,}")
_ALWAYS = "k7Vd2QxT9mRfWc4LhZs0NbYj8PgA3EuXiK6oCt1HrSvDqMyB"


def bubble(telegram: TelegramEmulator, chat: Chat, number: int, clock: str, viewer: int) -> Bubble:
    """Show a message of a chat as it stands, to a viewer."""
    message = chat.messages[number]
    sent = {each.message_id: each for each in telegram.messages(chat)}.get(number)
    author = _author(chat, message)
    is_group = chat.kind != "private"
    text = str(message["text"])
    return Bubble(
        author=author,
        text=_fixed(text if sent is not None else _as_shown(text)),
        clock=clock,
        entities=tuple(message.get("entities", ())) if sent is None else _with_links(sent),
        mine=sent is None and (not is_group or message.get("from", {}).get("id") == viewer),
        named=is_group,
        answers=_answers(chat, message),
        edited="edit_date" in message,
        rows=rows(message),
    )


def rows(message: Mapping[str, Any]) -> Rows:
    """Give the buttons of a message."""
    keyboard = message.get("reply_markup", {}).get("inline_keyboard", [])
    return tuple(tuple(Button(each["text"], "url" in each) for each in row) for row in keyboard)


def board(sent: SentMessage, pressed: str = "") -> Board:
    """Show the keyboard that came with a message."""
    keyboard = sent.params["reply_markup"]["keyboard"]
    return Board(tuple(tuple(Button(each["text"]) for each in row) for row in keyboard), pressed)


def offered(telegram: TelegramEmulator, chat: Chat, user: User, most: int, language: str = "") -> Offered:
    """Show the menu that somebody, whose Telegram speaks a language, has in a chat, as far as one sees it at once."""
    of_all = [menu for scope, menu in telegram.state.commands.items() if scope.endswith(f":{language}")]
    does = {each["command"]: each["description"] for menu in of_all for each in menu}
    names = telegram.menu(chat, user, language)
    return Offered(tuple((name, does[name]) for name in names[:most]), max(len(names) - most, 0))


def found(typed: str, answer: Mapping[str, Any]) -> Found:
    """Show the answer to an inline query."""
    return Found(typed, tuple((each["title"], each.get("description", "")) for each in answer["results"]))


def paste(result: Mapping[str, Any], author: str, via: str, clock: str) -> Bubble:
    """Show the message that a result of an inline query becomes."""
    text, entities = pasted(result)
    return Bubble(author, text, clock, tuple(entities), mine=True, named=True, via=via)


def _author(chat: Chat, message: Mapping[str, Any]) -> str:
    return str(chat.title if "sender_chat" in message else message["from"]["first_name"])


def _answers(chat: Chat, message: Mapping[str, Any]) -> tuple[str, str] | None:
    original = message.get("reply_to_message")
    if original is None or "text" not in original:  # the opening of a topic has none
        return None
    return _author(chat, original), str(original["text"]).partition("\n")[0]


def _with_links(sent: SentMessage) -> tuple[Mapping[str, Any], ...]:
    """Add what Telegram finds in a text by itself: commands, mentions, addresses; in code it finds none."""
    code = [each for each in sent.entities if each["type"] in {"code", "pre"}]
    found = find_entities(sent.text)
    return (
        *sent.entities,
        *(each for each in found if not any(inside["offset"] <= each["offset"] < _end(inside) for inside in code)),
    )


def _end(entity: Mapping[str, Any]) -> int:
    return int(entity["offset"] + entity["length"])


def _as_shown(typed: str) -> str:
    """Leave out what a link sends behind `/start`, as Telegram does."""
    return "/start" if typed.startswith("/start ") else typed


def _fixed(text: str) -> str:
    return _CHANCE.sub(lambda found: f"{found[1] or found[2] or ''}{_ALWAYS}"[: len(found[0])], text)
