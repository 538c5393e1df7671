"""Answer commands: read and change one channel's filters.

    request | parse | may this person? | one transaction | reply

An error says what was wrong and changes nothing. Rights are asked anew at every write.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot import channels, durations, text
from bot.commands import parser, replies
from bot.db import Database
from bot.filters import document, query
from bot.filters import store as filters
from bot.model import Channel, Entry, Reply, Request, Subscription, SubscriptionKind
from bot.outbox import store as outbox
from bot.wire import source_store
from bot.wire import store as wire

log = structlog.get_logger("bot.commands")

PREVIEW_DAYS = 7
# As on the PhiWire itself, non-subscribers see the latest five.
LATEST_FOR_STRANGERS = 5
LATEST, MOST_LATEST = 10, 25
FOUND = 10
MOST_FILTERS = 200
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class _Call:
    """A command on its way: who asks, where, and when."""

    request: Request
    name: str
    argument: str
    channel: Channel
    now: datetime


class Commands:
    """Answers for every platform."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime], deliveries_due: Callable[[], None], timezone: str
    ) -> None:
        self._database = database
        self._clock = clock
        self._deliveries_due = deliveries_due
        self._timezone = timezone
        self._handlers: dict[str, Callable[[_Call], Awaitable[Reply]]] = {
            "help": self._help,
            "follow": self._add,
            "subscribe": self._add,
            "mute": self._add,
            "unfollow": self._remove,
            "unsubscribe": self._remove,
            "unmute": self._remove,
            "filters": self._filters,
            "preview": self._preview,
            "latest": self._latest,
            "search": self._search,
            "sources": self._sources,
            "pause": self._pause,
            "resume": self._resume,
            "why": self._why,
        }

    async def answer(self, request: Request) -> Reply:
        """Answer what a person typed. Never raises: a bug is logged and the person told."""
        command = parser.parse(request.text)
        if isinstance(command, parser.Unknown):
            return replies.unknown(command)
        try:
            if parser.COMMANDS[command.name].writes and not await request.may_write():
                return replies.refused()
            channel = await self._channel(request)
            call = _Call(request, command.name, command.argument, channel, self._clock())
            return await self._handlers[command.name](call)
        except query.QueryError as error:
            return replies.query_error(error)
        except Exception:  # one command's bug must not silence the bot
            log.exception("command_broke", platform=request.platform, command=command.name)
            return (
                replies.line("That broke something here. Nothing was changed; the operator can see it in the log."),
            )

    async def gone(self, platform: str, address: str, reason: str) -> None:
        """Send nothing there any more; keep its filters."""
        log.info("channel_gone", platform=platform, reason=reason)
        await self._database.write(channels.gone, platform, address, reason, self._clock())

    async def returned(self, platform: str, address: str) -> None:
        """Send there again."""
        log.info("channel_returned", platform=platform)
        await self._database.write(channels.returned, platform, address)

    async def moved(self, platform: str, old: str, new: str) -> None:
        """Take filters and queue to the new address."""
        log.info("channel_moved", platform=platform)
        await self._database.write(channels.move, platform, old, new, self._clock())

    async def _channel(self, request: Request) -> Channel:
        return await self._database.write(
            channels.ensure,
            request.platform,
            request.address,
            request.thread,
            request.title,
            self._timezone,
            self._clock(),
        )

    async def _help(self, _call: _Call) -> Reply:
        return replies.help_reply()

    async def _add(self, call: _Call) -> Reply:
        kind: SubscriptionKind = {"follow": "follow", "subscribe": "match", "mute": "mute"}[call.name]  # type: ignore[assignment]
        argument, expires_at = call.argument, None
        if kind == "mute":
            argument, expires_at = _with_end(argument, call.now)
        if not argument:
            example = {"follow": "Isabel Hardman", "match": "nhs -football", "mute": "football 2h"}[kind]
            return replies.missing(call.name, f"{call.name} {example}")
        tree = query.author(argument) if kind == "follow" else query.parse(argument)
        shown = text.clean(argument) if kind == "follow" else query.format_query(tree)
        existing = await self._database.read(filters.of_channel, call.channel.id, call.now)
        if len(existing) >= MOST_FILTERS:
            return (replies.line(f"This channel has {MOST_FILTERS} filters, the most there can be: remove one first."),)
        same = _same(existing, kind, shown)
        is_new = await self._database.write(
            filters.add,
            call.channel.id,
            kind,
            same.query if same else shown,
            call.request.actor,
            call.now,
            expires_at,
        )
        until = "" if expires_at is None else replies.moment(expires_at, call.channel.timezone, call.now)
        hits = await self._hits(tree, call.now)
        verb = "would have been muted by" if kind == "mute" else "would have matched"
        caught = replies.caught(hits, PREVIEW_DAYS, call.channel.timezone, call.now, examples=3, verb=verb)
        return (replies.saved(kind, same.query if same else shown, until, is_new=is_new), *caught)

    async def _remove(self, call: _Call) -> Reply:
        kind: SubscriptionKind = {"unfollow": "follow", "unsubscribe": "match", "unmute": "mute"}[call.name]  # type: ignore[assignment]
        if not call.argument:
            return replies.missing(call.name, f"{call.name} 1")
        existing = await self._database.read(filters.of_channel, call.channel.id, call.now)
        chosen = _chosen(existing, kind, call.argument)
        if chosen is None:
            return (
                replies.line("There is no such filter here: ", replies.code(call.argument), ". Nothing was changed. "),
                *replies.filters(existing, "", call.channel.timezone, call.now),
            )
        await self._database.write(filters.remove, chosen, call.request.actor, call.now)
        return (replies.removed(chosen),)

    async def _filters(self, call: _Call) -> Reply:
        existing = await self._database.read(filters.of_channel, call.channel.id, call.now)
        paused = await self._database.read(channels.paused_until, call.channel.id)
        return replies.filters(existing, self._pause_shown(paused, call), call.channel.timezone, call.now)

    @staticmethod
    def _pause_shown(paused: datetime | None, call: _Call) -> str:
        if paused is None:
            return ""
        if paused.year == channels.UNTIL_RESUMED.year:
            return "until you resume"
        return f"until {replies.moment(paused, call.channel.timezone, call.now)}"

    async def _preview(self, call: _Call) -> Reply:
        if not call.argument:
            return replies.missing("preview", "preview nhs -football")
        hits = await self._hits(query.parse(call.argument), call.now)
        return replies.caught(
            hits, PREVIEW_DAYS, call.channel.timezone, call.now, examples=5, verb="would have matched"
        )

    async def _hits(self, tree: query.Query, now: datetime) -> list[Entry]:
        def search(connection: sqlite3.Connection) -> list[Entry]:
            lately = wire.seen_since(connection, now - timedelta(days=PREVIEW_DAYS))
            return [entry for entry in lately if query.found(tree, document.of_entry(entry)) is not None]

        return await self._database.read(search)

    async def _latest(self, call: _Call) -> Reply:
        if call.argument and not call.argument.isdecimal():
            return (
                replies.line(replies.command("latest"), " takes a number, such as ", replies.command("latest 10"), "."),
            )
        subscribed = await self._database.read(filters.of_channel, call.channel.id, call.now)
        most = MOST_LATEST if subscribed else LATEST_FOR_STRANGERS
        number = max(1, min(int(call.argument[:4] or LATEST), most))
        entries = await self._database.read(wire.latest, number)
        hint: Reply = ()
        if not subscribed:
            hint = (
                replies.line(
                    "Only the latest five, until this channel has a filter: try ", replies.command("subscribe nhs"), "."
                ),
            )
        return (*self._entries(entries, call), *hint)

    async def _search(self, call: _Call) -> Reply:
        words = _WORD.findall(call.argument)
        if not words:
            return replies.missing("search", "search net zero")
        entries = await self._database.read(wire.search, words, FOUND)
        if not entries:
            return (replies.line("Nothing on this wire holds ", replies.code(text.shorten(call.argument, 100)), "."),)
        return self._entries(entries, call)

    def _entries(self, entries: tuple[Entry, ...], call: _Call) -> Reply:
        if not entries:
            return (
                replies.line("The wire is empty so far: the first entries appear when the sources have been read."),
            )
        return tuple(replies.entry(entry, call.channel.timezone, call.now) for entry in entries)

    async def _sources(self, call: _Call) -> Reply:
        states = await self._database.read(source_store.source_states)
        return replies.sources(states, call.channel.timezone, call.now)

    async def _pause(self, call: _Call) -> Reply:
        until = None
        if call.argument:
            try:
                until = call.now + durations.parse_duration(call.argument)
            except (ValueError, OverflowError) as error:
                return (replies.line(f"{error} Nothing was changed."),)
        await self._database.write(channels.pause, call.channel.id, until)
        shown = (
            "until you resume" if until is None else f"until {replies.moment(until, call.channel.timezone, call.now)}"
        )
        return (replies.line(f"Paused {shown}: what matches waits. ", replies.command("resume"), " ends it."),)

    async def _resume(self, call: _Call) -> Reply:
        if await self._database.read(channels.paused_until, call.channel.id) is None:
            return (replies.line("This channel is not paused."),)
        expired = await self._database.write(outbox.resume, call.channel.id)
        waiting = await self._database.read(outbox.waiting, call.channel.id)
        self._deliveries_due()
        left_out: Reply = ()
        if expired:
            hint = replies.command(f"latest {min(expired + waiting, MOST_LATEST)}")
            left_out = (replies.line(f"and {expired:,} more that were older: ", hint, "."),)
        return (replies.line(f"Resumed. {text.count(waiting, 'message')} waiting."), *left_out)

    async def _why(self, call: _Call) -> Reply:
        # A quick person answers a message before its id is written down.
        for pause in (0.0, 0.2, 0.5, 1.0):
            await asyncio.sleep(pause)
            delivery = await self._database.read(outbox.explain, call.channel.id, call.request.replied_to)
            if delivery is not None or not await self._database.read(outbox.is_sending, call.channel.id):
                break
        if delivery is None:
            return (
                replies.line(
                    "Reply to one of my news messages with ", replies.command("why"), ", and I say why it came."
                ),
            )
        return replies.why(delivery)


