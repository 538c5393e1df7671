"""Hyphens: names bind, everyday words do not."""

from __future__ import annotations

import pytest

from bot import hyphens, text
from bot.filters import evaluation, query
from bot.filters.document import Document
from bot.model import Item

NAMES = """
    Rees-Mogg Duncan-Smith Long-Bailey Warren-Hale Low-Beer Day-Lewis Lloyd-George Ocasio-Cortez Ben-Gvir
    bin-Laden al-Assad Al-Qaeda Jong-un Jae-in Ki-moon Ing-wen Jean-Baptiste Anne-Marie Jude-Law Kahn-Page
    Adair-Rich Quill-Wise Tarrant-Holder Quill-Tarrant fox-it Coca-Cola Stoke-on-Trent Ashton-under-Lyne
    Southend-on-Sea Baden-Württemberg
""".split()  # noqa: SIM905 (a list of so many strings is no text to read)
# The word that must be found in them, after a colon.
EVERYDAY = """
    post-Brexit:brexit ex-minister:minister anti-abortion:abortion pro-Palestinian:palestinian non-UN:un
    re-election:election e-petition:petition Labour-run:labour SNP-run:snp Quill-era:quill
    Brexit-supporting:brexit government-backed:government Tarrant-led:tarrant cash-strapped:cash debt-laden:debt
    oil-rich:oil Russia-Ukraine:ukraine UK-wide:uk US-China:china SNP-Green:green Tory-DUP:dup Lib-Dem:dem
    Covid-19:covid F-35:35 Article-50:article net-zero:zero council-tax:tax cost-of-living:living
    back-to-work:work cash-for-questions:questions stop-and-search:search no-confidence:confidence
    whistle-blower:blower same-sex:sex Attorney-General:attorney Director-General:director
    secretary-general:secretary commander-in-chief:commander vice-president:president
    money-laundering:laundering tax-dodging:tax zero-hours:zero Islamic-State:state
""".split()  # noqa: SIM905 (a list of so many strings is no text to read)


def finds(written: str, headline: str) -> bool:
    """Tell whether a query finds a headline."""
    return evaluation.found(query.parse(written), Document(Item("k", "wire", headline))) is not None


@pytest.mark.parametrize("name", NAMES)
def test_no_part_of_a_name_finds_it(name: str) -> None:
    """Whoever follows a Hale does not mean the Warren-Hales, however a newspaper sets its headlines."""
    for headline in (name, name.upper(), name.lower(), f"“{name}’s” plan", name.replace("-", "–"), f"{name}: no"):
        assert finds(name, headline)
        assert finds(name.replace("-", " ").join('""'), headline)
        assert not any(finds(part, headline) for part in name.split("-"))


@pytest.mark.parametrize("name", NAMES)
def test_name_without_its_hyphen_is_the_same_name(name: str) -> None:
    """Half of the newspapers leave the hyphen out."""
    assert finds(name, f"Who is {name.replace('-', ' ')}?")


@pytest.mark.parametrize("everyday", EVERYDAY)
def test_every_part_of_everyday_words_finds_them(everyday: str) -> None:
    """A hyphen between everyday words says nothing: "post-Brexit" is about Brexit."""
    written, _, word = everyday.partition(":")
    for headline in (written, written.upper(), written.lower(), f"“{written}’s” plan", written.replace("-", "–")):
        assert finds(word, headline)
        assert all(finds(part, headline) for part in written.split("-"))
        assert finds(written, headline)


@pytest.mark.parametrize(
    ("written", "headline", "found"),
    [
        ('"iain duncan smith"', "8 questions for Iain Duncan-Smith", True),
        ('"iain duncan-smith"', "8 questions for Iain Duncan Smith", True),
        ('"iain duncan"', "8 questions for Iain Duncan-Smith", False),
        ('"smith now"', "Iain Duncan-Smith now", False),
        ('"jacob rees"', "Jacob Rees-Mogg", False),
        ("smith", "Iain Duncan-Smith", False),
        ("smith", "Iain Duncan Smith", True),
        ("rees*", "Jacob Rees-Mogg", True),
        ("mogg*", "Jacob Rees-Mogg", False),
        ("rees-mog*", "Jacob Rees Mogg", True),
        ('"jacob rees-mog*"', "Jacob Rees-Mogg", True),
        ("hale-warren", "Jude Hale-Warren-Fox", False),
        ("hale-warren-fox", "Jude Hale-Warren-Fox", True),
        ("brexit", "pro- and anti-Brexit", True),
        ("minister", "The minister--who resigned--said", True),
        ("resigned", "The minister—resigned", True),
        ("ferry", "-ferry-", True),
        ("hale", "Hale- and Quill-led talks", True),
    ],
)
def test_names_bind_and_phrases_stand_free(written: str, headline: str, *, found: bool) -> None:
    """The same man with a hyphen and without one, and nobody else."""
    assert finds(written, headline) is found


@pytest.mark.parametrize("part", ["un", "law", "laden", "holder", "quill"])
def test_lists_hold_no_surname_where_one_word_decides(part: str) -> None:
    """Kim Jong-un is not about the United Nations."""
    assert not hyphens.separates(["xyz", part])


def test_what_no_list_knows_is_a_name() -> None:
    """New names come with every election."""
    assert text.fold("Xyz-Abc") == "xyz-abc"
