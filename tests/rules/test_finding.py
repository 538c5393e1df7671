"""What a query finds in an entry, and what the bot says about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.filters import evaluation, query
from bot.filters.document import Document, of_entry
from bot.model import Entry, Found, Item
from tests.rules.invented import CAPITALS, HYPHENS, PASSAGES, WORDS, Piece, told
from tests.rules.test_sources_seeds import entries, seed

ROW = Item(
    "k",
    "wire",
    "Ferry subsidy survives the Director’s cut | by one #CoastBudget",
    author="By Marta Quill MP and Owen Tarrant",
)
RELEASE = Item(
    "k",
    "release",
    "Night ferry",
    organisation="Department for Coastal Affairs",
    topic="Transport",
    summary="What sails after ten",
    body="Net-zero ships.\n\nThe U.K.’s first, says @coast.",
)


def finds(written: str, item: Item = ROW) -> bool:
    """Tell whether a query finds an entry."""
    return evaluation.found(query.parse(written), Document(item, "phiwire", "PhiWire Live")) is not None


@pytest.mark.parametrize(
    "written",
    [
        "ferry",
        "FERRY",
        "‘ferry’",
        "ferry subsidy",
        "subsidy AND ferry",
        '"ferry subsidy"',
        "“Ferry Subsidy”",
        "‹ferry subsidy›",
        '"director’s cut"',
        '"directors cut" OR "director cut"',
        '"cut by one"',
        "rail OR ferry",
        "ferry -football",
        "ferry NOT football",
        "ferry (rail OR subsidy)",
        "ferry -(rail OR football)",
        "ferry -(rail football)",
        "ferry -(rail subsidy)",
        "ferr*",
        '"ferry sub*"',
        "quill",
        "#coastbudget",
        "#coast*",
        "coastbudget",
        "coastb*",
        "author:quill",
        'author:"marta quill"',
        "author:(rail OR quill)",
        "source:phiwire",
        'source:"phiwire live"',
        "kind:wire",
        "headline:director",
        "headline:#coastbudget",
    ],
)
def test_query_finds(written: str) -> None:
    """Each of these is how people ask for the same row."""
    assert finds(written)


@pytest.mark.parametrize(
    "written",
    [
        "tor",
        "fer",
        "ferries",
        "erry*",
        '"subsidy ferry"',
        '"ferry survives"',
        '"ferry surv*"',
        '"one marta"',
        '"tarrant ferry"',
        "ferry -subsidy",
        "ferry -sub*",
        "ferry -#coastbudget",
        "ferry -(rail OR subsidy)",
        "rail OR bus",
        "#coast",
        "coast",
        "@coastbudget",
        "#ferry",
        "author:quil",
        "author:ferry",
        "author:marta author:ferry",
        "headline:quill",
        "kind:release",
        "org:quill",
        "topic:ferry",
        "source:wire",
    ],
)
def test_query_does_not_find(written: str) -> None:
    """Whole words, in order, in the field that was named, and nothing that was excluded."""
    assert not finds(written)


@pytest.mark.parametrize(
    "written",
    [
        "org:coastal",
        'org:"department for coastal affairs"',
        "coastal",
        '"net zero"',
        "net-zero",
        "zero",
        "transport",
        "topic:transport",
        "topic:trans*",
        "sails",
        "uk",
        "u.k.",
        "@coast",
        "kind:release ferry",
    ],
)
def test_bare_words_look_everywhere_an_entry_has_text(written: str) -> None:
    """A release's topic and body count like its headline."""
    assert finds(written, RELEASE)


@pytest.mark.parametrize("written", ['"ferry department"', '"affairs transport"', '"ten net"', '"transport what"'])
def test_no_phrase_runs_from_one_text_into_the_next(written: str) -> None:
    """A headline does not go on in the name of its publisher."""
    assert not finds(written, RELEASE)


@pytest.mark.parametrize(
    ("written", "headline"),
    [
        ("tor", "The Director of the Tories"),
        ("isis", "Crisis talks"),
        ("fox", "Fox-IT finds a hole"),
        ("baptiste", "Jean-Baptiste wins"),
        ("rees", "Jacob Rees-Mogg"),
        ("un", "Kim Jong-un"),
        ("us", "The bus"),
        ("brexit", "#BrexitShambles"),
        ("ship", "Friendship"),
    ],
)
def test_no_word_is_found_in_another(written: str, headline: str) -> None:
    """What peers' users complained about most."""
    assert not finds(written, Item("k", "wire", headline))


def test_source_is_found_by_its_words_long_or_short() -> None:
    """A short name has hyphens where others have spaces."""
    entry = Entry(
        "k",
        "wire",
        "Ferry",
        id=1,
        source="harbour-politics",
        source_name="The Tide",
        first_seen_at=datetime(2026, 3, 4, tzinfo=UTC),
    )
    for written in ("source:harbour", "source:politics", "source:harbour-politics", "source:tide", "from:harb*"):
        assert evaluation.found(query.parse(written), of_entry(entry)) is not None
    assert evaluation.found(query.parse("source:ferry"), of_entry(entry)) is None


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("nhs", 3),
        ('"stricken nhs"', 3),
        ("author:hardman", 0),
        ('author:"ed balls"', 3),
        ("duncan-smith", 1),
        ('"iain duncan smith"', 1),
        ("obama", 2),
        ("lose-lose", 2),
        ("hunt", 0),
        ('"it\'s time"', 4),
    ],
)
def test_seed_headlines_are_found(written: str, number: int) -> None:
    """The very rows that this bot was asked to relay."""
    rows = [Item("k", "wire", headline, author=author) for author, headline, _ in entries(seed(0))]
    assert [finds(written, row) for row in rows] == [at == number for at in range(len(rows))]


