"""Build everything once, run the loops in one TaskGroup, stop cleanly.

    poller ══entries══▶ matcher ══deliveries══▶ sender, one a platform ──▶ adapter
                                                       commands ◀── what people type

SIGTERM and SIGINT stop the intake first, then finish what is in flight; a crash needs no more than a new start.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from aiohttp import web

from bot import channels, db
from bot.clock import SteadyClock
from bot.commands.handlers import Commands
from bot.commands.operating import Operating
from bot.filters import matcher
from bot.filters import store as filters
from bot.filters.people import NO_ALIASES, Aliases
from bot.flow.stages import MOST_UNANSWERED
from bot.flow.watcher import Watcher
from bot.model import Credentials, Operator, Source
from bot.outbox import jumps
from bot.outbox import store as outbox
from bot.outbox.alarms import Alarms
from bot.outbox.folding import BURST
from bot.outbox.policy import Repeats
from bot.outbox.sender import Sender
from bot.ports import Adapter, AdapterError
from bot.retention import FOR_EVER, Keeps
from bot.sources.fetch import Fetcher
from bot.sources.session import Session
from bot.upkeep import Upkeep
from bot.web import health, websub
from bot.web.metrics import Metrics
from bot.web.server import ListenError, WebServer
from bot.wire import source_store
from bot.wire.hubs import Hubs
from bot.wire.poller import Poller

log = structlog.get_logger("bot.app")

# Seconds for what is in flight when the bot is asked to stop.
STOP_TIME = 10.0
# Seconds for one step of the stop: a platform that does not answer is not waited for.
STEP_TIME = 5.0
# What a terminal gets until it says what it wants: whoever starts the bot there wants to see the wire.
EVERYTHING = "kind:wire OR kind:release"


class StartError(Exception):
    """The bot cannot start; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: the sources with their origin, the adapters, and the names that mean the same.

    `routes` are those by which platforms call.
    """

    database: Path
    sources: Sequence[Source]
    origin: str
    adapters: Sequence[Adapter]
    every: timedelta
    user_agent: str
    timezone: str = "Europe/London"
    aliases: Aliases = NO_ALIASES
    operators: Sequence[Operator] = ()
    session: Credentials | None = None
    allowed_hosts: Collection[str] = ()
    burst: int = BURST
    listen: tuple[str, int] | None = None
    public_url: str = ""
    routes: Sequence[web.RouteDef] = ()
    ignore_robots: Collection[str] = ()
    ambiguous: Repeats = "retry"
    keeps: Keeps = FOR_EVER


def _first(group: BaseExceptionGroup[db.DatabaseError]) -> BaseException:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner


def wall_clock() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


class App:
    """The running bot."""

    def __init__(self, plan: Plan, clock: Callable[[], datetime] = wall_clock) -> None:
        self._plan = plan
        # What waits in the outbox learns of a clock that was set before anybody sees it.
        self._clock = SteadyClock(clock)
        self._stop = asyncio.Event()
        self._news = asyncio.Event()
        self.database = db.Database(plan.database)
        alarms = Alarms(self.database, plan.operators, self._deliveries_due)
        self._senders = {
            adapter: Sender(self.database, adapter, self._clock, plan.aliases, plan.ambiguous, alarms, plan.burst)
            for adapter in plan.adapters
        }
        self.commands = Commands(
            self.database,
            self._clock,
            self._deliveries_due,
            plan.timezone,
            plan.aliases,
            plan.operators,
            plan.keeps.deliveries,
            Operating(self.database, plan.operators, self._open_fetcher, self._news.set),
        )
        self._upkeep = Upkeep(self.database, self._clock, plan.keeps, plan.operators, self._deliveries_due)
        self._tallies = {adapter.platform: sender.tally for adapter, sender in self._senders.items()}
        self._watcher = Watcher(self.database, plan.operators, self._tallies, self._clock, self._deliveries_due)
        self._connected: set[str] = set()
        self._failed: dict[str, str] = {}
        self.port = 0

    def stop(self) -> None:
        """Ask the bot to stop."""
        self._stop.set()

    def stop_on_signals(self) -> None:
        """Stop on SIGTERM and SIGINT."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)

    async def show_everything(self, platform: str, address: str, actor: str) -> None:
        """Give a channel that was never seen a filter that matches all; it can be unsubscribed like any other."""
        if await self.database.read(channels.find, platform, address, "") is None:
            now = self._clock()
            channel = await self.database.write(channels.ensure, platform, address, "", "", self._plan.timezone, now)
            await self.database.write(filters.add, channel.id, "match", EVERYTHING, actor, now)

    async def run(self) -> None:
        """Run until `stop`. Raises StartError where no adapter can work, whatever else as a bug."""
        plan = self._plan
        fetcher = self._open_fetcher()
        hubs = self._hubs(fetcher)
        server = None if plan.listen is None else WebServer(*plan.listen, self._routes(hubs))
        try:
            if server is not None:
                await server.start()
                self.port = server.port
            if not await self._until_stopped(self._prepare()):
                return
            poller = Poller(
                self.database,
                fetcher,
                plan.every,
                self._clock,
                self._news.set,
                plan.operators,
                self._deliveries_due,
                None if plan.session is None else Session(plan.session, plan.user_agent, self._clock),
            )
            await self._run_loops(poller, hubs)
        except ListenError as error:
            raise StartError(str(error)) from error
        except ExceptionGroup as group:
            # A file that breaks while it is used ends every loop; one sentence says what to do.
            damage, _ = group.split(db.DatabaseError)
            if damage is None:
                raise
            raise StartError(str(_first(damage))) from group
        finally:
            closings = [*(adapter.close for adapter in plan.adapters), fetcher.close]
            for closing in closings if server is None else [server.close, *closings]:
                await self._quietly(closing)
            # Beside the loop: it waits for a transaction that may be waiting itself.
            await asyncio.to_thread(self.database.close)
            log.info("stopped")
        if len(self._failed) == len(plan.adapters):
            raise StartError("\n".join(self._failed.values()))

    def _open_fetcher(self) -> Fetcher:
        plan = self._plan
        return Fetcher(plan.user_agent, allowed_hosts=plan.allowed_hosts, ignore_robots=plan.ignore_robots)

    async def _prepare(self) -> None:
        await self.database.write(source_store.keep_sources, self._plan.sources, self._plan.origin)
        if ahead := await self.database.write(jumps.settle_down, self._clock()):
            log.warning("clock_was_ahead", seconds=round(ahead.total_seconds()))
        recovered = await self.database.write(outbox.recover, self._clock())
        log.info("started", sources=len(self._plan.sources), adapters=len(self._plan.adapters), recovered=recovered)

    async def _until_stopped(self, work: Coroutine[None, None, None]) -> bool:
        """Do a piece of work, and tell whether it was done before the bot was asked to stop."""
        working, stopping = asyncio.create_task(work), asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                return False
            working.result()
            return True
        finally:
            for task in (working, stopping):
                task.cancel()

    def _hubs(self, fetcher: Fetcher) -> Hubs | None:
        """Make what has hubs tell of news; None where nobody can reach us."""
        if self._plan.listen is None or not self._plan.public_url:
            return None
        address = self._plan.public_url + websub.PATH
        return Hubs(self.database, fetcher, self._clock, address, self._news.set)

    def _routes(self, hubs: Hubs | None) -> list[web.RouteDef]:
        living = health.Health(self.database, self._watcher, self._platforms, self._clock)
        metrics = Metrics(self.database, self._tallies, self._clock)
        return [*health.routes(living, metrics), *(websub.routes(hubs) if hubs else []), *self._plan.routes]

    def _platforms(self) -> dict[str, str]:
        """Say what is wrong with each platform, in words that anybody may read; nothing where it is connected."""
        wrong = dict.fromkeys(self._tallies, "")
        for platform, tally in self._tallies.items():
            if platform in self._failed:
                wrong[platform] = "could not be started; the log says why"
            elif platform not in self._connected:
                wrong[platform] = "not connected yet"
            elif tally.unanswered >= MOST_UNANSWERED:
                wrong[platform] = "does not answer"
        return wrong

    async def _run_loops(self, poller: Poller, hubs: Hubs | None) -> None:
        async with asyncio.TaskGroup() as tasks:
            watching = [
                tasks.create_task(poller.run(), name="poller"),
                tasks.create_task(self._upkeep.run(), name="upkeep"),
                tasks.create_task(self._watcher.run(), name="watcher"),
            ]
            if hubs is not None:
                watching.append(tasks.create_task(hubs.run(), name="hubs"))
            matching = tasks.create_task(
                matcher.run(self.database, self._clock, self._news, self._deliveries_due, self._plan.aliases),
                name="matcher",
            )
            starting = [tasks.create_task(self._serve(adapter), name=adapter.platform) for adapter in self._senders]
            await self._stop.wait()
            log.info("stopping")
            for task in (*watching, matching):
                task.cancel()
            for sender in self._senders.values():
                sender.stop()
            # At the same time: whoever does not answer us must not take the time of what is in flight.
            intakes = [self._quietly(adapter.stop_receiving) for adapter in self._senders]
            _, (_, late) = await asyncio.gather(asyncio.gather(*intakes), asyncio.wait(starting, timeout=STOP_TIME))
            for task in late:
                task.cancel()

    async def _serve(self, adapter: Adapter) -> None:
        """Start an adapter and send its deliveries; one that cannot work leaves the others alone."""
        try:
            if not await self._until_stopped(adapter.start(self.commands)):
                return
        except AdapterError as error:
            self._off(adapter, str(error))
            return
        except Exception:  # one platform's surprise must not end the others
            log.exception("adapter_broke", platform=adapter.platform)
            self._off(adapter, f"{adapter.platform} could not be started; the log above says why, please report it.")
            return
        self._connected.add(adapter.platform)
        await self._senders[adapter].run()

    def _off(self, adapter: Adapter, problem: str) -> None:
        """Go on without a platform; without any there is nothing to go on for."""
        self._failed[adapter.platform] = problem
        log.error("adapter_off", platform=adapter.platform, problem=problem)
        if len(self._failed) == len(self._senders):
            self.stop()

    @staticmethod
    async def _quietly(step: Callable[[], Awaitable[None]]) -> None:
        """Take a step of the stop; if it fails, the others are taken all the same."""
        try:
            async with asyncio.timeout(STEP_TIME):
                await step()
        except TimeoutError:
            log.warning("stop_unanswered")
        except Exception:  # what is in flight must be settled, whatever a connection does
            log.exception("stop_failed")

    def _deliveries_due(self) -> None:
        for sender in self._senders.values():
            sender.wake()
