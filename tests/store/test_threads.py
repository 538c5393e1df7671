"""What a message's thread is owed: the delivery once more, which ends as sent whatever becomes of it."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import channels
from bot.filters import store as filters
from bot.filters.matcher import Matcher
from bot.model import Delivery, Item, Source
from bot.outbox import store
from bot.outbox.policy import Close, Retry, Settle
from bot.wire import source_store
from bot.wire import store as wire
from bot.wire.entry_store import Arrival

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
OFFICE = Source("office", "Harbour Office", "feed", "https://office.example")
RELEASE = Item("r", "release", "Ferry for the islands", organisation="Harbour Office", body="Short.\n\nLonger.")


@pytest.fixture(autouse=True)
def channel(connection: sqlite3.Connection) -> int:
    """Make a channel that wants threads, and bring it a release."""
    made = channels.ensure(connection, "slack", "C1", "", "harbour", "Europe/London", NOW)
    filters.add(connection, made.id, "match", "ferry", "Ada", NOW)
    channels.set_preference(connection, made.id, "threads", value=True)
    source_store.put_source(connection, OFFICE, "file")
    wire.commit_poll(connection, OFFICE, NOW, NOW)
    wire.commit_poll(connection, OFFICE, NOW, NOW, new=[Arrival(RELEASE, RELEASE)])
    Matcher().match(connection, NOW)
    return made.id


def _claim(connection: sqlite3.Connection, now: datetime = NOW) -> Delivery | None:
    return next(iter(store.claim(connection, "slack", now, 1)), None)


def _send(connection: sqlite3.Connection, now: datetime = NOW) -> Delivery:
    delivery = _claim(connection, now)
    assert delivery is not None
    store.settle(connection, delivery, Settle("sent", message_ref=delivery.edits or "m1"), now)
    return delivery


def _correct(connection: sqlite3.Connection, now: datetime, item: Item) -> None:
    wire.commit_poll(connection, OFFICE, now, now, changed=[(1, Arrival(item, item))])


def _status(connection: sqlite3.Connection) -> tuple[str, str, int]:
    row = connection.execute("SELECT status, message_ref, revision FROM deliveries").fetchone()
    return row["status"], row["message_ref"], row["revision"]


def test_a_message_that_was_sent_owes_its_text_and_nothing_after_that(connection: sqlite3.Connection) -> None:
    """In the same transaction, so that no crash comes between."""
    assert (_send(connection).part, _send(connection).part) == ("", "text")
    assert _claim(connection) is None
    assert _status(connection) == ("sent", "m1", 1)


def test_a_correction_owes_what_it_has_changed(connection: sqlite3.Connection) -> None:
    """Compared with what the message said before it."""
    _send(connection)
    _send(connection)
    _correct(connection, NOW, replace(RELEASE, headline="No ferry for the islands"))
    edit, change = _send(connection), _send(connection)
    assert (edit.part, change.part) == ("", "change")
    assert change.before == edit.before
    assert change.before is not None
    assert change.before.headline == "Ferry for the islands"
    assert _claim(connection) is None


def test_a_part_does_not_pass_for_the_correction_that_came_meanwhile(connection: sqlite3.Connection) -> None:
    """The message still says what it said."""
    _send(connection)
    part = _claim(connection)
    assert part is not None
    _correct(connection, NOW, replace(RELEASE, headline="No ferry for the islands"))
    store.settle(connection, part, Settle("sent", message_ref="m1"), NOW)
    assert _status(connection) == ("sent", "m1", 1)
    assert [_send(connection).part, _send(connection).part] == ["", "change"]


@pytest.mark.parametrize("decision", [Settle("failed", error="no"), Close("gone")])
def test_a_part_that_fails_leaves_the_message_sent(connection: sqlite3.Connection, decision: Settle | Close) -> None:
    """Nothing of it is lost, and nothing comes again."""
    _send(connection)
    part = _claim(connection)
    assert part is not None
    store.settle(connection, part, decision, NOW)
    assert _status(connection)[:2] == ("sent", "m1")
    assert _claim(connection) is None


def test_a_part_that_got_too_old_is_not_taken_for_the_next_correction(connection: sqlite3.Connection) -> None:
    """What was owed is forgotten then, and a correction is one."""
    _send(connection)
    part = _claim(connection)
    assert part is not None
    store.settle(connection, part, Retry(NOW + timedelta(hours=1), "away"), NOW)
    late = NOW + timedelta(hours=7)
    assert _claim(connection, late) is None
    assert _status(connection)[:2] == ("sent", "m1")
    _correct(connection, late, replace(RELEASE, headline="No ferry for the islands"))
    edit = _claim(connection, late)
    assert edit is not None
    assert (edit.part, edit.edits) == ("", "m1")


def test_what_a_dead_process_had_claimed_is_tried_again(connection: sqlite3.Connection) -> None:
    """As a part that may have arrived, so that it is looked for first."""
    _send(connection)
    _claim(connection)
    assert store.recover(connection, NOW) == 1
    part = _claim(connection)
    assert part is not None
    assert (part.part, part.ambiguous, part.edits) == ("text", 1, "m1")


@pytest.mark.parametrize("template", ["{headline} {text}", "{headline}"])
def test_a_template_that_shows_the_text_has_no_need_of_a_thread(
    connection: sqlite3.Connection, channel: int, template: str
) -> None:
    """It would be read twice."""
    channels.set_preference(connection, channel, "template", value=template)
    _send(connection)
    assert (_claim(connection) is None) == ("{text}" in template)
