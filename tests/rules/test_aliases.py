"""The operator's file of names."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.filters import aliases, evaluation, query
from bot.filters.document import Document
from bot.model import Item

KNOWN = aliases.read(
    {"Bronwen Hale-Moss": ["BHM", "Dame Bronwen"], "Department for Coastal Affairs": ["DCA", "the Coastal Department"]}
)


def finds(followed: str, **fields: str) -> bool:
    """Tell whether a following brings an entry."""
    document = Document(Item("k", "wire", "Ferry vote", **fields), aliases=KNOWN)  # type: ignore[arg-type]
    return evaluation.found(query.author(followed), document) is not None


@pytest.mark.parametrize("followed", ["Bronwen Hale Moss", "bhm", "Rt Hon BHM MP", "Dame Bronwen", "Hale-Moss"])
@pytest.mark.parametrize("byline", ["By Bronwen Hale-Moss MP", "BHM", "Owen Tarrant and Bronwen Hale Moss"])
def test_any_name_of_a_person_brings_what_is_signed_by_any_other(followed: str, byline: str) -> None:
    """People sign as they like."""
    assert finds(followed, author=byline)


def test_organisations_have_other_names_too() -> None:
    """Releases name departments in full, people do not."""
    assert finds("DCA", organisation="Department for Coastal Affairs")
    assert finds("Department for Coastal Affairs", organisation="The Coastal Department")


def test_names_of_others_stay_apart() -> None:
    """One line of the file is one person."""
    assert not finds("BHM", author="Owen Tarrant")
    assert not finds("BHM", organisation="DCA")


def test_names_with_hyphens_stay_one_name() -> None:
    """Also where they are another's alias."""
    assert not finds("Hale", author="BHM")
    assert finds("Hale-Moss", author="BHM")


def test_aliases_stand_for_authors_not_for_words() -> None:
    """What is written in a headline is found as it is written."""
    document = Document(Item("k", "wire", "Ferry vote", author="Bronwen Hale-Moss"), aliases=KNOWN)
    assert evaluation.found(query.parse("bhm"), document) is None
    assert evaluation.found(query.parse("author:bhm"), document) is not None


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ('"Marta Quill" = "MQ"', "needs a list of names"),
        ('"Marta Quill" = [1]', "needs a list of names"),
        ('"Marta Quill" = ["MQ"]\n"Mo Quint" = ["MQ"]', 'the name "mq" stands in another line'),
        ('"Marta Quill" = ["…"]', "has no letters"),
        ("Marta Quill = [", "is no TOML"),
        ("\udcff", "cannot be read"),
    ],
)
def test_wrong_file_says_what_to_write(content: str, part: str, tmp_path: Path) -> None:
    """Operators mend a file by its message."""
    path = tmp_path / "aliases.toml"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(aliases.AliasesError, match=part) as caught:
        aliases.load(path)
    assert str(path) in str(caught.value)


def test_file_is_read(tmp_path: Path) -> None:
    """And without one there are no aliases."""
    path = tmp_path / "aliases.toml"
    path.write_text('"Marta Quill" = ["MQ"] # the editor\n', "utf-8")
    assert aliases.load(path)["mq"] == ("marta quill", "mq")
    assert not aliases.load(None)
    with pytest.raises(aliases.AliasesError, match="There is no file"):
        aliases.load(tmp_path / "missing.toml")
