"""Rules for feeds."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from bot.model import Item, Source
from bot.sources import feed
from bot.sources.documents import Page, Unreadable

NOW = datetime(2024, 3, 20, 12, 0, tzinfo=UTC)
URL = "https://example.org/feeds/news.xml"


def source(**fields: str) -> Source:
    """Give a source of this kind."""
    values = {"slug": "example", "name": "Example", "kind": "feed", "url": URL} | fields
    return Source(**values)  # type: ignore[arg-type]


def read(body: str | bytes, content_type: str = "application/xml", **fields: str) -> list[Item]:
    """Read a document."""
    raw = body.encode() if isinstance(body, str) else body
    return feed.read(Page(URL, raw, content_type), source(**fields), NOW)


def rss(*items: str) -> str:
    """Make a feed of items."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>T</title>'
        + "".join(f"<item>{item}</item>" for item in items)
        + "</channel></rss>"
    )


def test_an_rss_item_becomes_an_item() -> None:
    """Every field of an item has its place in RSS."""
    text = rss(
        "<title>One &amp;amp; &lt;b&gt;two&lt;/b&gt;</title><link>/a/1</link><guid isPermaLink='false'>id-1</guid>"
        "<dc:creator>Ada Bell</dc:creator><category>Rail</category><category>Roads</category>"
        "<description>&lt;p&gt;Short&lt;/p&gt;&lt;p&gt;text.&lt;/p&gt;</description>"
        "<content:encoded><![CDATA[<p>First.</p><p>Second <i>part</i>.</p>]]></content:encoded>"
        "<pubDate>Wed, 20 Mar 2024 10:00:00 +0100</pubDate>"
    )
    expected = Item(
        key="id-1",
        kind="release",
        headline="One & two",
        url="https://example.org/a/1",
        author="Ada Bell",
        organisation="Example Council",
        topic="Rail",
        summary="Short text.",
        body="First.\n\nSecond part.",
        icon="https://example.org/favicon.ico",
        published_at=datetime(2024, 3, 20, 9, 0, tzinfo=UTC),
    )
    found = read(text, entry_kind="release", organisation="Example Council", icon="https://example.org/favicon.ico")
    assert [expected] == found


def test_an_atom_entry_without_published_takes_updated_and_the_feeds_author() -> None:
    """GOV.UK's entries have neither author nor published."""
    text = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><author><name>Her Office</name></author>'
        "<entry><id>tag:example.org,2005:/a</id><updated>2024-03-20T10:00:00Z</updated>"
        '<link rel="alternate" href="/a"/><title>Head &lt;b&gt; line</title>'
        '<summary type="html">S…</summary></entry></feed>'
    )
    expected = Item(
        key="tag:example.org,2005:/a",
        kind="wire",
        headline="Head <b> line",
        url="https://example.org/a",
        author="Her Office",
        summary="S…",
        published_at=datetime(2024, 3, 20, 10, 0, tzinfo=UTC),
    )
    assert [expected] == read(text)


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("<author>desk@example.org (Ada Bell)</author>", "Ada Bell"),
        ("<author>Ada Bell &lt;ada@example.org&gt;</author>", "Ada Bell"),
        ("<dc:creator>Ada Bell</dc:creator>", "Ada Bell"),
        ("<author>desk@example.org</author>", ""),
        ("<author>desk@lamps.example (Ada Bell)</author>", "Ada Bell"),
        ("<author>Ada Bell &lt;ada@lamps.example&gt;</author>", "Ada Bell"),
        ("<author>desk@lamps.example</author>", ""),
        ("", ""),
    ],
)
def test_an_author_is_a_name(author: str, expected: str) -> None:
    """People follow names, and addresses of e-mail are nobody's business."""
    assert [expected] == [item.author for item in read(rss(f"<title>T</title>{author}"))]


def test_a_guid_that_is_an_address_is_compared_without_what_changes() -> None:
    """The BBC's guids end in #0 and #1 for the same story."""
    keys = {
        read(rss(f"<title>T</title><guid>https://example.org/s{end}</guid>"))[0].key
        for end in ("", "#0", "?at_medium=RSS")
    }
    assert {"https://example.org/s"} == keys


def test_without_guid_the_key_is_link_and_headline() -> None:
    """One address can stand for several entries, and a headline for several addresses."""
    one, two = read(
        rss("<title>A</title><link>https://example.org/x</link>", "<title>B</title><link>https://example.org/x</link>")
    )
    assert (one.key, two.key) == ("https://example.org/x a", "https://example.org/x b")


def test_different_entries_with_one_guid_are_all_kept_and_repeated_ones_collapse() -> None:
    """Feeds get guids wrong; losing an entry would lose news."""
    same = "<guid isPermaLink='false'>g</guid>"
    found = read(rss(f"<title>A</title>{same}", f"<title>B</title>{same}", f"<title>A</title>{same}"))
    assert [item.headline for item in found] == ["A", "B"]
    assert len({item.key for item in found}) == 2


def test_an_entry_without_a_title_is_headed_by_its_text() -> None:
    """Titles are optional in RSS."""
    assert [item.headline for item in read(rss("<description>Only a text.</description>"))] == ["Only a text."]


