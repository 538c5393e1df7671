"""Outbox and replies before servers that enforce the published limits to the letter: nothing is ever refused."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from telegram.error import RetryAfter

from bot import channels
from bot.adapters import slack as slack_adapter
from bot.adapters import telegram as telegram_adapter
from bot.adapters.slack import SlackAdapter
from bot.adapters.telegram import TelegramAdapter
from bot.adapters.turns import Turns
from bot.db import Database
from bot.filters import store as filters
from bot.filters.matcher import Matcher
from bot.model import Item, Source
from bot.outbox import store
from bot.outbox.pacing import Limits, Pacer
from bot.outbox.sender import Sender
from bot.outcomes import Throttled
from bot.ports import Adapter
from bot.wire import source_store
from bot.wire import store as wire
from bot.wire.entry_store import Arrival
from tests.contract.test_adapters import Inbox
from tests.emulators.rates import Rates
from tests.emulators.server import Fault
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
WIRE = Source("wire", "The Wire", "phiwire", "https://example.org")
# A second of a twentieth, so that a minute takes three.
SECOND = 0.05


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Open a new file."""
    opened = Database(tmp_path / "test.db")
    yield opened
    opened.close()


def publish(connection: sqlite3.Connection, platform: str, addresses: Sequence[str], headlines: Sequence[str]) -> None:
    """Bring entries through wire and matcher to chats that want them all."""
    for address in addresses:
        channel = channels.ensure(connection, platform, address, "", "", "Europe/London", NOW)
        filters.add(connection, channel.id, "match", "ferry", "Ada", NOW)
    source_store.put_source(connection, WIRE, "file")
    wire.commit_poll(connection, WIRE, NOW, NOW)
    items = [Item(headline, "wire", headline) for headline in headlines]
    wire.commit_poll(connection, WIRE, NOW, NOW, new=[Arrival(item, item) for item in items])
    matcher = Matcher()
    while matcher.match(connection, NOW).more:
        pass


@contextlib.asynccontextmanager
async def sending(database: Database, adapter: Adapter) -> AsyncIterator[None]:
    """Run a sender."""
    sender = Sender(database, adapter, lambda: NOW, burst=1000)  # folded, there would be nothing left to pace
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(sender.run())
        try:
            yield
        finally:
            sender.stop()


async def statuses(database: Database) -> dict[str, int]:
    """Count the deliveries."""
    return {count.status: count.count for count in await database.read(store.counts)}


async def test_telegram_refuses_nothing(database: Database, telegram: TelegramEmulator) -> None:
    """A backlog for chats and groups, and people who type meanwhile."""
    limits = replace(telegram_adapter.LIMITS, token_per_second=5, group_per_minute=5, second=SECOND)
    telegram.rates = Rates(5, limits.burst + limits.reply_burst, 5, second=SECOND)
    ada = telegram.user(7, "Ada")
    chats = [telegram.private_chat(number, f"Person {number}") for number in range(7, 47)]
    chats += [telegram.group(f"Group {number}", [ada]) for number in range(3)]
    headlines = [f"Ferry vote {number}" for number in range(5)]
    await database.write(publish, "telegram", [str(chat.id) for chat in chats], headlines)
    adapter = TelegramAdapter(telegram.token, telegram.url, [("follow", "f")], lambda: NOW, limits)
    try:
        await adapter.start(Inbox())
        async with sending(database, adapter):
            for chat in (chats[0], chats[0], chats[5], chats[-1]):
                await telegram.say(chat, ada if chat.id < 0 else chat.id, "/follow Marta Quill")
            total = len(chats) * len(headlines) + 4
            await telegram.wait_for(lambda: len(telegram.state.sent) == total, timeout=60)
    finally:
        await adapter.close()
    assert telegram.rates.refused == []
    assert telegram.rates.most(SECOND) <= 5
    for chat in chats:
        told = [message.text for message in telegram.messages(chat) if "Ferry" in message.text]
        assert [headline in text for headline, text in zip(headlines, told, strict=True)] == [True] * len(headlines)


