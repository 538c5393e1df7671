"""Who may what in a chat, as Telegram says now: asked at each write, and a "yes" kept for half a minute."""

from __future__ import annotations

import functools
import time
from collections.abc import Awaitable, Callable
from weakref import WeakValueDictionary

import structlog
from telegram import Bot, Chat, ChatMember, ChatMemberAdministrator, ChatMemberRestricted, Message, Update, error
from telegram.ext import Application, ChatMemberHandler, ContextTypes, MessageHandler
from telegram.ext import filters as kinds

from bot.ports import Place, RightsUnknownError, Standing

log = structlog.get_logger("bot.telegram")

# Seconds. Where the bot is no administrator it does not hear that somebody else is none any more.
KEPT = 30.0
# How often somebody is asked about whose standing changes while Telegram answers.
MOST_ASKED = 3
_ADMINISTRATORS = (ChatMember.OWNER, ChatMember.ADMINISTRATOR)
GROUPS = frozenset({Chat.GROUP, Chat.SUPERGROUP})
Asking = Callable[[], Awaitable[bool]]
_Person = tuple[int, int]


class _Question:
    """Asked of Telegram and not answered yet; `is_stale` where the answer may be older than what was heard since."""

    is_stale = False


class Rights:
    """Asks Telegram about people in chats. Only that somebody is an administrator is kept: whoever is made one may."""

    def __init__(self, bot: Bot, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._bot = bot
        self._monotonic = monotonic
        # By chat and person, until when; the oldest first.
        self._granted: dict[_Person, float] = {}
        self._questions: WeakValueDictionary[_Person, _Question] = WeakValueDictionary()

    def listen(self, application: Application) -> None:  # type: ignore[type-arg]
        """Hear of everybody whose standing changes, before anything else does."""
        application.add_handler(ChatMemberHandler(self._on_change, ChatMemberHandler.ANY_CHAT_MEMBER), group=-1)
        application.add_handler(MessageHandler(kinds.StatusUpdate.MIGRATE, self._on_migration), group=-1)

    async def may_write(self, message: Message) -> bool:
        """Ask whether who wrote a message may change what its chat receives. Raises RightsUnknownError.

        In groups only administrators may; those who stay anonymous write in the group's own name. What stands in a
        broadcast channel was written by one of its administrators.
        """
        if message.chat.type in {Chat.PRIVATE, Chat.CHANNEL}:
            return True
        return await self._may(message, self.administers)

    def membership(self, message: Message) -> Asking | None:
        """Give what asks whether who wrote a message is a member of its group; None where it stands in none."""
        if message.chat.type not in GROUPS:
            return None
        return functools.partial(self._may, message, self.belongs)

    async def _may(self, message: Message, ask: Callable[[int, int], Awaitable[bool]]) -> bool:
        if message.sender_chat is not None:
            return message.sender_chat.id == message.chat.id
        if message.from_user is None:
            return False
        return await ask(message.chat.id, message.from_user.id)

    async def belongs(self, chat: int, user: int) -> bool:
        """Ask whether somebody is a member of a chat, an administrator or not. Raises RightsUnknownError.

        Whoever comments on a broadcast channel writes in its group without being a member.
        """
        self._forget_old()
        if (chat, user) in self._granted:
            return True
        member = await self._ask((chat, user))
        if isinstance(member, ChatMemberRestricted):
            return member.is_member
        return member.status in {ChatMember.MEMBER, *_ADMINISTRATORS}

    async def administers(self, chat: int, user: int) -> bool:
        """Ask whether somebody is an administrator of a chat. Raises RightsUnknownError."""
        person = (chat, user)
        self._forget_old()
        if person in self._granted:
            return True
        member = await self._ask(person)
        if member.status not in _ADMINISTRATORS:
            return False
        self._granted.pop(person, None)
        self._granted[person] = self._monotonic() + KEPT
        return True

    def standing_of(self, message: Message) -> Callable[[str], Awaitable[Standing]] | None:
        """Give what asks about the author of a message in a broadcast channel; None where nobody is named."""
        user = message.from_user
        return None if user is None or message.sender_chat else functools.partial(self.standing, user.id)

    async def standing(self, user: int, channel: str) -> Standing:
        """Ask what somebody and the bot may do in a broadcast channel, at every call. Raises RightsUnknownError.

        What is kept says nothing of it: an administrator may be none that posts.
        """
        try:
            own = await self._look((int(channel), self._bot.id))
            if not (isinstance(own, ChatMemberAdministrator) and own.can_post_messages):
                return "bot is none"
            member = await self._look((int(channel), user))
        except (error.Forbidden, error.BadRequest) as problem:
            # There is no such chat, or the bot may not look into it: as an administrator it may.
            log.info("telegram_channel_closed", problem=problem.message)
            return "bot is none"
        except error.TelegramError as problem:
            raise _unknown(problem) from problem
        may_post = isinstance(member, ChatMemberAdministrator) and member.can_post_messages
        return "administers" if may_post or member.status == ChatMember.OWNER else "no administrator"

    async def _ask(self, person: _Person) -> ChatMember:
        try:
            return await self._look(person)
        except error.TelegramError as problem:
            raise _unknown(problem) from problem

    async def _look(self, person: _Person) -> ChatMember:
        """Ask until nothing was heard of the person while Telegram answered. Raises TelegramError too."""
        for _ in range(MOST_ASKED):
            question = self._questions.setdefault(person, _Question())
            member = await self._bot.get_chat_member(*person)
            if not question.is_stale:
                return member
        raise RightsUnknownError

    def _forget_old(self) -> None:
        now = self._monotonic()
        for person, until in list(self._granted.items()):
            if until > now:
                break
            del self._granted[person]

    def _forget(self, chat: int, user: int | None = None) -> None:
        """Forget what is known of a person in a chat, or of everybody there, and what Telegram is just answering."""

        def is_meant(person: _Person) -> bool:
            return person[0] == chat and user in {None, person[1]}

        for person in filter(is_meant, list(self._granted)):
            del self._granted[person]
        for person in filter(is_meant, list(self._questions)):
            if (question := self._questions.pop(person, None)) is not None:
                question.is_stale = True

    async def _on_change(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        if (change := update.chat_member) is not None:
            self._forget(change.chat.id, change.new_chat_member.user.id)
        elif (own := update.my_chat_member) is not None:
            # Whoever is no administrator hears nothing of others from then on.
            self._forget(own.chat.id)

    async def _on_migration(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        if (message := update.effective_message) is not None:
            self._forget(message.chat.id)


def _unknown(problem: error.TelegramError) -> RightsUnknownError:
    log.warning("telegram_rights_unknown", problem=problem.message)
    return RightsUnknownError()


async def find(bot: Bot, name: str) -> Place | None:
    """Look for a broadcast channel by its public name. Raises RightsUnknownError."""
    try:
        chat = await bot.get_chat(name)
    except (error.Forbidden, error.BadRequest) as problem:
        log.info("telegram_channel_closed", problem=problem.message)
        return None
    except error.TelegramError as problem:
        raise _unknown(problem) from problem
    return Place(str(chat.id), chat.title or name) if chat.type == Chat.CHANNEL else None
