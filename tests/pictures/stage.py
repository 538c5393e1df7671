"""A stage for pictures: people, the bot's own code, an emulated Telegram, and a clock that the scene turns.

Every step waits for what it leads to, and takes down what the people see then: the picture is the emulator's record.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import db
from bot.adapters.telegram import TelegramAdapter
from bot.commands import menus
from bot.commands.handlers import Commands
from bot.commands.parser import COMMANDS
from bot.db import Database
from bot.filters.matcher import Matcher
from bot.model import Item, Source
from bot.outbox.pacing import Limits
from bot.outbox.sender import Sender
from bot.wire import source_store
from bot.wire import store as wire
from bot.wire.entry_store import Arrival
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_state import BOT_ID, Chat, SentMessage, User
from tests.pictures.notebook import Notebook

DAY = datetime(2026, 3, 4, tzinfo=UTC)
WIRE = Source("wire", "PhiWire", "phiwire", "https://wire.example")
RELEASES = Source("releases", "Press releases", "press_releases", "https://releases.example", entry_kind="release")
# Nobody waits for anything but the scene.
LIMITS = Limits(token_per_second=1000, burst=1000, reply_burst=1000, second=0.001)
AUTHORS = ("Marta Quill", "Owen Tarrant", "Priya Ashdown", "Colm Everard")
# What was on the wire before, one every sixteen hours, newest last.
PAST = (
    "Five things we learned about the lighthouse levy",
    "Who gains from the by-election in Saltmarsh?",
    "Ministers think again on harbour towns",
    "The whips’ office: the numbers that matter",
    "Saltmarsh goes to the polls",
    "Why nobody wants to talk about the levy",
    "What the Saltmarsh result means",
    "Ferry workers await the division bell",
    "Seven questions the harbour minister must now answer",
    "The football pundit who would be mayor",
    "Harbour levy: the vote is on Tuesday",
    "Inside the whips’ office: a quiet week, for once",
    "A very short history of the harbour bill",
    "Peers send the harbour bill back",
)
BOT = User(BOT_ID, "PhiWire", "phiwire_bot", is_bot=True)


class Scene:
    """What a scenario is played with. Ada's is the phone that one looks at, where people share a chat."""

    def __init__(self, database: Database, adapter: TelegramAdapter, telegram: TelegramEmulator) -> None:
        self.now = DAY.replace(hour=9)
        self.database = database
        self.telegram = telegram
        self._adapter = adapter
        self.ada, self.ben = telegram.user(7, "Ada"), telegram.user(8, "Ben")
        self.notebook = Notebook(telegram, self.ada.id, lambda: self.now)

    def at(self, clock: str, *, days: int = 0) -> None:
        """Turn the clock to an hour and minute of a later day."""
        hour, minute = map(int, clock.split(":"))
        later = self.now.replace(hour=hour, minute=minute) + timedelta(days=days)
        assert later >= self.now, "time does not go back"
        self.now = later

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

    async def news(self, *items: Item, source: Source = WIRE, was_off: bool = False) -> None:
        """Bring items to whoever wants them; where the bot was off, nobody looked at the source until now."""
        await self.database.write(_publish, source, items, self.now, was_off)
        await self.deliver()

    async def deliver(self) -> None:
        """Send what is due."""
        sender = Sender(self.database, self._adapter, lambda: self.now)
        running = asyncio.create_task(sender.run())
        await self.until(lambda connection: not _is_due(connection, self.now))
        sender.stop()
        await running
        self.notebook.look()

    async def correct(self, key: str, item: Item) -> None:
        """Have an entry corrected, and its message edited."""
        before = self.notebook.state()
        await self.database.write(_correct, key, item, self.now)
        sender = Sender(self.database, self._adapter, lambda: self.now)
        running = asyncio.create_task(sender.run())
        await self._leads_to(before, item.headline)
        sender.stop()
        await running

    async def until(self, holds: Callable[[sqlite3.Connection], bool]) -> None:
        """Wait until something is committed."""
        async with asyncio.timeout(10):
            while not await self.database.read(holds):
                pass

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
                await database.write(_past, scene.now)
                await adapter.start(Commands(database, lambda: scene.now, lambda: None, "Europe/London"))
                yield scene
            finally:
                await adapter.close()
                await asyncio.to_thread(database.close)
            scene.notebook.check()
            assert telegram.violations == []
            assert telegram.unanswered == []


def _past(connection: sqlite3.Connection, now: datetime) -> None:
    """Let the wire have been watched for two weeks, with an entry every sixteen hours."""
    for source in (WIRE, RELEASES):
        source_store.put_source(connection, source, "file")
        wire.commit_poll(connection, source, now - timedelta(days=15), now)
    for number, headline in enumerate(PAST):
        seen = now - timedelta(hours=16 * (len(PAST) - number))
        item = Item(f"past {number}", "wire", headline, author=AUTHORS[number % 4], published_at=seen)
        wire.commit_poll(connection, WIRE, seen, now, new=[Arrival(item, item)])
    wire.commit_poll(connection, WIRE, now, now)
    _match(connection, now)


def _publish(
    connection: sqlite3.Connection, source: Source, items: tuple[Item, ...], now: datetime, was_off: bool
) -> None:
    later = now + timedelta(minutes=1)
    if not was_off:
        wire.commit_poll(connection, source, now, later)
    wire.commit_poll(connection, source, now, later, new=[Arrival(item, item) for item in items])
    _match(connection, now)


def _match(connection: sqlite3.Connection, now: datetime) -> None:
    matcher = Matcher()
    while matcher.match(connection, now).more:
        pass


def _correct(connection: sqlite3.Connection, key: str, item: Item, now: datetime) -> None:
    (number,) = connection.execute("SELECT id FROM entries WHERE key = ?", (key,)).fetchone()
    wire.commit_poll(connection, WIRE, now, now + timedelta(minutes=1), changed=[(number, Arrival(item, item))])


def _is_due(connection: sqlite3.Connection, now: datetime) -> bool:
    found = connection.execute(
        """
        SELECT 1 FROM deliveries AS d JOIN channels AS c ON c.id = d.channel
        WHERE d.status = 'sending' OR (d.status = 'pending' AND d.due_at <= :now AND c.gone_at IS NULL
            AND (c.paused_until IS NULL OR c.paused_until <= :now) AND (c.hold_until IS NULL OR c.hold_until <= :now))
        """,
        {"now": db.to_text(now)},
    )
    return found.fetchone() is not None


def _is_gone(connection: sqlite3.Connection, chat: Chat) -> bool:
    found = connection.execute("SELECT gone_at FROM channels WHERE address = ?", (str(chat.id),)).fetchone()
    return found["gone_at"] is not None
