"""The index is only a faster way to the same answer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.filters import query
from bot.filters.clauses import clauses
from bot.filters.document import Document
from bot.filters.evaluation import found
from bot.filters.index import MOST_COPIED, MOST_UNREAD, Index
from bot.filters.people import NO_ALIASES, Aliases
from bot.filters.query import QueryError
from bot.filters.reading import query_of
from bot.filters.tree import Any, Not, Query, Term, format_query
from bot.model import Item, SubscriptionKind
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


def filter_of(written: str) -> tuple[SubscriptionKind, str] | None:
    """Make a filter of a query; None where it is refused."""
    try:
        query.parse(written)
    except QueryError:
        return None
    return "match", written


def stored(written: str) -> tuple[SubscriptionKind, str] | None:
    """Make a filter of a query as it is stored."""
    return None if filter_of(written) is None else ("match", format_query(query.parse(written)))


FILTERS = st.one_of(
    QUERIES.map(filter_of).filter(bool),
    QUERIES.map(stored).filter(bool),
    st.tuples(st.just("follow"), st.sampled_from(PEOPLE)),
)
NUMBERS = st.integers(min_value=1, max_value=9)
CHANGES = st.lists(st.tuples(NUMBERS, st.one_of(FILTERS, FILTERS, st.none())), max_size=16)


@settings(max_examples=200)
@given(
    changes=CHANGES,
    items=st.lists(ITEMS, min_size=1, max_size=3),
    aliases=st.sampled_from([NO_ALIASES, ALIASES]),
    between=st.booleans(),
    crowd=st.sampled_from([0, 1, 200]),
)
def test_index_finds_exactly_what_evaluation_finds(
    changes: list[tuple[int, tuple[SubscriptionKind, str] | None]],
    items: list[Item],
    aliases: Aliases,
    between: bool,
    crowd: int,
) -> None:
    """Whatever was filed and taken out before, in whatever order, with entries between or none, crowded or not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.filters.index.MOST_COPIED", crowd)
        patch.setattr("bot.filters.index.MOST_UNREAD", crowd or 1)
        _compare(changes, items, aliases, between=between)


def _compare(
    changes: list[tuple[int, tuple[SubscriptionKind, str] | None]],
    items: list[Item],
    aliases: Aliases,
    *,
    between: bool,
) -> None:
    index = Index()
    filed: dict[int, Query] = {}
    for number, wanted in changes:
        if wanted is None:
            index.remove(number)
            filed.pop(number, None)
        elif number not in filed:
            index.put(number, *wanted)
            filed[number] = query_of(*wanted)
        if between:
            # What is remembered of one entry must not stand in the way of what is filed afterwards.
            index.hits(Document(items[0]))
    assert len(index) == len(filed)
    for item in items:
        document = Document(item, "council-wire", "The Council Wire", aliases)
        naive = {number for number, tree in filed.items() if found(tree, document) is not None}
        assert index.hits(document) == naive


@given(CHANGES, ITEMS)
def test_index_that_is_emptied_keeps_nothing(
    changes: list[tuple[int, tuple[SubscriptionKind, str] | None]], item: Item
) -> None:
    """Filters come and go for years."""
    index = Index()
    for number, wanted in changes:
        if wanted is not None:
            index.put(number, *wanted)
        index.hits(Document(item))
    for number in range(1, 10):
        index.remove(number)
    assert len(index) == 0
    assert not index._unread
    assert len(index._shelf) == 0


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
    index.put(1, "match", written)
    index.put(2, "match", f"({written}) -night")
    index.put(3, "match", f"rail OR ({written})")
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
    index.put(1, "match", written)
    assert index.hits(ROW) == set()


def test_crowded_words_change_nothing() -> None:
    """A filter is filed where few are already; what it asks for stays the same."""
    index = Index()
    for number in range(1, 9):
        index.put(number, "match", "ferry")
    index.put(9, "match", "ferry (rail OR -bus)")
    index.put(10, "match", "ferry (night OR rail)")
    index.put(11, "match", "ferry (tram OR rail)")
    assert index.hits(ROW) == {*range(1, 11)}


def test_removed_filter_finds_nothing_more() -> None:
    """Filters come and go while the bot runs; one that is unknown is no matter."""
    index = Index()
    index.put(1, "match", "ferry")
    index.put(2, "match", "ferry")
    index.remove(1)
    index.remove(7)
    assert index.hits(ROW) == {2}
    assert len(index) == 1