async def test_slack_refuses_nothing(database: Database, slack: SlackEmulator) -> None:
    """Slack counts by channel; a burst is made up for."""
    limits = replace(slack_adapter.LIMITS, second=SECOND)
    slack.rates = Rates(limits.token_per_second, limits.burst + limits.reply_burst, second=SECOND)
    rooms = [slack.channel(f"room-{number}") for number in range(10)]
    headlines = [f"Ferry vote {number}" for number in range(10)]
    await database.write(publish, "slack", [room.id for room in rooms], headlines)
    adapter = SlackAdapter("xoxb-test", "xapp-test", slack.url, lambda: NOW, limits)
    try:
        await adapter.start(Inbox())
        async with sending(database, adapter):
            await slack.command(rooms[0], slack.user("bea"), "/phiwire", "filters")
            total = len(rooms) * len(headlines)
            await slack.wait_for(lambda: len(slack.workspace.posted) == total, timeout=60)
    finally:
        await adapter.close()
    assert slack.rates.refused == []
    assert all(len(slack.messages(room)) == len(headlines) for room in rooms)


def correct(connection: sqlite3.Connection, headline: str) -> None:
    """Revise the first entry."""
    item = Item("Ferry vote", "wire", headline)
    wire.commit_poll(connection, WIRE, NOW, NOW, changed=[(1, Arrival(item, item))])


async def test_edits_take_their_turns_with_news(database: Database, telegram: TelegramEmulator) -> None:
    """To the platform an edit is a message like others."""
    limits = replace(telegram_adapter.LIMITS, token_per_second=5, group_per_minute=5, second=SECOND)
    telegram.rates = Rates(5, limits.burst + limits.reply_burst, 5, second=SECOND)
    chats = [telegram.private_chat(number, f"Person {number}") for number in range(7, 27)]
    addresses = [str(chat.id) for chat in chats]
    await database.write(publish, "telegram", addresses, ["Ferry vote"])
    adapter = TelegramAdapter(telegram.token, telegram.url, [], lambda: NOW, limits)
    try:
        await adapter.check()
        async with sending(database, adapter):
            await telegram.wait_for(lambda: len(telegram.state.sent) == len(chats), timeout=60)
        await database.write(correct, "Ferry vote is off")
        await database.write(publish, "telegram", addresses, ["Ferry strike"])
        async with sending(database, adapter):
            await telegram.wait_for(lambda: len(telegram.calls("editMessageText")) == len(chats), timeout=60)
    finally:
        await adapter.close()
    assert await statuses(database) == {"sent": 2 * len(chats)}
    assert telegram.rates.refused == []
    assert telegram.rates.most(SECOND) <= 5


async def test_exact_server_refuses_what_comes_too_soon(telegram: TelegramEmulator) -> None:
    """Else the tests above would show nothing."""
    telegram.rates = Rates(3, 2, 3, second=60.0)
    chat, group = telegram.private_chat(7, "Ada"), telegram.group("Lobby", [7])
    adapter = TelegramAdapter(telegram.token, telegram.url, [], lambda: NOW)
    try:
        bot = adapter._bot
        await adapter.check()
        outcomes = []
        for address in (chat.id, chat.id, chat.id, group.id, group.id):
            try:
                await bot.send_message(address, "hello")
            except RetryAfter:
                outcomes.append("refused")
            else:
                outcomes.append("sent")
    finally:
        await adapter.close()
    assert outcomes == ["sent", "sent", "refused", "sent", "refused"]
    assert [address for _, address in telegram.rates.refused] == [str(chat.id), str(group.id)]


