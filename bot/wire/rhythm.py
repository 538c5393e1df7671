"""What is learnt of when a source brings news: by hour of the week and minute of the hour, the old fading.

Weights grow with time instead of fading (forward decay: Cormode et al., ICDE 2009), so that a look that brings nothing
changes no count. How long each hour was watched follows from when the watch began.
"""

from __future__ import annotations

import json
import math
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

HOURS, MINUTES = 168, 60
# Seconds in which a weight fades to 1/e: a new habit counts half after four weeks.
FADING = timedelta(weeks=4).total_seconds() / math.log(2)
# Entries of one minute that count: what a migrated site stamps alike is one event, not ten thousand.
MOST_AT_ONCE = 5
# Publication times that are read of one answer.
MOST_TIMES = 2_000
# The part of a list, from its oldest end, that says nothing of when the list begins: pinned items are old.
PINNED = 0.1
# Looks further apart than this do not tell the minute in which something without a time came.
SHARP = 120.0
# What is assumed of a source of which nothing is known: entries an hour, as good as so many hours of watching.
USUAL_RATE, USUAL_HOURS = 0.4, 12.0
# Entries that a finer profile must have seen to count as much as the coarser one that it refines.
WEEKPART_PRIOR, HOUR_PRIOR, HALF_HOUR_PRIOR, MINUTE_PRIOR = 1.0, 4.0, 60.0, 60.0
# A habit is believed that was watched so long: a week has seven nights.
KNOWN = timedelta(days=7)
# Silence is measured so far back.
LONGEST_SILENCE = timedelta(days=14)
# No source is believed to be quieter or busier, in entries an hour.
LEAST_RATE, MOST_RATE = 1e-4, 3_600.0

_WEEKEND = 5 * 24


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Weights of arrivals by local hour of the week, Monday first, and by minute of the hour, watched since `since`.

    Times are seconds since 1970; a weight is 1 at `mark` and e after FADING. `since` is None where nothing is known.
    """

    timezone: str
    since: float | None = None
    until: float = 0.0
    mark: float = 0.0
    hours: tuple[float, ...] = (0.0,) * HOURS
    minutes: tuple[float, ...] = (0.0,) * MINUTES


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a rhythm promises: entries an hour for each local hour of the week, and each minute's share, 1 on average.

    The roots of both are what the cadence asks for all the time.
    """

    timezone: ZoneInfo
    hours: Sequence[float]
    minutes: Sequence[float]
    hour_roots: Sequence[float]
    minute_roots: Sequence[float]

    def rate(self, at: datetime) -> float:
        """Say how many entries an hour are expected at a moment."""
        local = at.astimezone(self.timezone)
        return self.hours[local.weekday() * 24 + local.hour] * self.minutes[local.minute]


def bootstrap(timezone: str, published: Iterable[datetime | None], now: datetime) -> Rhythm:
    """Learn from the list that a source shows when it is first read: it reaches back hours, or weeks.

    Left aside are the future, midnights (dates without a time), and the oldest tenth, which may be pinned.
    """
    zone, end = ZoneInfo(timezone), now.timestamp()
    times = sorted((at for at in published if at is not None and at <= now and not _is_date(at, zone)), reverse=True)[
        :MOST_TIMES
    ]
    begin = times[max(0, math.ceil(len(times) * (1 - PINNED)) - 1)].timestamp() if times else end
    rhythm = Rhythm(timezone, begin, end, end)
    # The oldest one opens the watch: what came before it is not known.
    return _counted(rhythm, [(at, True) for at in times if at.timestamp() > begin])


def observe(rhythm: Rhythm, arrivals: Sequence[datetime | None], now: datetime) -> Rhythm:
    """Learn from a look at a source: which entries came since the last one, each with its time of publication.

    One without a time, or with one that cannot be (before the last look, when it was not there, or in the future), came
    somewhere between the two looks.
    """
    end = now.timestamp()
    if rhythm.since is None:
        return Rhythm(rhythm.timezone, end, end, end)
    if end < rhythm.until:  # the clock was set back
        return replace(rhythm, since=min(rhythm.since, end), until=end, mark=min(rhythm.mark, end))
    begin = rhythm.until
    middle = now - timedelta(seconds=min(end - begin, FADING) / 2)
    sharp = end - begin <= SHARP
    placed = [
        (at, True) if at is not None and begin <= at.timestamp() <= end else (middle, sharp)
        for at in arrivals[:MOST_TIMES]
    ]
    return _counted(replace(_marked(rhythm, end), until=end), placed)


