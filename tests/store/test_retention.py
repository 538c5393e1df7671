"""What is old goes, a few rows at a time, and nothing that anybody still needs."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from bot import audit, channels, notices, retention
from bot.filters import store as filters
from bot.filters.matcher import Matcher
from bot.model import Channel, Item, Operator, Source
from bot.outbox import store as outbox
from bot.outbox.policy import Settle
from bot.retention import Place
from bot.wire import looks, news, rhythm, source_store, watch
from bot.wire import store as wire
from bot.wire.entry_store import Arrival
from bot.wire.looks import Look

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)
WIRE = Source("wire", "The Wire", "feed", "https://example.org")


@pytest.fixture
def ada(connection: sqlite3.Connection) -> Channel:
    """Make a chat that subscribes to ferries, on a wire with its baseline."""
    source_store.put_source(connection, WIRE, "file")
    look(connection, NOW - 400 * DAY)
    channel = channels.ensure(connection, "telegram", "7", "", "", "Europe/London", NOW)
    filters.add(connection, channel.id, "match", "ferry", "Ada", NOW - 400 * DAY)
    return channel


def look(connection: sqlite3.Connection, now: datetime, *headlines: str) -> int:
    """Look at the source, as the poller does, and say how many entries are news."""
    items = [Item(each, "wire", each, published_at=NOW - 800 * DAY) for each in headlines]
    known = wire.known(connection, WIRE.slug, items)
    decision = news.decide(known, items)
    found, _ = looks.commit(
        connection,
        WIRE,
        now,
        now + 400 * DAY,  # never overdue: nothing here is seen later than it should be
        Look(
            rhythm.bootstrap("UTC", [], now),
            0.0,
            new=[Arrival(item, item) for item in decision.new],
            listed=[each.id for each in known],
            shown=watch.Shown(len(items), news.window(items), ""),
        ),
        (),
    )
    return found


def send(connection: sqlite3.Connection, now: datetime) -> int:
    """Match and deliver what is there, and say how much that was."""
    while Matcher().match(connection, now).more:
        pass
    claimed = 0
    while deliveries := outbox.claim(connection, "telegram", now, 9):
        claimed += len(deliveries)
        for delivery in deliveries:
            outbox.settle(connection, delivery, Settle("sent", message_ref=f"m{delivery.id}"), now)
    return claimed


def prune_entries(connection: sqlite3.Connection, before: datetime = NOW - 90 * DAY) -> int:
    """Prune to the end."""
    limits, pruned, place = retention.limits(connection), 0, Place()
    while True:
        gone, after = retention.prune_entries(connection, before, limits, place)
        pruned += gone
        if after is None:
            return pruned
        place = after


def prune_deliveries(connection: sqlite3.Connection, before: datetime = NOW - 30 * DAY) -> int:
    """Prune to the end."""
    pruned, place = 0, 0
    while True:
        gone, after = retention.prune_deliveries(connection, before, place)
        pruned += gone
        if after is None:
            return pruned
        place = after


def prune_audit(connection: sqlite3.Connection, before: datetime = NOW, through: int | None = None) -> int:
    """Prune to the end."""
    through, pruned, place = audit.newest(connection) if through is None else through, 0, 0
    while True:
        gone, after = retention.prune_audit(connection, before, through, place)
        pruned += gone
        if after is None:
            return pruned
        place = after


def headlines(connection: sqlite3.Connection) -> list[str]:
    """List what is on the wire, in the order in which it came."""
    return [row["headline"] for row in connection.execute("SELECT headline FROM entries ORDER BY id")]


def fill(connection: sqlite3.Connection, now: datetime, number: int, name: str = "levy") -> None:
    """Bring many entries, and let the list forget them."""
    for start in range(0, number, 40):
        look(connection, now, *(f"{name} {each}" for each in range(start, min(start + 40, number))))
    send(connection, now)


def test_old_entries_go_with_their_words_and_revisions(connection: sqlite3.Connection, ada: Channel) -> None:
    """Nothing of them is found any more; those of late stay."""
    fill(connection, NOW - 200 * DAY, 30)
    fill(connection, NOW, retention.NEWEST, "port")
    (number,) = connection.execute("SELECT id FROM entries WHERE headline = 'levy 3'").fetchone()
    connection.execute(
        "INSERT INTO revisions (entry, revision, headline, author, summary, body, seen_at) VALUES "
        "(?, 1, '', '', '', '', '')",
        (number,),
    )
    assert prune_entries(connection) == 30
    assert set(headlines(connection)) == {f"port {each}" for each in range(retention.NEWEST)}
    for table in ("entry_words", "entries"):
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == retention.NEWEST
    assert connection.execute("SELECT count(*) FROM revisions").fetchone()[0] == 0
    assert wire.search(connection, ["levy"], 9) == ()
    connection.execute("INSERT INTO entry_words (entry_words) VALUES ('integrity-check')")
    assert prune_entries(connection) == 0


def test_item_that_a_list_still_shows_is_not_delivered_again(connection: sqlite3.Connection, ada: Channel) -> None:
    """A feed of everything that was ever published lists a two-year-old item for ever."""
    assert look(connection, NOW - 300 * DAY, "old ferry") == 1
    assert send(connection, NOW - 300 * DAY) == 1
    for days in range(299, 0, -2):
        assert look(connection, NOW - days * DAY, f"levy {days}", "old ferry") == 1
    send(connection, NOW)
    prune_deliveries(connection)
    assert prune_entries(connection, NOW - 2 * DAY) > 40
    assert "old ferry" in headlines(connection)
    assert look(connection, NOW, "old ferry") == 0
    assert send(connection, NOW) == 0


def test_item_of_an_unchanged_list_is_not_delivered_again(connection: sqlite3.Connection, ada: Channel) -> None:
    """A source that answers "not modified" for a year shows what it showed then."""
    assert look(connection, NOW - 300 * DAY, "old ferry") == 1
    fill(connection, NOW - 300 * DAY, 150)
    look(connection, NOW - 299 * DAY, "old ferry")
    send(connection, NOW)
    prune_deliveries(connection)
    assert prune_entries(connection) == 0
    assert look(connection, NOW, "old ferry") == 0


def test_longer_list_than_the_newest_that_are_kept_stays_known(connection: sqlite3.Connection, ada: Channel) -> None:
    """However many items a list has."""
    all_of_them = [f"ferry {each}" for each in range(3 * retention.NEWEST)]
    look(connection, NOW - 200 * DAY, *all_of_them)
    send(connection, NOW - 200 * DAY)
    look(connection, NOW - DAY, *all_of_them)
    prune_deliveries(connection)
    assert prune_entries(connection) == 0
    assert look(connection, NOW, *all_of_them) == 0


def test_entries_stay_while_their_messages_are_remembered(connection: sqlite3.Connection, ada: Channel) -> None:
    """`why` shows the entry; what waits for a paused channel is still to be sent."""
    look(connection, NOW - 200 * DAY, "ferry one")
    send(connection, NOW - 200 * DAY)
    channels.pause(connection, ada.id, None)
    look(connection, NOW - 200 * DAY, "ferry two")
    send(connection, NOW - 200 * DAY)
    fill(connection, NOW, 150)
    assert prune_entries(connection) == 0
    assert prune_deliveries(connection) == 1
    assert prune_entries(connection) == 1
    assert headlines(connection)[0] == "ferry two"


def test_entry_that_is_not_matched_yet_stays(connection: sqlite3.Connection, ada: Channel) -> None:
    """It is on its way, whatever its age."""
    look(connection, NOW - 200 * DAY, "ferry")
    connection.execute("UPDATE entries SET matched_at = NULL")
    fill_without_matching = [f"levy {each}" for each in range(120)]
    look(connection, NOW, *fill_without_matching)
    assert prune_entries(connection) == 0


def test_entries_of_removed_sources_and_old_notices_go(connection: sqlite3.Connection, ada: Channel) -> None:
    """A source that comes back begins with a baseline."""
    fill(connection, NOW - 200 * DAY, 5)
    notices.tell(connection, (Operator("telegram", "7"),), "⚠ old", NOW - 200 * DAY)
    send(connection, NOW - 200 * DAY)
    look(connection, NOW, "newest")
    send(connection, NOW)
    prune_deliveries(connection)
    assert prune_entries(connection) == 1
    source_store.remove_source(connection, WIRE.slug, NOW)
    assert prune_entries(connection) == 5
    assert headlines(connection) == ["newest"]


def test_numbers_of_deleted_deliveries_are_not_given_again(connection: sqlite3.Connection, ada: Channel) -> None:
    """Messages on Slack carry them, to be found again after a crash."""
    look(connection, NOW - 200 * DAY, "ferry one", "ferry two")
    send(connection, NOW - 200 * DAY)
    assert prune_deliveries(connection) == 2
    look(connection, NOW, "ferry three")
    send(connection, NOW)
    assert [row["id"] for row in connection.execute("SELECT id FROM deliveries")] == [3]


def test_batches_are_small(connection: sqlite3.Connection, ada: Channel) -> None:
    """Whoever writes meanwhile waits for one of them."""
    fill(connection, NOW - 200 * DAY, 3 * retention.ENTRIES)
    fill(connection, NOW, retention.NEWEST, "port")
    limits = retention.limits(connection)
    gone, place = retention.prune_entries(connection, NOW - 90 * DAY, limits, Place())
    assert gone == retention.ENTRIES
    assert place is not None
    assert retention.prune_entries(connection, NOW - 90 * DAY, limits, place)[0] == retention.ENTRIES


def test_trail_keeps_what_undo_reads(connection: sqlite3.Connection, ada: Channel) -> None:
    """The newest changes of a channel can be taken back, however old they are."""
    for number in range(60):
        filters.add(connection, ada.id, "match", f"query {number}", "Ada", NOW - 390 * DAY)
    undone = filters.undo(connection, ada.id, "Ada", NOW - 380 * DAY)
    assert undone is not None
    assert prune_audit(connection) == 62 - retention.UNDOABLE
    taken_back = []
    while (undone := filters.undo(connection, ada.id, "Ada", NOW)) is not None:
        taken_back += [each.query for _, each in undone.taken_back]
    assert taken_back == [f"query {number}" for number in range(58, 40, -1)]


def test_changes_are_pruned_whole(connection: sqlite3.Connection, ada: Channel) -> None:
    """Half an import would be taken back as if it were one."""
    change = audit.next_change(connection)
    for number in range(retention.ROWS - 5):
        filters.add(connection, ada.id, "match", f"query {number}", "Ada", NOW - 390 * DAY, change=change)
    change = audit.next_change(connection)
    for number in range(30):
        filters.add(connection, ada.id, "mute", f"query {number}", "Ada", NOW - 390 * DAY, change=change)
    for number in range(30):
        filters.add(connection, ada.id, "follow", f"Person {number}", "Ada", NOW)
    assert retention.prune_audit(connection, NOW, audit.newest(connection), 0)[0] == retention.ROWS - 5 + 1
    kinds = connection.execute("SELECT count(*) FROM audit WHERE change = ?", (change,)).fetchone()[0]
    assert kinds == 30
    assert prune_audit(connection) == 30


def test_what_the_matcher_has_not_read_stays(connection: sqlite3.Connection, ada: Channel) -> None:
    """The trail is how it learns of changes."""
    matcher = Matcher()
    matcher.match(connection, NOW)
    read = audit.newest(connection)
    for number in range(40):
        filters.add(connection, ada.id, "match", f"port{number}", "Ada", NOW - 390 * DAY)
    prune_audit(connection, through=read)
    look(connection, NOW, "port0")
    matcher.match(connection, NOW)
    assert len(outbox.claim(connection, "telegram", NOW, 9)) == 1


def test_old_gaps_go(connection: sqlite3.Connection, ada: Channel) -> None:
    """Status tells of those of late."""
    for days in (200, 1):
        watch.record_gap(connection, WIRE.slug, (), NOW - (days + 1) * DAY, NOW - days * DAY)
    assert retention.prune_gaps(connection, NOW - 90 * DAY) == 1
    assert [state.gaps for state in source_store.source_states(connection)] == [1]
