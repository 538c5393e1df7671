"""Look at every source when it is due, and put what is new on the wire.

    for each source, for ever:
        wait until due | fetch | read | decide what is new | complete | commit | ring the matcher's bell

One task a source: a slow, broken or hostile one delays nobody else.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.db import Database
from bot.model import Hints, Operator, Source
from bot.sources import hints, kinds, session
from bot.sources.addresses import host_of
from bot.sources.fetch import Fetcher, FetchFailed, Page, Unchanged
from bot.sources.reading import Reader
from bot.sources.session import Session
from bot.wire import cadence, health, hub_store, looks, news, rhythm, source_store, store, watch
from bot.wire.cadence import Pace
from bot.wire.completing import Completer, as_listed
from bot.wire.health import Failure
from bot.wire.looks import Look
from bot.wire.rhythm import Rhythm

log = structlog.get_logger("bot.poller")

# Until the next look at a source that has overrun.
SOON = timedelta(seconds=30)
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
        self._every = every
        self._clock = clock
        self._news_committed = news_committed
        self._operators = operators
        self._operators_told = operators_told
        self._session = subscriber
        self._reader = Reader() if reader is None else reader
        self._completer = Completer(fetcher, clock)
        self._hints: dict[str, Hints] = {}
        self._beat: float | None = None

    async def run(self) -> None:
        """Poll for ever: one task a source, started and ended as the table says."""
        polling: dict[str, tuple[Source, asyncio.Task[None]]] = {}
        shared_at: datetime | None = None
        async with asyncio.TaskGroup() as tasks:
            while True:
                sources = {source.slug: source for source in await self._database.read(source_store.sources)}
                changed = sources != {slug: source for slug, (source, _) in polling.items()}
                if changed or shared_at is None or abs(self._clock() - shared_at) > SHARED_EVERY:
                    await self.share_budget(list(sources.values()))
                    shared_at = self._clock()
                for slug, (source, task) in list(polling.items()):
                    if sources.get(slug) != source:
                        task.cancel()
                        del polling[slug]
                for slug, source in sources.items():
                    if slug not in polling:
                        task = tasks.create_task(self._poll_for_ever(source), name=f"poll {slug}")
                        polling[slug] = (source, task)
                await asyncio.sleep(SOURCES_READ_EVERY)

    async def share_budget(self, sources: Sequence[Source]) -> None:
        """Share among these sources as many requests as a look in every interval would take (ADR 14).

        Until then each is looked at in its interval; those whose interval an operator has set stay out of it.
        """
        known = await self._database.read(source_store.rhythms)
        learning = [source for source in sources if source.every is None]

        def find() -> float:
            shares = []
            for source in learning:
                within = cadence.bounds(self._every, self._hints.get(source.slug))
                if within is not None:
                    learnt = rhythm.from_json(known.get(source.slug, ""), source.timezone)
                    shares.append((rhythm.forecast(learnt), within))
            return cadence.shared_beat(shares, len(shares) / self._every.total_seconds())

        # Beside the loop: a thousand sources take a second.
        self._beat = await asyncio.to_thread(find)

    async def _poll_for_ever(self, source: Source) -> None:
        # At once after a start, for what came meanwhile is news, and what failed may have been mended (ADR 8).
        due = self._clock()
        while True:
            await asyncio.sleep(max(0.0, (due - self._clock()).total_seconds()))
            due = await self.poll(source)

    async def poll(self, source: Source) -> datetime:
        """Poll a source once and return when the next poll is due. Whatever goes wrong is kept with the source."""
        state = await self._database.read(source_store.poll_state, source.slug)
        retry_after = None
        failure: Failure = "document"
        try:
            where = _where(source, state)
            answer = await session.ask(self._fetcher, self._session, where, state.etag, state.last_modified)
            if not isinstance(answer, FetchFailed):
                await self._take_hints(source, answer)
                return await self._commit(source, state, answer)
            problem, retry_after = answer.reason, answer.retry_after
            failure = "gone" if answer.final else "closed" if answer.closed else "answer"
        except kinds.Unreadable as error:
            problem = str(error)
        except Exception as error:  # one source's surprise must not end the others
            log.exception("poll_broke", source=source.slug)
            problem = f"an unexpected {type(error).__name__}; the log has the details, please report it"
        now = self._clock()
        due = self._due(source, now, self._learnt(source, state), state.failures + 1, retry_after)
        told = await self._database.write(
            looks.commit_failure, source.slug, now, due, problem, failure, self._operators
        )
        log.warning("poll_failed", source=source.slug, problem=problem, next_poll_at=due.isoformat(timespec="seconds"))
        self._say(told)
        return due

    async def _take_hints(self, source: Source, answer: Page | Unchanged) -> None:
        before = self._hints.get(source.slug)
        after = self._hints[source.slug] = hints.read(answer, before or Hints())
        known = before is not None and (before.hub, before.topic) == (after.hub, after.topic)
        if isinstance(answer, Page) and source.kind == "feed" and not known:
            hub = (after.hub, after.topic, secrets.token_urlsafe(24), secrets.token_urlsafe(32))
            await self._database.write(hub_store.announce, source.slug, *hub)

    def _signed_out(self, source: Source) -> str:
        return self._session.problem if self._session is not None and self._session.is_of(source) else ""

    def _say(self, told: Sequence[str]) -> None:
        """Have what operators are told sent, and log it."""
        for notice in told:
            log.warning("operators_told", notice=notice)
        if told:
            self._operators_told()

    def _due(
        self, source: Source, now: datetime, learnt: Rhythm, failures: int = 0, retry_after: float | None = None
    ) -> datetime:
        pace = None
        if source.every is None and self._beat is not None:
            pace = Pace(rhythm.forecast(learnt), self._beat)
        return cadence.next_poll(
            now,
            source.every or self._every,
            failures=failures,
            retry_after=retry_after,
            jitter=random.random(),
            pace=pace,
            hints=self._hints.get(source.slug),
        )

    @staticmethod
    def _learnt(source: Source, state: source_store.PollState) -> Rhythm:
        return rhythm.from_json(state.rhythm, source.timezone)

    async def _commit(self, source: Source, state: source_store.PollState, answer: Page | Unchanged) -> datetime:
        polled_at = self._clock()
        learnt = self._learnt(source, state)
        if isinstance(answer, Unchanged) or (state.has_baseline and news.digest(answer.body) == state.body_digest):
            learnt = rhythm.observe(learnt, [], polled_at)
            due = self._due(source, polled_at, learnt)
            look = Look(
                learnt,
                _expected(state, learnt, polled_at),
                moved_to=_moved_to(answer),
                signed_out=self._signed_out(source),
            )
            _, told = await self._database.write(looks.commit, source, polled_at, due, look, self._operators)
            self._say(told)
            return due
        read = await self._reader.read(answer, source, polled_at)
        items = [news.bounded(item, polled_at) for item in read]
        known = await self._database.read(store.known, source.slug, items)
        # Beside the loop: thousands of items at one address take seconds.
        decision = await asyncio.to_thread(news.decide, known, items)
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
        due = self._due(source, polled_at, learnt)
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


def _expected(state: source_store.PollState, learnt: Rhythm, now: datetime) -> float:
    last = state.last_new_at
    return 0.0 if last is None or now - last < health.QUIET_AT_LEAST else rhythm.expected(learnt, last, now)


def _where(source: Source, state: source_store.PollState) -> Source:
    """Say where a source is asked: where it moved for good, if it did. Another host than the operator's is public."""
    if not state.moved_to:
        return source
    elsewhere = host_of(state.moved_to) != host_of(source.url)
    return replace(source, url=state.moved_to, public_only=source.public_only or elsewhere)


def _moved_to(answer: Page | Unchanged) -> str:
    return answer.moved_to if isinstance(answer, Page) else ""
