"""The two ways by which Telegram's updates come in: the bot polls, or Telegram calls its webhook."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from telegram import Bot, Update, WebhookInfo, error
from telegram.ext import Application

from bot.adapters import telegram_errors
from bot.ports import AdapterError, Inbox

log = structlog.get_logger("bot.telegram")

# Updates whose numbers are remembered: more than may be on their way at once.
REMEMBERED = 1000
# Updates that may wait to be handled; beyond that Telegram keeps them and calls again.
MOST_WAITING = 1000
# Calls that Telegram makes at the same time, one for each chat: all are answered at once.
CONNECTIONS = 20
# Seconds between two questions how it goes: what fails at one look and still at the next is no restart.
LOOK_EVERY = 180.0
TAKEN = (
    "⚠ Another program took the webhook of TELEGRAM_BOT_TOKEN away; it was set again, but commands get lost. Stop the "
    "other program, or give this bot a token of its own from @BotFather."
)
# What Telegram puts before its word on an address (telegram-bot-api, Client.cpp); names may fail for a moment.
_TEMPORARY = "temporary failure"


class Polling:
    """Long polling, which needs no address."""

    def __init__(self) -> None:
        self._application: Application | None = None  # type: ignore[type-arg]
        self._inbox: Inbox | None = None
        self._alarms: set[asyncio.Task[None]] = set()

    async def open(self, application: Application, kinds: Sequence[str], inbox: Inbox) -> None:  # type: ignore[type-arg]
        """Poll for updates of these kinds. A webhook is deleted first, for Telegram does one or the other.

        Raises TelegramError: it does not answer, or not now.
        """
        self._application, self._inbox = application, inbox
        assert application.updater is not None
        await application.updater.start_polling(allowed_updates=kinds, error_callback=self._on_error)

    async def close(self) -> None:
        """Poll no more."""
        updater = None if self._application is None else self._application.updater
        if updater is not None and updater.running:
            await updater.stop()
        if self._alarms:
            await asyncio.wait(self._alarms)

    def _on_error(self, problem: error.TelegramError) -> None:
        if not isinstance(problem, error.Conflict):
            log.warning("telegram_poll_failed", problem=type(problem).__name__)
            return
        log.error("telegram_conflict", problem=telegram_errors.CONFLICT)
        assert self._inbox is not None
        task = asyncio.get_running_loop().create_task(self._inbox.alarm("telegram conflict", telegram_errors.CONFLICT))
        self._alarms.add(task)
        task.add_done_callback(self._alarms.discard)


class Webhook:
    """The address that Telegram calls, and the secret by which it is known: 1 to 256 characters of `A-Z a-z 0-9 _ -`.

    What comes before `open` and after `close` is not taken: Telegram keeps it for a day, and calls again.
    """

    def __init__(self, url: str, secret: str, look_every: float = LOOK_EVERY) -> None:
        self._url = url
        self._secret = secret.encode()
        self._look_every = look_every
        self._seen: deque[int] = deque(maxlen=REMEMBERED)
        self._application: Application | None = None  # type: ignore[type-arg]
        self._watching: asyncio.Task[None] | None = None

    def knows(self, secret: str) -> bool:
        """Tell whether a caller has the secret, in a time that does not depend on how much of it is right."""
        return hmac.compare_digest(secret.encode("utf-8", "surrogateescape"), self._secret)

    def take(self, update: Mapping[str, Any]) -> bool:
        """Queue an update, and tell whether that could be done; one that was taken before is passed over.

        `update` has an integer `update_id`.
        """
        application = self._application
        if application is None or application.update_queue.qsize() >= MOST_WAITING:
            return False
        number = update["update_id"]
        if number in self._seen:
            return True
        self._seen.append(number)
        try:
            read = Update.de_json(dict(update), application.bot)
        except (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError) as problem:
            # The next time it would be read no better, and what comes after it in its chat would wait for a day.
            log.warning("telegram_update_unreadable", number=number, problem=type(problem).__name__)
            return True
        application.update_queue.put_nowait(read)
        return True

    async def open(self, application: Application, kinds: Sequence[str], inbox: Inbox) -> None:  # type: ignore[type-arg]
        """Have Telegram call for updates of these kinds.

        Raises:
            AdapterError: it does not take the address, and never will.
            TelegramError: it does not answer, or not now.
        """
        self._application = application
        try:
            await self._set(application.bot, kinds)
        except error.BadRequest as problem:
            if _TEMPORARY in problem.message.casefold():
                raise
            raise AdapterError(
                f"Telegram does not take {self._url} as its webhook ({problem.message}): PHIWIRE_PUBLIC_URL must be an "
                "https address that the world reaches, on port 443, 80, 88 or 8443, with a name that can be looked up; "
                "PHIWIRE_TELEGRAM_UPDATES=poll needs no address."
            ) from problem

        self._watching = asyncio.get_running_loop().create_task(self._watch(application.bot, kinds, inbox))

    async def close(self) -> None:
        """Take nothing more. The address stays known to Telegram, which keeps what comes for the next start."""
        self._application = None
        watching, self._watching = self._watching, None
        if watching is not None:
            watching.cancel()
            await asyncio.wait([watching])

    async def _set(self, bot: Bot, kinds: Sequence[str]) -> None:
        await bot.set_webhook(
            self._url,
            max_connections=CONNECTIONS,
            allowed_updates=kinds,
            # What people typed while the bot was away is answered, as it is by polling.
            drop_pending_updates=False,
            secret_token=self._secret.decode(),
        )

    async def _watch(self, bot: Bot, kinds: Sequence[str], inbox: Inbox) -> None:
        """Ask now and then whether Telegram gets through, for else nobody would learn that it does not."""
        before: WebhookInfo | None = None
        while True:
            await asyncio.sleep(self._look_every)
            with contextlib.suppress(error.TelegramError):  # the sender learns of that, and tells of it
                now = await bot.get_webhook_info()
                if now.url != self._url:
                    log.error("telegram_webhook_taken", problem=TAKEN)
                    await inbox.alarm("telegram webhook taken", TAKEN)
                    await self._set(bot, kinds)
                elif before is not None and _fails(before, now):
                    sentence = self._unreached(now)
                    log.error("telegram_webhook_unreached", problem=sentence)
                    await inbox.alarm("telegram webhook", sentence)
                before = now

    def _unreached(self, info: WebhookInfo) -> str:
        return (
            f"⚠ Telegram does not get through to {self._url} ({info.last_error_message}), so that commands wait; news "
            "still goes out. Look at the proxy, its certificate and PHIWIRE_PUBLIC_URL, or set "
            "PHIWIRE_TELEGRAM_UPDATES=poll."
        )


def _fails(before: WebhookInfo, now: WebhookInfo) -> bool:
    return now.pending_update_count > 0 and now.last_error_date not in {None, before.last_error_date}
