"""Telegram as a bot sees it: the Bot API over HTTP, and people who write, press buttons, leave and come back."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.emulators import telegram_rules as rules
from tests.emulators.server import Fault
from tests.emulators.telegram_access import Params, RefusedError
from tests.emulators.telegram_checks import decode
from tests.emulators.telegram_methods import Methods
from tests.emulators.telegram_people import People
from tests.emulators.telegram_state import Chat, SentMessage, State, Status, TelegramRequest, User
from tests.emulators.telegram_webhook import ACTIVE, TERMINATED, Webhook

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable

parse_html = rules.parse_html
TOKEN = "123456:TEST-token-of-the-emulator"  # noqa: S105 - opens nothing but the emulator
CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


class TelegramEmulator(People):
    """A Bot API server with chats in it; `violations` collects what only a mistake of the bot explains."""

    def __init__(self, token: str = TOKEN, *, privacy: bool = True) -> None:
        super().__init__()
        self.token = token
        self.state = State(privacy=privacy)
        self.violations: list[str] = []
        self.requests: list[TelegramRequest] = []
        self._methods = Methods(self.state, self.violations)
        self.webhook = Webhook(self)
        self._methods.known |= self.webhook.methods()
        self._poll = 0
        self._group_ids = itertools.count(4_000_001)
        self._supergroup_ids = itertools.count(1_002_000_000_001)
        self._thread_ids = itertools.count(2)

    def routes(self) -> list[web.RouteDef]:
        """Take every method of every token, and check the token afterwards."""
        return [web.route("*", "/bot{token}/{method}", self._handle)]

    async def start(self) -> None:
        """Listen, and go on pushing to a webhook that was set before."""
        await super().start()
        self.webhook.resume()

    async def close_connections(self) -> None:
        """Push nothing more."""
        self.webhook.stop()

    def received(self) -> str:
        """List the methods called, the messages as they stand, and the violations."""
        calls = ", ".join(request.method for request in self.requests) or "none"
        messages = "".join(f"\n  {sent.chat_id}/{sent.thread}: {sent.text!r}" for sent in self.state.sent) or " none"
        return f"Calls: {calls}. Messages:{messages}\nViolations: {self.violations or 'none'}"

    def user(self, user_id: int, first_name: str, username: str = "", language: str = "") -> User:
        """Return somebody who can be a member, an admin or an author."""
        return self.state.user(User(user_id, first_name, username, language=language))

    def private_chat(self, user: User | int, first_name: str = "", *, started: bool = True) -> Chat:
        """Return the private chat with somebody; one that nobody started cannot be written to."""
        known = self.state.user(User(user, first_name) if isinstance(user, int) and first_name else user)
        chat = Chat(known.id, "private", known.first_name, known, started=started)
        chat.members.update({known.id: "member", self.state.bot.id: "member"})
        return self.state.add_chat(chat)

    def group(
        self,
        title: str,
        admins: Iterable[User | int] = (),
        members: Iterable[User | int] = (),
        *,
        topics: bool = False,
        supergroup: bool = False,
        bot: Status = "member",
    ) -> Chat:
        """Return a group, or a supergroup with or without topics; the first admin is its creator."""
        if topics or supergroup:
            chat = Chat(-next(self._supergroup_ids), "supergroup", title, is_forum=topics)
        else:
            chat = Chat(-next(self._group_ids), "group", title)
        return self._people(chat, admins, members, bot)

    def channel(
        self, title: str, admins: Iterable[User | int] = (), *, bot_may_post: bool = True, username: str = ""
    ) -> Chat:
        """Return a channel that the bot administers, with or without the right to post."""
        chat = Chat(-next(self._supergroup_ids), "channel", title, bot_may_post=bot_may_post, username=username)
        return self._people(chat, admins, (), "administrator")

    def _people(self, chat: Chat, admins: Iterable[User | int], members: Iterable[User | int], bot: Status) -> Chat:
        for index, admin in enumerate(admins):
            chat.members[self.state.user(admin).id] = "administrator" if index else "creator"
        chat.members.update({self.state.user(member).id: "member" for member in members})
        chat.members[self.state.bot.id] = bot
        return self.state.add_chat(chat)

    def topic(self, chat: Chat) -> int:
        """Open a topic and return its thread id."""
        assert chat.is_forum, "only a group with topics has any"
        thread = next(self._thread_ids)
        chat.topics[thread] = True
        return thread

    def close_topic(self, chat: Chat, thread: int) -> None:
        """Refuse messages to a topic with TOPIC_CLOSED."""
        chat.topics[thread] = False

    def delete_topic(self, chat: Chat, thread: int) -> None:
        """Refuse messages to a topic as to one that never was."""
        del chat.topics[thread]

    async def say(
        self,
        chat: Chat,
        user: User | int | None,
        text: str,
        reply_to: int | None = None,
        thread: int | None = None,
        *,
        edited: bool = False,
    ) -> int:
        """Let somebody write, and return the message id; `edited` changes their last message.

        Nobody means a post in a channel, an anonymous admin in a group. What privacy mode hides from the bot is not
        queued.
        """
        assert chat.moved_to is None, "nobody writes to a group that has moved"
        author = None if user is None or self.state.user(user).id in chat.anonymous else self.state.user(user)
        assert author is None or author.id not in chat.silenced, f"{author.first_name} may not write here"
        content = self.state.with_entities(text)
        if thread is not None:
            content |= self.state.in_topic(chat, thread)
        if reply_to is not None:
            original = chat.messages[reply_to]
            content["reply_to_message"] = {key: original[key] for key in original if key != "reply_to_message"}
        kind = "channel_post" if chat.kind == "channel" else "message"
        if edited:
            message = self._last_said(chat, author)
            message.pop("entities", None)
            message |= content | {"edit_date": int(time.time())}
            kind = f"edited_{kind}"
        else:
            message = self.state.message(chat, author, **content)
        if self.state.hears(chat, message):
            self.state.queue(kind, message)
        self.changed()
        message_id: int = message["message_id"]
        return message_id

    def _last_said(self, chat: Chat, author: User | None) -> dict[str, Any]:
        bots = {sent.message_id for sent in self.messages(chat)}
        said = [message for key, message in chat.messages.items() if key not in bots and "text" in message]
        mine = [message for message in said if author is None or message.get("from", {}).get("id") == author.id]
        assert mine, "nothing has been said that could be edited"
        return mine[-1]

    def messages(self, chat: Chat, thread: int | None = None) -> list[SentMessage]:
        """Return the bot's messages in a chat as they stand, oldest first; a thread narrows them to one topic."""
        sent = [message for message in self.state.sent if message.chat_id == chat.id]
        return sent if thread is None else [message for message in sent if message.thread == thread]

    def wait_for_message(self, chat: Chat, contains: str = "", timeout: float = 30) -> Awaitable[SentMessage]:
        """Return the first message in a chat whose plain text contains something."""
        return self.wait_for(
            lambda: next((message for message in self.messages(chat) if contains in message.text), None),
            timeout,
            f"no message with {contains!r} in {chat.title}",
        )

    def calls(self, method: str) -> list[TelegramRequest]:
        """Return the requests for one method."""
        return [request for request in self.requests if request.method == method]

    def repeat_updates(self, count: int = 1) -> None:
        """Send the updates once more that the bot confirmed last, with the numbers that they had."""
        assert len(self.state.confirmed) >= count, "so many were not confirmed"
        self.state.again += self.state.confirmed[-count:]
        self.changed()

    def send_backwards(self, *, backwards: bool = True) -> None:
        """Send the newest update of each answer first, from now on."""
        self.state.backwards = backwards

    def set_status(self, chat: Chat, user: User | int, status: Status, by: User | int | None = None) -> None:
        """Promote, demote, remove or bring in somebody; the bot hears of itself always, of others as an admin."""
        actor = self.state.user(by) if by is not None else self.owner(chat)
        self.state.set_status(chat, self.state.user(user).id, status, actor)
        self.changed()

    def add_bot(self, chat: Chat, status: Status = "member") -> None:
        """Bring the bot into a group or channel."""
        self.set_status(chat, self.state.bot, status)

    def kick_bot(self, chat: Chat) -> None:
        """Remove the bot from a group or channel."""
        self.set_status(chat, self.state.bot, "kicked")

    def block(self, user: User | Chat | int) -> None:
        """Let somebody block the bot."""
        self._set_blocked(user, blocked=True)

    def unblock(self, user: User | Chat | int) -> None:
        """Let somebody unblock the bot."""
        self._set_blocked(user, blocked=False)

    def _set_blocked(self, user: User | Chat | int, *, blocked: bool) -> None:
        chat = self.state.chats[user if isinstance(user, int) else user.id]
        self.state.set_status(chat, self.state.bot.id, "kicked" if blocked else "member", self.owner(chat))
        chat.blocked = blocked
        self.changed()

    def migrate(self, group: Chat) -> Chat:
        """Turn a group into a supergroup, as an admin does by opening its history, and return the new chat."""
        new = Chat(-next(self._supergroup_ids), "supergroup", group.title, members=dict(group.members))
        self.state.add_chat(new)
        owner = self.owner(group)
        self.state.queue("message", self.state.message(group, owner, migrate_to_chat_id=new.id))
        self.state.queue("message", self.state.message(new, owner, migrate_from_chat_id=group.id))
        group.moved_to = new.id
        self.changed()
        return new

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if request.match_info["token"] != self.token:
            return _refusal(RefusedError(401, "Unauthorized"))
        params = await _params(request, method)
        self.requests.append(TelegramRequest(method, params, time.monotonic()))
        self.changed()

        async def accept() -> web.StreamResponse:
            try:
                result = await self._updates(params) if method == "getUpdates" else self._methods.call(method, params)
            except RefusedError as error:
                return _refusal(error)
            finally:
                self.changed()
            return web.json_response({"ok": True, "result": result})

        return await self.perform(method, request, accept, _refuse, params.get("chat_id"))

    async def _updates(self, params: Params) -> list[dict[str, Any]]:
        self._methods.check("getUpdates", params)
        if self.webhook.url:
            raise RefusedError(409, ACTIVE)
        self._poll += 1
        poll = self._poll
        self.changed()
        if "allowed_updates" in params:
            self.state.allowed = set(params["allowed_updates"]) or None
        offset, limit = params.get("offset", 0), min(max(params.get("limit", 100), 1), 100)
        end = asyncio.get_running_loop().time() + params.get("timeout", 0)
        while not (updates := self.state.take_updates(offset, limit)):
            left = end - asyncio.get_running_loop().time()
            if left <= 0 or self.stopping or not await self.next_change(left):
                break
            if poll != self._poll or self.webhook.url:
                raise RefusedError(409, TERMINATED if self.webhook.url else CONFLICT)
        return updates


async def _params(request: web.Request, method: str) -> Params:
    params: Params = dict(request.query)
    # Telegram takes the values of a JSON body apart like those of a form: a text may stand for a number.
    params |= dict(await request.json() if request.content_type == "application/json" else await request.post())
    return {name: decode(method, name, value) for name, value in params.items()}


def _refusal(error: RefusedError) -> web.Response:
    body = {"ok": False, "error_code": error.status, "description": error.description}
    if error.parameters:
        body["parameters"] = dict(error.parameters)
    return web.Response(status=error.status, text=json.dumps(body), content_type="application/json")


def _refuse(fault: Fault) -> web.Response:
    if fault.body is not None:
        return web.Response(status=fault.status, text=fault.body, headers=fault.headers)
    return _refusal(RefusedError(fault.status, fault.description or f"Error {fault.status}", fault.parameters))
