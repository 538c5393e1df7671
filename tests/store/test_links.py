"""Links that copy filters: remembered until they are used, and known to be over for a while."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

from bot import channels, erasure
from bot.filters import links
from bot.filters.links import Wanted

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
FILTERS = (
    Wanted("follow", "Marta Quill"),
    Wanted("match", '"net zero" -“levy”', urgent=True),
    Wanted("mute", "football", NOW + timedelta(hours=2)),
)


def channel(connection: sqlite3.Connection, address: str) -> int:
    """Make a chat."""
    return channels.ensure(connection, "telegram", address, "", "", "Europe/London", NOW).id


def test_link_offers_what_was_offered(connection: sqlite3.Connection) -> None:
    """With ends and urgency, to the letter."""
    mine = channel(connection, "7")
    assert links.make(connection, "t", mine, FILTERS, "Ada", NOW) == NOW + timedelta(days=7)
    found = links.find(connection, "t")
    assert found is not None
    assert (found.channel, found.filters, found.used_at) == (mine, FILTERS, None)
    assert links.find(connection, "T") is None


def test_used_link_forgets_what_it_offered(connection: sqlite3.Connection) -> None:
    """Nobody needs it any more."""
    mine, theirs = channel(connection, "7"), channel(connection, "8")
    links.make(connection, "t", mine, FILTERS, "Ada", NOW)
    assert links.offered(connection, mine, NOW) == 1
    links.use(connection, "t", theirs, NOW)
    found = links.find(connection, "t")
    assert found is not None
    assert (found.filters, found.used_at, found.used_by) == ((), NOW, theirs)
    assert links.offered(connection, mine, NOW) == 0
    assert "net zero" not in str([tuple(row) for row in connection.execute("SELECT * FROM links")])


def test_link_that_is_over_is_known_for_a_month(connection: sqlite3.Connection) -> None:
    """Long enough to say so, and not for ever."""
    mine = channel(connection, "7")
    end = links.make(connection, "t", mine, FILTERS, "Ada", NOW)
    assert links.offered(connection, mine, end) == 0
    links.make(connection, "u", mine, FILTERS, "Ada", end + timedelta(days=29))
    assert links.find(connection, "t") is not None
    links.make(connection, "v", mine, FILTERS, "Ada", end + timedelta(days=31))
    assert links.find(connection, "t") is None
    assert links.find(connection, "u") is not None


def test_links_go_with_their_channel_and_stay_used_without_their_user(connection: sqlite3.Connection) -> None:
    """Whoever forgets a channel forgets what it offered; a link is not free again because its user has gone."""
    mine, theirs = channel(connection, "7"), channel(connection, "8")
    for token in ("t", "u"):
        links.make(connection, token, mine, FILTERS, "Ada", NOW)
    links.use(connection, "t", theirs, NOW)
    erasure.erase(connection, theirs, NOW)
    found = links.find(connection, "t")
    assert found is not None
    assert (found.used_at, found.used_by) == (NOW, None)
    erasure.erase(connection, mine, NOW)
    assert links.find(connection, "t") is links.find(connection, "u") is None


def test_links_move_with_their_channel(connection: sqlite3.Connection) -> None:
    """A group that became a supergroup has offered what it has offered."""
    old, new = channel(connection, "-7"), channel(connection, "-1007")
    links.make(connection, "t", old, FILTERS, "Ada", NOW)
    channels.move(connection, "telegram", "-7", "-1007", NOW)
    found = links.find(connection, "t")
    assert found is not None
    assert found.channel == new
