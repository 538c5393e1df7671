"""Figures as Prometheus reads them, counted by the database and read when they are asked for."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from bot import counters
from bot.counters import Counted
from bot.db import Database
from bot.outbox import history
from bot.outbox.history import Lag, Queue
from bot.outbox.tally import Tally

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
STATUSES = ("pending", "sending")


@dataclass(frozen=True, slots=True)
class Figures:
    """What the database says: counters, what waits, delays, and how many sources have which trouble."""

    counted: tuple[Counted, ...]
    queue: tuple[Queue, ...]
    lag: tuple[Lag, ...]
    sources: Mapping[str, int]


def read(connection: sqlite3.Connection, now: datetime) -> Figures:
    """Read all figures at once."""
    sources = Counter[str]()
    for trouble, never_read in connection.execute(
        "SELECT trouble, last_ok_at IS NULL FROM sources WHERE removed_at IS NULL"
    ):
        sources[trouble or ("not read yet" if never_read else "well")] += 1
    return Figures(counters.counted(connection), history.queue(connection, now), history.lag(connection, now), sources)


class Metrics:
    """The bot's own registry, of figures of the database and of the platforms' tallies."""

    def __init__(self, database: Database, tallies: Mapping[str, Tally], clock: Callable[[], datetime]) -> None:
        self._database = database
        self._tallies = tallies
        self._clock = clock

    async def exposition(self) -> bytes:
        """Write all figures in Prometheus' text format."""
        now = self._clock()
        figures = await self._database.read(read, now)
        # A registry a reading: its collectors are called at once, and the figures are at hand already.
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Read([*_of_database(figures, self._tallies, now), *_of_tallies(self._tallies)]))
        return generate_latest(registry)


class _Read(Collector):
    """Figures that were read."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        """Give them."""
        return self._families


def _of_database(figures: Figures, platforms: Iterable[str], now: datetime) -> Iterable[Metric]:
    yield _counter("phiwire_polls", "Looks at sources.", "result", figures.counted, "polls")
    yield _counter("phiwire_entries", "Entries and revisions that came.", "kind", figures.counted, "entries")
    ended = CounterMetricFamily("phiwire_deliveries", "Deliveries that ended, by how.", labels=("platform", "outcome"))
    for each in figures.counted:
        if each.name == "deliveries":
            ended.add_metric((each.platform, each.label), each.value)
    yield ended
    yield from _of_queue(figures.queue, platforms, now)
    sources = GaugeMetricFamily("phiwire_sources", "Sources by how they are.", labels=("health",))
    for health, count in sorted(figures.sources.items()):
        sources.add_metric((health,), count)
    yield sources
    yield _of_lag(figures.lag)


def _counter(name: str, does: str, label: str, counted: Iterable[Counted], what: str) -> Metric:
    family = CounterMetricFamily(name, does, labels=(label,))
    for each in counted:
        if each.name == what:
            family.add_metric((each.label,), each.value)
    return family


def _of_queue(queue: Iterable[Queue], platforms: Iterable[str], now: datetime) -> Iterable[Metric]:
    # A figure that is missing and one that is 0 look the same in no graph and no rule.
    counts = {(platform, status): 0 for platform in platforms for status in STATUSES}
    ages = {platform: 0.0 for platform, _ in counts}
    for each in queue:
        counts[each.platform, each.status] = each.count
        age = 0.0 if each.due_since is None else max(0.0, (now - each.due_since).total_seconds())
        ages[each.platform] = max(age, ages.get(each.platform, 0.0))
    waiting = GaugeMetricFamily("phiwire_queue", "Deliveries that are still to be sent.", labels=("platform", "status"))
    for labels, count in sorted(counts.items()):
        waiting.add_metric(labels, count)
    yield waiting
    oldest = GaugeMetricFamily(
        "phiwire_oldest_due_seconds", "How long the oldest delivery that is due has been so.", labels=("platform",)
    )
    for platform, age in sorted(ages.items()):
        oldest.add_metric((platform,), age)
    yield oldest


def _of_lag(lag: Iterable[Lag]) -> Metric:
    family = GaugeMetricFamily(
        "phiwire_lag_seconds",
        "How long news of the last day took on a part of its way.",
        labels=("platform", "part", "quantile"),
    )
    for each in lag:
        for part in ("published_to_seen", "seen_to_sent", "published_to_sent"):
            percentiles = getattr(each, part)
            if percentiles is not None:
                family.add_metric((each.platform, part, "0.5"), percentiles[0])
                family.add_metric((each.platform, part, "0.95"), percentiles[1])
    return family


def _of_tallies(tallies: Mapping[str, Tally]) -> Iterable[Metric]:
    answers = CounterMetricFamily(
        "phiwire_answers", "Answers to sends since the start, by outcome.", labels=("platform", "outcome")
    )
    throttles = CounterMetricFamily(
        "phiwire_throttles", "Times since the start that a platform asked to slow down.", labels=("platform",)
    )
    for platform, tally in tallies.items():
        for outcome, count in sorted(tally.answers.items()):
            answers.add_metric((platform, outcome), count)
        throttles.add_metric((platform,), tally.answers["throttled"])
    yield answers
    yield throttles
