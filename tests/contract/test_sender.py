"""The sender between outbox and platform: a message says what was found, and goes out where nobody can tell."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import channels
from bot.adapters.telegram import TelegramAdapter
from bot.db import Database
from bot.filters import store as filters
from bot.filters.matcher import Matcher
from bot.filters.people import NO_ALIASES, Aliases
from bot.model import Item, Source
from bot.outbox.sender import Sender
from bot.wire import source_store
from bot.wire import store as wire
from bot.wire.entry_store import Arrival
from tests.emulators.telegram import TelegramEmulator

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
WIRE = Source("wire", "The Wire", "phiwire", "https://example.org")
ROW = Item("1", "wire", "Ferry vote survives", author="Marta Quill")
BROKEN = Aliases({"marta quill": None})  # type: ignore[dict-item]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Open a new file."""
    opened = Database(tmp_path / "test.db")
    yield opened
    opened.close()


@pytest.fixture
async def adapter(telegram: TelegramEmulator) -> AsyncIterator[TelegramAdapter]:
    """Make an adapter that sends, and listens to nobody."""
    made = TelegramAdapter(telegram.token, telegram.url, [], lambda: NOW)
    await made.check()
    yield made
    await made.close()


def publish(connection: sqlite3.Connection, address: str) -> None:
    """Bring a row through wire and matcher to a chat that follows its author and looks for ferries."""
    channel = channels.ensure(connection, "telegram", address, "", "", "Europe/London", NOW)
    filters.add(connection, channel.id, "follow", "Marta Quill", "Ada", NOW)
    filters.add(connection, channel.id, "match", "ferry", "Ada", NOW)
    source_store.put_source(connection, WIRE, "file")
    wire.commit_poll(connection, WIRE, NOW, NOW)
    wire.commit_poll(connection, WIRE, NOW, NOW, new=[Arrival(ROW, ROW)])
    Matcher().match(connection, NOW)


def rewrite(connection: sqlite3.Connection, stored: str, query: str) -> None:
    """Store a query as if an older language had allowed it."""
    connection.execute("UPDATE subscriptions SET query = ? WHERE query = ?", (query, stored))


@pytest.mark.parametrize(
    ("query", "aliases", "marked"),
    [("ferry", NO_ALIASES, ["Ferry"]), ("((", NO_ALIASES, []), ("ferry", BROKEN, [])],
    ids=["explained", "unreadable query", "broken aliases"],
)
async def test_message_goes_out_explained_or_not(
    query: str,
    aliases: Aliases,
    marked: list[str],
    database: Database,
    telegram: TelegramEmulator,
    adapter: TelegramAdapter,
) -> None:
    """What stands out in a message is worth less than the message."""
    chat = telegram.private_chat(7, "Ada")
    await database.write(publish, str(chat.id))
    await database.write(rewrite, "ferry", query)
    sender = Sender(database, adapter, lambda: NOW, aliases)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(sender.run())
        message = await telegram.wait_for_message(chat, ROW.headline)
        sender.stop()
    underlined = [each for each in message.entities if each["type"] == "underline"]
    assert [message.text[each["offset"] :][: each["length"]] for each in underlined] == marked
    assert len(telegram.messages(chat)) == 1