def rate(rhythm: Rhythm, at: datetime) -> float:
    """Say how many entries an hour are expected at a moment."""
    return forecast(rhythm).rate(at)


def forecast(rhythm: Rhythm) -> Forecast:
    """Turn counts into rates: where there are few of them, the coarser profile speaks.

    From all hours alike to the hours of weekdays and of weekends, to the hours of the week; each is the mean of a gamma
    distribution whose prior is the coarser one.
    """
    zone = ZoneInfo(rhythm.timezone)
    faded = math.exp((rhythm.mark - rhythm.until) / FADING)
    counts = [weight * faded for weight in rhythm.hours]
    watched = _watched(rhythm, zone)
    overall = (sum(counts) + USUAL_RATE * USUAL_HOURS) / (sum(watched) + USUAL_HOURS)
    parts: list[float] = []
    for first, last in ((0, _WEEKEND), (_WEEKEND, HOURS)):
        smooth = [
            _smoothed([sum(values[hour] for hour in range(first + at, last, 24)) for at in range(24)])
            for values in (counts, watched)
        ]
        parts += [_mean(count, hours, overall, WEEKPART_PRIOR) for count, hours in zip(*smooth, strict=True)]
    hours = []
    for at, (count, hours_watched) in enumerate(zip(_smoothed(counts), _smoothed(watched), strict=True)):
        coarse = parts[at % 24 + (24 if at >= _WEEKEND else 0)]
        hours.append(min(max(_mean(count, hours_watched, coarse, HOUR_PRIOR), LEAST_RATE), MOST_RATE))
    minutes = _minutes(rhythm.minutes, faded)
    # One of each source is kept: as tuples they would take four times as much memory.
    return Forecast(
        zone, *(array("f", values) for values in (hours, minutes, map(math.sqrt, hours), map(math.sqrt, minutes)))
    )


def expected(rhythm: Rhythm, after: datetime, until: datetime) -> float:
    """Say how many entries should have come between two moments; none where the habit is not known yet."""
    if rhythm.since is None or rhythm.until - rhythm.since < KNOWN.total_seconds():
        return 0.0
    ahead, entries = forecast(rhythm), 0.0
    at = max(after, until - LONGEST_SILENCE)
    while at < until:
        end = min(at + timedelta(hours=1), until)
        local = at.astimezone(ahead.timezone)
        entries += ahead.hours[local.weekday() * 24 + local.hour] * (end - at) / timedelta(hours=1)
        at = end
    return entries


def to_json(rhythm: Rhythm) -> str:
    """Write a rhythm as compact text; nothing learnt is empty text."""
    if rhythm.since is None:
        return ""
    fields = {
        "zone": rhythm.timezone,
        "since": math.floor(rhythm.since),
        "until": round(rhythm.until, 3),
        "mark": math.floor(rhythm.mark),
        "hours": [_short(weight) for weight in rhythm.hours],
        "minutes": [_short(weight) for weight in rhythm.minutes],
    }
    return json.dumps(fields, separators=(",", ":"))


def from_json(text: str, timezone: str, seen_at: datetime | None = None) -> Rhythm:
    """Read a rhythm; from text that cannot be read, or that is another time zone's, nothing is learnt.

    `seen_at` is when the source was last seen: looks that bring nothing leave the text as it is.
    """
    try:
        fields = json.loads(text)
        since, until, mark = (_number(fields[name]) for name in ("since", "until", "mark"))
        hours, minutes = (tuple(map(_number, fields[name])) for name in ("hours", "minutes"))
    except (ValueError, TypeError, KeyError, RecursionError):
        return Rhythm(timezone)
    sizes = (len(hours), len(minutes))
    if fields.get("zone") != timezone or sizes != (HOURS, MINUTES) or not since <= until or mark > until + 1:
        return Rhythm(timezone)
    learnt = Rhythm(timezone, since, until, mark, hours, minutes)
    return learnt if seen_at is None else observe(learnt, [], seen_at)


