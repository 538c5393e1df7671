"""Send what is due on one platform.

for ever:
    claim what is due and may go by the limits, one a chat | explain and send, several at once | decide | settle
    nothing due: wait for the matcher's bell, a finished send, or the time of the next one
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from datetime import datetime

import structlog

from bot.db import Database
from bot.filters import explaining
from bot.filters.people import NO_ALIASES, Aliases
from bot.model import Ambiguous, Delivery, Outcome, Sent, Throttled, Unavailable
from bot.outbox import policy, store
from bot.outbox.pacing import Sending
from bot.outbox.settling import Settling
from bot.ports import Adapter

log = structlog.get_logger("bot.sender")

# Looked up again at least this often, in seconds: a clock may jump, another process may import filters.
LONGEST_WAIT = 30.0
# A send that takes longer is given up as ambiguous; well below the lease.
SEND_TIME = 60.0


class Sender:
    """Sends one platform's deliveries."""

    def __init__(
        self, database: Database, adapter: Adapter, clock: Callable[[], datetime], aliases: Aliases = NO_ALIASES
    ) -> None:
        self._database = database
        self._adapter = adapter
        self._clock = clock
        self._aliases = aliases
        self._bell = asyncio.Event()
        self._pacer = adapter.pacer
        self._settling = Settling(database)
        self._sending: set[str] = set()
        self._token_held_until = 0.0
        self._outages = 0
        self._stopping = False

    def wake(self) -> None:
        """Look again: deliveries were committed, or a pause has ended."""
        self._bell.set()

    def stop(self) -> None:
        """Claim nothing more; `run` returns when what is in flight is settled."""
        self._stopping = True
        self._bell.set()

    async def run(self) -> None:
        """Send until `stop`."""
        async with asyncio.TaskGroup() as sends:
            while not self._stopping:
                self._bell.clear()
                pause = await self._send_what_is_due(sends)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._bell.wait()

    async def _send_what_is_due(self, sends: asyncio.TaskGroup) -> float:
        """Start the sends that may go now, and say for how many seconds nothing else can."""
        now, at = self._clock(), time.monotonic()
        free_at = max(self._token_held_until, self._pacer.token_free_at(at))
        if free_at > at:
            return free_at - at
        room = min(self._pacer.token_room(at), self._pacer.limits.in_flight - len(self._sending))
        if room <= 0:
            return LONGEST_WAIT  # a finished send rings the bell
        paced = self._pacer.busy(at)
        busy, served = {*paced, *self._sending}, dict(self._pacer.served(at))
        claimed = await self._database.write(store.claim, self._adapter.platform, now, room, busy, served)
        for delivery in claimed:
            self._sending.add(delivery.channel.address)
            sends.create_task(self._deliver(delivery), name=f"deliver {delivery.id}")
        return 0.0 if len(claimed) == room else await self._idle_time(now, at, paced)

    async def _idle_time(self, now: datetime, at: float, paced: dict[str, float]) -> float:
        due = await self._database.read(store.next_due, self._adapter.platform, now)
        resumed = await self._database.read(store.next_pause_end, self._adapter.platform)
        waits = [(moment - now).total_seconds() for moment in (due, resumed) if moment is not None and moment > now]
        waits += [free - at for free in paced.values()]
        return min([LONGEST_WAIT, *waits])

    async def _deliver(self, delivery: Delivery) -> None:
        address = delivery.channel.address
        try:
            sending = await self._turn(delivery)
            outcome = await self._outcome(delivery)
            now, at = self._clock(), time.monotonic()
            self._pacer.answered(sending, at, accepted=isinstance(outcome, Sent))
            if isinstance(outcome, Throttled):
                self._pacer.throttled(address, outcome.retry_after, at)
            down = isinstance(outcome, Ambiguous) or (isinstance(outcome, Unavailable) and outcome.scope == "token")
            self._outages = self._outages + 1 if down else 0
            decision = policy.decide(outcome, delivery, now, random.random(), max(self._outages, 1))
            if isinstance(decision, policy.Retry) and decision.reach == "token":
                held_until = time.monotonic() + (decision.due_at - now).total_seconds()
                self._token_held_until = max(self._token_held_until, held_until)
            await self._settling.settle(delivery, decision, now)
            self._report(delivery, outcome, decision)
        finally:
            self._sending.discard(address)
            self._bell.set()

    async def _turn(self, delivery: Delivery) -> Sending:
        """Count a delivery as sent now; where a reply took its turn while it was being claimed, wait for the next."""
        address = delivery.channel.address
        while (pause := self._pacer.free_at(address, at := time.monotonic()) - at) > 0:
            await asyncio.sleep(pause)
        return self._pacer.take(address, at, group=self._adapter.is_group(delivery.channel))

    def _report(self, delivery: Delivery, outcome: Outcome, decision: policy.Decision) -> None:
        about = {"platform": self._adapter.platform, "channel": delivery.channel.id, "delivery": delivery.id}
        if isinstance(outcome, Sent):
            log.info("delivered", **about, attempt=delivery.attempts)
        else:
            log.warning("not_delivered", **about, outcome=repr(outcome), decision=repr(decision))

    async def _outcome(self, delivery: Delivery) -> Outcome:
        try:
            async with asyncio.timeout(SEND_TIME):
                return await self._adapter.send(self._explained(delivery))
        except TimeoutError:
            return Ambiguous(f"no answer within {SEND_TIME:g} seconds")
        except Exception as error:  # an adapter's bug in one message must not end the others
            log.exception("adapter_broke", delivery=delivery.id)
            return Ambiguous(f"an unexpected {type(error).__name__} in the adapter; please report it")

    def _explained(self, delivery: Delivery) -> Delivery:
        try:
            return explaining.explained(delivery, self._aliases)
        except Exception:  # what stands out in a message is worth less than the message
            log.exception("explaining_broke", delivery=delivery.id)
            return delivery
