"""Properties of isolation: what is written from right to left stays in its place, and nothing leaks out of it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot import bidi, text

RTL = ("ميناء", "ינון לוי", "\u200f", "٣٤", "\u07ca\u07d2", "\U0001e900", "\u05eb")
CONTROLS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\n"
WORDS = st.lists(
    st.one_of(
        st.sampled_from([*RTL, "Ferry", " · ", "12:00", "(", "é"]), st.sampled_from(CONTROLS), st.text(max_size=3)
    ),
    max_size=12,
).map("".join)


def outside(line: str) -> str:
    """Give what stands outside isolates; they must be balanced, and nothing else may turn the direction."""
    kept, depth = "", 0
    for character in line:
        if character in "\u2066\u2067\u2068":
            depth += 1
        elif character == "\u2069":
            depth -= 1
            assert depth >= 0, "an end without a beginning could close somebody else's isolate"
        elif depth == 0:
            kept += character
        assert character not in "\u202a\u202b\u202c\u202d\u202e"
    assert depth == 0, "what is not closed swallows what follows"
    return kept


def stays_in_place(line: str) -> bool:
    """Tell whether a line's characters outside isolates run from left to right alone (UAX #9, rules W1 to L2)."""
    return not {unicodedata.bidirectional(each) for each in outside(line)} & {"R", "AL", "AN"}


@given(WORDS)
@example("\u2068ميناء")
@example("\u2069\u2069ميناء\u2066")
@example("a\u202eb\nc")
def test_isolated_text_reorders_nothing_around_it(words: str) -> None:
    """Whatever it holds, also where it comes with controls of its own."""
    shown = bidi.isolate(words)
    for line in shown.split("\n"):
        assert stays_in_place(line)
    assert bidi.isolate(shown) == shown
    assert not bidi.turns(shown)


@given(WORDS)
def test_isolating_changes_no_words(words: str) -> None:
    """And only such text is touched that needs it."""
    bare = dict.fromkeys(map(ord, CONTROLS.replace("\n", "")))
    assert bidi.isolate(words).translate(bare) == words.translate(bare)
    if words.translate(bare) == words and stays_in_place(words):
        assert bidi.isolate(words) == words or any(unicodedata.category(each) == "Cn" for each in words)


@given(st.lists(WORDS, min_size=2, max_size=4))
def test_a_line_of_isolated_parts_keeps_its_order(parts: list[str]) -> None:
    """The author, the source and the time stand where they were put."""
    for line in " · ".join(bidi.isolate(text.clean(part)) for part in parts).split("\n"):
        assert stays_in_place(line)


@pytest.mark.parametrize("plain", ["", "Ferry", "Café – 12:00", "日本", "👩‍👧", "Ελλάδα"])
def test_other_text_stays_as_it_is(plain: str) -> None:
    """Most news has none of it."""
    assert bidi.isolate(plain) is plain
