"""The methods of the Bot API over the emulated state: parameters in, a result or a refusal out."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.emulators import telegram_inline
from tests.emulators import telegram_rules as rules
from tests.emulators.telegram_access import Access, Params, RefusedError, bad_request
from tests.emulators.telegram_menus import ADMIN, Menus
from tests.emulators.telegram_specification import METHODS
from tests.emulators.telegram_state import Chat, SentMessage, State

if TYPE_CHECKING:
    from collections.abc import Callable

SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)
GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


class Methods(Access):
    """What a bot may call."""

    def __init__(self, state: State, violations: list[str]) -> None:
        super().__init__(state, violations)
        self.known: dict[str, Callable[[Params], Any]] = {
            "getMe": self.get_me,
            "sendMessage": self.send_message,
            "editMessageText": self.edit_message_text,
            "editMessageReplyMarkup": self.edit_reply_markup,
            "deleteMessage": self.delete_message,
            "deleteMessages": self.delete_messages,
            "sendChatAction": self.send_chat_action,
            "getChat": self.get_chat,
            "getChatMember": self.get_chat_member,
            "getChatMemberCount": lambda params: len(self.reachable(params).members),
            "getChatAdministrators": self.get_chat_administrators,
            "leaveChat": self.leave_chat,
            "answerCallbackQuery": self.answer_callback_query,
            "answerInlineQuery": self.answer_inline_query,
            "logOut": lambda _: True,
            "close": lambda _: True,
        } | Menus(state).methods()

    def call(self, method: str, params: Params) -> Any:
        """Carry a method out.

        Raises:
            RefusedError: the answer is an error.

        """
        if method in METHODS:
            self.check(method, params)
        if method not in self.known:
            self.violations.append(f"{method} is unknown to the emulator")
            raise RefusedError(404, "Not Found")
        return self.known[method](params)

    def text(self, params: Params) -> tuple[str, list[dict[str, Any]]]:
        """Return the text as people will read it, and its entities."""
        raw, mode = params.get("text", ""), params.get("parse_mode", "")
        if not raw:
            self.mistake("message text is empty")
        if mode and mode.casefold() not in rules.PARSE_MODES:
            self.mistake("unsupported parse_mode")
        try:
            plain, entities = rules.parse_text(raw, mode) if mode else (raw, params.get("entities", []))
        except rules.ParseError as error:
            self.mistake(str(error))
        if not plain.strip():
            self.mistake("text must be non-empty")
        if wrong := rules.check_text(plain, entities):
            self.mistake(wrong)
        if len(plain) > rules.TEXT_LIMIT:
            self.mistake("message is too long")
        if len(entities) > rules.ENTITY_LIMIT:
            self.violations.append(f"{len(entities)} entities, of which Telegram drops all after {rules.ENTITY_LIMIT}")
        cut = len(plain) - len(plain.lstrip())
        kept = [entity | {"offset": max(entity["offset"] - cut, 0)} for entity in entities[: rules.ENTITY_LIMIT]]
        return plain.strip(), kept

    def send_message(self, params: Params) -> dict[str, Any]:
        """Record a message and return it."""
        text, entities = self.text(params)
        chat = self.writable(params)
        content: dict[str, Any] = {"text": text}
        if entities:
            content["entities"] = entities
        if (thread := params.get("message_thread_id")) is not None:
            content |= {"message_thread_id": thread, "is_topic_message": True}
        if reply := params.get("reply_parameters"):
            if original := chat.messages.get(reply["message_id"]):
                content["reply_to_message"] = {key: original[key] for key in original if key != "reply_to_message"}
            elif not reply.get("allow_sending_without_reply"):
                bad_request("message to be replied not found")
        if "inline_keyboard" in params.get("reply_markup", {}):
            content["reply_markup"] = params["reply_markup"]
        message = self.state.message(chat, None if chat.kind == "channel" else self.state.bot, **content)
        html, at = params["text"], time.monotonic()
        self.state.sent.append(
            SentMessage(chat.id, message["message_id"], text, html, thread, at, params, tuple(entities))
        )
        return message

    def own_message(self, params: Params) -> tuple[Chat, int]:
        """Find the message of the bot that an edit means."""
        if "message_id" not in params:
            self.mistake("message identifier is not specified")
        chat = self.reachable(params)
        meant = (chat.id, params["message_id"])
        found = (index for index, sent in enumerate(self.state.sent) if (sent.chat_id, sent.message_id) == meant)
        index = next(found, None)
        if index is None:
            others = params["message_id"] in chat.messages
            bad_request("message can't be edited" if others else "message to edit not found")
        return chat, index

    def edit_message_text(self, params: Params) -> dict[str, Any]:
        """Replace the text and buttons of a message of the bot."""
        text, entities = self.text(params)
        chat, index = self.own_message(params)
        old = self.state.sent[index]
        message = chat.messages[old.message_id]
        keyboard = params.get("reply_markup")
        same = (old.text, list(old.entities), message.get("reply_markup")) == (text, entities, keyboard)
        if same:
            bad_request(SAME)
        self.state.sent[index] = replace(
            old, text=text, html=params["text"], params=params, entities=tuple(entities), edits=old.edits + 1
        )
        message |= {"text": text, "entities": entities, "edit_date": int(time.time())}
        self._set_keyboard(message, keyboard)
        return message

    def edit_reply_markup(self, params: Params) -> dict[str, Any]:
        """Replace the buttons of a message of the bot."""
        chat, index = self.own_message(params)
        message = chat.messages[self.state.sent[index].message_id]
        if (message.get("reply_markup") or None) == (params.get("reply_markup") or None):
            bad_request(SAME)
        self._set_keyboard(message, params.get("reply_markup"))
        return message

    @staticmethod
    def _set_keyboard(message: dict[str, Any], keyboard: Any) -> None:
        message.pop("reply_markup", None)
        if keyboard:
            message["reply_markup"] = keyboard

    def delete_message(self, params: Params) -> bool:
        """Remove a message: of the bot's anywhere, of others where Telegram lets it."""
        chat, number = self.reachable(params), params["message_id"]
        if number not in chat.messages:
            bad_request("message to delete not found")
        kept = [sent for sent in self.state.sent if (sent.chat_id, sent.message_id) != (chat.id, number)]
        own = len(kept) < len(self.state.sent)
        if not own and chat.kind != "private" and chat.status(self.state.bot.id) != "administrator":
            bad_request("message can't be deleted")
        self.state.sent[:] = kept
        del chat.messages[number]
        return True

    def delete_messages(self, params: Params) -> bool:
        """Remove the messages that are there."""
        chat = self.reachable(params)
        return all(
            self.delete_message({"chat_id": chat.id, "message_id": number})
            for number in params["message_ids"]
            if number in chat.messages
        )

    def send_chat_action(self, params: Params) -> bool:
        """Take "typing" wherever a message could be sent."""
        self.writable(params)
        return True

    def get_me(self, _params: Params) -> dict[str, Any]:
        """Describe the bot."""
        flags = dict.fromkeys(("can_connect_to_business", "has_main_web_app"), False)
        flags["supports_inline_queries"] = self.state.inline_mode
        privacy = {"can_join_groups": True, "can_read_all_group_messages": not self.state.privacy}
        return self.state.bot.as_json() | privacy | flags

    def get_chat(self, params: Params) -> dict[str, Any]:
        """Describe a chat in full."""
        chat = self.reachable(params)
        gifts = dict.fromkeys(GIFTS, False)
        return chat.as_json() | {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}

    def get_chat_member(self, params: Params) -> dict[str, Any]:
        """Describe what somebody is in a chat."""
        chat = self.reachable(params)
        if params["user_id"] not in self.state.users.keys() | {self.state.bot.id}:
            bad_request("PARTICIPANT_ID_INVALID")
        return self.state.member(chat, params["user_id"])

    def get_chat_administrators(self, params: Params) -> list[dict[str, Any]]:
        """List the people who run a chat; other bots are left out, this one is not."""
        chat = self.reachable(params)
        if chat.kind == "private":
            bad_request("there are no administrators in the private chat")
        return [self.state.member(chat, user) for user, status in chat.members.items() if status in ADMIN]

    def leave_chat(self, params: Params) -> bool:
        """Take the bot out of a group or channel."""
        chat = self.reachable(params)
        if chat.kind == "private":
            bad_request("chat member status can't be changed in private chats")
        self.state.set_status(chat, self.state.bot.id, "left", self.state.bot)
        return True

    def answer_callback_query(self, params: Params) -> bool:
        """Keep the answer to a pressed button."""
        if params["callback_query_id"] not in self.state.callbacks:
            bad_request("query is too old and response timeout expired or query ID is invalid")
        self.state.callbacks[params["callback_query_id"]] = params
        return True

    def answer_inline_query(self, params: Params) -> bool:
        """Keep the answer to what was typed after the bot's name; of what is too old nobody knows."""
        if wrong := telegram_inline.check_answer(params):
            self.mistake(wrong[0])
        if params["inline_query_id"] not in self.state.inline:
            bad_request("query is too old and response timeout expired or query ID is invalid")
        self.state.inline[params["inline_query_id"]] = params
        return True
