"""Corrected entries: which messages are edited, when, and that none is sent again."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import channels
from bot.filters import store as filters
from bot.filters.matcher import Matcher
from bot.model import Channel, Delivery, Item, Source, Version
from bot.outbox import corrections, store
from bot.outbox.folding import BURST
from bot.outbox.policy import Close, Retry, Settle
from bot.wire import source_store
from bot.wire import store as wire
from bot.wire.entry_store import Arrival

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
WIRE = Source("wire", "The Wire", "phiwire", "https://example.org")
STORY = Item("one", "wire", "Ferry fund opens", author="Marta Quill", url="https://example.org/1")


@pytest.fixture
def ada(connection: sqlite3.Connection) -> Channel:
    """Make a chat that follows Marta Quill."""
    channel = channels.ensure(connection, "telegram", "7", "", "Ada", "Europe/London", NOW)
    filters.add(connection, channel.id, "follow", "Marta Quill", "Ada", NOW)
    source_store.put_source(connection, WIRE, "file")
    wire.commit_poll(connection, WIRE, NOW, NOW)
    publish(connection, STORY)
    return channel


def publish(connection: sqlite3.Connection, *items: Item) -> None:
    """Bring entries through wire and matcher."""
    wire.commit_poll(connection, WIRE, NOW, NOW, new=[Arrival(item, item) for item in items])
    Matcher().match(connection, NOW)


def correct(connection: sqlite3.Connection, item: Item, entry: int = 1) -> None:
    """Bring a revision."""
    wire.commit_poll(connection, WIRE, LATER, LATER, changed=[(entry, Arrival(item, item))])


def claim(connection: sqlite3.Connection, now: datetime = LATER) -> list[Delivery]:
    """Claim all that can be claimed."""
    return list(store.claim(connection, "telegram", now, 100))


def send(connection: sqlite3.Connection, now: datetime = NOW) -> Delivery:
    """Send the one message that is due."""
    (delivery,) = claim(connection, now)
    store.settle(connection, delivery, Settle("sent", message_ref=delivery.edits or f"m{delivery.id}"), now)
    return delivery


def status(connection: sqlite3.Connection, delivery: int = 1) -> tuple[str, str, int]:
    """Say how a delivery stands: status, message and revision."""
    row = connection.execute(
        "SELECT status, message_ref, revision FROM deliveries WHERE id = ?", (delivery,)
    ).fetchone()
    return row["status"], row["message_ref"], row["revision"]


@pytest.mark.usefixtures("ada")
def test_a_corrected_headline_edits_the_message(connection: sqlite3.Connection) -> None:
    """It is claimed as an edit of the message that was sent, with what that says."""
    send(connection)
    correct(connection, replace(STORY, headline="Ferry fund closes"))
    (delivery,) = claim(connection)
    assert (delivery.id, delivery.edits, delivery.entry.headline) == (1, "m1", "Ferry fund closes")
    assert delivery.before == Version("Ferry fund opens", "Marta Quill", "", withdrawn=False)
    store.settle(connection, delivery, Settle("sent", message_ref="m1"), LATER)
    assert status(connection) == ("sent", "m1", 2)
    assert claim(connection) == []
    assert connection.execute("SELECT sent_at FROM deliveries").fetchone()[0].startswith("2026-03-04T12:00")


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("small", ["Ferry fund opens.", "FERRY FUND OPENS", "‘Ferry’ fund opens", "Ferry  fund opens"])
def test_other_signs_matter_too_little(connection: sqlite3.Connection, small: str) -> None:
    """A phone that lights up for a comma is put away."""
    send(connection)
    correct(connection, replace(STORY, headline=small))
    assert claim(connection) == []
    correct(connection, replace(STORY, headline="Ferry fund closes"))
    assert len(claim(connection)) == 1


@pytest.mark.usefixtures("ada")
def test_what_was_not_sent_yet_goes_out_corrected(connection: sqlite3.Connection) -> None:
    """Once."""
    correct(connection, replace(STORY, headline="Ferry fund closes"))
    delivery = send(connection, LATER)
    assert (delivery.edits, delivery.entry.headline) == ("", "Ferry fund closes")
    assert claim(connection) == []


@pytest.mark.usefixtures("ada")
def test_what_is_corrected_on_its_way_is_edited_afterwards(connection: sqlite3.Connection) -> None:
    """The message left with the old headline."""
    (delivery,) = claim(connection, NOW)
    correct(connection, replace(STORY, headline="Ferry fund closes"))
    assert claim(connection) == []
    store.settle(connection, delivery, Settle("sent", message_ref="m1"), LATER)
    (edit,) = claim(connection)
    assert (edit.edits, edit.entry.headline) == ("m1", "Ferry fund closes")


@pytest.mark.usefixtures("ada")
def test_two_corrections_are_one_edit(connection: sqlite3.Connection) -> None:
    """And what is struck through is what the reader saw."""
    send(connection)
    correct(connection, replace(STORY, headline="Ferry fund closes"))
    corrections.queue(connection, LATER)
    correct(connection, replace(STORY, headline="Ferry fund delayed"))
    edit = send(connection, LATER)
    assert edit.before is not None
    assert (edit.before.headline, edit.entry.headline) == ("Ferry fund opens", "Ferry fund delayed")
    assert claim(connection) == []


@pytest.mark.usefixtures("ada")
def test_an_edit_is_made_again_after_a_crash(connection: sqlite3.Connection) -> None:
    """It changes nothing a second time."""
    send(connection)
    correct(connection, replace(STORY, headline="Ferry fund closes"))
    (edit,) = claim(connection)
    store.recover(connection, LATER)
    (again,) = claim(connection)
    assert (again.edits, again.before) == (edit.edits, edit.before)


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("end", [Settle("failed", error="message to edit not found"), Close("blocked")])
def test_an_edit_that_fails_leaves_the_message_sent(connection: sqlite3.Connection, end: Settle | Close) -> None:
    """It was sent, whatever became of its correction."""
    send(connection)
    correct(connection, replace(STORY, headline="Ferry fund closes"))
    (edit,) = claim(connection)
    store.settle(connection, edit, end, LATER)
    assert status(connection) == ("sent", "m1", 2)


@pytest.mark.usefixtures("ada")
def test_an_edit_that_comes_too_late_is_given_up(connection: sqlite3.Connection) -> None:
    """Nobody reads that far up."""
    send(connection)
    correct(connection, replace(STORY, headline="Ferry fund closes"))
    (edit,) = claim(connection)
    store.settle(connection, edit, Retry(LATER + timedelta(hours=7), "down"), LATER)
    assert claim(connection, LATER + timedelta(hours=7)) == []
    assert status(connection)[:2] == ("sent", "m1")


@pytest.mark.usefixtures("ada")
def test_what_was_sent_days_ago_is_not_edited(connection: sqlite3.Connection) -> None:
    """It is beyond anybody's screen."""
    send(connection)
    correct(connection, replace(STORY, headline="Ferry fund closes"))
    assert claim(connection, NOW + timedelta(days=3)) == []


