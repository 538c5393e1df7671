"""Telegram's side of a delivery: send its message, or correct the one that was sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import structlog
from telegram import Bot, error
from telegram.constants import ParseMode

from bot import buttons, telling
from bot.adapters import telegram_errors, telegram_markup
from bot.adapters.telegram_request import TelegramRequest
from bot.languages import speaking
from bot.model import Delivery
from bot.outcomes import Outcome, Sent
from bot.story import digest, tell

log = structlog.get_logger("bot.telegram")


class _Told(NamedTuple):
    """A message in markup, the fullest first, and without any; what Telegram shows of a link's page; the buttons."""

    html: tuple[str, ...]
    plain: str
    preview: Mapping[str, object]
    buttons: Mapping[str, object]


class Poster:
    """Sends with one token, past the library's objects: they take as long as the rest."""

    def __init__(self, bot: Bot, request: TelegramRequest) -> None:
        self._bot = bot
        self._request = request

    async def send(self, delivery: Delivery, now: datetime) -> Outcome:
        """Send a story, or correct the message that told it; what Telegram cannot parse goes out plain."""
        with speaking(delivery.channel.language):
            told = _tell(delivery, now)
        try:
            if delivery.edits:
                await self._correct(delivery, told)
                return Sent(delivery.edits)
            message, refused = await self._readable("sendMessage", _where(delivery), told)
        except error.TelegramError as problem:
            if delivery.edits:
                return telegram_errors.edit_outcome(problem, delivery.edits)
            return telegram_errors.outcome(problem)
        return Sent(str(message["message_id"]), refused)

    async def _correct(self, delivery: Delivery, told: _Told) -> None:
        """Edit a message; where it cannot be edited any more, its correction is a reply to it."""
        number = int(delivery.edits)
        try:
            await self._readable("editMessageText", {"chat_id": delivery.channel.address, "message_id": number}, told)
        except error.BadRequest as problem:
            if not telegram_errors.is_locked(problem):
                raise
            original = {"message_id": number, "allow_sending_without_reply": True}
            await self._readable("sendMessage", {**_where(delivery), "reply_parameters": original}, told)

    async def _readable(self, method: str, where: Mapping[str, object], told: _Told) -> tuple[Any, str]:
        """Send a text with markup and buttons, or without what Telegram refuses; say why, where that is the markup."""
        address = f"{self._bot.base_url}/{method}"
        parameters = {**where, "link_preview_options": told.preview}
        marked_up = iter(told.html)
        words: dict[str, object] = {"text": next(marked_up), "parse_mode": ParseMode.HTML}
        keyboard, refused = told.buttons, ""
        while True:
            try:
                return await self._request.call(address, {**parameters, **words, **keyboard}), refused
            except error.BadRequest as problem:
                if keyboard and telegram_errors.is_button_error(problem):
                    keyboard = {}
                elif "parse_mode" in words and telegram_errors.is_markup_error(problem):
                    simpler = next(marked_up, None)
                    if simpler is None:
                        words, refused = {"text": told.plain}, problem.message
                    else:
                        words["text"] = simpler
                else:
                    raise
                log.warning("telegram_markup_refused", problem=problem.message)


def _tell(delivery: Delivery, now: datetime) -> _Told:
    story = tell(delivery, now)
    plain = telegram_markup.plain_story(story)
    rows = buttons.under(delivery) if delivery.channel.buttons else ()
    markup = {"reply_markup": telegram_markup.keyboard(rows)} if rows else {}
    if delivery.folded:
        return _Told((next(telegram_markup.replies(digest(delivery, now))),), plain, {"is_disabled": True}, markup)
    preview = telegram_markup.preview(story.url, delivery.channel.preview)
    rows = telling.by_template(story, delivery.channel.template)
    wanted = (True, False) if story.custom_emoji else (False,)
    html = tuple(
        telegram_markup.templated(rows, custom_emoji=custom)
        if rows
        else telegram_markup.story(story, custom_emoji=custom)
        for custom in wanted
    )
    return _Told(html, plain, preview, markup)


def _where(delivery: Delivery) -> dict[str, object]:
    where: dict[str, object] = {"chat_id": delivery.channel.address}
    if delivery.channel.thread:
        where["message_thread_id"] = int(delivery.channel.thread)
    quiet = delivery.reasons and not delivery.folded and all(reason.silent for reason in delivery.reasons)
    if delivery.channel.silent or quiet:
        where["disable_notification"] = True
    return where
