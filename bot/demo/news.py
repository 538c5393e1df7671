"""Invented news: nobody here exists, no department either."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the PhiWire."""

    author: str
    headline: str


@dataclass(frozen=True, slots=True)
class Release:
    """A press release with one quotation."""

    organisation: str
    title: str
    paragraphs: tuple[str, ...]
    office: str
    speaker: str
    quotation: str
    topic: str


@dataclass(frozen=True, slots=True)
class Post:
    """An item of the feed."""

    author: str
    title: str
    summary: str


News = Row | Release | Post

BEFORE = (
    Row("Marta Quill", "Why the harbour bill divides both benches"),
    Row("Owen Tarrant", "Seven questions the ferry minister must now answer"),
    Row("Priya Ashdown", "Inside the whips’ office: a quiet week, for once"),
    Row("", "Lighthouse levy: what we know so far"),
    Row("Colm Everard", "The football pundit who would be mayor"),
    Release(
        "Department for Coastal Affairs",
        "New fund for harbour towns opens",
        (
            "Forty harbour towns can apply from today for a share of the new fund.",
            "The first grants are due in spring.",
        ),
        "Minister for Coastal Affairs",
        "Ines Calloway",
        "Harbours are where this country meets the sea, and we mean to keep them open.",
        "Coastal Communities",
    ),
    Post(
        "Rafe Lindqvist", "Morning briefing: tides and by-elections", "What to watch in Westminster and on the water."
    ),
)

FERRY_ROW = Row("Marta Quill", "Ferry subsidy survives by a single vote")
FERRY_RELEASE = Release(
    "Department for Coastal Affairs",
    "Night ferry to the northern isles confirmed",
    (
        "The night ferry to the northern isles will sail all year, the department announced today.",
        "More than four thousand islanders took part in the consultation behind the timetable.",
        "Two new vessels, the larger for three hundred people, replace a ship that has served for thirty-one years.",
    ),
    "Minister for Coastal Affairs",
    "Ines Calloway",
    "Islanders asked for a crossing that they can rely on in January as much as in July, and they will get it.",
    "Transport",
)
FERRY_FOOTBALL = Row("Colm Everard", "Ferry workers’ football final: the political guide")
FERRY_POST = Post("Rafe Lindqvist", "Lunchtime briefing: the ferry vote, by numbers", "Who crossed the floor, and why.")
OTHER_ROW = Row("Owen Tarrant", "Budget <leak> & the “usual suspects”")

_AUTHORS = ("Marta Quill", "Owen Tarrant", "Priya Ashdown", "Colm Everard", "Rafe Lindqvist", "Bronwen Hale")
_SUBJECTS = (
    "the ferry bill",
    "the lighthouse levy",
    "harbour towns",
    "the whips’ office",
    "the by-election in Saltmarsh",
)
_TURNS = (
    "Five things we learned about {}",
    "The real story behind {}",
    "Who gains from {}?",
    "{}: the numbers that matter",
    "Why nobody wants to talk about {}",
    "A very short history of {}",
    "Ministers think again on {}",
)


def later() -> Iterator[News]:
    """Go on for ever: first what the tour tells of, then every combination of what politics is made of."""
    yield from (FERRY_ROW, OTHER_ROW, FERRY_RELEASE, FERRY_FOOTBALL, FERRY_POST)
    for number in itertools.count():
        author = _AUTHORS[number % len(_AUTHORS)]
        subject = _SUBJECTS[(number * 3) % len(_SUBJECTS)]
        headline = _TURNS[(number * 5) % len(_TURNS)].format(subject)
        headline = headline[0].upper() + headline[1:]
        edition = number // len(_TURNS)
        if edition:
            headline = f"{headline} (part {edition + 1})"
        yield Row(author, headline) if number % 4 else Post(author, headline, f"More on {subject}.")
