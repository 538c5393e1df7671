"""Folding and tokens: what readers do not distinguish, the bot does not either."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import text


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("NHS’s", "nhs"),
        ("NHS's", "nhs"),
        ("the U.K. Government", "the uk government"),
        ("Zoë  Ó Briain", "zoe o briain"),
        ("ＮＨＳ", "nhs"),
        ("don’t", "dont"),
        ("Straße", "strasse"),
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
        ("…", ()),
    ],
)
def test_tokens_are_whole_words(written: str, tokens: tuple[str, ...]) -> None:
    """Matching whole words is what keeps "Tor" out of "Director"."""
    assert text.tokens(written) == tokens


@given(st.text())
def test_folding_twice_is_folding_once(written: str) -> None:
    """Stored queries are folded again when they are compared."""
    assert text.tokens(" ".join(text.tokens(written))) == text.tokens(written)


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
