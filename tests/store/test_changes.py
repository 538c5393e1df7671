"""Filters' memory: who changed what, what each brought, and how a change is taken back."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from bot import audit, channels
from bot.filters import store
from bot.filters.matcher import Matcher
from bot.model import Channel, Item, Source
from bot.outbox import store as outbox
from bot.outbox.policy import Settle
from bot.wire import source_store
from bot.wire import store as wire
from bot.wire.entry_store import Arrival

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
WIRE = Source("wire", "The Wire", "phiwire", "https://example.org")


@pytest.fixture
def ada(connection: sqlite3.Connection) -> Channel:
    """Make a chat."""
    return channels.ensure(connection, "telegram", "7", "", "", "Europe/London", NOW)


def listed(connection: sqlite3.Connection, channel: Channel, now: datetime = NOW) -> list[str]:
    """List a channel's filters as they are typed."""
    return [f"{each.kind} {each.query}" for each in store.of_channel(connection, channel.id, now)]


def remove(connection: sqlite3.Connection, channel: Channel, query: str, change: int | None = None) -> None:
    """Remove a filter by its words."""
    (found,) = [each for each in store.of_channel(connection, channel.id, NOW) if each.query == query]
    assert store.remove(connection, found, "Bea", NOW, change=change)


def undo(connection: sqlite3.Connection, channel: Channel) -> list[str] | None:
    """Take one change back, and say what that was."""
    undone = store.undo(connection, channel.id, "Cleo", LATER)
    return None if undone is None else [f"{action} {each.query}" for action, each in undone.taken_back]


def actions(connection: sqlite3.Connection) -> list[str]:
    """List what the audit trail says."""
    return [row["action"] for row in connection.execute("SELECT action FROM audit ORDER BY id")]


def test_same_filter_again_changes_nothing(connection: sqlite3.Connection, ada: Channel) -> None:
    """Nothing was done, so nothing is written down, and undo means what was done before."""
    assert store.add(connection, ada.id, "match", "ferry", "Ada", NOW)
    assert not store.add(connection, ada.id, "match", "ferry", "Bea", NOW)
    assert actions(connection) == ["add"]


def test_new_end_is_written_down_with_the_old_one(connection: sqlite3.Connection, ada: Channel) -> None:
    """So that it can be taken back."""
    store.add(connection, ada.id, "mute", "ferry", "Ada", NOW, LATER)
    assert not store.add(connection, ada.id, "mute", "ferry", "Bea", NOW)
    assert actions(connection) == ["add", "end"]
    assert undo(connection, ada) == ["end ferry"]
    (mute,) = store.of_channel(connection, ada.id, NOW)
    assert (mute.expires_at, mute.created_by) == (LATER, "Ada")
    assert undo(connection, ada) == ["add ferry"]
    assert undo(connection, ada) is None


def test_removed_filter_comes_back_as_another_one(connection: sqlite3.Connection, ada: Channel) -> None:
    """What it brought before was somebody else's wish."""
    store.add(connection, ada.id, "match", "ferry", "Ada", NOW)
    (first,) = store.of_channel(connection, ada.id, NOW)
    remove(connection, ada, "ferry")
    assert listed(connection, ada) == []
    assert store.add(connection, ada.id, "match", "ferry", "Bea", NOW)
    (second,) = store.of_channel(connection, ada.id, NOW)
    assert second.id > first.id
    assert second.created_by == "Bea"
    assert not store.remove(connection, first, "Bea", NOW)


def test_ended_filter_is_added_anew(connection: sqlite3.Connection, ada: Channel) -> None:
    """It is not in force, so whoever wants it now adds it."""
    store.add(connection, ada.id, "mute", "ferry", "Ada", NOW, LATER)
    assert store.add(connection, ada.id, "mute", "ferry", "Bea", LATER)
    assert [each.created_by for each in store.of_channel(connection, ada.id, LATER)] == ["Bea"]
    assert undo(connection, ada) == ["add ferry"]
    assert listed(connection, ada, LATER) == []
    assert undo(connection, ada) is None


def test_undo_walks_back_and_says_whose_change_it_was(connection: sqlite3.Connection, ada: Channel) -> None:
    """One change at a time, the newest first; an undo is never undone."""
    store.add(connection, ada.id, "match", "ferry", "Ada", NOW)
    store.add(connection, ada.id, "match", "levy", "Ada", NOW)
    remove(connection, ada, "ferry")
    undone = store.undo(connection, ada.id, "Cleo", LATER)
    assert undone is not None
    assert (undone.actor, undone.at) == ("Bea", NOW)
    assert listed(connection, ada) == ["match ferry", "match levy"]
    assert undo(connection, ada) == ["add levy"]
    assert undo(connection, ada) == ["add ferry"]
    assert undo(connection, ada) is None
    assert listed(connection, ada) == []


def test_change_after_an_undo_is_taken_back_first(connection: sqlite3.Connection, ada: Channel) -> None:
    """The newest that still stands."""
    store.add(connection, ada.id, "match", "ferry", "Ada", NOW)
    store.add(connection, ada.id, "match", "levy", "Ada", NOW)
    assert undo(connection, ada) == ["add levy"]
    store.add(connection, ada.id, "match", "port", "Ada", NOW)
    assert undo(connection, ada) == ["add port"]
    assert undo(connection, ada) == ["add ferry"]