@pytest.mark.parametrize("written", ["ferry", "fer*", "headline:ferry", "headline:fer*", "author:fox", "rail OR fer*"])
def test_filters_that_ask_the_same_do_not_depend_on_each_other(written: str) -> None:
    """One of two channels unsubscribes, another subscribes after the first message."""
    index = Index()
    index.put(1, "match", written)
    index.put(2, "match", written)
    index.remove(1)
    assert index.hits(ROW) == {2}
    index.remove(2)
    assert index.hits(ROW) == set()
    index.put(3, "match", written)
    assert index.hits(ROW) == {3}


def test_no_entry_waits_until_thousands_of_filters_are_read() -> None:
    """A word that everybody asks for has its filters read when they are filed; they are found all the same."""
    index = Index()
    numbers = set(range(1, MOST_UNREAD + 4))
    for number in numbers:
        index.put(number, "match", "ferry")
    assert len(index._unread["ferry"]) == MOST_UNREAD
    for number in (1, MOST_UNREAD + 1):
        index.remove(number)
    assert index.hits(ROW) == numbers - {1, MOST_UNREAD + 1}


def test_much_that_is_asked_under_one_beginning_is_found_by_every_word_that_begins_so() -> None:
    """Such words share it; what else is asked of them is found beside it."""
    index = Index()
    for number in range(1, MOST_COPIED + 3):
        index.put(number, "match", "fer*")
    index.put(900, "match", "fer* rail")
    index.put(901, "match", "fer* night -day")
    index.put(902, "match", "fer* -night")
    index.put(903, "match", "ferry OR bus")
    everybody = set(range(1, MOST_COPIED + 3))
    assert index.hits(ROW) == everybody | {901, 903}
    assert index.hits(Document(Item("k", "wire", "Ferns, ferrets and fern rail"))) == everybody | {900, 902}
    index.remove(1)
    assert index.hits(ROW) == (everybody - {1}) | {901, 903}


@settings(max_examples=50)
@given(changes=CHANGES, item=ITEMS, times=st.integers(1, 6))
def test_long_texts_are_read_like_short_ones(
    changes: list[tuple[int, tuple[SubscriptionKind, str] | None]], item: Item, times: int
) -> None:
    """They repeat their words, and each is looked at once."""
    index = Index()
    filed: dict[int, Query] = {}
    for number, wanted in changes:
        if wanted is not None and number not in filed:
            index.put(number, *wanted)
            filed[number] = query_of(*wanted)
    document = Document(replace(item, body=" and so on, ".join([item.headline, item.body] * times * 8)))
    assert index.hits(document) == {number for number, tree in filed.items() if found(tree, document) is not None}


def test_crowd_that_waits_and_crowd_that_is_read_are_found_together() -> None:
    """Also what is filed after the first entry."""
    index = Index()
    everybody = set(range(1, MOST_UNREAD + MOST_COPIED + 50))
    for number in everybody:
        index.put(number, "match", "ferry")
    assert index.hits(ROW) == everybody
    index.put(900, "match", "ferry")
    index.put(901, "match", "ferry -night")
    index.put(902, "match", "ferry OR bus")
    assert index.hits(ROW) == everybody | {900, 902}
    index.remove(1)
    assert index.hits(ROW) == (everybody | {900, 902}) - {1}


def test_filter_is_read_when_an_entry_has_its_word_in_a_name() -> None:
    """It waits under "jude" or "warren", and the entry has "jude warren-hale"."""
    index = Index()
    index.put(1, "match", '"warren hale"')
    index.put(2, "match", '"jude warren hale" -rail')
    index.put(3, "match", '"hale and owen"')
    assert index.hits(ROW) == {1, 2}


def test_filter_that_is_filed_stays_as_it_is() -> None:
    """A filter is never changed, only removed; putting it twice costs nothing."""
    index = Index()
    index.put(1, "match", "ferry")
    index.put(1, "match", "rail")
    assert index.hits(ROW) == {1}


@pytest.mark.parametrize("tree", [Not(Term(("rail",))), Any((Term(("ferry",)), Not(Term(("rail",)))))])
def test_what_requires_nothing_is_not_filed(tree: Query) -> None:
    """It would have to be looked at for every entry."""
    with pytest.raises(QueryError):
        clauses(tree)


def test_stored_filters_are_read_by_their_kind() -> None:
    """Who follows "Fox" means the author, or the organisation."""
    assert query_of("follow", "Fox") == query.author("Fox")
    assert query_of("match", "fox") == query_of("mute", "fox") == Term(("fox",))
