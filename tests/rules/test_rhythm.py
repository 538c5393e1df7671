"""What is learnt of a source: its hours, from few entries cautiously, and nothing absurd from hostile ones."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wire import rhythm
from bot.wire.rhythm import HOURS, LEAST_RATE, MOST_RATE, Rhythm

ZONE = "Europe/London"
# A Monday, in winter time: local time is UTC.
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
NOTHING = Rhythm(ZONE)


def office(weeks: int, *, at: int = 9, minute: int = 1) -> list[datetime]:
    """Publish four entries each weekday, from `at` on, one an hour."""
    days = [BEGIN + timedelta(days=day) for day in range(weeks * 7) if day % 7 < 5]
    return [day + timedelta(hours=at + hour, minutes=minute) for day in days for hour in range(4)]


def watched(arrivals: list[datetime], end: datetime, begin: datetime = BEGIN) -> Rhythm:
    """Watch a source that is looked at a minute after each arrival."""
    learnt = rhythm.observe(NOTHING, [], begin)
    for arrival in arrivals:
        learnt = rhythm.observe(learnt, [arrival], arrival + timedelta(minutes=1))
    return rhythm.observe(learnt, [], end)


def total(learnt: Rhythm) -> float:
    """Say how many entries a week are expected."""
    return sum(rhythm.forecast(learnt).hours)


def test_hours_of_the_week_are_learnt() -> None:
    """News of an office comes when it is open."""
    learnt = watched(office(4), BEGIN + timedelta(weeks=4))
    monday = BEGIN + timedelta(weeks=4, hours=10, minutes=30)
    busy, night, weekend = (rhythm.rate(learnt, monday + timedelta(hours=hours)) for hours in (0, -8, 5 * 24))
    assert busy > 8 * night
    assert busy > 4 * weekend
    assert total(learnt) == pytest.approx(20, rel=0.25)


def test_one_entry_does_not_make_a_habit() -> None:
    """It may come at any hour again: the coarser profiles speak where counts are few."""
    learnt = watched([BEGIN + timedelta(hours=9)], BEGIN + timedelta(days=1))
    hours = rhythm.forecast(learnt).hours
    assert max(hours) < 5 * min(hours)


def test_minute_of_the_hour_is_learnt() -> None:
    """Many publish by the clock."""
    learnt = watched(office(12), BEGIN + timedelta(weeks=12))
    minutes = rhythm.forecast(learnt).minutes
    assert minutes[1] == max(minutes) > 5 * minutes[15]
    assert sum(minutes) == pytest.approx(60)


def test_list_of_a_first_reading_teaches_at_once() -> None:
    """A feed shows weeks of its past; to wait for as many weeks would be a waste."""
    now = BEGIN + timedelta(weeks=3)
    learnt = rhythm.bootstrap(ZONE, office(3), now)
    monday = now + timedelta(hours=10)
    assert rhythm.rate(learnt, monday) > 4 * rhythm.rate(learnt, monday - timedelta(hours=8))
    assert total(learnt) == pytest.approx(20, rel=0.35)


def test_pinned_items_do_not_stretch_the_list() -> None:
    """One of last year among those of two days is no sign of a quiet year."""
    now = BEGIN + timedelta(days=2)
    times: list[datetime | None] = [BEGIN + timedelta(hours=hour) for hour in range(48)]
    plain = total(rhythm.bootstrap(ZONE, times, now))
    pinned = total(rhythm.bootstrap(ZONE, [*times, BEGIN - timedelta(days=400), None], now))
    assert pinned == pytest.approx(plain, rel=0.15)


def test_dates_without_a_time_say_nothing_of_the_hour() -> None:
    """Midnight is when nobody publishes, and where a date without a time lands."""
    dates = [BEGIN + timedelta(days=day) for day in range(20)]
    assert not sum(rhythm.bootstrap(ZONE, dates, BEGIN + timedelta(days=20)).hours)


def test_old_habits_fade() -> None:
    """A source that moved its hours is followed."""
    early = office(8, at=7)
    late = [at + timedelta(weeks=8) for at in office(8, at=16)]
    learnt = watched(early + late, BEGIN + timedelta(weeks=16))
    monday = BEGIN + timedelta(weeks=16)
    assert rhythm.rate(learnt, monday + timedelta(hours=17)) > 2 * rhythm.rate(learnt, monday + timedelta(hours=8))


def test_source_that_falls_silent_is_expected_to_bring_less() -> None:
    """Looks that bring nothing teach as well."""
    learnt = watched(office(4), BEGIN + timedelta(weeks=4))
    assert total(rhythm.observe(learnt, [], BEGIN + timedelta(weeks=12))) < total(learnt) / 2


def test_looks_that_bring_nothing_change_no_weight() -> None:
    """What is stored rounded a thousand times a day must not drift."""
    learnt = watched(office(1), BEGIN + timedelta(days=6))
    looked = rhythm.observe(learnt, [], BEGIN + timedelta(days=7))
    assert (looked.hours, looked.minutes) == (learnt.hours, learnt.minutes)


def test_hours_are_local_ones_through_a_change_of_the_clock() -> None:
    """An office opens at nine in summer, too."""
    summer = datetime(2026, 7, 6, tzinfo=UTC)
    learnt = rhythm.observe(rhythm.observe(NOTHING, [], summer), [None], summer + timedelta(minutes=1))
    moment = summer + timedelta(hours=8, minutes=1)
    learnt = rhythm.observe(learnt, [moment], moment)
    assert learnt.hours[9] > 0.9
    changes = [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)]
    for change in changes:
        for hour in range(4):
            at = change + timedelta(hours=hour, minutes=30)
            assert LEAST_RATE / 100 < rhythm.rate(rhythm.observe(learnt, [at], at), at) < MOST_RATE


@pytest.mark.parametrize("published", [None, BEGIN - timedelta(days=3000), BEGIN + timedelta(days=3000)])
def test_time_that_cannot_be_lies_between_the_looks(published: datetime | None) -> None:
    """Backdated or forward: it was not there at the last look, and is there now."""
    learnt = rhythm.observe(NOTHING, [], BEGIN + timedelta(hours=9, minutes=58))
    learnt = rhythm.observe(learnt, [published], BEGIN + timedelta(hours=10))
    assert [hour for hour, weight in enumerate(learnt.hours) if weight] == [9]
    assert [minute for minute, weight in enumerate(learnt.minutes) if weight] == [59]


def test_ten_thousand_items_of_one_second_count_as_a_few() -> None:
    """A migrated site must not take the whole budget from the others."""
    moment = BEGIN + timedelta(hours=9, seconds=1)
    many = [moment] * 10_000
    assert sum(rhythm.bootstrap(ZONE, many, BEGIN + timedelta(days=1)).hours) <= rhythm.MOST_AT_ONCE
    learnt = rhythm.observe(rhythm.observe(NOTHING, [], BEGIN), many, BEGIN + timedelta(days=1))
    assert sum(learnt.hours) <= rhythm.MOST_AT_ONCE * math.e


def test_clock_that_is_set_back_does_no_harm() -> None:
    """Nor one that stood in another century."""
    future = watched(office(1), BEGIN + timedelta(days=30_000))
    back = rhythm.observe(future, [BEGIN], BEGIN + timedelta(days=7))
    again = rhythm.observe(back, [None], BEGIN + timedelta(days=8))
    assert again.until == (BEGIN + timedelta(days=8)).timestamp()
    assert all(math.isfinite(each) for each in rhythm.forecast(again).hours)


times = st.datetimes(datetime(1970, 1, 3), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
looks = st.lists(st.tuples(st.lists(st.none() | times, max_size=8), times), max_size=8)


@given(st.lists(st.none() | times, max_size=40), times, looks)
def test_whatever_is_published_rates_stay_within_reason(
    listed: list[datetime | None], first: datetime, then: list[tuple[list[datetime | None], datetime]]
) -> None:
    """Years old, in the future, in any order, under a clock that jumps: all is bounded, and survives as text."""
    learnt = rhythm.bootstrap(ZONE, listed, first)
    for arrivals, now in then:
        learnt = rhythm.observe(learnt, arrivals, now)
        learnt = rhythm.from_json(rhythm.to_json(learnt), ZONE)
        assert learnt.since is not None
    foretold = rhythm.forecast(learnt)
    assert len(foretold.hours) == HOURS
    assert all(LEAST_RATE <= each <= MOST_RATE for each in foretold.hours)
    assert all(0 < each < 60 for each in foretold.minutes)


def test_text_brings_back_what_was_learnt() -> None:
    """To four digits, in little space."""
    learnt = watched(office(4), BEGIN + timedelta(weeks=4))
    text = rhythm.to_json(learnt)
    assert len(text) < 2_500
    back = rhythm.from_json(text, ZONE)
    assert back.hours == pytest.approx(learnt.hours, rel=1e-3)
    assert rhythm.to_json(back) == text
    assert rhythm.to_json(NOTHING) == ""


GOOD = rhythm.to_json(watched(office(1), BEGIN + timedelta(weeks=1)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "[" * 100_000,
        GOOD[:-1],
        GOOD.replace(ZONE, "Asia/Tokyo"),
        json.dumps(json.loads(GOOD) | {"hours": [0] * 167}),
        json.dumps(json.loads(GOOD) | {"hours": [-1] * 168}),
        json.dumps(json.loads(GOOD) | {"minutes": [math.nan] * 60}),
        json.dumps(json.loads(GOOD) | {"minutes": ["1"] * 60}),
        json.dumps(json.loads(GOOD) | {"since": 9e11}),
        json.dumps(json.loads(GOOD) | {"until": None}),
        json.dumps(json.loads(GOOD) | {"until": 1e300}),
    ],
)
def test_text_that_cannot_be_read_teaches_nothing(text: str) -> None:
    """A damaged row costs a habit, never the bot; another time zone has other hours."""
    assert rhythm.from_json(text, ZONE) == NOTHING


@given(st.integers(0, 400 * 24), st.integers(0, 30 * 24 * 60))
def test_each_hour_was_watched_as_long_as_the_watch_went(begin: int, minutes: int) -> None:
    """Counted minute by minute it is the same; only the fading within an hour is left out."""
    since = (BEGIN + timedelta(hours=begin)).timestamp()
    until = since + minutes * 60
    utc = Rhythm("UTC", since, until, until)
    slow = [0.0] * HOURS
    for minute in range(minutes):
        hour = int((begin + minute / 60) % HOURS)
        slow[hour] += math.exp((minute - minutes) * 60 / rhythm.FADING) / 60
    assert rhythm._watched(utc, ZoneInfo("UTC")) == pytest.approx(slow, abs=0.01)
