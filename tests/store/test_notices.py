"""Operators are told through the outbox, like everybody, and nobody else hears of it."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

from bot import channels, notices
from bot.filters import store as filters
from bot.filters.matcher import Matcher
from bot.model import Operator
from bot.outbox import store as outbox
from bot.wire import store as wire

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
ADA, MAX = Operator("telegram", "7"), Operator("slack", "U0MAX")


def test_every_operator_is_told_once(connection: sqlite3.Connection) -> None:
    """Each on their own platform."""
    notices.tell(connection, (ADA, MAX), "⚠ The Wire is gone: look for its new address.", NOW)
    for operator in (ADA, MAX):
        (delivery,) = outbox.claim(connection, operator.platform, NOW, 9)
        assert (delivery.channel.address, delivery.reasons) == (operator.address, ())
        assert delivery.entry.headline == "⚠ The Wire is gone: look for its new address."
        assert delivery.entry.source_name == "PhiWire Bot"


def test_notice_is_no_news(connection: sqlite3.Connection) -> None:
    """No filter finds it, and no list shows it."""
    everybody = channels.ensure(connection, "telegram", "-1", "", "", "Europe/London", NOW)
    filters.add(connection, everybody.id, "match", "kind:wire", "Ada", NOW)
    notices.tell(connection, (ADA,), "⚠ The Wire is gone", NOW)
    assert Matcher().match(connection, NOW).deliveries == 0
    assert wire.latest(connection, 9) == ()
    assert list(wire.seen_since(connection, NOW - timedelta(days=1))) == []
    assert wire.times_since(connection, NOW - timedelta(days=1)) == []
    assert wire.authors_since(connection, NOW - timedelta(days=1), "") == []
    assert wire.oldest(connection) is None


def test_without_operators_nothing_is_kept(connection: sqlite3.Connection) -> None:
    """The log has it all the same."""
    notices.tell(connection, (), "⚠ The Wire is gone", NOW)
    assert connection.execute("SELECT count(*) FROM entries").fetchone()[0] == 0


def test_operator_who_had_blocked_the_bot_is_tried_again(connection: sqlite3.Connection) -> None:
    """An alarm may be the reason to look."""
    notices.tell(connection, (ADA,), "first", NOW)
    channels.gone(connection, *ADA, "blocked", NOW)
    notices.tell(connection, (ADA,), "second", NOW)
    assert [each.entry.headline for each in outbox.claim(connection, "telegram", NOW, 9)] == ["second"]


def test_trouble_is_told_once(connection: sqlite3.Connection) -> None:
    """Until it is another one: of another topic, or after a time in which there was none."""
    later = NOW + timedelta(hours=1)
    for topic, since, now, told in (
        ("telegram stopped", NOW, NOW, True),
        ("telegram stopped", NOW, later, False),
        ("telegram", NOW, later, True),
        ("telegram stopped badly", NOW, later, True),
        ("telegram stopped", later, later, True),
    ):
        assert notices.tell_once(connection, (ADA,), topic, "⚠ It is refused", since, now) is told
    assert not notices.tell_once(connection, (), "telegram refuses", "⚠ It is refused", NOW, NOW)
    assert connection.execute("SELECT count(*) FROM deliveries").fetchone()[0] == 4
