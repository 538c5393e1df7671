"""Telegram's answers to what is typed: each in its turn. In groups a refusal is quiet, and gone after half a minute."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable, Coroutine

import structlog
from telegram import Bot, LinkPreviewOptions, Message, ReplyParameters, error
from telegram.constants import ParseMode

from bot.adapters import telegram_buttons, telegram_errors
from bot.adapters.telegram_rights import GROUPS
from bot.adapters.turns import Turns
from bot.outcomes import Throttled
from bot.ports import Reply, is_refusal

log = structlog.get_logger("bot.telegram")

# Seconds for which a refusal stands in a group. Until then whoever is refused again has read it.
STANDS = 30.0
_Person = tuple[int, int, int]


class Replies:
    """Sends a token's answers. A refusal in a group is a silent reply to the person, who gets one at a time."""

    def __init__(
        self,
        bot: Bot,
        turns: Turns,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._turns = turns
        self._monotonic = monotonic
        self._sleep = sleep
        # By chat, topic and person, until when; the oldest first.
        self._refused: dict[_Person, float] = {}
        # What removes a refusal, by its chat and message.
        self._standing: dict[tuple[int, int], asyncio.Task[None]] = {}
        self._coming: set[asyncio.Task[None]] = set()

    def start(self, message: Message, reply: Reply) -> None:
        """Answer a message beside whatever else is to do."""
        is_group = message.chat.type in GROUPS
        refusal = is_group and is_refusal(reply)
        if refusal and not self._is_news(message):
            return
        send = self._refuse if refusal else self._reply
        pages = telegram_buttons.pages(reply, self._bot.username if is_group else "")
        posts = [functools.partial(send, message, html, markup) for html, markup in pages]
        self._turns.start(str(message.chat.id), *posts, group=message.chat.id < 0)

    def later(self, message: Message, coming: Coroutine[None, None, Reply]) -> None:
        """Answer a message once more when that is there; nothing waits for it, and a bot that stops ends it."""
        task = asyncio.create_task(self._when_there(message, coming), name="answer later")
        self._coming.add(task)
        task.add_done_callback(self._coming.discard)

    async def _when_there(self, message: Message, coming: Coroutine[None, None, Reply]) -> None:
        self.start(message, await coming)

    async def finish(self) -> None:
        """End what is not there yet, wait for what is being sent, and remove the refusals that stand.

        Nobody will do it later.
        """
        for task in self._coming:
            task.cancel()
        if self._coming:
            await asyncio.wait(self._coming)
        await self._turns.finish()
        standing, self._standing = self._standing, {}
        for task in standing.values():
            task.cancel()
        await asyncio.gather(*(self._remove(*place) for place in standing))

    def _is_news(self, message: Message) -> bool:
        """Tell whether a person has not just been refused."""
        now = self._monotonic()
        for person, until in list(self._refused.items()):
            if until > now:
                break
            del self._refused[person]
        author = message.sender_chat or message.from_user
        person = (message.chat.id, message.message_thread_id or 0, 0 if author is None else author.id)
        if person in self._refused:
            return False
        self._refused[person] = now + STANDS
        return True

    async def _reply(self, message: Message, html: str, markup: telegram_buttons.Markup | None) -> Throttled | None:
        sent = await self._send(message, html, markup)
        return sent if isinstance(sent, Throttled) else None

    async def _refuse(self, message: Message, html: str, markup: telegram_buttons.Markup | None) -> Throttled | None:
        # The message may be gone, which is no reason to say nothing.
        to = ReplyParameters(message.message_id, allow_sending_without_reply=True)
        sent = await self._send(message, html, markup, to)
        if isinstance(sent, Throttled):
            return sent
        place = (message.chat.id, sent.message_id)
        self._standing[place] = asyncio.create_task(self._tidy(place), name="remove a refusal")
        return None

    async def _send(
        self, message: Message, html: str, markup: telegram_buttons.Markup | None, to: ReplyParameters | None = None
    ) -> Message | Throttled:
        try:
            return await self._bot.send_message(
                message.chat.id,
                html,
                parse_mode=ParseMode.HTML,
                message_thread_id=message.message_thread_id if message.is_topic_message else None,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                reply_markup=markup,
                reply_parameters=to,
                disable_notification=True if to is not None else None,
            )
        except error.RetryAfter as problem:
            return Throttled(telegram_errors.seconds(problem))

    async def _tidy(self, place: tuple[int, int]) -> None:
        await self._sleep(STANDS)
        # Until it is gone it stands in the list, where whoever stops the bot finds it.
        await self._remove(*place)
        self._standing.pop(place, None)

    async def _remove(self, chat: int, message: int) -> None:
        try:
            await self._bot.delete_message(chat, message)
        except error.TelegramError as problem:  # one that is gone already, or that stays: a line, and no trouble
            log.info("telegram_refusal_stays", problem=problem.message)
