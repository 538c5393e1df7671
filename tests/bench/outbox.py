"""The outbox: how close to the permitted rate it comes without being refused once, and what a durable settle costs.

The server enforces the published limits to the letter and answers at once, or after 80 ms. A backlog of N messages
takes no less than (N - 1) / 30 seconds from the first arrival to the last. `settling` has the settles.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import replace

from bot.adapters import slack as slack_adapter
from bot.adapters import telegram as telegram_adapter
from bot.adapters.slack import SlackAdapter
from bot.adapters.telegram import TelegramAdapter
from bot.db import Database
from bot.outbox import floods
from bot.outbox.sender import Sender
from bot.ports import Adapter
from tests.bench import backlogs, settling
from tests.bench.rows import Row
from tests.emulators.rates import Rates
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator

SECONDS, CHATS, BACKLOG = 10, 100, 10_000
SETTLES = settling.SETTLES
FAR = 0.08
# The permitted rate of a Slack channel is too low to be waited for: a second of a quarter.
SLACK_SECOND, SLACK_CHANNELS, SLACK_MESSAGES = 0.25, 8, 13


async def measure(seconds: int = SECONDS, backlog: int = BACKLOG, settles: int = SETTLES) -> list[Row]:
    """Drain backlogs of so many seconds, overtake a large one, and settle."""
    figures = []
    for name, answer_time in (("telegram", 0.0), (f"telegram {FAR * 1000:g} ms away", FAR)):
        figures += _drained(name, *await _drain_telegram(seconds, answer_time))
    figures += _drained("slack", *await _drain_slack())
    figures.append(
        Row(f"first message of a chat, behind {backlog}", await _overtake(backlog, floods.NEWS), "s", "<= 2")
    )
    figures.append(Row(f"urgent message, behind {backlog}", await _overtake(backlog, floods.URGENT), "s", "<= 2"))
    return [*figures, *await settling.measure(settles)]


def _drained(name: str, rates: Rates, ideal: float) -> list[Row]:
    took = rates.arrivals[-1][0] - rates.arrivals[0][0]
    rows = [
        Row(f"{name}: messages", len(rates.arrivals), ""),
        Row(f"{name}: ideal time", ideal, "s"),
        Row(f"{name}: time", took, "s"),
        Row(f"{name}: rate, of the permitted", ideal / took, "", ">= 0.9"),
        Row(f"{name}: refused (429)", len(rates.refused), "", "== 0"),
    ]
    if name == "slack":
        # Its short seconds make every way long.
        return rows
    return [
        *rows,
        Row(f"{name}: time, of the ideal", took / ideal, "", "<= 1.03"),
        Row(f"{name}: most in one second", rates.most(rates.second), "", f"<= {rates.per_second}"),
    ]


async def _drain_telegram(seconds: int, answer_time: float) -> tuple[Rates, float]:
    limits = telegram_adapter.LIMITS
    rates = Rates(limits.token_per_second, limits.burst + limits.reply_burst, limits.group_per_minute)
    messages = seconds * limits.token_per_second + 1
    async with _telegram(CHATS) as (telegram, adapter, database):
        telegram.rates, telegram.answer_time = rates, answer_time
        await database.write(backlogs.queue, "telegram", backlogs.chats(CHATS), messages)
        async with _sending(database, adapter):
            await telegram.wait_for(lambda: len(rates.arrivals) >= messages, timeout=3.0 * seconds + 10)
    return rates, (messages - 1) / limits.token_per_second


async def _drain_slack() -> tuple[Rates, float]:
    limits = replace(slack_adapter.LIMITS, second=SLACK_SECOND)
    rates = Rates(limits.token_per_second, limits.burst + limits.reply_burst, second=SLACK_SECOND)
    messages = SLACK_CHANNELS * SLACK_MESSAGES
    async with SlackEmulator() as slack:
        rooms = [slack.channel(f"room-{number}").id for number in range(SLACK_CHANNELS)]
        adapter = SlackAdapter("xoxb-test", "xapp-test", slack.url, lambda: backlogs.NOW, limits)
        await adapter.check()
        slack.rates = rates
        with backlogs.database() as database:
            await database.write(backlogs.queue, "slack", rooms, messages)
            async with _sending(database, adapter):
                await slack.wait_for(lambda: len(rates.arrivals) >= messages, timeout=30)
        await adapter.close()
    return rates, (SLACK_MESSAGES - 1) * SLACK_SECOND


async def _overtake(backlog: int, priority: int) -> float:
    """Say how long the newest message of all takes while many wait.

    News is for a chat of its own, whose turn it is; what is urgent is for the chat that had the latest turn, and passes
    the chat's own backlog, too.
    """
    async with _telegram(CHATS + 1) as (telegram, adapter, database):
        *others, fresh = backlogs.chats(CHATS + 1)
        await database.write(backlogs.queue, "telegram", others, backlog)
        async with _sending(database, adapter) as sender:
            # In the middle of a busy second, when all the others have had their first.
            await telegram.wait_for(lambda: len(telegram.state.sent) >= min(CHATS + 10, backlog // 2))
            address = fresh if priority == floods.NEWS else str(telegram.state.sent[-1].chat_id)
            began = time.monotonic()
            await database.write(backlogs.queue, "telegram", [address], 1, "Division bell", priority)
            sender.wake()
            message = await telegram.wait_for_message(telegram.state.chats[int(address)], "Division bell")
            return message.at - began


@contextlib.asynccontextmanager
async def _telegram(chats: int) -> AsyncIterator[tuple[TelegramEmulator, TelegramAdapter, Database]]:
    async with TelegramEmulator() as telegram:
        for number in range(chats):
            telegram.private_chat(backlogs.FIRST_ID + number, f"Person {number}")
        adapter = TelegramAdapter(telegram.token, telegram.url, [], lambda: backlogs.NOW)
        try:
            await adapter.check()
            with backlogs.database() as database:
                yield telegram, adapter, database
        finally:
            await adapter.close()


@contextlib.asynccontextmanager
async def _sending(database: Database, adapter: Adapter) -> AsyncIterator[Sender]:
    # Folded, there would be nothing left to pace.
    sender = Sender(database, adapter, lambda: backlogs.NOW, burst=BACKLOG)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(sender.run())
        try:
            yield sender
        finally:
            sender.stop()
