"""Answer what a channel should have got and did not."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from datetime import timedelta

from bot import durations
from bot.commands import replies, status_replies
from bot.commands.call import Call
from bot.db import Database
from bot.filters import store as filters
from bot.filters.document import of_entry
from bot.filters.index import Index
from bot.filters.people import Aliases
from bot.filters.query import QueryError
from bot.model import Entry, Subscription
from bot.outbox import history
from bot.ports import Reply
from bot.wire import store as wire

FURTHEST = timedelta(days=7)
MOST = 25


class Missing:
    """Looks for what the filters of a call's channel want, as they are now, among what it did not get."""

    def __init__(self, database: Database, aliases: Aliases) -> None:
        self._database = database
        self._aliases = aliases

    async def missed(self, call: Call) -> Reply:
        """Answer missed."""
        if not call.argument:
            return replies.missing("missed", "missed 3h")
        try:
            asked = durations.parse_duration(call.argument)
        except ValueError as error:
            return replies.no_duration(error)
        if asked > FURTHEST:
            return status_replies.too_long()
        existing = await self._database.read(filters.of_channel, call.channel.id, call.now)
        if all(each.kind == "mute" for each in existing):
            return status_replies.no_filters()
        found, statuses = await self._database.read(self._find, call, existing, asked)
        if not found:
            return status_replies.nothing_missed(asked)
        return status_replies.missed(found[:MOST], statuses, asked, call.channel.timezone, call.now)

    def _find(
        self, connection: sqlite3.Connection, call: Call, existing: Sequence[Subscription], asked: timedelta
    ) -> tuple[list[Entry], list[str]]:
        """Find what was missed, oldest first, and what became of each."""
        index = Index()
        for each in existing:
            with contextlib.suppress(QueryError):  # written by another version
                index.put(each.id, each.kind, each.query)
        muting = index.of_kind("mute")
        wanted = []
        for entry in wire.seen_since(connection, call.now - asked):
            hits = index.hits(of_entry(entry, self._aliases))
            if hits and not hits & muting:
                wanted.append(entry)
        status = {
            each.entry: each.status
            for each in history.unsent(connection, call.channel.id, [entry.id for entry in wanted])
        }
        missed = [entry for entry in reversed(wanted) if entry.id in status]
        return missed, [status[entry.id] for entry in missed]