def _with_end(argument: str, now: datetime) -> tuple[str, datetime | None]:
    """Split "football 2h" into the query and the time when its mute ends."""
    words, _, last = argument.rpartition(" ")
    if not re.fullmatch(r"\d+[a-z]", last, re.IGNORECASE):
        return argument, None
    try:
        return words, now + durations.parse_duration(last)
    except (ValueError, OverflowError):
        return argument, None


def _same(existing: tuple[Subscription, ...], kind: SubscriptionKind, shown: str) -> Subscription | None:
    folded = text.fold(shown)
    return next((each for each in existing if each.kind == kind and text.fold(each.query) == folded), None)


def _chosen(existing: tuple[Subscription, ...], kind: SubscriptionKind, argument: str) -> Subscription | None:
    """Find the filter meant by its number in the list, or by its text."""
    number = argument.removeprefix("#")
    if re.fullmatch("[0-9]{1,4}", number) and 1 <= int(number) <= len(existing):
        numbered = existing[int(number) - 1]
        # Numbers are those of `filters`. Whoever lifts a mute or unfollows means one of that kind and no other.
        return numbered if kind in {"match", numbered.kind} else None
    shown = argument
    if kind != "follow":
        try:
            shown = query.format_query(query.parse(argument))
        except query.QueryError:
            return None
    return _same(existing, kind, shown)
