"""Rules for GOV.UK's APIs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.model import Attachment, Item, Quotation, Source
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
    updated_at=datetime(2024, 3, 20, 9, 30, tzinfo=UTC),
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
        self, url: str, *, public_only: bool = False, for_people: bool = False, item: bool = False
    ) -> Page | Unchanged | FetchFailed:
        """Answer, as a fetcher does."""
        assert (public_only, for_people, item) == (False, False, True)
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


def content(details: dict[str, Any] | None = None, **members: Any) -> Item:
    """Read the content item with other details and members."""
    return read(CONTENT | members | {"details": CONTENT["details"] | (details or {})})[0]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("details", "attached"),
    [
        ({"attachments": [{"title": "Lamp plan", "url": "/files/plan.pdf"}]}, [("Lamp plan", "/files/plan.pdf")]),
        ({"attachments": [{"title": "Web page", "url": "/plan/page"}]}, [("Web page", "/plan/page")]),
        ({"attachments": [{"url": "/files/plan.pdf"}, {"url": "javascript:x"}, 7]}, [("plan.pdf", "/files/plan.pdf")]),
        ({"attachments": None, "documents": ["<p><a href='/f/a.ODT'>Plan</a> ODT</p>"]}, [("Plan", "/f/a.ODT")]),
        ({"documents": ["6a1f", 7], "body": "<p>See <a href='/f/b.csv'>the list</a>.</p>"}, [("the list", "/f/b.csv")]),
        (
            {"attachments": [{"title": "A", "url": "/a.pdf"}], "body": "<p><a href='/a.pdf#page=2'>page 2</a></p>"},
            [("A", "/a.pdf")],
        ),
        ({}, []),
    ],
)
def test_attachments_are_found_in_any_form(details: dict[str, Any], attached: list[tuple[str, str]]) -> None:
    """As objects, as HTML, or only as links in the text; each once."""
    host = "http://127.0.0.1:8000"
    assert content(details).attachments == tuple(Attachment(title, f"{host}{path}") for title, path in attached)


@pytest.mark.parametrize(
    ("history", "note"),
    [
        ([{"note": "First published.", "public_timestamp": "2024-03-20T09:00:00Z"}], ""),
        (
            [
                {"note": "First published.", "public_timestamp": "2024-03-20T09:00:00Z"},
                {"note": "Corrected the  number of lamps.", "public_timestamp": "2024-03-22T09:00:00Z"},
                {"note": "Added a picture.", "public_timestamp": "2024-03-21T09:00:00+01:00"},
            ],
            "Corrected the number of lamps.",
        ),
        ([{"note": "Undated"}, 7, {"public_timestamp": "2024-03-21T09:00:00Z"}], ""),
        (None, ""),
    ],
)
def test_change_note_is_the_newest(history: Any, note: str) -> None:
    """Whatever the order; the first publication is no change."""
    assert content({"change_history": history}).change_note == note


def test_withdrawn_release_is_marked_with_the_reason() -> None:
    """GOV.UK keeps the text, under a notice; where there is none the notice is empty."""
    notice = {"explanation": "<div><p>We've withdrawn this.</p></div>", "withdrawn_at": "2024-04-01T09:00:00Z"}
    item = content(withdrawn_notice=notice)
    assert (item.withdrawn, item.change_note, item.body) == (True, "We've withdrawn this.", content().body)
    assert not content(withdrawn_notice={}).withdrawn
    assert not content(withdrawn_notice=None).withdrawn
    assert [item.withdrawn for item in read({"results": [RESULT | {"is_withdrawn": True}]})] == [True]


def test_several_organisations_and_topics_are_listed() -> None:
    """All of those who publish, and all topics of the best kind that there is."""
    links = {
        "organisations": [{"title": "Lamp Board"}, {"title": "Clock Office"}],
        "taxons": [{"title": "Street lighting"}, {"title": "Energy"}],
        "policy_areas": [{"title": "Older"}],
    }
    item = content(links=links)
    assert (item.organisation, item.topic) == ("Lamp Board, Clock Office", "Street lighting, Energy")


async def test_completing_fills_in_what_only_the_content_knows() -> None:
    """The public timestamp stays that of the list, by which the next change is noticed."""
    history = [{"note": "Corrected.", "public_timestamp": "2024-03-21T09:00:00Z"}]
    details = {"attachments": [{"title": "Plan", "url": "/p.pdf"}], "change_history": history}
    answer = CONTENT | {"details": CONTENT["details"] | details, "withdrawn_notice": {}}  # type: ignore[operator]
    item = await govuk.complete(LISTED, SOURCE, Api(Page(URL, json.dumps(answer).encode())), NOW)
    assert [each.title for each in item.attachments] == ["Plan"]
    assert (item.withdrawn, item.change_note, item.updated_at) == (False, "Corrected.", LISTED.updated_at)
