"""Answer how a channel is doing, and to operators how all of it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from datetime import datetime

from bot import channels, counters
from bot.commands import status_replies
from bot.commands.call import Call
from bot.commands.status_replies import Everything, Here
from bot.db import Database
from bot.filters import store as filters
from bot.flow import sight
from bot.model import Operator
from bot.outbox import history
from bot.outbox import store as outbox
from bot.ports import Reply
from bot.wire import source_store

LAST = 5


class Status:
    """Tells channels about themselves, and operators, where nobody else reads it, about everything."""

    def __init__(self, database: Database, operators: Collection[Operator]) -> None:
        self._database = database
        self._operators = frozenset(operators)

    async def here(self, call: Call) -> Reply:
        """Tell a channel about itself."""
        read = await self._database.read(_here, call.channel.id, call.now)
        return status_replies.here(read, call.channel.timezone, call.now)

    async def status(self, call: Call) -> Reply:
        """Answer status."""
        request, zone = call.request, call.channel.timezone
        reply = await self.here(call)
        if not request.is_private or Operator(request.platform, request.actor_id) not in self._operators:
            return reply
        read = await self._database.read(everything, call.now)
        return (*reply, (), *status_replies.everything(read, zone, call.now))


def _here(connection: sqlite3.Connection, channel: int, now: datetime) -> Here:
    return Here(
        filters=len(filters.of_channel(connection, channel, now)),
        paused_until=channels.paused_until(connection, channel),
        held_until=channels.held_until(connection, channel),
        waiting=outbox.waiting(connection, channel),
        last=history.last(connection, channel, LAST),
    )


def everything(connection: sqlite3.Connection, now: datetime) -> Everything:
    """Read how all of it is."""
    return Everything(
        alarms=sight.still_open(connection),
        queue=history.queue(connection, now),
        counted=counters.counted(connection),
        lag=history.lag(connection, now),
        failures=history.failure_kinds(connection, now),
        sources=source_store.source_states(connection),
    )
