"""Every kind against real documents that nobody here wrote; they stay outside the project."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.model import Hints, Item, Source
from bot.sources import govuk, hints
from bot.sources.documents import Page, Unreadable
from bot.sources.kinds import KINDS, recognise

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"
NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
URL = "https://example.org/documents/list"
SELECTORS = {
    "bill_nelson_press.html": (
        {"row": ".views-row", "link": "h3 a", "summary": ".views-field-body", "time": ".date-box"},
        10,
    ),
    "bill_nelson_press-coldfusion.html": ({"row": "#primaryContent li"}, 26),
    "ed_perlmutter_press.html": ({"row": ".category tr", "link": ".list-title a", "time": ".list-date"}, 445),
    "keating_press.html": ({"row": ".category tr", "link": ".list-title a", "time": ".list-date"}, 161),
}
# Feeds of which no entry has a title, a text or a link. Whatever else yields nothing says why.
WITHOUT_ENTRIES = {
    *("10.json", "category.xml", "channel.xml", "cloud.xml", "empty.atom", "empty.rss", "enclosure.xml"),
    *("extension.xml", "image.xml", "iso-8859-1.xml", "mixed_content.xml", "source.xml", "textinput.xml"),
    *("unknown.json", "verify_write_format.xml", "windows-1252-incorrect-prolog.xml", "windows-1252.xml"),
}


def files(folder: str, pattern: str = "**/*") -> list[Path]:
    """List the files of a folder of the corpus, relative to it."""
    return sorted(path.relative_to(CORPUS) for path in (CORPUS / folder).glob(pattern) if path.is_file())


def read(kind: str, path: Path | str, select: dict[str, str] | None = None, zone: str = "Europe/London") -> list[Item]:
    """Read a document."""
    if not CORPUS.is_dir():
        pytest.skip("real documents are not here: ../shared/corpus is absent")
    source = Source(slug="s", name="S", kind=kind, url=URL, timezone=zone, select=select or {})
    return KINDS[kind].read(Page(URL, (CORPUS / path).read_bytes()), source, NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_every_document_gives_items_or_unreadable(kind: str) -> None:
    """Whatever is served under an address, the reader of any kind survives it, and knows what it does not know."""
    if not CORPUS.is_dir():
        pytest.skip("real documents are not here: ../shared/corpus is absent")
    silent = set()
    for path in (*files("feeds"), *files("pages"), *files("govuk")):
        try:
            items = read(kind, path, {"row": "p, li, tr"} if kind == "page" else None)
        except Unreadable as problem:
            items, said = [], str(problem)
        else:
            said = ""
        assert "confuses its reader" not in said, path
        # What is wrong, and after it what to do.
        assert not said or re.search(r"[:;,] \w+ .{5,}", said), path
        assert len(items) == len({item.key for item in items}), path
        assert all(item.headline and item.key for item in items), path
        if not items and not said:
            silent.add(path.name)
    assert kind != "feed" or silent <= WITHOUT_ENTRIES


@pytest.mark.parametrize(
    ("path", "count", "authors", "topics", "bodies"),
    [
        ("feeds/political/bbc.xml", 33, 0, 0, 0),
        ("feeds/political/cnn.xml", 69, 0, 0, 0),
        ("feeds/political/guardian.rss", 55, 50, 55, 0),
        ("feeds/political/whitehouse_briefings.xml", 10, 0, 0, 0),
    ],
)
def test_political_feeds_are_read_whole(path: str, count: int, authors: int, topics: int, bodies: int) -> None:
    """Every entry has a headline and a link; authors and topics where the publisher gives them."""
    items = read("feed", path)
    assert (count, count) == (len(items), sum(item.url.startswith("http") for item in items))
    assert (authors, topics, bodies) == tuple(
        sum(bool(text) for text in texts)
        for texts in zip(*((item.author, item.topic, item.body) for item in items), strict=True)
    )
    assert not any("<" in item.headline or "&amp;" in item.headline for item in items)


@pytest.mark.parametrize("name", SELECTORS)
def test_real_list_pages_are_read_by_selectors(name: str) -> None:
    """Four lists of press releases; the dates of one stand between elements, where no selector reaches them."""
    select, count = SELECTORS[name]
    items = read("page", f"pages/{name}", select, "America/New_York")
    assert len(items) == count
    assert all(item.url and (item.published_at is not None or "time" not in select) for item in items)


@pytest.mark.parametrize("name", SELECTORS)
def test_real_list_pages_are_read_without_selectors(name: str) -> None:
    """The same lists, found by the place of their links."""
    select, _ = SELECTORS[name]
    chosen = {item.key for item in read("page", f"pages/{name}", select, "America/New_York")}
    guessed = read("press_releases", f"pages/{name}", zone="America/New_York")
    assert len(chosen & {item.key for item in guessed}) >= 0.8 * len(chosen)
    assert sum(item.published_at is not None for item in guessed) >= 0.9 * len(guessed)


@pytest.mark.parametrize(
    ("name", "headline", "published", "speakers"),
    [
        (
            "press-release_20190712IPR56948.html",
            "Venezuela: European Parliament calls for additional sanctions",
            datetime(2019, 7, 18, 9, 37, tzinfo=UTC),
            [],
        ),
        (
            "press-release_20241212IPR25960.html",
            "Parliament paves way for the use of EU funds to finance natural disaster recovery",
            datetime(2024, 12, 17, 12, 17, tzinfo=UTC),
            ["Andrzej BUŁA", "Younous OMARJEE", "Veronika VRECIONOVÁ"],
        ),
    ],
)
def test_a_release_of_the_european_parliament_is_read(
    name: str, headline: str, published: datetime, speakers: list[str]
) -> None:
    """A form that was not known when the reader was written."""
    (item,) = read("press_releases", f"pages/europarl/{name}", zone="Europe/Brussels")
    assert (headline, published) == (item.headline, item.published_at)
    assert speakers == [quotation.speaker for quotation in item.quotations]
    assert len(item.body) > 2_000
    assert "WhatsApp" not in item.body
    assert "E-mail" not in item.body


@pytest.mark.parametrize("path", files("govuk", "[ns][ep]*/*.json"), ids=str)
def test_content_items_of_govuk_complete_a_release(path: Path) -> None:
    """News articles and speeches: text without markup, and the same item whatever is missing."""
    content = json.loads((CORPUS / path).read_bytes())
    item = govuk.read_content(
        Page("https://www.gov.uk/api/content/x", (CORPUS / path).read_bytes()),
        Source(slug="s", name="S", kind="govuk", url=URL),
    )
    assert (content["base_path"], "https://www.gov.uk" + content["base_path"]) == (item.key, item.url)
    assert len(item.body) > 100
    assert "<" not in item.body
    assert item.published_at is not None


def test_the_people_quoted_in_a_release_of_govuk_are_found() -> None:
    """Four block quotations, introduced by name and office."""
    (item,) = read("govuk", "govuk/news_article/news_article_press_release.json")
    assert [quotation.speaker for quotation in item.quotations] == [
        "Professor Kevin Fenton",
        "Professor Sir Muir Gray",
        "Dan Howarth",
        "Dr Ellie Cannon",
    ]
    assert all(quotation.office for quotation in item.quotations)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("feeds/political/bbc.xml", "feed"),
        ("feeds/feedjira/json_feed.json", "feed"),
        ("pages/keating_press.html", "press_releases"),
        ("pages/europarl/press-release_20241212IPR25960.html", "press_releases"),
        ("govuk/speech/speech.json", "govuk"),
    ],
)
def test_real_documents_are_recognised(path: str, kind: str) -> None:
    """`phiwire source test` is for addresses of which nothing is known."""
    if not CORPUS.is_dir():
        pytest.skip("real documents are not here: ../shared/corpus is absent")
    assert kind == recognise(Page(URL, (CORPUS / path).read_bytes()))


@pytest.mark.parametrize(
    ("path", "ttl", "hub"),
    [
        ("feeds/political/bbc.xml", timedelta(minutes=15), ""),
        ("feeds/political/cnn.xml", timedelta(minutes=10), "http://pubsubhubbub.appspot.com/"),
        ("feeds/feedjira/TechCrunch.xml", timedelta(0), "http://pubsubhubbub.appspot.com/"),
        ("feeds/political/guardian.rss", timedelta(0), ""),
    ],
)
def test_real_feeds_say_how_they_want_to_be_polled(path: str, ttl: timedelta | None, hub: str) -> None:
    """Some do, and some have a hub."""
    if not CORPUS.is_dir():
        pytest.skip("real documents are not here: ../shared/corpus is absent")
    asked = hints.read(Page(URL, (CORPUS / path).read_bytes()), Hints())
    assert (asked.ttl, asked.hub) == (ttl, hub)


@pytest.mark.parametrize(
    ("path", "withdrawn", "note"),
    [
        ("govuk/news_article/news_article_withdrawn.json", True, "We’ve withdrawn this news article"),
        ("govuk/speech/withdrawn-speech.json", True, "This page has been withdrawn because it is out of date."),
        ("govuk/speech/speech-with-updates.json", False, "Added the PDF version of the speech."),
        ("govuk/news_article/best-practice-press-release.json", False, ""),
    ],
)
def test_changes_and_withdrawals_of_govuk_are_read(path: str, note: str, *, withdrawn: bool) -> None:
    """A first publication is no change, and an empty notice no withdrawal."""
    (item,) = read("govuk", path)
    assert (item.withdrawn, item.change_note) == (withdrawn, note)
