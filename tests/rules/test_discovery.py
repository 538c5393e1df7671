"""Where a page's feeds may be, and which of them are really there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Source
from bot.sources import discovery, finding, head
from bot.sources.documents import FetchFailed, Page, Unchanged
from tests.emulators import pages

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
URL = "https://harbour.example/news/today"
SOURCE = Source("s", "S", "feed", URL)
USUAL = [f"https://harbour.example{path}" for path in ("/news/today/feed/", *discovery._USUAL)]


def document(body: str, url: str = URL) -> Page:
    """Make a page."""
    return Page(url, f"<!doctype html><html>{body}</html>".encode(), "text/html")


def found(body: str, url: str = URL, *, guess: bool = True) -> list[tuple[str, str]]:
    """List the addresses that a page leads to, and how; the guesses that every page has are left out."""
    listed = discovery.candidates(document(body, url), guess=guess)
    return [(each.origin, each.url) for each in listed if each.origin != "usual"]


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ('<link rel="alternate" type="application/rss+xml" href="/rss">', "https://harbour.example/rss"),
        ("<LINK REL='Home ALTERNATE' TYPE='Application/Atom+XML' HREF='a'>", "https://harbour.example/news/a"),
        ("<link rel=alternate type='application/rss+xml; charset=utf-8' href=' x '>", "https://harbour.example/news/x"),
        ("<link rel=alternate type=application/feed+json href=//cdn.example/f>", "https://cdn.example/f"),
        ("<link rel=alternate type=application/json href=/feed.json>", "https://harbour.example/feed.json"),
        ("<link rel=alternate type=text/xml href=/rss/all>", "https://harbour.example/rss/all"),
        ("<link rel=feed href=/n>", "https://harbour.example/n"),
        ("<link rel=alternate type=application/rss+xml href=feed://harbour.example/r>", "http://harbour.example/r"),
        ("<link rel=alternate type=application/rss+xml href=feed:https://a.example/r>", "https://a.example/r"),
        ("<base href=/old/><link rel=alternate type=application/rss+xml href=r>", "https://harbour.example/old/r"),
    ],
)
def test_announced_feed_is_found(link: str, address: str) -> None:
    """However it is written: rel is a list of words, case means nothing, addresses start from the base."""
    assert found(f"<head>{link}</head>") == [("announced", address)]


@pytest.mark.parametrize(
    "markup",
    [
        "<link rel=stylesheet type=text/css href=/feed.css>",
        "<link rel='alternate stylesheet' type=application/rss+xml href=/rss>",
        "<link rel=alternate hreflang=cy href=/cy>",
        "<link rel=alternate type=application/json href=/wp-json/wp/v2/pages/2>",
        "<link rel=alternate type=application/json+oembed href=/wp-json/oembed/1.0/embed>",
        "<link rel=alternate type=text/xml href=/sitemap.xml>",
        "<link rel=alternate type=application/rss+xml href=''>",
        "<link rel=alternate type=application/rss+xml href=javascript:alert(1)>",
        f"<link rel=alternate type=application/rss+xml href={URL}#top>",
        "<a href=/feedback>Feedback</a><a href=/atomic-energy>Energy</a><a href=/sitemap.xml>Map</a>",
        "<a href=https://else.example/rss>Somebody else's</a>",
        "<a href=mailto:rss@harbour.example>Write</a>",
    ],
)
def test_what_is_no_feed_of_the_page_is_left_alone(markup: str) -> None:
    """Each address that is asked in vain is a request too many."""
    assert found(markup) == []


def test_linked_feeds_come_after_announced_ones_and_comments_last() -> None:
    """A feed of comments is what a blog announces beside its news."""
    body = (
        "<head><link rel=alternate type=application/rss+xml title='Harbour » Comments Feed' href=/c>"
        "<link rel=alternate type=application/rss+xml title='Harbour' href=/f></head>"
        "<a href='/index.php?format=feed&amp;type=rss'>RSS</a> <a href=https://feeds.example/harbour.xml>News</a>"
        "<a href=/f>the same</a> <a href=/posts/comments/feed/>Talk</a>"
    )
    listed = discovery.candidates(document(body))
    assert [each.url.partition(".example")[2] for each in listed if each.origin != "usual"] == [
        "/f",
        "/index.php?format=feed&type=rss",
        "/harbour.xml",
        "/c",
        "/posts/comments/feed/",
    ]
    assert [each.comments for each in listed][-2:] == [True, True]


def test_guesses_are_where_common_systems_have_feeds() -> None:
    """A page that names no feed may have one; without guessing it has none."""
    assert [each.url for each in discovery.candidates(document("<p>Hello</p>"))] == USUAL
    assert discovery.candidates(document("<p>Hello</p>"), guess=False) == ()


@pytest.mark.parametrize(
    ("address", "feed"),
    [
        (
            "https://www.gov.uk/search/news-and-communications?organisations[]=lamp-board&order=updated-newest",
            "https://www.gov.uk/search/news-and-communications.atom?organisations[]=lamp-board&order=updated-newest",
        ),
        (
            "https://www.gov.uk/government/organisations/lamp-board/",
            "https://www.gov.uk/government/organisations/lamp-board.atom",
        ),
    ],
)
def test_feeds_of_govuk_are_known(address: str, feed: str) -> None:
    """Its finders and organisations have one each, beside the page."""
    assert found("", address) == [("system", feed)]
    assert found("", address.replace("www.gov.uk", "example.org")) == []


def test_hostile_page_leads_to_few_places() -> None:
    """A million links, or elements without end, must not become requests."""
    many = "".join(f"<link rel=alternate type=application/rss+xml href=/{n}>" for n in range(1000))
    assert len(discovery.candidates(document(many))) == discovery.MOST_CANDIDATES
    assert [each.url for each in discovery.candidates(document("<div>" * 5000))] == USUAL


@given(st.text(st.sampled_from("<>/a link rel=alternate href=rss feed: \"'\\[]?&=%\u202e\x00"), max_size=200))
def test_any_page_is_survived(body: str) -> None:
    """Whatever stands there, addresses are absolute and each stands once."""
    listed = [each.url for each in discovery.candidates(Page(URL, body.encode()))]
    assert len(set(listed)) == len(listed)
    assert all(url.startswith(("http://", "https://")) and url.isprintable() for url in listed)


class Web:
    """Answers some addresses, and remembers all that were asked."""

    def __init__(self, answers: dict[str, str | FetchFailed]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, bool]] = []

    async def get(
        self, url: str, *, public_only: bool = False, for_people: bool = False, item: bool = False
    ) -> Page | Unchanged | FetchFailed:
        """Answer, as a fetcher does."""
        assert (for_people, item) == (False, False)
        self.asked.append((url, public_only))
        answer = self.answers.get(url, FetchFailed("gone", final=True))
        return Page(url, answer.encode()) if isinstance(answer, str) else answer


def feed(*headlines: str, title: str = "Harbour") -> str:
    """Write a feed."""
    return pages.rss([pages.FeedItem(each, f"https://harbour.example/{each}") for each in headlines], title)


def announced(*addresses: str) -> Page:
    """Make a page that announces feeds."""
    links = (f"<link rel=alternate type=application/rss+xml title='T {each}' href='{each}'>" for each in addresses)
    return document("".join(links))


async def test_only_feeds_with_items_are_found() -> None:
    """Dead, empty and mistaken addresses stand in many pages; one that is HTML with links is no feed either."""
    links = "".join(f"<li><a href=/p/{n}>Ferry number {n} sails again</a></li>" for n in range(5))
    web = Web(
        {
            "https://harbour.example/empty": feed(),
            "https://harbour.example/html": f"<html><ul>{links}</ul></html>",
            "https://harbour.example/good": feed("Ferry sails", title=""),
        }
    )
    search = await finding.find(announced("/dead", "/empty", "/html", "/good"), SOURCE, web, NOW)
    assert [(each.url, each.title, len(each.items)) for each in search.found] == [
        ("https://harbour.example/good", "T /good", 1)
    ]
    assert search.asked == 4


async def test_one_list_in_two_formats_is_one_feed() -> None:
    """RSS and Atom of the same news are no choice; feeds of different news are."""
    items = [pages.FeedItem("Ferry sails", "https://harbour.example/Ferry sails")]
    web = Web(
        {
            "https://harbour.example/rss": feed("Ferry sails"),
            "https://harbour.example/atom": pages.atom(items),
            "https://harbour.example/opinion": feed("Levy must fall"),
        }
    )
    search = await finding.find(announced("/rss", "/atom", "/opinion"), SOURCE, web, NOW)
    assert [each.url.rpartition("/")[2] for each in search.rivals] == ["rss", "opinion"]


async def test_worse_places_are_asked_only_where_better_ones_have_nothing() -> None:
    """Whoever announces a feed need not be asked for others."""
    web = Web({"https://harbour.example/good": feed("Ferry sails"), "https://harbour.example/rss": feed("Old")})
    await finding.find(announced("/good"), SOURCE, web, NOW)
    assert web.asked == [("https://harbour.example/good", False)]
    search = await finding.find(document(""), SOURCE, web, NOW)
    assert [each.url for each in search.found] == ["https://harbour.example/rss"]


async def test_no_more_is_asked_than_is_polite() -> None:
    """Eight requests in all, and none after the server asked for a pause; another host may still be asked."""
    web = Web({})
    search = await finding.find(announced(*(f"/{n}" for n in range(20))), SOURCE, web, NOW)
    assert (search.found, search.asked, len(web.asked)) == ((), finding.MOST_ASKED, finding.MOST_ASKED)
    web = Web({"https://harbour.example/a": FetchFailed("busy", retry_after=60.0)})
    await finding.find(announced("/a", "/b", "https://feeds.example/c"), SOURCE, web, NOW)
    assert web.asked == [("https://harbour.example/a", False), ("https://feeds.example/c", True)]


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (feed("x", title="Harbour & Sons"), "Harbour & Sons"),
        (pages.atom([], "Levy"), "Levy"),
        (
            "<rss><channel><image><title>Logo</title></image><title><![CDATA[ Harbour <b>News</b> ]]></title>",
            "Harbour News",
        ),
        ("<rss><channel><item><title>No</title></item><title>Late</title></channel></rss>", ""),
        ('{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [', "J"),
        ('{"items": [], "title": "J"}', ""),
        ('{"title": 7', ""),
        ("[]", ""),
        ("", ""),
    ],
)
def test_title_of_a_feed_stands_before_its_first_item(body: str, title: str) -> None:
    """It is what people choose by."""
    assert head.title(Page(URL, body.encode())) == title


def test_title_is_read_in_the_encoding_that_is_declared() -> None:
    """XML says so in its first line."""
    body = "<?xml version='1.0' encoding='iso-8859-2'?><rss><channel><title>Łódź</title>".encode("iso-8859-2")
    assert head.title(Page(URL, body)) == "Łódź"
