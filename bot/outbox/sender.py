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
from dataclasses import replace
from datetime import datetime

import structlog

from bot.db import Database
from bot.filters import explaining
from bot.filters.people import NO_ALIASES, Aliases
from bot.model import Delivery
from bot.outbox import policy, reasons, store
from bot.outbox.alarms import Alarms
from bot.outbox.folding import BURST
from bot.outbox.settling import Settling
from bot.outbox.tally import Tally
from bot.outcomes import Ambiguous, Outcome, Rejected, Sent, Throttled, Unavailable
from bot.ports import Adapter

log = structlog.get_logger("bot.sender")

# Looked up again at least this often, in seconds: a clock may jump, another process may import filters.
LONGEST_WAIT = 30.0
# Seconds in which a message is made and sent.
MOMENT = 0.05
# After a rest so many are claimed, and a little later the others: reading them all would keep the first ones waiting.
FIRST, THEN = 2, 0.003
# A send that takes longer is given up as ambiguous; well below the lease.
SEND_TIME = 60.0
# A claim whose turn is further away is given back: it would outlive its lease, and hold up a stop.
LONGEST_TURN = 10.0
_NEVER = 10**9
# A look for a message that may have arrived; with the send after it still below the lease.
LOOK_UP_TIME = 30.0


class Sender:
    """Sends one platform's deliveries."""

    def __init__(
        self,
        database: Database,
        adapter: Adapter,
        clock: Callable[[], datetime],
        aliases: Aliases = NO_ALIASES,
        ambiguous: policy.Repeats = "retry",
        alarms: Alarms | None = None,
        burst: int = BURST,
    ) -> None:
        """Send at most `burst` messages in a minute to a channel, where people mind; what is more is folded."""
        self._database = database
        self._adapter = adapter
        self._clock = clock
        self._aliases = aliases
        self._repeats = ambiguous
        self._alarms = alarms
        self._bell = asyncio.Event()
        self._pacer = adapter.pacer
        self._burst = burst if self._pacer.limits.folds else _NEVER
        self._settling = Settling(database)
        self.tally = Tally()
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
        some = min(room, FIRST) if not self._sending else room
        platform = self._adapter.platform
        claimed = await self._database.write(store.claim, platform, now, some, busy, self._burst, served)
        for delivery in claimed:
            self._sending.add(delivery.channel.address)
            sends.create_task(self._deliver(delivery), name=f"deliver {delivery.id}")
        if claimed:
            # What else there is can be asked when these have left; asking now would take their time.
            if len(claimed) == room:
                return 0.0
            return THEN if len(claimed) == some else MOMENT
        return await self._idle_time(now, at, paced)

    async def _idle_time(self, now: datetime, at: float, paced: dict[str, float]) -> float:
        due = await self._database.read(store.next_due, self._adapter.platform, now)
        resumed = await self._database.read(store.next_pause_end, self._adapter.platform)
        waits = [(moment - now).total_seconds() for moment in (due, resumed) if moment is not None and moment > now]
        waits += [free - at for free in paced.values()]
        return min([LONGEST_WAIT, *waits])

    async def _deliver(self, delivery: Delivery) -> None:
        address = delivery.channel.address
        try:
            looked = await self._look_up(delivery) if delivery.ambiguous and not delivery.edits else delivery
            if isinstance(looked, Delivery):
                delivery, outcome = looked, await self._paced(looked)
            else:
                outcome = looked
            self.tally.count(outcome)
            now = self._clock()
            down = isinstance(outcome, Ambiguous) or (isinstance(outcome, Unavailable) and outcome.scope == "token")
            self._outages = self._outages + 1 if down else 0
            decision = policy.decide(
                outcome,
                delivery,
                now,
                random.random(),
                max(self._outages, 1),
                repeat=self._adapter.can_look_up or self._may_repeat(delivery),
            )
            if isinstance(decision, policy.Retry) and decision.reach == "token":
                held_until = time.monotonic() + (decision.due_at - now).total_seconds()
                self._token_held_until = max(self._token_held_until, held_until)
            await self._settling.settle(delivery, decision, now)
            self._report(delivery, outcome, decision)
            if self._alarms is not None:
                await self._alarms.hear(self._adapter.platform, outcome, now)
        finally:
            self._sending.discard(address)
            self._bell.set()

    async def _paced(self, delivery: Delivery) -> Outcome:
        """Send when it may go; since the claim a reply may have taken its turn, or the token have been throttled."""
        address = delivery.channel.address
        while (pause := self._pacer.free_at(address, at := time.monotonic()) - at) > 0:
            if pause > LONGEST_TURN:
                return Throttled(pause)
            await asyncio.sleep(pause)
        sending = self._pacer.take(address, at, group=self._adapter.is_group(delivery.channel))
        outcome = await self._outcome(delivery)
        at = time.monotonic()
        self._pacer.answered(sending, at, accepted=isinstance(outcome, Sent))
        if isinstance(outcome, Throttled):
            self._pacer.throttled(address, outcome.retry_after, at)
        return outcome

    def _may_repeat(self, delivery: Delivery) -> bool:
        return self._repeats == "retry" or self._adapter.is_private(delivery.channel)

    async def _look_up(self, delivery: Delivery) -> Outcome | Delivery:
        """Say what became of a message that may have arrived, or give the delivery that is to be sent."""
        try:
            async with asyncio.timeout(LOOK_UP_TIME):
                found = await self._adapter.look_up(delivery)
        except TimeoutError:
            return Unavailable(reasons.NO_ANSWER.format(seconds=f"{LOOK_UP_TIME:g}"), "token")
        except Exception as error:  # an adapter's bug in one message must not end the others
            log.exception("adapter_broke", delivery=delivery.id)
            found = Ambiguous(reasons.UNEXPECTED.format(error=type(error).__name__))
        if found is None:
            return replace(delivery, ambiguous=0)
        if not isinstance(found, Ambiguous):
            return found
        return delivery if self._may_repeat(delivery) else Rejected(policy.doubtful(found.reason))

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
            return Ambiguous(reasons.NO_ANSWER.format(seconds=f"{SEND_TIME:g}"))
        except Exception as error:  # an adapter's bug in one message must not end the others
            log.exception("adapter_broke", delivery=delivery.id)
            return Ambiguous(reasons.UNEXPECTED.format(error=type(error).__name__))

    def _explained(self, delivery: Delivery) -> Delivery:
        try:
            return explaining.explained(delivery, self._aliases)
        except Exception:  # what stands out in a message is worth less than the message
            log.exception("explaining_broke", delivery=delivery.id)
            return delivery
