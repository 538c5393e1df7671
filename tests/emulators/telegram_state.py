"""What Telegram knows: users, chats and who is in them, messages, and the queue of updates."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tests.emulators.telegram_rules import find_entities

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["private", "group", "supergroup", "channel"]
Status = Literal["creator", "administrator", "member", "restricted", "left", "kicked"]

BOT_ID = 123456
GENERAL = 1
ANONYMOUS_ADMIN = 1087968824
OPT_IN_UPDATES = {"chat_member", "message_reaction", "message_reaction_count"}
RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
PERMISSIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
    "can_edit_tag",
    "can_react_to_messages",
)
CHANNEL_RIGHTS = ("can_post_messages", "can_edit_messages")


@dataclass(frozen=True, slots=True)
class User:
    """Somebody on Telegram."""

    id: int
    first_name: str
    username: str = ""
    is_bot: bool = False
    language: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the Bot API's User."""
        named = {"username": self.username} if self.username else {}
        if self.language:
            named["language_code"] = self.language
        return {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name, **named}


@dataclass(slots=True, eq=False)
class Chat:
    """A private chat, group, supergroup or channel; `user` is the other side of a private chat."""

    id: int
    kind: Kind
    title: str
    user: User | None = None
    is_forum: bool = False
    username: str = ""
    members: dict[int, Status] = field(default_factory=dict)
    topics: dict[int, bool] = field(default_factory=dict)
    anonymous: set[int] = field(default_factory=set)
    departed: set[int] = field(default_factory=set)
    silenced: set[int] = field(default_factory=set)
    moved_to: int | None = None
    bot_may_post: bool = True
    started: bool = True
    blocked: bool = False
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def as_json(self) -> dict[str, Any]:
        """Return the Bot API's Chat."""
        named: dict[str, Any] = {"title": self.title}
        if self.user is not None:
            named = {key: value for key, value in self.user.as_json().items() if key in ("first_name", "username")}
        named |= {"username": self.username} if self.username else {}
        return {"id": self.id, "type": self.kind, **named, **({"is_forum": True} if self.is_forum else {})}

    def status(self, user: int) -> Status:
        """Return what a user is in this chat."""
        return self.members.get(user, "left")


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message of the bot as it stands: `text` is what people read, `html` is what the bot sent."""

    chat_id: int
    message_id: int
    text: str
    html: str
    thread: int | None
    at: float
    params: Mapping[str, Any]
    entities: tuple[Mapping[str, Any], ...] = ()
    edits: int = 0


@dataclass(frozen=True, slots=True)
class TelegramRequest:
    """One call of the Bot API and the monotonic time of its arrival."""

    method: str
    params: Mapping[str, Any]
    at: float


class State:
    """All of it, without a network."""

    def __init__(self, *, privacy: bool) -> None:
        self.bot = User(BOT_ID, "PhiWire", "phiwire_test_bot", is_bot=True)
        self.privacy = privacy
        self.users: dict[int, User] = {
            ANONYMOUS_ADMIN: User(ANONYMOUS_ADMIN, "Group", "GroupAnonymousBot", is_bot=True)
        }
        self.chats: dict[int, Chat] = {}
        self.sent: list[SentMessage] = []
        self.updates: list[dict[str, Any]] = []
        self.confirmed: list[dict[str, Any]] = []
        self.again: list[dict[str, Any]] = []
        self.backwards = False
        self.allowed: set[str] | None = None
        self.commands: dict[str, list[dict[str, Any]]] = {}
        self.descriptions: dict[str, str] = {}
        self.callbacks: dict[str, dict[str, Any] | None] = {}
        self.inline_mode = True
        self.inline: dict[str, dict[str, Any] | None] = {}
        self.update_ids = itertools.count(700_000_001)

    def user(self, user: User | int) -> User:
        """Return a user, known from now on."""
        if isinstance(user, int):
            return self.users.setdefault(user, User(user, f"User {user}"))
        self.users[user.id] = user
        return user

    def add_chat(self, chat: Chat) -> Chat:
        """Make a chat known."""
        self.chats[chat.id] = chat
        return chat

    def find_chat(self, chat_id: Any) -> Chat | None:
        """Return the chat of a number or an @username."""
        if isinstance(chat_id, int):
            return self.chats.get(chat_id)
        name = str(chat_id).removeprefix("@").casefold()
        return next((chat for chat in self.chats.values() if name and chat.username.casefold() == name), None)

    def queue(self, kind: str, content: Mapping[str, Any]) -> None:
        """Queue an update, unless the bot did not ask for its kind."""
        if kind in self.allowed if self.allowed else kind not in OPT_IN_UPDATES:
            self.updates.append({"update_id": next(self.update_ids), kind: dict(content)})

    def take_updates(self, offset: int, limit: int) -> list[dict[str, Any]]:
        """Forget what `offset` confirms and return what is left, oldest first."""
        if offset < 0:
            self.updates = self.updates[offset:]
        elif offset:
            self.confirmed += [update for update in self.updates if update["update_id"] < offset]
            self.updates = [update for update in self.updates if update["update_id"] >= offset]
        again, self.again = self.again, []
        return (again + self.updates[:limit])[:: -1 if self.backwards else 1]

    def member(self, chat: Chat, user_id: int, status: Status | None = None) -> dict[str, Any]:
        """Return the Bot API's ChatMember."""
        user = self.bot if user_id == self.bot.id else self.user(user_id)
        status = status or chat.status(user_id)
        member: dict[str, Any] = {"status": status, "user": user.as_json()}
        if status == "kicked":
            member["until_date"] = 0
        if status == "creator":
            member["is_anonymous"] = user_id in chat.anonymous
        if status == "restricted":
            member |= {"is_member": user_id not in chat.departed, "until_date": 0} | dict.fromkeys(
                PERMISSIONS, user_id not in chat.silenced
            )
        if status == "administrator":
            member |= dict.fromkeys(RIGHTS, True) | {"can_be_edited": False, "is_anonymous": user_id in chat.anonymous}
            if chat.kind == "channel":
                member |= dict.fromkeys(CHANNEL_RIGHTS, user_id != self.bot.id or chat.bot_may_post)
        return member

    def set_status(self, chat: Chat, user_id: int, status: Status, by: User, *, may_post: bool | None = None) -> None:
        """Change what somebody is in a chat, and whether they may write, and tell the bot as Telegram does."""
        old, is_bot = self.member(chat, user_id), user_id == self.bot.id
        chat.members[user_id] = status
        if is_bot and status == "administrator" and may_post is not None:
            chat.bot_may_post = may_post
        chat.silenced.discard(user_id)
        if status == "restricted" and not may_post:
            chat.silenced.add(user_id)
        changed = {"old_chat_member": old, "new_chat_member": self.member(chat, user_id)}
        content = {"chat": chat.as_json(), "from": by.as_json(), "date": int(time.time()), **changed}
        if is_bot or chat.status(self.bot.id) == "administrator":
            self.queue("my_chat_member" if is_bot else "chat_member", content)

    def in_topic(self, chat: Chat, thread: int) -> dict[str, Any]:
        """Return what places a message in a topic: each is a reply to the topic's opening, unless to another."""
        opening = {
            "message_id": thread,
            "chat": chat.as_json(),
            "date": int(time.time()),
            "message_thread_id": thread,
            "is_topic_message": True,
            "forum_topic_created": {"name": f"Topic {thread}", "icon_color": 7322096},
        }
        return {"message_thread_id": thread, "is_topic_message": True, "reply_to_message": opening}

    def message(self, chat: Chat, author: User | None, **content: Any) -> dict[str, Any]:
        """Return a new message of a chat; without an author it is the channel's or an anonymous admin's."""
        origin: dict[str, Any] = {"from": author.as_json()} if author else {"sender_chat": chat.as_json()}
        if author is None and chat.kind != "channel":
            origin["from"] = self.users[ANONYMOUS_ADMIN].as_json()
        message = {
            "message_id": next(chat.ids),
            **origin,
            "chat": chat.as_json(),
            "date": int(time.time()),
            **content,
        }
        chat.messages[message["message_id"]] = message
        return message

    def hears(self, chat: Chat, message: Mapping[str, Any]) -> bool:
        """Tell whether Telegram gives a message to a bot, by membership and privacy mode."""
        if chat.kind == "private":
            return not chat.blocked
        if chat.status(self.bot.id) in ("left", "kicked"):
            return False
        if chat.kind == "channel" or not self.privacy or chat.status(self.bot.id) == "administrator":
            return True
        addressed = message.get("reply_to_message", {}).get("from", {}).get("id") == self.bot.id
        text = message["text"].encode("utf-16-le")
        for entity in message.get("entities", ()):
            start = 2 * entity["offset"]
            _, at, name = text[start : start + 2 * entity["length"]].decode("utf-16-le").partition("@")
            to_bot = name.casefold() == self.bot.username.casefold()
            addressed |= entity["type"] == "mention" and to_bot
            addressed |= entity["type"] == "bot_command" and entity["offset"] == 0 and (not at or to_bot)
        return bool(addressed)

    def with_entities(self, text: str) -> dict[str, Any]:
        """Return text and the entities that Telegram finds in it."""
        entities = find_entities(text)
        return {"text": text, **({"entities": entities} if entities else {})}
