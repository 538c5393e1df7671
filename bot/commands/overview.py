"""Show a person all the channels that they manage, and operators how all of it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot import channels
from bot.commands import overview_replies, replies, status, welcoming
from bot.commands.overview_replies import Seen
from bot.db import Database
from bot.languages import speaking
from bot.model import Channel, Operator
from bot.outbox import overviews
from bot.overview_ports import Overview, Viewer

log = structlog.get_logger("bot.commands")

RECENT = timedelta(days=7)


class Overviewing:
    """Tells each person of the channels of which their platform says that they are a member, and of no others."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        timezone: str,
        operators: Collection[Operator],
    ) -> None:
        self._database = database
        self._clock = clock
        self._timezone = timezone
        self._operators = frozenset(operators)

    async def show(self, viewer: Viewer) -> Overview:
        """Show somebody their channels. Never raises: a bug is logged and the person told."""
        if self._database.outages.problem:
            return Overview(replies.unwritable(self._database.outages.problem))
        try:
            direct = await self._direct(viewer, self._clock())
            with speaking("" if direct is None else direct.language):
                return await self._show(viewer, direct)
        except Exception:  # a page that fails must not silence the bot
            log.exception("overview_broke", platform=viewer.platform)
            return Overview(replies.broken())

    async def _show(self, viewer: Viewer, direct: Channel | None) -> Overview:
        now = self._clock()
        is_operator = bool(viewer.actor_id) and Operator(viewer.platform, viewer.actor_id) in self._operators
        seen = await self._database.read(_seen, viewer, direct, now)
        everything = await self._database.read(status.everything, now) if is_operator else None
        zone = self._timezone if direct is None else direct.timezone
        shown = overview_replies.overview(seen, everything, zone, now)
        return shown if direct is None else replace(shown, language=direct.language)

    async def _direct(self, viewer: Viewer, now: datetime) -> Channel | None:
        """Find somebody's own conversation; the buttons of its examples need its number."""
        if not viewer.direct:
            return None
        place = (viewer.platform, viewer.direct, "")
        known = await self._database.read(channels.find, *place)
        return known or await self._database.write(channels.ensure, *place, "", self._timezone, now)


def _seen(connection: sqlite3.Connection, viewer: Viewer, direct: Channel | None, now: datetime) -> Seen:
    titles = {place.address: place.title for place in viewer.places or ()}
    wanted = [*titles, *(() if direct is None else (direct.address,))]
    found = overviews.of_addresses(connection, viewer.platform, wanted, now - RECENT, now)
    changed: tuple[Channel, ...] = ()
    if viewer.places is None:
        changed = overviews.changed_by(connection, viewer.platform, viewer.within, viewer.actors)
    return Seen(
        channels=tuple(
            replace(each, channel=replace(each.channel, title=titles[each.channel.address] or each.channel.title))
            for each in found
            if each.channel.address in titles
        ),
        is_certain=viewer.places is not None,
        changed=tuple(each for each in changed if each != direct),
        direct=next((each for each in found if direct is not None and each.channel.id == direct.id), None),
        offered=() if direct is None else welcoming.today(connection, direct, now).offered,
    )
