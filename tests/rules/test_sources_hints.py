"""What a feed asks of those who poll it, as far as that is sensible."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Hints
from bot.sources import head, hints
from bot.sources.documents import Page, Unchanged

URL = "https://harbour.example/rss"
HUB = "https://hub.example/"
NOTHING = Hints()
NEVER, MINUTE, HOUR, DAY = timedelta(0), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def read(body: str, link: str = "") -> Hints:
    """Read the hints of a document."""
    return hints.read(Page(URL, body.encode(), link=link), NOTHING)


def channel(inside: str) -> str:
    """Put elements into an RSS feed with an item."""
    return f"<?xml version='1.0'?><rss><channel><title>T</title>{inside}<item><ttl>7</ttl></item></channel></rss>"


@pytest.mark.parametrize(
    ("inside", "ttl"),
    [
        ("", NEVER),
        ("<ttl>15</ttl>", 15 * MINUTE),
        ("<ttl> 60 \n</ttl>", HOUR),
        ("<ttl><![CDATA[30]]></ttl>", 30 * MINUTE),
        ("<TTL>30</TTL>", 30 * MINUTE),
        ("<ttl>999999999</ttl>", DAY),
        ("<ttl>0</ttl>", NEVER),
        ("<ttl>-5</ttl>", NEVER),
        ("<ttl>½</ttl>", NEVER),
        ("<ttl>٣</ttl>", NEVER),
        ("<ttl>1e3</ttl>", NEVER),
        (f"<ttl>{'9' * 5000}</ttl>", NEVER),
        ("<!-- <ttl>5</ttl> -->", NEVER),
    ],
)
def test_time_that_an_answer_stays_good(inside: str, ttl: timedelta) -> None:
    """In minutes; between one and a day, whatever is written."""
    assert read(channel(inside)) == Hints(ttl=ttl)


@pytest.mark.parametrize(
    ("inside", "period"),
    [
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 15 * MINUTE),
        ("<sy:updatePeriod>\n\thourly\t</sy:updatePeriod>", HOUR),
        ("<x:updateFrequency>2</x:updateFrequency>", DAY / 2),
        ("<sy:updatePeriod>yearly</sy:updatePeriod>", DAY),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>1000000</sy:updateFrequency>", MINUTE),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", NEVER),
        ("<sy:updatePeriod>often</sy:updatePeriod>", NEVER),
    ],
)
def test_period_of_the_syndication_module_is_no_ttl(inside: str, period: timedelta) -> None:
    """So many times in a period. WordPress says hourly of every blog: waiting for that would make news late."""
    assert read(channel(inside)) == Hints(period=period)


@pytest.mark.parametrize(
    ("inside", "hours", "days"),
    [
        ("<skipHours><hour>0</hour><hour>5</hour></skipHours>", {0, 5}, set()),
        ("<skipHours><hour>24</hour><hour>25</hour><hour>x</hour><hour>-1</hour></skipHours>", {0}, set()),
        (f"<skipHours>{''.join(f'<hour>{n}</hour>' for n in range(24))}</skipHours>", set(), set()),
        ("<skipDays><day>Saturday</day><day> sunday </day><day>Samstag</day></skipDays>", set(), {5, 6}),
        (f"<skipDays>{''.join(f'<day>{day}</day>' for day in hints._DAYS)}</skipDays>", set(), set()),
    ],
)
def test_hours_and_days_without_news(inside: str, hours: set[int], days: set[int]) -> None:
    """Never all of them: such a feed would never be read again."""
    asked = read(channel(inside))
    assert set(asked.skip_hours) == hours
    assert set(asked.skip_days) == days


@pytest.mark.parametrize(
    ("body", "link", "hub", "topic"),
    [
        ("<feed><link rel='hub' href='https://hub.example/'/><link rel='self' href='/a'/>", "", HUB, "/a"),
        (channel(f"<atom:link rel=hub href={HUB} /><a10:link href='/a' rel='self'/>"), "", HUB, "/a"),
        (channel(f"<atom:link rel='self hub' href='{HUB}'/>"), "", HUB, HUB),
        (channel(f"<atom:link rel='hub' href='{HUB}'/>"), "", HUB, "/rss"),
        (channel("<atom:link rel='self' href='/a'/>"), "", "", ""),
        (channel("<atom:link rel='hub' href='javascript:x'/><atom:link rel='hub' href='ftp://h/'/>"), "", "", ""),
        (channel("<atom:link rel='hub' href='https://a:b@hub.example/'/>"), "", HUB, "/rss"),
        (channel(f"<atom:link rel='hub' href='https://hub.example/{'x' * 3000}'/>"), "", "", ""),
        (channel(""), f'<{HUB}>; rel="hub", <https://harbour.example/a>; title="x, y"; rel=self', HUB, "/a"),
        (channel("<link rel='hub' href='https://other.example/'/>"), f"<{HUB}>;REL=HUB", HUB, "/rss"),
        (channel(""), f'</p2>; rel="next", <{HUB}> ; rel="preload hub"', HUB, "/rss"),
        (channel(""), f"<{HUB}>; rel=hubs, <{HUB}", "", ""),
        ('{"hubs": [{"type": "rssCloud", "url": "x:"}, 7, {"type": "WebSub", "url": "https://hub.example/"}]',
         "", HUB, "/rss"),
        ('{"feed_url": "/a", "hubs": [{"type": "WebSub", "url": "https://hub.example/"}], "items": [', "", HUB, "/a"),
        ('{"hubs": {"type": "WebSub"}, "items": []}', "", "", ""),
        ("<html><head><link rel='hub' href='https://hub.example/'>", "", HUB, "/rss"),
    ],
)  # fmt: skip
def test_hub_and_topic(body: str, link: str, hub: str, topic: str) -> None:
    """In the header before the document, over http(s) only, without anybody's password."""
    asked = read(body, link)
    assert (asked.hub, asked.topic.removeprefix("https://harbour.example")) == (hub, topic)


