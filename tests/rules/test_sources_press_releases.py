"""Rules for press releases: lists, single pages, and who is quoted."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.model import Attachment, Item, Quotation, Source
from bot.sources import press_releases, quotations, speakers
from bot.sources.documents import FetchFailed, NotNow, Page, Unchanged, Unreadable
from bot.sources.kinds import KINDS
from bot.sources.quotations import Paragraph

NOW = datetime(2024, 3, 20, 12, 0, tzinfo=UTC)
URL = "https://example.org/releases/"
PROSE = "Trains will run on time from Monday, the office announced, because the clocks of all stations were set right."

RELEASE = f"""
<nav><a href="/">Home of the office of clocks</a></nav>
<{{p}}>Press Releases</{{p}}>
<{{h}}>Clock Office: Trains will run on time</{{h}}>
<{{p}}>Clock Office press release</{{p}}>
<{{p}}>{PROSE}</{{p}}>
<{{p}}>Minister for Clocks, Ada Bell, said:</{{p}}>
<{{p}}>"Time is what clocks show.</{{p}}>
<{{p}}>"They show "the right one" now."</{{p}}>
<{{p}}>The stations are open.</{{p}}>
<{{p}}>Latest on Railways</{{p}}>
<{{p}}>Clock Office: Another release that is only linked</{{p}}>
"""
EXPECTED = Item(
    key="https://example.org/releases",
    kind="release",
    headline="Trains will run on time",
    url=URL,
    organisation="Clock Office",
    topic="Railways",
    summary=PROSE,
    body=f'{PROSE}\n\nMinister for Clocks, Ada Bell, said:\n\n"Time is what clocks show.\n\n'
    '"They show "the right one" now."\n\nThe stations are open.',
    quotations=(
        Quotation("Ada Bell", "Minister for Clocks", 'Time is what clocks show.\n\nThey show "the right one" now.'),
    ),
)


def source(select: dict[str, str] | None = None, **fields: str) -> Source:
    """Give a source of this kind."""
    values = {"slug": "releases", "name": "Releases", "kind": "press_releases", "url": URL} | fields
    return Source(**values, select=select or {})  # type: ignore[arg-type]


def read(html: str, select: dict[str, str] | None = None, **fields: str) -> list[Item]:
    """Read a document."""
    return press_releases.read(Page(URL, html.encode(), "text/html"), source(select, **fields), NOW)


class Pages:
    """Answers of a web that never was, by address."""

    def __init__(self, **pages: Page | Unchanged | FetchFailed) -> None:
        self.pages = pages

    async def get(
        self, url: str, *, public_only: bool = False, for_people: bool = False, item: bool = False
    ) -> Page | Unchanged | FetchFailed:
        """Answer, as a fetcher does."""
        assert (public_only, for_people, item) == (False, True, True)
        return self.pages.get(url.rpartition("/")[2], FetchFailed("gone"))


@pytest.mark.parametrize(("p", "h"), [("p", "h1"), ("div", "div"), ("td", "th"), ("li", "li"), ("section", "h3")])
def test_the_known_form_is_read_in_any_tags(p: str, h: str) -> None:
    """The tags of the press release page are not known, only its text."""
    html = RELEASE.format(p=p, h=h)
    assert read(f"<table><tr>{html}</tr></table>" if p == "td" else html) == [EXPECTED]


def test_the_known_form_is_read_from_a_text_copy() -> None:
    """A copy without tags has the same lines."""
    lines = [line.partition(">")[2].rpartition("</")[0] for line in RELEASE.strip().splitlines()[1:]]
    assert read("\n\n".join(lines)) == [EXPECTED]


def test_a_short_release_is_one_too_and_its_date_is_no_text() -> None:
    """Some releases are two sentences, under a line that says when."""
    html = (
        "<h1>Clock Office: Short</h1><p>Clock Office press release</p><p>12 March 2024</p><p>A short text.</p>"
        "<p>Another.</p><p>Latest on Rail</p>"
    )
    (item,) = read(html)
    assert (item.headline, item.body, item.topic, item.published_at) == (
        "Short",
        "A short text.\n\nAnother.",
        "Rail",
        datetime(2024, 3, 12, tzinfo=UTC),
    )


def test_a_list_of_titles_with_organisations_is_found() -> None:
    """Links of the form `Organisation: headline` are releases, what stands elsewhere is not."""
    html = (
        "<header><a href='/about/us'>About us and our many readers</a></header><div><ul>"
        "<li><a href='/releases/1'>Clock Office: Trains will run on time</a> <span>12 March 2024</span></li>"
        "<li><a href='/releases/2#x'>Lamp Board: Streets are bright again: a summary</a>"
        "<time datetime='2024-03-11'>x</time></li>"
        "<li><a href='/releases/2'>Read more</a></li>"
        "</ul></div><p><a href='/advert/1'>Buy our very good paper, all pages of it</a></p>"
    )
    assert [
        (
            "Clock Office",
            "Trains will run on time",
            "https://example.org/releases/1",
            datetime(2024, 3, 12, tzinfo=UTC),
        ),
        (
            "Lamp Board",
            "Streets are bright again: a summary",
            "https://example.org/releases/2#x",
            datetime(2024, 3, 11, tzinfo=UTC),
        ),
    ] == [(item.organisation, item.headline, item.url, item.published_at) for item in read(html)]


def test_a_list_without_organisations_is_the_largest_group_of_links_in_one_place() -> None:
    """Most sites publish only their own releases, and a colon in a headline is then no organisation."""
    rows = "".join(
        f"<tr><td>0{n}/03/2024</td><td><a href='/r/{n}'>Headline number {n} of the list</a></td></tr>"
        for n in (1, 2, 3)
    )
    html = f"<p><a href='/x'>Trains: all you must know now</a></p><table>{rows}</table>"
    assert [("Board", f"Headline number {n} of the list", f"https://example.org/r/{n}", n) for n in (1, 2, 3)] == [
        (item.organisation, item.headline, item.key, item.published_at.day if item.published_at else 0)
        for item in read(html, organisation="Board")
    ]


def test_a_single_title_with_an_organisation_is_a_list_of_one() -> None:
    """A new department has published one release only."""
    html = "<p><a href='/x/1'>Read about us and all our work</a></p>"
    html += "<ul><li><a href='/r/1'>Clock Office: Trains run on time</a></li></ul>"
    assert [(item.organisation, item.headline) for item in read(html)] == [("Clock Office", "Trains run on time")]


def test_selectors_decide_where_given() -> None:
    """Configuration wins over guessing."""
    html = "<div class=r><a href='/a'><h3>Clock Office: One more clock</h3></a><i>Rail</i></div>"
    html += "<div class=r><a href='/b'>Two</a></div>"
    found = read(html, {"row": ".r", "topic": "i"})
    assert [(i.organisation, i.headline, i.topic) for i in found] == [
        ("Clock Office", "One more clock", "Rail"),
        ("", "Two", ""),
    ]


def test_selectors_for_a_release_decide_where_given() -> None:
    """A page of another form is read by naming its parts."""
    html = (
        f"<b class=o>Lamp Board</b><h4>Lamp Board: Bright</h4><div id=b><p>{PROSE}</p><p>End.</p></div><p>Not this.</p>"
    )
    (item,) = read(html, {"headline": "h4", "body": "#b", "organisation": ".o"})
    assert ("Lamp Board", "Bright", f"{PROSE}\n\nEnd.") == (item.organisation, item.headline, item.body)


def test_another_sites_release_is_its_heading_and_its_prose() -> None:
    """Without any known form the main part of the page is the release."""
    html = (
        "<title>x</title><ul><li><a href='/'>Home</a></li></ul><main><h1>Streets: bright again</h1>"
        f"<time datetime='2024-03-11T09:00:00Z'>11 March</time><ul><li>Share</li></ul><p>{PROSE}</p>"
        "<ul><li>One fact of the many.</li></ul>"
        "<h2>Contacts:</h2><p>Somebody, telephone 1234</p></main>"
        "<footer><p>Imprint of the office and all its rooms</p></footer>"
    )
    (item,) = read(html, organisation="Lamp Board")
    assert (
        "Lamp Board",
        "Streets: bright again",
        f"{PROSE}\n\nOne fact of the many.",
        datetime(2024, 3, 11, 9, tzinfo=UTC),
    ) == (
        item.organisation,
        item.headline,
        item.body,
        item.published_at,
    )


@pytest.mark.parametrize(
    ("title", "organisation", "headline"),
    [
        ("Department for Lamps: Streets are bright again", "Department for Lamps", "Streets are bright again"),
        ("Lampton Council: streets are bright again", "Lampton Council", "streets are bright again"),
        ("Streets: bright again", "", "Streets: bright again"),
        ("What the council said: lamps stay on?", "", "What the council said: lamps stay on?"),
    ],
)
def test_title_gives_the_organisation_that_it_begins_with(title: str, organisation: str, headline: str) -> None:
    """Also where nothing else on the page names who publishes it; and the date above the text is no text."""
    (item,) = read(f"<h1>{title}</h1><p>Published 18 March 2024</p><p>{PROSE}</p>")
    assert (item.organisation, item.headline, item.body) == (organisation, headline, PROSE)
    assert item.published_at == datetime(2024, 3, 18, tzinfo=UTC)


def test_label_may_stand_over_the_heading() -> None:
    """What stands above both is the site's, not the release's."""
    (item,) = read(
        f"<header><p>Harbour</p></header><p>Lamp Board press release</p><h1>Lamps are lit</h1><p>{PROSE}</p>"
    )
    assert (item.organisation, item.headline, item.body) == ("Lamp Board", "Lamps are lit", PROSE)


def test_a_page_that_is_neither_is_named() -> None:
    """The message says what to do about it."""
    with pytest.raises(Unreadable, match="name row, link and headline"):
        read("<p>Hello</p>")


async def test_completing_fills_in_what_the_releases_page_says() -> None:
    """The list has headlines only."""
    listed = Item(key="k", kind="release", headline="Clock Office: Trains will run on…", url=f"{URL}1")
    pages = Pages(**{"1": Page(f"{URL}1", RELEASE.format(p="p", h="h1").encode())})
    complete = KINDS["press_releases"].complete
    assert complete is not None
    item = await complete(listed, source(), pages, NOW)
    assert (item.key, item.organisation, item.topic, item.body, item.quotations) == (
        "k",
        EXPECTED.organisation,
        EXPECTED.topic,
        EXPECTED.body,
        EXPECTED.quotations,
    )


@pytest.mark.parametrize(
    "answer", [FetchFailed("gone", final=True), Unchanged(), Page(URL, b"<p>Hello</p>"), Page(URL, b"\xff\x00<")]
)
async def test_without_a_readable_page_the_item_stays_as_it_was(answer: Page | Unchanged | FetchFailed) -> None:
    """An entry without its body is better than none."""
    listed = Item(key="k", kind="release", headline="One", url=f"{URL}1")
    complete = KINDS["press_releases"].complete
    assert complete is not None
    assert await complete(listed, source(), Pages(**{"1": answer}), NOW) == listed


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("Minister for Clocks, Ada Bell", ("Ada Bell", "Minister for Clocks")),
        ("Head of the Clock Service, Sir Cy Dee", ("Sir Cy Dee", "Head of the Clock Service")),
        ("Chief Clock Officer Ada Bell", ("Ada Bell", "Chief Clock Officer")),
        ("Clock and lamp minister Ada van der Bell MP", ("Ada van der Bell MP", "Clock and lamp minister")),
        ("Secretary of State for Lamps Ada Bell", ("Ada Bell", "Secretary of State for Lamps")),
        ("Minister for Lamps, Clocks and Roads, Ada Bell", ("Ada Bell", "Minister for Lamps, Clocks and Roads")),
        ("Ada Bell, Director of Lamps at XYZ", ("Ada Bell", "Director of Lamps at XYZ")),
        ("Dr Ada Bell, Lamp Doctor", ("Dr Ada Bell", "Lamp Doctor")),
        ("Ada BELL (ABC, XY), rapporteur on lamps", ("Ada BELL", "rapporteur on lamps (ABC, XY)")),
        ("Speaking at the station, Minister for Lamps Dame Ada Bell", ("Dame Ada Bell", "Minister for Lamps")),
        ("Baroness Bell of Lampton", ("Baroness Bell of Lampton", "")),
        ("Ada Bell", ("Ada Bell", "")),
        ("A spokesman for the Clock Office", ("A spokesman for the Clock Office", "")),
    ],
)
def test_office_and_name_are_told_apart(who: str, expected: tuple[str, str]) -> None:
    """People follow names; releases write them in every order."""
    assert expected == speakers.split_speaker(who)


@pytest.mark.parametrize(
    ("paragraphs", "expected"),
    [
        (["Ada Bell said:", "“One.", "“Two.”", "Not said."], [("Ada Bell", "One.\n\nTwo.")]),
        (["Ada Bell said:", "‘One.’"], [("Ada Bell", "One.")]),
        (["Ada Bell, said today at the station: “One.”", "Not said."], [("Ada Bell", "One.")]),
        (["Ada Bell said:", "“One.”", "She added:", "“Two.”"], [("Ada Bell", "One."), ("Ada Bell", "Two.")]),
        (["Ada Bell said:", "Nothing in quotation marks."], []),
        (["The report said the following: nothing."], []),
        (['"Quoted by nobody."'], []),
        (["“One,” said Ada Bell, Minister for Clocks. “Two.”", "Not said."], [("Ada Bell", "One. Two.")]),
        (['"One", Ada Bell, Minister for Clocks, said.'], [("Ada Bell", "One")]),
        (["‘We’re on time – tonight,’ Ada Bell said today."], [("Ada Bell", "We’re on time – tonight.")]),
        (["“One,” said Ada Bell. “Two.", "“Three.”", "Not said."], [("Ada Bell", "One. Two.\n\nThree.")]),
        (["“One,” said Ada Bell, “and two.”"], [("Ada Bell", "One, and two.")]),
        (["“One!” said Ada Bell.", "“Two,” she added."], [("Ada Bell", "One!"), ("Ada Bell", "Two.")]),
        (["“One.”", "“Two.”", "— Ada Bell, Minister for Clocks"], [("Ada Bell", "One.\n\nTwo.")]),
        (['Councillor Ada Bell welcomed the news: "One."'], [("Councillor Ada Bell", "One.")]),
        (["“Fast trains” said to be late are not.", "“Clock week” begins."], []),
    ],
)
def test_quoted_paragraphs_belong_to_the_speaker_before_them(
    paragraphs: list[str], expected: list[tuple[str, str]]
) -> None:
    """Each paragraph of a quotation opens with a mark, only the last closes it."""
    found = quotations.find([Paragraph(text) for text in paragraphs])
    assert expected == [(quotation.speaker, quotation.text) for quotation in found]


def test_a_block_quotation_needs_no_marks() -> None:
    """GOV.UK sets quotations off as blocks."""
    found = quotations.find([Paragraph("Ada Bell said:"), Paragraph("One.", quoted=True), Paragraph("Not said.")])
    assert found == (Quotation("Ada Bell", "", "One."),)


@pytest.mark.parametrize(
    "block",
    [
        "<blockquote>On time. <cite>Ada Bell, Minister for Clocks</cite></blockquote>",
        "<blockquote><p>On time.</p><footer>— <cite>Ada Bell, Minister for Clocks</cite></footer></blockquote>",
        "<blockquote><p>“On time.”</p><p>– Ada Bell, Minister for Clocks</p></blockquote>",
        "<figure><blockquote>On time.</blockquote><figcaption>Ada Bell, Minister for Clocks</figcaption></figure>",
        "<p>“On time,” said Ada Bell, Minister for Clocks.</p>",
    ],
)
def test_quotation_is_its_speakers_however_the_page_says_so(block: str) -> None:
    """Not every press office introduces who speaks; and what stands below the quotation is read on."""
    (item,) = read(f"<main><h1>Lamps are lit at last</h1><p>{PROSE}</p>{block}<p>The lamps stay on.</p></main>")
    assert [(q.speaker, q.office, q.text.rstrip(".,")) for q in item.quotations] == [
        ("Ada Bell", "Minister for Clocks", "On time")
    ]
    assert item.body.endswith("The lamps stay on.")


def test_quotation_that_is_signed_is_not_the_speakers_before_it() -> None:
    """Two that follow each other are two people's."""
    html = (
        f"<main><h1>Lamps are lit at last</h1><p>{PROSE}</p><p>Ada Bell said:</p><blockquote><p>One.</p></blockquote>"
        "<blockquote><p>Two.</p></blockquote><blockquote><p>Three.</p><cite>Cy Dee</cite></blockquote></main>"
    )
    (item,) = read(html)
    assert item.quotations == (Quotation("Ada Bell", "", "One.\n\nTwo."), Quotation("Cy Dee", "", "Three."))


