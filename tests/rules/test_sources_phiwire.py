"""Rules for the PhiWire's list, in whatever markup."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

import pytest

from bot.model import Item, Source
from bot.sources import phiwire
from bot.sources.documents import Page, Unreadable

NOW = datetime(2014, 11, 26, 18, 0, tzinfo=UTC)
ICON = '<img src="/icons/p.png" alt="Source Icon">'
HIDDEN = "PoliticsHome | Only the latest five entries on the PhiWire are visible to non-subscribers"

Row = tuple[str, str, str]
ROWS: list[Row] = [
    ("Ada Bell | Why trains | and trams – are late & full", "/one", "17:52"),
    ("Eight questions that nobody asked", "/two", "17:31"),
    ("Example Party | @somebody’s “plan” #plan", "/three", "00:05"),
    ("Cy Dee | Votes at <b>22:00</b> tonight", "/four", "23:58"),
]
EXPECTED = [
    ("2014-11-26T17:52", "Ada Bell", "Why trains | and trams – are late & full", "https://example.org/one"),
    ("2014-11-26T17:31", "", "Eight questions that nobody asked", "https://example.org/two"),
    ("2014-11-26T00:05", "Example Party", "@somebody’s “plan” #plan", "https://example.org/three"),
    ("2014-11-25T23:58", "Cy Dee", "Votes at 22:00 tonight", "https://example.org/four"),
]

LAYOUTS = {
    "nested list": "<li><a href='{href}'>{text}</a><ul><li>{icon}</li><li>{time}</li></ul></li>",
    "list": "<li><a href='{href}'>{text}</a> {icon} {time}</li>",
    "list, time first": "<li>{time} {icon} <a href='{href}'>{text}</a></li>",
    "list, all in the link": "<li><a href='{href}'>{icon}<span>{text}</span><span>{time}</span></a></li>",
    "list, with the name of the source": (
        "<li><a href='{href}'>{text}</a><div>{icon}<a href='/s'>Source Name</a> <b>{time}</b></div></li>"
    ),
    "list, author linked apart": "<li><a href='/a'></a><a href='{href}'>{text}</a> {icon} <time>{time}</time></li>",
    "table": "<tr><td><a href='{href}'>{text}</a></td><td>{icon}</td><td>{time}</td></tr>",
    "table, time first": "<tr><td>{time}</td><td>{icon}</td><td><a href='{href}'>{text}</a></td></tr>",
    "wrapped": "<div><div><a href='{href}'>{text}</a></div><div>{icon}</div><div>{time}</div></div>",
    "article": "<article><header><h3><a href='{href}'>{text}</a></h3></header><footer>{icon} {time}</footer></article>",
    "siblings": "<div><a href='{href}'>{text}</a></div><div>{icon}</div><div>{time}</div>",
    "siblings, time first": "<div>{time}</div><div>{icon}</div><div><a href='{href}'>{text}</a></div>",
    "siblings, icon first": "<p>{icon}</p><p><a href='{href}'>{text}</a></p><p>{time}</p>",
    "definitions": "<dt>{time}</dt><dd>{icon} <a href='{href}'>{text}</a></dd>",
    "definitions, headline first": "<dt><a href='{href}'>{text}</a></dt><dd>{icon}</dd><dd>{time}</dd>",
    "lines": "<a href='{href}'>{text}</a> {icon} <span>{time}</span><br>",
    "inline": "<span><a href='{href}'>{text}</a> {icon} <i>{time}</i></span> ",
}
AROUND = {"li": "ul", "tr": "table", "dt": "dl"}


def source(**fields: str) -> Source:
    """Give a source of this kind."""
    values = {"slug": "phiwire", "name": "PhiWire", "kind": "phiwire", "url": "https://example.org/wire/"} | fields
    return Source(**values)  # type: ignore[arg-type]


def read(body: str, now: datetime = NOW) -> list[Item]:
    """Read a document."""
    return phiwire.read(Page("https://example.org/wire/", body.encode(), "text/html; charset=utf-8"), source(), now)


def render(layout: str, rows: list[Row], around: str = "{}") -> str:
    """Render rows in a layout, with something around the list."""
    pattern = LAYOUTS[layout]
    texts = [row[0] if "<" in row[0] else escape(row[0]) for row in rows]
    inner = "".join(
        pattern.format(text=text, href=href, time=time, icon=ICON)
        for text, (_, href, time) in zip(texts, rows, strict=True)
    )
    tag = pattern.partition(" ")[0].partition(">")[0].removeprefix("<")
    element = AROUND.get(tag, "div")
    return around.format(f"<{element}>{inner}</{element}>")


def shown(items: list[Item]) -> list[tuple[str, str, str, str]]:
    """Show items as a person would note them."""
    return [
        (
            item.published_at.strftime("%Y-%m-%dT%H:%M") if item.published_at else "",
            item.author,
            item.headline,
            item.url,
        )
        for item in items
    ]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_rows_are_found_in_any_markup(layout: str) -> None:
    """Nobody knows the tags of the PhiWire, only what it shows."""
    assert shown(read(render(layout, ROWS))) == EXPECTED


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_stands_around_the_list_is_not_a_row(layout: str) -> None:
    """Pages have clocks, navigation, adverts, and a list of placeholders for those who do not pay."""
    around = (
        "<header><a href='/'>Politics from all over</a> <span class='clock'>17:58</span></header>"
        "<nav><ul><li><a href='/news'>All the news there is</a></li></ul></nav>"
        "<aside><p>Advert: <a href='/buy'>buy our very good paper</a></p></aside><h2>Live list</h2>{}"
        f"<ul>{f'<li>{HIDDEN}</li>' * 3}</ul><footer><p>Updated <em>17:59</em> | Imprint</p></footer>"
    )
    assert shown(read(render(layout, ROWS, around))) == EXPECTED


@pytest.mark.parametrize(
    "icon",
    [
        "<svg aria-label='source icon'><path d='M0'/></svg>",
        "<svg role='img'><title>source icon</title></svg>",
        "<span class='icon' title='source icon' style='background-image:url(/i.png)'></span>",
        "<i aria-label='Source icon'></i>",
    ],
)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_icon_may_be_drawn_otherwise(layout: str, icon: str) -> None:
    """Rows without an author are known by their icon: they must not vanish when a site draws it anew."""
    items = read(render(layout, ROWS).replace(ICON, icon))
    assert [(item.author, item.headline) for item in items] == [row[1:3] for row in EXPECTED]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_single_row_is_enough(layout: str) -> None:
    """A quiet morning has one row."""
    assert shown(read(render(layout, ROWS[:1]))) == EXPECTED[:1]


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if "sibling" not in name and "definitions" not in name])
def test_a_single_row_without_author_is_found_beside_placeholders(layout: str) -> None:
    """The placeholders have a bar and an author, the only news has neither: it must not go with them."""
    around = f"<div>{{}}<ul>{f'<li>{HIDDEN}</li>' * 20}</ul></div>"
    assert shown(read(render(layout, ROWS[1:2], around))) == EXPECTED[1:2]
    inside = "<ul>" + LAYOUTS["list"].format(text=ROWS[1][0], href=ROWS[1][1], icon=ICON, time=ROWS[1][2])
    assert shown(read(f"{inside}{f'<li>{HIDDEN}</li>' * 20}</ul>")) == EXPECTED[1:2]


def test_icons_and_links_start_from_the_base() -> None:
    """A page may say where its relative links start."""
    (item,) = read(
        "<head><base href='https://cdn.example/x/'></head>" + render("list", [("Ada Bell | One", "two", "17:00")])
    )
    assert (item.url, item.icon) == ("https://cdn.example/x/two", "https://cdn.example/icons/p.png")


def test_a_text_copy_is_read_by_lines() -> None:
    """Without any tags the order of the lines is all there is."""
    text = "Live list\n\n  • Ada Bell | One\n\n    • source icon\n    • 17:52\n"
    text += "  • Two words\n    • source icon\n    • 17:31\n"
    assert shown(read(text)) == [("2014-11-26T17:52", "Ada Bell", "One", ""), ("2014-11-26T17:31", "", "Two words", "")]


@pytest.mark.parametrize(
    "text",
    [
        HIDDEN,
        HIDDEN.upper(),
        "Only the latest 5 entries on the PhiWire are visible to non-subscribers",
        "PoliticsHome | Only the latest twenty entries on the Phi Wire are visible to non‑subscribers.",
        "‘Only the latest five entries on the PhiWire are visible to non-subscribers’",
    ],
)
def test_placeholders_are_not_news(text: str) -> None:
    """A page of placeholders alone is a page without news, not a broken one."""
    assert read(f"<ul><li>{text}</li><li>{ICON} {text} 17:00</li></ul>") == []


def test_exact_duplicates_collapse() -> None:
    """The PhiWire sometimes shows a row twice."""
    assert shown(read(render("list", [ROWS[0], ROWS[0], ROWS[1]]))) == EXPECTED[:2]


def test_a_row_without_time_is_still_a_row() -> None:
    """No time is no reason to lose a headline; the rows after it keep theirs."""
    html = render("list", [ROWS[0], ("Cy Dee | Untimed", "/five", ""), ROWS[1]])
    assert shown(read(html)) == [EXPECTED[0], ("", "Cy Dee", "Untimed", "https://example.org/five"), EXPECTED[1]]


def test_a_full_time_in_the_markup_wins() -> None:
    """Where the page says the instant, nothing is inferred."""
    html = f"<li><a href='/x'>Ada Bell | One</a>{ICON}<time datetime='2014-11-20T09:15:00Z'>09:15</time></li>"
    assert shown(read(html)) == [("2014-11-20T09:15", "Ada Bell", "One", "https://example.org/x")]


def test_a_row_a_little_ahead_of_our_clock_is_of_today() -> None:
    """Clocks differ by minutes; a row must not be dated yesterday for that."""
    rows = [("Ada Bell | One", "/1", "18:04"), ("Ada Bell | Two", "/2", "18:01")]
    assert [item.published_at for item in read(render("list", rows))] == [
        datetime(2014, 11, 26, 18, 4, tzinfo=UTC),
        datetime(2014, 11, 26, 18, 1, tzinfo=UTC),
    ]


def test_the_repeated_hour_in_autumn_keeps_the_order() -> None:
    """01:10 after 01:50 means that the clocks went back between them."""
    rows = [("A B | 1", "/1", "01:10"), ("A B | 2", "/2", "01:50"), ("A B | 3", "/3", "00:30")]
    found = read(render("list", rows), datetime(2014, 10, 26, 2, 0, tzinfo=UTC))
    assert [item.published_at for item in found] == [
        datetime(2014, 10, 26, 1, 10, tzinfo=UTC),
        datetime(2014, 10, 26, 0, 50, tzinfo=UTC),
        datetime(2014, 10, 25, 23, 30, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ada Bell | One", ("Ada Bell", "One")),
        ("Ada Bell | One | Two", ("Ada Bell", "One | Two")),
        ("Ada Bell |One", ("", "Ada Bell |One")),
        ("One|Two", ("", "One|Two")),
        ("No pipe", ("", "No pipe")),
        ("| Nobody's", ("", "Nobody's")),
        (
            "one two three four five six seven eight nine ten eleven | X",
            ("", "one two three four five six seven eight nine ten eleven | X"),
        ),
        ("x" * 81 + " | Y", ("", "x" * 81 + " | Y")),
    ],
)
def test_the_author_stands_before_the_first_pipe(text: str, expected: tuple[str, str]) -> None:
    """The rest of a headline may hold pipes; what is too long for a name is none."""
    assert expected == phiwire.split(text)


def test_the_key_does_not_depend_on_the_time() -> None:
    """A row keeps its identity from poll to poll, and when its time is corrected."""
    one, two = (read(render("list", [("Ada Bell | One", "/1", time)]))[0].key for time in ("17:00", "17:05"))
    assert one == two


@pytest.mark.parametrize(
    "html",
    ["", "<p>Hello</p>", "<h1>Diary</h1><p>Doors open at</p><p>17:52</p><p><a href='/x'>Read about the doors</a></p>"],
)
def test_a_page_without_rows_is_named(html: str) -> None:
    """A changed layout must be noticed, not taken for a quiet day."""
    with pytest.raises(Unreadable, match="no row with a time and a source icon"):
        read(html)
