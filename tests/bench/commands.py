"""People type: so many commands in so many seconds from so many chats, while news goes out to others.

The bot's loops and the emulated Telegram share a process and its one processor, so the figures are what they are at the
most. An answer has come when Telegram has it. Telegram allows a token 30 messages a second, and 2,000 answers in a
minute are 33: what the bot takes is therefore measured without its pace, and what people wait with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from bot.adapters.telegram import LIMITS, TelegramAdapter
from bot.commands.handlers import Commands
from bot.commands.parser import USAGES
from bot.db import Database
from bot.filters import matcher
from bot.model import Item, Source
from bot.outbox.pacing import Limits
from bot.outbox.sender import Sender
from bot.wire import source_store, store
from bot.wire.entry_store import Arrival
from tests.bench import subscribers
from tests.bench.relay import is_waiting
from tests.bench.rows import Row
from tests.bench.workload import Wanted, Workload
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_state import Chat

COMMANDS, CHATS, SECONDS = 2000, 500, 60
# What the goals are for.
WHOLE = (COMMANDS, CHATS, SECONDS)
# Of so many chats one is a group, where the bot asks Telegram who may write.
GROUPS = 5
# Beside those who type, so many get every piece of news, one in so many seconds.
READERS, READER, EVERY = 20, 9_000_000, 4
PATIENCE = 60.0
FREE = Limits(token_per_second=100_000, burst=1000, in_flight=128, second=0.001)
WIRE = Source("wire", "The Wire", "phiwire", "https://example.org")
MENU = [(usage.name, usage.does) for usage in USAGES if usage.name.isalpha()]
# What people type, in the order in which one chat does.
TYPED = ("follow {author}", "filters", "latest", "subscribe {query}", "status", "preview {query}", "help", "undo")


class Typed(NamedTuple):
    """A command: the chat's number and address, and when it was sent."""

    chat: int
    at: float


@dataclass
class Told:
    """When news was on the wire, by its headline."""

    at: dict[str, float] = field(default_factory=dict)


class Figures(NamedTuple):
    """Seconds that answers and deliveries took, and how many never came."""

    answers: list[float]
    lost: int
    deliveries: list[float]
    undelivered: int


