"""Telegram, by long polling or by its webhook, with python-telegram-bot.

update | whose chat, what was typed | inbox.answer | HTML        delivery | HTML | sendMessage | outcome
"""

from __future__ import annotations

import asyncio
import functools
import os
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import structlog
from telegram import Bot, Chat, Message, Update, error
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ChatMemberHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.adapters import telegram_buttons, telegram_errors, telegram_menus, telegram_picking, telegram_rights
from bot.adapters.telegram_inline import InlineMode, described
from bot.adapters.telegram_membership import Membership
from bot.adapters.telegram_replies import Replies
from bot.adapters.telegram_request import TelegramRequest, tls
from bot.adapters.telegram_rights import Rights
from bot.adapters.telegram_sending import Poster
from bot.adapters.telegram_updates import Polling, Webhook
from bot.adapters.turns import Turns
from bot.languages import sentence
from bot.model import Channel, Delivery
from bot.outbox.pacing import Limits, Pacer
from bot.outcomes import Ambiguous, Outcome
from bot.ports import AdapterError, Inbox, Presentation, Request

log = structlog.get_logger("bot.telegram")

# core.telegram.org/bots/faq: 30 a second, 1 a second and chat with short bursts, 20 a minute and group.
# So many may be in flight that answers of four seconds do not slow the 30 down.
LIMITS = Limits(token_per_second=30, burst=3, group_per_minute=20, in_flight=128)
REFUSED = (
    "Telegram does not accept TELEGRAM_BOT_TOKEN: copy the token again from @BotFather (it looks like 123456:ABC…) "
    "into the environment or .env, and check TELEGRAM_API_URL if you set one."
)
# Seconds. The library's own five would make a slow answer a second message.
ANSWER_TIME = 30.0
# Beyond the time for which Telegram holds a poll: an update that comes twice is told apart by its number.
POLL_ANSWER_TIME = 5.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
# Updates whose numbers are remembered: more than one answer to a poll brings.
REMEMBERED = 1000
# The kinds of updates that are asked for.
UPDATES = (
    Update.MESSAGE,
    Update.CHANNEL_POST,
    Update.MY_CHAT_MEMBER,
    Update.CHAT_MEMBER,
    Update.CALLBACK_QUERY,
    Update.INLINE_QUERY,
)


