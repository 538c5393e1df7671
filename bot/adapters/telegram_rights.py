"""Who administers a chat, as Telegram says now."""

from __future__ import annotations

import structlog
from telegram import Bot, ChatMember, error

from bot.ports import RightsUnknownError

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