async def measure(commands: int = COMMANDS, chats: int = CHATS, seconds: int = SECONDS) -> list[Row]:
    """Let news go out alone, then with people who type, without and with Telegram's pace."""
    goals = (commands, chats, seconds) == WHOLE
    alone = await _measure(FREE, 0, chats, max(seconds // 4, 1))
    free = await _measure(FREE, commands, chats, seconds)
    paced = await _measure(LIMITS, commands, chats, seconds)
    later = statistics.median(free.deliveries) - statistics.median(alone.deliveries)
    about, pace = f"{commands:,} commands in {seconds} s", "at Telegram's pace"
    return [
        Row(f"{about}: answer, median", _median(free.answers), "ms", "<= 100" if goals else ""),
        Row(f"{about}: answer, p95", _late(free.answers), "ms"),
        Row(f"{about}: lost", free.lost, "", "== 0"),
        Row("delivery alone, median", _median(alone.deliveries), "ms"),
        Row("delivery beside them, median", _median(free.deliveries), "ms"),
        Row("delivery beside them, p95", _late(free.deliveries), "ms"),
        Row("delivery beside them: later by", later * 1000, "ms", "<= 50" if goals else ""),
        Row("delivery beside them: lost", free.undelivered, "", "== 0"),
        Row(f"{pace}: answer, median", _median(paced.answers), "ms"),
        Row(f"{pace}: answer, p95", _late(paced.answers), "ms"),
        Row(f"{pace}: lost", paced.lost, ""),
        Row(f"{pace}: delivery, median", _median(paced.deliveries), "ms"),
        Row(f"{pace}: delivery, lost", paced.undelivered, ""),
    ]


def _median(times: Sequence[float]) -> float:
    return statistics.median(times) * 1000


def _late(times: Sequence[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)] * 1000


async def _measure(limits: Limits, commands: int, chats: int, seconds: int) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        async with TelegramEmulator() as telegram:
            people = [_chat(telegram, number) for number in range(chats)]
            for number in range(READERS):
                telegram.private_chat(READER + number, f"Reader {number}")
            async with _running(Path(folder), telegram, limits) as bot:
                told = Told()
                typing = asyncio.create_task(_type(telegram, people, commands, seconds))
                await _publish(bot, told, seconds)
                typed = await typing
                await _settled(telegram, bot)
            assert telegram.violations == []
            return _figures(telegram, people, typed, told)


def _chat(telegram: TelegramEmulator, number: int) -> Chat:
    person = telegram.user(1000 + number, f"Person {number}")
    if number % GROUPS:
        return telegram.private_chat(person)
    return telegram.group(f"Group {number}", admins=[person], supergroup=True)


class _Bot:
    """The bot's loops, but for polling."""

    def __init__(self, database: Database, adapter: TelegramAdapter) -> None:
        self.database = database
        self.adapter = adapter
        self.sender = Sender(database, adapter, _now, burst=1_000_000)
        self.news = asyncio.Event()

    async def publish(self, headline: str) -> None:
        """Put an entry on the wire."""
        item = Item(headline, "wire", headline, author="Marta Quill")
        await self.database.write(store.commit_poll, WIRE, _now(), _now(), new=[Arrival(item, item)])
        self.news.set()


@contextlib.asynccontextmanager
async def _running(folder: Path, telegram: TelegramEmulator, limits: Limits) -> AsyncIterator[_Bot]:
    database = Database(folder / "phiwire.db")
    bot = _Bot(database, TelegramAdapter(telegram.token, telegram.url, MENU, _now, limits))
    readers = [Wanted((READER + number) << 32 | number, "follow", "Marta Quill") for number in range(READERS)]
    await database.write(subscribers.fill, readers)
    await database.write(source_store.put_source, WIRE, "file")
    await database.write(store.commit_poll, WIRE, _now(), _now(), new=[])
    commands = Commands(database, _now, bot.sender.wake, "Europe/London")
    async with asyncio.TaskGroup() as tasks:
        await bot.adapter.start(commands)
        matching = tasks.create_task(matcher.run(database, _now, bot.news, bot.sender.wake))
        tasks.create_task(bot.sender.run())
        yield bot
        matching.cancel()
        bot.sender.stop()
        await bot.adapter.close()
    await asyncio.to_thread(database.close)


async def _type(telegram: TelegramEmulator, people: Sequence[Chat], commands: int, seconds: int) -> list[Typed]:
    """Type evenly, but for a little chance; one chat after the other, so that each has its answer before it goes on."""
    workload, chance = Workload(), random.Random(1)
    queries = [each.query for each in workload.subscriptions(2000) if each.kind == "match"]
    typed, began = [], time.monotonic()
    for number in range(commands):
        await asyncio.sleep(began + (number + chance.random()) * seconds / commands - time.monotonic())
        chat = people[number % len(people)]
        text = TYPED[number // len(people) % len(TYPED)]
        author, query = f"Author {chance.randrange(500)}", queries[number % len(queries)]
        typed.append(Typed(chat.id, time.monotonic()))
        person = 1000 + number % len(people)
        await telegram.say(chat, person, f"/{text.format(author=author, query=query)}")
    return typed


async def _publish(bot: _Bot, told: Told, seconds: int) -> None:
    for number in range(math.ceil(seconds / EVERY)):
        headline = f"Harbour levy vote {number:04d}"
        told.at[headline] = time.monotonic()
        await bot.publish(headline)
        await asyncio.sleep(min(EVERY, seconds))


async def _settled(telegram: TelegramEmulator, bot: _Bot) -> None:
    """Wait until everything was received, answered or given up, and delivered."""
    await telegram.wait_for(lambda: not telegram.state.updates, PATIENCE)
    await bot.adapter.stop_receiving()
    async with asyncio.timeout(PATIENCE):
        while await bot.database.read(is_waiting):
            await asyncio.sleep(0.1)


def _figures(telegram: TelegramEmulator, people: Sequence[Chat], typed: Sequence[Typed], told: Told) -> Figures:
    came: dict[int, list[float]] = {chat.id: [] for chat in people}
    deliveries = []
    for sent in telegram.state.sent:
        if sent.chat_id in came:
            came[sent.chat_id].append(sent.at)
        else:
            deliveries.append(sent.at - told.at[sent.text.splitlines()[0]])
    answers, until = [], dict.fromkeys(came, math.inf)
    # An answer of several messages has come with the first, and belongs to the latest command before it.
    for command in reversed(typed):
        first = min((at for at in came[command.chat] if command.at <= at < until[command.chat]), default=None)
        answers += [] if first is None else [first - command.at]
        until[command.chat] = command.at
    return Figures(answers or [0.0], len(typed) - len(answers), deliveries, len(told.at) * READERS - len(deliveries))


def _now() -> datetime:
    return datetime.now(UTC)
