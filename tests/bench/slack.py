"""People type on Slack: so many commands in so many seconds from so many channels, while news goes out to others.

The bot's loops and the emulated Slack share a process and its one processor, so the figures are what they are at the
most. A command is acknowledged when Slack has heard so, and answered when Slack has the answer. At Slack's pace answers
take the places of deliveries, which wait for theirs; whether the bot itself is slower is measured without its pace.
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
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from bot.adapters.slack import LIMITS, SlackAdapter
from bot.channels import ensure
from bot.commands.handlers import Commands
from bot.db import Database
from bot.filters import matcher
from bot.filters import store as filters
from bot.model import Item, Source
from bot.outbox.pacing import Limits
from bot.outbox.sender import Sender
from bot.wire import source_store, store
from bot.wire.entry_store import Arrival
from tests.bench.relay import is_waiting
from tests.bench.rows import Row
from tests.bench.workload import Workload
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_socket import Envelope
from tests.emulators.slack_state import TEAM_ID, CommandResult, SlackChannel, SlackUser

# People of so many workspaces type; more than one needs a bot that is installed in each.
COMMANDS, CHANNELS, SECONDS, WORKSPACES = 500, 50, 60, 1
# What the goals are for.
WHOLE = (COMMANDS, CHANNELS, SECONDS)
# Beside those who type, so many channels get every piece of news, one in so many seconds.
READERS, EVERY = 10, 4
# Slack sends a command again, and tells the person that it failed, after three seconds.
ACKNOWLEDGED = 3
PATIENCE = 60.0
FREE = Limits(token_per_second=100_000, burst=1000, in_flight=128, second=0.001)
WIRE = Source("wire", "The Wire", "phiwire", "https://example.org")
# What people type, in the order in which one channel does.
TYPED = ("follow {author}", "filters", "latest", "subscribe {query}", "status", "preview {query}", "help", "undo")


class Figures(NamedTuple):
    """Seconds that acknowledgements, answers and deliveries took, and how many never came."""

    acknowledged: list[float]
    answers: list[float]
    lost: int
    repeated: int
    deliveries: list[float]
    undelivered: int


async def measure(
    commands: int = COMMANDS, channels: int = CHANNELS, seconds: int = SECONDS, workspaces: int = WORKSPACES
) -> list[Row]:
    """Let news go out alone, then with people who type, without and with Slack's pace."""
    goals = (commands, channels, seconds) == WHOLE
    alone = await _measure(FREE, 0, channels, max(seconds // 4, 1), workspaces)
    free = await _measure(FREE, commands, channels, seconds, workspaces)
    paced = await _measure(LIMITS, commands, channels, seconds, workspaces)
    about = f"{commands:,} commands in {seconds} s"
    ratio = statistics.median(free.deliveries) / statistics.median(alone.deliveries)
    return [
        Row(f"{about}: acknowledged, last", max(paced.acknowledged), "s", f"<= {ACKNOWLEDGED}"),
        Row(f"{about}: acknowledged, median", _median(paced.acknowledged), "ms"),
        Row(f"{about}: sent again", paced.repeated, "", "== 0"),
        Row(f"{about}: answer, median", _median(paced.answers), "ms", "<= 200" if goals else ""),
        Row(f"{about}: answer, p95", _late(paced.answers), "ms"),
        Row(f"{about}: lost", paced.lost + free.lost, "", "== 0"),
        Row("delivery beside them, median", _median(paced.deliveries), "ms"),
        Row("delivery beside them, p95", _late(paced.deliveries), "ms"),
        Row("without pace: delivery alone, median", _median(alone.deliveries), "ms"),
        Row("without pace: delivery beside them, median", _median(free.deliveries), "ms"),
        Row("without pace: beside them, of alone", ratio, "", "<= 1.5" if goals else ""),
        Row("deliveries: lost", paced.undelivered + free.undelivered, "", "== 0"),
    ]


def _median(times: Sequence[float]) -> float:
    return statistics.median(times) * 1000


def _late(times: Sequence[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)] * 1000


async def _measure(limits: Limits, commands: int, number: int, seconds: int, workspaces: int) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        async with SlackEmulator() as slack:
            people = [_person(slack, place, workspaces) for place in range(number)]
            readers = [slack.channel(f"reader-{place}") for place in range(READERS)]
            async with _running(Path(folder), slack, readers, limits) as bot:
                typing = asyncio.create_task(_type(slack, people, commands, seconds))
                told = await _publish(bot, seconds)
                answered = await asyncio.gather(*await typing, return_exceptions=True)
                await _settled(bot)
            assert slack.violations == []
            results = [each for each in answered if isinstance(each, CommandResult)]
            return _figures(slack, commands - len(results), results, readers, told)


def _person(slack: SlackEmulator, place: int, workspaces: int) -> tuple[SlackChannel, SlackUser]:
    """Return somebody with a channel, in one workspace after the other."""
    team = f"{TEAM_ID}{place % workspaces or ''}"
    return slack.channel(f"room-{place}"), slack.user(f"person-{place}", team_id=team)


class _Bot:
    """The bot's loops, but for polling."""

    def __init__(self, database: Database, adapter: SlackAdapter) -> None:
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
async def _running(
    folder: Path, slack: SlackEmulator, readers: Sequence[SlackChannel], limits: Limits
) -> AsyncIterator[_Bot]:
    database = Database(folder / "phiwire.db")
    bot = _Bot(database, SlackAdapter(slack.bot_token, slack.app_token, slack.url, _now, limits))
    for reader in readers:
        channel = await database.write(ensure, "slack", reader.id, "", reader.name, "Europe/London", _now())
        await database.write(filters.add, channel.id, "follow", "Marta Quill", "@ada", _now())
    await database.write(source_store.put_source, WIRE, "file")
    await database.write(store.commit_poll, WIRE, _now(), _now(), new=[])
    async with asyncio.TaskGroup() as tasks:
        await bot.adapter.start(Commands(database, _now, bot.sender.wake, "Europe/London"))
        matching = tasks.create_task(matcher.run(database, _now, bot.news, bot.sender.wake))
        tasks.create_task(bot.sender.run())
        yield bot
        matching.cancel()
        bot.sender.stop()
        await bot.adapter.close()
    await asyncio.to_thread(database.close)


async def _type(
    slack: SlackEmulator, people: Sequence[tuple[SlackChannel, SlackUser]], commands: int, seconds: int
) -> list[asyncio.Task[CommandResult]]:
    """Type evenly, but for a little chance, one person after the other; nobody waits for anybody's answer."""
    workload, chance = Workload(), random.Random(1)
    queries = [each.query for each in workload.subscriptions(2000) if each.kind == "match"]
    typed, began = [], time.monotonic()
    for number in range(commands):
        await asyncio.sleep(began + (number + chance.random()) * seconds / commands - time.monotonic())
        room, person = people[number % len(people)]
        text = TYPED[number // len(people) % len(TYPED)]
        author, query = f"Author {chance.randrange(500)}", queries[number % len(queries)]
        words = text.format(author=author, query=query)
        typed.append(asyncio.create_task(slack.command(room, person, "/phiwire", words, timeout=PATIENCE)))
    return typed


async def _publish(bot: _Bot, seconds: int) -> dict[str, float]:
    """Put news on the wire, and say when, by its headline."""
    told = {}
    for number in range(math.ceil(seconds / EVERY)):
        headline = f"Harbour levy vote {number:04d}"
        told[headline] = time.monotonic()
        await bot.publish(headline)
        await asyncio.sleep(min(EVERY, seconds))
    return told


async def _settled(bot: _Bot) -> None:
    """Wait until everything was delivered."""
    async with asyncio.timeout(PATIENCE):
        while await bot.database.read(is_waiting):
            await asyncio.sleep(0.1)


def _figures(
    slack: SlackEmulator,
    lost: int,
    results: Sequence[CommandResult],
    readers: Sequence[SlackChannel],
    told: dict[str, float],
) -> Figures:
    envelopes = [each for each in slack.socket.envelopes.values() if each.kind == "slash_commands"]
    addresses = {reader.id for reader in readers}
    deliveries = [
        sent.at - next(at for headline, at in told.items() if headline in sent.shown)
        for sent in slack.workspace.posted
        if sent.channel in addresses
    ]
    return Figures(
        [_acknowledged(each) for each in envelopes] or [0.0],
        [each.replies[0].at - each.envelope.sent[0] for each in results] or [0.0],
        lost,
        sum(len(each.sent) > 1 for each in envelopes),
        deliveries,
        len(told) * len(readers) - len(deliveries),
    )


def _acknowledged(envelope: Envelope) -> float:
    return envelope.heard[0] - envelope.sent[0] if envelope.heard else math.inf


def _now() -> datetime:
    return datetime.now(UTC)
