"""Rules for the catalogue and for files of sources."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.model import Source
from bot.sources.addresses import canonical
from bot.sources.catalogue import SourcesError, load
from bot.sources.kinds import KINDS

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
[[source]]
slug = "lamps"
name = "Lamp Board"
kind = "page"
url = "https://example.org/news"
every = "5m"
timezone = "Europe/Brussels"
icon = "https://example.org/favicon.ico"
emoji = "⚓️"
custom_emoji = "5368324170671202286"
organisation = "Lamp Board"
entry_kind = "release"
[source.select]
row = "li.item"
time = "time@datetime"
"""


def errors(tmp_path: Path, text: str) -> tuple[str, ...]:
    """Give what is wrong with a file of sources."""
    file = tmp_path / "sources.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SourcesError) as caught:
        load(file)
    return caught.value.errors


def test_the_catalogue_is_ready_to_use() -> None:
    """It is what a new installation polls: real sources of three places, each with an icon, none twice."""
    sources = load(None)
    assert len(sources) >= 14
    assert (
        len({source.slug for source in sources}) == len({canonical(source.url) for source in sources}) == len(sources)
    )
    assert {source.kind for source in sources} == {"feed", "govuk"}
    assert {"Europe/London", "America/New_York", "Europe/Brussels"} == {source.timezone for source in sources}
    assert all(address.startswith("https://") for source in sources for address in (source.url, source.icon))


def test_a_file_replaces_the_catalogue(tmp_path: Path) -> None:
    """Who lists sources wants these and no others."""
    file = tmp_path / "sources.toml"
    file.write_text(GOOD, encoding="utf-8")
    expected = Source(
        slug="lamps",
        name="Lamp Board",
        kind="page",
        url="https://example.org/news",
        every=timedelta(minutes=5),
        timezone="Europe/Brussels",
        icon="https://example.org/favicon.ico",
        emoji="⚓️",
        custom_emoji="5368324170671202286",
        entry_kind="release",
        organisation="Lamp Board",
        select={"row": "li.item", "time": "time@datetime"},
    )
    assert load(file) == (expected,)


def test_a_file_can_extend_the_catalogue(tmp_path: Path) -> None:
    """A source of the catalogue keeps its place, and the fields that are not given."""
    built_in = load(None)
    file = tmp_path / "sources.toml"
    file.write_text(
        f'extends = "catalogue"\n{GOOD}\n[[source]]\nslug = "{built_in[0].slug}"\nevery = "1h"', encoding="utf-8"
    )
    found = load(file)
    assert [*(source.slug for source in built_in), "lamps"] == [source.slug for source in found]
    assert (built_in[0].url, timedelta(hours=1)) == (found[0].url, found[0].every)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('kind = "page"', 'kind = "pages"', '"pages" is not a kind (did you mean "page"?); use one of feed'),
        ('slug = "lamps"\n', "", "source 1: slug is missing"),
        ('slug = "lamps"', 'slug = "Lamps!"', "small letters"),
        (
            'url = "https://example.org/news"',
            'url = "ftp://u:secret@example.org"',
            "no web address; begin it with https://",
        ),
        ('every = "5m"', 'every = "5 fortnights"', "is not a duration"),
        ('every = "5m"', "every = 5", "every must be text"),
        ("Europe/Brussels", "Europe/Brusels", 'did you mean "Europe/Brussels"?'),
        ('row = "li.item"', 'row = "li["', 'row = "li[" is not a CSS selector'),
        ('row = "li.item"', 'rows = "li"', 'did you mean "row"?'),
        ('row = "li.item"', "", "needs a selector for its rows"),
        ('organisation = "Lamp Board"', 'organization = "Lamp Board"', 'did you mean "organisation"?'),
        ('entry_kind = "release"', 'entry_kind = "news"', "wire or release"),
        ("https://example.org/favicon.ico", "favicon.ico", "icon ="),
        ("[[source]]", "[source]", "two brackets"),
        ("[source.select]", "select = 1\n[source.other]", "select must be a table"),
        ('kind = "page"', 'kind = "page', "this is not TOML"),
        (GOOD, "", "no source in it"),
        (GOOD, GOOD + GOOD, "is there 2 times"),
        (GOOD, 'extends = "catalog"\n' + GOOD, 'extends can only be "catalogue"'),
        (GOOD, 'extend = "catalogue"\n' + GOOD, 'did you mean "extends"?'),
    ],
)
def test_a_mistake_is_named_with_its_remedy(tmp_path: Path, old: str, new: str, words: str) -> None:
    """One clear sentence: the file, the source, the problem and what to do."""
    found = errors(tmp_path, GOOD.replace(old, new))
    assert any(words in error for error in found), found
    assert all(error.startswith(str(tmp_path / "sources.toml")) for error in found)
    assert "secret" not in str(found)


def test_a_syntax_error_names_its_line(tmp_path: Path) -> None:
    """TOML files are long."""
    (error,) = errors(tmp_path, GOOD.replace('"5m"', '"5m'))
    assert "line 7" in error


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Nobody wants to correct a file ten times."""
    found = errors(tmp_path, GOOD.replace("5m", "5").replace('"page"', '"paje"') + '[[source]]\nslug = "two"\n')
    assert len(found) == 5


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    """The path is the thing to correct."""
    with pytest.raises(SourcesError, match="no such file"):
        load(tmp_path / "missing.toml")
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9")
    with pytest.raises(SourcesError, match="UTF-8"):
        load(tmp_path / "latin.toml")


def test_every_kind_of_the_catalogue_is_there() -> None:
    """The kinds that settings may name are the kinds that can be read."""
    assert {"feed", "govuk", "page", "phiwire", "press_releases"} == set(KINDS)


@pytest.mark.parametrize("emoji", ["🏛", "⚓️", "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁷󠁬󠁳󠁿", "🇬🇧", "3️⃣", "👍🏽"])
def test_one_emoji_stands_for_a_source(emoji: str, tmp_path: Path) -> None:
    """However many characters it is made of."""
    file = tmp_path / "sources.toml"
    file.write_text(GOOD.replace("⚓️", emoji), encoding="utf-8")
    assert load(file)[0].emoji == emoji


@pytest.mark.parametrize("words", ["🏛🏛", "x", "<b>", "🏛 Hall", "🇬🇧🇫🇷", "\u200d", "3", "🏛" + "\ufe0f" * 20])
def test_what_is_no_emoji_stands_for_none(words: str, tmp_path: Path) -> None:
    """A name is long enough."""
    assert "not one emoji" in errors(tmp_path, GOOD.replace("⚓️", words))[0]


@pytest.mark.parametrize("number", ["0", "-1", "12x", "9223372036854775808", "٣"])
def test_what_is_no_number_of_a_custom_emoji_is_refused(number: str, tmp_path: Path) -> None:
    """Telegram would refuse each message of the source."""
    assert "custom_emoji" in errors(tmp_path, GOOD.replace("5368324170671202286", number))[0]
