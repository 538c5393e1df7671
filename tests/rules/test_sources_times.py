"""Rules for times without a date, and for dates as pages write them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.times import latest, parse_time

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2024, 3, 20, 12, 0, tzinfo=UTC)


def utc(text: str) -> datetime:
    """Read an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("wall", "limit", "expected"),
    [
        (time(17, 52), "2014-11-26T18:00", "2014-11-26T17:52"),
        (time(17, 52), "2014-11-26T17:52", "2014-11-26T17:52"),
        (time(17, 52), "2014-11-26T17:51", "2014-11-25T17:52"),
        (time(23, 50), "2014-11-26T00:10", "2014-11-25T23:50"),
        (time(12, 0), "2014-07-01T12:00", "2014-07-01T11:00"),
        # On 26 October 2014 the hour from 1 to 2 happened twice: 00:00-01:00 and 01:00-02:00 UTC.
        (time(1, 30), "2014-10-26T03:00", "2014-10-26T01:30"),
        (time(1, 30), "2014-10-26T01:10", "2014-10-26T00:30"),
        # On 30 March 2014 it did not happen.
        (time(1, 30), "2014-03-30T09:00", "2014-03-29T01:30"),
    ],
)
def test_a_bare_time_is_the_last_such_instant(wall: time, limit: str, expected: str) -> None:
    """The PhiWire shows no dates: midnight and the changes of the clock must come out right."""
    assert utc(expected) == latest(wall, LONDON, utc(limit))


@given(
    st.times().map(lambda wall: wall.replace(second=0, microsecond=0)),
    st.datetimes(min_value=datetime(1980, 1, 1), max_value=datetime(2060, 1, 1)),  # noqa: DTZ001 - made aware below
    st.sampled_from(["Europe/London", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "UTC"]),
)
def test_a_resolved_time_shows_that_wall_time_and_is_recent(wall: time, limit: datetime, zone: str) -> None:
    """Whatever the zone does to its clocks, the instant reads as the page does, and is at most three days old."""
    aware, place = limit.replace(tzinfo=UTC), ZoneInfo(zone)
    found = latest(wall, place, aware)
    assert found is not None
    assert wall == found.astimezone(place).time()
    assert timedelta(0) <= aware - found <= timedelta(days=3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 March 2024", "2024-03-12T00:00"),
        ("March 12, 2024", "2024-03-12T00:00"),
        ("Tuesday, 12 March 2024 10:30", "2024-03-12T10:30"),
        ("18-07-2019 - 11:37", "2019-07-18T10:37"),
        ("03/02/2024", "2024-02-03T00:00"),
        ("2024-03-02", "2024-03-02T00:00"),
        ("2024-03-02T10:00:00-05:00", "2024-03-02T15:00"),
        ("2024/03/02", "2024-03-02T00:00"),
        ("12 Dec", "2023-12-12T00:00"),
        ("Thu, 02 May 2013 11:27:00 EST", "2013-05-02T16:27"),
        ("5 March 2024 10:00 BST", "2024-03-05T09:00"),
        ("2 hours ago", "2024-03-20T10:00"),
        ("an hour ago", "2024-03-20T11:00"),
        ("Yesterday at 17:52", "2024-03-19T17:52"),
        ("11:59", "2024-03-20T11:59"),
        ("12:04", "2024-03-20T12:04"),
        ("12:06", "2024-03-19T12:06"),
    ],
)
def test_written_dates_are_read(text: str, expected: str) -> None:
    """Pages write dates for people of their country."""
    assert utc(expected) == parse_time(text, LONDON, NOW)


@pytest.mark.parametrize("text", ["", "May", "10", "Friday", "31 April 2024", "24:00", "12 March 99999", "x" * 500])
def test_what_is_no_date_gives_none(text: str) -> None:
    """A guess would be worse than no time: it decides the order of the wire."""
    assert parse_time(text, LONDON, NOW) is None


def test_american_zones_put_the_month_first() -> None:
    """03/02 is 2 March in New York."""
    assert utc("2024-03-02T05:00") == parse_time("03/02/2024", ZoneInfo("America/New_York"), NOW)


@given(st.text(max_size=100))
def test_no_text_raises(text: str) -> None:
    """Times come from outside."""
    found = parse_time(text, LONDON, NOW)
    assert found is None or found.tzinfo is UTC