def _number(value: Any) -> float:
    number = float(value)
    if isinstance(value, bool | str) or not 0 <= number <= 1e12:  # noqa: PLR2004 (the year 33658)
        raise ValueError(value)
    return number


def _short(weight: float) -> float | int:
    short = float(f"{weight:.4g}")
    return int(short) if short.is_integer() else short


def _is_date(at: datetime, zone: ZoneInfo) -> bool:
    return any(not (each.hour or each.minute or each.second) for each in (at, at.astimezone(zone)))


def _counted(rhythm: Rhythm, arrivals: Iterable[tuple[datetime, bool]]) -> Rhythm:
    """Add arrivals, each with whether its minute is known."""
    zone = ZoneInfo(rhythm.timezone)
    hours, minutes, at_once = list(rhythm.hours), list(rhythm.minutes), Counter[int]()
    for at, sharp in arrivals:
        second = at.timestamp()
        at_once[int(second // 60)] += 1
        if at_once[int(second // 60)] <= MOST_AT_ONCE:
            weight = math.exp((second - rhythm.mark) / FADING)
            local = at.astimezone(zone)
            hours[local.weekday() * 24 + local.hour] += weight
            minutes[local.minute] += weight if sharp else 0.0
    return replace(rhythm, hours=tuple(hours), minutes=tuple(minutes))


def _marked(rhythm: Rhythm, now: float) -> Rhythm:
    """Move the mark on before weights grow large."""
    if now - rhythm.mark <= FADING:
        return rhythm
    faded = math.exp((rhythm.mark - now) / FADING)
    hours, minutes = (tuple(weight * faded for weight in weights) for weights in (rhythm.hours, rhythm.minutes))
    return replace(rhythm, mark=now, hours=hours, minutes=minutes)


def _watched(rhythm: Rhythm, zone: ZoneInfo) -> list[float]:
    """Say for how many hours each hour of the week was watched, faded as its counts are."""
    if rhythm.since is None:
        return [0.0] * HOURS
    span = (rhythm.until - rhythm.since) / 3600
    local = datetime.fromtimestamp(rhythm.until, zone)
    current, began = local.weekday() * 24 + local.hour, local.minute / 60 + local.second / 3600
    weekly, hourly, faded = math.exp(-HOURS * 3600 / FADING), math.exp(-3600 / FADING), math.exp(-began * 3600 / FADING)
    whole, rest = divmod(span - began, HOURS)
    watched = [0.0] * HOURS
    for back in range(HOURS):
        # This hour of the week began `began` hours ago, and every week before; its first and last time may be cut.
        times = int(whole) + 1 if back <= rest else int(whole)
        if times > 0:
            between = (weekly - weekly**times) / (1 - weekly)
            oldest = max(0.0, span - (began + HOURS * times - 1)) * weekly**times
            watched[current - back] = (min(began, 1.0) + between + oldest) * faded
        else:
            watched[current - back] = max(0.0, span - max(began - 1, 0.0)) * faded
        began += 1
        faded *= hourly
    return watched


def _smoothed(values: Sequence[float]) -> list[float]:
    """Let neighbouring hours speak along: what comes at ten to nine may as well come at nine."""
    size = len(values)
    return [0.2 * values[at - 1] + 0.6 * values[at] + 0.2 * values[(at + 1) % size] for at in range(size)]


def _mean(count: float, hours: float, coarse: float, prior: float) -> float:
    return (count + prior) / (hours + prior / coarse)


def _minutes(weights: Sequence[float], faded: float) -> tuple[float, ...]:
    """Give each minute's share of its hour, 1 on average: the half hours alike where counts are few."""
    counts = [weight * faded for weight in weights]
    total = sum(counts)
    half = [(counts[at] + counts[at + 30] + HALF_HOUR_PRIOR / 30) / (total + HALF_HOUR_PRIOR) * 30 for at in range(30)]
    return tuple(
        (count + MINUTE_PRIOR / 60 * half[at % 30]) / (total + MINUTE_PRIOR) * 60 for at, count in enumerate(counts)
    )
