"""Take a channel's filters out as text that people can edit, and in again."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import TypedDict
from zoneinfo import ZoneInfo

from bot import audit, durations, telling, text
from bot.commands import filter_replies, import_replies, templating
from bot.commands.call import Call
from bot.commands.filtering import MOST_FILTERS, same_filter
from bot.db import Database
from bot.filters import query
from bot.filters import store as filters
from bot.filters.links import Wanted
from bot.filters.reading import query_of
from bot.filters.tree import format_query
from bot.model import Channel, Subscription, SubscriptionKind
from bot.ports import Reply
from bot.template import TemplateError

# As many characters as fit into one message on every platform, with the mark-up around them.
PAGE = 2500
_KINDS: dict[str, SubscriptionKind] = {"follow": "follow", "subscribe": "match", "mute": "mute"}
_END = re.compile(r"(.+) until (\d{4}-\d{2}-\d{2}) (\d{2}:\d{2})")
# Where one line is all that can be typed, a semicolon before a verb ends one, too.
_LINES = re.compile(r"\n|;\s*(?=(?:(?:silent\s+)?(?:follow!?|subscribe!?|mute)|template)\s)", re.IGNORECASE)
_TEMPLATE = re.compile(rf"{templating.WORD}\s+(\S.*)", re.IGNORECASE)


class LineError(ValueError):
    """A line that is no filter; the reply says which and why."""

    def __init__(self, reply: Reply) -> None:
        super().__init__("a line is no filter")
        self.reply = reply


class Imported(TypedDict):
    """How many filters an import added, gave a new end, found there, removed, left out as over, and did not name."""

    added: int
    changed: int
    kept: int
    removed: int
    ended: int
    unnamed: int


class Sharing:
    """Exports and imports the filters of the channel that a call comes from."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(self, call: Call) -> Reply:
        """Answer export: pages of lines that import reads."""
        existing = await self._database.read(filters.of_channel, call.channel.id, call.now)
        lines = [line_of(each, call.channel.timezone) for each in existing]
        if call.channel.template:
            lines.append(f"{templating.WORD} {templating.on_one_line(call.channel.template)}")
        pages = list(_pages(iter(lines)))
        wanted = int(call.argument) if re.fullmatch("[1-9][0-9]{0,2}", call.argument) else 1
        if not 1 <= wanted <= max(len(pages), 1):
            return import_replies.no_page(wanted, len(pages))
        return import_replies.exported(pages, wanted)

    async def import_(self, call: Call) -> Reply:
        """Answer import: all lines or none."""
        word, _, rest = call.argument.partition("\n" if call.argument.startswith("replace\n") else " ")
        replacing = word.casefold() == "replace"
        lines, template = _split(rest if replacing else call.argument)
        try:
            wanted = read("\n".join(lines), call.channel.timezone)
            if template:
                telling.checked(template)
        except LineError as error:
            return error.reply
        except TemplateError as error:
            return templating.refused(error)
        if not wanted and not template:
            return import_replies.how_to_import()
        if len(wanted) > MOST_FILTERS:
            return import_replies.too_many(len(wanted), MOST_FILTERS)
        done = await self._database.write(_bring, call, wanted, replacing, template)
        if done is None:
            return import_replies.too_many_with_these(MOST_FILTERS)
        said = import_replies.template_too() if template else ()
        return (*import_replies.imported(**done), *said) if wanted else said


def _split(written: str) -> tuple[list[str], str]:
    """Take the template out of lines to import: the last one, where there are several."""
    lines, template = [], ""
    for each in _LINES.split(written):
        if (found := _TEMPLATE.fullmatch(_bare(each))) is not None:
            template = templating.read(found[1])
            each = ""  # noqa: PLW2901 (the others keep their numbers)
        lines.append(each)
    return lines, template


def _bare(line: str) -> str:
    return text.clean(line).lstrip("/•- ").strip("`")


