"""Rules for every kind: hostile bytes, and recognising what a document is."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Source
from bot.sources.documents import Page, Unreadable
from bot.sources.kinds import KINDS, recognise

NOW = datetime(2024, 3, 20, 12, 0, tzinfo=UTC)
URL = "https://example.org/x"
SELECT = {"row": "li, p, tr", "time": "time"}

MARKUP = (
    "<ul>|<li>|</li>|<a href='/x'>|</a>|<img alt='source icon' src=i>|<p>|</p>|<table>|<tr><td>|</time>|<br>|<h1>|</h1>"
    "|<b>|<time datetime='2024-03-01T10:00Z'>|<base href='//[x'>|<blockquote>|<!--|-->|]]>|"
    "<rss version='2.0'><channel>|<item>|<title>|</title>|</item>|"
    "<guid>g</guid>|<pubDate>x</pubDate>|<feed xmlns='http://www.w3.org/2005/Atom'>|<entry>|"
    "<updated>9999-99-99</updated>|&#xD800;|&amp;"
)
WORDS = (
    "17:52|23:59|Ada Bell|said:|“|”|source icon|Clock Office press release|Latest on Clocks|"
    "Clock Office: a headline of words|"
    "only the latest five entries on the PhiWire are visible to non-subscribers"
)
PARTS = st.sampled_from([*MARKUP.split("|"), *WORDS.split("|"), " | ", "\n", " ", "\x00", "\u202e"])
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["https://jsonfeed.org/version/1", "/a"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "version",
                    "items",
                    "results",
                    "title",
                    "link",
                    "id",
                    "url",
                    "authors",
                    "author",
                    "tags",
                    "details",
                    "links",
                ]
            )
            | st.sampled_from(
                ["body", "base_path", "organisations", "taxons", "content_html", "date_published", "public_timestamp"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)
BYTES = (
    st.binary(max_size=300)
    | st.lists(PARTS, max_size=40).map(lambda parts: "".join(parts).encode("utf-8", "replace"))
    | JSON.map(lambda value: json.dumps(value).encode())
)
TYPES = st.sampled_from(
    ["", "text/html", "text/html; charset=utf-16", "text/xml; charset=idna", "application/json; charset=\x00"]
)


@pytest.mark.parametrize("kind", KINDS)
@given(body=BYTES, content_type=TYPES, zone=st.sampled_from(["Europe/London", "America/New_York"]))
def test_any_bytes_give_items_or_unreadable(kind: str, body: bytes, content_type: str, zone: str) -> None:
    """One bad source never delays the others: no other exception may come out, and no item that cannot be stored."""
    source = Source(slug="s", name="S", kind=kind, url=URL, timezone=zone, select=SELECT if kind == "page" else {})
    try:
        items = KINDS[kind].read(Page(URL, body, content_type), source, NOW)
    except Unreadable as problem:
        items, said = [], str(problem)
    else:
        said = ""
    assert "\n" not in said
    assert "confuses its reader" not in said
    assert len(items) == len({item.key for item in items})
    for item in items:
        assert item.key
        assert item.headline
        assert item.headline == " ".join(item.headline.split())
        assert not item.url or item.url.startswith(("http://", "https://"))
        assert item.published_at is None or item.published_at.tzinfo is not None
        for text in (item.key, item.headline, item.url, item.author, item.topic, item.summary, item.body, item.icon):
            text.encode()
            assert "\x00" not in text


@pytest.mark.parametrize("kind", ["page", "phiwire", "press_releases", "feed"])
def test_a_document_nested_without_end_is_refused_at_once(kind: str) -> None:
    """HTML's parsing is quadratic in depth: half a megabyte of open elements would stop the bot for seconds."""
    source = Source(slug="s", name="S", kind=kind, url=URL, select={"row": "p"})
    with pytest.raises(Unreadable):
        KINDS[kind].read(Page(URL, b"<div>" * 100_000), source, NOW)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<rss version='2.0'><channel><title>T</title></channel></rss>", "feed"),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": []}', "feed"),
        ('{"results": []}', "govuk"),
        ('{"base_path": "/a", "title": "T", "details": {}}', "govuk"),
        ("<ul><li><a href='/1'>Ada Bell | One</a><img alt='source icon'> 17:52</li></ul>", "phiwire"),
        (
            "<li><a href='/1'>Clock Office: one two three</a></li><li><a href='/2'>Lamp Board: four five six</a>",
            "press_releases",
        ),
    ],
)
def test_kinds_are_recognised(body: str, kind: str) -> None:
    """`phiwire source test` is for addresses of which nothing is known."""
    assert kind == recognise(Page(URL, body.encode()))


def test_with_selectors_it_is_a_page() -> None:
    """Nobody gives selectors for anything else."""
    assert recognise(Page(URL, b"<p>x</p>"), {"row": "p"}) == "page"


@pytest.mark.parametrize("body", ["", "Hello", "<p>Hello</p>", "{}", "{", "\x00\x01"])
def test_what_is_none_of_them_is_said(body: str) -> None:
    """The message leads on to selectors, or to another address."""
    with pytest.raises(Unreadable, match=r"selectors|address"):
        recognise(Page(URL, body.encode()))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "the answer is empty"),
        ("\x00\n ", "the answer is empty"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><rss version='2.0'><channel><title>&a;</title></channel></rss>", "entities"),
        ("<feed><entry><id>x</id><title>This feed has ended</title></entry></feed>", "has ended"),
        ("<?xml version='1.0'?><rdf:RDF" + "<a>" * 30_000, "inside each other"),
    ],
)
def test_feed_that_cannot_be_read_says_why(body: str, reason: str) -> None:
    """That it is like none of the kinds would be no reason, and wrong."""
    with pytest.raises(Unreadable, match=reason):
        recognise(Page(URL, body.encode()))
