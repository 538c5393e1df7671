"""The matcher: whatever happens between two of its batches, each channel gets an entry once."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from bot import channels
from bot.filters import store as filters
from bot.filters.matcher import Batch, Matcher
from bot.model import Channel, Item, Source, Subscription, SubscriptionKind
from bot.wire import source_store
from bot.wire import store as wire
from bot.wire.entry_store import Arrival

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)
WIRE = Source("wire", "The Wire", "phiwire", "https://example.org")


@pytest.fixture(autouse=True)
def _wire(connection: sqlite3.Connection) -> None:
    source_store.put_source(connection, WIRE, "file")
    wire.commit_poll(connection, WIRE, NOW, NOW)


def chat(connection: sqlite3.Connection, address: str) -> Channel:
    """Make a channel without filters."""
    return channels.ensure(connection, "telegram", address, "", "", "Europe/London", NOW)


def chats(connection: sqlite3.Connection, number: int, query: str = "ferry") -> list[Channel]:
    """Make channels that want the same."""
    made = [chat(connection, str(each)) for each in range(1, number + 1)]
    for channel in made:
        want(connection, channel, query)
    return made


def want(
    connection: sqlite3.Connection,
    channel: Channel,
    query: str,
    kind: SubscriptionKind = "match",
    ends: datetime | None = None,
) -> Subscription:
    """Add a filter to a channel."""
    filters.add(connection, channel.id, kind, query, "Ada", NOW, ends)
    return filters.of_channel(connection, channel.id, NOW)[-1]


def publish(connection: sqlite3.Connection, *headlines: str) -> None:
    """Put entries on the wire."""
    items = [Item(headline, "wire", headline) for headline in headlines]
    wire.commit_poll(connection, WIRE, NOW, NOW, new=[Arrival(item, item) for item in items])


def delivered(connection: sqlite3.Connection, headline: str = "ferry") -> list[str]:
    """List the addresses that an entry goes to, in the order of the deliveries."""
    found = connection.execute(
        """
        SELECT c.address FROM deliveries AS d JOIN channels AS c ON c.id = d.channel JOIN entries AS e ON e.id = d.entry
        WHERE e.headline = ? ORDER BY d.id
        """,
        (headline,),
    )
    return [row["address"] for row in found]


def finish(matcher: Matcher, connection: sqlite3.Connection, now: datetime = NOW) -> int:
    """Go on until nothing is left, and say how many batches that took."""
    batches = 1
    while matcher.match(connection, now).more:
        batches += 1
    return batches


def is_matched(connection: sqlite3.Connection, headline: str = "ferry") -> bool:
    """Tell whether an entry is done."""
    row = connection.execute("SELECT matched_at FROM entries WHERE headline = ?", (headline,)).fetchone()
    return row["matched_at"] is not None


def test_batches_bring_every_channel_its_delivery(connection: sqlite3.Connection) -> None:
    """In the order of the channels, and no batch is larger than it may be."""
    made = chats(connection, 7)
    publish(connection, "ferry")
    matcher = Matcher(deliveries=3)
    assert matcher.match(connection, NOW) == Batch(0, 3, more=True)
    assert not is_matched(connection)
    assert matcher.match(connection, NOW) == Batch(0, 3, more=True)
    assert matcher.match(connection, NOW) == Batch(1, 1, more=True)
    assert matcher.match(connection, NOW) == Batch(0, 0, more=False)
    assert delivered(connection) == [channel.address for channel in made]
    assert is_matched(connection)


@pytest.mark.parametrize("batches", range(6))
def test_crash_between_batches_loses_and_doubles_nothing(connection: sqlite3.Connection, batches: int) -> None:
    """A new process goes on where the last commit was."""
    made = chats(connection, 9)
    publish(connection, "ferry")
    matcher = Matcher(deliveries=2, filters=4)
    for _ in range(batches):
        matcher.match(connection, NOW)
    finish(Matcher(deliveries=2, filters=4), connection)
    assert delivered(connection) == [channel.address for channel in made]


def test_batch_that_was_not_committed_is_done_again(connection: sqlite3.Connection) -> None:
    """A full disk takes the transaction back, and not what the matcher remembers."""
    made = chats(connection, 5)
    publish(connection, "ferry")
    matcher = Matcher(deliveries=2)
    matcher.match(connection, NOW)
    for _ in range(2):
        connection.execute("BEGIN")
        matcher.match(connection, NOW)
        connection.execute("ROLLBACK")
    finish(matcher, connection)
    assert delivered(connection) == [channel.address for channel in made]


def test_wide_entry_does_not_keep_others_waiting(connection: sqlite3.Connection) -> None:
    """What arrives while a hundred thousand are served has its turn after one batch."""
    made = chats(connection, 9)
    want(connection, made[8], "levy")
    publish(connection, "ferry")
    matcher = Matcher(deliveries=2)
    matcher.match(connection, NOW)
    publish(connection, "levy")
    assert matcher.match(connection, NOW).entries == 1
    assert delivered(connection, "levy") == ["9"]
    finish(matcher, connection)
    assert len(delivered(connection)) == 9


def test_channels_are_served_while_filters_are_loaded(connection: sqlite3.Connection) -> None:
    """A start with a million filters must not be silent until it has read them."""
    made = chats(connection, 8)
    publish(connection, "ferry", "nobody wants this")
    matcher = Matcher(filters=2)
    assert matcher.match(connection, NOW) == Batch(0, 2, more=True)
    assert not is_matched(connection, "nobody wants this")
    finish(matcher, connection)
    assert delivered(connection) == [channel.address for channel in made]
    assert is_matched(connection, "nobody wants this")


def test_what_changes_while_filters_are_loaded_is_seen(connection: sqlite3.Connection) -> None:
    """In channels that are loaded as in those that are not."""
    made = chats(connection, 8, "levy")
    ferries = {number: want(connection, made[number], "ferry") for number in (1, 6)}
    matcher = Matcher(filters=4)
    assert matcher.match(connection, NOW).more
    want(connection, made[0], "ferry")
    want(connection, made[7], "ferry")
    want(connection, made[7], "port", "mute")
    for subscription in ferries.values():
        filters.remove(connection, subscription, "Ada", NOW)
    finish(matcher, connection)
    publish(connection, "ferry", "ferry in port")
    finish(matcher, connection)
    assert delivered(connection) == ["1", "8"]
    assert delivered(connection, "ferry in port") == ["1"]


def test_what_changes_between_batches_is_seen_by_channels_to_come(connection: sqlite3.Connection) -> None:
    """Whoever removes a filter gets nothing by it a second later."""
    made = chats(connection, 6)
    last = chat(connection, "last")
    publish(connection, "ferry")
    matcher = Matcher(deliveries=2)
    matcher.match(connection, NOW)
    (removed,) = filters.of_channel(connection, made[3].id, NOW)
    filters.remove(connection, removed, "Ada", NOW)
    want(connection, made[4], "ferry", "mute")
    want(connection, last, "ferry")
    finish(matcher, connection)
    assert delivered(connection) == ["1", "2", "3", "6", "last"]


def test_correction_between_batches_counts_for_channels_to_come(connection: sqlite3.Connection) -> None:
    """A filter must not bring what the entry does not say any more."""
    chats(connection, 4)
    publish(connection, "ferry")
    matcher = Matcher(deliveries=2)
    matcher.match(connection, NOW)
    connection.execute("UPDATE entries SET headline = 'levy'")
    finish(matcher, connection)
    assert delivered(connection, "levy") == ["1", "2"]


def test_mute_with_an_end_is_over_then(connection: sqlite3.Connection) -> None:
    """One mute is too much for its channel, until its end."""
    ada, bea = chats(connection, 2)
    want(connection, ada, "subsidy", "mute", ends=LATER)
    matcher = Matcher()
    publish(connection, "ferry subsidy")
    finish(matcher, connection)
    assert delivered(connection, "ferry subsidy") == [bea.address]
    publish(connection, "ferry subsidy doubled")
    finish(matcher, connection, LATER)
    assert delivered(connection, "ferry subsidy doubled") == [ada.address, bea.address]


def test_new_end_of_a_filter_counts_at_once(connection: sqlite3.Connection) -> None:
    """Also where it takes the end away."""
    (ada,) = chats(connection, 1)
    matcher = Matcher()
    want(connection, ada, "ferry", ends=LATER)
    publish(connection, "ferry")
    finish(matcher, connection, LATER)
    assert delivered(connection) == []
    filters.add(connection, ada.id, "match", "ferry", "Ada", NOW)
    publish(connection, "ferry again")
    finish(matcher, connection, LATER)
    assert delivered(connection, "ferry again") == [ada.address]


@pytest.mark.parametrize("loaded", [1, 100])
@pytest.mark.parametrize(("old", "new"), [("2", "7"), ("7", "2")])
def test_merge_between_batches_loses_and_doubles_nothing(
    connection: sqlite3.Connection, old: str, new: str, loaded: int
) -> None:
    """A channel that takes another over may be before it in the row, or behind."""
    made = chats(connection, 8)
    for address in ("2", "7"):
        channel = made[int(address) - 1]
        (ferry,) = filters.of_channel(connection, channel.id, NOW)
        if address == new:
            filters.remove(connection, ferry, "Ada", NOW)
    publish(connection, "ferry")
    matcher = Matcher(deliveries=3, filters=loaded)
    matcher.match(connection, NOW)
    matcher.match(connection, NOW)
    channels.move(connection, "telegram", old, new, NOW)
    finish(matcher, connection)
    assert sorted(delivered(connection)) == sorted({str(each) for each in range(1, 9)} - {old})
    publish(connection, "ferry again")
    finish(matcher, connection)
    assert sorted(delivered(connection, "ferry again")) == sorted({str(each) for each in range(1, 9)} - {old})


def test_twice_moved_filter_is_found_where_it_is(connection: sqlite3.Connection) -> None:
    """Nothing stays behind under a channel that is no more."""
    (ada,) = chats(connection, 1)
    matcher = Matcher()
    finish(matcher, connection)
    for old, new in (("1", "b"), ("b", "c")):
        chat(connection, new)
        channels.move(connection, "telegram", old, new, NOW)
    publish(connection, "ferry")
    finish(matcher, connection)
    assert delivered(connection) == ["c"]
    assert len(matcher._index) == 1
    assert channels.find(connection, "telegram", ada.address, "") is None


def test_import_of_many_filters_is_loaded_by_slices(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands wait for one batch, also after a hundred thousand new filters."""
    monkeypatch.setattr("bot.filters.matcher.MOST_CHANGES", 5)
    matcher = Matcher(filters=2)
    finish(matcher, connection)
    made = chats(connection, 8)
    publish(connection, "ferry")
    assert matcher.match(connection, NOW).deliveries == 2
    finish(matcher, connection)
    assert delivered(connection) == [channel.address for channel in made]


