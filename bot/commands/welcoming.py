"""Welcome whoever comes: a private chat that begins, a group that the bot was brought into."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from bot import channels
from bot.buttons import Press
from bot.commands import examples, replies, welcome_replies
from bot.commands.call import Call
from bot.commands.examples import Example
from bot.db import Database
from bot.filters import store as filters
from bot.model import Channel, Entry
from bot.ports import Pressed, Reply, Request
from bot.wire import store as wire

TODAY = timedelta(days=1)
# Enough to see what a day is about.
MOST_READ = 500
_VERBS = {"follow": "follow", "match": "subscribe"}


@dataclass(frozen=True, slots=True)
class Today:
    """What the wire offers a channel now, and how many filters it has."""

    offered: tuple[Example, ...]
    filters: int


class Welcoming:
    """Greets with examples, and does what is tapped by `type`, which answers words as if somebody had typed them."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        answer: Callable[[Request], Awaitable[Reply]],
        all_may: Callable[[Request, Channel], Awaitable[bool]],
    ) -> None:
        self._all_may = all_may
        self._database = database
        self._clock = clock
        self._answer = answer

    async def start(self, call: Call) -> Reply:
        """Answer start without a link behind it; where there are no buttons, with all that can be typed."""
        if not call.request.has_buttons:
            return replies.help_reply()
        return await self._welcome(call.request, call.channel)

    async def joined(self, request: Request) -> Reply:
        """Greet a group that the bot was brought into; one that has filters knows it, and gets what it had."""
        if await self._database.read(_is_known, request, self._clock()):
            return ()
        return await self._answer(replace(request, text="start"))

    async def press(self, press: Press, request: Request, channel: Channel) -> Pressed:
        """Do what an example says, and offer others in its place."""
        number = int(press.detail) if press.detail.isdigit() else 0
        entry = await self._database.read(wire.numbered, number) if number else None
        offered = () if number and entry is None else examples.of_entry(entry)
        if press.action == "newest":
            return Pressed(said=await self._answer(replace(request, text=examples.LATEST.words)), thread=channel.thread)
        chosen = examples.find(offered, press.choice)
        if chosen is None:
            panel = await self._welcome(request, channel, (welcome_replies.gone(),))
            return Pressed((welcome_replies.gone(),), panel=panel, thread=channel.thread)
        before = await self._database.read(filters.of_channel, channel.id, self._clock())
        answer = await self._answer(replace(request, text=chosen.words))
        is_done = await self._database.read(filters.of_channel, channel.id, self._clock()) != before
        done = (*answer[0], *welcome_replies.taken_back()) if is_done else answer[0]
        panel = await self._welcome(request, channel, (done, *answer[1:]))
        said = (replies.line(f"{request.actor}: ", *done),) if is_done and not request.is_private else ()
        return Pressed((done,), panel=panel, said=said, thread=channel.thread)

    async def _welcome(self, request: Request, channel: Channel, done: Reply = ()) -> Reply:
        offers = await self._database.read(today, channel, self._clock())
        all_may = await self._all_may(request, channel)
        return welcome_replies.welcome(request, channel, offers.offered, offers.filters, all_may=all_may, done=done)


def today(connection: sqlite3.Connection, channel: Channel, now: datetime) -> Today:
    """Choose examples for a channel from what came in a day."""
    existing = filters.of_channel(connection, channel.id, now)
    written = [f"{_VERBS[each.kind]} {each.query}" for each in existing if each.kind in _VERBS]
    entries: list[Entry] = list(islice(wire.seen_since(connection, now - TODAY), MOST_READ))
    return Today(examples.choose(entries, frozenset(map(examples.key, written))), len(existing))


def _is_known(connection: sqlite3.Connection, request: Request, now: datetime) -> bool:
    threads = channels.topics(connection, request.platform, request.address)
    found = (channels.find(connection, request.platform, request.address, thread) for thread in threads)
    return any(filters.of_channel(connection, each.id, now) for each in found if each is not None)
