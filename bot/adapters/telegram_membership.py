"""What Telegram tells of the bot's own place in a chat: brought in, sent away, given other rights."""

from __future__ import annotations

import functools

import structlog
from telegram import Bot, ChatMember, ChatMemberRestricted, ChatMemberUpdated, LinkPreviewOptions, Update, error
from telegram.constants import ParseMode
from telegram.ext import ContextTypes

from bot.adapters import telegram_buttons, telegram_errors
from bot.adapters.telegram_rights import GROUPS, Rights
from bot.adapters.turns import Turns
from bot.outcomes import Throttled
from bot.ports import Inbox, Request

log = structlog.get_logger("bot.telegram")

_ABSENT = (ChatMember.LEFT, ChatMember.BANNED)


class Membership:
    """Takes what becomes of the bot to the inbox, and its greeting to a group that it was brought into."""

    def __init__(self, platform: str, bot: Bot, inbox: Inbox, turns: Turns, rights: Rights) -> None:
        self._platform = platform
        self._bot = bot
        self._inbox = inbox
        self._turns = turns
        self._rights = rights

    async def on_change(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """Learn of a change."""
        change = update.my_chat_member
        assert change is not None
        address = str(change.chat.id)
        if _is_absent(change.new_chat_member):
            await self._inbox.gone(self._platform, address, "the bot was removed or blocked")
            return
        await self._inbox.returned(self._platform, address)  # brought back, or given other rights
        if change.chat.type in GROUPS and _is_absent(change.old_chat_member):
            await self._greet(change)

    async def _greet(self, change: ChatMemberUpdated) -> None:
        chat, user = change.chat, change.from_user

        async def may_write() -> bool:
            return await self._rights.administers(chat.id, user.id)

        request = Request(
            platform=self._platform,
            address=str(chat.id),
            title=chat.effective_name or "",
            text="",
            actor=user.full_name,
            actor_id=str(user.id),
            home=self._bot.link,
            may_write=may_write,
            has_buttons=True,
            language=user.language_code or "",
        )
        replies = telegram_buttons.pages(await self._inbox.joined(request), self._bot.username)
        posts = [functools.partial(self._post, chat.id, html, markup) for html, markup in replies]
        self._turns.start(str(chat.id), *posts, group=True)

    async def _post(self, chat: int, html: str, markup: telegram_buttons.Markup | None) -> Throttled | None:
        try:
            await self._bot.send_message(
                chat,
                html,
                parse_mode=ParseMode.HTML,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                reply_markup=markup,
            )
        except error.RetryAfter as problem:
            return Throttled(telegram_errors.seconds(problem))
        except (error.BadRequest, error.Forbidden) as problem:
            # Nobody asked for a greeting: a group that lets the bot only read is left in peace.
            log.info("telegram_greeting_refused", problem=problem.message)
        return None


def _is_absent(member: ChatMember) -> bool:
    """Tell whether somebody is not there; whoever leaves restricted stays so, and is no member."""
    return member.status in _ABSENT or (isinstance(member, ChatMemberRestricted) and not member.is_member)
