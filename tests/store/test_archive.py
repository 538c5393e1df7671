"""The archive: what a filter would have caught is what the filter would have found, entry by entry."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import db, schema
from bot.commands import archive
from bot.filters import aliases, query
from bot.filters.document import of_entry
from bot.filters.evaluation import found
from bot.filters.narrowing import narrow
from bot.filters.tree import All, Any, Not, Query, Term, requires_something
from bot.model import Entry, Item, Source
from bot.wire import source_store, store
from bot.wire.entry_store import Arrival

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
WIRE = Source("wire", "The Wire", "phiwire", "https://example.org")
ALIASES = aliases.read({"Bronwen Hale Moss": ["BHM", "Dame Bronwen"]})
WRITTEN = """
    nhs NHS’s Quill-Ashdown quill ashdown post-Brexit Brexit net-zero “net zero” #Budget @joe_b council-tax
    jean-baptiste Zoë U.K. pensions pensioner O’Brien ferry Hale-Moss bhm
""".split()  # noqa: SIM905 (so many words are no list to read)
ASKED = """
    nhs quill ashdown brexit post net zero #budget budget @joe_b council tax jean baptiste zoe uk pens pensions
    obrien ferry bhm hale moss bronwen
""".split()  # noqa: SIM905 (so many words are no list to read)


def some_entries() -> list[Item]:
    """Write entries of the same few words, always the same ones."""
    chance = random.Random(7)

    def words(most: int) -> str:
        return " ".join(chance.choices(WRITTEN, k=chance.randint(0, most)))

    return [
        Item(
            f"k{number}",
            chance.choice(["wire", "release"]),
            words(4),
            author=chance.choice([f"By {words(2)} MP", f"{words(2)} and {words(1)}", "Bronwen Hale-Moss", ""]),
            organisation=words(2),
            topic=words(1),
            summary=words(3),
            body=words(6),
            published_at=NOW - timedelta(hours=number),
        )
        for number in range(150)
    ]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """Commit the entries once: the tests only read them."""
    with closing(db.connect(tmp_path_factory.mktemp("archive") / "phiwire.db")) as connection:
        schema.migrate(connection)
        source_store.put_source(connection, WIRE, "file")
        store.commit_poll(connection, WIRE, NOW, NOW, new=[Arrival(item, item) for item in some_entries()])
        yield connection


TERMS = st.builds(
    Term,
    st.lists(st.sampled_from(ASKED), min_size=1, max_size=3).map(tuple),
    st.sampled_from(["", "", "", "author", "org", "headline", "topic", "source"]),
    st.booleans(),
)
TREES: st.SearchStrategy[Query] = st.recursive(
    TERMS,
    lambda parts: (
        st.lists(parts | parts.map(Not), min_size=2, max_size=3).map(lambda each: All(tuple(each)))
        | st.lists(parts, min_size=2, max_size=3).map(lambda each: Any(tuple(each)))
    ),
    max_leaves=6,
).filter(requires_something)


def naively(entries: Iterator[Entry], tree: Query) -> list[Entry]:
    """Ask every entry."""
    return [entry for entry in entries if found(tree, of_entry(entry, ALIASES)) is not None]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=120)
@given(TREES)
def test_archive_finds_exactly_what_the_filter_finds(filled: sqlite3.Connection, tree: Query) -> None:
    """Full-text search only leaves out what cannot be meant."""
    long_ago = NOW - timedelta(days=30)
    expected = naively(store.seen_since(filled, long_ago), tree)
    caught = archive.caught(filled, tree, ALIASES, NOW, days=30, examples=3)
    assert list(caught.moments) == [entry.published_at for entry in expected]
    assert [each.id for each in caught.examples] == [each.id for each in expected[:3]]


@pytest.mark.parametrize("written", ["nhs", "ferry -nhs", "ferry (nhs OR pensions)", "#budget -(ferry OR uk)"])
def test_plain_words_are_counted_without_reading_entries(written: str, filled: sqlite3.Connection) -> None:
    """The commonest words are in thousands of entries, and need not be looked at again."""
    assert narrow(query.parse(written), ALIASES).exact
    assert store.times_since(filled, NOW - timedelta(days=30), narrow(query.parse(written), ALIASES).words)


def test_revised_entry_is_found_by_its_new_words(tmp_path: Path) -> None:
    """And not by the old ones."""
    item = Item("k", "wire", "Ferry vote", url="https://example.org/1")
    corrected = Item("k", "wire", "Pier vote", url="https://example.org/1")
    with closing(db.connect(tmp_path / "phiwire.db")) as connection:
        schema.migrate(connection)
        source_store.put_source(connection, WIRE, "file")
        store.commit_poll(connection, WIRE, NOW, NOW, new=[Arrival(item, item)])
        store.commit_poll(connection, WIRE, NOW, NOW, changed=[(1, Arrival(corrected, corrected))])
        assert [each.headline for each in store.search(connection, ["pier"], 5)] == ["Pier vote"]
        assert store.search(connection, ["ferry"], 5) == ()


@pytest.mark.parametrize(
    "asked",
    [
        "https://example.org/news/a_1",
        "http://example.org/news/a_1/",
        "https://example.org/news/a_1?utm_source=chat#top",
    ],
)
def test_entry_is_found_by_its_address(asked: str, tmp_path: Path) -> None:
    """People copy addresses from anywhere; an underscore is no wildcard."""
    items = [
        Item("1", "wire", "Meant", url="https://example.org/news/a_1?cmp=rss"),
        Item("2", "wire", "Other", url="https://example.org/news/ax1"),
    ]
    with closing(db.connect(tmp_path / "phiwire.db")) as connection:
        schema.migrate(connection)
        source_store.put_source(connection, WIRE, "file")
        store.commit_poll(connection, WIRE, NOW, NOW, new=[Arrival(item, item) for item in items])
        entry = store.at_address(connection, asked)
        assert entry is not None
        assert entry.headline == "Meant"
        assert store.at_address(connection, "https://example.org/elsewhere") is None


def test_entries_of_an_older_database_are_found(tmp_path: Path) -> None:
    """What was stored before the archive knew filters' words is known to it after the upgrade."""
    with closing(db.connect(tmp_path / "phiwire.db")) as connection:
        schema.migrate(connection)
        source_store.put_source(connection, WIRE, "file")
        item = Item("k", "wire", "Quill-Ashdown wins", author="Marta Quill")
        store.commit_poll(connection, WIRE, NOW, NOW, new=[Arrival(item, item)])
        connection.execute("DROP TABLE entry_words")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name = 'm003_words'")
        connection.execute("CREATE VIRTUAL TABLE entries_fts USING fts5 (headline)")
        for name in ("entries_ai", "entries_ad", "entries_au"):
            connection.execute(f"CREATE TRIGGER {name} AFTER DELETE ON revisions BEGIN SELECT 1; END")
        schema.migrate(connection)
        tree = query.parse('"quill ashdown" author:quill')
        assert len(archive.caught(connection, tree, ALIASES, NOW, days=7).moments) == 1
