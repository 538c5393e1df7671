"""The wire's memory."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.filters import fanout
from bot.model import Attachment, Item, Quotation, Source
from bot.wire import news, source_store, store
from bot.wire.entry_store import Arrival

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
SOURCE = Source("wire", "The Wire", "phiwire", "https://example.org/wire", timedelta(seconds=30), icon="https://i")
ITEM = Item("k1", "wire", "Ferry vote survives", "https://example.org/1", author="Marta Quill")


@pytest.fixture(autouse=True)
def _source(connection: sqlite3.Connection) -> None:
    source_store.keep_sources(connection, [SOURCE], "file")


def poll(connection: sqlite3.Connection, *items: Item, at: datetime = NOW) -> int:
    """Commit what a poll found, as the poller does."""
    decision = news.decide(store.known(connection, "wire", items), items)
    return store.commit_poll(
        connection,
        SOURCE,
        at,
        at + timedelta(seconds=30),
        new=[Arrival(item, item) for item in decision.new],
        changed=[(entry, Arrival(item, item)) for entry, item in decision.changed],
        rekeyed=decision.rekeyed,
        validators=('"etag"', ""),
    )


def test_source_is_kept_as_it_was_given(connection: sqlite3.Connection) -> None:
    """What a file says must survive the table."""
    assert source_store.sources(connection) == (SOURCE,)


def test_first_poll_is_a_baseline(connection: sqlite3.Connection) -> None:
    """A new source must not flood anybody with what was already there."""
    assert poll(connection, ITEM) == 0
    assert fanout.unmatched(connection, 10) == ()
    assert poll(connection, ITEM, replace(ITEM, key="k2", url="https://example.org/2", headline="Levy doubled")) == 1
    assert [each.entry.headline for each in fanout.unmatched(connection, 10)] == ["Levy doubled"]


def test_empty_first_poll_is_a_baseline_too(connection: sqlite3.Connection) -> None:
    """The first entry of a feed that was empty is news."""
    poll(connection)
    assert poll(connection, ITEM) == 1


def test_entry_comes_back_as_it_went_in(connection: sqlite3.Connection) -> None:
    """Everything that a parser found reaches the message."""
    item = replace(
        ITEM, body="One.\n\nTwo.", topic="Transport", published_at=NOW, quotations=(Quotation("A", "Minister", "Yes."),)
    )
    poll(connection, item)
    (entry,) = store.latest(connection, 5)
    assert (entry.headline, entry.body, entry.quotations, entry.published_at) == (
        item.headline,
        item.body,
        item.quotations,
        NOW,
    )
    assert (entry.source, entry.source_name, entry.icon) == ("wire", "The Wire", "https://i")


def test_attachments_and_withdrawal_come_back_as_they_went_in(connection: sqlite3.Connection) -> None:
    """A release is more than its text."""
    files = (Attachment("Plan “A”", "https://example.org/a.pdf"), Attachment("Plan B", "https://example.org/b.pdf"))
    poll(connection, replace(ITEM, attachments=files, withdrawn=True, change_note="Withdrawn.", updated_at=NOW))
    (entry,) = store.latest(connection, 5)
    assert (entry.attachments, entry.withdrawn, entry.change_note, entry.updated_at) == (files, True, "Withdrawn.", NOW)


def test_change_note_and_withdrawal_are_revisions_with_both_texts(connection: sqlite3.Connection) -> None:
    """What was said before must be there when somebody asks what changed."""
    versions = [
        replace(ITEM, body="Ten sail."),
        replace(ITEM, body="Nine sail.", change_note="Corrected the number."),
        replace(ITEM, body="Nine sail.", change_note="Out of date.", withdrawn=True),
    ]
    for version in versions:
        poll(connection, version)
    (entry,) = store.latest(connection, 5)
    assert (entry.revision, entry.body, entry.change_note, entry.withdrawn) == (3, "Nine sail.", "Out of date.", True)
    kept = connection.execute("SELECT body, change_note, withdrawn FROM revisions ORDER BY revision").fetchall()
    assert [tuple(row) for row in kept] == [("Ten sail.", "", 0), ("Nine sail.", "Corrected the number.", 0)]


def test_withdrawal_ends_when_the_releases_own_page_says_so(connection: sqlite3.Connection) -> None:
    """A list that shows titles does not know."""
    poll(connection, replace(ITEM, body="It sails.", withdrawn=True))
    poll(connection, replace(ITEM, headline="Ferry vote fails"))
    assert store.latest(connection, 5)[0].withdrawn
    poll(connection, replace(ITEM, headline="Ferry vote fails", body="It sails."))
    assert not store.latest(connection, 5)[0].withdrawn


def test_newer_public_timestamp_is_looked_at_once(connection: sqlite3.Connection) -> None:
    """A minor change brings no revision, and is not looked at again at each poll; an old file has the publication's."""
    poll(connection, replace(ITEM, published_at=NOW))
    later = replace(ITEM, published_at=NOW, updated_at=NOW + timedelta(hours=1, microseconds=4321))
    assert news.decide(store.known(connection, "wire", [later]), [later]).changed
    poll(connection, later)
    assert not news.decide(store.known(connection, "wire", [later]), [later]).changed
    (entry,) = store.latest(connection, 5)
    assert (entry.revision, entry.published_at) == (1, NOW)


