"""The index is only a faster way to the same answer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.filters import query
from bot.filters.document import Document
from bot.filters.evaluation import found
from bot.filters.index import Index, query_of
from bot.filters.people import NO_ALIASES, Aliases
from bot.filters.query import QueryError
from bot.filters.tree import Any, Not, Query, Term
from bot.model import Item
from tests.rules.invented import ALIASES, ITEMS, PEOPLE, QUERIES

ROW = Document(
    Item(
        "k",
        "wire",
        "Night ferry’s net-zero plan, says Jude Warren-Hale",
        author="By Jude Warren-Hale and Owen Fox",
        organisation="Harbour Board",
        topic="Sea Travel",
    )
)


def readable(written: str) -> Query | None:
    """Read a query; None where it is refused."""
    try:
        return query.parse(written)
    except QueryError:
        return None


TREES = st.one_of(QUERIES.map(readable).filter(bool), st.sampled_from(PEOPLE).map(query.author))
CHANGES = st.lists(st.tuples(st.integers(min_value=1, max_value=9), st.one_of(TREES, TREES, st.none())), max_size=16)


@settings(max_examples=200)
@given(CHANGES, st.lists(ITEMS, min_size=1, max_size=3), st.sampled_from([NO_ALIASES, ALIASES]))
def test_index_finds_exactly_what_evaluation_finds(
    changes: list[tuple[int, Query | None]], items: list[Item], aliases: Aliases
) -> None:
    """Whatever was filed and taken out before, in whatever order."""
    index = Index()
    filed: dict[int, Query] = {}
    for number, tree in changes:
        if tree is None:
            index.remove(number)
            filed.pop(number, None)
        else:
            index.put(number, tree)
            filed.setdefault(number, tree)
        # What is remembered of one entry must not stand in the way of what is filed afterwards.
        index.hits(Document(items[0]))
    assert len(index) == len(filed)
    for item in items:
        document = Document(item, ("council-wire", "The Council Wire"), aliases)
        naive = {number for number, tree in filed.items() if found(tree, document) is not None}
        assert index.hits(document) == naive


@given(CHANGES)
def test_index_that_is_emptied_keeps_nothing(changes: list[tuple[int, Query | None]]) -> None:
    """Filters come and go for years."""
    index = Index()
    for number, tree in changes:
        if tree is not None:
            index.put(number, tree)
    for number in range(1, 10):
        index.remove(number)
    assert len(index) == 0
    assert not index._in_texts
    assert not index._in_names
    assert not index._asked


@pytest.mark.parametrize(
    "written",
    [
        "ferry",
        "night ferry",
        "fer*",
        '"net zer*"',
        "ferry OR rail",
        "rail OR ferry OR ferry",
        "ferry ferry",
        "ferry -rail",
        "ferry -(rail OR bus)",
        "ferry -(night rail)",
        "(ferry OR rail) (night OR day)",
        '"ferry net zero plan says"',
        '"says jude warren-hale"',
        "warren-hale",
        '"jude warren hal*"',
        "headline:ferry",
        "headline:fer*",
        'headline:"net zero"',
        "author:warren-hale",
        "author:war*",
        "author:warren-hal*",
        "author:fox ferry",
        "author:(fox OR rail)",
        "kind:wire",
        "kind:wire -rail",
        "topic:sea",
        "topic:trav*",
        "org:harbour",
        'org:"harbour boa*"',
        "ferry (rail OR -bus)",
        "ferry -(-ferry)",
        "ferry -rai*",
        '"night ferry net"',
        '"net zero plan"',
        'author:"jude warren-hale"',
        'author:"owen fox"',
        'topic:"sea travel"',
    ],
)
def test_every_shape_of_query_is_found(written: str) -> None:
    """Each is filed in another way."""
    index = Index()
    index.put(1, query.parse(written))
    index.put(2, query.parse(f"({written}) -night"))
    index.put(3, query.parse(f"rail OR ({written})"))
    assert index.hits(ROW) == {1, 3}


@pytest.mark.parametrize(
    "written",
    [
        "hale",
        "warren",
        "author:hale",
        "zer",
        "erry*",
        '"jude warren"',
        "kind:release",
        "author:night",
        "topic:ferry",
        "ferry -nig*",
        "ferry -(nig* pla*)",
        "ferry -(headline:night headline:plan)",
        "ferry -author:fox",
        "ferry (bus OR tram)",
        "(ferry OR rail) (bus OR tram)",
        "ferry (rail OR -night)",
    ],
)
def test_index_finds_no_more(written: str) -> None:
    """Half a name is nobody's."""
    index = Index()
    index.put(1, query.parse(written))
    assert index.hits(ROW) == set()


def test_crowded_words_change_nothing() -> None:
    """A filter is filed where few are already; what it asks for stays the same."""
    index = Index()
    for number in range(1, 9):
        index.put(number, query.parse("ferry"))
    index.put(9, query.parse("ferry (rail OR -bus)"))
    index.put(10, query.parse("ferry (night OR rail)"))
    index.put(11, query.parse("ferry (tram OR rail)"))
    assert index.hits(ROW) == {*range(1, 11)}


def test_removed_filter_finds_nothing_more() -> None:
    """Filters come and go while the bot runs; one that is unknown is no matter."""
    index = Index()
    index.put(1, query.parse("ferry"))
    index.put(2, query.parse("ferry"))
    index.remove(1)
    index.remove(7)
    assert index.hits(ROW) == {2}
    assert len(index) == 1


@pytest.mark.parametrize("written", ["ferry", "fer*", "headline:ferry", "headline:fer*", "author:fox", "rail OR fer*"])
def test_filters_that_ask_the_same_do_not_depend_on_each_other(written: str) -> None:
    """One of two channels unsubscribes, another subscribes after the first message."""
    index = Index()
    index.put(1, query.parse(written))
    index.put(2, query.parse(written))
    index.remove(1)
    assert index.hits(ROW) == {2}
    index.remove(2)
    assert index.hits(ROW) == set()
    index.put(3, query.parse(written))
    assert index.hits(ROW) == {3}


def test_filter_that_is_filed_stays_as_it_is() -> None:
    """A filter is never changed, only removed; putting it twice costs nothing."""
    index = Index()
    index.put(1, query.parse("ferry"))
    index.put(1, query.parse("rail"))
    assert index.hits(ROW) == {1}


@pytest.mark.parametrize("tree", [Not(Term(("rail",))), Any((Term(("ferry",)), Not(Term(("rail",)))))])
def test_what_requires_nothing_is_not_filed(tree: Query) -> None:
    """It would have to be looked at for every entry."""
    index = Index()
    with pytest.raises(QueryError):
        index.put(1, tree)
    assert len(index) == 0
    assert index.hits(ROW) == set()


def test_stored_filters_are_read_by_their_kind() -> None:
    """Who follows "Fox" means the author, or the organisation."""
    assert query_of("follow", "Fox") == query.author("Fox")
    assert query_of("match", "fox") == query_of("mute", "fox") == Term(("fox",))
