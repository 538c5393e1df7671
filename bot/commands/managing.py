"""Let administrators manage a broadcast channel from their private chat: what they type there acts on it.

request | is a channel managed from here? | does the person still administer it? | the same request, of the channel
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot import audit, channels, managing
from bot.commands import managing_replies
from bot.commands.call import Call
from bot.commands.parser import OF_OPERATORS, Command
from bot.db import Database
from bot.model import Channel
from bot.ports import Place, Reply, Request, Standing

# What is the private chat's own, whatever is managed from it: what operators type is of no channel.
_OWN = frozenset({"manage", "help"}) | OF_OPERATORS
_NAMED = re.compile(r"(-[0-9]{1,20})(?: (.*))?")
# core.telegram.org/method/channels.checkUsername: 5 to 32 letters, digits and underscores; bought ones are shorter.
_PUBLIC = re.compile(r"(?:(?:https?://)?t\.me/|@)([a-z][a-z0-9_]{3,31})", re.ASCII | re.IGNORECASE)


class Managing:
    """Turns what is typed in a private chat into what is typed in the channel that is managed from there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def through(self, request: Request, command: Command, answer: Callable[[Request], Awaitable[Reply]]) -> Reply:
        """Answer a command, in the name of a channel where one is managed. Raises RightsUnknownError."""
        of_message = command.name == "why" and command.argument.partition(" ")[0].casefold() != "not"
        # What is answered here came here, as what is tapped here did.
        is_own = command.name in _OWN or (of_message and bool(request.replied_to))
        channel = None if is_own else await self.managed(request)
        if channel is None:
            return await answer(request)
        if (refusal := await self.refusal(request, channel)) is not None:
            return refusal
        if of_message:
            return managing_replies.why_there(channel)
        return (managing_replies.named(channel), *await answer(of_channel(request, channel)))

    async def managed(self, request: Request) -> Channel | None:
        """Find the channel that is managed from where a request comes from."""
        if not request.is_private or request.standing is None:
            return None
        return await self._database.read(managing.managed, request.platform, request.address)

    async def refusal(self, request: Request, channel: Channel) -> Reply | None:
        """Ask anew whether a person may decide in a channel, and say why not; who may no more manages it no more."""
        match await _standing(request, channel.address):
            case "bot is none":
                return managing_replies.bot_is_none(channel.title)
            case "no administrator":
                await self._database.write(managing.end, request.platform, request.address)
                return managing_replies.not_yours(channel.title)
            case _:
                return None

    async def manage(self, call: Call) -> Reply:
        """Answer manage: offer the channels, take the one that was chosen, or end it."""
        request = call.request
        if not request.is_private or request.standing is None:
            return managing_replies.not_here()
        channel = await self.managed(request)
        if call.argument.casefold() == "off":
            await self._database.write(managing.end, request.platform, request.address)
            return managing_replies.ended(channel)
        if (public := _PUBLIC.fullmatch(call.argument)) is not None and request.find is not None:
            place = await request.find(f"@{public[1]}")
            return managing_replies.bot_is_none(f"@{public[1]}") if place is None else await self._take(call, place)
        chosen = _NAMED.fullmatch(call.argument)
        if chosen is None:
            return managing_replies.which(channel, request.home)
        return await self._take(call, Place(chosen[1], chosen[2] or ""))

    async def _take(self, call: Call, place: Place) -> Reply:
        """Let a channel be managed from here, where bot and person may do so."""
        match await _standing(call.request, place.address):
            case "bot is none":
                return managing_replies.bot_is_none(place.title)
            case "no administrator":
                return managing_replies.not_yours(place.title)
            case _:
                return managing_replies.begun(await self._database.write(_begin, call, place))


async def _standing(request: Request, address: str) -> Standing:
    assert request.standing is not None
    return await request.standing(address)


def of_channel(request: Request, channel: Channel) -> Request:
    """Write a request as if it came from a channel; the person's right was asked just before."""
    return replace(
        request,
        address=channel.address,
        thread=channel.thread,
        title=channel.title,
        replied_to="",
        may_write=_allowed,
        belongs=None,
        standing=None,
        is_remote=True,
    )


async def _allowed() -> bool:
    return True


def _begin(connection: sqlite3.Connection, call: Call, place: Place) -> Channel:
    zone = call.channel.timezone
    channel = channels.ensure(
        connection, call.request.platform, place.address, "", place.title, zone, call.now, call.channel.language
    )
    managing.begin(connection, call.channel.id, channel.id, call.now)
    audit.record(connection, channel.id, call.request.actor, "manage", "", call.now)
    return channel
