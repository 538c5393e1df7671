"""The recipe in docs/sources.md is what the program does."""

from __future__ import annotations

import itertools
import re
import shlex
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from bot.model import Item, Source
from bot.sources import catalogue
from bot.sources.documents import Page
from bot.sources.finding import MOST_ASKED
from bot.sources.kinds import KINDS

DOCUMENT = (Path(__file__).parents[2] / "docs" / "sources.md").read_text("utf-8")
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def block(name: str) -> str:
    """Give what stands in a marked block of the document."""
    found = re.search(rf"<!-- {name} -->\n```\w+\n(.*?)\n```\n<!-- /{name} -->", DOCUMENT, re.DOTALL)
    assert found is not None, name
    return found[1]


def source(name: str) -> Source:
    """Read a source as it stands in the document."""
    (table,) = tomllib.loads(block(name))["source"]
    return catalogue.of_table(table, name)


def shown(wanted: Source) -> list[tuple[str, str, str, datetime | None]]:
    """Read the document's list page."""
    items: list[Item] = KINDS[wanted.kind].read(Page(wanted.url, block("list").encode()), wanted, NOW)
    return [(item.author, item.headline, item.url, item.published_at) for item in items]


def test_selectors_of_the_recipe_read_its_page() -> None:
    """Whoever copies them must get what they show: from the options as from the file."""
    words = shlex.split(block("try"))
    assert words[:3] == ["phiwire", "source", "test"]
    selectors = dict(word.split("=", 1) for before, word in itertools.pairwise(words) if before == "--select")
    tried = Source("s", "S", words[words.index("--kind") + 1], words[3], select=selectors)
    kept = source("keep")
    assert kept.url == tried.url
    assert shown(kept) == shown(tried)
    assert shown(kept) == [
        ("Marta Quill", "Night ferry confirmed", "https://harbour.example/n/2", datetime(2026, 3, 4, 9, 5, tzinfo=UTC)),
        ("Ada Bell", "Harbour fund opens", "https://harbour.example/n/1", datetime(2026, 3, 3, 17, 30, tzinfo=UTC)),
    ]


def test_govuk_of_the_recipe_asks_for_all_that_is_read() -> None:
    """The same fields as the catalogue's own sources."""
    recipe = source("govuk")
    known = next(each for each in catalogue.load(None) if each.slug == "govuk-press-releases")
    assert recipe.kind == known.kind
    assert parse_qs(urlsplit(recipe.url).query)["fields"] == parse_qs(urlsplit(known.url).query)["fields"]


def test_recipe_says_how_many_requests_a_search_takes() -> None:
    """A promise to those who are asked."""
    assert MOST_ASKED == 8
    assert "at most eight requests" in DOCUMENT
