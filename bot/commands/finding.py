"""Find entries for whoever looks for something to paste into any chat: the newest, or those that a query finds."""

from __future__ import annotations

import re
import sqlite3
from datetime import datetime, timedelta
from itertools import islice

from bot import channels, text
from bot.db import Database
from bot.filters import query
from bot.filters import store as filters
from bot.filters.document import of_entry
from bot.filters.evaluation import found
from bot.filters.narrowing import narrow
from bot.filters.people import Aliases
from bot.filters.tree import Query
from bot.languages import say
from bot.model import Entry
from bot.ports import Findings, Question
from bot.wire import store as wire

# As on the PhiWire itself, non-subscribers see the latest five.
LATEST_FOR_STRANGERS = 5
# Of twenty releases all fits well into one request.
PAGE = 20
REACH = timedelta(days=365)
# As many entries are read for one page at most, which takes some tenths of a second.
MOST_READ = 2000


class Finding:
    """Answers questions from the wire alone: what a channel gets, or wants, is never among it."""

    def __init__(self, database: Database, timezone: str, aliases: Aliases) -> None:
        self._database = database
        self._timezone = timezone
        self._aliases = aliases

    async def find(self, question: Question, now: datetime) -> Findings:
        """Answer a page; what cannot be read is explained by the hint."""
        asked = text.clean(question.query)
        if not asked:
            return await self._newest(question, now)
        try:
            tree = query.parse(asked)
        except query.QueryError as error:
            return Findings(hint=say("Not understood: {problem}", problem=error.problem))
        entries, place = await self._database.read(self._page, tree, question.place, now)
        hint = "" if entries or question.place else say("Nothing found for “{query}”: how to search", query=asked)
        return Findings(entries, self._timezone, place, hint)

    async def _newest(self, question: Question, now: datetime) -> Findings:
        """Give the newest entries; as in chats, whoever has no filter gets a few of them."""
        if await self._database.read(_has_filters, question, now):
            entries, place = await self._database.read(self._page, None, question.place, now)
            hint = ""
        else:
            entries, place = await self._database.read(wire.latest, LATEST_FOR_STRANGERS), ""
            hint = say("Type words to search, or get a filter of your own")
        return Findings(entries, self._timezone, place, hint)

    def _page(
        self, connection: sqlite3.Connection, tree: Query | None, place: str, now: datetime
    ) -> tuple[tuple[Entry, ...], str]:
        """Find a page of entries, and say where the next begins."""
        words, exact = ("", True) if tree is None else narrow(tree, self._aliases)
        before = wire.numbered(connection, int(place)) if re.fullmatch("[0-9]{1,18}", place) else None
        if place and before is None:  # forgotten meanwhile: what came after it is as old
            return (), ""
        entries: list[Entry] = []
        for entry in islice(wire.seen_since(connection, now - REACH, words, before), MOST_READ):
            if exact or tree is None or found(tree, of_entry(entry, self._aliases)) is not None:
                entries.append(entry)
                if len(entries) == PAGE:
                    return tuple(entries), str(entry.id)
        return tuple(entries), ""


def _has_filters(connection: sqlite3.Connection, question: Question, now: datetime) -> bool:
    """Tell whether a person's own chat with the bot has any; theirs are not made here."""
    channel = channels.find(connection, question.platform, question.actor_id, "")
    return channel is not None and bool(filters.of_channel(connection, channel.id, now))
