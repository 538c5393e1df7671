"""Edit a channel's filters in forms: show them, try drafts, and save what nobody else has changed meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

import structlog

from bot import channels, moments, text
from bot.commands import archive, editing_replies, edits, preview_replies, replies
from bot.commands.admitting import Admitting
from bot.commands.announcing import Announcing
from bot.commands.call import Call, later
from bot.commands.caught import MANY_A_DAY
from bot.commands.filtering import MOST_FILTERS, WEEK, folded_name
from bot.commands.hearing import Hearing
from bot.db import Database
from bot.editing_ports import Conflict, Draft, Form, Lasts, Name, Outcome, Problem, Saved, Sheet
from bot.filters import query
from bot.filters import store as filters
from bot.filters.people import Aliases
from bot.filters.tree import Query, format_query
from bot.model import Channel, Subscription
from bot.ports import Line, Reply, Request, RightsUnknownError

log = structlog.get_logger("bot.commands")
T = TypeVar("T")

# Rows of a page: a view of Slack's takes a hundred blocks.
ROWS = 40
# Entries that show what a draft means.
EXAMPLES = 2
MOST_NAMES = 20
_Changed = edits.Kept | edits.Late | None
_Change = Callable[[sqlite3.Connection, Channel, str, datetime], _Changed]
_Done = Callable[[Subscription], Reply]
_SPANS: dict[Lasts, str] = {"hour": "1h", "day": "1d", "week": "1w"}


@dataclass(frozen=True, slots=True)
class _Wish:
    """A draft that was read: as it is to be stored, what it finds, and what to say about it."""

    wanted: Subscription
    tree: Query
    remarks: tuple[Line, ...] = ()


class Editor:
    """Looks after the filters of the channel that a request names; its text is of no matter."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        timezone: str,
        aliases: Aliases,
        admitting: Admitting,
        announcing: Announcing,
    ) -> None:
        self._database = database
        self._admitting = admitting
        self._announcing = announcing
        self._hearing = Hearing(database)
        self._clock = clock
        self._timezone = timezone
        self._aliases = aliases

    async def answer(self, call: Call) -> Reply:
        """Answer edit, where it is typed and opens nothing."""
        return editing_replies.elsewhere(has_editor=call.request.has_editor)

    def below(self, show: Callable[[Call], Awaitable[Reply]]) -> Callable[[Call], Awaitable[Reply]]:
        """Put a button that opens the editor below an answer, where there is one."""

        async def answer(call: Call) -> Reply:
            shown = await show(call)
            return (*shown, editing_replies.opener(call.channel)) if call.request.has_editor else shown

        return answer

    async def language(self, request: Request) -> str:
        """Name the language of the channel, or else of the person."""
        return (await self._hearing.of_chat(request)).language

    async def sheet(self, request: Request, page: int) -> Sheet | Problem:
        """Show a page of filters."""
        return await self._safely(request, lambda: self._sheet(request, page))

    async def form(self, request: Request, filter_: int) -> Form | Problem:
        """Begin a draft."""
        return await self._safely(request, lambda: self._form(request, filter_))

    async def trial(self, request: Request, draft: Draft) -> Reply:
        """Say what a draft would have matched."""
        tried = await self._safely(request, lambda: self._try(request, draft))
        return tried.said if isinstance(tried, Problem) else tried

    async def names(self, request: Request, typed: str) -> tuple[Name, ...]:
        """Find whom to follow."""
        found = await self._safely(request, lambda: self._names(text.clean(typed.strip(query.QUOTES))))
        return () if isinstance(found, Problem) else found

    async def save(self, request: Request, draft: Draft) -> Outcome:
        """Save a draft."""
        return await self._openly(request, lambda: self._save(request, draft))

    async def remove(self, request: Request, filter_: int, version: int) -> Outcome:
        """Remove a filter."""

        def change(connection: sqlite3.Connection, channel: Channel, actor: str, now: datetime) -> _Changed:
            return edits.remove(connection, channel, filter_, version, actor, now)

        return await self._openly(request, lambda: self._change(request, change, editing_replies.removed))

    async def set_urgent(self, request: Request, filter_: int, version: int, *, on: bool) -> Outcome:
        """Mark a filter."""

        def change(connection: sqlite3.Connection, channel: Channel, actor: str, now: datetime) -> _Changed:
            return edits.mark(connection, channel, filter_, version, actor, now, urgent=on)

        return await self._openly(request, lambda: self._change(request, change, editing_replies.marked))

    async def _openly(self, request: Request, do: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """Change something, and tell whoever else reads the channel."""
        return await self._safely(request, lambda: self._announcing.answer(request, do))

    async def _safely(self, request: Request, do: Callable[[], Awaitable[T]]) -> T | Problem:
        """Do something, or say why it cannot be done."""
        if self._database.outages.problem:
            return Problem(replies.unwritable(self._database.outages.problem))
        try:
            return await do()
        except RightsUnknownError:
            return Problem(replies.rights_unknown())
        except query.QueryError as error:
            return editing_replies.refused(error)
        except Exception:  # one form's bug must not silence the bot
            log.exception("editor_broke", platform=request.platform)
            return Problem(replies.broken())

    async def _sheet(self, request: Request, page: int) -> Sheet:
        now = self._clock()
        channel = await self._channel(request, now)
        try:
            refusal = await self._admitting.of_press(request, channel, filters=True)
        except RightsUnknownError:
            refusal = replies.rights_unknown()
        version, existing = await self._database.read(_read, channel, now)
        pages = max(1, -(-len(existing) // ROWS))
        page = min(max(page, 0), pages - 1)
        shown = existing[page * ROWS : (page + 1) * ROWS]
        hits = await self._database.read(archive.hits, shown, self._aliases, now, days=WEEK)
        rows = tuple(
            editing_replies.row(number, each, hits.get(each.id, 0), channel.timezone, now)
            for number, each in enumerate(shown, page * ROWS + 1)
        )
        head = (*refusal, *editing_replies.head(channel, len(existing)))
        return Sheet(head, rows, page, pages, version, may_write=not refusal)

    async def _form(self, request: Request, filter_: int) -> Form | Problem:
        now = self._clock()
        channel = await self._channel(request, now)
        if refusal := await self._admitting.of_press(request, channel, filters=True):
            return Problem(refusal)
        version, existing = await self._database.read(_read, channel, now)
        if not filter_:
            empty = Draft(version=version)
            return Form(empty, await self._trial(empty, channel.timezone))
        chosen = next((each for each in existing if each.id == filter_), None)
        if chosen is None:
            return Problem(editing_replies.no_such())
        return await self._filled(chosen, version, channel, now)

    async def _filled(self, chosen: Subscription, version: int, channel: Channel, now: datetime) -> Form:
        draft = _draft(chosen, version)
        return Form(draft, await self._trial(draft, channel.timezone), until=_until(chosen.expires_at, channel, now))

    async def _try(self, request: Request, draft: Draft) -> Reply:
        channel = await self._database.read(channels.find, request.platform, request.address, request.thread)
        return await self._trial(draft, channel.timezone if channel else self._timezone)

    async def _trial(self, draft: Draft, timezone: str) -> Reply:
        if not draft.words.strip():
            return editing_replies.nothing_written(draft.kind)
        now = self._clock()
        try:
            wish = await self._wish(draft, now)
        except query.QueryError as error:
            return editing_replies.wrong(error)
        week = await self._database.read(archive.caught, wish.tree, self._aliases, now, days=WEEK, examples=EXAMPLES)
        advice: Reply = ()
        if week.a_day > MANY_A_DAY and draft.kind == "match":
            narrower = await self._database.read(archive.narrower, wish.tree, self._aliases, now, days=WEEK)
            advice = preview_replies.too_many(week, narrower)
        return (*editing_replies.would_have(week, draft.kind, timezone, now), *wish.remarks, *advice)

    async def _names(self, typed: str) -> tuple[Name, ...]:
        try:
            seen = await self._database.read(archive.authors, typed, self._aliases, self._clock(), prefix=True)
        except query.QueryError:  # no letters at all, or far too many
            return ()
        known = folded_name(typed) in {folded_name(each.name) for each in seen}
        return editing_replies.names(seen[:MOST_NAMES], "" if known else typed)

    async def _wish(self, draft: Draft, now: datetime) -> _Wish:
        """Read a draft. Raises QueryError."""
        end = later(now, _SPANS[draft.lasts]) if draft.kind == "mute" and draft.lasts in _SPANS else None
        marked = draft.kind != "mute"
        wanted = Subscription(
            0, 0, draft.kind, "", "", now, end, urgent=draft.urgent and marked, silent=draft.silent and marked
        )
        if draft.kind != "follow":
            tree = query.parse(text.clean(draft.words))
            hints = tuple(map(replies.line, query.hints(draft.words)))
            return _Wish(replace(wanted, query=format_query(tree)), tree, hints)
        name = text.clean(draft.words.strip(query.QUOTES))
        tree = query.author(name)
        seen = await self._database.read(archive.authors, name, self._aliases, now)
        remarks = () if seen else (editing_replies.never_seen(name),)
        return _Wish(replace(wanted, query=name), tree, remarks)

    async def _save(self, request: Request, draft: Draft) -> Outcome:
        now = self._clock()
        channel = await self._channel(request, now)
        if refusal := await self._admitting.of_press(request, channel, filters=True):
            return Problem(refusal)
        wish = await self._wish(draft, now)
        if draft.kind != "mute" and (obstructed := await self._admitting.obstructed(request, channel, now)):
            return Problem(obstructed)
        match await self._database.write(edits.save, channel, draft, wish.wanted, request.actor, now):
            case edits.Kept(kept, changed):
                until = _until(kept.expires_at, channel, now)
                return Saved(editing_replies.done(kept.kind, kept.query, until, wish.remarks, is_new=changed))
            case edits.Late() as late:
                return await self._conflict(late, draft, channel, now)
            case edits.Full():
                return Problem(editing_replies.full(MOST_FILTERS))
            case None:
                return Problem(editing_replies.no_such())

    async def _change(self, request: Request, change: _Change, done: _Done) -> Outcome:
        now = self._clock()
        channel = await self._channel(request, now)
        if refusal := await self._admitting.of_press(request, channel, filters=True):
            return Problem(refusal)
        match await self._database.write(change, channel, request.actor, now):
            case edits.Kept(kept):
                return Saved(done(kept))
            case edits.Late() as late:
                return Conflict(_overtaken(late, channel, now))
            case None:
                return Problem(editing_replies.no_such())

    async def _conflict(self, late: edits.Late, draft: Draft, channel: Channel, now: datetime) -> Conflict:
        """Put the filter as it is now before whoever wrote a draft of it; where it is gone, the draft as a new one."""
        said = _overtaken(late, channel, now)
        version = await self._database.read(edits.version)
        if late.now is None:
            draft = replace(draft, filter=0, version=version)
            said = (*said, editing_replies.as_a_new_one())
            return Conflict(said, Form(draft, await self._trial(draft, channel.timezone), said))
        said = (*said, editing_replies.yours(draft.kind, draft.words))
        return Conflict(said, replace(await self._filled(late.now, version, channel, now), said=said))

    async def _channel(self, request: Request, now: datetime) -> Channel:
        place = (request.platform, request.address, request.thread, request.title)
        return await self._database.write(channels.ensure, *place, self._timezone, now)


def _read(connection: sqlite3.Connection, channel: Channel, now: datetime) -> tuple[int, tuple[Subscription, ...]]:
    """Read a channel's filters, after the version that they have at least."""
    version = edits.version(connection)
    return version, filters.of_channel(connection, channel.id, now)


def _draft(chosen: Subscription, version: int) -> Draft:
    """Begin with a filter as it is."""
    lasts: Lasts = "ever" if chosen.expires_at is None else "kept"
    return Draft(chosen.id, version, chosen.kind, chosen.query, lasts, urgent=chosen.urgent, silent=chosen.silent)


def _until(end: datetime | None, channel: Channel, now: datetime) -> str:
    return "" if end is None else moments.moment(end, channel.timezone, now)


def _overtaken(late: edits.Late, channel: Channel, now: datetime) -> Reply:
    if late.touch is None:
        return editing_replies.ended(late.was)
    return editing_replies.overtaken(late.touch, late.now or late.was, channel.timezone, now)
