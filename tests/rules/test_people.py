"""Authors are people: by-lines name several, with titles, and some have several names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.filters import evaluation, people, query
from bot.filters.document import Document
from bot.filters.people import Aliases
from bot.model import Item
from tests.rules.invented import ALIASES, BETWEEN, HONOURS, TITLES, bylines


def by(byline: str) -> Document:
    """Make an entry with a by-line."""
    return Document(Item("k", "wire", "Ferry subsidy survives", author=byline))


def has(written: str, document: Document) -> bool:
    """Tell whether a query finds an entry."""
    return evaluation.found(query.parse(written), document) is not None


@pytest.mark.parametrize(
    "byline",
    [
        "Marta Quill",
        "By Marta Quill",
        "by marta quill",
        "BY MARTA QUILL",
        "Marta Quill MP",
        "Marta Quill, MP",
        "Rt Hon Marta Quill",
        "The Rt. Hon. Marta Quill KC MP",
        "Sir Marta Quill",
        "Dr. Marta Quill M.P.",
        "Marta Quill and Owen Tarrant",
        "OWEN TARRANT AND MARTA QUILL",
        "Owen Tarrant, Marta Quill & Bronwen Hale",
        "Owen Tarrant/Marta Quill",
        "Marta Quill | Political Editor",
        "Marta Quill - Political Editor",
        "Marta Quill (in Brussels)",
        "Words by Marta Quill",
        "Màrta Quill",
    ],
)
def test_author_is_found_however_the_byline_is_written(byline: str) -> None:
    """People follow a person, and newspapers write by-lines as they like."""
    document = by(byline)
    for written in ("author:quill", 'by:"marta quill"', 'author:"Rt Hon Marta Quill MP"', "author:qui*"):
        assert has(written, document)
    assert evaluation.found(query.author("Marta Quill"), document) is not None
    assert not has('author:"marta tarrant"', document)
    assert not has("author:ferry", document)


@pytest.mark.parametrize(
    "byline",
    [
        "Marta Quill and Owen Tarrant",
        "Marta Quill, Owen Tarrant",
        "Marta Quill & Owen Tarrant",
        "Marta Quill, Owen Tarrant and Bronwen Hale",
        "Marta Quill, MP, Owen Tarrant",
        "Marta Quill; Owen Tarrant",
    ],
)
@pytest.mark.parametrize("name", ["Quill Owen", "Marta Tarrant", "Quill Owen Tarrant", "Quil"])
def test_names_do_not_run_into_each_other(byline: str, name: str) -> None:
    """Marta Quill and Owen Tarrant are no Quill Owen."""
    assert evaluation.found(query.author(name), by(byline)) is None


@pytest.mark.parametrize(
    "organisation",
    [
        "Department for Work and Ferries",
        "Department for Ferries, Tides & Coast",
        "Ministry of Housing, Communities and Ferries",
        "Tides & Customs",
    ],
)
def test_organisation_with_an_and_is_one_author(organisation: str) -> None:
    """Departments sign as authors, with an "and" in their names."""
    assert evaluation.found(query.author(organisation), by(organisation)) is not None
    assert evaluation.found(query.author(organisation.upper()), by(f"By the {organisation}")) is not None
    release = Document(Item("k", "release", "Night ferry", organisation=organisation))
    assert evaluation.found(query.author(organisation), release) is not None


@pytest.mark.parametrize(
    ("byline", "listed"),
    [
        ("By Marta Quill", ("Marta Quill",)),
        ("Sir Owen Tarrant KC", ("Owen Tarrant",)),
        ("Marta Quill, Owen Tarrant & Bronwen Hale", ("Marta Quill", "Owen Tarrant", "Bronwen Hale")),
        ("Priya Ashdown, Political Editor", ("Priya Ashdown",)),
        ("Marta Quill - Political Editor", ("Marta Quill",)),
        ("Marta Quill, MP", ("Marta Quill",)),
        ("Marta Warren-Hale MP", ("Marta Warren-Hale",)),
        ("Fern Anderson", ("Fern Anderson",)),
        ("Agency staff", ()),
        ("MP", ()),
        ("", ()),
    ],
)
def test_byline_lists_people_to_follow(byline: str, listed: tuple[str, ...]) -> None:
    """An office is nobody to follow, a title no part of a name."""
    assert people.people(byline) == listed


@pytest.mark.parametrize("name", ["Lord", "Miss MP", "MP"])
def test_name_of_nothing_but_titles_stays(name: str) -> None:
    """Something must be left to look for."""
    assert people.name(name)
    assert query.author(name)


def test_half_of_a_double_barrelled_author_is_nobody() -> None:
    """Names bind in by-lines as elsewhere."""
    document = by("Jude Warren-Hale MP and Owen Tarrant")
    assert has("author:warren-hale", document)
    assert has('author:"jude warren hale"', document)
    assert has("author:warren*", document)
    assert not has("author:hale", document)
    assert not has("author:warren", document)
    assert not has('author:"jude warren"', document)


@pytest.mark.parametrize("byline", ["JWH", "Jude Warren-Hale", "Jude Warren Hale", "By Jude Warren–Hale MP"])
def test_aliases_name_the_same_person(byline: str) -> None:
    """An operator knows who signs with initials."""
    document = Document(Item("k", "wire", "Ferry", author=byline), aliases=ALIASES)
    for name in ("JWH", "Jude Warren-Hale", "jude warren hale"):
        assert evaluation.found(query.author(name), document) is not None
    assert evaluation.found(query.author("Jude Hale"), document) is None


def test_organisations_have_aliases_too() -> None:
    """Departments are known by their initials."""
    aliases = Aliases({"department for ferries": ("department for ferries", "dff")})
    release = Document(Item("k", "release", "Night ferry", organisation="Department for Ferries"), aliases=aliases)
    assert has("org:dff", release)
    assert not has("org:dft", release)


@pytest.mark.parametrize(
    ("written", "has"),
    [
        ("Lamp Board, Department for Ferries, Piers & Ports", True),
        ("Department for Ferries, Piers & Ports, Lamp Board", True),
        ("Department for Ferries, Lamp Board", False),
    ],
)
def test_organisations_that_publish_together_keep_their_aliases(written: str, *, has: bool) -> None:
    """Commas stand between them, and in their names."""
    names = ("department for ferries piers ports", "dffpp")
    document = Document(
        Item("k", "release", "Lamps", organisation=written), aliases=Aliases(dict.fromkeys(names, names))
    )
    assert ("dffpp" in document.field("org").split()) == has


@given(st.sampled_from(TITLES), st.sampled_from(HONOURS), st.sampled_from(BETWEEN))
def test_titles_are_left_aside_in_any_company(title: str, honour: str, between: str) -> None:
    """The same two people, however they are introduced."""
    found = people.names(f"{title}Marta Quill{honour}{between}{title}Owen Tarrant{honour}")
    assert {"marta quill", "owen tarrant"} <= set(found)


@given(bylines())
def test_everybody_listed_is_found_under_that_name(byline: str) -> None:
    """What the bot offers to follow must bring something."""
    for each in people.people(byline):
        assert evaluation.found(query.author(each), by(byline)) is not None
