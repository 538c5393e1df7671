"""Cadence: how long news waits until it is seen, beside a fixed interval with as many requests and beside an oracle.

The bot's own code learns four weeks, and then looks for a week. The oracle looks by the same rule, but knows the true
rates. Both share one budget among all sources, as the bot does.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.wire import cadence, rhythm
from bot.wire.cadence import Pace
from bot.wire.rhythm import Forecast, Rhythm
from tests.bench import traces
from tests.bench.rows import Row

SOURCES = 150
# Seconds: the default of PHIWIRE_EVERY.
EVERY = 120
LEARNT, TESTED = timedelta(days=28), timedelta(days=7)
# Real feeds show too little for a week: those are taken that reach back twice as long as this.
TESTED_REAL = timedelta(hours=60)
FEWEST = 10

# The bot learns from each look; here, from those that bring nothing, after so many seconds: sooner takes too long.
_STALE = 1_800.0
# The budget is shared anew so often, in seconds.
_SHARED = 3 * 3_600.0


@dataclass(slots=True)
class _Watch:
    """A source that is being looked at: from `now` to `end`, with what is still to come, and how long what came waited.

    Without a rhythm nothing is learnt, and the forecast stays what it is.
    """

    now: float
    end: float
    arrivals: Sequence[float]
    forecast: Forecast
    rhythm: Rhythm | None = None
    seen: int = 0
    looks: int = 0
    delays: list[float] = field(default_factory=list)

    def look_until(self, end: float, every: timedelta, beat: float, chance: random.Random) -> None:
        """Look as the bot would."""
        while self.now < end:
            moment = datetime.fromtimestamp(self.now, UTC)
            if self.rhythm is not None and self.now - self.rhythm.until > _STALE:
                self._learn([], moment)
            pace = Pace(self.forecast, beat)
            due = cadence.next_poll(moment, every, jitter=chance.random(), pace=pace)
            self.now = due.timestamp()
            self.looks += 1
            first = self.seen
            while self.seen < len(self.arrivals) and self.arrivals[self.seen] <= self.now:
                self.delays.append(self.now - self.arrivals[self.seen])
                self.seen += 1
            if self.seen > first:
                self._learn([datetime.fromtimestamp(at, UTC) for at in self.arrivals[first : self.seen]], due)

    def _learn(self, came: Sequence[datetime], now: datetime) -> None:
        if self.rhythm is not None:
            self.rhythm = rhythm.observe(self.rhythm, came, now)
            self.forecast = rhythm.forecast(self.rhythm)


async def measure(sources: int = SOURCES, every: int = EVERY) -> list[Row]:
    """Let the bot's cadence, an oracle and a fixed interval look at the same sources, with as many requests."""
    interval = timedelta(seconds=every)
    if cadence.bounds(interval) is None:
        raise SystemExit(f"An interval of {every} s is never moved: choose one that is.")
    invented = traces.invented(sources, (LEARNT + TESTED).days)
    begin = (traces.BEGIN + LEARNT).timestamp()
    end = begin + TESTED.total_seconds()
    tested = [[at for at in trace.arrivals if begin <= at < end] for trace in invented]
    rhythms = [_learnt([at for at in trace.arrivals if at < begin]) for trace in invented]
    ours = [
        _Watch(begin, end, arrivals, rhythm.forecast(learnt), learnt)
        for arrivals, learnt in zip(tested, rhythms, strict=True)
    ]
    budget = sources / every
    _look(ours, interval, budget)
    spent = sum(watch.looks for watch in ours)
    for _ in range(2):  # the second time with as many requests as ours came to
        knowing = [_Watch(begin, end, arrivals, trace.truth) for arrivals, trace in zip(tested, invented, strict=True)]
        _look(knowing, interval, budget)
        budget *= spent / sum(watch.looks for watch in knowing)
    fixed = _fixed(ours, TESTED)
    figures = [Row("entries", len(fixed), "")]
    for name, delays in (("fixed interval", fixed), ("rhythm", _delays(ours)), ("oracle", _delays(knowing))):
        figures += [Row(f"{name}: {which}", value, "s") for which, value in _summary(delays).items()]
    goals = {"mean": "<= 0.5", "median": "<= 0.3", "p95": "<= 0.85"} if every == EVERY else {}
    figures += _ratios("rhythm", _summary(_delays(ours)), _summary(fixed), goals)
    oracle = statistics.fmean(_delays(ours)) / statistics.fmean(_delays(knowing))
    figures.append(Row("rhythm: mean, of the oracle's", oracle, "", "<= 1.15" if goals else ""))
    planned = sources * TESTED.total_seconds() / every
    figures.append(Row("rhythm: requests, of the budget", spent / planned, "", "<= 1.02"))
    figures.append(Row("oracle: requests, of the rhythm's", sum(watch.looks for watch in knowing) / spent, ""))
    return [*figures, *_recorded(interval)]