def test_a_json_feed_is_read() -> None:
    """JSON Feed 1.1, with a number as an id."""
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [
            {
                "id": 7,
                "url": "/j",
                "title": "Head",
                "authors": [{"name": "Ada Bell"}, {"name": "Cy Dee"}],
                "tags": ["Rail"],
                "summary": "S",
                "content_html": "<p>B</p><p>C</p>",
                "date_published": "2024-03-20T10:00:00Z",
            },
            "rubbish",
        ],
    }
    expected = Item(
        key="7",
        kind="wire",
        headline="Head",
        url="https://example.org/j",
        author="Ada Bell, Cy Dee",
        topic="Rail",
        summary="S",
        body="B\n\nC",
        published_at=datetime(2024, 3, 20, 10, 0, tzinfo=UTC),
    )
    assert [expected] == read(json.dumps(document))


@pytest.mark.parametrize(
    "body",
    [
        rss(),
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title></feed>',
        '{"version": "https://jsonfeed.org/version/1", "items": []}',
    ],
)
def test_an_empty_feed_has_no_items(body: str) -> None:
    """Nothing new is not a fault."""
    assert read(body) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<!DOCTYPE html><html><body><p>Hello</p></body></html>", "HTML page"),
        ("<?xml version='1.0'?>\n<!-- c --><html xmlns='x'><item>1</item></html>", "HTML page"),
        ("", "not a feed"),
        ("just words", "not a feed"),
        ("/etc/hostname", "not a feed"),
        ('{"results": []}', "not a JSON Feed"),
        ("{broken", "broken JSON"),
        ("[" * 100_000, "broken JSON"),
        ("<rss version='2.0'><channel><title>T</title", "not a feed|broken"),
        (rss("<title>This feed has ended</title>"), "has ended"),
    ],
)
def test_what_is_no_feed_is_named(body: str, words: str) -> None:
    """The message tells the problem, and what to do about it."""
    with pytest.raises(Unreadable, match=words):
        read(body)


def test_a_feed_cut_in_the_middle_gives_what_came() -> None:
    """A broken tail must not hide the news before it."""
    whole = rss("<title>A</title>", "<title>B</title>")
    assert [item.headline for item in read(whole[: whole.index("B</title>")])][:1] == ["A"]


def test_entities_of_a_document_type_do_not_grow() -> None:
    """The billion laughs attack: a small document must stay one."""
    bomb = '<!DOCTYPE rss [<!ENTITY a "lol">' + "".join(
        f'<!ENTITY {chr(b)} "{f"&{chr(b - 1)};" * 10}">' for b in range(ord("b"), ord("k"))
    )
    try:
        found = read(f"{bomb}]><rss version='2.0'><channel><item><title>&j;</title></item></channel></rss>")
    except Unreadable:
        found = []
    assert sum(len(item.headline) for item in found) < 10_000


def test_json_feed_titles_mean_their_signs() -> None:
    """They are plain text there: "a < b" is no markup."""
    document = (
        b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "Is 1 < 2 & <b>3</b>?"}]}'
    )
    (item,) = read(document, "application/json")
    assert item.headline == "Is 1 < 2 & <b>3</b>?"


def test_feed_that_declares_entities_is_refused() -> None:
    """A kilobyte of them unfolds into gigabytes."""
    bomb = b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rss><channel/></rss>'
    with pytest.raises(Unreadable, match="entities"):
        read(bomb)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("Wed, 20 Mar 2024 10:30:00 BST", datetime(2024, 3, 20, 9, 30, tzinfo=UTC)),
        ("Wed, 20 Mar 2024 10:30:00 CET", datetime(2024, 3, 20, 9, 30, tzinfo=UTC)),
        ("Wed, 20 Mar 2024 10:30:00 GMT", datetime(2024, 3, 20, 10, 30, tzinfo=UTC)),
        ("2 hours ago", datetime(2024, 3, 20, 10, tzinfo=UTC)),
        ("yesterday 17:05", datetime(2024, 3, 19, 17, 5, tzinfo=UTC)),
        ("20. March 2024 10:15", datetime(2024, 3, 20, 10, 15, tzinfo=UTC)),
        ("20/03/2024 10:15", datetime(2024, 3, 20, 10, 15, tzinfo=UTC)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("1710930600", datetime(2024, 3, 20, 10, 30, tzinfo=UTC)),
        ("soon", None),
    ],
)
def test_time_is_read_as_people_write_it(written: str, moment: datetime | None) -> None:
    """Also where feedparser reads none, or another; a time that is none must not put an entry a century back."""
    (item,) = read(rss(f"<title>T</title><pubDate>{written}</pubDate>"))
    assert item.published_at == moment


def test_bare_ampersand_stays_one() -> None:
    """Half of the feeds that are written by hand have one, and what stands after it is no reference."""
    (item,) = read(rss("<title>R&D for Q&A at &pound;5</title><link>https://example.org/?a=1&b=2&copy=3</link>"))
    assert (item.headline, item.url) == ("R&D for Q&A at £5", "https://example.org/?a=1&b=2&copy=3")
