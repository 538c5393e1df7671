"""What Telegram shows of the bot by itself: its commands to each audience, and what it is."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Iterator, Mapping

import structlog
from telegram import (
    Bot,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    Message,
    error,
)

from bot.ports import Audience, Menu, Presentation

log = structlog.get_logger("bot.telegram")

# core.telegram.org/bots/api, BotCommandScope: of those that fit a person the narrowest is shown.
_SCOPES: Mapping[Audience, Callable[[Menu], BotCommandScope]] = {
    "private": lambda _: BotCommandScopeAllPrivateChats(),
    "administrators": lambda _: BotCommandScopeAllChatAdministrators(),
    "members": lambda _: BotCommandScopeAllGroupChats(),
    "operator": lambda menu: BotCommandScopeChat(int(menu.chat)),
}
_Call = Callable[[], Awaitable[object]]


def of_operator(shown: Presentation, message: Message) -> set[str]:
    """Name the commands of whoever has written a message, where that is an operator, who may type them in any chat."""
    author = "" if message.from_user is None or message.sender_chat else str(message.from_user.id)
    return {name for menu in shown.menus if author and menu.chat == author for name, _ in menu.commands}


async def present(bot: Bot, shown: Presentation) -> None:
    """Tell Telegram what to show. What it refuses is logged: a menu that is not shown is no reason not to work."""
    for what, call in _calls(bot, shown):
        try:
            await call()
        except error.BadRequest as problem:
            log.warning("telegram_presentation_refused", what=what, problem=problem.message)
        except error.TelegramError as problem:
            # It does not answer, or not so much: the rest would fare no better, and what was shown before stays.
            log.warning("telegram_presentation_put_off", what=what, problem=problem.message)
            return


def _calls(bot: Bot, shown: Presentation) -> Iterator[tuple[str, _Call]]:
    for menu in shown.menus:
        scope, language = _SCOPES[menu.audience](menu), menu.language or None
        yield (
            f"commands for {menu.audience} {menu.language}".strip(),
            functools.partial(bot.set_my_commands, menu.commands, scope=scope, language_code=language),
        )
    for each in shown.portraits:
        language = each.language or None
        yield "description", functools.partial(bot.set_my_description, each.description, language_code=language)
        yield (
            "short description",
            functools.partial(bot.set_my_short_description, each.short, language_code=language),
        )