class TelegramAdapter:
    """One bot token. `api_url` is where `/bot<token>/<method>` lives; `menu` names the commands, with what they do.

    `presentation` is what Telegram shows by itself.

    Updates come by the webhook where there is one, else by long polling.
    """

    platform = "telegram"
    can_look_up = False

    def __init__(
        self,
        token: str,
        api_url: str,
        menu: Sequence[tuple[str, str]],
        clock: Callable[[], datetime],
        limits: Limits = LIMITS,
        webhook: Webhook | None = None,
        presentation: Presentation | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.pacer = Pacer(limits)
        self._turns = Turns(self.pacer)
        # Durations as timedelta, as the library's next major version gives them; without this it warns at every 429.
        os.environ.setdefault("PTB_TIMEDELTA", "true")
        root = api_url.rstrip("/").removesuffix("/bot")
        context = tls()
        request = TelegramRequest(context, ANSWER_TIME, ANSWER_TIME)
        self._application: Application = (  # type: ignore[type-arg]
            ApplicationBuilder()
            .token(token)
            .base_url(f"{root}/bot")
            .base_file_url(f"{root}/file/bot")
            .request(request)
            # Of its own, so that a poll never takes the place of a message.
            .get_updates_request(TelegramRequest(context, ANSWER_TIME, POLL_ANSWER_TIME))
            .build()
        )
        self._poster = Poster(self._application.bot, request)
        self._replies = Replies(self._application.bot, self._turns, monotonic, sleep)
        self._rights = Rights(self._application.bot, monotonic)
        self._inline = InlineMode(self._application.bot, request, clock)
        self._menu = menu
        self._presentation = presentation or Presentation()
        self._clock = clock
        self._updates = Polling() if webhook is None else webhook
        self._inbox: Inbox | None = None
        self._seen: deque[int] = deque(maxlen=REMEMBERED)

    @property
    def _bot(self) -> Bot:
        bot: Bot = self._application.bot
        return bot

    def is_group(self, channel: Channel) -> bool:
        """Tell groups, supergroups and broadcast channels by their negative ids."""
        return _is_group(channel.address)

    def is_private(self, channel: Channel) -> bool:
        """Tell a chat with one person by its positive id."""
        return not self.is_group(channel)

    async def check(self) -> str:
        """Ask getMe."""
        try:
            await self._bot.initialize()
            me = await self._bot.get_me()
        except error.InvalidToken as problem:
            raise AdapterError(REFUSED) from problem
        except error.TelegramError as problem:
            raise AdapterError(
                f"Telegram does not answer ({problem.message}): check this machine's network, and "
                "TELEGRAM_API_URL if you set one."
            ) from problem
        return described(me)

    async def start(self, inbox: Inbox) -> None:
        """Connect and begin to take updates."""
        self._inbox = inbox
        await self._until_reachable(self._application.initialize)
        updates = filters.UpdateType.MESSAGE | filters.UpdateType.CHANNEL_POST
        self._application.add_handler(MessageHandler(updates & filters.StatusUpdate.MIGRATE, self._on_migration))
        self._application.add_handler(
            MessageHandler(updates & (filters.TEXT | filters.StatusUpdate.CHAT_SHARED), self._on_text)
        )
        membership = Membership(self.platform, self._bot, inbox, self._turns, self._rights)
        buttons = telegram_buttons.Buttons(self.platform, self._bot, inbox, self._turns, self._rights)
        self._application.add_handler(CallbackQueryHandler(buttons.on_press, block=False))
        self._application.add_handler(ChatMemberHandler(membership.on_change, ChatMemberHandler.MY_CHAT_MEMBER))
        self._inline.listen(self._application, inbox)
        self._rights.listen(self._application)
        self._application.add_error_handler(_on_error)
        await self._application.start()
        await self._until_reachable(functools.partial(self._updates.open, self._application, UPDATES, inbox))
        log.info("telegram_ready", bot=self._bot.username)
        await telegram_menus.present(self._bot, self._presentation)

    async def _until_reachable(self, connect: Callable[[], Awaitable[None]]) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                return await connect()
            except error.InvalidToken as problem:
                raise AdapterError(REFUSED) from problem
            except error.TelegramError as problem:
                asked = telegram_errors.seconds(problem) if isinstance(problem, error.RetryAfter) else 0.0
                wait = max(pause, asked)
                log.warning("telegram_unreachable", problem=type(problem).__name__, next_try_in=wait)
                await asyncio.sleep(wait)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def stop_receiving(self) -> None:
        """Take no more updates and finish those at hand."""
        await self._updates.close()
        if self._application.running:
            await self._application.stop()
        await self._inline.finish()
        await self._replies.finish()

    async def close(self) -> None:
        """Close the connections."""
        await self.stop_receiving()
        await self._application.shutdown()
        # An application that never came to life leaves its bot's connections to us.
        await self._bot.shutdown()

    async def send(self, delivery: Delivery) -> Outcome:
        """Send a delivery's message, or correct the one that was sent."""
        return await self._poster.send(delivery, self._clock())

    async def look_up(self, delivery: Delivery) -> Outcome | None:  # noqa: ARG002 (there is nothing to look in)
        """Tell that bots cannot look into chats."""
        return Ambiguous(sentence("Telegram does not let bots look whether a message has arrived"))

    async def _on_text(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.effective_message
        inbox = self._inbox
        assert message is not None
        assert inbox is not None
        if message.is_automatic_forward:
            return  # a broadcast channel's post, copied into its discussion group: nobody typed it there
        if update.update_id in self._seen:
            return  # where numbers come out of order, the last that was read does not confirm them all
        self._seen.append(update.update_id)
        known = {"start", *(name for name, _ in self._menu)} | telegram_menus.of_operator(self._presentation, message)
        typed = telegram_picking.chosen(message) or _typed(message, self._bot.username, known)
        if typed is None:
            return
        chat = message.chat
        origin = message.reply_to_message
        request = Request(
            platform=self.platform,
            address=str(chat.id),
            thread=str(message.message_thread_id) if message.is_topic_message else "",
            title=chat.effective_name or "",
            text=typed,
            actor=_actor(message),
            actor_id="" if message.from_user is None or message.sender_chat else str(message.from_user.id),
            is_private=chat.type == Chat.PRIVATE,
            replied_to="" if origin is None or origin.forum_topic_created else str(origin.message_id),
            home=self._bot.link,
            may_write=lambda: self._rights.may_write(message),
            standing=self._rights.standing_of(message),
            find=functools.partial(telegram_rights.find, self._bot),
            has_buttons=True,
            belongs=self._rights.membership(message),
            later=functools.partial(self._replies.later, message),
            language="" if message.from_user is None else message.from_user.language_code or "",
        )
        self._replies.start(message, await inbox.answer(request))

    async def _on_migration(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.effective_message
        inbox = self._inbox
        assert message is not None
        assert inbox is not None
        if message.migrate_to_chat_id is not None:
            await inbox.moved(self.platform, str(message.chat.id), str(message.migrate_to_chat_id))


def _is_group(address: str) -> bool:
    return address.startswith("-")


def _typed(message: Message, username: str, commands: set[str]) -> str | None:
    """Take the command out of a message; None where it is not for this bot.

    In a private chat everything is; elsewhere only what begins with a slash and names no other bot, and a word that is
    no command of ours only where it names us, for it may be another bot's. What marks a filter as urgent may stand
    before our name or, as one writes on behind a command of the menu, after it.
    """
    written = message.text or ""
    word, _, rest = written.partition(" ")
    word, newline, after = word.partition("\n")
    name, _, addressee = word.partition("@")
    if not name.startswith("/"):
        return written if message.chat.type == Chat.PRIVATE else None
    mark = "!" if "!" in {name[-1:], addressee[-1:]} else ""
    name, addressee = name.removeprefix("/").removesuffix("!"), addressee.removesuffix("!")
    if addressee and addressee.casefold() != username.casefold():
        return None
    if message.chat.type != Chat.PRIVATE and not addressee and name.casefold() not in commands:
        return None
    return f"{name}{mark} {after}{newline and ' '}{rest}"


def _actor(message: Message) -> str:
    if message.from_user is not None and message.sender_chat is None:
        return message.from_user.full_name
    return message.author_signature or ""


async def _on_error(_update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    log.error("telegram_update_failed", exc_info=context.error)
