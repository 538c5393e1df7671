"""Answer `settings`: what a channel has chosen, and what it chooses now."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace
from typing import get_args

from bot import audit, channels
from bot.channels import Preference
from bot.commands import language_replies, preference_replies, replies, settings_replies, zones
from bot.commands.call import Call
from bot.commands.settings_replies import Settings
from bot.commands.templating import Templating
from bot.db import Database
from bot.filters import store as filters
from bot.languages import speaking
from bot.model import Preview
from bot.ports import Reply

_SWITCHES: tuple[tuple[Preference, tuple[str, ...]], ...] = (
    ("silent", ("on", "off")),
    ("buttons", ("on", "off")),
    ("preview", get_args(Preview)),
)
# Who may change the filters, as people say it; on where all members may.
_WHO = {"members": "on", "all members": "on", "everybody": "on", "administrators": "off", "admins": "off"}


class Preferring:
    """Looks after the settings of the channel that a call comes from."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._templating = Templating(database)

    async def settings(self, call: Call) -> Reply:
        """Answer settings, and what is typed after it."""
        if not call.argument:
            settings = await self._database.read(read, call)
            shown = settings_replies.panel if call.request.has_buttons else settings_replies.listed
            return shown(settings, call.now)
        name, value = (*re.split(r"\s+", call.argument, maxsplit=1), "")[:2]
        name, value = name.casefold(), value.strip()
        if name == "template":
            return await self._templating.template(call, value)
        if name == "corrections":
            return await self.corrections(replace(call, argument=value))
        if name == "language":
            return await self._language(call, value)
        if name in {"zone", "timezone"} and value:
            return await self._zone(call, value)
        if name == "who" and value.casefold() in _WHO and call.request.belongs is not None:
            return await self._set(call, "members", _WHO[value.casefold()])
        if name == "threads" and value.casefold() in {"on", "off"} and settings_replies.has_threads(call.channel):
            return await self._set(call, "threads", value.casefold())
        for preference, values in _SWITCHES:
            if name == preference and value.casefold() in values:
                return await self._set(call, preference, value.casefold())
        return preference_replies.how(
            has_members=call.request.belongs is not None, has_threads=settings_replies.has_threads(call.channel)
        )

    async def corrections(self, call: Call) -> Reply:
        """Answer corrections."""
        said = call.argument.casefold()
        if said not in {"", "on", "off"}:
            return replies.missing("corrections", "corrections off")
        if said:
            await self._database.write(_set_corrections, call, said == "on")
        wanted = await self._database.read(channels.corrects, call.channel.id)
        return (replies.corrections(wanted=wanted),)

    async def _zone(self, call: Call, said: str) -> Reply:
        zone = zones.find(said)
        if zone is None:
            return preference_replies.no_zone(said, zones.nearest(said))
        return await self._set(call, "timezone", zone)

    async def _language(self, call: Call, said: str) -> Reply:
        code = language_replies.find(said)
        if not code:
            return language_replies.unknown(said)
        await self._database.write(_prefer, call, "language", code)
        if call.request.is_remote:
            return language_replies.changed_there(code)
        with speaking(code):
            return language_replies.changed(code)

    async def _set(self, call: Call, name: Preference, value: str) -> Reply:
        await self._database.write(_prefer, call, name, value)
        zone = value if name == "timezone" else call.channel.timezone
        return (preference_replies.said(name, value, replace(call.channel, timezone=zone), call.now),)


def read(connection: sqlite3.Connection, call: Call) -> Settings:
    """Read all that can be set for the channel of a call."""
    channel = call.channel
    return Settings(
        channel,
        corrections=channels.corrects(connection, channel.id),
        paused_until=channels.paused_until(connection, channel.id),
        filters=len(filters.of_channel(connection, channel.id, call.now)),
        has_members=call.request.belongs is not None,
    )


def _set_corrections(connection: sqlite3.Connection, call: Call, wanted: bool) -> None:
    channels.set_corrections(connection, call.channel.id, wanted=wanted)
    audit.record(connection, call.channel.id, call.request.actor, "corrections", call.argument, call.now)


def _prefer(connection: sqlite3.Connection, call: Call, name: Preference, value: str) -> None:
    stored = value if name in {"preview", "timezone", "language"} else value == "on"
    channels.set_preference(connection, call.channel.id, name, value=stored)
    audit.record(connection, call.channel.id, call.request.actor, name, value, call.now)
