"""What the watcher sees in a real database, stage by stage, and what it remembers."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import channels, counters, db, notices, seek
from bot.filters import store as filters
from bot.filters.matcher import Matcher
from bot.flow import sight
from bot.flow.stages import Alarm, Change
from bot.model import Channel, Item, Operator, Source
from bot.outbox import history
from bot.outbox import store as outbox
from bot.outbox.policy import Retry, Settle, Suspend
from bot.wire import silence, source_store, store, watch
from bot.wire.entry_store import Arrival

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
WIRE = Source("wire", "The Wire", "phiwire", "https://wire.example/list")
PLATFORMS = ("telegram", "slack")


def ago(**duration: float) -> datetime:
    """Tell a time before now."""
    return NOW - timedelta(**duration)


def poll(connection: sqlite3.Connection, *items: Item, at: datetime = NOW, source: Source = WIRE) -> None:
    """Commit a poll; the first is a baseline."""
    new = [Arrival(item, item) for item in items]
    store.commit_poll(connection, source, at, at + timedelta(minutes=5), new=new)


def item(key: str, published_at: datetime | None = NOW) -> Item:
    """Write an item."""
    return Item(key, "wire", f"Ferry story {key}", published_at=published_at)


@pytest.fixture
def channel(connection: sqlite3.Connection) -> Channel:
    """Have a source with a baseline, and a chat that wants ferries."""
    source_store.put_source(connection, WIRE, "file")
    poll(connection, at=ago(days=2))
    chat = channels.ensure(connection, "telegram", "7", "", "", "Europe/London", ago(days=2))
    filters.add(connection, chat.id, "match", "ferry", "Ada", ago(days=2))
    return chat


def match(connection: sqlite3.Connection, at: datetime = NOW) -> None:
    """Run the matcher until nothing waits."""
    matcher = Matcher()
    while matcher.match(connection, at).more:
        pass


def waiting(connection: sqlite3.Connection, now: datetime = NOW) -> frozenset[str]:
    """Name the platforms for which deliveries are due."""
    return sight.look(connection, PLATFORMS, now).waiting


def test_sight_follows_an_entry_through_the_stages(connection: sqlite3.Connection, channel: Channel) -> None:
    """Each sees what waits for it, and nothing else."""
    before = sight.look(connection, PLATFORMS, NOW)
    assert (before.sources, before.overdue, before.unmatched, before.waiting) == (1, 1, "", frozenset())
    poll(connection, item("1"))
    seen = sight.look(connection, PLATFORMS, NOW)
    assert (seen.overdue, seen.unmatched, seen.waiting) == (0, "1 0", frozenset())
    assert seen.looked != before.looked
    match(connection)
    assert sight.look(connection, PLATFORMS, NOW).unmatched == ""
    assert waiting(connection) == {"telegram"}
    (delivery,) = outbox.claim(connection, "telegram", NOW, 9)
    assert waiting(connection) == {"telegram"}
    outbox.settle(connection, delivery, Settle("sent", "m1"), NOW)
    assert waiting(connection) == frozenset()


def test_what_may_not_be_sent_is_not_due(connection: sqlite3.Connection, channel: Channel) -> None:
    """Pauses, chats that are gone or closed to us, long waits that a platform asked for: no trouble of the platform."""
    poll(connection, item("1"))
    match(connection)
    channels.pause(connection, channel.id, None)
    assert waiting(connection) == frozenset()
    outbox.resume(connection, channel.id)
    (delivery,) = outbox.claim(connection, "telegram", NOW, 9)
    outbox.settle(connection, delivery, Retry(NOW + timedelta(minutes=30), "throttled", "address"), NOW)
    assert waiting(connection) == frozenset()
    assert waiting(connection, NOW + timedelta(minutes=25)) == {"telegram"}
    later = NOW + timedelta(minutes=30)
    (delivery,) = outbox.claim(connection, "telegram", later, 9)
    outbox.settle(connection, delivery, Retry(later + timedelta(minutes=1), "it is down", "token"), later)
    assert waiting(connection, later) == {"telegram"}
    (delivery,) = outbox.claim(connection, "telegram", later + timedelta(minutes=1), 9)
    outbox.settle(connection, delivery, Suspend(later + timedelta(hours=1), "not_in_channel"), later)
    assert waiting(connection, later + timedelta(hours=2)) == frozenset()
    channels.gone(connection, "telegram", "7", "blocked", later)
    assert waiting(connection, later) == frozenset()


def fail(connection: sqlite3.Connection, slug: str, at: datetime, failure: str = "answer") -> None:
    """Commit a look that failed."""
    source_store.commit_failure(connection, slug, at, at + timedelta(minutes=1), "it is down")
    connection.execute("UPDATE sources SET failure = ? WHERE slug = ?", (failure, slug))


def sources(connection: sqlite3.Connection, *hosts: str) -> None:
    """Read a source of each host, all of them well."""
    for number, host in enumerate(hosts):
        source = replace(WIRE, slug=f"s{number}", url=f"https://{host}/feed?{number}")
        source_store.put_source(connection, source, "file")
        poll(connection, source=source, at=ago(minutes=10))


def test_network_is_down_when_several_hosts_fall_silent_together(connection: sqlite3.Connection) -> None:
    """And up as soon as more of them answer than do not."""
    sources(connection, "a.example", "b.example", "c.example", "d.example")
    fail(connection, "s0", NOW)
    assert not silence.nobody_answers(connection)
    fail(connection, "s1", NOW)
    assert silence.nobody_answers(connection)
    poll(connection, source=replace(WIRE, slug="s1", url="https://b.example/feed?1"))
    assert not silence.nobody_answers(connection)


@pytest.mark.parametrize(
    ("hosts", "failure", "since"),
    [
        (("a.example", "a.example"), "answer", NOW),  # one host is down, not the network
        (("a.example", "b.example"), "document", NOW),  # both answer
        (("a.example", "b.example", "c.example", "d.example", "e.example"), "answer", NOW),  # most are well
    ],
)
def test_sources_that_are_ill_are_no_network_that_is_down(
    hosts: tuple[str, ...], failure: str, since: datetime, connection: sqlite3.Connection
) -> None:
    """Each is told by itself."""
    sources(connection, *hosts)
    fail(connection, "s0", since, failure)
    fail(connection, "s1", since, failure)
    assert not silence.nobody_answers(connection)


def test_sources_that_have_long_been_ill_do_not_count(connection: sqlite3.Connection) -> None:
    """Two that died last year and one that is looked at once an hour are no outage."""
    sources(connection, "a.example", "b.example", "c.example")
    connection.execute("UPDATE sources SET last_ok_at = '2025-01-01T00:00:00.000Z' WHERE slug <> 's2'")
    fail(connection, "s0", NOW)
    fail(connection, "s1", NOW)
    assert not silence.nobody_answers(connection)


def test_first_start_without_network(connection: sqlite3.Connection) -> None:
    """No source has ever answered."""
    for number in range(2):
        source_store.put_source(connection, replace(WIRE, slug=f"s{number}", url=f"https://{number}.example"), "file")
        fail(connection, f"s{number}", NOW)
    assert silence.nobody_answers(connection)


def test_one_notice_tells_of_a_network_that_is_down(connection: sqlite3.Connection) -> None:
    """Not one for each source; a source that stays silent when the others answer again is told then."""
    operators = (Operator("telegram", "7"),)
    sources(connection, "a.example", "b.example", "c.example")
    told = []
    for minutes in (1, 3, 6, 12):
        for slug in ("s0", "s1", "s2"):
            fail(connection, slug, NOW + timedelta(minutes=minutes))
            told += watch.looked(connection, slug, operators, NOW + timedelta(minutes=minutes), failure="answer")
    assert told == []
    assert sight.look(connection, PLATFORMS, NOW).nobody_answers
    later = NOW + timedelta(minutes=15)
    for slug, url in (("s1", "https://b.example/feed?1"), ("s2", "https://c.example/feed?2")):
        poll(connection, source=replace(WIRE, slug=slug, url=url), at=later)
    fail(connection, "s0", later)
    (notice,) = watch.looked(connection, "s0", operators, later, failure="answer")
    assert notice.startswith("⚠ The Wire has not answered for")


def test_operators_are_told_through_a_platform_that_works(connection: sqlite3.Connection) -> None:
    """And what they were told is known after a restart."""
    change = Change(Alarm("slack", NOW, NOW), "⚠ Slack has taken no message for 15 minutes")
    operators = (Operator("telegram", "7"), Operator("slack", "U0MAX"))
    sight.tell(connection, [change], operators, {"slack"}, NOW)
    (delivery,) = outbox.claim(connection, "telegram", NOW, 9)
    assert delivery.entry.headline == change.sentence
    assert outbox.claim(connection, "slack", NOW, 9) == ()
    assert sight.alarms(connection) == {"slack": change.alarm}
    assert [each.sentence for each in sight.still_open(connection)] == [change.sentence]
    over = Change(Alarm("slack", None, NOW), "✓ Slack takes messages again after 20 minutes.")
    sight.tell(connection, [over], operators, (), NOW)
    assert (sight.alarms(connection), sight.still_open(connection)) == ({"slack": over.alarm}, ())


def test_database_counts_what_happens(connection: sqlite3.Connection, channel: Channel) -> None:
    """Also what is gone by now, and notices are no news."""
    first = item("1")
    poll(connection, first, item("2"))
    corrected = replace(first, headline="Ferry story, corrected")
    store.commit_poll(connection, WIRE, NOW, NOW, changed=[(1, Arrival(corrected, corrected))])
    fail(connection, "wire", NOW)
    match(connection)
    notices.tell(connection, [Operator("slack", "U0MAX")], "⚠", NOW)
    for end in (Settle("sent", "m1"), Settle("failed", error="too long")):
        (delivery,) = outbox.claim(connection, "telegram", NOW, 1)
        outbox.settle(connection, delivery, end, NOW)
    connection.execute("DELETE FROM deliveries WHERE channel = ?", (channel.id,))
    assert [(each.name, each.platform, each.label, each.value) for each in counters.counted(connection)] == [
        ("deliveries", "telegram", "failed", 1),
        ("deliveries", "telegram", "sent", 1),
        ("entries", "", "new", 2),
        ("entries", "", "revised", 1),
        ("polls", "", "answered", 3),
        ("polls", "", "failed", 1),
    ]


def test_delays_are_those_of_the_last_day(connection: sqlite3.Connection, channel: Channel) -> None:
    """Median and 95th percentile: of a hundred, one that took long is neither."""
    for number in range(101):
        seen = ago(hours=30) if number == 0 else ago(hours=1)
        poll(connection, item(str(number), seen - timedelta(seconds=number)), at=seen)
        match(connection, seen)
        (delivery,) = outbox.claim(connection, "telegram", seen, 9, burst=1000)
        took = 900 if number == 100 else 2
        outbox.settle(connection, delivery, Settle("sent", str(number)), seen + timedelta(seconds=took))
    (lag,) = history.lag(connection, NOW)
    assert (lag.platform, lag.deliveries, lag.seen_to_sent) == ("telegram", 100, (2.0, 2.0))
    assert lag.published_to_seen == pytest.approx((51, 95), abs=1.1)
    assert lag.published_to_sent == pytest.approx((53, 97), abs=1.1)
    assert history.lag(connection, NOW + timedelta(days=2)) == ()


def test_delay_is_not_known_where_nothing_says_when_it_was_published(
    connection: sqlite3.Connection, channel: Channel
) -> None:
    """What we took is known."""
    poll(connection, item("1", None))
    match(connection)
    (delivery,) = outbox.claim(connection, "telegram", NOW, 9)
    outbox.settle(connection, delivery, Settle("sent", "m"), NOW + timedelta(seconds=4))
    (lag,) = history.lag(connection, NOW)
    assert (lag.published_to_seen, lag.seen_to_sent, lag.published_to_sent) == (None, (4.0, 4.0), None)


def test_queue_tells_what_is_due(connection: sqlite3.Connection, channel: Channel) -> None:
    """What is paused waits, and is not late."""
    poll(connection, item("1"), item("2"))
    match(connection)
    outbox.claim(connection, "telegram", NOW, 1)
    later = NOW + timedelta(minutes=3)
    assert [(each.status, each.count, each.due_since) for each in history.queue(connection, later)] == [
        ("pending", 1, NOW),
        ("sending", 1, NOW),
    ]
    channels.pause(connection, channel.id, None)
    assert {each.due_since for each in history.queue(connection, later)} == {None}


def test_failures_are_counted_by_kind(connection: sqlite3.Connection, channel: Channel) -> None:
    """Numbers in them make no difference."""
    poll(connection, *(item(str(number)) for number in range(3)))
    match(connection)
    for error in ("no answer within 60 seconds", "no answer within 2.5 seconds", "message is too long"):
        (delivery,) = outbox.claim(connection, "telegram", NOW, 1)
        outbox.settle(connection, delivery, Settle("failed", error=error), NOW)
    assert [(each.error, each.count) for each in history.failure_kinds(connection, NOW)] == [
        ("no answer within … seconds", 2),
        ("message is too long", 1),
    ]
    assert history.failure_kinds(connection, NOW + timedelta(days=2)) == ()


def test_first_of_a_time_is_found_without_an_index(connection: sqlite3.Connection, channel: Channel) -> None:
    """Also where rows are gone, and beyond the last."""
    poll(connection, *(item(str(number)) for number in range(40)))
    for number in range(1, 41):
        seen = db.to_text(NOW + timedelta(hours=number))
        connection.execute("UPDATE entries SET first_seen_at = ? WHERE id = ?", (seen, number))
    connection.execute("DELETE FROM entries WHERE id % 3 = 0")
    for number in range(1, 40):
        moment = NOW + timedelta(hours=number)
        first = connection.execute("SELECT id FROM entries WHERE id >= ? ORDER BY id", (number,)).fetchone()["id"]
        found = seek.first_since(connection, "entries", "first_seen_at", moment)
        assert connection.execute("SELECT min(id) FROM entries WHERE id >= ?", (found,)).fetchone()[0] == first
    assert seek.first_since(connection, "entries", "first_seen_at", NOW + timedelta(days=9)) == 41
    assert seek.first_since(connection, "deliveries", "created_at", NOW) == 1