def test_a_channel_may_want_none(connection: sqlite3.Connection, ada: Channel) -> None:
    """Some keep what was said."""
    send(connection)
    channels.set_corrections(connection, ada.id, wanted=False)
    correct(connection, replace(STORY, headline="Ferry fund closes"))
    assert claim(connection) == []
    channels.set_corrections(connection, ada.id, wanted=True)
    assert claim(connection) == []


@pytest.mark.usefixtures("ada")
def test_news_goes_before_corrections(connection: sqlite3.Connection) -> None:
    """What is new is read first."""
    send(connection)
    correct(connection, replace(STORY, headline="Ferry fund closes"))
    publish(connection, replace(STORY, key="two", url="https://example.org/2", headline="Quay reopens"))
    (first,) = claim(connection)
    assert (first.entry.headline, first.edits) == ("Quay reopens", "")


@pytest.mark.usefixtures("ada")
def test_a_message_of_many_is_edited_as_a_whole(connection: sqlite3.Connection) -> None:
    """All its headlines are told again, as they are now."""
    more = [
        replace(STORY, key=f"k{n}", url=f"https://example.org/{n}", headline=f"Quay {n}") for n in range(2, BURST + 3)
    ]
    publish(connection, *more)
    sent = send(connection)
    assert len(sent.folded) == BURST + 2
    correct(connection, replace(more[0], headline="Quay two closes"), entry=2)
    edit = send(connection, LATER)
    assert (edit.id, edit.edits) == (sent.id, f"m{sent.id}")
    assert [entry.headline for entry in edit.folded][1] == "Quay two closes"
    assert claim(connection) == []


@pytest.mark.usefixtures("ada")
def test_a_withdrawn_release_edits_its_message(connection: sqlite3.Connection) -> None:
    """Whoever quotes it must know."""
    release = Item("r", "release", "Fund for piers", author="Marta Quill", body="It opens on Monday.")
    send(connection)
    publish(connection, release)
    send(connection)
    correct(connection, replace(release, withdrawn=True), entry=2)
    (edit,) = claim(connection)
    assert (edit.edits, edit.entry.withdrawn) == ("m2", True)


def test_a_large_fan_out_is_queued_in_batches(connection: sqlite3.Connection, ada: Channel) -> None:
    """Whoever types a command waits for one batch at the most."""
    send(connection)
    connection.execute(
        """
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
        INSERT INTO channels (platform, address, created_at) SELECT 'slack', 'C' || i, '' FROM n
        """
    )
    connection.execute(
        """
        INSERT INTO deliveries (channel, entry, revision, status, reasons, due_at, created_at, sent_at, message_ref)
        SELECT id, 1, 1, 'sent', '[]', ?, ?, ?, 'x' FROM channels WHERE id <> ?
        """,
        (*["2026-03-04T12:00:00.000Z"] * 3, ada.id),
    )
    correct(connection, replace(STORY, headline="Ferry fund closes"))
    batches = []
    while queued := corrections.queue(connection, LATER):
        batches.append(queued)
    assert sum(batches) == 5001
    assert max(batches) <= corrections.MOST
