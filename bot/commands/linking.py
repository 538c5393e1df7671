"""Make links that copy filters into whatever channel they are opened in, and answer those who open one."""

from __future__ import annotations

import re
import secrets
import sqlite3
from datetime import datetime

from bot import audit
from bot.commands import filter_replies, import_replies, link_replies, replies, rights, sharing
from bot.commands.call import Call
from bot.commands.filtering import MOST_FILTERS
from bot.db import Database
from bot.filters import links, query
from bot.filters import store as filters
from bot.filters.links import Wanted
from bot.ports import Reply

MOST_OFFERED = 20
# What Telegram's "start" parameter may be: at most 64 of A-Z, a-z, 0-9, _ and - (core.telegram.org/bots/api).
_PAYLOAD = re.compile(r"(?:follow|filters)-([A-Za-z0-9_-]{22})")
# What the button of the inline mode asks for.
_SEARCHING = "inline"


class Linking:
    """Shares the filters of the channel that a call comes from, and brings shared ones there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def share(self, call: Call) -> Reply:
        """Answer share: a link for the channel's filters, or for what is named."""
        if not call.request.home:
            return link_replies.not_here()
        if call.argument:
            try:
                wanted = sharing.read(_lines(call.argument), call.channel.timezone)
            except sharing.LineError as error:
                return error.reply
        else:
            existing = await self._database.read(filters.of_channel, call.channel.id, call.now)
            wanted = tuple(
                Wanted(each.kind, each.query, each.expires_at, each.urgent, each.silent) for each in existing
            )
        if not wanted:
            return link_replies.nothing_to_share()
        token = secrets.token_urlsafe(16)
        end = await self._database.write(_offer, call, token, wanted)
        if end is None:
            return link_replies.too_many(MOST_OFFERED)
        is_author = len(wanted) == 1 and wanted[0].kind == "follow"
        payload = f"{'follow' if is_author else 'filters'}-{token}"
        return link_replies.shared(wanted, call.request.home, payload, end, call.channel.timezone, call.now)

    async def start(self, call: Call) -> Reply:
        """Answer start with what a link to the bot asks for. A link that fails can be opened again."""
        if not call.request.home:
            return replies.help_reply()
        if call.argument == _SEARCHING:
            return link_replies.searching(call.request.home)
        asked = _PAYLOAD.fullmatch(call.argument)
        if asked is None:
            return link_replies.unknown()
        if refusal := await rights.refusal(call.request, call.channel, filters=True):
            return refusal
        return await self._database.write(_open, call, asked[1])


def _lines(argument: str) -> str:
    """Take the name of an author as one to follow; what begins as a filter is one."""
    verb = argument.partition(" ")[0].casefold().removesuffix("!")
    return argument if verb in filter_replies.VERBS.values() else f"follow {argument.strip(query.QUOTES)}"


def _offer(connection: sqlite3.Connection, call: Call, token: str, wanted: tuple[Wanted, ...]) -> datetime | None:
    """Remember a link and say until when it lasts; None where too many wait."""
    if links.offered(connection, call.channel.id, call.now) >= MOST_OFFERED:
        return None
    actor = call.request.actor
    audit.record(connection, call.channel.id, actor, "share", f"{len(wanted)} filters", call.now)
    return links.make(connection, token, call.channel.id, wanted, actor, call.now)


def _open(connection: sqlite3.Connection, call: Call, token: str) -> Reply:
    """Copy what a link offers, and note that it is used, in one transaction: of two at once one is first."""
    link = links.find(connection, token)
    zone, now = call.channel.timezone, call.now
    if link is None:
        return link_replies.unknown()
    if link.used_at is not None:
        is_here = link.used_by == call.channel.id
        return link_replies.used_here(link.used_at, zone, now) if is_here else link_replies.used()
    if link.expires_at <= now:
        return link_replies.expired(link.expires_at, zone, now)
    if link.channel == call.channel.id:
        return link_replies.own()
    done = sharing.bring(connection, call, link.filters, replacing=False)
    if done is None:
        return link_replies.too_many_filters(MOST_FILTERS)
    links.use(connection, token, call.channel.id, now)
    # Whoever opens a link adds to what is there: nothing needs to be said of the rest.
    done["unnamed"] = 0
    return link_replies.copied(link.filters, import_replies.imported(**done))
