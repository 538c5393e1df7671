"""The outbox's memory: every edge of the delivery's diagram."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from bot import channels
from bot.filters import store as filters
from bot.filters.document import Document
from bot.filters.index import Index
from bot.filters.matcher import Batch, Matcher
from bot.model import Channel, Delivery, Item, Source
from bot.outbox import queue, store
from bot.outbox.folding import CATCH_UP
from bot.outbox.policy import Close, Follow, Retry, Settle, Suspend
from bot.wire import source_store
from bot.wire import store as wire
from bot.wire.entry_store import Arrival

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
WIRE = Source("wire", "The Wire", "phiwire", "https://example.org")


@pytest.fixture
def ada(connection: sqlite3.Connection) -> Channel:
    """Make a chat that follows Marta Quill."""
    return follower(connection, "7")


def follower(connection: sqlite3.Connection, address: str, thread: str = "") -> Channel:
    """Make a channel with a filter."""
    channel = channels.ensure(connection, "telegram", address, thread, "", "Europe/London", NOW)
    filters.add(connection, channel.id, "follow", "Marta Quill", "Ada", NOW)
    return channel


def publish(connection: sqlite3.Connection, *headlines: str) -> None:
    """Bring entries through wire and matcher."""
    source_store.put_source(connection, WIRE, "file")
    wire.commit_poll(connection, WIRE, NOW, NOW)
    items = [Item(headline, "wire", headline, author="Marta Quill") for headline in headlines]
    wire.commit_poll(connection, WIRE, NOW, NOW, new=[Arrival(item, item) for item in items])
    Matcher().match(connection, NOW)


def claim(connection: sqlite3.Connection, now: datetime = NOW) -> list[Delivery]:
    """Claim all that can be claimed."""
    return list(store.claim(connection, "telegram", now, 100))


def settle_as_sent(connection: sqlite3.Connection, delivery: Delivery) -> None:
    """Settle a delivery that went well."""
    store.settle(connection, delivery, Settle("sent", message_ref=f"m{delivery.id}"), NOW)


def statuses(connection: sqlite3.Connection) -> list[str]:
    """List the statuses in the order of the deliveries."""
    return [row["status"] for row in connection.execute("SELECT status FROM deliveries ORDER BY id")]


def test_entries_go_out_in_order_one_at_a_time(connection: sqlite3.Connection, ada: Channel) -> None:
    """A chat reads like the wire."""
    publish(connection, "first", "second", "third")
    seen = []
    while claimed := claim(connection):
        (delivery,) = claimed
        assert claim(connection) == []
        assert delivery.channel == ada
        seen.append(delivery.entry.headline)
        settle_as_sent(connection, delivery)
    assert seen == ["first", "second", "third"]


def test_entry_is_delivered_once_to_each_channel(connection: sqlite3.Connection, ada: Channel) -> None:
    """Two filters of one channel make one message; two channels make two."""
    filters.add(connection, ada.id, "match", "first", "Ada", NOW)
    follower(connection, "8")
    publish(connection, "first")
    claimed = claim(connection)
    assert [delivery.channel.address for delivery in claimed] == ["7", "8"]
    assert [reason.query for reason in claimed[0].reasons] == ["Marta Quill", "first"]


def test_waiting_delivery_holds_back_the_ones_behind_it(connection: sqlite3.Connection, ada: Channel) -> None:
    """Order survives a throttle, and another channel does not feel it."""
    other = follower(connection, "8")
    publish(connection, "first", "second")
    mine, theirs = claim(connection)
    assert (mine.channel, theirs.channel) == (ada, other)
    store.settle(connection, mine, Retry(LATER, "throttled"), NOW)
    settle_as_sent(connection, theirs)
    assert [(each.channel, each.entry.headline) for each in claim(connection)] == [(other, "second")]
    assert store.next_due(connection, "telegram", NOW) == LATER
    (again,) = claim(connection, LATER)
    assert (again.id, again.attempts) == (mine.id, 2)


def test_every_attempt_is_counted(connection: sqlite3.Connection, ada: Channel) -> None:
    """The log and the table tell how hard a message was to send."""
    publish(connection, "first")
    (delivery,) = claim(connection)
    store.settle(connection, delivery, Retry(NOW, "502"), NOW)
    assert [each.attempts for each in claim(connection)] == [2]


def test_lease_of_a_dead_process_is_given_back(connection: sqlite3.Connection, ada: Channel) -> None:
    """What was claimed when the power went is sent after the start."""
    publish(connection, "first")
    claim(connection)
    assert claim(connection) == []
    assert store.recover(connection, NOW) == 1
    assert [each.entry.headline for each in claim(connection)] == ["first"]


def test_lease_runs_out(connection: sqlite3.Connection, ada: Channel) -> None:
    """A claim that nobody settles does not block its channel for ever."""
    publish(connection, "first")
    claim(connection)
    assert claim(connection, NOW + store.LEASE - timedelta(seconds=1)) == []
    assert len(claim(connection, NOW + store.LEASE)) == 1


def test_doubt_remembers_when_it_began(connection: sqlite3.Connection, ada: Channel) -> None:
    """By a crash, a lease that ran out or a lost answer: a message is looked for from its first claim on."""
    publish(connection, "first")
    assert [(each.ambiguous, each.doubt_since) for each in claim(connection)] == [(0, None)]
    store.recover(connection, NOW)
    later = NOW + timedelta(hours=1)
    assert [(each.ambiguous, each.doubt_since) for each in claim(connection, later)] == [(1, NOW)]
    (again,) = claim(connection, later + store.LEASE)
    assert (again.ambiguous, again.doubt_since) == (2, NOW)
    store.settle(connection, again, Retry(later, "timed out", ambiguous=True), later)
    (again,) = claim(connection, later + store.LEASE)
    assert (again.ambiguous, again.doubt_since) == (3, NOW)
    store.settle(connection, again, Retry(later, "502"), later)
    assert [each.ambiguous for each in claim(connection, later + store.LEASE)] == [3]


def test_suspension_remembers_when_it_began(connection: sqlite3.Connection, ada: Channel) -> None:
    """Another reason is another suspension."""
    publish(connection, "first")
    for now, reason, since in ((NOW, "topic closed", NOW), (LATER, "topic closed", NOW), (LATER, "no rights", LATER)):
        (delivery,) = claim(connection, now)
        store.settle(connection, delivery, Suspend(now, reason), now)
        (delivery,) = claim(connection, now)
        assert (delivery.held_since, delivery.held_for) == (since, reason)
        store.settle(connection, delivery, Retry(now, "502"), now)


def test_new_rights_end_a_suspension(connection: sqlite3.Connection, ada: Channel) -> None:
    """Somebody made the bot an administrator; what Telegram throttles is not theirs to lift."""
    publish(connection, "first")
    (delivery,) = claim(connection)
    store.settle(connection, delivery, Suspend(LATER, "no rights"), NOW)
    channels.returned(connection, "telegram", "7")
    (delivery,) = claim(connection)
    assert (delivery.held_since, delivery.held_for) == (None, "")
    store.settle(connection, delivery, Retry(LATER, "throttled", "address"), NOW)
    channels.returned(connection, "telegram", "7")
    assert claim(connection) == []


def test_moved_channel_takes_its_queue_along(connection: sqlite3.Connection, ada: Channel) -> None:
    """A group becomes a supergroup between two messages."""
    publish(connection, "first", "second")
    (delivery,) = claim(connection)
    store.settle(connection, delivery, Follow("-100"), NOW)
    assert [(each.channel.address, each.entry.headline) for each in claim(connection)] == [("-100", "first")]
    assert channels.find(connection, "telegram", "7", "") is None


def test_channel_moved_onto_another_is_one_channel(connection: sqlite3.Connection, ada: Channel) -> None:
    """The service message about the move may have come before."""
    there = follower(connection, "-100")
    filters.add(connection, ada.id, "match", "ferry", "Ada", NOW)
    publish(connection, "first")
    channels.move(connection, "telegram", "7", "-100", NOW)
    kept = filters.of_channel(connection, there.id, NOW)
    assert sorted(each.query for each in kept) == ["Marta Quill", "ferry"]
    assert len(claim(connection)) == 1


def test_gone_channel_keeps_filters_and_gets_nothing(connection: sqlite3.Connection, ada: Channel) -> None:
    """Whoever unblocks the bot has their filters, and no flood."""
    publish(connection, "first", "second")
    (delivery,) = claim(connection)
    store.settle(connection, delivery, Close("blocked"), NOW)
    assert statuses(connection) == ["failed", "expired"]
    publish(connection, "third")
    assert claim(connection) == []
    channels.returned(connection, "telegram", "7")
    publish(connection, "fourth")
    assert [each.entry.headline for each in claim(connection)] == ["fourth"]
    assert len(filters.of_channel(connection, ada.id, NOW)) == 1


def test_paused_channel_waits_and_catches_up_with_the_newest(connection: sqlite3.Connection, ada: Channel) -> None:
    """A pause holds back; its end must not flood."""
    channels.pause(connection, ada.id, LATER)
    publish(connection, *(f"entry {number}" for number in range(CATCH_UP + 3)))
    assert claim(connection) == []
    assert store.next_pause_end(connection, "telegram") == LATER
    assert [each.entry.headline for each in claim(connection, LATER)] == ["entry 3"]
    assert statuses(connection).count("expired") == 3
    assert channels.paused_until(connection, ada.id) is None


def test_pause_without_end_ends_by_resume(connection: sqlite3.Connection, ada: Channel) -> None:
    """Until somebody resumes means until then."""
    channels.pause(connection, ada.id, None)
    publish(connection, "first")
    assert claim(connection, NOW + timedelta(days=3650)) == []
    assert store.resume(connection, ada.id) == 0
    assert len(claim(connection)) == 1


def test_message_explains_itself(connection: sqlite3.Connection, ada: Channel) -> None:
    """`why` finds the delivery behind a message, or the newest where none is named."""
    publish(connection, "first", "second")
    for _ in range(2):
        settle_as_sent(connection, claim(connection)[0])
    first, newest = store.explain(connection, ada.id, "m1"), store.explain(connection, ada.id, "")
    assert first is not None
    assert newest is not None
    assert (first.entry.headline, newest.entry.headline) == ("first", "second")
    assert first.reasons[0].created_by == "Ada"
    assert store.explain(connection, ada.id, "m99") is None


def test_crash_between_entry_and_match_loses_nothing(connection: sqlite3.Connection, ada: Channel) -> None:
    """The matcher reads what was committed, whoever committed it."""
    source_store.put_source(connection, WIRE, "file")
    wire.commit_poll(connection, WIRE, NOW, NOW)
    item = Item("k", "wire", "first", author="Marta Quill")
    wire.commit_poll(connection, WIRE, NOW, NOW, new=[Arrival(item, item)])
    # A new process has a new matcher.
    assert Matcher().match(connection, NOW) == Batch(1, 1, more=True)
    assert Matcher().match(connection, NOW) == Batch(0, 0, more=False)


def test_filter_added_by_another_process_is_seen_by_the_next_entry(
    connection: sqlite3.Connection, ada: Channel
) -> None:
    """`phiwire import` works beside a running bot."""
    matcher = Matcher()
    matcher.match(connection, NOW)
    filters.add(connection, ada.id, "mute", "ferry", "Ada", NOW)
    source_store.put_source(connection, WIRE, "file")
    wire.commit_poll(connection, WIRE, NOW, NOW)
    items = [Item(headline, "wire", headline, author="Marta Quill") for headline in ("ferry vote", "levy")]
    wire.commit_poll(connection, WIRE, NOW, NOW, new=[Arrival(item, item) for item in items])
    assert matcher.match(connection, NOW) == Batch(2, 1, more=True)
    (mute,) = [each for each in filters.of_channel(connection, ada.id, NOW) if each.kind == "mute"]
    assert filters.remove(connection, mute, "Ada", NOW)
    assert not filters.remove(connection, mute, "Ada", NOW)


def test_counts_and_failures_are_told(connection: sqlite3.Connection, ada: Channel) -> None:
    """An operator sees the queue and what went wrong."""
    publish(connection, "first", "second")
    (delivery,) = claim(connection)
    store.settle(connection, delivery, Settle("failed", error="no text"), NOW)
    assert [(each.status, each.count) for each in store.counts(connection)] == [("failed", 1), ("pending", 1)]
    assert [(each.error, each.address) for each in store.failures(connection, 5)] == [("no text", "7")]


def test_merged_channel_gets_news_from_a_matcher_that_knew_both(connection: sqlite3.Connection, ada: Channel) -> None:
    """The index caches filters: when they change their channel it must hear of it, or news goes to nobody, or worse."""
    matcher = Matcher()
    there = channels.ensure(connection, "telegram", "-100", "", "", "Europe/London", NOW)
    matcher.match(connection, NOW)
    channels.move(connection, "telegram", "7", "-100", NOW)
    stranger = channels.ensure(connection, "telegram", "999", "", "", "Europe/London", NOW)
    assert stranger.id not in {ada.id, there.id}
    source_store.put_source(connection, WIRE, "file")
    wire.commit_poll(connection, WIRE, NOW, NOW)
    item = Item("k", "wire", "first", author="Marta Quill")
    wire.commit_poll(connection, WIRE, NOW, NOW, new=[Arrival(item, item)])
    matcher.match(connection, NOW)
    assert [delivery.channel.address for delivery in claim(connection)] == ["-100"]


def test_move_to_itself_changes_nothing(connection: sqlite3.Connection, ada: Channel) -> None:
    """Service messages about a move come twice."""
    channels.move(connection, "telegram", "7", "7", NOW)
    assert len(filters.of_channel(connection, ada.id, NOW)) == 1


def test_topics_of_one_chat_wait_for_each_other(connection: sqlite3.Connection, ada: Channel) -> None:
    """Telegram limits a chat, not its topics."""
    for thread in ("1", "2"):
        follower(connection, "-100", thread)
    publish(connection, "first")
    assert [(each.channel.address, each.channel.thread) for each in claim(connection)] == [("7", ""), ("-100", "1")]
    assert list(store.claim(connection, "telegram", NOW, 9, {"-100"})) == []


def test_throttle_holds_the_whole_chat(connection: sqlite3.Connection, ada: Channel) -> None:
    """What Telegram says of one topic holds for the others."""
    for thread in ("1", "2"):
        follower(connection, "-100", thread)
    publish(connection, "first")
    _, topic = claim(connection)
    store.settle(connection, topic, Retry(LATER, "throttled", "address"), NOW)
    assert claim(connection) == []
    assert len(claim(connection, LATER)) == 1


def test_overdue_delivery_does_not_hide_the_next_retry(connection: sqlite3.Connection, ada: Channel) -> None:
    """A paced group is overdue all the time; somebody else's retry must be woken for."""
    other = follower(connection, "8")
    publish(connection, "first")
    mine, theirs = claim(connection)
    store.settle(connection, mine, Retry(NOW, "502"), NOW)
    store.settle(connection, theirs, Retry(LATER, "throttled"), NOW)
    assert theirs.channel == other
    assert store.next_due(connection, "telegram", NOW) == LATER


