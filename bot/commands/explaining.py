"""Answer why a message came, and why an entry did not."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from datetime import timedelta

from bot import channels, text
from bot.commands import replies, why_replies
from bot.commands.call import Call
from bot.commands.why_replies import Miss
from bot.db import Database
from bot.filters import evaluation, explaining
from bot.filters import store as filters
from bot.filters.document import of_entry
from bot.filters.people import Aliases
from bot.filters.query import QueryError
from bot.filters.reading import query_of
from bot.model import Entry, Subscription
from bot.outbox import store as outbox
from bot.ports import Reply
from bot.wire import store as wire

# Seconds: a quick person answers a message before its id is written down.
_PAUSES = (0.0, 0.2, 0.5, 1.0)
_ADDRESS = re.compile(r"<?(https?://[^\s|>]+)")


class Explaining:
    """Explains what the channel of a call got, and did not get."""

    def __init__(self, database: Database, aliases: Aliases, kept: timedelta | None = None) -> None:
        """`kept` is for how long deliveries are, None for ever."""
        self._database = database
        self._aliases = aliases
        self._kept = kept

    async def why(self, call: Call) -> Reply:
        """Answer why, and why not."""
        asked, _, argument = call.argument.partition(" ")
        if asked.casefold() == "not":
            return await self._why_not(call, argument.strip())
        if asked and not call.request.replied_to:
            return replies.no_message()
        for pause in _PAUSES:
            await asyncio.sleep(pause)
            delivery = await self._database.read(outbox.explain, call.channel.id, call.request.replied_to)
            if delivery is not None or not await self._database.read(outbox.is_sending, call.channel.id):
                break
        if delivery is None:
            return why_replies.forgotten(self._kept) if call.request.replied_to else replies.no_message()
        explained = explaining.explained(delivery, self._aliases)
        return why_replies.why(explained, call.channel.timezone, call.now)

    async def _why_not(self, call: Call, argument: str) -> Reply:
        if not argument:
            return replies.missing("why not", "why not ferry vote")
        entry = await self._database.read(_named, argument)
        if entry is None:
            return why_replies.not_on_the_wire(argument)
        delivered = await self._database.read(outbox.standing, call.channel.id, entry.id)
        if delivered is not None:
            paused = await self._database.read(channels.paused_until, call.channel.id) is not None
            return why_replies.was_delivered(entry, delivered, call.channel.timezone, call.now, paused=paused)
        if self._kept is not None and entry.first_seen_at < call.now - self._kept:
            return why_replies.was_long_ago(entry, self._kept, call.channel.timezone, call.now)
        existing = await self._database.read(filters.of_channel, call.channel.id, call.now)
        known = await self._database.read(wire.fate, entry.id)
        misses = [miss for each in existing if (miss := self._miss(each, entry)) is not None]
        return why_replies.why_not(entry, known, misses, call.channel.timezone, call.now)

    def _miss(self, subscription: Subscription, entry: Entry) -> Miss | None:
        try:
            tree = query_of(subscription.kind, subscription.query)
        except QueryError:  # written by another version
            return None
        return Miss(subscription, *evaluation.lacking(tree, of_entry(entry, self._aliases)))


def _named(connection: sqlite3.Connection, argument: str) -> Entry | None:
    """Find the entry that is meant: by its address, else the newest that holds the words."""
    if (address := _ADDRESS.match(argument)) is not None:
        return wire.at_address(connection, address[1])
    words = text.tokens(argument)
    found = wire.search(connection, words, 1) if words else ()
    return found[0] if found else None
