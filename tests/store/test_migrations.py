"""Files of older versions: what people had is there, and means the same."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlite_utils

from bot import db, schema
from bot.filters import fanout, store
from bot.filters.matcher import Matcher
from bot.model import Item
from bot.outbox import store as outbox
from bot.wire import news
from bot.wire import store as wire

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
MOMENT = db.to_text(NOW)
EARLIER = "2026-03-01T09:00:00.000Z"


def reason(subscription: int, query: str, by: str) -> dict[str, object]:
    """Write a reason as the first version did."""
    return {"subscription": subscription, "kind": "match", "query": query, "found": [query], "created_by": by}


@pytest.fixture
def first(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Make a file of the first version: of three filters one is live, and two were deleted."""
    with contextlib.closing(db.connect(tmp_path / "first.db")) as opened:
        schema.migrations.apply(sqlite_utils.Database(opened), stop_before="m002_filters")
        opened.execute("PRAGMA user_version = 1")
        opened.execute("INSERT INTO channels (platform, address, created_at) VALUES ('telegram', '7', ?)", (EARLIER,))
        for query in ("ferry", "levy", "port"):
            opened.execute(
                """
                INSERT INTO subscriptions (channel, kind, query, created_by, created_at)
                VALUES (1, 'match', ?, 'Ada', ?)
                """,
                (query, EARLIER),
            )
        for action, number in (("add", 1), ("add", 2), ("add", 3), ("remove", 2), ("remove", 3)):
            opened.execute(
                "INSERT INTO audit (at, actor, channel, action, subscription) VALUES (?, 'Ada', 1, ?, ?)",
                (EARLIER, action, number),
            )
        opened.execute("DELETE FROM subscriptions WHERE id > 1")
        for number, (matched_at, reasons) in enumerate(
            [
                (MOMENT, [reason(1, "ferry", "Ada"), reason(2, "levy", "Bea")]),
                (MOMENT, [reason(2, "levy", "Bea")]),
                (None, []),
            ],
            1,
        ):
            opened.execute(
                """
                INSERT INTO entries (source, key, kind, headline, url, author, organisation, topic, summary, body,
                    quotations, icon, first_seen_at, fingerprint, matched_at)
                VALUES ('wire', ?, 'wire', 'ferry', '', '', '', '', '', '', '[]', '', ?, '', ?)
                """,
                (str(number), MOMENT, matched_at),
            )
            if reasons:
                opened.execute(
                    """
                    INSERT INTO deliveries (channel, entry, revision, status, reasons, due_at, created_at, message_ref)
                    VALUES (1, ?, 1, 'sent', ?, ?, ?, ?)
                    """,
                    (number, json.dumps(reasons), MOMENT, MOMENT, f"m{number}"),
                )
        yield opened


def test_messages_of_the_first_version_explain_themselves(first: sqlite3.Connection) -> None:
    """By filters that are there, and by filters that were deleted."""
    schema.migrate(first)
    assert [row["reasons"] for row in first.execute("SELECT reasons FROM deliveries ORDER BY id")] == ["[1,2]", "[2]"]
    delivery = outbox.explain(first, 1, "m1")
    assert delivery is not None
    assert [(each.query, each.created_by) for each in delivery.reasons] == [("ferry", "Ada"), ("levy", "Bea")]
    assert delivery.reasons[1].created_at == NOW


def test_filters_of_the_first_version_go_on(first: sqlite3.Connection) -> None:
    """With their numbers, and no number that was given before is given again."""
    schema.migrate(first)
    (ferry,) = store.of_channel(first, 1, NOW)
    assert (ferry.id, ferry.query) == (1, "ferry")
    assert [waiting.through for waiting in fanout.unmatched(first, 9)] == [0]
    assert Matcher().match(first, NOW).deliveries == 1
    assert store.add(first, 1, "match", "levy", "Cleo", NOW)
    assert [each.id for each in store.of_channel(first, 1, NOW)] == [1, 4]


def test_old_changes_can_be_taken_back_as_far_as_they_are_known(first: sqlite3.Connection) -> None:
    """What left no row behind is passed over."""
    schema.migrate(first)
    assert [row["change"] for row in first.execute("SELECT change FROM audit ORDER BY id")] == [1, 2, 3, 4, 5]
    queries = []
    while undone := store.undo(first, 1, "Cleo", NOW):
        queries += [(action, each.query) for action, each in undone.taken_back]
    assert queries == [("remove", "levy"), ("add", "levy"), ("add", "ferry")]


def test_empty_file_of_the_first_version_numbers_from_one(tmp_path: Path) -> None:
    """As a new one does."""
    with contextlib.closing(db.connect(tmp_path / "empty.db")) as empty:
        schema.migrations.apply(sqlite_utils.Database(empty), stop_before="m002_filters")
        schema.migrate(empty)
        empty.execute("INSERT INTO channels (platform, address, created_at) VALUES ('telegram', '7', ?)", (EARLIER,))
        store.add(empty, 1, "match", "ferry", "Ada", NOW)
        assert [each.id for each in store.of_channel(empty, 1, NOW)] == [1]
        assert empty.execute("PRAGMA user_version").fetchone()[0] == len(
            schema.migrations.applied(sqlite_utils.Database(empty))
        )


def test_sources_of_older_versions_are_asked_for_their_whole_list(first: sqlite3.Connection) -> None:
    """An unchanged answer lists nothing from which hours could be learnt."""
    first.execute(
        "INSERT INTO sources (slug, name, kind, url, origin, etag) VALUES ('a', 'A', 'feed', '', 'file', 'x')"
    )
    schema.migrate(first)
    assert [(row["rhythm"], row["etag"]) for row in first.execute("SELECT rhythm, etag FROM sources")] == [("", "")]


def test_entries_of_older_versions_stand_and_have_not_changed(first: sqlite3.Connection) -> None:
    """An upgrade brings neither news nor corrections."""
    schema.migrate(first)
    kept = Item("1", "wire", "ferry")
    first.execute("UPDATE entries SET fingerprint = ?", (news.fingerprint(kept),))
    entry = next(each for each in wire.latest(first, 9) if each.key == "1")
    assert (entry.attachments, entry.withdrawn, entry.change_note, entry.updated_at) == ((), False, "", None)
    assert news.decide(wire.known(first, "wire", [kept]), [kept]) == news.News((), (), ())


def test_deliveries_of_older_versions_keep_numbers_and_indexes(first: sqlite3.Connection) -> None:
    """Their table is made anew, so that a number that was given once is never given again."""
    schema.migrations.apply(sqlite_utils.Database(first), stop_before="m010_upkeep")
    indexes = "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'deliveries' AND type = 'index' ORDER BY name"
    before = [tuple(row) for row in first.execute(indexes)]
    rows = [tuple(row) for row in first.execute("SELECT * FROM deliveries ORDER BY id")]
    schema.migrate(first)
    after = [tuple(row) for row in first.execute("SELECT * FROM deliveries ORDER BY id")]
    # None of them owes its thread anything.
    assert after == [(*row, "", 0) for row in rows]
    assert set(before) <= {tuple(row) for row in first.execute(indexes)}
    assert first.execute("PRAGMA foreign_key_check").fetchall() == []
    first.execute("DELETE FROM deliveries")
    first.execute(
        """
        INSERT INTO deliveries (channel, entry, revision, status, reasons, due_at, created_at)
        VALUES (1, 1, 1, 'pending', '[]', '', '')
        """
    )
    assert first.execute("SELECT id FROM deliveries").fetchone()["id"] == rows[-1][0] + 1
