"""What people do on Telegram beside writing: press buttons, hand out rights and take them, delete, share a chat."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any

from tests.emulators import telegram_inline, telegram_menus
from tests.emulators.server import Emulator
from tests.emulators.telegram_state import Chat, SentMessage, State, User


class People(Emulator):
    """The people of a `state`. Whoever is not named as doing something to somebody is the chat's owner."""

    state: State

    def buttons(self, chat: Chat, message: SentMessage | int) -> list[list[str]]:
        """Return what stands on the buttons of a message of the bot, row by row."""
        return [[button["text"] for button in row] for row in self._rows(chat, message)]

    def _rows(self, chat: Chat, message: SentMessage | int) -> list[list[dict[str, Any]]]:
        number = message if isinstance(message, int) else message.message_id
        rows: list[list[dict[str, Any]]] = chat.messages[number].get("reply_markup", {}).get("inline_keyboard", [])
        return rows

    async def press(self, chat: Chat, user: User | int, message: SentMessage | int, label: str) -> dict[str, Any]:
        """Let somebody press a button as soon as it is there, and return the answer to the press.

        It is the one of that label, or the first whose label begins so.
        """
        what = f"no button says {label!r}"
        data = await self.wait_for(lambda: self.labelled(chat, message, label), what=what)
        return await self.wait_for_answer(self.send_press(chat, user, message, data))

    def labelled(self, chat: Chat, message: SentMessage | int, label: str) -> str | None:
        """Return what the button of a label sends, or the first whose label begins so; None where there is none."""
        offered = [button for row in self._rows(chat, message) for button in row if "callback_data" in button]
        found = [button for button in offered if button["text"] == label]
        found += [button for button in offered if button["text"].startswith(label)]
        return found[0]["callback_data"] if found else None

    def send_press(self, chat: Chat, user: User | int, message: SentMessage | int, data: str) -> str:
        """Send what a button, of this version or another, sends when it is pressed, and return the query id."""
        number = message if isinstance(message, int) else message.message_id
        query = str(10**15 + len(self.state.callbacks))
        self.state.callbacks[query] = None
        content = {"id": query, "from": self.state.user(user).as_json(), "message": chat.messages[number], "data": data}
        self.state.queue("callback_query", content | {"chat_instance": str(chat.id)})
        self.changed()
        return query

    def wait_for_answer(self, query: str, timeout: float = 30) -> Awaitable[dict[str, Any]]:
        """Return the parameters of the answer to a pressed button."""
        return self.wait_for(lambda: self.state.callbacks[query], timeout, f"query {query} not answered")

    async def tap(self, chat: Chat, user: User | int, message: SentMessage | int, button: str) -> str:
        """Let somebody press a button and wait until it stops turning; return what pops up, often nothing."""
        answer = await self.press(chat, user, message, button)
        return str(answer.get("text", ""))

    def menu(self, chat: Chat, user: User | int, language: str = "") -> list[str]:
        """List the commands that somebody, whose Telegram speaks a language, is offered in a chat."""
        return telegram_menus.shown_to(self.state, chat, self.state.user(user).id, language)

    async def type_inline(self, user: User | int, query: str, offset: str = "") -> str:
        """Let somebody type after the bot's name in any chat, and return the query id."""
        assert self.state.inline_mode, "Telegram asks no bot whose inline mode is off"
        assert len(query) <= telegram_inline.QUERY_LIMIT, "nobody can type that much"
        number = str(2 * 10**15 + len(self.state.inline))
        self.state.inline[number] = None
        content = {"id": number, "from": self.state.user(user).as_json(), "query": query, "offset": offset}
        self.state.queue("inline_query", content | {"chat_type": "group"})
        self.changed()
        return number

    def forget_inline(self, query: str) -> None:
        """Let a query be too old to be answered."""
        del self.state.inline[query]

    def wait_for_inline(self, query: str, timeout: float = 30) -> Awaitable[dict[str, Any]]:
        """Return the parameters of the answer to an inline query."""
        return self.wait_for(lambda: self.state.inline[query], timeout, f"inline query {query} not answered")

    @property
    def unanswered(self) -> list[str]:
        """List the pressed buttons that still turn; at the end of a test there should be none."""
        return [query for query, answer in self.state.callbacks.items() if answer is None]

    def promote(self, chat: Chat, user: User | int, by: User | int | None = None, *, may_post: bool = True) -> None:
        """Make somebody an administrator, or change whether one may post in a channel."""
        self._change(chat, user, "administrator", by, may_post=may_post)

    def restrict(self, chat: Chat, user: User | int, by: User | int | None = None, *, may_send: bool = False) -> None:
        """Let somebody read, and write or not."""
        self._change(chat, user, "restricted", by, may_post=may_send)

    def leave_restricted(self, chat: Chat, user: User | int) -> None:
        """Let somebody who is restricted leave: they stay restricted, and are no member any more."""
        chat.departed.add(self.state.user(user).id)
        self._change(chat, user, "restricted", None, may_post=False)

    def hide(self, chat: Chat, admin: User | int) -> None:
        """Let an admin be anonymous from now on: what they write is the group's."""
        chat.anonymous.add(self.state.user(admin).id)

    def erase(self, chat: Chat, message: SentMessage | int) -> None:
        """Delete a message, of which Telegram tells no bot."""
        number = _number(message)
        del chat.messages[number]
        self.state.sent[:] = [sent for sent in self.state.sent if (sent.chat_id, sent.message_id) != (chat.id, number)]
        self.changed()

    async def share_chat(
        self, chat: Chat, user: User | int, request_id: int, shared: Chat, *, promotes: bool = True
    ) -> None:
        """Pick a chat for a button of the bot's latest keyboard; the bot becomes what the button asks for there.

        An old client shares the chat all the same where it cannot make the bot that.
        """
        asked = self._requested(chat, request_id)
        assert asked["chat_is_channel"] == (shared.kind == "channel"), "the button does not offer that chat"
        if promotes and (rights := asked.get("bot_administrator_rights")):
            self.promote(shared, self.state.bot, user, may_post=rights.get("can_post_messages", True))
        titled = {"title": shared.title} if asked.get("request_title") else {}
        content = {"request_id": request_id, "chat_id": shared.id, **titled}
        self.state.queue("message", self.state.message(chat, self.state.user(user), chat_shared=content))
        self.changed()

    def _requested(self, chat: Chat, request_id: int) -> dict[str, Any]:
        markups = [sent.params.get("reply_markup", {}) for sent in self.state.sent if sent.chat_id == chat.id]
        keyboards = [markup["keyboard"] for markup in markups if "keyboard" in markup]
        asked = [button.get("request_chat", {}) for row in (keyboards or [[]])[-1] for button in row]
        found = [each for each in asked if each.get("request_id") == request_id]
        assert found, f"no button asks for a chat as {request_id}"
        return dict(found[0])

    def _change(self, chat: Chat, user: User | int, status: Any, by: User | int | None, *, may_post: bool) -> None:
        actor = self.owner(chat) if by is None else self.state.user(by)
        self.state.set_status(chat, self.state.user(user).id, status, actor, may_post=may_post)
        self.changed()

    def owner(self, chat: Chat) -> User:
        """Return who may do anything in a chat."""
        owners = [user for user, status in chat.members.items() if status == "creator"]
        return chat.user or (self.state.users[owners[0]] if owners else self.state.user(1))

    @staticmethod
    def _shown(chat: Chat, message: SentMessage | int) -> Mapping[str, Any]:
        return chat.messages[_number(message)]


def _number(message: SentMessage | int) -> int:
    return message if isinstance(message, int) else message.message_id
