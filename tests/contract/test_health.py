"""What the bot's own web server says of its health, over real HTTP, with each stage well and broken."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import channels
from bot.db import Database
from bot.filters import store as filters
from bot.flow.watcher import Watcher
from bot.model import Operator
from bot.outbox import store as outbox
from bot.outbox.policy import Settle
from bot.outbox.tally import Tally
from bot.outcomes import Ambiguous, Sent, Throttled
from bot.web import health
from bot.web.metrics import Metrics
from bot.web.server import WebServer
from bot.wire import source_store
from tests.contract.conversations import NOW, WIRE, publish, put_on_the_wire

HEADLINE = "Ferry vote survives"
ADDRESS = "-1004711"


class Bench:
    """A bot without loops: a database, two platforms' tallies, and a clock that is set by hand."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOW
        self.tallies = {"telegram": Tally(), "slack": Tally()}
        self.wrong = {"telegram": "", "slack": ""}
        self.rung = 0
        operators = (Operator("slack", "U0MAX"), Operator("telegram", "7"))
        self.watcher = Watcher(database, operators, self.tallies, lambda: self.now, self._ring)
        living = health.Health(database, self.watcher, lambda: self.wrong, lambda: self.now)
        metrics = Metrics(database, self.tallies, lambda: self.now)
        self.server = WebServer("127.0.0.1", 0, health.routes(living, metrics))

    def _ring(self) -> None:
        self.rung += 1

    async def publish(self, *headlines: str) -> None:
        """Bring news, and look again in a week."""
        await publish(self.database, *headlines)
        await self.database.write(looked, NOW + timedelta(days=7))

    async def stay(self, minutes: int) -> None:
        """Look every minute, for so long."""
        for _ in range(minutes):
            self.now += timedelta(minutes=1)
            await self.watcher.look()

    async def send(self, platform: str) -> None:
        """Send what is due on a platform."""
        for delivery in await self.database.write(outbox.claim, platform, self.now, 9):
            await self.database.write(outbox.settle, delivery, Settle("sent", "m1"), self.now)
            self.tallies[platform].count(Sent("m1"))

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Ask, and give status and body."""
        address = f"http://127.0.0.1:{self.server.port}{path}"
        async with aiohttp.ClientSession() as session, session.get(address, headers=headers) as answer:
            return answer.status, await answer.text()

    async def told(self, platform: str) -> list[str]:
        """List what operators on a platform were told."""
        return await self.database.read(_told, platform)


def _told(connection: sqlite3.Connection, platform: str) -> list[str]:
    found = connection.execute(
        """
        SELECT e.headline FROM deliveries AS d JOIN entries AS e ON e.id = d.entry
            JOIN channels AS c ON c.id = d.channel WHERE e.source = '' AND c.platform = ? ORDER BY d.id
        """,
        (platform,),
    )
    return [row["headline"] for row in found]


def subscribe(connection: sqlite3.Connection) -> None:
    """Have a group on Telegram that wants everything."""
    group = channels.ensure(connection, "telegram", ADDRESS, "", "Newsroom", "Europe/London", NOW)
    filters.add(connection, group.id, "match", "kind:wire", "Ada", NOW)


def looked(connection: sqlite3.Connection, now: datetime) -> None:
    """Look at the source in time."""
    source_store.commit_failure(connection, WIRE.slug, now, now + timedelta(minutes=5), "it is down")


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """Serve, with a source that is looked at next in a week and a channel."""
    database = Database(tmp_path / "phiwire.db")
    made = Bench(database)
    await put_on_the_wire(database, [])
    await database.write(subscribe)
    await database.write(looked, NOW + timedelta(days=7))
    await made.server.start()
    yield made
    await made.server.close()
    await asyncio.to_thread(database.close)


async def test_healthy_bot_says_so_line_by_line(bench: Bench) -> None:
    """And as JSON to programs."""
    await bench.stay(30)
    status, said = await bench.get("/healthz")
    assert (status, said.splitlines()) == (
        200,
        [
            "✓ database: answers",
            "✓ watcher: looked 0 seconds ago",
            "✓ poller: nothing waits",
            "✓ sources: nothing waits",
            "✓ matcher: nothing waits",
            "✓ telegram: nothing waits",
            "✓ slack: nothing waits",
        ],
    )
    for path, headers in (("/healthz?format=json", {}), ("/healthz", {"Accept": "application/json"})):
        status, said = await bench.get(path, **headers)
        assert said.startswith('{"well": true, "facts": [{"name": "database", "well": true, "says": "answers"}')
    assert bench.rung == 0


async def test_platform_that_takes_nothing_is_told_through_the_other(bench: Bench) -> None:
    """Once, and once that it takes messages again; meanwhile it is in /healthz."""
    await bench.publish(HEADLINE)
    await bench.stay(15)
    assert (await bench.get("/healthz"))[0] == 200
    await bench.stay(1)
    await bench.send("slack")
    await bench.stay(29)
    status, said = await bench.get("/healthz")
    assert status == 503
    assert "✗ telegram: stuck for 2,640 seconds" in said
    alarm = "⚠ Telegram has taken no message for 15 minutes, although some are due. Look at it with: phiwire check"
    assert (await bench.told("slack"), await bench.told("telegram"), bench.rung) == ([alarm], [], 1)
    await bench.send("telegram")
    await bench.stay(2)
    assert (await bench.told("slack"))[1:] == ["✓ Telegram takes messages again after 45 minutes."]
    assert (await bench.get("/healthz"))[0] == 200


async def test_matcher_that_is_stuck_is_told(bench: Bench) -> None:
    """Nothing takes the entry on."""
    await bench.publish(HEADLINE)
    await bench.database.write(lambda connection: connection.execute("UPDATE entries SET matched_at = NULL"))
    await bench.stay(7)
    assert "✗ matcher: stuck" in (await bench.get("/healthz"))[1]
    assert "waiting to be matched" in (await bench.told("telegram"))[0]


async def test_poller_that_is_stuck_is_told(bench: Bench) -> None:
    """Sources are due, and nobody looks."""
    await bench.database.write(looked, NOW)
    await bench.stay(20)
    assert "✗ poller: stuck" in (await bench.get("/healthz"))[1]
    assert "No source has been looked at" in (await bench.told("telegram"))[0]


async def test_watcher_that_does_not_look_is_ill_itself(bench: Bench) -> None:
    """What it saw last says nothing about now."""
    await bench.stay(1)
    bench.now += timedelta(minutes=4)
    status, said = await bench.get("/healthz")
    assert status == 503
    assert "✗ watcher: looked 240 seconds ago" in said


async def test_ready_is_who_is_connected_and_can_write(bench: Bench) -> None:
    """Each platform by its name."""
    assert (await bench.get("/readyz")) == (
        200,
        "✓ database: takes writes\n✓ telegram: connected\n✓ slack: connected\n",
    )
    bench.wrong["slack"] = "not connected yet"
    status, said = await bench.get("/readyz")
    assert status == 503
    assert "✗ slack: not connected yet" in said


async def test_database_that_takes_no_write_is_not_ready(bench: Bench) -> None:
    """And still lives, for it can be read."""
    await bench.database.write(lambda connection: connection.execute("PRAGMA query_only = ON"))
    status, said = await bench.get("/readyz")
    assert status == 503
    assert "✗ database: cannot be written to (attempt to write a readonly database)" in said
    assert (await bench.get("/healthz"))[0] == 200
    await bench.database.read(lambda _: None)


async def test_metrics_are_what_the_database_counts(bench: Bench) -> None:
    """Prometheus' own parser reads them; each label is a platform, a status or a kind."""
    await bench.publish(HEADLINE, "Night ferry confirmed")
    (delivery,) = await bench.database.write(outbox.claim, "telegram", NOW, 9)
    await bench.database.write(outbox.settle, delivery, Settle("sent", "m1"), NOW + timedelta(seconds=5))
    for outcome in (Sent("m1"), Throttled(3), Throttled(3), Ambiguous("no answer")):
        bench.tallies["telegram"].count(outcome)
    bench.now += timedelta(minutes=2)
    status, said = await bench.get("/metrics")
    assert status == 200
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(said)
        for sample in family.samples
    }
    expected = {
        ("phiwire_polls_total", "answered"): 2,
        ("phiwire_polls_total", "failed"): 2,
        ("phiwire_entries_total", "new"): 2,
        ("phiwire_deliveries_total", "sent", "telegram"): 1,
        ("phiwire_queue", "telegram", "pending"): 1,
        ("phiwire_queue", "slack", "pending"): 0,
        ("phiwire_oldest_due_seconds", "telegram"): 120,
        ("phiwire_oldest_due_seconds", "slack"): 0,
        ("phiwire_sources", "well"): 1,
        ("phiwire_answers_total", "throttled", "telegram"): 2,
        ("phiwire_throttles_total", "telegram"): 2,
        ("phiwire_throttles_total", "slack"): 0,
        ("phiwire_lag_seconds", "seen_to_sent", "telegram", "0.5"): 4,
    }
    assert {name: samples[name] for name in expected} == expected


async def test_nothing_is_said_that_is_not_everybodys_business(bench: Bench) -> None:
    """Probes are asked by machines and read by anybody: no headline, no chat, no name, no address."""
    await bench.publish(HEADLINE)
    await bench.stay(20)
    for path in ("/healthz", "/healthz?format=json", "/readyz", "/metrics"):
        _, said = await bench.get(path)
        for private in (HEADLINE, ADDRESS, "Newsroom", "example.org", "Ada", "U0MAX", "Ferry"):
            assert private not in said
