"""Telegram's side of a delivery: send its message, or correct the one that was sent."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, NamedTuple

import structlog
from telegram import Bot, LinkPreviewOptions, Message, ReplyParameters, error
from telegram.constants import ParseMode

from bot.adapters import telegram_errors, telegram_markup
from bot.adapters.story import digest, tell
from bot.model import Delivery
from bot.outcomes import Outcome, Sent

log = structlog.get_logger("bot.telegram")

Call = Callable[..., Awaitable[Message | bool]]


class _Told(NamedTuple):
    """A message with its markup, without, and with or without the preview of a link."""

    html: str
    plain: str
    preview: LinkPreviewOptions


async def send(bot: Bot, delivery: Delivery, now: datetime) -> Outcome:
    """Send a story, or correct the message that told it; what Telegram cannot parse goes out plain."""
    told = _tell(delivery, now)
    try:
        if delivery.edits:
            await _correct(bot, delivery, told)
            return Sent(delivery.edits)
        message, refused = await _readable(_posting(bot, delivery, told), told)
    except error.TelegramError as problem:
        if delivery.edits:
            return telegram_errors.edit_outcome(problem, delivery.edits)
        return telegram_errors.outcome(problem)
    assert isinstance(message, Message)
    return Sent(str(message.message_id), refused)


def _tell(delivery: Delivery, now: datetime) -> _Told:
    story = tell(delivery, now)
    plain = telegram_markup.plain_story(story)
    if delivery.folded:
        html = next(telegram_markup.replies(digest(delivery, now)))
        return _Told(html, plain, LinkPreviewOptions(is_disabled=True))
    preview = LinkPreviewOptions(url=story.url, prefer_small_media=True, is_disabled=not story.url)
    return _Told(telegram_markup.story(story), plain, preview)


def _posting(bot: Bot, delivery: Delivery, told: _Told, **more: Any) -> Call:
    thread = delivery.channel.thread
    return functools.partial(
        bot.send_message,
        chat_id=delivery.channel.address,
        message_thread_id=int(thread) if thread else None,
        link_preview_options=told.preview,
        **more,
    )


async def _correct(bot: Bot, delivery: Delivery, told: _Told) -> None:
    """Edit a message; where it cannot be edited any more, its correction is a reply to it."""
    number = int(delivery.edits)
    editing = functools.partial(
        bot.edit_message_text,
        chat_id=delivery.channel.address,
        message_id=number,
        link_preview_options=told.preview,
    )
    try:
        await _readable(editing, told)
    except error.BadRequest as problem:
        if not telegram_errors.is_locked(problem):
            raise
        original = ReplyParameters(number, allow_sending_without_reply=True)
        await _readable(_posting(bot, delivery, told, reply_parameters=original), told)


async def _readable(call: Call, told: _Told) -> tuple[Message | bool, str]:
    """Send a text with markup, or where Telegram refuses that without, and say what it refused."""
    try:
        return await call(text=told.html, parse_mode=ParseMode.HTML), ""
    except error.BadRequest as problem:
        if not telegram_errors.is_markup_error(problem):
            raise
        log.warning("telegram_markup_refused", problem=problem.message)
        return await call(text=told.plain), problem.message
