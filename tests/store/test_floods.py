"""Floods, downtime and urgent news, as rows: what is claimed, what is folded, what is left out and told of."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from bot import channels
from bot.filters import store as filters
from bot.filters.matcher import Matcher
from bot.model import Channel, Delivery, Item, Source
from bot.outbox import store
from bot.outbox.folding import BURST, CATCH_UP, MINUTE, MOST_LISTED
from bot.outbox.policy import Close, Retry, Settle
from bot.wire import source_store
from bot.wire import store as wire
from bot.wire.entry_store import Arrival

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
WIRE = Source("wire", "The Wire", "phiwire", "https://example.org")
Rows = dict[str, int]


@pytest.fixture
def ada(connection: sqlite3.Connection) -> Channel:
    """Make a chat that follows Marta Quill, and reads of ferries at once."""
    channel = channels.ensure(connection, "telegram", "7", "", "Ada", "Europe/London", NOW)
    filters.add(connection, channel.id, "follow", "Marta Quill", "Ada", NOW)
    filters.add(connection, channel.id, "match", "ferry", "Ada", NOW, urgent=True)
    source_store.put_source(connection, WIRE, "file")
    wire.commit_poll(connection, WIRE, NOW, NOW)
    return channel


def publish(
    connection: sqlite3.Connection, count: int, word: str = "harbour", now: datetime = NOW, hours_ago: float = 0
) -> None:
    """Bring entries through wire and matcher."""
    moment = now - timedelta(hours=hours_ago)
    items = [
        Item(f"{word} {now} {n}", "wire", f"{word} {n:03}", author="Marta Quill", published_at=moment)
        for n in range(1, count + 1)
    ]
    wire.commit_poll(connection, WIRE, now, now, new=[Arrival(item, item) for item in items])
    Matcher().match(connection, now)


def claim(connection: sqlite3.Connection, now: datetime = NOW) -> list[Delivery]:
    """Claim all that can be claimed."""
    return list(store.claim(connection, "telegram", now, 100))


def settle(connection: sqlite3.Connection, delivery: Delivery, now: datetime = NOW) -> None:
    """Settle a delivery that went well."""
    store.settle(connection, delivery, Settle("sent", message_ref=f"m{delivery.id}"), now)


def send_all(connection: sqlite3.Connection, now: datetime = NOW) -> list[Delivery]:
    """Send until nothing is due."""
    sent = []
    while claimed := claim(connection, now):
        for delivery in claimed:
            sent.append(delivery)
            settle(connection, delivery, now)
    return sent


def statuses(connection: sqlite3.Connection) -> Rows:
    """Count the deliveries by status."""
    return dict(connection.execute("SELECT status, count(*) FROM deliveries GROUP BY status").fetchall())


@pytest.mark.usefixtures("ada")
def test_a_burst_is_one_message_of_all(connection: sqlite3.Connection) -> None:
    """Each is sent, none alone."""
    publish(connection, BURST + 2)
    (delivery,) = claim(connection)
    assert [entry.headline for entry in delivery.folded] == [f"harbour {n:03}" for n in range(1, BURST + 3)]
    assert statuses(connection) == {"sending": 1, "folded": BURST + 1}
    settle(connection, delivery)
    assert statuses(connection) == {"sent": BURST + 2}
    assert {row[0] for row in connection.execute("SELECT message_ref FROM deliveries")} == {f"m{delivery.id}"}
    assert claim(connection) == []


@pytest.mark.usefixtures("ada")
def test_what_does_not_fit_is_told_of_with_the_message(connection: sqlite3.Connection) -> None:
    """And is told once."""
    publish(connection, MOST_LISTED + 5)
    (delivery,) = claim(connection)
    assert (delivery.left_out, delivery.left_among, len(delivery.folded)) == (5, MOST_LISTED + 5, MOST_LISTED)
    settle(connection, delivery)
    publish(connection, 1, "pier", NOW + MINUTE)
    (next_one,) = claim(connection, NOW + MINUTE)
    assert next_one.left_out == 0


@pytest.mark.usefixtures("ada")
def test_a_folded_message_stays_one_through_throttling_and_crash(connection: sqlite3.Connection) -> None:
    """Otherwise what was sent with it would be sent again."""
    publish(connection, BURST + 2)
    (delivery,) = claim(connection)
    store.settle(connection, delivery, Retry(NOW + MINUTE, "throttled", "address"), NOW)
    publish(connection, 1, "pier")
    (again,) = claim(connection, NOW + MINUTE)
    assert (again.id, again.folded) == (delivery.id, delivery.folded)
    store.recover(connection, NOW + MINUTE)
    (once_more,) = claim(connection, NOW + MINUTE)
    assert once_more.folded == delivery.folded
    settle(connection, once_more, NOW + MINUTE)
    assert [each.entry.headline for each in send_all(connection, NOW + MINUTE)] == ["pier 001"]


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("end", [Settle("failed", error="no"), Close("blocked")])
def test_a_folded_message_fails_as_a_whole(connection: sqlite3.Connection, end: Settle | Close) -> None:
    """None of it waits for ever."""
    publish(connection, BURST + 2)
    (delivery,) = claim(connection)
    store.settle(connection, delivery, end, NOW)
    assert set(statuses(connection)) <= {"failed", "expired"}
    assert sum(statuses(connection).values()) == BURST + 2


@pytest.mark.usefixtures("ada")
def test_a_folded_message_that_waited_too_long_expires_as_a_whole(connection: sqlite3.Connection) -> None:
    """And is told of with the next."""
    publish(connection, BURST + 2)
    (delivery,) = claim(connection)
    store.settle(connection, delivery, Retry(NOW + timedelta(hours=7), "down"), NOW)
    much_later = NOW + timedelta(hours=7)
    assert claim(connection, much_later) == []
    assert statuses(connection) == {"expired": BURST + 2}
    publish(connection, 1, "pier", much_later)
    (next_one,) = claim(connection, much_later)
    assert next_one.left_out == BURST + 2


@pytest.mark.usefixtures("ada")
def test_a_full_minute_gathers_what_comes(connection: sqlite3.Connection) -> None:
    """Ten messages, and then one for all that came meanwhile."""
    publish(connection, BURST)
    assert len(send_all(connection)) == BURST
    soon = NOW + timedelta(seconds=20)
    publish(connection, 2, "pier", soon)
    publish(connection, 2, "quay", soon)
    assert claim(connection, soon) == []
    assert store.next_due(connection, "telegram", soon) == NOW + MINUTE
    assert len(send_all(connection, NOW + MINUTE)) == 4


@pytest.mark.usefixtures("ada")
def test_urgent_news_passes_everything(connection: sqlite3.Connection) -> None:
    """A division bell is not folded, not even in a minute that is full."""
    publish(connection, BURST + 2)
    publish(connection, 1, "ferry")
    (first, digest) = send_all(connection)
    assert (first.entry.headline, first.folded, len(digest.folded)) == ("ferry 001", (), BURST + 2)
    publish(connection, BURST - 2, "pier")
    assert len(send_all(connection)) == BURST - 2
    publish(connection, 3, "ferry", NOW + timedelta(seconds=5))
    assert [each.entry.headline for each in send_all(connection, NOW + timedelta(seconds=5))] == [
        "ferry 001",
        "ferry 002",
        "ferry 003",
    ]


@pytest.mark.usefixtures("ada")
def test_after_downtime_the_newest_come_and_a_line_of_the_others(connection: sqlite3.Connection) -> None:
    """The source was due hours ago: the bot was off."""
    back = NOW + timedelta(hours=12)
    publish(connection, CATCH_UP + 37, now=back, hours_ago=1)
    sent = send_all(connection, back)
    assert [each.entry.headline for each in sent] == [f"harbour {n:03}" for n in range(38, CATCH_UP + 38)]
    assert [each.left_out for each in sent] == [0] * (CATCH_UP - 1) + [37]
    assert sent[-1].left_among == CATCH_UP + 37


@pytest.mark.usefixtures("ada")
def test_after_downtime_nothing_old_is_sent(connection: sqlite3.Connection) -> None:
    """Who reads seven hours old news as new has been misled."""
    back = NOW + timedelta(hours=12)
    publish(connection, 3, now=back, hours_ago=7)
    assert send_all(connection, back) == []
    publish(connection, 1, "pier", back)
    (sent,) = send_all(connection, back)
    assert (sent.left_out, sent.left_among) == (3, 3)


@pytest.mark.usefixtures("ada")
def test_a_source_that_is_read_in_time_lists_late_items_all_the_same(connection: sqlite3.Connection) -> None:
    """A publisher may take a day to list what is dated yesterday."""
    publish(connection, 3, now=NOW + timedelta(minutes=1), hours_ago=30)
    assert len(send_all(connection, NOW + timedelta(minutes=1))) == 3


def test_one_channels_flood_is_nobody_elses(connection: sqlite3.Connection, ada: Channel) -> None:
    """Each channel has a minute of its own."""
    bea = channels.ensure(connection, "telegram", "8", "", "Bea", "Europe/London", NOW)
    filters.add(connection, bea.id, "match", '"harbour 001"', "Bea", NOW)
    publish(connection, BURST + 2)
    by_channel = {each.channel.id: each for each in claim(connection)}
    assert by_channel[bea.id].folded == ()
    assert len(by_channel[ada.id].folded) == BURST + 2


def test_urgent_news_is_before_whoever_waits_longest(connection: sqlite3.Connection, ada: Channel) -> None:
    """Fair is who has equal news: a division bell goes first to a channel that had its turn a moment ago."""
    bea = channels.ensure(connection, "telegram", "8", "", "Bea", "Europe/London", NOW)
    filters.add(connection, bea.id, "follow", "Marta Quill", "Bea", NOW)
    publish(connection, 1)
    publish(connection, 1, "ferry")
    claimed = store.claim(connection, "telegram", NOW, 9, served={"7": 5.0})
    assert [(each.channel, each.entry.headline) for each in claimed] == [(ada, "ferry 001"), (bea, "harbour 001")]
    for each in claimed:
        settle(connection, each)
    claimed = store.claim(connection, "telegram", NOW, 9, served={"7": 6.0, "8": 5.0})
    assert [(each.channel, each.entry.headline) for each in claimed] == [(bea, "ferry 001"), (ada, "harbour 001")]


@pytest.mark.usefixtures("ada")
def test_a_full_minute_holds_up_nobody_else(connection: sqlite3.Connection) -> None:
    """Not even where there is room for one message only."""
    publish(connection, BURST)
    assert len(send_all(connection)) == BURST
    publish(connection, 1, "pier")
    bea = channels.ensure(connection, "telegram", "8", "", "Bea", "Europe/London", NOW)
    filters.add(connection, bea.id, "match", "quay", "Bea", NOW)
    publish(connection, 1, "quay")
    (claimed,) = store.claim(connection, "telegram", NOW, 1)
    assert claimed.channel == bea


@pytest.mark.usefixtures("ada")
def test_what_two_messages_told_of_is_left_out_once(connection: sqlite3.Connection) -> None:
    """A lease may run out before its owner is done: then a message goes twice, and is settled twice."""
    back = NOW + timedelta(hours=12)
    publish(connection, 3, now=back, hours_ago=7)
    assert send_all(connection, back) == []
    publish(connection, 1, "pier", back)
    (delivery,) = send_all(connection, back)
    assert delivery.left_out == 3
    settle(connection, delivery, back)
    left = connection.execute("SELECT left_out, left_among FROM channels").fetchone()
    assert tuple(left) == (0, 0)