@pytest.mark.parametrize(
    ("rest", "empty"),
    [("", True), ("<p>No releases yet.</p>", True), ("<p>All about ferries. </p>" * 20, False)],
)
def test_list_without_any_release_is_empty_only_where_it_shows_nothing_else(rest: str, *, empty: bool) -> None:
    """A new department's list begins empty; a changed layout must not look like a quiet day."""
    page = Page("https://example.org/releases", f"<h1>Press Releases</h1>{rest}".encode(), "text/html", "", "")
    source = Source("r", "R", "press_releases", page.url)
    if empty:
        assert press_releases.read(page, source, datetime(2026, 3, 4, tzinfo=UTC)) == []
    else:
        with pytest.raises(Unreadable):
            press_releases.read(page, source, datetime(2026, 3, 4, tzinfo=UTC))


async def test_page_that_does_not_answer_is_asked_for_again() -> None:
    """A press office that is down for a minute must not cost a release its text, and so its readers."""
    item = Item("k", "release", "Trains will run on time", URL + "one")
    source = Source("r", "R", "press_releases", URL)
    with pytest.raises(NotNow):
        await press_releases.complete(item, source, Pages(one=FetchFailed("answered 503")), NOW)


FILES = (
    "<p>Read <a href='/files/plan.pdf'>the plan</a> and <a href=/about>about us</a>.</p>"
    "<ul><li><a href='/files/plan.pdf'>The plan in full (PDF)</a></li>"
    "<li><a href='/Data%20file.XLSX?v=2'><img src=i></a></li></ul>"
)
ATTACHED = (
    Attachment("The plan in full (PDF)", "https://example.org/files/plan.pdf"),
    Attachment("Data file.XLSX", "https://example.org/Data%20file.XLSX?v=2"),
)


