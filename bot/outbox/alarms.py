"""Tell operators of what a send revealed: a token that is refused, a layout that is not taken."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

import structlog

from bot import notices
from bot.db import Database
from bot.model import Operator
from bot.outbox import policy
from bot.outcomes import Outcome, Sent

log = structlog.get_logger("bot.alarms")


class Alarms:
    """Tells of each trouble once; what to tell and how often is the policy's. `told` wakes whoever sends."""

    def __init__(self, database: Database, operators: Collection[Operator], told: Callable[[], None]) -> None:
        self._database = database
        self._operators = operators
        self._told = told
        self._taken: dict[str, datetime] = {}

    async def hear(self, platform: str, outcome: Outcome, now: datetime) -> None:
        """Learn the outcome of a send, and tell what operators must know of it."""
        # A platform's trouble lasts until it takes a message. How long it lasted before this process, nobody knows.
        begin = self._taken.setdefault(platform, now - policy.BETWEEN_ALARMS)
        if isinstance(outcome, Sent):
            self._taken[platform] = now
        alarm = policy.alarm(platform, outcome)
        if alarm is None:
            return
        since = begin if alarm.every is None else now - alarm.every
        write = self._database.write
        if await write(notices.tell_once, self._operators, alarm.topic, alarm.sentence, since, now):
            log.error("operators_told", notice=alarm.sentence)
            self._told()
