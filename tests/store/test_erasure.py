"""Erasing a channel: nothing of it is left anywhere, and nobody else notices."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import audit, channels, db, erasure, schema
from bot.erasure import Holdings
from bot.filters import store as filters
from bot.filters import transfer
from bot.filters.matcher import Matcher
from bot.model import Channel, Item, Source
from bot.outbox import store as outbox
from bot.outbox.policy import Close, Decision, Follow, Retry, Settle, Suspend
from bot.wire import source_store
from bot.wire import store as wire
from bot.wire.entry_store import Arrival

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
WIRE = Source("wire", "The Wire", "phiwire", "https://example.org")
# As long as Telegram's numbers are: three digits turn up by chance in the microseconds at which migrations ran.
MINE = "-1002718281828459"


@pytest.fixture(autouse=True)
def _wire(connection: sqlite3.Connection) -> None:
    source_store.put_source(connection, WIRE, "file")
    wire.commit_poll(connection, WIRE, NOW, NOW)


def chat(connection: sqlite3.Connection, address: str, thread: str = "", *queries: str) -> Channel:
    """Make a channel with filters."""
    made = channels.ensure(connection, "telegram", address, thread, f"Lobby of {address}", "Europe/London", NOW)
    for query in queries or ("ferry",):
        filters.add(connection, made.id, "match", query, f"Ada of {address}", NOW)
    return made


def publish(connection: sqlite3.Connection, *headlines: str) -> None:
    """Put entries on the wire."""
    items = [Item(headline, "wire", headline) for headline in headlines]
    wire.commit_poll(connection, WIRE, NOW, NOW, new=[Arrival(item, item) for item in items])


def match(matcher: Matcher, connection: sqlite3.Connection) -> None:
    """Match all that waits."""
    while matcher.match(connection, NOW).more:
        pass


def dump(connection: sqlite3.Connection) -> str:
    """Write down all that the database holds."""
    tables = [row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return json.dumps(
        {
            table: list(map(tuple, connection.execute(f"SELECT * FROM {table}")))
            for table in tables
            if not table.startswith("entry_words")
        },
        default=str,
    )


def test_nothing_of_it_is_left(connection: sqlite3.Connection) -> None:
    """Not a name, not a word, not a number of the chat."""
    mine, theirs = chat(connection, MINE, "", "ferry", "secretword"), chat(connection, "8")
    (_, second) = filters.of_channel(connection, mine.id, NOW)
    filters.remove(connection, second, f"Bea of {MINE}", NOW)
    filters.undo(connection, mine.id, f"Cleo of {MINE}", NOW)
    audit.record(connection, mine.id, f"Ada of {MINE}", "pause", "2h", NOW)
    matcher = Matcher()
    publish(connection, "ferry one")
    match(matcher, connection)
    for delivery in outbox.claim(connection, "telegram", NOW, 9):
        outbox.settle(connection, delivery, Settle("sent", message_ref=f"m{delivery.channel.address}"), NOW)
    publish(connection, "ferry two")
    match(matcher, connection)
    assert erasure.holdings(connection, mine.id) == Holdings(2, 0, 1, 1, 5)
    held = dump(connection)
    assert MINE in held
    assert "secretword" in held
    erasure.erase(connection, mine.id, NOW)
    held = dump(connection)
    assert MINE not in held
    assert "secretword" not in held
    assert erasure.holdings(connection, mine.id).filters == 0
    assert channels.find(connection, "telegram", MINE, "") is None
    assert [each["address"] for each in transfer.export(connection)["channels"]] == ["8"]
    assert [each.channel for each in outbox.claim(connection, "telegram", NOW, 9)] == [theirs]


def test_running_matcher_forgets_its_filters(connection: sqlite3.Connection) -> None:
    """The index is a cache: a filter that stays there would bring news to whoever comes next."""
    mine, theirs = chat(connection, "7"), chat(connection, "8", "", "levy")
    matcher = Matcher()
    match(matcher, connection)
    assert len(matcher._index) == 2
    erasure.erase(connection, mine.id, NOW)
    stranger = chat(connection, "7", "", "port")
    assert stranger.id > theirs.id
    publish(connection, "ferry levy port")
    match(matcher, connection)
    assert len(matcher._index) == 2
    found = [each.channel for each in outbox.claim(connection, "telegram", NOW, 9)]
    assert found == [theirs, stranger]


def test_matcher_that_had_not_read_of_changes_forgets_them_too(connection: sqlite3.Connection) -> None:
    """A filter that was removed, or moved here, just before: the trail's rows of that are gone."""
    mine, moving = chat(connection, "7", "", "ferry", "levy"), chat(connection, "9", "", "port")
    matcher = Matcher()
    match(matcher, connection)
    filters.remove(connection, filters.of_channel(connection, mine.id, NOW)[0], "Ada", NOW)
    channels.move(connection, "telegram", "9", "7", NOW)
    assert channels.find(connection, "telegram", "9", "") is None
    erasure.erase(connection, mine.id, NOW)
    publish(connection, "ferry levy port")
    match(matcher, connection)
    assert len(matcher._index) == 0
    assert moving.id != mine.id
    assert "port" not in connection.execute("SELECT group_concat(detail) FROM audit").fetchone()[0]


