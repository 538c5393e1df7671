"""docs/filters.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot import durations
from bot.filters import query
from bot.filters.document import FIELDS, SHORTEST_BEGINNING, Document
from bot.filters.evaluation import found
from bot.filters.query import DEEPEST, LONGEST, QueryError
from bot.filters.tree import format_query
from bot.model import ENTRY_KINDS, Item

DOCUMENT = (Path(__file__).parents[2] / "docs" / "filters.md").read_text("utf-8")


def table(head: str) -> list[tuple[str, ...]]:
    """Read the rows of the tables with that first line, as cells."""
    rows = [row for part in DOCUMENT.split(f"| {head} |\n")[1:] for row in part.split("\n\n")[0].splitlines()[1:]]
    assert rows, head
    return [tuple(cell.strip() for cell in re.split(r" \|(?: |$)", row.removeprefix("| "))) for row in rows]


def code(cell: str) -> list[str]:
    """Read what stands between backticks."""
    return re.findall(r"`([^`]+)`", cell)


def quoted(cell: str) -> list[str]:
    """Read what stands between straight quotation marks."""
    return re.findall(r'"([^"]+)"', cell)


HYPHENS = [
    (written, headline, expected)
    for first, finds, refuses, *_ in table("query | finds | does not find")
    for written in code(first)
    for cell, expected in ((finds, True), (refuses, False))
    for headline in quoted(cell)
]


@pytest.mark.parametrize("written", [each for row in table("you want | query") for each in code(row[1])])
def test_every_example_can_be_typed(written: str) -> None:
    """People copy what they read."""
    tree = query.parse(written)
    assert query.parse(format_query(tree)) == tree
    assert query.hints(written) == ()


@pytest.mark.parametrize("typed", [each for row in table("you type | you get") for each in code(row[0])])
def test_every_kind_of_filter_has_an_example(typed: str) -> None:
    """The first words of the document are the first that people try."""
    command, _, argument = typed.partition(" ")
    assert command in {"follow", "subscribe", "mute"}
    if command == "follow":
        assert query.author(argument)
    else:
        words, _, last = argument.rpartition(" ")
        timed = last == "2h" and durations.parse_duration(last)
        assert query.parse(words if timed else argument)


@pytest.mark.parametrize(("written", "headline", "expected"), HYPHENS)
def test_table_of_hyphens_holds(written: str, headline: str, *, expected: bool) -> None:
    """It is the rule that needs examples most."""
    assert (found(query.parse(written), Document(Item("k", "wire", headline))) is not None) is expected


@pytest.mark.parametrize(("written", "answer"), [(code(row[0])[0], row[1]) for row in table("query | answer")])
def test_table_of_mistakes_quotes_the_answers(written: str, answer: str) -> None:
    """Whoever looks an answer up finds it."""
    with pytest.raises(QueryError) as caught:
        query.parse(written)
    assert answer in caught.value.problem


def test_shown_mistake_is_as_it_is_shown() -> None:
    """The caret stands where the bot sets it."""
    shown = re.search(r"\n\n((?:    .*\n)+)\n\| query \| answer", DOCUMENT)
    assert shown
    lines = [line.removeprefix("    ") for line in shown[1].splitlines()]
    with pytest.raises(QueryError) as caught:
        query.parse(lines[0])
    assert tuple(lines) == caught.value.lines()


def test_fields_are_those_of_the_language() -> None:
    """A field that is not there cannot be found; one that is there and not read is a lie."""
    rows = table("field | also | looks in")
    assert {code(row[0])[0] for row in rows} == {f"{field}:" for field in FIELDS}
    names = {code(row[0])[0].rstrip(":"): [each.rstrip(":") for each in code(row[1])] for row in rows}
    for field, others in names.items():
        value = ENTRY_KINDS[0] if field == "kind" else "quill"
        for name in (field, *others):
            assert query.parse(f"{name}:{value}") == query.parse(f"{field}:{value}")
    grammar = re.search(r"    field +=([^;]+);", DOCUMENT)
    assert grammar
    assert sorted(quoted(grammar[1])) == sorted([*names, *(other for others in names.values() for other in others)])
    assert {other: field for field, others in names.items() for other in others} == query._OTHER_NAMES


def test_limits_are_those_of_the_language() -> None:
    """Numbers change in one place and are forgotten in the other."""
    numbers = {3: "three", 10: "ten"}
    assert f"{LONGEST} characters" in DOCUMENT
    assert f"{numbers[DEEPEST]} levels of parentheses" in DOCUMENT
    assert f"at least {numbers[SHORTEST_BEGINNING]} letters" in DOCUMENT


@pytest.mark.parametrize("text", ["`preview QUERY`", "`phiwire filter test QUERY --since 7d`"])
def test_document_says_how_to_try_one_out(text: str) -> None:
    """Nobody subscribes two hundred people to a guess."""
    assert text in DOCUMENT