async def test_flood_message_for_one_chat_delays_no_other(database: Database, telegram: TelegramEmulator) -> None:
    """Telegram says for how long that chat should rest, and means that chat."""
    chats = [telegram.private_chat(number, f"Person {number}") for number in range(7, 17)]
    telegram.script("sendMessage", Fault(status=429, description="Flood", parameters={"retry_after": 3000}))
    await database.write(publish, "telegram", [str(chat.id) for chat in chats], ["Ferry vote"])
    adapter = TelegramAdapter(telegram.token, telegram.url, [], lambda: NOW)
    try:
        await adapter.check()
        async with sending(database, adapter):
            await telegram.wait_for(lambda: len(telegram.state.sent) == 9)
    finally:
        await adapter.close()
    assert await statuses(database) == {"pending": 1, "sent": 9}


async def test_claim_whose_turn_is_far_away_is_given_back(database: Database, telegram: TelegramEmulator) -> None:
    """The token was throttled meanwhile; whoever waits for that would outlive the lease, and hold up a stop."""
    chat = telegram.private_chat(7, "Ada")
    await database.write(publish, "telegram", [str(chat.id)], ["Ferry vote"])
    adapter = TelegramAdapter(telegram.token, telegram.url, [], lambda: NOW)
    try:
        await adapter.check()
        (claimed,) = await database.write(store.claim, "telegram", NOW, 1)
        for address in ("8", "9", "10"):
            adapter.pacer.throttled(address, 3000, time.monotonic())
        await Sender(database, adapter, lambda: NOW)._deliver(claimed)
    finally:
        await adapter.close()
    assert await statuses(database) == {"pending": 1}
    assert telegram.state.sent == []
    due = await database.read(store.next_due, "telegram", NOW)
    assert due is not None
    assert due > NOW + timedelta(seconds=2900)


async def test_backlog_of_one_channel_delays_no_other(database: Database, telegram: TelegramEmulator) -> None:
    """A channel's turn is one message."""
    limits = Limits(token_per_second=1, burst=100, reply_burst=0, in_flight=1, second=0.001)
    busy, late = telegram.private_chat(7, "Ada"), telegram.private_chat(8, "Bea")
    await database.write(publish, "telegram", [str(busy.id)], [f"Ferry vote {number}" for number in range(30)])
    await database.write(publish, "telegram", [str(late.id)], ["Ferry strike"])
    adapter = TelegramAdapter(telegram.token, telegram.url, [], lambda: NOW, limits)
    try:
        await adapter.check()
        async with sending(database, adapter):
            await telegram.wait_for_message(late, "strike")
    finally:
        await adapter.close()
    order = [message.chat_id for message in telegram.state.sent]
    assert order.index(late.id) <= 1


class Time:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let time pass, and others work."""
        self.now += seconds
        await asyncio.sleep(0)


async def test_reply_that_is_throttled_is_sent_again_and_dropped_in_the_end() -> None:
    """A person waits ten seconds for an answer, and not a minute."""
    clock, posted = Time(), []
    turns = Turns(Pacer(telegram_adapter.LIMITS), clock, clock.sleep)
    answers = [Throttled(4), None, Throttled(60)]

    async def post() -> Throttled | None:
        posted.append(clock.now)
        return answers.pop(0)

    await turns.send("7", post, group=False)
    assert posted == [0.0, 4.0]
    await turns.send("7", post, group=False)
    assert len(posted) == 3
    assert answers == []


async def test_messages_of_a_reply_stay_together() -> None:
    """Two people ask in one chat, and each answer has two parts."""
    clock, posted = Time(), []
    turns = Turns(Pacer(telegram_adapter.LIMITS), clock, clock.sleep)

    def part(name: str) -> Callable[[], Awaitable[None]]:
        async def post() -> None:
            await asyncio.sleep(0)
            posted.append(name)

        return post

    turns.start("7", part("a1"), part("a2"), group=False)
    turns.start("7", part("b1"), part("b2"), group=False)
    await turns.finish()
    assert posted == ["a1", "a2", "b1", "b2"]
