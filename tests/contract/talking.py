"""People who talk with the bot on an emulated Telegram, at times that a test sets."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta

from bot.adapters.telegram import TelegramAdapter
from bot.adapters.telegram_replies import STANDS
from bot.commands.handlers import Commands
from bot.commands.operating import Operating
from bot.commands.parser import COMMANDS
from bot.db import Database
from bot.model import Operator
from bot.outbox.pacing import Limits
from tests.contract.conversations import NOW
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_state import Chat, SentMessage, User

# People who type faster than Telegram lets bots answer; how that is paced is tested elsewhere.
LIMITS = Limits(token_per_second=1000, burst=1000)
MENU = [(usage.name, usage.does) for usage in COMMANDS.values()]


class Talk:
    """A Telegram with the bot in it, Ada who runs things, and Bob and Cem who do not."""

    def __init__(
        self,
        telegram: TelegramEmulator,
        database: Database,
        operators: Collection[Operator] = (),
        operating: Operating | None = None,
    ) -> None:
        self.telegram = telegram
        self.database = database
        self.now = NOW
        self._alarms: list[tuple[float, asyncio.Event]] = []
        self.commands = Commands(
            database, self._clock, lambda: None, "Europe/London", operators=operators, operating=operating
        )
        self.adapter = TelegramAdapter(
            telegram.token, telegram.url, MENU, self._clock, LIMITS, sleep=self._sleep, monotonic=self._monotonic
        )
        self.ada, self.bob, self.cem = telegram.user(7, "Ada"), telegram.user(8, "Bob"), telegram.user(9, "Cem")

    def _clock(self) -> datetime:
        return self.now

    def _monotonic(self) -> float:
        return (self.now - NOW).total_seconds()

    def advance(self, seconds: float) -> None:
        """Turn the clocks."""
        self.now += timedelta(seconds=seconds)
        for due, alarm in self._alarms:
            if due <= self._monotonic():
                alarm.set()

    async def _sleep(self, seconds: float) -> None:
        alarm = asyncio.Event()
        self._alarms.append((self._monotonic() + seconds, alarm))
        self.telegram.changed()
        await alarm.wait()

    async def sleeps(self, count: int) -> None:
        """Wait until so many sleeps have begun."""
        await self.telegram.wait_for(lambda: len(self._alarms) >= count or None, what=f"never {count} sleeps")

    async def refused(self, chat: Chat, user: User, text: str, thread: int | None = None) -> str:
        """Type what is refused, wait until the refusal has gone, and return what it said."""
        begun = len(self._alarms)
        said = await self.ask(chat, user, text, thread)
        await self.sleeps(begun + 1)
        self.advance(STANDS)
        await self.telegram.wait_for(
            lambda: said.message_id not in chat.messages or None, what=f"the refusal of {text} stays"
        )
        return said.text

    async def ask(self, chat: Chat, user: User | None, text: str, thread: int | None = None) -> SentMessage:
        """Type something, and return the bot's next message there."""
        before = {sent.message_id for sent in self.telegram.messages(chat)}
        await self.telegram.say(chat, user, text, thread=thread)
        return await self.telegram.wait_for(
            lambda: next((sent for sent in self.telegram.messages(chat) if sent.message_id not in before), None),
            what=f"no answer to {text}",
        )

    async def hears(self) -> None:
        """Wait until the bot has handled all that Telegram has told so far: what is typed now is answered after it."""
        marker = self.telegram.private_chat(99, "Marker")
        await self.ask(marker, self.telegram.user(99, "Marker"), "/latest 1")

    async def asked(self, count: int) -> None:
        """Wait until Telegram was asked about people so often."""
        await self.telegram.wait_for(lambda: len(self.telegram.calls("getChatMember")) >= count or None)

    async def close(self) -> None:
        """Leave."""
        await self.adapter.close()
