"""Rules for GOV.UK's APIs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.model import Item, Quotation, Source
from bot.sources import govuk
from bot.sources.documents import FetchFailed, Page, Unchanged, Unreadable

NOW = datetime(2024, 3, 20, 12, 0, tzinfo=UTC)
URL = "http://127.0.0.1:8000/api/search.json?count=2"
SOURCE = Source(slug="govuk", name="GOV.UK", kind="govuk", url=URL)
RESULT = {
    "title": "Lamps ‘lit’",
    "link": "/government/news/lamps-lit",
    "description": "All  lamps.",
    "public_timestamp": "2024-03-20T09:30:00Z",
    "organisations": [{"title": "Lamp Board"}, {"title": "Clock Office"}],
}
CONTENT = {
    "base_path": "/government/news/lamps-lit",
    "title": "Lamps ‘lit’",
    "public_updated_at": "2024-03-20T09:31:00+00:00",
    "details": {
        "body": "<div><p>They are.</p><p>Lamp minister Ada Bell said:</p>"
        "<blockquote><p>Light.</p><p>More light.</p></blockquote></div>"
    },
    "links": {"taxons": [{"title": "Street lighting"}], "organisations": [{"title": "Lamp Board"}]},
}
LISTED = Item(
    key="/government/news/lamps-lit",
    kind="release",
    headline="Lamps ‘lit’",
    url="http://127.0.0.1:8000/government/news/lamps-lit",
    organisation="Lamp Board, Clock Office",
    summary="All lamps.",
    published_at=datetime(2024, 3, 20, 9, 30, tzinfo=UTC),
)


def read(answer: Any) -> list[Item]:
    """Read a document."""
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return govuk.read(Page(URL, body, "application/json"), SOURCE, NOW)


class Api:
    """Answers every address with the same."""

    def __init__(self, answer: Page | Unchanged | FetchFailed) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def get(
        self, url: str, *, etag: str = "", last_modified: str = "", public_only: bool = False, item: bool = False
    ) -> Page | Unchanged | FetchFailed:
        """Answer, as a fetcher does."""
        assert (etag, last_modified, public_only, item) == ("", "", False, True)
        self.asked.append(url)
        return self.answer


def test_a_result_becomes_a_release() -> None:
    """Links are relative to the server that answered, so that a local one works, too."""
    assert read({"results": [RESULT, RESULT, {"title": "no link"}, "rubbish"]}) == [LISTED]


async def test_completing_asks_the_content_api_of_the_same_server() -> None:
    """The search knows neither text nor topic."""
    api = Api(Page(URL, json.dumps(CONTENT).encode(), "application/json"))
    item = await govuk.complete(LISTED, SOURCE, api, NOW)
    assert api.asked == ["http://127.0.0.1:8000/api/content/government/news/lamps-lit"]
    assert (item.body, item.topic, item.quotations, item.published_at, item.organisation) == (
        "They are.\n\nLamp minister Ada Bell said:\n\nLight.\n\nMore light.",
        "Street lighting",
        (Quotation("Ada Bell", "Lamp minister", "Light.\n\nMore light."),),
        LISTED.published_at,
        LISTED.organisation,
    )


@pytest.mark.parametrize(
    "answer",
    [FetchFailed("gone", final=True), Unchanged(), Page(URL, b"{"), Page(URL, b"[]"), Page(URL, b'{"details": 1}')],
)
async def test_without_a_content_item_the_release_stays_as_it_was(answer: Page | Unchanged | FetchFailed) -> None:
    """A release without its body is better than none."""
    assert await govuk.complete(LISTED, SOURCE, Api(answer), NOW) == LISTED


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"<html>", "not JSON"),
        (b"", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        ([], "not an object"),
        ({"documents": []}, "no list of results"),
        ({"results": [{"id": 1}]}, "fields=title,link"),
    ],
)
def test_another_shape_is_named(answer: Any, words: str) -> None:
    """An API that changed must be noticed."""
    with pytest.raises(Unreadable, match=words):
        read(answer)


def test_no_results_are_no_fault() -> None:
    """A search may find nothing."""
    assert read({"results": []}) == []
