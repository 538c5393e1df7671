"""Answer the commands that show and change a channel's filters."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import channels, durations, moments, text
from bot.commands import archive, filter_replies, preview_replies, replies
from bot.commands.call import Call, later
from bot.commands.caught import MANY_A_DAY, Caught, Seen
from bot.db import Database
from bot.filters import people, query
from bot.filters import store as filters
from bot.filters.people import Aliases
from bot.filters.store import Mark
from bot.filters.tree import Query, format_query
from bot.model import Subscription, SubscriptionKind
from bot.ports import Line, Reply

WEEK, MONTH = 7, 30
MOST_FILTERS = 200
_ADDED: dict[str, SubscriptionKind] = {"follow": "follow", "subscribe": "match", "mute": "mute"}
_REMOVED: dict[str, SubscriptionKind] = {"unfollow": "follow", "unsubscribe": "match", "unmute": "mute"}


@dataclass(frozen=True, slots=True)
class _Wish:
    """A filter that somebody wants: as it is stored, what it finds, when it ends, and what to say about it."""

    kind: SubscriptionKind
    written: str
    tree: Query
    expires_at: datetime | None = None
    remarks: tuple[str, ...] = ()


class Filtering:
    """Looks after the filters of the channel that a call comes from."""

    def __init__(self, database: Database, aliases: Aliases) -> None:
        self._database = database
        self._aliases = aliases

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
        if kind == "follow":
            return await self._follow(call, argument)
        tree = query.parse(argument)
        return await self._save(call, _Wish(kind, format_query(tree), tree, expires_at, query.hints(argument)))

    async def _follow(self, call: Call, name: str) -> Reply:
        """Follow whom the name means; where it may mean several, ask which."""
        bare = text.clean(name.strip(query.QUOTES))
        tree = query.author(bare)
        folded = folded_name(bare)
        seen = await self._database.read(archive.authors, bare, self._aliases, call.now)
        same = next((each for each in seen if folded_name(each.name) == folded), None)
        if bare != name or folded in self._aliases:
            return await self._save(call, _Wish("follow", bare, tree))
        if same is None and len(seen) > 1:
            return filter_replies.which_author(bare, seen)
        if not seen:
            return await self._save(call, _Wish("follow", bare, tree, remarks=(filter_replies.never_seen(),)))
        chosen: Seen = same or seen[0]
        remarks = () if same else (filter_replies.only_one(bare, chosen.name),)
        return await self._save(call, _Wish("follow", chosen.name, query.author(chosen.name), remarks=remarks))

    async def _save(self, call: Call, wish: _Wish) -> Reply:
        existing = await self._database.read(filters.of_channel, call.channel.id, call.now)
        same = same_filter(existing, wish.kind, wish.written)
        if same is None and len(existing) >= MOST_FILTERS:
            return filter_replies.full(MOST_FILTERS)
        written = wish.written if same is None else same.query
        is_new = await self._database.write(
            filters.add,
            call.channel.id,
            wish.kind,
            written,
            call.request.actor,
            call.now,
            wish.expires_at,
            urgent=call.urgent,
        )
        week = await self._caught(wish.tree, call.now, WEEK, 3)
        return (
            filter_replies.saved(wish.kind, written, self._until(call, wish.expires_at), is_new=is_new),
            *(replies.line(remark) for remark in wish.remarks),
            *((filter_replies.urgent(),) if call.urgent else ()),
            *preview_replies.caught(week, wish.kind, call.channel.timezone, call.now),
            *(() if wish.kind == "mute" else await self._advice(wish.tree, week, call.now)),
        )

    @staticmethod
    def _until(call: Call, moment: datetime | None) -> str:
        return "" if moment is None else moments.moment(moment, call.channel.timezone, call.now)

    async def remove(self, call: Call) -> Reply:
        """Answer unfollow, unsubscribe and unmute."""
        kind = _REMOVED[call.name]
        if not call.argument:
            return replies.missing(call.name, f"{call.name} 1")
        existing = await self._database.read(filters.of_channel, call.channel.id, call.now)
        chosen = _chosen(existing, kind, call.argument)
        if chosen is None:
            return (filter_replies.no_such(call.argument), *(await self._list(call)))
        await self._database.write(filters.remove, chosen, call.request.actor, call.now)
        return (filter_replies.removed(chosen),)

    async def set_urgent(self, call: Call) -> Reply:
        """Answer urgent."""
        return await self._set_mark(call, "urgent")

    async def set_silent(self, call: Call) -> Reply:
        """Answer silent."""
        return await self._set_mark(call, "silent")

    async def _set_mark(self, call: Call, mark: Mark) -> Reply:
        words, _, last = call.argument.rpartition(" ")
        on = last.casefold() != "off"
        asked = call.argument if on else words
        existing = await self._database.read(filters.of_channel, call.channel.id, call.now)
        chosen = _chosen(existing, "match", asked) or _chosen(existing, "follow", asked)
        if chosen is None or chosen.kind == "mute":
            return (filter_replies.which(mark), *(await self._list(call)))
        await self._database.write(filters.set_mark, chosen, call.request.actor, call.now, mark, on=on)
        marked = replace(chosen, urgent=on) if mark == "urgent" else replace(chosen, silent=on)
        return filter_replies.marked(marked, mark)

    async def undo(self, call: Call) -> Reply:
        """Answer undo."""
        undone = await self._database.write(filters.undo, call.channel.id, call.request.actor, call.now)
        return filter_replies.undone(undone, call.channel.timezone, call.now)

    async def show(self, call: Call) -> Reply:
        """Answer filters."""
        paused = await self._database.read(channels.paused_until, call.channel.id)
        listed = await self._list(call)
        return listed if paused is None else (self._paused(paused, call), *listed)

    async def _list(self, call: Call) -> Reply:
        existing = await self._database.read(filters.of_channel, call.channel.id, call.now)
        week = await self._database.read(archive.hits, existing, self._aliases, call.now, days=WEEK)
        month = await self._database.read(archive.hits, existing, self._aliases, call.now, days=MONTH)
        # What is younger than a month has not had its chance yet.
        dead = {
            each.id
            for each in existing
            if not month.get(each.id) and each.created_at <= call.now - timedelta(days=MONTH)
        }
        return filter_replies.filters(existing, week, dead, call.channel.timezone, call.now)

    @staticmethod
    def _paused(until: datetime, call: Call) -> Line:
        is_open = until.year == channels.UNTIL_RESUMED.year
        return filter_replies.paused("" if is_open else moments.moment(until, call.channel.timezone, call.now))

    async def preview(self, call: Call) -> Reply:
        """Answer preview."""
        if not call.argument:
            return replies.missing("preview", "preview nhs -football")
        tree = query.parse(call.argument)
        month = await self._caught(tree, call.now, MONTH, 5)
        week = await self._caught(tree, call.now, WEEK, 0)
        return (
            *preview_replies.preview(format_query(tree), month, week, call.channel.timezone, call.now),
            *(replies.line(hint) for hint in query.hints(call.argument)),
            *(await self._advice(tree, max(month, week, key=lambda each: each.a_day), call.now)),
        )

    async def _caught(self, tree: Query, now: datetime, days: int, examples: int) -> Caught:
        return await self._database.read(archive.caught, tree, self._aliases, now, days=days, examples=examples)

    async def _advice(self, tree: Query, caught: Caught, now: datetime) -> Reply:
        if caught.a_day <= MANY_A_DAY:
            return ()
        narrower = await self._database.read(archive.narrower, tree, self._aliases, now, days=WEEK)
        return preview_replies.too_many(caught, narrower)


def _with_end(argument: str, now: datetime) -> tuple[str, datetime | None]:
    """Split "football 2h" into the query and the time when its mute ends. Raises ValueError where that is no time."""
    words, duration = durations.split_duration(argument)
    return words, later(now, duration) if duration else None


def folded_name(name: str) -> str:
    """Fold a name so that it equals others of the same person."""
    return people.name(name).replace("-", " ")


def same_filter(existing: tuple[Subscription, ...], kind: SubscriptionKind, written: str) -> Subscription | None:
    """Find the filter that says the same."""
    if kind == "follow":
        folded = folded_name(written)
        return next((each for each in existing if each.kind == kind and folded_name(each.query) == folded), None)
    return next((each for each in existing if each.kind == kind and each.query == written), None)


def _chosen(existing: tuple[Subscription, ...], kind: SubscriptionKind, argument: str) -> Subscription | None:
    """Find the filter meant by its number in the list, by its text, or by the number that a button knows it by."""
    if (named := re.fullmatch("id:([0-9]{1,18})", argument)) is not None:
        return next((each for each in existing if each.id == int(named[1])), None)
    number = argument.removeprefix("#")
    if re.fullmatch("[0-9]{1,4}", number) and 1 <= int(number) <= len(existing):
        numbered = existing[int(number) - 1]
        # Numbers are those of `filters`. Whoever lifts a mute or unfollows means one of that kind and no other.
        return numbered if kind in {"match", numbered.kind} else None
    written = argument.strip(query.QUOTES)
    if kind != "follow":
        try:
            written = format_query(query.parse(argument))
        except query.QueryError:
            return None
    return same_filter(existing, kind, written)
