"""Rules told by the two seed documents: exactly what a person reads in them."""

from __future__ import annotations

from datetime import datetime
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.model import Source
from bot.sources import phiwire, press_releases
from bot.sources.documents import Page

SEEDS = Path(__file__).parents[2].parent / "shared" / "seeds"
LONDON = ZoneInfo("Europe/London")
NOW = datetime(2014, 11, 26, 18, 0, tzinfo=LONDON)
URL = "https://example.org/seed"
ROWS = [
    ("Isabel Hardman", "Are Tristram Hunt’s plans for private schools class war or just a bit pointless?", "17:52"),
    ("Rachel Reeves", "8 questions Iain Duncan-Smith must now answer", "17:31"),
    ("Chris Cillizza", "The Fix: Why speaking on Ferguson was a lose-lose proposition forPresident Obama", "17:07"),
    ("Ed Balls", "Let us all share fairly in the recovery - and save our stricken NHS", "17:01"),
    ("Mark Wallace", "When conspiracy theories enter the mainstream, it’s time to worry", "17:00"),
]


def seed(part: int) -> str:
    """Give one of the two seed documents, or skip."""
    files = sorted(SEEDS.glob("*.txt"))
    if not files:
        pytest.skip("the seed documents are not here: ../shared/seeds is absent")
    return files[0].read_text(encoding="utf-8").split("\nPress Release\n")[part]


def entries(document: str) -> list[tuple[str, str, str]]:
    """Read a copy of the PhiWire, and show its rows as a person would note them."""
    source = Source(slug="phiwire", name="PhiWire", kind="phiwire", url=URL)
    items = phiwire.read(Page(URL, document.encode()), source, NOW)
    local = [item.published_at.astimezone(LONDON) for item in items if item.published_at]
    assert [NOW.date()] * len(items) == [moment.date() for moment in local]
    return [(item.author, item.headline, f"{moment:%H:%M}") for item, moment in zip(items, local, strict=True)]


def grouped(text: str) -> list[list[str]]:
    """Group the lines of the copy: a headline with the deeper bullets below it."""
    groups: list[list[str]] = []
    for line in text.splitlines():
        words = line.strip(" •")
        if line.startswith("    •"):
            groups[-1].append(words)
        elif line.startswith("  •"):
            groups.append([words])
    return groups


def cell(words: str) -> str:
    """Render the words of one bullet."""
    return "<img src='/i.png' alt='source icon'>" if words == "source icon" else escape(words)


def test_the_text_copy_has_five_entries() -> None:
    """The other twenty rows are placeholders."""
    assert entries(seed(0)) == ROWS


@pytest.mark.parametrize(
    ("around", "row", "inner", "cells"),
    [
        ("ul", "<li>{head}<ul>{rest}</ul></li>", "<li>{}</li>", slice(None)),
        ("table", "<tr><td>{head}</td>{rest}</tr>", "<td>{}</td>", slice(None)),
        ("table", "<tr>{rest}<td>{head}</td></tr>", "<td>{}</td>", slice(None, None, -1)),
        ("div", "<div><div>{head}</div>{rest}</div>", "<div>{}</div>", slice(None)),
        ("div", "<div>{head}</div>{rest}", "<div>{}</div>", slice(None)),
        ("div", "{rest}<div>{head}</div>", "<div>{}</div>", slice(None, None, -1)),
        ("p", "{head} {rest}<br>", "<span>{}</span> ", slice(None)),
    ],
)
def test_the_same_five_entries_are_found_in_any_markup(around: str, row: str, inner: str, cells: slice) -> None:
    """The copy has lost its tags; whichever they were, the news is the same."""
    rows = "".join(
        row.format(head=escape(head), rest="".join(inner.format(cell(words)) for words in rest[cells]))
        for head, *rest in grouped(seed(0))
    )
    assert entries(f"<h1>Phi Wire Hand Picked Politics - Live</h1><{around}>{rows}</{around}>") == ROWS


@pytest.mark.parametrize("markup", ["{}", "<p>{}</p>", "<div>{}</div>", "<tr><td>{}</td></tr>"])
def test_the_press_release_is_read_whole(markup: str) -> None:
    """Organisation, headline, body, topic, and three people with their offices."""
    lines = [line for line in seed(1).splitlines() if line.strip()]
    document = "\n\n".join(markup.format(escape(line, quote=False) if "<" in markup else line) for line in lines)
    if "<td>" in markup:
        document = f"<table>{document}</table>"
    source = Source(slug="releases", name="Releases", kind="press_releases", url=URL)
    (item,) = press_releases.read(Page(URL, document.encode()), source, NOW)
    assert (item.kind, item.organisation, item.topic) == ("release", "Cabinet Office", "Public Administration")
    assert item.headline == (
        "Next Generation Shared Services will deliver better back-office functions and save millions for taxpayers"
    )
    assert item.body.split("\n\n") == [line.strip() for line in lines[3:-1]]
    assert [(quotation.speaker, quotation.office) for quotation in item.quotations] == [
        ("Francis Maude", "Minster for the Cabinet Office"),
        ("Sir Bob Kerslake", "Head of the Civil Service"),
        ("Stephen Kelly", "Chief Operating Officer"),
    ]
    assert [len(quotation.text.split("\n\n")) for quotation in item.quotations] == [3, 2, 1]
    assert all(not set(quotation.text[0] + quotation.text[-1]) & set('"“”') for quotation in item.quotations)
