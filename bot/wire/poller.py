"""Look at every source when it is due, and put what is new on the wire.

    for each source, for ever:
        wait until due | fetch | read | decide what is new | complete | commit | ring the matcher's bell

One task a source: a slow, broken or hostile one delays nobody else.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.db import Database
from bot.model import Item, Operator, Source
from bot.sources import kinds, phiwire
from bot.sources.fetch import Fetcher, FetchFailed, Page, Unchanged
from bot.sources.reading import Reader
from bot.sources.session import Session
from bot.wire import cadence, news, source_store, store, watch
from bot.wire.health import Failure

log = structlog.get_logger("bot.poller")

# Requests under way at once, of all sources together.
CONCURRENT_POLLS = 32
# Pages fetched at once to complete the new items of one poll.
CONCURRENT_COMPLETIONS = 4
# Seconds that an item's own page may take: the others of its poll wait for it.
COMPLETION_TIME = 5.0
# Polls in which an item's own page is asked for.
MOST_POLLS = 3
# Until the next look at a source that has overrun.
SOON = timedelta(seconds=30)
# How often the list of sources itself is read again, in seconds.
SOURCES_READ_EVERY = 5.0


@dataclass(frozen=True, slots=True)
class _Look:
    """What a look at a source found: nothing, where it is unchanged."""

    new: Sequence[store.Arrival] = ()
    changed: Sequence[tuple[int, store.Arrival]] = ()
    rekeyed: Sequence[tuple[int, str]] = ()
    validators: tuple[str, str] | None = None
    shown: watch.Shown | None = None
    overran_since: datetime | None = None


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
        session: Session | None = None,
    ) -> None:
        self._database = database
        self._fetcher = fetcher
        self._every = every
        self._clock = clock
        self._news_committed = news_committed
        self._operators = operators
        self._operators_told = operators_told
        self._session = session
        self._slots = asyncio.Semaphore(CONCURRENT_POLLS)
        self._reader = Reader()
        self._polls_waited: Counter[tuple[str, str]] = Counter()

    async def run(self) -> None:
        """Poll for ever: one task a source, started and ended as the table says."""
        polling: dict[str, tuple[Source, asyncio.Task[None]]] = {}
        async with asyncio.TaskGroup() as tasks:
            while True:
                sources = {source.slug: source for source in await self._database.read(source_store.sources)}
                for slug, (source, task) in list(polling.items()):
                    if sources.get(slug) != source:
                        task.cancel()
                        del polling[slug]
                for slug, source in sources.items():
                    if slug not in polling:
                        task = tasks.create_task(self._poll_for_ever(source), name=f"poll {slug}")
                        polling[slug] = (source, task)
                await asyncio.sleep(SOURCES_READ_EVERY)

    async def _poll_for_ever(self, source: Source) -> None:
        # At once after a start, for what came meanwhile is news, and what failed may have been mended (ADR 8).
        due = self._clock()
        while True:
            await asyncio.sleep(max(0.0, (due - self._clock()).total_seconds()))
            async with self._slots:
                due = await self.poll(source)

    async def poll(self, source: Source) -> datetime:
        """Poll a source once and return when the next poll is due. Whatever goes wrong is kept with the source."""
        state = await self._database.read(source_store.poll_state, source.slug)
        retry_after = None
        failure: Failure = "document"
        try:
            answer = await self._fetch(source, state)
            if not isinstance(answer, FetchFailed):
                return await self._commit(source, state, answer)
            problem, retry_after = answer.reason, answer.retry_after
            failure = "gone" if answer.final else "answer"
        except kinds.Unreadable as error:
            problem = str(error)
        except Exception as error:  # one source's surprise must not end the others
            log.exception("poll_broke", source=source.slug)
            problem = f"an unexpected {type(error).__name__}; the log has the details, please report it"
        now = self._clock()
        due = cadence.next_poll(
            now, self._interval(source), failures=state.failures + 1, retry_after=retry_after, jitter=random.random()
        )
        told = await self._database.write(self._commit_failure, source.slug, now, due, problem, failure)
        log.warning("poll_failed", source=source.slug, problem=problem, next_poll_at=due.isoformat(timespec="seconds"))
        self._say(told)
        return due

    async def _fetch(self, source: Source, state: source_store.PollState) -> Page | Unchanged | FetchFailed:
        """Get a source's document, as a subscriber where there is a session for it."""
        get = partial(self._fetcher.get, source.url, public_only=source.public_only)
        ask = partial(get, etag=state.etag, last_modified=state.last_modified)
        if self._session is None or not self._session.is_of(source):
            return await ask()
        answer = await ask(cookie=await self._session.cookie(source))
        if not isinstance(answer, Page):
            return answer
        if not phiwire.is_signed_out(answer):
            self._session.works()
        elif await self._session.lapsed(source):
            again = await get(cookie=await self._session.cookie(source))
            if isinstance(again, Page) and not phiwire.is_signed_out(again):
                self._session.works()
                return again
        return answer

    def _signed_out(self, source: Source) -> str:
        return self._session.problem if self._session is not None and self._session.is_of(source) else ""

    def _commit_failure(
        self, connection: sqlite3.Connection, slug: str, now: datetime, due: datetime, problem: str, failure: Failure
    ) -> list[str]:
        source_store.commit_failure(connection, slug, now, due, problem)
        return watch.looked(connection, slug, self._operators, now, failure=failure)

    def _say(self, told: Sequence[str]) -> None:
        """Have what operators are told sent, and log it."""
        for notice in told:
            log.warning("operators_told", notice=notice)
        if told:
            self._operators_told()

    def _interval(self, source: Source) -> timedelta:
        return source.every or self._every

    async def _commit(self, source: Source, state: source_store.PollState, answer: Page | Unchanged) -> datetime:
        polled_at = self._clock()
        due = cadence.next_poll(polled_at, self._interval(source))
        if isinstance(answer, Unchanged) or (state.has_baseline and news.digest(answer.body) == state.body_digest):
            _, told = await self._database.write(self._commit_look, source, polled_at, due, _Look())
            self._say(told)
            return due
        read = await self._reader.read(answer, source, polled_at)
        items = [news.bounded(item, polled_at) for item in read]
        decision = news.decide(await self._database.read(store.known, source.slug, items), items)
        overran = state.has_baseline and news.overran(state.window, items, decision)
        if overran:
            due = min(due, polled_at + SOON)
        # A baseline is not delivered, so its pages need not be fetched.
        complete = self._complete if state.has_baseline else _as_listed
        arrivals, late_arrivals = await complete(source, decision.new)
        revised, late_revised = await complete(source, [item for _, item in decision.changed])
        late = late_arrivals + late_revised
        entries = {item.key: entry for entry, item in decision.changed}
        look = _Look(
            new=arrivals,
            changed=[(entries[arrival.listed.key], arrival) for arrival in revised],
            rekeyed=decision.rekeyed,
            # What is held back must be seen again, so the next answer may not be "unchanged".
            validators=("", "") if late else (answer.etag, answer.last_modified),
            shown=watch.Shown(len(items), news.window(items), "" if late else news.digest(answer.body)),
            overran_since=state.last_ok_at if overran else None,
        )
        found, told = await self._database.write(self._commit_look, source, polled_at, due, look)
        if found:
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

    def _commit_look(
        self, connection: sqlite3.Connection, source: Source, now: datetime, due: datetime, look: _Look
    ) -> tuple[int, list[str]]:
        """Commit a look that succeeded, all at once. Return how many entries are news, and what operators were told."""
        found = store.commit_poll(
            connection,
            source,
            now,
            due,
            new=look.new,
            changed=look.changed,
            rekeyed=look.rekeyed,
            validators=look.validators,
        )
        told = []
        if look.shown is not None:
            watch.saw(connection, source.slug, look.shown, now)
        if look.overran_since is not None:
            told += watch.record_gap(connection, source.slug, self._operators, look.overran_since, now)
        signed_out = self._signed_out(source)
        return found, told + watch.looked(connection, source.slug, self._operators, now, signed_out=signed_out)

    async def _complete(self, source: Source, items: Sequence[Item]) -> tuple[list[store.Arrival], int]:
        """Complete items from their own pages. Return those that are ready, and how many wait for the next poll.

        A page that does not answer is asked again at the next polls; after MOST_POLLS the item goes out as listed.
        """
        complete = kinds.KINDS[source.kind].complete
        if complete is None:
            return await _as_listed(source, items)
        slots = asyncio.Semaphore(CONCURRENT_COMPLETIONS)

        async def one(item: Item) -> store.Arrival | None:
            waiting = (source.slug, item.key)
            async with slots:
                now = self._clock()
                try:
                    async with asyncio.timeout(COMPLETION_TIME):
                        completed = news.bounded(await complete(item, source, self._fetcher, now), now)
                except (kinds.NotNow, TimeoutError) as error:
                    self._polls_waited[waiting] += 1
                    log.warning("page_failed", source=source.slug, problem=str(error) or "it took too long")
                    if self._polls_waited[waiting] < MOST_POLLS:
                        return None
                    completed = item
            self._polls_waited.pop(waiting, None)
            return store.Arrival(item, completed)

        arrivals = await asyncio.gather(*map(one, items))
        ready = [arrival for arrival in arrivals if arrival is not None]
        return ready, len(arrivals) - len(ready)


async def _as_listed(_source: Source, items: Sequence[Item]) -> tuple[list[store.Arrival], int]:
    return [store.Arrival(item, item) for item in items], 0
