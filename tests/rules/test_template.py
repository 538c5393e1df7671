"""Templates: what people type is read or refused with its place, and no entry can break what is made of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot import template
from bot.ports import Line, Span
from bot.template import FIELDS, LONGEST, TemplateError, fill, parse


def _is_read(written: str) -> bool:
    try:
        parse(written)
    except TemplateError:
        return False
    return True


PIECES = st.sampled_from(
    [
        *(f"{{{name}}}" for name in FIELDS),
        "*",
        "_",
        "**",
        "__",
        "{{",
        "}}",
        " – ",
        ", ",
        " (",
        ")",
        "by ",
        "\n",
        "a_b",
        "<b>",
    ]
)
TEMPLATES = st.lists(PIECES, max_size=14).map("".join)
"""Templates as people might type them; some are refused."""
VALID = TEMPLATES.map(lambda written: f"{{headline}}{written}").filter(_is_read)
TYPED = st.one_of(TEMPLATES, st.text(max_size=60))


def shown(written: str, **values: str) -> str:
    """Fill a template with plain values, and give its text."""
    given: dict[str, Line] = {name: (Span(value),) for name, value in values.items() if value}
    return "\n".join("".join(span.text for span in line) for line in fill(parse(written), given))


@given(TYPED)
@example("{")
@example("*{headline}")
@example("{headline}" * 2)
def test_every_text_is_read_or_refused_at_its_place(written: str) -> None:
    """And never breaks anything."""
    try:
        parse(written)
    except TemplateError as error:
        line, caret, problem = error.lines()
        assert 0 <= error.position <= len(written)
        assert len(caret) - 1 <= len(line)
        assert problem.endswith((".", "?"))


@given(VALID, st.dictionaries(st.sampled_from(sorted(FIELDS)), st.text(min_size=1, max_size=9)))
def test_values_are_never_read(written: str, values: dict[str, str]) -> None:
    """A headline with braces and stars is a headline with braces and stars."""
    values["headline"] = "{author} *bold* _it_ {{"
    given: dict[str, Line] = {name: (Span(value),) for name, value in values.items()}
    spans = [span for line in fill(parse(written), given) for span in line]
    assert any(span.text == values["headline"] for span in spans)
    for name, value in values.items():
        if f"{{{name}}}" in written:
            assert any(span.text == value for span in spans)


@pytest.mark.parametrize(
    ("written", "values", "expected"),
    [
        (
            "{icon} {headline} – {author}, {time}",
            {"icon": "🏛", "headline": "H", "author": "A", "time": "9"},
            "🏛 H – A, 9",
        ),
        ("{icon} {headline} – {author}, {time}", {"icon": "🏛", "headline": "H", "time": "9"}, "🏛 H, 9"),
        ("{author}, {time} | {headline}", {"headline": "H", "time": "9"}, "9 | H"),
        ("{author}: {headline}", {"headline": "H"}, "H"),
        ("{headline} ({author}) {time}", {"headline": "H", "time": "9"}, "H 9"),
        ("{headline}\n\nBy {author}\n\n{time}", {"headline": "H", "time": "9"}, "H\n\n9"),
        ("{summary}\n\n{headline}", {"headline": "H"}, "H"),
        ("{headline} {{as it is}} 2 ** 3 snake_case_name", {"headline": "H"}, "H {as it is} 2 * 3 snake_case_name"),
        ("{Title_}", {}, None),
        ("{ HEADLINE }", {"headline": "H"}, "H"),
    ],
)
def test_what_is_empty_goes_with_its_signs(written: str, values: dict[str, str], expected: str | None) -> None:
    """Nobody wants to read a lonely comma."""
    if expected is None:
        with pytest.raises(TemplateError):
            parse(written)
    else:
        assert shown(written, **values) == expected


def test_stars_are_bold_and_low_lines_italic() -> None:
    """Also around fields, and one in the other."""
    line = fill(parse("*{headline} is _new_*, {time}"), {"headline": (Span("H"),), "time": (Span("9"),)})[0]
    assert [(span.text, span.bold, span.italic) for span in line] == [
        ("H", True, False),
        (" is ", True, False),
        ("new", True, True),
        (", ", False, False),
        ("9", False, False),
    ]


@pytest.mark.parametrize(
    ("written", "at", "part"),
    [
        ("{headline} {autor}", 12, "did you mean {author}?"),
        ("{headline} {url}", 12, "did you mean {link}?"),
        ("{headline} {xyzzy}", 12, "there are headline, author,"),
        ("{headline} *{author}", 11, "This * is not closed in its line"),
        ("{headline} _{author}\n_", 11, "This _ is not closed"),
        ("{headline} {author", 11, "A field stands in {}"),
        ("{headline}} x", 10, "write }} for the sign itself"),
        ("{headline} {headline}", 12, "{headline} is there twice"),
        ("{headline} {text}", 12, "{text} has several lines: give it a line of its own"),
        ("{author}", 8, "add {headline}"),
        ("x" * LONGEST + "{headline}", LONGEST, "at most 400 characters"),
        ("{headline}" + " *x* _y_" * 5, 0, "At most 8 pieces"),
    ],
)
def test_refusal_names_the_place_and_what_helps(written: str, at: int, part: str) -> None:
    """As the query language does."""
    with pytest.raises(TemplateError) as caught:
        template.parse(written)
    assert part in caught.value.problem
    assert caught.value.position == at


@pytest.mark.parametrize("name", FIELDS)
def test_documentation_has_every_field(name: str) -> None:
    """Whatever is not there is not found."""
    assert f"| `{{{name}}}` | {FIELDS[name]}" in (Path(__file__).parents[2] / "docs/templates.md").read_text("utf-8")