@pytest.mark.parametrize("written", ["duncan", "smith", '"iain duncan"', "private-school", "tic", "mainstreams"])
def test_seed_headlines_are_not_found_by_parts_of_words(written: str) -> None:
    """Half a surname is somebody else."""
    assert not any(
        finds(written, Item("k", "wire", headline, author=author)) for author, headline, _ in entries(seed(0))
    )


def test_what_was_found_is_told_with_its_place() -> None:
    """A message says why it came."""
    tree = query.parse('rail OR "ferry sub*" author:quill (cut OR bus) -football quill')
    assert evaluation.explain(tree, Document(ROW)) == (
        Found('"ferry sub*"', ("headline",)),
        Found("author:quill", ("author",)),
        Found("cut", ("headline",)),
        Found("quill", ("author",)),
    )
    assert evaluation.explain(query.parse("rail"), Document(ROW)) == ()
    assert evaluation.explain(query.parse("cut cut (cut OR rail)"), Document(ROW)) == (Found("cut", ("headline",)),)


@pytest.mark.parametrize(
    ("written", "where"),
    [
        ("ferry", ("headline",)),
        ("affairs", ("organisation",)),
        ("transport", ("topic",)),
        ("ten", ("summary",)),
        ("@coast", ("body",)),
        ("org:affairs", ("organisation",)),
        ("topic:transport", ("topic",)),
        ("kind:release", ("kind",)),
        ("source:phiwire", ("source",)),
    ],
)
def test_each_term_is_found_in_its_place(written: str, where: tuple[str, ...]) -> None:
    """To read "in the body" saves opening the headline's page."""
    (told_of,) = evaluation.explain(query.parse(written), Document(RELEASE, "phiwire"))
    assert told_of == Found(written, where)


@pytest.mark.parametrize(
    ("written", "absent", "present"),
    [
        ("ferry", (), ()),
        ("rail", ("rail",), ()),
        ("ferry rail bus", ("rail", "bus"), ()),
        ("ferry (rail OR bus)", ("rail OR bus",), ()),
        ("rail OR bus", ("rail OR bus",), ()),
        ("ferry -subsidy -rail", (), ("subsidy",)),
        ("bus -(subsidy OR rail)", ("bus",), ("subsidy OR rail",)),
        ("ferry -author:quill", (), ("author:quill",)),
    ],
)
def test_what_is_lacking_is_told(written: str, absent: tuple[str, ...], present: tuple[str, ...]) -> None:
    """Somebody asks why an entry did not come."""
    assert evaluation.lacking(query.parse(written), Document(ROW)) == (absent, present)


def holds_by_the_rules(texts: Sequence[Sequence[Piece]], wanted: Sequence[str], *, prefix: bool) -> bool:
    """Tell whether texts hold words in a row, from the pieces that they were made of.

    This is the rule as docs/filters.md has it, written without a look at the bot's own: a row begins where a piece
    begins or, in everyday words, any of their words; it ends in the same way, or anywhere where a star ends it.
    """
    for pieces in texts:
        words = [
            (word, not piece.binds or at == 0, not piece.binds or at == len(piece.words) - 1)
            for piece in pieces
            for at, word in enumerate(piece.words)
        ]
        for start in range(len(words) - len(wanted) + 1):
            row = words[start : start + len(wanted)]
            said = [word for word, _, _ in row]
            same = said[:-1] == list(wanted[:-1]) and (
                said[-1].startswith(wanted[-1]) if prefix else said[-1] == wanted[-1]
            )
            if same and row[0][1] and (prefix or row[-1][2]):
                return True
    return False


@st.composite
def rows_of(draw: st.DrawFn, texts: Sequence[Sequence[Piece]]) -> list[str]:
    """Choose words in a row: some that stand in a text, some that do not."""
    said = [word for pieces in texts for piece in pieces for word in piece.words]
    is_said = draw(st.booleans())
    if said and is_said:
        start = draw(st.integers(min_value=0, max_value=len(said) - 1))
        return said[start : start + draw(st.integers(min_value=1, max_value=5))]
    return draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3))


@given(st.lists(PASSAGES, min_size=3, max_size=3), st.data())
def test_words_and_phrases_are_found_as_the_rules_say(texts: list[list[Piece]], data: st.DataObject) -> None:
    """An entry is found by what it says, however it is written and however the query is typed."""
    headline, summary, body = (data.draw(told(pieces)) for pieces in texts)
    item = Item("k", "wire", headline, summary=summary, body=body)
    for _ in range(4):
        wanted = data.draw(rows_of(texts))
        prefix = len(wanted[-1]) > 2 and data.draw(st.booleans())
        if prefix:
            wanted[-1] = wanted[-1][: data.draw(st.integers(min_value=3, max_value=len(wanted[-1])))]
        typed = data.draw(st.sampled_from([" ", "  ", *HYPHENS])).join(wanted)
        typed = data.draw(st.sampled_from(CAPITALS))(typed) + ("*" if prefix else "")
        quotes = data.draw(st.sampled_from(['""', "“”", "‹›", "„“"]))
        assert finds(f"{quotes[0]}{typed}{quotes[1]}", item) == holds_by_the_rules(texts, wanted, prefix=prefix)
        if len(wanted) == 1 and wanted[0] not in {"or", "and", "not"}:
            assert finds(typed.lower(), item) == holds_by_the_rules(texts, wanted, prefix=prefix)
