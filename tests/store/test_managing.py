"""Which channel is managed from which private chat: one at a time, and nothing of it outlives either."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

import pytest

from bot import channels, erasure, managing
from bot.model import Channel

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def channel(connection: sqlite3.Connection, address: str) -> Channel:
    """Make a chat or a broadcast channel."""
    return channels.ensure(connection, "telegram", address, "", f"Title of {address}", "Europe/London", NOW)


def managed(connection: sqlite3.Connection, address: str) -> str:
    """Name the channel that is managed from a chat."""
    found = managing.managed(connection, "telegram", address)
    return "" if found is None else found.title


def test_chat_manages_one_channel_until_it_ends(connection: sqlite3.Connection) -> None:
    """The last one counts, and others' chats are theirs."""
    mine, theirs = channel(connection, "7"), channel(connection, "8")
    harbour, lobby = channel(connection, "-100"), channel(connection, "-200")
    managing.begin(connection, mine.id, harbour.id, NOW)
    managing.begin(connection, theirs.id, harbour.id, NOW)
    managing.begin(connection, mine.id, lobby.id, NOW)
    assert [managed(connection, address) for address in ("7", "8", "9")] == ["Title of -200", "Title of -100", ""]
    managing.end(connection, "telegram", "7")
    assert [managed(connection, address) for address in ("7", "8")] == ["", "Title of -100"]


@pytest.mark.parametrize("erased", ["7", "-100"])
def test_nothing_outlives_what_is_forgotten(connection: sqlite3.Connection, erased: str) -> None:
    """Neither the chat nor the channel."""
    mine, harbour = channel(connection, "7"), channel(connection, "-100")
    managing.begin(connection, mine.id, harbour.id, NOW)
    erasure.erase(connection, channel(connection, erased).id, NOW)
    assert managed(connection, "7") == ""
    assert connection.execute("SELECT count(*) FROM managing").fetchone()[0] == 0
