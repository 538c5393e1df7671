"""What stands out in a message: exactly what the filter found, in the words of the original."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import text
from bot.filters import document, query
from bot.filters.explaining import MOST as MOST_EXPLAINED
from bot.filters.explaining import explained
from bot.filters.marks import MOST, marks
from bot.filters.people import Aliases
from bot.filters.tree import Term
from bot.model import Channel, Delivery, Entry, Found, Reason
from bot.story import pieces, tell

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def terms(*written: str) -> list[Term]:
    """Read terms as people type them."""
    return [term for term in map(query.parse, written) if isinstance(term, Term)]


def shown(original: str, *written: str) -> list[str]:
    """Cut out what is marked."""
    return [original[start:end] for start, end in marks(original, terms(*written))]


@pytest.mark.parametrize(
    ("original", "written", "marked"),
    [
        ("Cuts at “NHS’s” ferries", "nhs", ["NHS’s"]),
        ("The U.K.’s ferries", "uk", ["U.K.’s"]),
        ("the 'night ferry', (ferry)", "ferry", ["ferry", "ferry"]),
        ("A post-Brexit ferry", "brexit", ["post-Brexit"]),
        ("Nurses/doctors—ferries…again", "doctors", ["doctors"]),
        ("Nurses/doctors—ferries…again", "ferries", ["ferries"]),
        ("Net—“zero”, they say", '"net zero"', ["Net—“zero"]),
        ("Net-Zero, NET zero and zero net", '"net zero"', ["Net-Zero", "NET zero"]),
        ("Owen Tarrant-Quill, Quill", '"tarrant quill"', ["Tarrant-Quill"]),
        ("Owen Tarrant-Quill, Quill", "quill", ["Quill"]),
        ("Ask Owen Tarrant-Quill", '"owen tarrant quill"', ["Owen Tarrant-Quill"]),
        ("“Pensioners’ pens”, open", "pens*", ["Pensioners", "pens"]),
        ("On (#Ferry), Ferry and @ferry", "#ferry", ["#Ferry"]),
        ("On (#Ferry), Ferry and @ferry", "ferry", ["#Ferry", "Ferry", "@ferry"]),
        ("Le Cafe\u0301. Café", "cafe", ["Cafe\u0301", "Café"]),
        ("👩‍👧‍👦ferry👩‍👧‍👦", "ferry", ["ferry"]),
        ("\u202bעולם\u202c, ferry", "עולם", ["עולם"]),
        ("Ferry", "director", []),
        ("Director", "tor", []),
    ],
)
def test_whole_words_are_marked_as_they_stand(original: str, written: str, marked: list[str]) -> None:
    """A reader sees at once why a message came; half a word, or its quotation mark, would look like an error."""
    assert shown(original, written) == marked


def test_terms_that_overlap_are_one_mark() -> None:
    """Markup inside of markup of the same kind is refused, or means nothing."""
    assert shown("Net zero carbon ferry", '"net zero"', '"zero carbon"', "zero", "ferry") == [
        "Net zero carbon",
        "ferry",
    ]


def test_few_marks_are_made() -> None:
    """Where everything stands out nothing does, and a message holds a hundred entities."""
    assert len(marks("ferry, " * 50, terms("ferry"))) == MOST


HARD_WORDS = """
    NHS NHS’s “NHS’s” post-Brexit Brexit net-zero Net zero Rees-Mogg rees mogg Duncan-Smith #NHS @nhs (#_nhs_) U.S. us
    U.K.’s nurses/doctors nhs—us — - -- nhs--us …nhs… 2019–2024 2024 5㎢ 5km2 ½ café cafe\u0301 ﬁre fire don’t 'nhs's'
    👩‍👧 ❤\ufe0fNHS n\u00adhs हिन्दी שלום nhs_us a@b.uk c# __ ' nhs\u200bus ª ǅ İ
