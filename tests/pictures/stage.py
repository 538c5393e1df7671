"""A stage for pictures: people, the bot's own code, an emulated Telegram, and a clock that the scene turns.

Every step waits for what it leads to, and takes down what the people see then: the picture is the emulator's record.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from bot.adapters.telegram import TelegramAdapter
from bot.commands import menus
from bot.commands.handlers import Commands
from bot.commands.parser import COMMANDS
from bot.db import Database
from bot.model import Item
from bot.outbox.sender import Sender
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_state import BOT_ID, Chat, SentMessage, User
from tests.pictures import newsroom
from tests.pictures.newsroom import LIMITS, Newsroom
from tests.pictures.notebook import Notebook

BOT = User(BOT_ID, "PhiWire", "phiwire_bot", is_bot=True)


class Scene(Newsroom):
    """What a scenario is played with. Ada's is the phone that one looks at, where people share a chat."""

    def __init__(self, database: Database, adapter: TelegramAdapter, telegram: TelegramEmulator) -> None:
        super().__init__(database, adapter)
        self.telegram = telegram
        self.ada, self.ben = telegram.user(7, "Ada"), telegram.user(8, "Ben")
        self.notebook = Notebook(telegram, self.ada.id, lambda: self.now)

    def look(self) -> None:
        """Take down what people see now."""
        self.notebook.look()

    def private(self, user: User, subtitle: str = "bot") -> Chat:
        """Show somebody's own chat with the bot."""
        chat = self.telegram.private_chat(user)
        self.notebook.show(chat, BOT.first_name, subtitle)
        return chat

    def group(self, title: str = "Harbour desk") -> Chat:
        """Show a group of both, of which Ada is the administrator."""
        chat = self.telegram.group(title, [self.ada], [self.ben])
        self.notebook.show(chat, title, "group, 3 members")
        return chat

    def forum(self, title: str, *topics: str) -> tuple[Chat, list[int]]:
        """Show topics of a group that has some, and return the group and their threads."""
        chat = self.telegram.group(title, [self.ada], [self.ben], topics=True)
        threads = [self.telegram.topic(chat) for _ in topics]
        for thread, topic in zip(threads, topics, strict=True):
            self.notebook.show(chat, topic, f"topic in {title}", thread)
        return chat, threads

    def channel(self, title: str, readers: str) -> Chat:
        """Show a broadcast channel of Ada's."""
        chat = self.telegram.channel(title, [self.ada])
        self.notebook.show(chat, title, readers)
        return chat

    async def say(
        self, chat: Chat, who: User, text: str, then: str, *, thread: int | None = None, reply_to: int | None = None
    ) -> SentMessage:
        """Let somebody write, and return the bot's message that holds what it leads to."""
        before = self.notebook.state()
        await self.telegram.say(chat, None if chat.kind == "channel" else who, text, reply_to, thread)
        return await self._leads_to(before, then)

    async def see(self, then: str) -> SentMessage:
        """Wait for the bot's message that holds something, to what others have done."""
        return await self._leads_to({}, then)

    async def tap(self, chat: Chat, who: User, message: SentMessage, label: str, then: str = "") -> None:
        """Let somebody tap a button; where it changes anything, `then` is in what is new."""
        before = self.notebook.state()
        data = await self.telegram.wait_for(lambda: self.telegram.labelled(chat, message, label), what=label)
        answer = await self.telegram.wait_for_answer(self.telegram.send_press(chat, who, message, data))
        self.notebook.tapped(chat, message.message_id, label, "" if who is self.ada else who.first_name, answer)
        if then:
            await self._leads_to(before, then)

    async def _leads_to(self, before: object, then: str) -> SentMessage:
        found = await self.telegram.wait_for(lambda: self.notebook.new(before, then), what=f"never {then!r}")
        self.notebook.look()
        return found

    async def correct(self, key: str, item: Item) -> None:
        """Have an entry corrected, and its message edited."""
        before = self.notebook.state()
        await self.database.write(newsroom.correct, key, item, self.now)
        sender = Sender(self.database, self._adapter, lambda: self.now)
        running = asyncio.create_task(sender.run())
        await self._leads_to(before, item.headline)
        sender.stop()
        await running

    async def is_gone(self, chat: Chat, *, gone: bool = True) -> None:
        """Wait until the bot knows that it was removed from a chat, or that it is back."""
        await self.until(lambda connection: _is_gone(connection, chat) == gone)

    def newest(self, chat: Chat, thread: int | None = None) -> SentMessage:
        """Give the bot's last message."""
        return self.telegram.messages(chat, thread)[-1]


@contextlib.asynccontextmanager
async def set_stage() -> AsyncIterator[Scene]:
    """Set the stage; nothing that the bot sends may be wrong, and the picture must end as the record does."""
    with tempfile.TemporaryDirectory() as folder:
        async with TelegramEmulator() as telegram:
            telegram.state.bot = BOT
            database = Database(Path(folder) / "scene.db")
            menu = [(usage.name, usage.does) for usage in COMMANDS.values()]
            adapter = TelegramAdapter(
                telegram.token,
                telegram.url,
                menu,
                lambda: scene.now,
                LIMITS,
                presentation=menus.presentation(),
            )
            scene = Scene(database, adapter, telegram)
            try:
                await database.write(newsroom.past, scene.now)
                await adapter.start(Commands(database, lambda: scene.now, lambda: None, "Europe/London"))
                yield scene
            finally:
                await adapter.close()
                await asyncio.to_thread(database.close)
            scene.notebook.check()
            assert telegram.violations == []
            assert telegram.unanswered == []


def _is_gone(connection: sqlite3.Connection, chat: Chat) -> bool:
    found = connection.execute("SELECT gone_at FROM channels WHERE address = ?", (str(chat.id),)).fetchone()
    return found["gone_at"] is not None
