"""Telegram's pressed buttons: each is answered, and what it changes of its message is sent in turn."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Awaitable, Callable, Iterator

import structlog
from telegram import Bot, CallbackQuery, Chat, InlineKeyboardMarkup, LinkPreviewOptions, Update, error
from telegram.constants import ParseMode
from telegram.ext import ContextTypes

from bot import text
from bot.adapters import telegram_errors, telegram_markup, telegram_picking
from bot.adapters.telegram_rights import GROUPS, Rights
from bot.adapters.turns import LONGEST_WAIT, Turns
from bot.outcomes import Throttled
from bot.ports import Inbox, Keyboard, Pressed, Reply, Request, is_row

log = structlog.get_logger("bot.telegram")

# Characters of an answer to a press (core.telegram.org/bots/api, answerCallbackQuery).
LONGEST_TOAST = 200
Call = Callable[[], Awaitable[object]]
Markup = InlineKeyboardMarkup | telegram_picking.Below
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


def pages(reply: Reply, named: str = "") -> Iterator[tuple[str, Markup | None]]:
    """Mark up a reply in as many messages as it needs; the last has the buttons.

    Where the bot is `named`, commands are addressed to it.
    """
    messages = list(telegram_markup.replies(telegram_markup.addressed(reply, named) if named else reply))
    for html in messages[:-1]:
        yield html, None
    for html in messages[-1:]:
        rows = tuple(line for line in reply if is_row(line))
        yield html, telegram_picking.below(rows) or _markup(rows)


def _markup(rows: Keyboard) -> InlineKeyboardMarkup | None:
    return InlineKeyboardMarkup.de_json(telegram_markup.keyboard(rows), None) if rows else None


class Buttons:
    """Takes presses to the inbox, and its answers back: those to the press at once, edits and messages in turn."""

    def __init__(self, platform: str, bot: Bot, inbox: Inbox, turns: Turns, rights: Rights) -> None:
        self._platform = platform
        self._bot = bot
        self._inbox = inbox
        self._turns = turns
        self._rights = rights
        # By chat and message: the edit that is to be made, and since when one waits.
        self._waiting: dict[tuple[int, int], tuple[Call, float]] = {}

    async def on_press(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """Answer a press, whatever becomes of it: until then the button seems to hang."""
        query = update.callback_query
        assert query is not None
        pressed = Pressed()
        try:
            pressed = await self._inbox.press(self._request(query))
        finally:
            toast = telegram_markup.plain(pressed.toast)
            shown = text.shorten(toast, LONGEST_TOAST)
            with contextlib.suppress(error.TelegramError):  # it came too late, and all else is done
                await self._bot.answer_callback_query(query.id, shown or None, show_alert=pressed.alert and bool(shown))
        chat = query.message.chat if query.message is not None else None
        if chat is None or query.message is None:
            return
        is_group = chat.type != Chat.PRIVATE
        named = self._bot.username if chat.type in GROUPS else ""
        if (edit := self._edit(chat.id, query.message.message_id, pressed, named)) is not None:
            self._change(chat.id, query.message.message_id, edit, group=is_group)
        said = (*pressed.said, *(pressed.toast if len(toast) > LONGEST_TOAST and pressed.alert else ()))
        if posts := [self._post(chat.id, pressed.thread, html) for html, _ in pages(said, named)]:
            self._turns.start(str(chat.id), *posts, group=is_group)

    def _change(self, chat: int, message: int, edit: Call, *, group: bool) -> None:
        """Edit a message in its turn; of several edits that wait for theirs the last one is enough."""
        now = asyncio.get_running_loop().time()
        # What waited longer was dropped.
        self._waiting = {key: each for key, each in self._waiting.items() if now - each[1] <= LONGEST_WAIT}
        _, since = self._waiting.get((chat, message), (edit, now))
        is_first = (chat, message) not in self._waiting
        self._waiting[chat, message] = edit, since
        if is_first:
            self._turns.start(str(chat), functools.partial(self._last, chat, message), group=group)

    async def _last(self, chat: int, message: int) -> Throttled | None:
        edit, since = self._waiting.pop((chat, message), (None, 0.0))
        throttled = None if edit is None else await _quietly(edit)
        if edit is not None and throttled is not None:
            self._waiting.setdefault((chat, message), (edit, since))
        return throttled

    def _request(self, query: CallbackQuery) -> Request:
        user, message = query.from_user, query.message
        chat = message.chat if message is not None else None
        is_private = chat is not None and chat.type == Chat.PRIVATE

        async def may_write() -> bool:
            """In a private chat there is nobody else; anonymous administrators press in their own name."""
            if chat is None or is_private:
                return is_private
            return await self._rights.administers(chat.id, user.id)

        async def belongs() -> bool:
            return chat is not None and await self._rights.belongs(chat.id, user.id)

        return Request(
            platform=self._platform,
            address="" if chat is None else str(chat.id),
            title="" if chat is None else chat.effective_name or "",
            text=query.data or "",
            actor=user.full_name,
            actor_id=str(user.id),
            is_private=is_private,
            replied_to="" if message is None else str(message.message_id),
            may_write=may_write,
            home=self._bot.link,
            standing=functools.partial(self._rights.standing, user.id) if is_private else None,
            has_buttons=True,
            belongs=belongs if chat is not None and chat.type in GROUPS else None,
            language=user.language_code or "",
        )

    def _edit(self, chat: int, message: int, pressed: Pressed, named: str) -> Call | None:
        if pressed.panel is not None:
            html, _ = next(pages(pressed.panel, named))
            markup = _markup(tuple(line for line in pressed.panel if is_row(line)))
            return functools.partial(
                self._bot.edit_message_text,
                html,
                chat,
                message,
                parse_mode=ParseMode.HTML,
                link_preview_options=_NO_PREVIEW,
                reply_markup=markup,
            )
        if pressed.keyboard is None:
            return None
        markup = _markup(pressed.keyboard)
        return functools.partial(self._bot.edit_message_reply_markup, chat, message, reply_markup=markup)

    def _post(self, chat: int, thread: str, html: str) -> Callable[[], Awaitable[Throttled | None]]:
        send = functools.partial(
            self._bot.send_message,
            chat,
            html,
            parse_mode=ParseMode.HTML,
            message_thread_id=int(thread) if thread else None,
            link_preview_options=_NO_PREVIEW,
        )
        return functools.partial(_quietly, send)


async def _quietly(call: Call) -> Throttled | None:
    """Change a message or send one. One that is gone, or stands so already, is no trouble."""
    try:
        await call()
    except error.RetryAfter as problem:
        return Throttled(telegram_errors.seconds(problem))
    except error.BadRequest as problem:
        if not telegram_errors.is_settled(problem):
            log.warning("telegram_press_refused", problem=problem.message)
    return None
