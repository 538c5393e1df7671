"""Have WebSub hubs tell of news at once; polling goes on as the safety net.

    a source names its hub ──▶ ask the hub ──▶ it asks back: was it you? ──▶ it sends what is new, signed ──▶ wire

What a hub sends may be the whole feed or a part of it, so that nothing follows from what it lacks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.db import Database
from bot.model import Source
from bot.sources import websub
from bot.sources.addresses import host_of, without_secrets
from bot.sources.documents import FetchFailed, Page, Unreadable
from bot.sources.fetch import Fetcher
from bot.sources.reading import Reader
from bot.wire import hub_store, news, store
from bot.wire.completing import as_listed
from bot.wire.hub_store import Hub

log = structlog.get_logger("bot.hubs")

# Seconds between two looks at which hubs are to be asked.
LOOK_EVERY = 5.0
# A hub that has not asked back by then is asked again; one that refuses is left alone for longer.
ANSWER_TIME, REFUSAL_TIME = timedelta(hours=1), timedelta(days=1)
# Hubs may grant what they like; less would have us ask all day, more would be forgotten.
SHORTEST_LEASE, LONGEST_LEASE = timedelta(minutes=20), timedelta(days=30)


class Hubs:
    """Subscribes to the hubs that sources announce, and takes in what these send."""

    def __init__(
        self,
        database: Database,
        fetcher: Fetcher,
        clock: Callable[[], datetime],
        address: str,
        news_committed: Callable[[], None],
    ) -> None:
        """Be reached at `address`, to which a secret token is added for each hub."""
        self._database = database
        self._fetcher = fetcher
        self._clock = clock
        self._address = address
        self._news_committed = news_committed
        self._reader = Reader()

    async def run(self) -> None:
        """Ask for ever."""
        await self._database.write(hub_store.listen_at, self._address)
        while True:
            await self.ask()
            await asyncio.sleep(LOOK_EVERY)

    async def ask(self) -> None:
        """Ask every hub whose time has come."""
        for hub in await self._database.read(hub_store.to_ask, self._clock()):
            # First the note, then the request: the hub may ask back before it answers.
            slug = hub.source.slug
            await self._database.write(hub_store.ask_again, slug, self._clock() + ANSWER_TIME)
            if not websub.is_fit(hub.hub, hub.source.url):
                log.warning("hub_unfit", source=slug, problem="its hub speaks http where the source speaks https")
                continue
            form = websub.subscription(hub.topic, f"{self._address}/{hub.token}", hub.secret)
            elsewhere = host_of(hub.hub) != host_of(hub.source.url)
            answer = await self._fetcher.post(hub.hub, form, public_only=hub.source.public_only or elsewhere)
            if isinstance(answer, FetchFailed):
                log.warning("hub_failed", source=slug, problem=answer.reason)
            else:
                log.info("hub_asked", source=slug, hub=without_secrets(hub.hub))

    async def confirm(self, hub: Hub, mode: str, topic: str, lease_seconds: str) -> bool:
        """Answer a hub that asks whether it was us (section 5.3), or that says no (5.2)."""
        if topic != hub.topic or mode not in {"subscribe", "denied"}:
            return False
        now, slug = self._clock(), hub.source.slug
        if mode == "denied":
            await self._database.write(hub_store.lease, slug, None, now + REFUSAL_TIME)
            log.warning("hub_refused", source=slug)
            return True
        granted = timedelta(seconds=int(lease_seconds[:9])) if lease_seconds.isdecimal() else websub.LEASE
        lease = min(max(granted, SHORTEST_LEASE), LONGEST_LEASE)
        await self._database.write(hub_store.lease, slug, now + lease, now + lease * 3 / 4)
        log.info("hub_granted", source=slug, seconds=int(lease.total_seconds()))
        return True

    async def find(self, token: str) -> Hub | None:
        """Find the hub that was given an address of ours; None where nobody was, or the source is gone."""
        return await self._database.read(hub_store.by_token, token)

    async def receive(self, hub: Hub, body: bytes, content_type: str, signature: str) -> None:
        """Take in what a hub sends; what is not signed or cannot be read is passed over, for polling brings it too."""
        if not websub.is_signed(hub.secret, body, signature):
            log.warning("push_unsigned", source=hub.source.slug)
            return
        try:
            async with self._fetcher.reading.take():
                await self._take_in(hub.source, Page(hub.source.url, body, content_type))
        except Unreadable as error:
            log.warning("push_unreadable", source=hub.source.slug, problem=str(error))

    async def _take_in(self, source: Source, page: Page) -> None:
        now = self._clock()
        items = [news.bounded(item, now) for item in await self._reader.read(page, source, now)]
        decision = news.decide(await self._database.read(store.known, source.slug, items), items)
        new, _ = await as_listed(source, decision.new)
        revised, _ = await as_listed(source, [item for _, item in decision.changed])
        changed = [(entry, arrival) for (entry, _), arrival in zip(decision.changed, revised, strict=True)]
        found = await self._database.write(
            store.commit_push, source, now, new=new, changed=changed, rekeyed=decision.rekeyed
        )
        log.info("pushed", source=source.slug, items=len(items), new=found, changed=len(changed))
        if found or changed:
            self._news_committed()