def test_what_removed_filters_asked_for_is_forgotten_some_time(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Filters come and go for years, and memory is finite; what is left is found all the time."""
    monkeypatch.setattr("bot.filters.matcher.MOST_CHANGES", 3)
    (ada,) = chats(connection, 1)
    matcher = Matcher()
    finish(matcher, connection)
    for number in range(9):
        added = want(connection, ada, f'"port {number}"')
        finish(matcher, connection)
        filters.remove(connection, added, "Ada", NOW)
        finish(matcher, connection)
    assert matcher._dropped < 9
    publish(connection, "ferry port 8")
    finish(matcher, connection)
    assert delivered(connection, "ferry port 8") == [ada.address]
    assert [row["reasons"] for row in connection.execute("SELECT reasons FROM deliveries")] == ["[1]"]


def test_unreadable_filter_does_not_hide_the_others(connection: sqlite3.Connection) -> None:
    """Somebody wrote into the table by hand."""
    made = chats(connection, 3)
    connection.execute("UPDATE subscriptions SET query = '(' WHERE channel = ?", (made[1].id,))
    publish(connection, "ferry")
    finish(Matcher(), connection)
    assert delivered(connection) == ["1", "3"]


def test_gone_channel_gets_nothing_and_holds_nothing_up(connection: sqlite3.Connection) -> None:
    """Its filters are kept for its return."""
    chats(connection, 4)
    channels.gone(connection, "telegram", "2", "blocked", NOW)
    publish(connection, "ferry")
    finish(Matcher(deliveries=2), connection)
    assert delivered(connection) == ["1", "3", "4"]


def test_channel_with_several_filters_gets_one_delivery_that_names_them(connection: sqlite3.Connection) -> None:
    """Reasons are ids, and the rows behind them outlive their removal."""
    (ada,) = chats(connection, 1)
    numbers = [each.id for each in filters.of_channel(connection, ada.id, NOW)] + [want(connection, ada, "port").id]
    publish(connection, "ferry port")
    finish(Matcher(), connection)
    assert [row["reasons"] for row in connection.execute("SELECT reasons FROM deliveries")] == [
        f"[{numbers[0]},{numbers[1]}]"
    ]


def test_looking_for_unmatched_entries_reads_no_matched_one(connection: sqlite3.Connection) -> None:
    """A wire of years must not slow the next entry."""
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    Matcher().match(connection, NOW)
    connection.set_trace_callback(None)
    (looked,) = [each for each in statements if "matched_through <" in each]
    plan = [row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {looked}")]
    assert any("USING INDEX entries_unmatched" in step for step in plan)
    assert not any("TEMP B-TREE" in step for step in plan)
