"""Look at every source when it is due, and put what is new on the wire.

    for each source, for ever:
        wait until due | fetch | read | decide what is new | complete | commit | ring the matcher's bell

One task a source: a slow, broken or hostile one delays nobody else.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot import rows
from bot.db import Database
from bot.model import Operator, Source
from bot.sources import kinds, session
from bot.sources.addresses import host_of
from bot.sources.fetch import Fetcher, FetchFailed, Page, Unchanged
from bot.sources.reading import Reader
from bot.sources.session import Session
from bot.wire import health, hub_store, looks, news, rhythm, source_store, store, watch
from bot.wire.completing import Completer, as_listed
from bot.wire.health import Failure
from bot.wire.looks import Look
from bot.wire.planning import Planner
from bot.wire.rhythm import Rhythm
from bot.wire.source_store import PollState
from bot.wire.standings import Standing, Standings

log = structlog.get_logger("bot.poller")

# Until the next look at a source that has overrun.
SOON = timedelta(seconds=30)
# Items that are compared with the wire in about a millisecond.
MOST_AT_ONCE = 100
# How often the list of sources itself is read again, in seconds.
SOURCES_READ_EVERY = 5.0
# How often the budget of requests is shared anew among the sources.
SHARED_EVERY = timedelta(hours=1)


class Poller:
    """Polls the sources in the database's table, and notices when that table changes."""

    def __init__(
        self,
        database: Database,
        fetcher: Fetcher,
        every: timedelta,
        clock: Callable[[], datetime],
        news_committed: Callable[[], None],
        operators: Sequence[Operator] = (),
        operators_told: Callable[[], None] = lambda: None,
        subscriber: Session | None = None,
        reader: Reader | None = None,
    ) -> None:
        self._database = database
        self._fetcher = fetcher
        self._clock = clock
        self._news_committed = news_committed
        self._operators = operators
        self._operators_told = operators_told
        self._session = subscriber
        self._reader = Reader() if reader is None else reader
        self._completer = Completer(fetcher, clock)
        self._planner = Planner(every)
        self._standings = Standings(database)

    async def run(self) -> None:
        """Poll for ever: one task a source, started and ended as the table says."""
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._keep_polling(tasks)
        finally:
            await self.commit()

    async def commit(self) -> None:
        """Commit the looks that found nothing new: they wait some seconds for each other."""
        await self._standings.commit()

    async def _keep_polling(self, tasks: asyncio.TaskGroup) -> None:
        polling: dict[str, tuple[Source, asyncio.Task[None]]] = {}
        read: Sequence[object] = ()
        sources: dict[str, Source] = {}
        shared_at: datetime | None = None
        while True:
            found = await self._database.read(source_store.source_rows)
            changed = found != read
            if changed:
                read, sources = found, {each["slug"]: rows.source(each) for each in found}
            if changed or shared_at is None or abs(self._clock() - shared_at) > SHARED_EVERY:
                await self.share_budget(list(sources.values()))
                shared_at = self._clock()
            for slug, (source, task) in list(polling.items()):
                if sources.get(slug) != source:
                    task.cancel()
                    self._standings.forget(slug)
                    del polling[slug]
            for slug, source in sources.items():
                if slug not in polling:
                    task = tasks.create_task(self._poll_for_ever(source), name=f"poll {slug}")
                    polling[slug] = (source, task)
            await asyncio.sleep(SOURCES_READ_EVERY)
            await self.commit()

    async def share_budget(self, sources: Sequence[Source]) -> None:
        """Share the budget of requests among these sources."""
        await self._planner.share(sources, await self._database.read(source_store.rhythms))

    async def _poll_for_ever(self, source: Source) -> None:
        # At once after a start, for what came meanwhile is news, and what failed may have been mended (ADR 8).
        due = self._clock()
        while True:
            await asyncio.sleep(max(0.0, (due - self._clock()).total_seconds()))
            due = await self.poll(source)

    async def poll(self, source: Source) -> datetime:
        """Poll a source once and return when the next poll is due. Whatever goes wrong is kept with the source."""
        standing = self._standings.of(source, self._clock())
        state = await self._standings.read(source) if standing is None else standing.state
        retry_after = None
        failure: Failure = "document"
        try:
            where = _where(source, state)
            answer = await session.ask(self._fetcher, self._session, where, state.etag, state.last_modified)
            if not isinstance(answer, FetchFailed):
                return await self._commit(source, state, standing, answer)
            problem, retry_after = answer.reason, answer.retry_after
            failure = "gone" if answer.final else "closed" if answer.closed else "answer"
        except kinds.Unreadable as error:
            problem = str(error)
        except Exception as error:  # one source's surprise must not end the others
            log.exception("poll_broke", source=source.slug)
            problem = f"an unexpected {type(error).__name__}; the log has the details, please report it"
        return await self._commit_failure(source, problem, failure, retry_after)

    async def _commit_failure(
        self, source: Source, problem: str, failure: Failure, retry_after: float | None
    ) -> datetime:
        state = await self._standings.read(source)
        self._standings.forget(source.slug)
        now = self._clock()
        ahead = self._planner.ahead(source, _learnt(source, state))
        due = self._planner.due(source, now, ahead, state.failures + 1, retry_after)
        told = await self._database.write(
            looks.commit_failure, source.slug, now, due, problem, failure, self._operators
        )
        log.warning("poll_failed", source=source.slug, problem=problem, next_poll_at=due.isoformat(timespec="seconds"))
        self._say(told)
        return due

    async def _hear(self, source: Source, answer: Page | Unchanged) -> None:
        if (asked := self._planner.heard(source, answer)) is not None:
            hub = (asked.hub, asked.topic, secrets.token_urlsafe(24), secrets.token_urlsafe(32))
            await self._database.write(hub_store.announce, source.slug, *hub)

    def _signed_out(self, source: Source) -> str:
        return self._session.problem if self._session is not None and self._session.is_of(source) else ""

    def _say(self, told: Sequence[str]) -> None:
        """Have what operators are told sent, and log it."""
        for notice in told:
            log.warning("operators_told", notice=notice)
        if told:
            self._operators_told()

    async def _commit(
        self, source: Source, state: PollState, standing: Standing | None, answer: Page | Unchanged
    ) -> datetime:
        polled_at = self._clock()
        if isinstance(answer, Unchanged) or (state.has_baseline and news.digest(answer.body) == state.body_digest):
            # What was read of the same document before need not be read again.
            await self._hear(source, answer if standing is None else Unchanged(answer.fresh_for))
            return await self._commit_unchanged(source, state, standing, answer)
        await self._hear(source, answer)
        if standing is not None:
            state = await self._standings.read(source)
            self._standings.forget(source.slug)
        # What was read lies in memory until it is committed: more than a few such documents at once take too much.
        async with self._fetcher.reading.take():
            return await self._commit_changed(source, state, answer, polled_at)

    async def _commit_changed(self, source: Source, state: PollState, answer: Page, polled_at: datetime) -> datetime:
        learnt = _learnt(source, state)
        read = await self._reader.read(answer, source, polled_at)
        items = [news.bounded(item, polled_at) for item in read]
        known = await self._database.read(store.known, source.slug, items)
        # Many are decided beside the loop: thousands of items at one address take seconds.
        few = len(items) <= MOST_AT_ONCE
        decision = news.decide(known, items) if few else await asyncio.to_thread(news.decide, known, items)
        overran = state.has_baseline and news.overran(state.window, items, decision)
        # A baseline is not delivered, so its pages need not be fetched.
        complete = self._completer.complete if state.has_baseline else as_listed
        arrivals, late_arrivals = await complete(source, decision.new)
        revised, late_revised = await complete(source, [item for _, item in decision.changed])
        late = late_arrivals + late_revised
        entries = {item.key: entry for entry, item in decision.changed}
        if learnt.since is None:
            learnt = rhythm.bootstrap(source.timezone, [item.published_at for item in items], polled_at)
        else:
            learnt = rhythm.observe(learnt, [each.completed.published_at for each in arrivals], polled_at)
        due = self._planner.due(source, polled_at, self._planner.ahead(source, learnt))
        if overran:
            due = min(due, polled_at + SOON)
        look = Look(
            learnt,
            0.0 if arrivals else _expected(state, learnt, polled_at),
            new=arrivals,
            changed=[(entries[arrival.listed.key], arrival) for arrival in revised],
            rekeyed=decision.rekeyed,
            listed=[entry.id for entry in known],
            # What is held back must be seen again, so the next answer may not be "unchanged".
            validators=("", "") if late else (answer.etag, answer.last_modified),
            shown=watch.Shown(len(items), news.window(items), "" if late else news.digest(answer.body)),
            overran_since=state.last_ok_at if overran else None,
            moved_to=_moved_to(answer),
            signed_out=self._signed_out(source),
        )
        found, told = await self._database.write(looks.commit, source, polled_at, due, look, self._operators)
        if found or look.changed:
            self._news_committed()
        log.info(
            "polled" if state.has_baseline else "baseline",
            source=source.slug,
            items=len(items),
            new=len(arrivals),
            changed=len(revised),
            held_back=late,
        )
        self._say(told)
        return due

    async def _commit_unchanged(
        self, source: Source, state: PollState, standing: Standing | None, answer: Page | Unchanged
    ) -> datetime:
        polled_at, moved_to, signed_out = self._clock(), _moved_to(answer), self._signed_out(source)
        if standing is None:
            standing = self._standings.keep(source, state, _learnt(source, state), polled_at)
        if standing is not None and not moved_to and not signed_out:
            due = self._planner.due(source, polled_at, standing.ahead)
            self._standings.looked(standing, polled_at, due)
            return due
        state = await self._standings.read(source)
        self._standings.forget(source.slug)
        learnt = rhythm.observe(_learnt(source, state), [], polled_at)
        due = self._planner.due(source, polled_at, self._planner.ahead(source, learnt))
        expected = _expected(state, learnt, polled_at)
        look = Look(learnt, expected, moved_to=moved_to, signed_out=signed_out)
        _, told = await self._database.write(looks.commit, source, polled_at, due, look, self._operators)
        self._say(told)
        return due


def _learnt(source: Source, state: PollState) -> Rhythm:
    return rhythm.from_json(state.rhythm, source.timezone, state.last_ok_at)


def _expected(state: PollState, learnt: Rhythm, now: datetime) -> float:
    last = state.last_new_at
    return 0.0 if last is None or now - last < health.QUIET_AT_LEAST else rhythm.expected(learnt, last, now)


def _where(source: Source, state: PollState) -> Source:
    """Say where a source is asked: where it moved for good, if it did. Another host than the operator's is public."""
    if not state.moved_to:
        return source
    elsewhere = host_of(state.moved_to) != host_of(source.url)
    return replace(source, url=state.moved_to, public_only=source.public_only or elsewhere)


def _moved_to(answer: Page | Unchanged) -> str:
    return answer.moved_to if isinstance(answer, Page) else ""
