"""Answer the commands that show and change a channel's filters."""

from __future__ import annotations

import re
import sqlite3
from datetime import datetime, timedelta

from bot import channels, text
from bot.commands import replies
from bot.commands.call import Call, later
from bot.db import Database
from bot.filters import document, query
from bot.filters import store as filters
from bot.model import Entry, Subscription, SubscriptionKind
from bot.ports import Reply
from bot.wire import store as wire

PREVIEW_DAYS = 7
MOST_FILTERS = 200
_ADDED: dict[str, SubscriptionKind] = {"follow": "follow", "subscribe": "match", "mute": "mute"}
_REMOVED: dict[str, SubscriptionKind] = {"unfollow": "follow", "unsubscribe": "match", "unmute": "mute"}


class Filtering:
    """Looks after the filters of the channel that a call comes from."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, call: Call) -> Reply:
        """Answer follow, subscribe and mute."""
        kind = _ADDED[call.name]
        argument, expires_at = call.argument, None
        if kind == "mute":
            try:
                argument, expires_at = _with_end(argument, call.now)
            except ValueError as error:
                return replies.no_duration(error)
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

    async def remove(self, call: Call) -> Reply:
        """Answer unfollow, unsubscribe and unmute."""
        kind = _REMOVED[call.name]
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

    async def show(self, call: Call) -> Reply:
        """Answer filters."""
        existing = await self._database.read(filters.of_channel, call.channel.id, call.now)
        paused = await self._database.read(channels.paused_until, call.channel.id)
        return replies.filters(existing, self._pause_shown(paused, call), call.channel.timezone, call.now)

    @staticmethod
    def _pause_shown(paused: datetime | None, call: Call) -> str:
        if paused is None:
            return ""
        if paused.year == channels.UNTIL_RESUMED.year:
            return "until you resume"
        return f"until {replies.moment(paused, call.channel.timezone, call.now)}"

    async def preview(self, call: Call) -> Reply:
        """Answer preview."""
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


def _with_end(argument: str, now: datetime) -> tuple[str, datetime | None]:
    """Split "football 2h" into the query and the time when its mute ends. Raises ValueError where that is no time."""
    words, _, last = argument.rpartition(" ")
    if not words or not re.fullmatch(r"\d+[smhdw]", last, re.IGNORECASE):
        return argument, None
    return words, later(now, last)


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
