"""The query language, author names and the index."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.filters import document, people, query
from bot.filters.index import Index
from bot.filters.matcher import wanted
from bot.model import Item, Subscription, SubscriptionKind

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
ROW = Item(
    "k", "wire", "Ferry subsidy survives the Director’s cut | by one", author="By Marta Quill MP and Owen Tarrant"
)
RELEASE = Item(
    "k",
    "release",
    "Night ferry",
    organisation="Department for Coastal Affairs",
    topic="Transport",
    body="Net-zero ships.",
)


def matches(written: str, item: Item = ROW) -> bool:
    """Evaluate a query as written."""
    return query.found(query.parse(written), document.of_item(item, "phiwire", "PhiWire Live")) is not None


@pytest.mark.parametrize(
    "written",
    [
        "ferry",
        "FERRY",
        "ferry subsidy",
        '"ferry subsidy"',
        "“ferry subsidy”",
        "rail OR ferry",
        "ferry -football",
        "ferry (rail OR subsidy)",
        "author:quill",
        'author:"marta quill"',
        "source:phiwire",
        'source:"phiwire live"',
        "kind:wire",
        "director",
    ],
)
def test_query_finds(written: str) -> None:
    """Each of these is how people ask for the same row."""
    assert matches(written)


@pytest.mark.parametrize(
    "written",
    [
        "tor",
        "fer",
        '"subsidy ferry"',
        "ferry -subsidy",
        "rail OR bus",
        "author:quil",
        "author:ferry",
        "kind:release",
        "org:quill",
    ],
)
def test_query_does_not_find(written: str) -> None:
    """Whole words, in order, in the field that was named, and nothing that was excluded."""
    assert not matches(written)


@pytest.mark.parametrize("written", ["org:coastal", '"net zero"', "net-zero", "transport", "kind:release ferry"])
def test_bare_words_look_everywhere_an_entry_has_text(written: str) -> None:
    """A release's topic and body count like its headline."""
    assert matches(written, RELEASE)


@pytest.mark.parametrize(
    ("written", "position", "part"),
    [
        ("", 0, "at least one word"),
        ("   ", 3, "at least one word"),
        ("-football", 0, "mute"),
        ("ferry OR -football", 0, "leave out"),
        ('nhs "net zero', 4, "never closed"),
        ("(nhs", 4, "add )"),
        ("nhs)", 3, "remove it"),
        ("nhs OR", 6, "both sides"),
        ("colour:red", 0, "no field"),
        ("kind:film", 5, "no kind"),
        ("nhs & more", 4, "letters or digits"),
        ("x" * 501, 0, "500"),
        ("(" * 12 + "a" + ")" * 12, 11, "deep"),
    ],
)
def test_unreadable_query_says_where_and_what(written: str, position: int, part: str) -> None:
    """People mend a query that points at its mistake."""
    with pytest.raises(query.QueryError) as caught:
        query.parse(written)
    assert caught.value.position == position
    assert part in caught.value.problem
    shown, caret, _ = caught.value.lines()
    assert len(caret) == position + 1
    assert len(shown) <= 501


def test_what_was_found_is_told() -> None:
    """A message says why it came."""
    tree = query.parse('rail OR "ferry subsidy" author:quill')
    assert query.found(tree, document.of_item(ROW)) == ('"ferry subsidy"', "author:quill")


WORDS = st.sampled_from(["ferry", "nhs", "net", "zero", "or", "quill", "rail"])
TERMS = st.builds(
    query.Term, st.lists(WORDS, min_size=1, max_size=3).map(tuple), st.sampled_from(["", "author", "org"])
)
TREES = st.recursive(
    TERMS,
    lambda parts: (
        st.lists(parts | parts.map(query.Not), min_size=2, max_size=3).map(lambda each: query.All(tuple(each)))
        | st.lists(parts, min_size=2, max_size=3).map(lambda each: query.Any(tuple(each)))
    ),
    max_leaves=8,
)


def canonical(tree: query.Query) -> query.Query | None:
    """Read what was written of a tree; None where the language refuses it."""
    try:
        return query.parse(query.format_query(tree))
    except query.QueryError:
        return None


@given(TREES)
def test_written_query_reads_as_itself(tree: query.Query) -> None:
    """Filters are stored as text: what is read back must be what was meant."""
    read = canonical(tree)
    if read is not None:
        assert query.parse(query.format_query(read)) == read
        assert query.format_query(query.parse(query.format_query(read))) == query.format_query(read)


