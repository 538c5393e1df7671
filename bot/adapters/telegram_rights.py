"""Who administers a chat, as Telegram says now."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable

import structlog
from telegram import Bot, Chat, ChatMember, ChatMemberAdministrator, Message, error

from bot.ports import Place, RightsUnknownError, Standing

log = structlog.get_logger("bot.telegram")

_ADMINISTRATORS = (ChatMember.OWNER, ChatMember.ADMINISTRATOR)


async def administers(bot: Bot, chat: int, user: int) -> bool:
    """Ask whether somebody is an administrator of a chat. Raises RightsUnknownError."""
    try:
        member = await bot.get_chat_member(chat, user)
    except error.TelegramError as problem:
        log.warning("telegram_rights_unknown", problem=problem.message)
        raise RightsUnknownError from problem
    return member.status in _ADMINISTRATORS


async def standing(bot: Bot, user: int, channel: str) -> Standing:
    """Ask what somebody and the bot may do in a broadcast channel. Raises RightsUnknownError."""
    try:
        own = await bot.get_chat_member(channel, bot.id)
        if not (isinstance(own, ChatMemberAdministrator) and own.can_post_messages):
            return "bot is none"
        member = await bot.get_chat_member(channel, user)
    except (error.Forbidden, error.BadRequest) as problem:
        # There is no such chat, or the bot may not look into it: as an administrator it may.
        log.info("telegram_channel_closed", problem=problem.message)
        return "bot is none"
    except error.TelegramError as problem:
        log.warning("telegram_rights_unknown", problem=problem.message)
        raise RightsUnknownError from problem
    may_post = isinstance(member, ChatMemberAdministrator) and member.can_post_messages
    return "administers" if may_post or member.status == ChatMember.OWNER else "no administrator"


def standing_of(bot: Bot, message: Message) -> Callable[[str], Awaitable[Standing]] | None:
    """Make what asks about the author of a message; None where nobody is named."""
    user = message.from_user
    return None if user is None or message.sender_chat else functools.partial(standing, bot, user.id)


async def find(bot: Bot, name: str) -> Place | None:
    """Look for a broadcast channel by its public name. Raises RightsUnknownError."""
    try:
        chat = await bot.get_chat(name)
    except (error.Forbidden, error.BadRequest) as problem:
        log.info("telegram_channel_closed", problem=problem.message)
        return None
    except error.TelegramError as problem:
        log.warning("telegram_rights_unknown", problem=problem.message)
        raise RightsUnknownError from problem
    return Place(str(chat.id), chat.title or name) if chat.type == Chat.CHANNEL else None