"""
WORDS = st.sampled_from(HARD_WORDS.split())
SPACES = st.sampled_from([" ", " ", "  ", "\n\n", "\u00a0", ", ", ""])
TEXTS = st.one_of(
    st.lists(st.tuples(WORDS, SPACES), max_size=12).map(lambda each: "".join(word + space for word, space in each)),
    st.text(max_size=40),
    st.text(alphabet="aA1'’-–._#@/ \u0301\ufe0f\u200d℠", max_size=20),
)


@st.composite
def looked_for(draw: st.DrawFn) -> tuple[str, list[Term]]:
    """Draw a text, and terms of which some are taken from it and some from another."""
    original = draw(TEXTS)
    found = []
    for each in draw(st.lists(st.one_of(st.just(original), TEXTS), min_size=1, max_size=3)):
        tags = [word for word in text.words(each) if word[0] in "#@"]
        row = tags or list(text.tokens(each))
        start = draw(st.integers(0, max(len(row) - 1, 0)))
        words = row[start : start + draw(st.integers(1, 1 if tags else 4))]
        prefix = draw(st.booleans())
        if words and prefix:
            words[-1] = words[-1][: draw(st.integers(2, 9))]
        if words:
            found.append(Term(tuple(words), "", prefix))
    return original, found


def holds(original: str, term: Term) -> bool:
    """Ask evaluation."""
    return document.holds(" ".join(text.words(original)), term.words, prefix=term.prefix)


@given(looked_for())
def test_marked_is_what_evaluation_finds(drawn: tuple[str, list[Term]]) -> None:
    """A filter that found something shows it, and one that did not shows nothing."""
    original, found = drawn
    for term in found:
        assert bool(marks(original, [term])) == holds(original, term)
    for start, end in marks(original, found):
        assert any(holds(original[start:end], term) for term in found)


@given(looked_for())
def test_marks_cut_a_text_into_pieces_that_join_again(drawn: tuple[str, list[Term]]) -> None:
    """Whatever stands out, the words are those of the source."""
    original, found = drawn
    marked = marks(original, found)
    places = [place for each in marked for place in each]
    assert places == sorted(places)
    cut = list(pieces(original, marked))
    assert "".join(piece for piece, _ in cut) == original
    assert all(piece for piece, _ in cut)
    assert any(stands_out for _, stands_out in cut) == bool(marked)


@given(TEXTS)
def test_spans_have_the_words_of_the_text(original: str) -> None:
    """Cutting a text into words must not change what they are."""
    assert sorted(word for _, _, words in text.spans(original) for word in words if word != "|") == sorted(
        word for word in text.words(original) if word != "|"
    )


def test_marks_beyond_a_later_cut_are_left_out() -> None:
    """A terminal shows less of the lede than the message was marked for."""
    marked = marks("Ferry votes on the night ferry", terms("ferry"))
    assert list(pieces("Ferry votes on…", marked)) == [("Ferry", True), (" votes on…", False)]


def delivery(*reasons: Reason) -> Delivery:
    """Make a delivery as it is claimed: nothing says what was found."""
    entry = Entry(
        key="k",
        kind="wire",
        headline="Ferry vote survives",
        author="Marta Quill",
        id=1,
        source="wire",
        source_name="PhiWire",
        first_seen_at=NOW,
    )
    return Delivery(1, Channel(1, "telegram", "7"), entry, reasons, 1)


def test_reasons_say_what_was_found_where() -> None:
    """Only the queries are stored: what they found is in the entry still."""
    follow, match = Reason(1, "follow", "MQ", "Ada", NOW), Reason(2, "match", "(vote OR bus) -rail", "Ada", NOW)
    aliases = Aliases({"mq": ("marta quill", "mq"), "marta quill": ("marta quill", "mq")})
    made = explained(delivery(follow, match), aliases)
    assert [reason.found for reason in made.reasons] == [
        (Found("author:mq", ("author",)),),
        (Found("vote", ("headline",)),),
    ]


def test_query_that_cannot_be_read_any_more_found_nothing() -> None:
    """A language changes; what was stored in an older one must not stop the news."""
    broken, match = Reason(1, "match", "((", "Ada", NOW), Reason(2, "match", "vote", "Ada", NOW)
    assert [bool(reason.found) for reason in explained(delivery(broken, match)).reasons] == [False, True]


def test_many_reasons_are_not_all_explained() -> None:
    """Nobody reads so many, and the next message waits."""
    reasons = [Reason(number, "match", "vote", "Ada", NOW) for number in range(MOST_EXPLAINED + 5)]
    made = explained(delivery(*reasons))
    assert [bool(reason.found) for reason in made.reasons] == [True] * MOST_EXPLAINED + [False] * 5


def test_withdrawn_release_says_so_before_its_headline() -> None:
    """Nobody must quote what its publisher does not stand by; the words that were looked for stand out as before."""
    made = explained(delivery(Reason(1, "match", "vote", "Ada", NOW)))
    told = tell(replace(made, entry=replace(made.entry, withdrawn=True)), NOW)
    assert told.headline == "Withdrawn: Ferry vote survives"
    assert [piece for piece, stands_out in pieces(told.headline, told.in_headline) if stands_out] == ["vote"]