def test_news_that_could_not_be_sent_for_hours_expires(connection: sqlite3.Connection, ada: Channel) -> None:
    """After three hours without rights a chat must not get three hours of news in a row, nor yesterday's."""
    publish(connection, "first")
    assert claim(connection, NOW + queue.OLDEST + timedelta(seconds=1)) == []
    assert statuses(connection) == ["expired"]


def test_wrong_clock_does_not_hold_a_chat_for_ever(connection: sqlite3.Connection, ada: Channel) -> None:
    """A clock a month ahead once wrote times that no correct one reaches soon."""
    publish(connection, "first")
    (delivery,) = claim(connection)
    store.settle(connection, delivery, Retry(NOW + timedelta(days=30), "throttled"), NOW)
    store.recover(connection, NOW)
    assert store.next_due(connection, "telegram", NOW) == NOW + store.LONGEST_PAUSE


def test_suspended_channel_is_tried_when_somebody_types_there(connection: sqlite3.Connection, ada: Channel) -> None:
    """Whoever invites the bot and types again should not wait for an hour; a throttle is not theirs to lift."""
    publish(connection, "first")
    (delivery,) = claim(connection)
    store.settle(connection, delivery, Suspend(LATER, "not_in_channel"), NOW)
    assert claim(connection) == []
    assert channels.found(connection, "telegram", "7", "").trouble == "not_in_channel"
    assert [each.reason for each in channels.held(connection)] == ["not_in_channel"]
    channels.ensure(connection, "telegram", "7", "", "", "Europe/London", NOW)
    (again,) = claim(connection)
    store.settle(connection, again, Retry(LATER, "throttled", "address"), NOW)
    channels.ensure(connection, "telegram", "7", "", "", "Europe/London", NOW)
    assert claim(connection) == []
    assert channels.found(connection, "telegram", "7", "").trouble == ""