def test_fan_out_that_is_half_way_leaves_it_out(connection: sqlite3.Connection) -> None:
    """Between two batches of one entry."""
    made = [chat(connection, str(number)) for number in range(1, 6)]
    publish(connection, "ferry")
    matcher = Matcher(deliveries=2)
    matcher.match(connection, NOW)
    for channel in (made[0], made[3]):
        erasure.erase(connection, channel.id, NOW)
    match(matcher, connection)
    found = [each.channel.address for each in outbox.claim(connection, "telegram", NOW, 9)]
    assert found == ["2", "3", "5"]


@pytest.mark.parametrize(
    "decision",
    [
        Settle("sent", message_ref="m1"),
        Retry(LATER, "throttled", "address"),
        Retry(LATER, "502"),
        Suspend(LATER, "no rights"),
        Follow("-100"),
        Close("blocked"),
    ],
    ids=lambda decision: type(decision).__name__,
)
def test_what_is_being_sent_meanwhile_settles_nowhere(connection: sqlite3.Connection, decision: Decision) -> None:
    """Its number may not be another's by then, or that one would count as sent and never be."""
    mine = chat(connection, "7")
    publish(connection, "ferry one")
    matcher = Matcher()
    match(matcher, connection)
    (delivery,) = outbox.claim(connection, "telegram", NOW, 9)
    erasure.erase(connection, mine.id, NOW)
    theirs = chat(connection, "8")
    publish(connection, "ferry two")
    match(matcher, connection)
    outbox.settle(connection, delivery, decision, NOW)
    assert [each.channel for each in outbox.claim(connection, "telegram", NOW, 9)] == [theirs]
    assert channels.topics(connection, "telegram", "7") == []
    assert channels.topics(connection, "telegram", "-100") == []


def test_topic_is_a_channel_of_its_own(connection: sqlite3.Connection) -> None:
    """The others of the chat stay."""
    topics = [chat(connection, "-100", thread) for thread in ("", "5", "6")]
    erasure.erase(connection, topics[1].id, NOW)
    assert channels.topics(connection, "telegram", "-100") == ["", "6"]
    publish(connection, "ferry")
    match(Matcher(), connection)
    (delivery,) = outbox.claim(connection, "telegram", NOW, 9)
    outbox.settle(connection, delivery, Settle("sent", message_ref="m1"), NOW)
    assert [each.channel for each in outbox.claim(connection, "telegram", NOW, 9)] == [topics[2]]


def test_file_holds_no_trace(tmp_path: Path) -> None:
    """Deleted rows are overwritten."""
    path = tmp_path / "erased.db"
    with contextlib.closing(db.connect(path)) as opened:
        schema.migrate(opened)
        mine = channels.ensure(opened, "telegram", "7", "", "Lobby of secrets", "Europe/London", NOW)
        filters.add(opened, mine.id, "match", "secretword", "Ada Secretname", NOW)
        with db.transaction(opened):
            erasure.erase(opened, mine.id, NOW)
    held = path.read_bytes()
    for word in (b"secrets", b"secretword", b"Secretname"):
        assert word not in held
