"""Filters that are made into others, and who touched them last."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import audit, channels
from bot.filters import store as filters
from bot.model import Subscription

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture
def kept(connection: sqlite3.Connection) -> Subscription:
    """Keep a filter in a channel."""
    channel = channels.ensure(connection, "slack", "C1", "", "", "Europe/London", NOW)
    filters.add(connection, channel.id, "match", "nhs", "Ada", NOW)
    return filters.of_channel(connection, channel.id, NOW)[0]


def test_a_filter_that_finds_something_else_takes_the_place_of_the_old_one(
    connection: sqlite3.Connection, kept: Subscription
) -> None:
    """In one change, which undo takes back whole; whoever looks at the old one is told of the new one."""
    version = audit.newest(connection)
    assert filters.touched(connection, kept.id, kept.channel, version) is None
    filters.revise(connection, kept, replace(kept, query="rail", urgent=True), "Bob", NOW)
    (new,) = filters.of_channel(connection, kept.channel, NOW)
    assert (new.query, new.urgent, new.created_by) == ("rail", True, "Bob")
    touch = filters.touched(connection, kept.id, kept.channel, version)
    assert touch == filters.Touch("Bob", NOW, "remove", new)
    assert filters.find(connection, kept.id, kept.channel) == kept
    filters.undo(connection, kept.channel, "Ada", NOW)
    assert filters.of_channel(connection, kept.channel, NOW) == (kept,)
    back = filters.touched(connection, kept.id, kept.channel, version)
    assert back is not None
    assert (back.actor, back.action) == ("Ada", "add")


def test_marks_and_end_are_changed_in_place(connection: sqlite3.Connection, kept: Subscription) -> None:
    """What is no change writes nothing."""
    wanted = replace(kept, silent=True, expires_at=NOW + timedelta(days=1))
    assert filters.revise(connection, kept, wanted, "Bob", NOW)
    assert filters.of_channel(connection, kept.channel, NOW) == (wanted,)
    version = audit.newest(connection)
    assert not filters.revise(connection, wanted, wanted, "Bob", NOW)
    assert audit.newest(connection) == version


def test_a_filter_of_another_channel_is_not_found(connection: sqlite3.Connection, kept: Subscription) -> None:
    """Whatever number comes back from a view."""
    assert filters.find(connection, kept.id, kept.channel + 1) is None
    assert filters.touched(connection, kept.id, kept.channel + 1, 0) is None
