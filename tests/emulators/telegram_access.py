"""What stands before every method of the Bot API: the table, and whether the bot reaches a chat and may write there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from tests.emulators.telegram_checks import check_parameters
from tests.emulators.telegram_state import GENERAL, Chat, State

if TYPE_CHECKING:
    from collections.abc import Mapping

Params = dict[str, Any]
KICKED_FROM = {"group": "the group chat", "supergroup": "the supergroup chat", "channel": "the channel chat"}


@dataclass
class RefusedError(Exception):
    """An answer with "ok": false."""

    status: int
    description: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


def bad_request(description: str, **parameters: Any) -> NoReturn:
    """Refuse with 400."""
    raise RefusedError(400, f"Bad Request: {description}", parameters)


class Access:
    """Finds the chats of requests. Everything that only the bot's own mistake explains goes to `violations`."""

    def __init__(self, state: State, violations: list[str]) -> None:
        self.state = state
        self.violations = violations

    def check(self, method: str, params: Params) -> None:
        """Refuse parameters that the official description does not allow."""
        if wrong := check_parameters(method, params):
            self.mistake(*wrong[0])

    def mistake(self, description: str, answer: str = "") -> NoReturn:
        """Refuse, and keep for the test what only a mistake of the bot explains."""
        self.violations.append(description)
        bad_request(answer or description)

    def reachable(self, params: Params) -> Chat:
        """Return the chat of a request, or say why the bot cannot reach it."""
        chat = self.state.find_chat(params.get("chat_id"))
        if chat is None:
            bad_request("chat not found")
        if chat.moved_to is not None:
            bad_request("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.moved_to)
        if chat.kind == "private":
            return chat
        status = chat.status(self.state.bot.id)
        if status == "kicked":
            raise RefusedError(403, f"Forbidden: bot was kicked from {KICKED_FROM[chat.kind]}")
        if status == "left":
            raise RefusedError(403, f"Forbidden: bot is not a member of {KICKED_FROM[chat.kind]}")
        return chat

    def writable(self, params: Params) -> Chat:
        """Return the chat of a message, or say why the bot cannot write there."""
        chat = self.reachable(params)
        if chat.blocked:
            raise RefusedError(403, "Forbidden: bot was blocked by the user")
        if not chat.started:
            raise RefusedError(403, "Forbidden: bot can't initiate conversation with a user")
        if not chat.bot_may_post or self.state.bot.id in chat.silenced:
            if chat.kind == "channel":
                bad_request("need administrator rights in the channel chat")
            bad_request("not enough rights to send text messages to the chat")
        thread = params.get("message_thread_id")
        # General has no thread id; the number by which it is closed reaches nothing.
        if thread is not None and (thread == GENERAL or thread not in chat.topics):
            bad_request("message thread not found")
        if not chat.topics.get(GENERAL if thread is None else thread, True):
            bad_request("TOPIC_CLOSED")
        return chat
