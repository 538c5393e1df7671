"""Say whether the bot lives and is ready: one line a fact, without names, addresses or news."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from aiohttp import web

from bot import text
from bot.db import Database
from bot.flow.stages import LONGEST_BLINK
from bot.flow.watcher import Verdict, Watcher
from bot.web.metrics import CONTENT_TYPE, Metrics

# Seconds that the database may take to answer.
DATABASE_TIME = 5.0
# A written probe is believed for so long: whoever asks must not keep the disk busy.
PROBED_FOR = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is well or not, and what is to be said of it."""

    name: str
    well: bool
    says: str


class Health:
    """Asks the watcher, the database and the platforms: each by its name, with what is wrong, empty if nothing."""

    def __init__(
        self,
        database: Database,
        watcher: Watcher,
        platforms: Callable[[], Mapping[str, str]],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._watcher = watcher
        self._platforms = platforms
        self._clock = clock
        self._probe: asyncio.Task[None] | None = None
        self._probed_at: datetime | None = None

    async def living(self) -> list[Fact]:
        """Tell whether the loops live, and the database answers a read."""
        return [await self._readable(), *_of_verdict(self._watcher.verdict, self._clock())]

    async def ready(self) -> list[Fact]:
        """Tell whether the database can be written to, and the platforms are connected."""
        platforms = (Fact(name, not wrong, wrong or "connected") for name, wrong in self._platforms().items())
        return [await self._writable(), *platforms]

    async def _readable(self) -> Fact:
        try:
            async with asyncio.timeout(DATABASE_TIME):
                await self._database.read(_read)
        except TimeoutError:
            return Fact("database", well=False, says=f"did not answer within {DATABASE_TIME:g} seconds")
        except sqlite3.Error as error:
            return Fact("database", well=False, says=f"cannot be read ({error})")
        return Fact("database", well=True, says="answers")

    async def _writable(self) -> Fact:
        """Write a row; one probe at a time, whoever asks meanwhile waits for the same."""
        now = self._clock()
        if self._probed_at is not None and timedelta(0) <= now - self._probed_at < PROBED_FOR:
            return Fact("database", well=True, says="takes writes")
        if self._probe is None or self._probe.done():
            self._probe = asyncio.create_task(self._database.write(_write), name="probe the database")
        _, waiting = await asyncio.wait([self._probe], timeout=DATABASE_TIME)
        if waiting:
            problem = self._database.outages.problem
            why = f"cannot be written to ({problem})" if problem else f"took no write within {DATABASE_TIME:g} seconds"
            return Fact("database", well=False, says=why)
        error = self._probe.exception()
        if error is not None:
            return Fact("database", well=False, says=f"cannot be written to ({error})")
        self._probed_at = now
        return Fact("database", well=True, says="takes writes")


def _read(connection: sqlite3.Connection) -> None:
    connection.execute("SELECT max(id) FROM channels").fetchone()


def _write(connection: sqlite3.Connection) -> None:
    connection.execute(
        """
        INSERT INTO counters VALUES ('probes', '', '', 1)
        ON CONFLICT (name, platform, label) DO UPDATE SET value = value + 1
        """
    )


def _of_verdict(verdict: Verdict | None, now: datetime) -> list[Fact]:
    if verdict is None:
        return [Fact("watcher", well=True, says="has not looked yet")]
    ago = now - verdict.at
    facts = [Fact("watcher", well=ago <= LONGEST_BLINK, says=f"looked {_seconds(ago)} ago")]
    for name, each in verdict.progress.items():
        if each.since is None:
            facts.append(Fact(name, well=True, says="nothing waits"))
        else:
            says = f"{'stuck' if name in verdict.stuck else 'waiting'} for {_seconds(now - each.since)}"
            facts.append(Fact(name, name not in verdict.stuck, says))
    return facts


def _seconds(duration: timedelta) -> str:
    return text.count(max(0, round(duration.total_seconds())), "second")


def routes(health: Health, metrics: Metrics) -> list[web.RouteDef]:
    """Answer /healthz, /readyz and /metrics."""

    async def living(request: web.Request) -> web.Response:
        return _response(request, await health.living())

    async def ready(request: web.Request) -> web.Response:
        return _response(request, await health.ready())

    async def figures(_request: web.Request) -> web.Response:
        return web.Response(body=await metrics.exposition(), headers={"Content-Type": CONTENT_TYPE})

    return [web.get("/healthz", living), web.get("/readyz", ready), web.get("/metrics", figures)]


def _response(request: web.Request, facts: Sequence[Fact]) -> web.Response:
    well = all(fact.well for fact in facts)
    status = 200 if well else 503
    headers = {"Cache-Control": "no-store"}
    if request.query.get("format") == "json" or "application/json" in request.headers.get("Accept", ""):
        shown = {"well": well, "facts": [asdict(fact) for fact in facts]}
        return web.json_response(shown, status=status, headers=headers)
    lines = (f"{'✓' if fact.well else '✗'} {fact.name}: {fact.says}\n" for fact in facts)
    return web.Response(text="".join(lines), status=status, headers=headers)