def test_doubt_is_counted_apart(connection: sqlite3.Connection, ada: Channel) -> None:
    """One lost answer may cost a second copy; other failures may not use that up."""
    publish(connection, "first")
    (delivery,) = claim(connection)
    store.settle(connection, delivery, Retry(NOW, "502"), NOW)
    (delivery,) = claim(connection)
    store.settle(connection, delivery, Retry(NOW, "timed out", ambiguous=True), NOW)
    assert [(each.attempts, each.ambiguous) for each in claim(connection)] == [(3, 1)]


def test_entry_that_breaks_its_matching_is_passed_over(connection: sqlite3.Connection, ada: Channel) -> None:
    """One entry must not hold up the wire, now and after every start."""
    publish(connection)
    items = [Item(key, "wire", key, author="Marta Quill") for key in ("bad", "good")]
    wire.commit_poll(connection, WIRE, NOW, NOW, new=[Arrival(item, item) for item in items])

    class Broken(Index):
        broken = False

        def hits(self, document: Document) -> set[int]:
            if not self.broken:
                self.broken = True
                raise RecursionError
            return super().hits(document)

    matcher = Matcher(Broken())
    assert matcher.match(connection, NOW) == Batch(2, 1, more=True)
    assert [each.entry.headline for each in claim(connection)] == ["good"]