def test_changed_headline_keeps_both_texts(connection: sqlite3.Connection) -> None:
    """A correction is a revision of its entry."""
    poll(connection, ITEM)
    poll(connection, replace(ITEM, headline="Ferry vote fails"))
    (entry,) = store.latest(connection, 5)
    assert (entry.headline, entry.revision) == ("Ferry vote fails", 2)
    kept = connection.execute("SELECT revision, headline FROM revisions").fetchall()
    assert [tuple(row) for row in kept] == [(1, "Ferry vote survives")]
    assert store.search(connection, ["fails"], 5) == (entry,)
    assert store.search(connection, ["survives"], 5) == ()


def test_completed_entry_is_not_revised_by_its_bare_list(connection: sqlite3.Connection) -> None:
    """A list shows titles only, again and again; the body came from the release's own page."""
    poll(connection)
    full = replace(ITEM, body="The night ferry sails.", organisation="Coastal Office")
    store.commit_poll(connection, SOURCE, NOW, NOW, new=[Arrival(ITEM, full)])
    assert poll(connection, ITEM) == 0
    (entry,) = store.latest(connection, 5)
    assert (entry.body, entry.revision) == ("The night ferry sails.", 1)


def test_vanished_and_returned_item_is_no_news(connection: sqlite3.Connection) -> None:
    """Deleting an item lets older ones reappear; they were seen."""
    other = replace(ITEM, key="k2", url="https://example.org/2")
    poll(connection, ITEM, other)
    poll(connection, other)
    assert poll(connection, ITEM, other) == 0


def test_failure_is_counted_and_forgotten(connection: sqlite3.Connection) -> None:
    """Back-off grows with failures in a row only."""
    source_store.commit_failure(connection, "wire", NOW, NOW + timedelta(minutes=1), "it answered 500")
    source_store.commit_failure(connection, "wire", NOW, NOW + timedelta(minutes=2), "it answered 500")
    assert source_store.poll_state(connection, "wire").failures == 2
    assert source_store.source_states(connection)[0].error == "it answered 500"
    poll(connection, ITEM)
    due = NOW + timedelta(seconds=30)
    assert source_store.poll_state(connection, "wire") == source_store.PollState(
        '"etag"', "", due, 0, has_baseline=True, last_ok_at=NOW, last_new_at=NOW
    )


def test_new_address_starts_with_a_baseline(connection: sqlite3.Connection) -> None:
    """Another page has other keys: without a baseline all of it would be news."""
    poll(connection, ITEM)
    source_store.keep_sources(connection, [replace(SOURCE, url="https://example.org/other")], "file")
    state = source_store.poll_state(connection, "wire")
    assert (state.has_baseline, state.etag) == (False, "")


