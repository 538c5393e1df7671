"""Telegram's side of a delivery: send its message, or correct the one that was sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import structlog
from telegram import Bot, error
from telegram.constants import ParseMode

from bot.adapters import telegram_errors, telegram_markup
from bot.adapters.story import digest, tell
from bot.adapters.telegram_request import TelegramRequest
from bot.model import Delivery
from bot.outcomes import Outcome, Sent

log = structlog.get_logger("bot.telegram")


class _Told(NamedTuple):
    """A message with its markup, without, and what Telegram shows of a link's page."""

    html: str
    plain: str
    preview: Mapping[str, object]


class Poster:
    """Sends with one token, past the library's objects: they take as long as the rest."""

    def __init__(self, bot: Bot, request: TelegramRequest) -> None:
        self._bot = bot
        self._request = request

    async def send(self, delivery: Delivery, now: datetime) -> Outcome:
        """Send a story, or correct the message that told it; what Telegram cannot parse goes out plain."""
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
        """Send a text with markup, or where Telegram refuses that without, and say what it refused."""
        address = f"{self._bot.base_url}/{method}"
        parameters = {**where, "link_preview_options": told.preview}
        try:
            marked_up = {"text": told.html, "parse_mode": ParseMode.HTML}
            return await self._request.call(address, parameters | marked_up), ""
        except error.BadRequest as problem:
            if not telegram_errors.is_markup_error(problem):
                raise
            log.warning("telegram_markup_refused", problem=problem.message)
            return await self._request.call(address, parameters | {"text": told.plain}), problem.message


def _tell(delivery: Delivery, now: datetime) -> _Told:
    story = tell(delivery, now)
    plain = telegram_markup.plain_story(story)
    if delivery.folded:
        return _Told(next(telegram_markup.replies(digest(delivery, now))), plain, {"is_disabled": True})
    return _Told(telegram_markup.story(story), plain, telegram_markup.preview(story))


def _where(delivery: Delivery) -> dict[str, object]:
    where: dict[str, object] = {"chat_id": delivery.channel.address}
    if delivery.channel.thread:
        where["message_thread_id"] = int(delivery.channel.thread)
    return where