def line_of(subscription: Subscription, timezone: str) -> str:
    """Write a filter as a line that `read` reads."""
    end = subscription.expires_at
    until = "" if end is None else f" until {end.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M}"
    return f"{'silent ' if subscription.silent else ''}{filter_replies.written(subscription)}{until}"


def read(written: str, timezone: str) -> tuple[Wanted, ...]:
    """Read lines into filters; empty ones and those after a "#" are left out. Raises LineError."""
    found = []
    for number, line in enumerate(_LINES.split(written), 1):
        bare = _bare(line)
        if bare and not bare.startswith("#"):
            found.append(_filter(bare, number, timezone))
    return tuple(dict.fromkeys(found))


def _filter(line: str, number: int, timezone: str) -> Wanted:
    word, _, argument = line.partition(" ")
    is_silent = word.casefold() == "silent"
    if is_silent:
        word, _, argument = argument.partition(" ")
    urgent = word.endswith("!")
    kind = _KINDS.get(word.casefold().removesuffix("!"))
    if kind is None or not argument or ((urgent or is_silent) and kind == "mute"):
        raise LineError(import_replies.no_filter_line(number, line))
    end = None
    if (ending := _END.fullmatch(argument)) is not None:
        argument, day, hour = ending.groups()
        try:
            end = datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=ZoneInfo(timezone))
        except ValueError:
            raise LineError(import_replies.no_filter_line(number, line)) from None
    elif kind == "mute" and durations.split_duration(argument)[1]:
        raise LineError(import_replies.no_end_line(number, argument))
    try:
        tree = query_of(kind, argument)
    except query.QueryError as error:
        raise LineError(import_replies.unreadable_line(number, error)) from error
    return Wanted(kind, argument if kind == "follow" else format_query(tree), end, urgent, is_silent)


def _is_marked_anew(want: Wanted, there: Subscription) -> bool:
    return (want.urgent and not there.urgent) or (want.silent and not there.silent)


def _bring(
    connection: sqlite3.Connection, call: Call, wanted: tuple[Wanted, ...], replacing: bool, template: str
) -> Imported | None:
    done = bring(connection, call, wanted, replacing=replacing and bool(wanted))
    if template and done is not None:
        templating.save(connection, call, template)
    return done


def bring(
    connection: sqlite3.Connection,
    call: Call,
    wanted: tuple[Wanted, ...],
    replacing: bool,
) -> Imported | None:
    """Add what is wanted and not there, in one change that undo takes back as one; None where it is too much."""
    channel: Channel = call.channel
    existing = filters.of_channel(connection, channel.id, call.now)
    ended = {each for each in wanted if each.expires_at is not None and each.expires_at <= call.now}
    same = {each: same_filter(existing, each.kind, each.query) for each in wanted}
    named = {each.id for each in same.values() if each is not None}
    new = [want for want, there in same.items() if there is None and want not in ended]
    changed = [
        there
        for want, there in same.items()
        if there is not None
        and want not in ended
        and (want.expires_at != there.expires_at or _is_marked_anew(want, there))
    ]
    unnamed = [each for each in existing if each.id not in named]
    removed = unnamed if replacing else []
    if len(existing) + len(new) - len(removed) > MOST_FILTERS:
        return None
    change = audit.next_change(connection)
    actor = call.request.actor
    for each in removed:
        filters.remove(connection, each, actor, call.now, change=change)
    for want, there in same.items():
        if want not in ended:
            written = want.query if there is None else there.query
            filters.add(
                connection,
                channel.id,
                want.kind,
                written,
                actor,
                call.now,
                want.expires_at,
                urgent=want.urgent,
                silent=want.silent,
                change=change,
            )
    return Imported(
        added=len(new),
        changed=len(changed),
        kept=len(named) - len(changed),
        removed=len(removed),
        ended=sum(same[each] is None for each in ended),
        unnamed=len(unnamed) - len(removed),
    )


def _pages(lines: Iterator[str]) -> Iterator[str]:
    page = ""
    for line in lines:
        if page and len(page) + len(line) >= PAGE:
            yield page
            page = ""
        page += f"{line}\n"
    if page:
        yield page
