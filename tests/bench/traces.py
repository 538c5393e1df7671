"""When sources publish: invented ones with known habits, and real feeds where they lie beside the project."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.model import Source
from bot.sources import kinds
from bot.sources.documents import Page, Unreadable
from bot.wire.rhythm import HOURS, MINUTES, Forecast

ZONE = "Europe/London"
# A Monday in winter time: then local time is UTC.
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "feeds"

# Entries a day: the median of all sources, and the spread of its logarithm.
_MEDIAN, _SPREAD = 8.0, 1.5
# Posts that wait for the full or the half hour, and the minutes within which they then come.
_SHARP, _SHARP_MINUTES = 0.35, 3


@dataclass(frozen=True, slots=True)
class Trace:
    """When the entries of a source came, as seconds after the epoch, in order, and what would have foretold it best."""

    arrivals: tuple[float, ...]
    truth: Forecast


def forecast(hours: Sequence[float], minutes: Sequence[float]) -> Forecast:
    """Make a forecast of known rates."""
    return Forecast(
        ZoneInfo(ZONE), tuple(hours), tuple(minutes), tuple(map(math.sqrt, hours)), tuple(map(math.sqrt, minutes))
    )


def invented(sources: int, days: int, seed: int = 1) -> list[Trace]:
    """Invent sources: log-normal rates, office hours of their own, and a third of the posts just after :00 and :30."""
    chance = random.Random(seed)
    return [_invented(chance, days) for _ in range(sources)]


def _invented(chance: random.Random, days: int) -> Trace:
    daily = chance.lognormvariate(math.log(_MEDIAN), _SPREAD)
    opens, closes = chance.uniform(6, 10), chance.uniform(16, 21)
    night, weekend = chance.uniform(0.02, 0.15), chance.uniform(0.1, 0.6)
    shape = [
        (1.0 if opens <= hour % 24 + 0.5 <= closes else night) * (weekend if hour >= 5 * 24 else 1.0)
        for hour in range(HOURS)
    ]
    rates = [daily * 7 * each / sum(shape) for each in shape]
    minutes = [1 - _SHARP + (_SHARP * 30 / _SHARP_MINUTES if at % 30 < _SHARP_MINUTES else 0) for at in range(MINUTES)]
    arrivals: list[float] = []
    for hour in range(days * 24):
        start = BEGIN.timestamp() + hour * 3600
        arrivals += [start + _second(chance) for _ in range(_poisson(chance, rates[hour % HOURS]))]
    return Trace(tuple(sorted(arrivals)), forecast(rates, minutes))


def _second(chance: random.Random) -> float:
    if chance.random() < _SHARP:
        return chance.choice((0, 1800)) + chance.uniform(0, _SHARP_MINUTES * 60)
    return chance.uniform(0, 3600)


def _poisson(chance: random.Random, mean: float) -> int:
    count, waited = 0, chance.expovariate(1.0)
    while waited < mean:
        count, waited = count + 1, waited + chance.expovariate(1.0)
    return count


def recorded(fewest: int) -> Iterator[tuple[str, list[datetime]]]:
    """Give the publication times of real feeds that list so many, oldest first; none where the corpus is not there."""
    for path in sorted(CORPUS.rglob("*")):
        if not path.is_file() or path.stat().st_size > 2_000_000:
            continue
        source = Source("feed", "feed", "feed", "https://example.org/feed")
        try:
            items = kinds.KINDS["feed"].read(Page(source.url, path.read_bytes(), ""), source, BEGIN)
        except Unreadable:
            continue
        times = sorted({item.published_at for item in items if item.published_at is not None})
        if len(times) >= fewest:
            yield path.name, times