@pytest.mark.parametrize(
    ("html", "select"),
    [
        (f"<main><h1>Lamps are lit</h1><p>{PROSE}</p>{FILES}</main><footer><a href=/f.pdf>Terms</a></footer>", {}),
        (RELEASE.format(p="p", h="h1").replace("<p>Latest on", f"{FILES}<p>Latest on") + "<a href=/f.pdf>x</a>", {}),
        (f"<h1>Lamps are lit</h1><div id=b><p>{PROSE}</p>{FILES}</div><p><a href=/f.pdf>x</a></p>", {"body": "#b"}),
    ],
)
def test_files_linked_in_the_text_are_attachments(html: str, select: dict[str, str]) -> None:
    """In each form of a release; what the site links to around it is not the release's."""
    (item,) = read(html, select)
    assert item.attachments == ATTACHED


async def test_completing_brings_the_attachments() -> None:
    """They stand on the release's own page."""
    listed = Item(key="k", kind="release", headline="Lamps are lit", url=f"{URL}1")
    page = Page(f"{URL}1", f"<main><h1>Lamps are lit</h1><p>{PROSE}</p>{FILES}</main>".encode())
    complete = KINDS["press_releases"].complete
    assert complete is not None
    assert (await complete(listed, source(), Pages(**{"1": page}), NOW)).attachments == ATTACHED
