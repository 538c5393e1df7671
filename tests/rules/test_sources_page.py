"""Rules for pages read by selectors."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.model import Item, Source
from bot.sources import page
from bot.sources.documents import Page, Unreadable

NOW = datetime(2024, 3, 20, 12, 0, tzinfo=UTC)
URL = "https://example.org/news/"


def read(html: str, **select: str) -> list[Item]:
    """Read a document."""
    source = Source(
        slug="s", name="S", kind="page", url=URL, organisation="Board", icon="https://example.org/f.ico", select=select
    )
    return page.read(Page(URL, html.encode()), source, NOW)


def test_every_field_can_be_selected() -> None:
    """A page's structure is configuration, not code."""
    html = (
        "<ul><li data-id='/real'><img data-src='/i.png'><a class=author href='/people/ada'>Ada Bell</a>"
        "<h3><a href='one'>One &amp; <b>two</b></a></h3><p>Short.</p><i>Rail</i><em>Lamp Board</em>"
        "<span class=t>12 March 2024, 09:30</span></li></ul>"
    )
    expected = Item(
        key="https://example.org/news/one",
        kind="wire",
        headline="One & two",
        url="https://example.org/news/one",
        author="Ada Bell",
        organisation="Lamp Board",
        topic="Rail",
        summary="Short.",
        icon="https://example.org/i.png",
        published_at=datetime(2024, 3, 12, 9, 30, tzinfo=UTC),
    )
    found = read(
        html,
        row="li",
        link="h3 a",
        author=".author",
        organisation="em",
        topic="i",
        summary="p",
        time=".t",
        icon="img@data-src",
    )
    assert [expected] == found
    assert [item.url for item in read(html, row="li", link="@data-id", headline="h3")] == ["https://example.org/real"]


def test_without_other_selectors_the_first_link_is_the_row() -> None:
    """Most lists need a selector for their rows only."""
    html = (
        "<p class=r><a href='/1'>One</a> <a href='/x'>More</a></p>"
        "<p class=r><a href='/2'>Two</a></p><p class=r>None</p>"
    )
    assert [(item.headline, item.url, item.organisation) for item in read(html, row=".r")] == [
        ("One", "https://example.org/1", "Board"),
        ("Two", "https://example.org/2", "Board"),
    ]


def test_bare_times_follow_the_one_rule() -> None:
    """A time that jumps up crosses midnight, as on the PhiWire."""
    rows = "".join(
        f"<p><a href='/{n}'>Row {n}</a><b>{wall}</b></p>" for n, wall in enumerate(["11:00", "00:10", "23:50"])
    )
    assert [item.published_at for item in read(rows, row="p", time="b")] == [
        datetime(2024, 3, 20, 11, 0, tzinfo=UTC),
        datetime(2024, 3, 20, 0, 10, tzinfo=UTC),
        datetime(2024, 3, 19, 23, 50, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    ("select", "words"),
    [
        ({"row": ".gone"}, r'row = "\.gone" matches nothing'),
        ({}, "no selector for the rows"),
        ({"row": "p["}, "is not a CSS selector"),
        ({"row": "p", "headline": "h9"}, "no row has a headline"),
    ],
)
def test_a_selector_that_finds_nothing_is_named(select: dict[str, str], words: str) -> None:
    """A changed layout must be noticed, and the message leads to the line to correct."""
    with pytest.raises(Unreadable, match=words):
        read("<p>Words without link</p>", **select)
