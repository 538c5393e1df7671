"""What was typed for answers in pages: by a number of one channel, for as long as anybody may turn them."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

from bot import channels, erasure, paging

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def channel(connection: sqlite3.Connection, address: str) -> int:
    """Make a chat."""
    return channels.ensure(connection, "telegram", address, "", "", "Europe/London", NOW).id


def test_same_words_have_one_number_in_a_channel(connection: sqlite3.Connection) -> None:
    """And another channel's is not found there."""
    mine, theirs = channel(connection, "7"), channel(connection, "8")
    number = paging.put(connection, mine, "search ferry", NOW)
    assert paging.put(connection, mine, "search ferry", NOW) == number
    assert paging.put(connection, theirs, "search ferry", NOW) != number
    assert paging.find(connection, mine, number) == "search ferry"
    assert paging.find(connection, theirs, number) is None


def test_oldest_go_and_their_numbers_with_them(connection: sqlite3.Connection) -> None:
    """What is asked again is young; what is gone leaves nothing to another's button."""
    mine = channel(connection, "7")
    first, second = (paging.put(connection, mine, words, NOW) for words in ("latest 50", "sources"))
    for minute in range(1, paging.MOST_KEPT):
        paging.put(connection, mine, "latest 50", NOW + timedelta(minutes=minute))
        last = paging.put(connection, mine, f"search word{minute}", NOW + timedelta(minutes=minute))
    assert paging.find(connection, mine, first) == "latest 50"
    assert paging.find(connection, mine, second) is None
    erasure.erase(connection, mine, NOW)
    assert connection.execute("SELECT count(*) FROM answers").fetchone()[0] == 0
    assert paging.put(connection, channel(connection, "7"), "sources", NOW) > last
