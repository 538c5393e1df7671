"""Quotations of a release: told once, with whoever said them, and nothing else of the text is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import bidi
from bot.model import Quotation
from bot.quoting import LONGEST, apart

MOSS = Quotation("Bronwen Moss", "Harbour Minister", "Nobody on the islands has to stay awake. The boats sail at two.")
BELL = Quotation("Ada Bell", "", "We waited for this.")


@pytest.mark.parametrize(
    "paragraphs",
    [
        (
            "Harbour Minister Bronwen Moss said:",
            "“Nobody on the islands has to stay awake.",
            "“The boats sail at two.”",
        ),
        ("Nobody on the islands has to stay awake. The boats sail at two.",),
        ("“Nobody on the islands has to stay awake,” said Bronwen Moss, Harbour Minister. “The boats sail at two.”",),
    ],
)
def test_quotation_is_told_with_its_speaker(paragraphs: tuple[str, ...]) -> None:
    """However the page attributes it."""
    rest, said = apart((*paragraphs, "Tickets cost what they did."), (MOSS,))
    assert rest == ("Tickets cost what they did.",)
    assert said == ("Bronwen Moss, Harbour Minister: “Nobody on the islands has to stay awake. The boats sail at two.”")


def test_what_is_no_quotation_stays() -> None:
    """Also where it names whoever spoke, or has quotation marks of its own."""
    paragraphs = ("Bronwen Moss opened the pier:", "“Night boat” is what islanders call the new ferry of the harbour.")
    assert apart(paragraphs, (MOSS, BELL))[0] == paragraphs


def test_quotations_that_do_not_fit_stay_in_the_text() -> None:
    """Nobody loses a word to a layout."""
    long = [Quotation(f"Speaker {n}", "", f"{n} boats sail. " * 50) for n in range(4)]
    paragraphs = tuple(each.text.strip() for each in long)
    rest, said = apart(paragraphs, tuple(long))
    assert len(said) <= LONGEST
    assert rest
    for paragraph, each in zip(paragraphs, long, strict=True):
        assert (paragraph in rest) != (each.speaker in said)


TEXTS = st.one_of(
    st.text(max_size=80), st.sampled_from([MOSS.text, "“We waited", "ميناء", "x " * 700, "Ada Bell said:"])
)


@given(
    st.lists(TEXTS, max_size=5).map(tuple), st.lists(st.builds(Quotation, TEXTS, TEXTS, TEXTS), max_size=4).map(tuple)
)
def test_quotations_fit_whatever_they_are(paragraphs: tuple[str, ...], said: tuple[Quotation, ...]) -> None:
    """And their speakers re-order nothing."""
    rest, shown = apart(paragraphs, said)
    assert len(shown) <= LONGEST
    assert set(rest) <= set(paragraphs)
    assert not bidi.turns(shown)
    if not shown:
        assert rest == paragraphs