def test_changes_of_one_command_are_taken_back_together(connection: sqlite3.Connection, ada: Channel) -> None:
    """In reverse, so that what was removed and added again ends as it began."""
    store.add(connection, ada.id, "match", "ferry", "Ada", NOW)
    (first,) = store.of_channel(connection, ada.id, NOW)
    change = audit.next_change(connection)
    remove(connection, ada, "ferry", change)
    store.add(connection, ada.id, "match", "levy", "Bea", NOW, change=change)
    store.add(connection, ada.id, "match", "ferry", "Bea", NOW, change=change)
    assert undo(connection, ada) == ["add ferry", "add levy", "remove ferry"]
    assert store.of_channel(connection, ada.id, NOW) == (first,)


def test_removal_is_not_undone_where_the_same_is_there_again(connection: sqlite3.Connection, ada: Channel) -> None:
    """There is one filter of a kind and text; undo goes on to what can be taken back."""
    other = channels.ensure(connection, "telegram", "8", "", "", "Europe/London", NOW)
    store.add(connection, other.id, "match", "ferry", "Dan", NOW)
    store.add(connection, ada.id, "match", "levy", "Ada", NOW)
    store.add(connection, ada.id, "match", "ferry", "Ada", NOW)
    remove(connection, ada, "ferry")
    channels.move(connection, "telegram", "8", "7", NOW)
    assert undo(connection, ada) == ["add levy"]
    assert [each.created_by for each in store.of_channel(connection, ada.id, NOW)] == ["Dan"]
    assert undo(connection, ada) == ["add ferry"]
    assert undo(connection, ada) is None


def test_undo_stays_in_its_channel_and_leaves_pauses_alone(connection: sqlite3.Connection, ada: Channel) -> None:
    """What another chat did is none of its business."""
    other = channels.ensure(connection, "telegram", "8", "", "", "Europe/London", NOW)
    store.add(connection, ada.id, "match", "ferry", "Ada", NOW)
    store.add(connection, other.id, "match", "levy", "Ada", NOW)
    audit.record(connection, ada.id, "Ada", "pause", "2h", NOW)
    assert undo(connection, ada) == ["add ferry"]
    assert undo(connection, ada) is None
    assert listed(connection, other) == ["match levy"]


def test_merged_channel_keeps_its_history(connection: sqlite3.Connection, ada: Channel) -> None:
    """What was the same in both is one filter; the changes of both can be taken back."""
    there = channels.ensure(connection, "telegram", "-100", "", "", "Europe/London", NOW)
    store.add(connection, there.id, "match", "ferry", "Bea", NOW)
    store.add(connection, ada.id, "match", "ferry", "Ada", NOW)
    store.add(connection, ada.id, "match", "levy", "Ada", NOW)
    channels.move(connection, "telegram", "7", "-100", NOW)
    assert listed(connection, there) == ["match ferry", "match levy"]
    assert undo(connection, there) == ["add levy"]
    assert undo(connection, there) == ["add ferry"]
    assert undo(connection, there) is None
    assert listed(connection, there) == []


def deliver(connection: sqlite3.Connection, headline: str, now: datetime) -> None:
    """Bring an entry through wire and matcher, and settle what it makes."""
    item = Item(headline, "wire", headline)
    wire.commit_poll(connection, WIRE, now, now, new=[Arrival(item, item)])
    Matcher().match(connection, now)
    for delivery in outbox.claim(connection, "telegram", now, 9):
        outbox.settle(connection, delivery, Settle("sent", message_ref=f"m{delivery.id}"), now)


def test_filters_tell_what_they_brought(connection: sqlite3.Connection, ada: Channel) -> None:
    """A filter that brings nothing, or everything, shows itself."""
    source_store.put_source(connection, WIRE, "file")
    wire.commit_poll(connection, WIRE, NOW, NOW)
    for query in ("ferry", "levy", "quiet", "port"):
        store.add(connection, ada.id, "match", query, "Ada", NOW)
    ferry, levy, _, _ = store.of_channel(connection, ada.id, NOW)
    deliver(connection, "ferry port", NOW)
    deliver(connection, "ferry levy", LATER)
    remove(connection, ada, "port")
    assert store.hits(connection, ada.id, NOW) == {ferry.id: 2, levy.id: 1}
    assert store.hits(connection, ada.id, LATER) == {ferry.id: 1, levy.id: 1}
    assert store.last_hit(connection, ada.id) == {ferry.id: LATER, levy.id: LATER}


def test_message_explains_itself_after_its_filter_is_removed(connection: sqlite3.Connection, ada: Channel) -> None:
    """Somebody asks why a minute later."""
    source_store.put_source(connection, WIRE, "file")
    wire.commit_poll(connection, WIRE, NOW, NOW)
    store.add(connection, ada.id, "match", "ferry", "Ada", NOW)
    deliver(connection, "ferry", NOW)
    remove(connection, ada, "ferry")
    delivery = outbox.explain(connection, ada.id, "")
    assert delivery is not None
    assert [(each.query, each.created_by, each.created_at) for each in delivery.reasons] == [("ferry", "Ada", NOW)]


def test_what_is_taken_back_is_told_as_it_is_now(connection: sqlite3.Connection, ada: Channel) -> None:
    """Whoever undoes wants to know how the filter is, not that it is as before."""
    store.add(connection, ada.id, "match", "ferry", "Ada", NOW, LATER)
    store.add(connection, ada.id, "match", "ferry", "Bea", NOW, None, urgent=True)
    undone = store.undo(connection, ada.id, "Cleo", NOW)
    assert undone is not None
    assert {action for action, _ in undone.taken_back} == {"end", "urgent"}
    assert {(each.expires_at, each.urgent) for _, each in undone.taken_back} == {(LATER, False)}
