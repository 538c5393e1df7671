"""Decide when to look again."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.model import Hints
from bot.wire.rhythm import Forecast

LONGEST_BACKOFF = timedelta(hours=1)
# Often it is our own network that fails: a source that is looked at often must not stay unseen for long after.
MOST_INTERVALS = 8
# A server that asks for a pause is believed, but not for ever.
LONGEST_ASKED_PAUSE = timedelta(days=1)
# What a source says about all of its answers is often nobody's decision: half of them would blind us for an hour.
LONGEST_ASKED_INTERVAL = timedelta(minutes=15)
# No source is looked at more often because it is busy: a page that has changed within so short a time is rare.
FLOOR = timedelta(seconds=20)
# None is left alone for longer because it is quiet, as long as the interval itself is shorter.
CEILING = timedelta(minutes=15)

# The histogram of rates, in steps of 5 %.
_STEPS = 20.0
_MINUTE_GROUPS = 10
_ANY, _NEVER = 1e-9, 1e9


@dataclass(frozen=True, slots=True)
class Bounds:
    """The shortest and the longest interval of a source whose rhythm is followed."""

    floor: timedelta
    ceiling: timedelta


@dataclass(frozen=True, slots=True)
class Pace:
    """How closely a source is followed: its forecast, and `beat`, the interval in seconds at one entry an hour.

    The beat is common to all sources (`shared_beat`), so that each request goes where it shortens most waiting.
    """

    forecast: Forecast
    beat: float


def bounds(every: timedelta, hints: Hints | None = None) -> Bounds | None:
    """Say how far the interval may move from `every`; None where it is too short or too long to move at all."""
    if not FLOOR < every < CEILING:
        return None
    floor = max(FLOOR, _asked_interval(hints))
    return Bounds(floor, max(CEILING, floor))


def next_poll(
    now: datetime,
    every: timedelta,
    *,
    failures: int = 0,
    retry_after: float | None = None,
    jitter: float = 0.5,
    pace: Pace | None = None,
    hints: Hints | None = None,
) -> datetime:
    """Say when the next poll is due: after `every`, or where there is a pace, when enough is to be expected.

    Doubled with each failure in a row up to eightfold. Never before what was asked.

    Args:
        now: when this poll ended.
        every: the source's own interval or the default one.
        failures: failed polls in a row, this one included.
        retry_after: seconds that the server asked for.
        jitter: 0..1, spreads sources that failed together, or that follow one rhythm, over a tenth of the pause.
        pace: what was learnt of the source; None where an operator has set its interval.
        hints: what the source says about how often it may be read; an operator's interval goes before.
    """
    pause, within = every, bounds(every, hints)
    if failures:
        longest = min(every * MOST_INTERVALS, LONGEST_BACKOFF)
        pause = max(every, min(every * 2 ** min(failures, 16), longest))
        pause += pause * 0.1 * jitter
    elif pace is not None and within is not None:
        pause = timedelta(seconds=_expected(now, pace, within, 0.95 + 0.1 * jitter))
    if retry_after is not None:
        pause = max(pause, min(timedelta(seconds=retry_after), LONGEST_ASKED_PAUSE))
    if pace is None or hints is None:
        return now + pause
    return _unskipped(now, now + max(pause, _asked_interval(hints)), hints)


def shared_beat(sources: Iterable[tuple[Forecast, Bounds]], budget: float) -> float:
    """Find the beat at which the sources together are looked at `budget` times a second on average over a week.

    Where even the ceilings need more, or the floors less, the bounds win.
    """
    roots: dict[Bounds, Counter[int]] = {}
    for forecast, within in sources:
        found = roots.setdefault(within, Counter())
        minutes = _minute_steps(forecast)
        for hour, times in Counter(round(math.log(root) * _STEPS) for root in forecast.hour_roots).items():
            for minute in minutes:
                found[hour + minute] += times
    least, most = math.log(_ANY), math.log(_NEVER)
    for _ in range(60):
        middle = (least + most) / 2
        if _looks(roots, math.exp(middle)) > budget:
            least = middle
        else:
            most = middle
    return math.exp(most)


def _minute_steps(forecast: Forecast) -> list[int]:
    """Give the minutes of an hour in groups of like ones, as steps of the histogram."""
    ordered = sorted(forecast.minute_roots)
    size = len(ordered) // _MINUTE_GROUPS
    return [round(math.log(sum(ordered[at : at + size]) / size) * _STEPS) for at in range(0, len(ordered), size)]


def _looks(roots: dict[Bounds, Counter[int]], beat: float) -> float:
    looks = 0.0
    for within, found in roots.items():
        fewest, most = 1 / within.ceiling.total_seconds(), 1 / within.floor.total_seconds()
        looks += sum(min(max(math.exp(step / _STEPS) / beat, fewest), most) * times for step, times in found.items())
    return looks / (168 * _MINUTE_GROUPS)


def _expected(now: datetime, pace: Pace, within: Bounds, share: float) -> float:
    """Say in how many seconds a look is due: the root of the rate, over the beat, has then added up to `share`.

    To look so often that the density of looks goes with the root of the rate has the least mean delay of all plans of
    as many looks (Sia and Cho, 2007). The bounds hold at every moment, so that they hold for the interval too.
    """
    forecast = pace.forecast
    local = now.astimezone(forecast.timezone)
    hour, minute = local.weekday() * 24 + local.hour, local.minute
    step = 60.0 - local.second - local.microsecond / 1e6
    fewest, most = 1 / within.ceiling.total_seconds(), 1 / within.floor.total_seconds()
    root, waited = forecast.hour_roots[hour] / pace.beat, 0.0
    while True:
        density = min(max(root * forecast.minute_roots[minute], fewest), most)
        if density * step >= share:
            seconds = waited + share / density
            return min(max(seconds, within.floor.total_seconds()), within.ceiling.total_seconds())
        share -= density * step
        waited += step
        step, minute = 60.0, minute + 1
        if minute == 60:  # noqa: PLR2004
            minute, hour = 0, (hour + 1) % 168
            root = forecast.hour_roots[hour] / pace.beat


def _asked_interval(hints: Hints | None) -> timedelta:
    if hints is None:
        return timedelta(0)
    return min(max(hints.ttl, hints.fresh_for), LONGEST_ASKED_INTERVAL)


def _unskipped(now: datetime, due: datetime, hints: Hints) -> datetime:
    """Move a look out of the hours and days that the source asks to skip, a day away at the most."""
    latest = max(due, now + LONGEST_ASKED_PAUSE)
    moment = due.astimezone(UTC)
    while moment.hour in hints.skip_hours or moment.weekday() in hints.skip_days:
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        if moment >= latest:
            return latest
    return moment
