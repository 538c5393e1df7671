"""The query language: what people type becomes a tree, or an answer that says what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.filters import query
from bot.filters.query import QueryError
from bot.filters.tree import All, Any, Not, Query, Term, format_query
from tests.rules.invented import QUERIES, TYPED

NHS, PAY, RAIL = Term(("nhs",)), Term(("pay",)), Term(("rail",))
QUILL, TARRANT = Term(("quill",), "author"), Term(("tarrant",), "author")


@pytest.mark.parametrize(
    ("written", "tree"),
    [
        ("nhs", NHS),
        ("  NHS’s ", NHS),
        ("nhs pay", All((NHS, PAY))),
        ("nhs AND pay", All((NHS, PAY))),
        ("nhs OR pay", Any((NHS, PAY))),
        ("nhs pay OR rail", Any((All((NHS, PAY)), RAIL))),
        ("nhs (pay OR rail)", All((NHS, Any((PAY, RAIL))))),
        ("(nhs)(pay)", All((NHS, PAY))),
        ("nhs (pay rail)", All((NHS, PAY, RAIL))),
        ("nhs OR (pay OR rail)", Any((NHS, PAY, RAIL))),
        ("nhs -pay", All((NHS, Not(PAY)))),
        ("nhs –pay", All((NHS, Not(PAY)))),
        ("nhs —pay", All((NHS, Not(PAY)))),
        ("nhs NOT pay", All((NHS, Not(PAY)))),
        ("nhs AND NOT pay", All((NHS, Not(PAY)))),
        ("nhs -(pay OR rail)", All((NHS, Not(Any((PAY, RAIL)))))),
        ('"net zero"', Term(("net", "zero"))),
        ("“net zero”", Term(("net", "zero"))),
        ("‹net zero›", Term(("net", "zero"))),
        ("«Net-Zero»", Term(("net", "zero"))),
        ("net-zero", Term(("net", "zero"))),
        ("Rees-Mogg", Term(("rees", "mogg"))),
        ("R&D", Term(("r", "d"))),
        ("10:30", Term(("10", "30"))),
        ("u.k.", Term(("uk",))),
        ('"nhs"pay', All((NHS, PAY))),
        ("pens*", Term(("pens",), prefix=True)),
        ("pens＊", Term(("pens",), prefix=True)),
        ('"net zer*"', Term(("net", "zer"), prefix=True)),
        ('"net zer"*', Term(("net", "zer"), prefix=True)),
        ("author:qui*", Term(("qui",), "author", prefix=True)),
        ("author:quill", QUILL),
        ("author: quill", QUILL),
        ("AUTHOR:Quill", QUILL),
        ("author：quill", QUILL),
        ("by:quill", QUILL),
        ('by:"Rt Hon Quill MP"', QUILL),
        ("author:Sir-Quill", QUILL),
        ("-author:tarrant author:quill", All((Not(TARRANT), QUILL))),
        ("author:(quill OR tarrant)", Any((QUILL, TARRANT))),
        ("author:(quill -tarrant)", All((QUILL, Not(TARRANT)))),
        ("（nhs OR pay） rail", All((Any((NHS, PAY)), RAIL))),
        ("title:nhs", Term(("nhs",), "headline")),
        ("type:wire", Term(("wire",), "kind")),
        ("from:guardian", Term(("guardian",), "source")),
        ("#NetZero", Term(("#netzero",))),
        ("＃NetZero", Term(("#netzero",))),
        ("#Zoe\u0308", Term(("#zoe",))),
        ("#net*", Term(("#net",), prefix=True)),
        ("@Quill", Term(("@quill",))),
        ("headline:#netzero", Term(("#netzero",), "headline")),
        ("author:@quill", QUILL),
        ('"or"', Term(("or",))),
        ("or", Term(("or",))),
        ('"a? b|c"', Term(("a", "b", "c"))),
    ],
)
def test_query_is_read(written: str, tree: Query) -> None:
    """What people type has one meaning."""
    assert query.parse(written) == tree


@pytest.mark.parametrize(
    ("written", "position", "part"),
    [
        ("", 0, "at least one word"),
        ("   ", 3, "at least one word"),
        ("-football", 0, "use mute"),
        ("-(a) -b", 0, "use mute"),
        ("-(-nhs)", 0, "use mute"),
        ("ferry OR -football", 0, "leave out"),
        ('nhs "net zero', 4, "never closed"),
        ("nhs “net zero", 4, "never closed"),
        ("(nhs", 4, "add )"),
        ("nhs (pay", 8, "for the ( at character 5"),
        ("nhs)", 3, "remove it"),
        ("()", 1, "between the parentheses"),
        ("nhs OR", 6, "both sides"),
        ("OR nhs", 0, "both sides"),
        ("nhs OR OR pay", 7, "both sides"),
        ("nhs AND", 7, "after AND"),
        ("nhs AND AND pay", 8, "after AND"),
        ("AND nhs", 0, "Expected a word"),
        ("nhs NOT", 4, "after NOT"),
        ("nhs -)", 4, "after -"),
        ("nhs NOT -pay", 8, "keep one"),
        ("nhs --pay", 5, "keep one"),
        ("nhs - pay", 4, "right before it"),
        ("nhs – pay", 4, "right before it"),
        ("colour:red", 0, "There are headline:"),
        ("autor:quill", 0, "Did you mean author:?"),
        ("nhs :quill", 4, "right before its colon"),
        ("author:", 7, "after author:"),
        ("author:-quill", 7, "-author:"),
        ("author:(by:quill)", 8, "outside"),
        ("kind:film", 5, "there are wire and release"),
        ("kind:wire*", 5, "there are wire and release"),
        ('kind:"wire release"', 5, "there are wire and release"),
        ("nhs & more", 4, "leave it out"),
        ("nhs || more", 4, "write OR"),
        ("nhs|more", 0, "write OR"),
        ("nhs / more", 4, "write OR"),
        ("+nhs", 0, "leave out the +"),
        ("nhs !pay", 4, "write a - before it"),
        ("(i?)", 1, "no regular expressions"),
        ("(?i)nhs", 1, "no regular expressions"),
        ("^nhs$", 0, "no regular expressions"),
        ("nhs$", 0, "no regular expressions"),
        ("a.*b", 0, "no regular expressions"),
        ("/x/", 0, "no regular expressions"),
        ("/x/i", 0, "no regular expressions"),
        ("nhs[ab]", 0, "no regular expressions"),
        (r"\bnhs\b", 0, "no regular expressions"),
        ("n{2}hs", 0, "no regular expressions"),
        ("nhs …", 4, "letters or digits"),
        ("nhs ⚠️", 4, "letters or digits"),
        ('nhs ""', 4, "letters or digits"),
        ("#net-zero", 0, "letters, digits and underscores"),
        ("nhs #", 4, "letters, digits and underscores"),
        ("pe*", 2, "at least 3 letters"),
        ('"net ze*"', 7, "at least 3 letters"),
        ("#ne*", 3, "at least 3 letters"),
        ("*nhs", 0, "end of a word"),
        ("p*ns", 1, "end of a word"),
        ("pens**", 4, "end of a word"),
        ('"pens *"', 6, "end of a word"),
        ("x" * 501, 60, "500"),
        ("(" * 12 + "a" + ")" * 12, 11, "10 deep"),
    ],
)
def test_unreadable_query_says_where_and_what(written: str, position: int, part: str) -> None:
    """People mend a query that points at its mistake and says what to type instead."""
    with pytest.raises(QueryError) as caught:
        query.parse(written)
    assert caught.value.position == position
    assert part in caught.value.problem
    shown, caret, problem = caught.value.lines()
    assert caret == " " * position + "^"
    assert problem.endswith((".", "?"))
    assert len(shown) <= 501


def test_caret_stands_under_its_character_after_a_line_break() -> None:
    """What is pasted may have several lines; the query is shown in one."""
    with pytest.raises(QueryError) as caught:
        query.parse("nhs\npay\t)")
    assert caught.value.lines()[:2] == ("nhs pay )", "        ^")


@pytest.mark.parametrize(
    "written", ["nhs" + " " * 497, "(" * 10 + "nhs" + ")" * 10, "author:" + "(" * 10 + "a" + ")" * 10]
)
def test_limits_are_reached_and_not_passed(written: str) -> None:
    """The greatest that is allowed is allowed."""
    assert query.parse(written)


@pytest.mark.parametrize("written", ["title:(" + "(a b) OR " * 50 + "c)", "ﷺ " * 40])
def test_query_too_long_to_be_stored_is_refused(written: str) -> None:
    """Filters are kept as the bot writes them, and must be read again."""
    assert len(written) <= query.LONGEST
    with pytest.raises(QueryError, match=r"Written out, this has [\d,]+ characters"):
        query.parse(written)


@pytest.mark.parametrize(
    ("written", "formatted"),
    [
        ("NHS’s  pay", "nhs pay"),
        ("(a) (b OR (c d))", "a (b OR c d)"),
        ("a -(b c)", "a -(b c)"),
        ("author:(quill OR TARRANT)", "author:(quill OR tarrant)"),
        ("author:quill OR by:tarrant", "author:(quill OR tarrant)"),
        ("nhs author:quill author:tarrant", "nhs author:quill author:tarrant"),
        ("nhs (by:quill OR by:tarrant)", "nhs author:(quill OR tarrant)"),
        ("nhs -(by:quill OR by:tarrant)", "nhs -author:(quill OR tarrant)"),
        ("title:(a -b)", "headline:(a -b)"),
        ("by:a by:b OR by:c", "author:a author:b OR author:c"),
        ("net-zero", '"net zero"'),
        ('author:"warren-hal*"', 'author:"warren hal*"'),
    ],
)
def test_query_is_written_back_in_one_way(written: str, formatted: str) -> None:
    """The same filter typed twice is recognised."""
    assert format_query(query.parse(written)) == formatted
    assert query.parse(formatted) == query.parse(written)


@given(st.one_of(QUERIES, TYPED))
def test_written_query_reads_as_itself(written: str) -> None:
    """Filters are stored as text: what is read back must be what was meant. All else is refused in words."""
    try:
        tree = query.parse(written)
    except QueryError as error:
        shown, caret, problem = error.lines()
        meant = error.query[error.position : error.position + 1]
        assert 0 <= error.position <= len(error.query)
        assert shown[len(caret) - 1 : len(caret)] == (" " if meant.isspace() else meant)
        assert len(problem.splitlines()) == 1
    else:
        assert query.parse(format_query(tree)) == tree
        assert isinstance(query.hints(written), tuple)


@given(QUERIES)
def test_most_of_what_is_invented_here_can_be_read(written: str) -> None:
    """Properties say nothing about queries that are refused: these reasons only are meant."""
    try:
        query.parse(written)
    except QueryError as error:
        assert any(reason in error.problem for reason in ("leave out", "3 letters", "Parentheses go", "Written out"))


@given(st.lists(QUERIES, min_size=2, max_size=4), st.integers(min_value=1, max_value=12))
def test_deeply_nested_query_is_read_back_or_refused(parts: list[str], depth: int) -> None:
    """Writing a query back must not make it deeper than it may be."""
    written = parts[0]
    for number in range(depth):
        written = f"a ({written} OR by:{'bc'[number % 2]} by:d)"
    assume(len(written) <= query.LONGEST)
    try:
        tree = query.parse(written)
    except QueryError:
        return
    assert query.parse(format_query(tree)) == tree


@pytest.mark.parametrize("name", ["", "…", "x" * 501])
def test_nobody_cannot_be_followed(name: str) -> None:
    """A name has letters, and an end."""
    with pytest.raises(QueryError, match="Expected the name of an author"):
        query.author(name)


@given(st.sampled_from(["Marta Quill", "Sir-Hale", "Rt Hon Jude Warren-Hale MP", "Lord", "Ferries, Tides & Coast"]))
def test_following_is_a_query_that_reads_as_itself(name: str) -> None:
    """What is followed is shown, too."""
    tree = query.author(name)
    assert query.parse(format_query(tree)) == tree


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ("nhs or pay", "OR"),
        ("nhs not pay", "NOT"),
        ("nhs, pay", "comma"),
        ("'net zero'", "Single quotation marks"),
        ("‘net zero’", "Single quotation marks"),
        ("nhs OR pay -rail", ""),
        ("don’t “a, or b” MPs’ pay", ""),
    ],
)
def test_query_that_may_be_meant_otherwise_is_remarked_on(written: str, part: str) -> None:
    """It is saved as it stands, and whoever typed it learns how it is read."""
    hints = " ".join(query.hints(written))
    assert part in hints
    assert bool(hints) == bool(part)
