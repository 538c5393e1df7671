"""What a channel has chosen, and what its buttons name."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

import pytest

from bot import channels
from bot.filters import store as filters
from bot.filters.matcher import Matcher
from bot.model import Item, Source
from bot.outbox import store as outbox
from bot.wire import source_store
from bot.wire import store as wire
from bot.wire.entry_store import Arrival

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
WIRE = Source("wire", "The Wire", "phiwire", "https://example.org")


def test_channel_has_what_it_has_chosen(connection: sqlite3.Connection) -> None:
    """Until it chooses, its messages come as they always did."""
    channel = channels.ensure(connection, "telegram", "7", "", "", "Europe/London", NOW)
    assert (channel.silent, channel.preview, channel.buttons) == (False, "small", True)
    channels.set_preference(connection, channel.id, "silent", value=True)
    channels.set_preference(connection, channel.id, "preview", value="none")
    channels.set_preference(connection, channel.id, "buttons", value=False)
    channels.set_preference(connection, channel.id, "timezone", value="Asia/Kolkata")
    found = channels.ensure(connection, "telegram", "7", "", "", "Europe/London", NOW)
    assert (found.silent, found.preview, found.buttons, found.timezone) == (True, "none", False, "Asia/Kolkata")
    assert not found.members
    channels.set_preference(connection, channel.id, "members", value=True)
    known = channels.find(connection, "telegram", "7", "")
    assert known is not None
    assert known.members
    with pytest.raises(sqlite3.IntegrityError):
        channels.set_preference(connection, channel.id, "preview", value="huge")


def test_channel_keeps_the_first_language_until_it_chooses(connection: sqlite3.Connection) -> None:
    """Whoever types later in another one changes nothing."""

    def language(typed_in: str) -> str:
        return channels.ensure(connection, "telegram", "-7", "", "", "Europe/London", NOW, typed_in).language

    assert [language(each) for each in ("", "cy", "en", "")] == ["", "cy", "cy", "cy"]
    channel = channels.ensure(connection, "telegram", "-7", "", "", "Europe/London", NOW)
    channels.set_preference(connection, channel.id, "language", value="en")
    assert language("cy") == "en"
    assert channels.found(connection, "telegram", "-7", "") == channels.Found("", "en")
    assert channels.found(connection, "telegram", "-8", "") == channels.Found("", "")


def test_number_names_a_channel_of_its_address_alone(connection: sqlite3.Connection) -> None:
    """Whoever sends another chat's number finds nothing."""
    topic = channels.ensure(connection, "telegram", "-7", "5", "", "Europe/London", NOW)
    assert channels.numbered(connection, topic.id, "telegram", "-7") == topic
    assert channels.numbered(connection, topic.id, "telegram", "7") is None
    assert channels.numbered(connection, topic.id, "slack", "-7") is None
    assert channels.numbered(connection, topic.id + 1, "telegram", "-7") is None


def test_number_names_a_delivery_of_its_address_alone(connection: sqlite3.Connection) -> None:
    """In whichever topic it is."""
    topic = channels.ensure(connection, "telegram", "-7", "5", "", "Europe/London", NOW)
    filters.add(connection, topic.id, "match", "ferry", "Ada", NOW)
    source_store.put_source(connection, WIRE, "file")
    wire.commit_poll(connection, WIRE, NOW, NOW)
    item = Item("k", "wire", "Ferry vote survives")
    wire.commit_poll(connection, WIRE, NOW, NOW, new=[Arrival(item, item)])
    Matcher().match(connection, NOW)
    (claimed,) = outbox.claim(connection, "telegram", NOW, 9)
    found = outbox.numbered(connection, claimed.id, "telegram", "-7")
    assert found is not None
    assert (found.id, found.channel.thread, found.entry.headline) == (claimed.id, "5", "Ferry vote survives")
    assert outbox.numbered(connection, claimed.id, "telegram", "7") is None
    assert outbox.numbered(connection, claimed.id + 1, "telegram", "-7") is None