def _recorded(interval: timedelta) -> list[Row]:
    """Learn from what real feeds list but the last days, and look for those: too few for goals."""
    watches = []
    for _, times in traces.recorded(FEWEST):
        end = times[-1].timestamp() + 1
        begin = end - TESTED_REAL.total_seconds()
        if times[0].timestamp() > begin - TESTED_REAL.total_seconds():
            continue
        learnt = rhythm.bootstrap(
            traces.ZONE, [at for at in times if at.timestamp() < begin], datetime.fromtimestamp(begin, UTC)
        )
        arrivals = [at.timestamp() for at in times if at.timestamp() >= begin]
        watches.append(_Watch(begin, end, arrivals, rhythm.forecast(learnt), learnt))
    if not watches:
        return []
    _look(watches, interval, len(watches) / interval.total_seconds())
    fixed = _fixed(watches, TESTED_REAL)
    spent = sum(watch.looks for watch in watches)
    return [
        Row("real feeds", len(watches), ""),
        Row("real feeds: entries", len(fixed), ""),
        *_ratios("real feeds", _summary(_delays(watches)), _summary(fixed), {}),
        Row("real feeds: requests, of the budget", spent * (interval / TESTED_REAL) / len(watches), ""),
    ]


def _learnt(arrivals: Sequence[float]) -> Rhythm:
    """Learn as the bot does that looks a minute after each arrival."""
    known = rhythm.observe(Rhythm(traces.ZONE), [], traces.BEGIN)
    for at in arrivals:
        known = rhythm.observe(known, [datetime.fromtimestamp(at, UTC)], datetime.fromtimestamp(at + 60, UTC))
    return rhythm.observe(known, [], traces.BEGIN + LEARNT)


def _look(watches: Sequence[_Watch], interval: timedelta, budget: float) -> None:
    """Look to the end, and share the budget anew every few hours, as the poller does every hour."""
    chance = random.Random(7)
    within = cadence.bounds(interval)
    assert within is not None
    while any(watch.now < watch.end for watch in watches):
        beat = cadence.shared_beat([(watch.forecast, within) for watch in watches], budget)
        for watch in watches:
            watch.look_until(min(watch.now + _SHARED, watch.end), interval, beat, chance)


def _fixed(watches: Sequence[_Watch], length: timedelta) -> list[float]:
    """Say how long the same entries wait where each source is looked at in one interval, with as many looks in all."""
    interval = len(watches) * length.total_seconds() / sum(watch.looks for watch in watches)
    chance = random.Random(9)
    phases = [chance.uniform(0, interval) for _ in watches]
    return [
        interval - (at + phase) % interval
        for watch, phase in zip(watches, phases, strict=True)
        for at in watch.arrivals
    ]


def _delays(watches: Sequence[_Watch]) -> list[float]:
    return [delay for watch in watches for delay in watch.delays]


def _summary(delays: Sequence[float]) -> dict[str, float]:
    ordered = sorted(delays)
    return {
        "mean": statistics.fmean(ordered),
        "median": statistics.median(ordered),
        "p95": ordered[int(len(ordered) * 0.95)],
    }


def _ratios(name: str, ours: dict[str, float], fixed: dict[str, float], goals: dict[str, str]) -> list[Row]:
    return [
        Row(f"{name}: {which}, of the fixed interval's", ours[which] / fixed[which], "", goals.get(which, ""))
        for which in ours
    ]
