"""Folding and words: what readers do not distinguish, the bot does not either."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import text
from tests.rules.invented import PASSAGES, TEXTS, TYPED, Piece, told


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("NHS’s", "nhs"),
        ("NHS's", "nhs"),
        ("NHS'S", "nhs"),
        ("‘the NHS’s’", "the nhs"),
        ("_the NHS’s_", "the nhs"),
        ("the MPs’ pay", "the mps pay"),
        ("the U.K. Government", "the uk government"),
        ("U.K.’s", "uk"),
        ("the U.S.Congress", "the us congress"),
        ("J.K. Quill", "jk quill"),
        ("No.10", "no 10"),
        ("Zoë  Ó Briain", "zoe o briain"),
        ("Zoe\u0308", "zoe"),
        ("ＮＨＳ", "nhs"),
        ("don’t don't donʼt", "dont dont dont"),
        ("ŉ", "n"),
        ("Straße STRASSE", "strasse strasse"),
        ("Łódź, Ærø", "lodz aero"),
        ("ISTANBUL İstanbul ıstanbul", "istanbul istanbul istanbul"),
        ("Coastal, Affairs & Co.", "coastal affairs co"),
        ("Sky™", "sky"),
        ("BREAKING⚠️news", "breaking news"),
        ("❤️", ""),
        ("net\u00adzero", "netzero"),
        ("net\u200bzero", "net zero"),
        ("a—b … c/d|e", "a b c d e"),
        ("snake_case _bold_ __", "snake_case bold"),
        ("#budget @quill", "budget quill"),
        ("Wales’s-born", "wales born"),
        ("हिन्दी", unicodedata.normalize("NFKD", "हिन्दी").replace("\u094d", "")),
    ],
)
def test_fold_ignores_what_readers_do_not_distinguish(written: str, folded: str) -> None:
    """Headlines write one thing in many ways; a filter is typed once."""
    assert text.fold(written) == folded


@pytest.mark.parametrize(
    ("written", "tokens"),
    [
        ("Iain Duncan-Smith", ("iain", "duncan", "smith")),
        ("“Net-zero”: what now?", ("net", "zero", "what", "now")),
        ("£400–£600 million", ("400", "600", "million")),
        ("#budget", ("budget",)),
        ("…", ()),
    ],
)
def test_tokens_are_whole_words(written: str, tokens: tuple[str, ...]) -> None:
    """Matching whole words is what keeps "Tor" out of "Director"."""
    assert text.tokens(written) == tokens


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("A #Budget for @Quill’s ferry", ["a", "budget", "for", "quill", "ferry", "|", "#budget", "@quill"]),
        ("#tax_cut", ["tax_cut", "|", "#tax_cut"]),
        ("quill@example.org", ["quill", "example", "org"]),
        ("# 1", ["1"]),
        ("", []),
    ],
)
def test_tags_stand_behind_the_words_of_their_text(written: str, words: list[str]) -> None:
    """A tag is a word and a tag; an address is no name of an account."""
    assert text.words(written) == words


@pytest.mark.parametrize(
    ("words", "phrase", "contained"),
    [
        ("the director said", "tor", False),
        ("jacob rees-mogg said", "rees mogg", True),
        ("jacob rees-mogg said", "jacob rees mogg said", True),
        ("jacob rees-mogg said", "jacob rees", False),
        ("jacob rees-mogg said", "mogg said", False),
        ("jude hale-rees-mogg", "rees mogg", False),
        ("rees mogg", "rees mogg", True),
    ],
)
def test_phrase_stands_free_at_both_ends(words: str, phrase: str, *, contained: bool) -> None:
    """Half a name is somebody else."""
    assert text.contains(words, phrase) is contained


@given(TYPED)
def test_folding_twice_is_folding_once(written: str) -> None:
    """Stored queries are folded again when they are compared."""
    assert text.fold(text.fold(written)) == text.fold(written)
    assert text.tokens(" ".join(text.tokens(written))) == text.tokens(written)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cn"]), max_size=20))
def test_capitals_and_composition_do_not_matter(written: str) -> None:
    """A filter finds a headline in capitals, and one from a machine that composes its accents in another way."""
    variants = (written.upper(), written.lower(), *(unicodedata.normalize(form, written) for form in ("NFC", "NFD")))
    assert {text.fold(each) for each in variants} == {text.fold(written)}


@given(PASSAGES.flatmap(lambda pieces: st.tuples(st.just(pieces), told(pieces))))
def test_however_it_is_written_it_is_the_same_words(both: tuple[list[Piece], str]) -> None:
    """Capitals, quotation marks, dashes, possessives and punctuation come as each newspaper likes them."""
    pieces, written = both
    expected = [word for piece in pieces for word in (["-".join(piece.words)] if piece.binds else piece.words)]
    assert text.fold(written).split() == expected


@given(st.one_of(TYPED, TEXTS))
def test_spans_have_the_words_of_the_whole(written: str) -> None:
    """What is emphasised in a message is what was found in it."""
    found: list[str] = []
    end = 0
    for start, stop, words in text.spans(written):
        assert end <= start < stop <= len(written)
        assert not written[start:stop].isspace()
        end = stop
        found += without_tags(words)
    assert found == without_tags(text.words(written)) == text.fold(written).split()


def without_tags(words: list[str]) -> list[str]:
    """Leave out the tags."""
    return words[: words.index("|")] if "|" in words else words


@pytest.mark.parametrize(
    ("written", "emphasised"),
    [("“NHS’s” pay…", ["NHS’s", "pay"]), ("the #budget!", ["the", "#budget"]), (" – Sky™ ", ["Sky"])],
)
def test_spans_leave_out_the_punctuation_around(written: str, emphasised: list[str]) -> None:
    """A bold quotation mark looks like a mistake."""
    assert [written[start:stop] for start, stop, _ in text.spans(written)] == emphasised


@given(st.text(), st.integers(min_value=1, max_value=80))
def test_shortened_text_fits(written: str, limit: int) -> None:
    """Platforms refuse what is one character too long."""
    assert len(text.shorten(written, limit)) <= limit


def test_shortened_text_ends_after_a_word() -> None:
    """A cut word reads like an error."""
    assert text.shorten("Ferry subsidy survives", 16) == "Ferry subsidy…"


@given(st.text())
def test_clean_text_moves_no_cursor_and_turns_no_line_round(written: str) -> None:
    """A headline must not overwrite the line above it, nor show a name backwards."""
    cleaned = text.clean(f"{written}\x1b[2J\u202e\x00")
    assert not set(cleaned) & set("\x00\x1b\r\n\u202e\u2066\u200f")


def test_joined_emoji_stay_whole() -> None:
    """A family is one picture of several, joined by a character without width."""
    assert text.clean("👩‍👧 wins") == "👩‍👧 wins"


@pytest.mark.parametrize(("number", "said"), [(0, "0 entries"), (1, "1 entry"), (1200, "1,200 entries")])
def test_numbers_of_things_are_said_in_words(number: int, said: str) -> None:
    """One entry is no entries."""
    assert text.count(number, "entry", "entries") == said


@given(st.text(max_size=200), st.data())
def test_window_shows_the_character_that_was_meant(written: str, data: st.DataObject) -> None:
    """A caret under another character misleads."""
    at = data.draw(st.integers(0, max(len(written) - 1, 0)))
    shown, where = text.window(written, at, 60)
    assert len(shown) <= 62
    assert shown[where : where + 1] == written[at : at + 1]
