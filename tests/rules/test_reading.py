"""Reading a stored filter by its shape is only a faster way to what parsing gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.filters import query
from bot.filters.clauses import Clause, Simple, clauses
from bot.filters.document import Document
from bot.filters.evaluation import found
from bot.filters.query import QueryError
from bot.filters.reading import clauses_of, required_word
from bot.filters.tree import format_query
from bot.model import Item
from tests.rules.invented import ITEMS, QUERIES, TYPED

WORDS = st.sampled_from(["ferry", "net", "lord", "by", "mp", "ab", "2030", "or", "post", "fox"])
PHRASES = st.lists(WORDS, min_size=1, max_size=4).map(lambda words: f'"{" ".join(words)}"')
FIELDS = st.sampled_from(["", "", "", "author:", "org:", "topic:", "headline:", "kind:", "by:", "-", "-author:"])
PLAIN = st.builds("{}{}{}".format, FIELDS, st.one_of(WORDS, PHRASES), st.sampled_from(["", "", "", "*"]))
JOINED = st.builds(
    lambda parts, between: between.join(parts),
    st.lists(PLAIN, min_size=1, max_size=4),
    st.sampled_from([" ", " OR ", " (", ") ", " -(", "-", " NOT ", "  "]),
)


def parsed(written: str) -> list[Simple | Clause] | str:
    """Read a query the long way, or say how it is refused."""
    try:
        return clauses(query.parse(written))
    except QueryError as error:
        return error.problem


def read(written: str) -> list[Simple | Clause] | str:
    """Read a query as a stored filter, or say how it is refused."""
    try:
        return list(clauses_of("match", written))
    except QueryError as error:
        return error.problem


@given(st.one_of(JOINED, QUERIES, TYPED))
def test_every_query_is_read_as_it_is_parsed(written: str) -> None:
    """Whatever stands in the table, by this version or another or by hand."""
    assert read(written) == parsed(written)


@pytest.mark.parametrize(
    "written",
    ['"net zero"-(rail)', 'author:"net zero"-(rail)', '"a b" OR "c d"-(x OR y)', '"a b"-', '"a b"- rail', "a-b"],
)
def test_hyphen_after_a_term_is_the_parsers(written: str) -> None:
    """After a word it is a part of it, after a phrase it leaves out, or means nothing."""
    assert read(written) == parsed(written)


@given(QUERIES)
def test_stored_query_is_read_as_it_is_parsed(typed: str) -> None:
    """Stored queries are those that shapes are made for."""
    try:
        written = format_query(query.parse(typed))
    except QueryError:
        return
    assert read(written) == parsed(written)


@given(st.one_of(JOINED, QUERIES, TYPED), ITEMS)
def test_no_entry_without_the_required_word_satisfies_a_filter(written: str, item: Item) -> None:
    """A filter waits unread under that word."""
    word = required_word("match", written)
    if word is None:
        return
    document = Document(item)
    if found(query.parse(written), document) is not None:
        assert word in {part for each in document.words() for part in each.split("-")}


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("ferry", "ferry"),
        ("ferry -rail", "ferry"),
        ('"net zero" ferry -"day return"', "net"),
        ("ferry OR rail", None),
        ("(ferry OR rail) night", None),
        ("fer*", None),
        ('"net zer*"', None),
        ("author:fox ferry", None),
        ("-rail ferry", None),
        ('"net zero', None),
        ("#ferry", None),
        ("Ferry", None),
    ],
)
def test_plain_queries_have_a_required_word(written: str, word: str | None) -> None:
    """What needs more than a look at the text is read at once."""
    assert required_word("match", written) == word


def test_followed_author_is_no_word() -> None:
    """Who follows "fox" means the author."""
    assert required_word("follow", "fox") is None
    assert clauses_of("follow", "Fox") == clauses(query.author("Fox"))
