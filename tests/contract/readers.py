"""People who read all that the bot shows them, in a language of brackets, and take down what was typed past it."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Sequence

from bot.commands.operating import Operating
from bot.db import Database
from bot.filters.matcher import Matcher
from bot.model import Item, Operator, Source
from bot.outbox.sender import Sender
from bot.sources.fetch import Fetcher
from bot.wire import store as wire
from bot.wire.entry_store import Arrival
from tests.contract.pseudo_language import typed, typed_in
from tests.contract.talking import Talk
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_state import Chat, SentMessage

ADA = Operator("telegram", "7")
# Seconds for a look at a source.
PATIENCE = 30.0
SOURCE = Source("wire", "Λιμάνι", "phiwire", "https://example.org")
HEADLINE = "Πλοίο και λιμάνι"
AUTHOR = "Μαρία Κουίλ"


class Readers(Talk):
    """People who read all that they are shown, and take down what was typed past the catalogue."""

    def __init__(self, telegram: TelegramEmulator, database: Database) -> None:
        operating = Operating(
            database, [ADA], lambda: Fetcher("test", allowed_hosts=("127.0.0.1",)), lambda: None, PATIENCE
        )
        super().__init__(telegram, database, [ADA], operating)
        self.ada, self.bob = telegram.user(7, "Άντα"), telegram.user(8, "Μπομπ")
        self.home, self._marker = telegram.private_chat(self.ada), telegram.private_chat(99, "Marker")
        self.found: list[str] = []

    async def hears(self) -> None:
        """Wait until the bot has handled all that Telegram has told so far."""
        await self.ask(self._marker, self._marker.user, "/latest 1")

    def read(self, what: str, shown: list[str]) -> None:
        """Take down what is English."""
        self.found += [f"{what}: {each}" for each in shown]

    def read_chat(self, what: str, chat: Chat) -> None:
        """Read all messages of a chat that stand there, with their buttons, and remove them."""
        for each in self.telegram.messages(chat):
            self.read(what, typed_in(each))
            for row in self.telegram.buttons(chat, each):
                for label in row:
                    self.read(f"{what}, button", typed(label))
            self.telegram.erase(chat, each)

    async def says(self, chat: Chat, text: str, answers: int = 1) -> None:
        """Type something as Ada, and read what comes until the bot has answered the next one."""
        await self.telegram.say(chat, self.ada, text)
        await self.telegram.wait_for(
            lambda: len(self.telegram.messages(chat)) >= answers or None, what=f"no answer to {text}"
        )
        await self.hears()
        self.read_chat(text, chat)

    async def publishes(self, *items: Item, changed: bool = False) -> None:
        """Bring news to whoever wants it, or correct the entry of that key."""
        await self.database.write(publish, items, self, changed=changed)
        sender = Sender(self.database, self.adapter, lambda: self.now)
        running = asyncio.create_task(sender.run())
        what = "editMessageText" if changed else "sendMessage"
        before = len(self.telegram.calls(what))
        await self.telegram.wait_for(lambda: len(self.telegram.calls(what)) > before or None, what="no news")
        sender.stop()
        await running

    async def _written(self, message: SentMessage, label: str) -> str:
        """Find what stands on the button whose label begins so, without its brackets."""
        return await self.telegram.wait_for(
            lambda: next(
                (
                    each
                    for row in self.telegram.buttons(self.home, message)
                    for each in row
                    if re.sub("[⟦⟧]", "", each).startswith(re.sub("[⟦⟧]", "", label))
                ),
                None,
            ),
            what=f"no button {label}",
        )

    async def press_all(self, message: SentMessage, labels: Sequence[str]) -> None:
        """Press buttons of a message at home, one after the other, and read what becomes of it each time."""
        chat = self.home
        for label in labels:
            toast = await self.telegram.press(chat, self.ada, message, await self._written(message, label))
            self.read(f"{label}, toast", typed(str(toast.get("text", ""))))
            await self.hears()
            for each in self.telegram.messages(chat):
                self.read(f"{label}, panel", typed_in(each))
                for row in self.telegram.buttons(chat, each):
                    for button in row:
                        self.read(f"{label}, button", typed(button))


def publish(connection: sqlite3.Connection, items: tuple[Item, ...], readers: Readers, *, changed: bool) -> None:
    """Commit news, or an entry that was corrected."""
    now = readers.now
    arrivals = [Arrival(each, each) for each in items]
    if changed:
        (number,) = connection.execute("SELECT id FROM entries WHERE key = ?", (items[0].key,)).fetchone()
        wire.commit_poll(connection, SOURCE, now, now, changed=[(number, arrivals[0])])
    else:
        wire.commit_poll(connection, SOURCE, now, now, new=arrivals)
    matcher = Matcher()
    while matcher.match(connection, now).more:
        pass


def story(number: int) -> Item:
    """Write news."""
    return Item(f"k{number}", "wire", f"{HEADLINE} {number}", url=f"https://news.example/{number}", author=AUTHOR)