@given(st.text(max_size=60))
def test_any_text_is_a_query_or_a_clear_refusal(written: str) -> None:
    """Whatever people type, nothing else happens."""
    try:
        tree = query.parse(written)
    except query.QueryError as error:
        assert 0 <= error.position <= len(written)
    else:
        assert query.parse(query.format_query(tree)) == tree


ITEMS = st.builds(
    Item,
    st.just("k"),
    st.sampled_from(["wire", "release"]),
    st.lists(WORDS, max_size=5).map(" ".join),
    author=st.lists(WORDS, max_size=2).map(" ".join),
    organisation=st.lists(WORDS, max_size=2).map(" ".join),
)


@given(st.lists(TREES, max_size=6), ITEMS)
def test_index_finds_exactly_what_evaluation_finds(trees: list[query.Query], item: Item) -> None:
    """The index is only a faster way to the same answer."""
    index = Index()
    readable = {number: tree for number, each in enumerate(trees) if (tree := canonical(each)) is not None}
    for number, tree in readable.items():
        index.put(subscription(number, "match", query.format_query(tree)))
    doc = document.of_item(item)
    expected = [number for number, tree in readable.items() if query.found(tree, doc) is not None]
    assert [hit.subscription.id for hit in index.hits(doc)] == expected


def subscription(
    number: int, kind: SubscriptionKind, written: str, channel: int = 1, ends: datetime | None = None
) -> Subscription:
    """Make a filter."""
    return Subscription(number, channel, kind, written, "Ada", NOW, ends)


def test_removed_filter_finds_nothing_more() -> None:
    """Filters come and go while the bot runs."""
    index = Index()
    index.put(subscription(1, "match", "ferry"))
    index.put(subscription(2, "match", "ferry"))
    index.remove(1)
    index.remove(7)
    assert [hit.subscription.id for hit in index.hits(document.of_item(ROW))] == [2]


@pytest.mark.parametrize("name", ["Marta Quill", "marta quill", "Owen Tarrant", "Rt Hon Owen Tarrant MP", "Quill"])
def test_author_is_found_among_several(name: str) -> None:
    """By-lines name several people, with titles."""
    assert query.found(query.author(name), document.of_item(ROW)) is not None


@pytest.mark.parametrize("name", ["Marta Tarrant", "Quill Owen", "Mart"])
def test_names_do_not_run_into_each_other(name: str) -> None:
    """Marta Quill and Owen Tarrant are not Quill Owen."""
    assert query.found(query.author(name), document.of_item(ROW)) is None


def test_organisation_is_the_author_of_its_releases() -> None:
    """Who follows a department wants its press releases."""
    followed = query.author("Department for Coastal Affairs")
    assert query.found(followed, document.of_item(RELEASE)) is not None


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("By Marta Quill", {("marta", "quill")}),
        ("Sir Owen Tarrant KC", {("owen", "tarrant")}),
        ("Marta Quill, Owen Tarrant & Bronwen Hale", {("marta", "quill"), ("owen", "tarrant"), ("bronwen", "hale")}),
        ("Lord", {("lord",)}),
        ("", set()),
    ],
)
def test_byline_names_its_people(byline: str, names: set[tuple[str, ...]]) -> None:
    """People are followed, not by-lines."""
    assert names <= set(people.names(byline))
    assert bool(people.names(byline)) == bool(names)


def test_one_mute_outweighs_every_filter() -> None:
    """Muted means muted."""
    index = Index()
    index.put(subscription(1, "match", "ferry", channel=1))
    index.put(subscription(2, "follow", "Marta Quill", channel=1))
    index.put(subscription(3, "match", "ferry", channel=2))
    index.put(subscription(4, "mute", "subsidy", channel=2))
    reasons = wanted(list(index.hits(document.of_item(ROW))), NOW)
    assert {channel: [reason.subscription for reason in each] for channel, each in reasons.items()} == {1: [1, 2]}


def test_ended_filter_does_not_count() -> None:
    """A mute for two hours is over after two hours."""
    index = Index()
    index.put(subscription(1, "match", "ferry"))
    index.put(subscription(2, "mute", "subsidy", ends=NOW))
    assert list(wanted(list(index.hits(document.of_item(ROW))), NOW)) == [1]