def test_only_the_head_counts() -> None:
    """What an entry quotes is not the feed's word; and a megabyte of head is not read."""
    assert read("<rss><channel><item/><ttl>5</ttl></channel></rss>") == NOTHING
    assert read("<feed><entry><link rel='hub' href='https://hub.example/'/></entry></feed>") == NOTHING
    assert read("<rss><channel>" + " " * head.LONGEST_HEAD + "<ttl>5</ttl>") == NOTHING
    assert read("<rss><channel>" + "<x/>" * head.MOST_ELEMENTS + "<ttl>5</ttl>") == NOTHING


def test_broken_markup_is_read_as_far_as_it_goes() -> None:
    """Feeds are cut, and closed in the wrong order."""
    assert read("<rss><channel><image><title>x</image></wrong><ttl>5<skipHours><hour>3").ttl == 5 * MINUTE
    assert read("<rss><channel><image><title>x</image></wrong><ttl>5<skipHours><hour>3").skip_hours == {3}


@pytest.mark.parametrize(
    "part", ["<", "<a ", '<a b="', "<!--", "<![CDATA[", "<?xml ", "a", "=", " ", '{"a":', "[", "&#"]
)
def test_hostile_head_costs_no_more_than_its_length(part: str) -> None:
    """An expression that looks back would take minutes here."""
    assert read(f"<rss {part * 60_000}<ttl>5") == read(f"<rss {part * 60_000}<ttl>5", "<" * 100_000)
    assert read(f"<ttl {part * 60_000}").hub == ""


MARKUP = '< > <!-- --> <![CDATA[ ]]> <? <ttl> </ /> <hour> <link rel=hub href=\' \' " &#1; &#xD800; 9 { } "hubs" : [ ,'
PARTS = st.sampled_from([*MARKUP.split(), " ", "\x00", "\ufeff", "é"])


@given(st.lists(PARTS, max_size=60).map("".join), st.text(st.sampled_from('<>;, rel=hub"/:x'), max_size=60))
def test_any_document_is_survived(body: str, link: str) -> None:
    """One source's bytes must not stop the poller, nor make it poll too often or never."""
    asked = read(body, link)
    assert asked.ttl == NEVER or MINUTE <= asked.ttl <= DAY
    assert len(asked.skip_hours) < 24
    assert not asked.hub or asked.hub.startswith(("http://", "https://"))
    assert bool(asked.hub) == bool(asked.topic)


@given(st.binary(max_size=200))
def test_any_bytes_are_survived(body: bytes) -> None:
    """Nor bytes that are no text."""
    assert hints.read(Page("", body, content_type="text/xml; charset=utf-16"), NOTHING).hub == ""


@given(st.integers(1, 10**9), st.sampled_from(list(hints._PERIODS)))
def test_what_is_said_properly_is_believed_within_bounds(number: int, period: str) -> None:
    """Neither never nor all the time."""
    asked = read(
        channel(f"<sy:updatePeriod>{period}</sy:updatePeriod><sy:updateFrequency>{number}</sy:updateFrequency>")
    )
    if number < 10**9:
        assert asked.period == min(max(hints._PERIODS[period] / number, MINUTE), DAY)
        assert read(channel(f"<ttl>{number}</ttl>")).ttl == min(number * MINUTE, DAY)


def test_unchanged_answer_says_again_what_the_feed_said() -> None:
    """It has no body, and often no header; one that it has is its own."""
    page = Page(URL, channel(f"<ttl>5</ttl><a:link rel='hub' href='{HUB}'/>").encode(), fresh_for=60)
    before = hints.read(page, NOTHING)
    again = hints.read(Unchanged(90), before)
    assert hints.read(Unchanged(), before) == before
    assert again == Hints(5 * MINUTE, timedelta(seconds=90), hub=HUB, topic=URL)