def test_what_may_not_go_yet_does_not_hide_the_others(
    connection: sqlite3.Connection, ada: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many paused channels' news stand at the front."""
    monkeypatch.setattr(queue, "FRONT", 2)
    other = follower(connection, "8")
    channels.pause(connection, ada.id, None)
    publish(connection, "first", "second", "third")
    assert [(each.channel, each.entry.headline) for each in claim(connection)] == [(other, "first")]
    assert claim(connection) == []


def test_old_news_expires_wherever_it_stands(
    connection: sqlite3.Connection, ada: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But not while its channel is paused: the end of the pause decides."""
    monkeypatch.setattr(queue, "FRONT", 2)
    for address in ("8", "9"):
        follower(connection, address)
    channels.pause(connection, ada.id, None)
    publish(connection, "first", "second")
    late = NOW + queue.OLDEST + timedelta(seconds=1)
    assert claim(connection, late) == []
    assert statuses(connection) == ["pending", "expired", "expired", "pending", "expired", "expired"]


def test_another_platforms_news_does_not_stand_in_the_way(
    connection: sqlite3.Connection, ada: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred thousand chats on one must not delay a channel on the other."""
    monkeypatch.setattr(queue, "FRONT", 2)
    slack = channels.ensure(connection, "slack", "C1", "", "", "Europe/London", NOW)
    filters.add(connection, slack.id, "follow", "Marta Quill", "Ada", NOW)
    publish(connection, "first", "second", "third")
    (claimed,) = store.claim(connection, "slack", NOW, 9)
    assert (claimed.channel, claimed.entry.headline) == (slack, "first")


def test_channel_that_had_no_turn_of_late_is_next(connection: sqlite3.Connection, ada: Channel) -> None:
    """However many others wait, and for however long."""
    others = [follower(connection, str(number)) for number in range(8, 11)]
    publish(connection, *[f"headline {number}" for number in range(400)])
    fresh = follower(connection, "11")
    publish(connection, "the latest")
    settled = {"7": 3.0, "8": 1.0, "9": 4.0, "10": 2.0}
    claimed = store.claim(connection, "telegram", NOW, 3, served=settled)
    assert [delivery.channel for delivery in claimed] == [fresh, others[0], others[2]]