def test_removed_source_stays_removed_until_it_is_taken_back(connection: sqlite3.Connection) -> None:
    """The catalogue is read at every start; a command must outlive that."""
    assert source_store.remove_source(connection, "wire", NOW)
    source_store.keep_sources(connection, [SOURCE], "catalogue")
    assert source_store.sources(connection) == ()
    assert not source_store.remove_source(connection, "wire", NOW)
    assert source_store.restore_source(connection, "wire")
    assert source_store.sources(connection) == (SOURCE,)
    assert not source_store.poll_state(connection, "wire").has_baseline


def test_source_that_left_the_file_is_forgotten_and_an_added_one_is_not(connection: sqlite3.Connection) -> None:
    """The file speaks for its own sources alone."""
    source_store.put_source(connection, replace(SOURCE, slug="mine"), "added")
    source_store.keep_sources(connection, [], "file")
    assert [source.slug for source in source_store.sources(connection)] == ["mine"]


def test_search_takes_any_words(connection: sqlite3.Connection) -> None:
    """Full-text search has a syntax of its own, which people must not meet."""
    poll(connection, replace(ITEM, headline="“Net-zero” AND the NHS’s future"))
    for words in (["net", "zero"], ["AND"], ["nhs"], ["NEAR"], ["quill", "future"]):
        assert bool(store.search(connection, words, 5)) == (words != ["NEAR"])


@pytest.mark.parametrize("taken_back", [False, True])
def test_removed_while_polled_leaves_nothing(connection: sqlite3.Connection, *, taken_back: bool) -> None:
    """A poll that was under way when its source was removed must not set its baseline, or a return would flood."""
    source_store.remove_source(connection, "wire", NOW)
    if taken_back:
        source_store.put_source(connection, replace(SOURCE, url="https://example.org/new"), "added")
    assert poll(connection, ITEM) == 0
    assert store.latest(connection, 5) == ()
    assert not source_store.poll_state(connection, "wire").has_baseline


def test_added_source_outlives_a_start(connection: sqlite3.Connection) -> None:
    """Whoever added a source by command under a catalogue's slug meant it."""
    mine = replace(SOURCE, url="https://example.org/mine")
    source_store.put_source(connection, mine, "added")
    source_store.keep_sources(connection, [SOURCE], "catalogue")
    assert source_store.sources(connection) == (replace(mine, public_only=True),)


def test_looking_at_the_sources_changes_nothing(connection: sqlite3.Connection) -> None:
    """`source list` in another folder, without the settings, must not cost a running bot its baselines."""
    poll(connection, ITEM)
    other = replace(SOURCE, slug="other", name="Another")
    assert source_store.effective_sources(connection, [other]) == (other,)
    source_store.put_source(connection, replace(SOURCE, slug="mine"), "added")
    source_store.remove_source(connection, "wire", NOW)
    assert [each.slug for each in source_store.effective_sources(connection, [SOURCE, other])] == ["other", "mine"]
    assert [each.slug for each in source_store.sources(connection)] == ["mine"]


def test_comment_count_is_no_revision(connection: sqlite3.Connection) -> None:
    """A summary that changes all day would fill the file."""
    poll(connection, ITEM)
    poll(connection, replace(ITEM, summary="17 comments"))
    (entry,) = store.latest(connection, 5)
    assert (entry.summary, entry.revision) == ("17 comments", 1)
    assert connection.execute("SELECT count(*) FROM revisions").fetchone()[0] == 0


@pytest.mark.parametrize(
    "moved",
    ["https://example.org/1", "http://www.example.org/1", "https://www.example.org/1", "https://example.org/1/"],
)
def test_site_that_moves_brings_no_news(connection: sqlite3.Connection, moved: str) -> None:
    """Ids that are addresses change with it: to https, to www, to addresses that end in a slash."""
    old = replace(ITEM, key="http://example.org/1", url="http://example.org/1")
    poll(connection, old)
    assert poll(connection, replace(old, key=moved, url=moved)) == 0
    assert poll(connection, old) == 0
    assert len(store.latest(connection, 5)) == 1
