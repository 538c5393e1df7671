"""When to look again: as often as news is to be expected, as much as the budget allows, never more than was asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Hints
from bot.wire import cadence, rhythm
from bot.wire.cadence import CEILING, FLOOR, Bounds, Pace
from bot.wire.rhythm import HOURS, MINUTES, Forecast, Rhythm
from tests.bench import traces

# A Wednesday; then the local time of London is UTC.
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
EVERY = timedelta(minutes=2)
WITHIN = Bounds(FLOOR, CEILING)
FLAT = (1.0,) * MINUTES


def forecast(day: float, night: float | None = None) -> Forecast:
    """Expect `day` entries an hour from eight to eight, and `night` otherwise."""
    hours = [day if 8 <= hour % 24 < 20 or night is None else night for hour in range(HOURS)]
    return traces.forecast(hours, FLAT)


def seconds(now: datetime, pace: Pace, hints: Hints | None = None, jitter: float = 0.5) -> float:
    """Say in how many seconds the next look is due."""
    due = cadence.next_poll(now, EVERY, pace=pace, hints=hints, jitter=jitter)
    return (due - now).total_seconds()


@pytest.mark.parametrize(
    ("failures", "retry_after", "seconds"),
    [(0, None, 60), (1, None, 120), (3, None, 480), (30, None, 480), (1, 900.0, 900), (0, 5.0, 60), (1, 1e9, 86400)],
)
def test_next_poll_waits_as_it_should(failures: int, retry_after: float | None, seconds: float) -> None:
    """Twice as long with each failure, eight times at the most; as long as asked, a day at the most."""
    due = cadence.next_poll(NOW, timedelta(minutes=1), failures=failures, retry_after=retry_after, jitter=0)
    assert due == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(("every", "longest"), [(1, 8), (60, 480), (3600, 3600), (86400, 86400)])
def test_failing_source_is_looked_at_again_before_long(every: float, longest: float) -> None:
    """Often it is our own network that was down."""
    due = cadence.next_poll(NOW, timedelta(seconds=every), failures=50, jitter=0)
    assert due == NOW + timedelta(seconds=longest)


@given(st.floats(1, 86400), st.integers(0, 100), st.none() | st.floats(0, 1e12), st.floats(0, 1))
def test_next_poll_is_never_too_soon(seconds: float, failures: int, retry_after: float | None, jitter: float) -> None:
    """No failure and no answer may turn the bot into an attack."""
    every = timedelta(seconds=seconds)
    due = cadence.next_poll(NOW, every, failures=failures, retry_after=retry_after, jitter=jitter)
    assert NOW + every <= due <= NOW + timedelta(days=2)


@pytest.mark.parametrize(("rate", "expected"), [(1, 120), (4, 60), (0.25, 240), (1e4, 20), (1e-4, 900)])
def test_interval_goes_with_the_root_of_the_rate(rate: float, expected: float) -> None:
    """Four times as many entries are worth twice as many looks: that makes the mean delay least."""
    assert seconds(NOW, Pace(forecast(rate), 120)) == pytest.approx(expected)


def test_look_is_due_soon_after_a_silence_ends() -> None:
    """At a minute to eight the rate of the night says nothing of what comes at eight."""
    office = forecast(60, 0.01)
    before = NOW.replace(hour=7, minute=59)
    assert seconds(before, Pace(office, 300)) < 60 + 60
    assert seconds(before, Pace(forecast(0.01), 300)) > 800


def test_operators_interval_stays_as_it_is() -> None:
    """Whoever wrote it down knows why."""
    hints = Hints(timedelta(hours=1), timedelta(hours=1), frozenset(range(23)))
    assert cadence.next_poll(NOW, EVERY, hints=hints) == NOW + EVERY


@pytest.mark.parametrize("every", [1, 20, 900, 3600])
def test_very_short_and_very_long_intervals_are_not_moved(every: float) -> None:
    """A second cannot be shared out, and who asks for an hour would not be served by a minute."""
    interval = timedelta(seconds=every)
    assert cadence.bounds(interval) is None
    assert cadence.next_poll(NOW, interval, pace=Pace(forecast(1e3), 1.0)) == NOW + interval


@pytest.mark.parametrize(
    ("hints", "expected"),
    [
        (Hints(), 20),
        (Hints(ttl=timedelta(minutes=5)), 300),
        (Hints(fresh_for=timedelta(seconds=90)), 90),
        (Hints(ttl=timedelta(minutes=1), fresh_for=timedelta(seconds=90)), 90),
        (Hints(ttl=timedelta(days=9)), 900),
        (Hints(skip_hours=frozenset({12})), 3600),
        (Hints(skip_hours=frozenset({12, 13, 15})), 7200),
        (Hints(skip_days=frozenset({2})), 12 * 3600),
        (Hints(skip_days=frozenset({2, 3, 4})), 24 * 3600),
        (Hints(skip_hours=frozenset(range(24))), 24 * 3600),
    ],
)
def test_what_a_source_asks_for_is_kept_within_reason(hints: Hints, expected: float) -> None:
    """No wrong header may blind us for longer than a quarter of an hour, nor hours to skip for longer than a day."""
    assert seconds(NOW, Pace(forecast(1e4), 1.0), hints) == pytest.approx(expected)


def test_interval_that_a_source_asks_for_is_no_part_of_the_budget_of_others() -> None:
    """What it does not want, others get."""
    busy = forecast(100)
    asking = cadence.bounds(EVERY, Hints(ttl=timedelta(minutes=10)))
    assert asking == Bounds(timedelta(minutes=10), CEILING)
    alike = cadence.shared_beat([(busy, WITHIN)] * 2, 2 / 120)
    freed = cadence.shared_beat([(busy, WITHIN), (busy, asking)], 2 / 120)
    assert freed < alike


def test_sources_alike_share_the_budget_alike() -> None:
    """Then each is looked at in the interval that it would have had alone."""
    beat = cadence.shared_beat([(forecast(3), WITHIN)] * 5, 5 / 120)
    assert seconds(NOW, Pace(forecast(3), beat)) == pytest.approx(120, rel=0.05)


@pytest.mark.parametrize(("budget", "expected"), [(100.0, 20), (1e-6, 900)])
def test_bounds_win_over_the_budget(budget: float, expected: float) -> None:
    """No budget is a reason to be rude, and none to be blind."""
    beat = cadence.shared_beat([(forecast(3), WITHIN)], budget)
    assert seconds(NOW, Pace(forecast(3), beat)) == pytest.approx(expected, rel=0.01)


def test_budget_is_kept_over_a_week() -> None:
    """A fixed interval would make as many requests."""
    sources = [forecast(20, 0.5), forecast(1), forecast(0.2, 0.01)]
    beat = cadence.shared_beat([(each, WITHIN) for each in sources], len(sources) / 120)
    looks, end = 0, NOW + timedelta(weeks=1)
    for each in sources:
        now = NOW
        while now < end:
            now = cadence.next_poll(now, EVERY, pace=Pace(each, beat))
            looks += 1
    assert looks == pytest.approx(3 * 7 * 86400 / 120, rel=0.03)


rates = st.floats(rhythm.LEAST_RATE, rhythm.MOST_RATE)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(moments, st.lists(rates, min_size=HOURS, max_size=HOURS), st.floats(1e-9, 1e9), st.floats(0, 1))
def test_interval_stays_within_its_bounds(now: datetime, hours: list[float], beat: float, jitter: float) -> None:
    """Whatever was learnt: no source is pestered, and none left unseen."""
    waited = seconds(now, Pace(traces.forecast(hours, FLAT), beat), jitter=jitter)
    assert FLOOR.total_seconds() - 1e-3 <= waited <= CEILING.total_seconds() + 1e-3


hours_of_a_day = st.frozensets(st.integers(0, 23), max_size=23)
days_of_a_week = st.frozensets(st.integers(0, 6), max_size=6)


@given(moments, rates, st.floats(1e-3, 1e6), hours_of_a_day, days_of_a_week, st.integers(0, 20))
def test_skipped_hours_are_skipped(
    now: datetime, hourly: float, beat: float, hours: frozenset[int], days: frozenset[int], failures: int
) -> None:
    """After a failure too; but a day without a look is enough."""
    hints = Hints(skip_hours=hours, skip_days=days)
    due = cadence.next_poll(now, EVERY, pace=Pace(forecast(hourly), beat), hints=hints, failures=failures)
    skipped = due.hour in hours or due.weekday() in days
    assert now + FLOOR - timedelta(seconds=1) <= due <= now + timedelta(days=1)
    assert not skipped or due == now + timedelta(days=1)


def test_nothing_learnt_is_the_fixed_interval() -> None:
    """A new source among new sources has no better one."""
    nothing = rhythm.forecast(Rhythm("Europe/London"))
    beat = cadence.shared_beat([(nothing, WITHIN)] * 3, 3 / 120)
    assert seconds(NOW, Pace(nothing, beat)) == pytest.approx(120, rel=0.05)
    assert replace(WITHIN) == cadence.bounds(EVERY)
