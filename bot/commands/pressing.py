"""Do what pressed buttons ask for: a button is a way of typing, with the same rights, records and answers."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

import structlog

from bot import buttons, channels, durations, moments
from bot.buttons import Choice, Press
from bot.commands import filter_replies, managing_replies, pointing, preferring, replies, settings_replies, zones
from bot.commands.admitting import Admitting
from bot.commands.call import Call
from bot.commands.filtering import same_filter
from bot.commands.hearing import turned
from bot.commands.managing import Managing, of_channel
from bot.commands.paged import Paged
from bot.commands.welcoming import Welcoming
from bot.db import Database
from bot.filters import explaining, query
from bot.filters import store as filters
from bot.filters.people import Aliases
from bot.filters.tree import format_query
from bot.languages import say
from bot.model import Channel, Delivery, Subscription
from bot.ports import Keyboard, Pressed, Reply, Request, RightsUnknownError
from bot.sentences import say_line

log = structlog.get_logger("bot.commands")

# Whoever presses twice means once: a mute that ends so little earlier is the same.
TWICE = timedelta(minutes=1)
# What members press where they may change filters: all under messages, examples, and in the panel the filters and the
# way back.
_OF_MEMBERS = buttons.OF_MESSAGES | {"try", "filters", "remove", "panel"}


def _changed() -> Reply:
    return (say_line("That has been corrected meanwhile: please look again."),)


def _nothing_to_mute() -> Reply:
    query = say("QUERY")
    how = replies.command(f"mute {query}")
    return (say_line("Nothing here can be muted by a button: type {command}.", command=how),)


class Pressing:
    """Turns presses into commands, which `answer` answers."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        aliases: Aliases,
        answer: Callable[[Request], Awaitable[Reply]],
        welcoming: Welcoming,
        managing: Managing,
        paged: Paged,
        admitting: Admitting,
    ) -> None:
        self._database = database
        self._clock = clock
        self._aliases = aliases
        self._answer = answer
        self._welcoming = welcoming
        self._managing = managing
        self._paged = paged
        self._admitting = admitting
        # One press of a chat after the other, so that the second one sees what the first has done.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def press(self, request: Request) -> Pressed:
        """Do what a button asks for. Never raises: a bug is logged and the person told."""
        if self._database.outages.problem:
            return Pressed(replies.unwritable(self._database.outages.problem), alert=True)
        lock = self._locks.setdefault(f"{request.platform}:{request.address}", asyncio.Lock())
        try:
            async with lock:
                return await self._press(request)
        except RightsUnknownError:
            return Pressed(replies.rights_unknown(), alert=True)
        except Exception:  # one button's bug must not silence the bot
            log.exception("button_broke", platform=request.platform)
            return Pressed(replies.broken(), alert=True)

    async def _press(self, request: Request) -> Pressed:
        press = buttons.decode(request.text)
        if press is None:
            return Pressed(replies.too_old(), alert=True)
        place = (press.number, request.platform, request.address)
        if press.action in buttons.OF_MESSAGES:
            delivery = await self._database.read(pointing.meant, press, request)
            if delivery is None and press.number == buttons.POINTED:
                return Pressed(pointing.no_news(), alert=True)
            channel = None if delivery is None else delivery.channel
        else:
            delivery, channel = None, await self._database.read(channels.numbered, *place)
        if channel is None:
            return await self._on_managed(press, request)
        if press.action not in buttons.OF_EVERYBODY:
            refusal = await self._admitting.of_press(request, channel, filters=press.action in _OF_MEMBERS)
            if refusal:
                return Pressed(refusal, alert=True)
        # Asked once a press, of the platform as it is now; a button is of this chat, whatever is managed from it.
        belongs = None if request.belongs is None else _allowed
        allowed = replace(request, thread=channel.thread, may_write=_allowed, belongs=belongs, standing=None)
        if delivery is None:
            return await self._press_on(press, allowed, channel)
        known = explaining.explained(delivery, self._aliases)
        pressed = await self._on_message(press, allowed, known)
        return replace(pressed, thread=channel.thread, about=pointing.about(pressed.keyboard, known))

    async def _on_managed(self, press: Press, request: Request) -> Pressed:
        """Do what a button asks for of the channel that is managed from this chat: there is none other left."""
        channel = await self._managing.managed(request)
        if channel is None or channel.id != press.number or press.action in buttons.OF_MESSAGES:
            return Pressed(replies.too_old(), alert=True)
        if (refusal := await self._managing.refusal(request, channel)) is not None:
            return Pressed(refusal, alert=True)
        pressed = await self._press_on(press, of_channel(request, channel), channel)
        panel = None if pressed.panel is None else (managing_replies.named(channel), *pressed.panel)
        said = (managing_replies.named(channel), *pressed.said) if pressed.said else ()
        return replace(pressed, panel=panel, said=said, thread="")

    async def _press_on(self, press: Press, request: Request, channel: Channel) -> Pressed:
        """Do what a button of a channel asks for; it is none of a message."""
        if press.action in {"try", "newest"}:
            return await self._welcoming.press(press, request, channel)
        if press.action == "page":
            return await self._paged.press(press, request, channel)
        return await self._on_panel(press, request, channel)

    async def _type(self, request: Request, words: str) -> Reply:
        return await self._answer(replace(request, text=words))

    async def _existing(self, channel: Channel) -> tuple[Subscription, ...]:
        return await self._database.read(filters.of_channel, channel.id, self._clock())

    async def _on_message(self, press: Press, request: Request, delivery: Delivery) -> Pressed:
        match press.action:
            case "why":
                explained = await self._type(request, "why")
                # Which message is meant, whoever presses sees.
                return Pressed(explained[1:] or explained, alert=True)
            case "follow":
                return await self._follow(press, request, delivery)
            case "mute":
                choices = buttons.mutable(delivery)
                if not choices:
                    return Pressed(_nothing_to_mute(), alert=True)
                return Pressed(keyboard=buttons.what_to_mute(delivery))
            case "span":
                choice = buttons.find(buttons.mutable(delivery), press.choice)
                if choice is None:
                    return Pressed(_changed(), keyboard=buttons.what_to_mute(delivery))
                return Pressed(keyboard=buttons.how_long(delivery, choice))
            case "apply":
                return await self._mute(press, request, delivery)
            case _:
                return Pressed(keyboard=await self._row(delivery))

    async def _row(self, delivery: Delivery) -> Keyboard:
        """Give the row under a message as it is now: whoever is followed already is not offered."""
        existing = await self._existing(delivery.channel)
        names = [each.label for each in buttons.authors(delivery.entry)]
        followed = bool(names) and all(same_filter(existing, "follow", name) is not None for name in names)
        return buttons.under(delivery, followed=followed)

    async def _follow(self, press: Press, request: Request, delivery: Delivery) -> Pressed:
        choices = buttons.authors(delivery.entry)
        if not press.choice and len(choices) > 1:
            return Pressed(keyboard=buttons.whom_to_follow(delivery))
        choice = buttons.find(choices, press.choice) if press.choice else next(iter(choices), None)
        if choice is None:
            return Pressed(_changed(), keyboard=await self._row(delivery))
        return await self._change(request, delivery, f"follow {choice.words}")

    async def _mute(self, press: Press, request: Request, delivery: Delivery) -> Pressed:
        choice = buttons.find(buttons.mutable(delivery), press.choice)
        if choice is None or press.detail not in buttons.TIMES:
            return Pressed(_changed(), keyboard=buttons.what_to_mute(delivery))
        _, span = buttons.TIMES[press.detail]
        if (there := await self._muted(choice, span, delivery)) is not None:
            end = there.expires_at
            zone = delivery.channel.timezone
            until = "" if end is None else moments.moment(end, zone, self._clock())
            said = filter_replies.saved("mute", there.query, until, is_new=False)
            return Pressed((said,), keyboard=await self._row(delivery))
        return await self._change(request, delivery, f"mute {choice.words} {span}".rstrip())

    async def _muted(self, choice: Choice, span: str, delivery: Delivery) -> Subscription | None:
        """Find the mute that does already what is asked for."""
        written = format_query(query.parse(choice.words))
        same = same_filter(await self._existing(delivery.channel), "mute", written)
        if same is None or same.expires_at is None:
            return same
        if not span or same.expires_at < self._clock() + durations.parse_duration(span) - TWICE:
            return None
        return same

    async def _change(self, request: Request, delivery: Delivery, words: str) -> Pressed:
        """Type a command that changes filters; where others read the channel, they learn who did what."""
        before = await self._existing(delivery.channel)
        answer = await self._type(request, words)
        row = await self._row(delivery)
        if await self._existing(delivery.channel) == before:
            return Pressed(answer[:1], keyboard=row)
        undo = say_line("{undo} takes it back.", undo=replies.command("undo"))
        done = replies.line(*answer[0], " ", *undo)
        said = () if request.is_private else (replies.line(f"{request.actor}: ", *done),)
        return Pressed((done,), keyboard=row, said=said)

    async def _on_panel(self, press: Press, request: Request, channel: Channel) -> Pressed:
        done: Reply = ()
        if (words := _typed(press)) is not None:
            done = await self._type(request, words)
        channel = await self._database.read(_again, channel)
        with turned(request, channel):
            return await self._panel(press, request, channel, done)

    async def _panel(self, press: Press, request: Request, channel: Channel, done: Reply) -> Pressed:
        now = self._clock()
        if press.action in {"filters", "remove"}:
            page = int(press.detail if press.action == "remove" else press.choice)
            existing = await self._existing(channel)
            return Pressed(done[:1], panel=settings_replies.filters(channel, existing, page, now, done))
        settings = await self._database.read(preferring.read, Call(request, "settings", "", channel, now))
        match press.action:
            case "zones":
                panel = settings_replies.zones(settings, [say(city) for city, _ in zones.COMMON], now)
            case "close":
                panel = settings_replies.closed(settings, now)
            case _:
                panel = settings_replies.panel(settings, now, done)
        return Pressed(done[:1], panel=panel)


def _typed(press: Press) -> str | None:
    """Say what would be typed for a button of the panel; None where it only shows something."""
    match press:
        case Press(action="remove"):
            return f"unsubscribe id:{press.choice}"
        case Press(action="set", choice="pause"):
            return "pause" if press.detail == "on" else "resume"
        case Press(action="set", choice="zone"):
            return f"settings zone {zones.COMMON[int(press.detail) % len(zones.COMMON)][1]}"
        case Press(action="set"):
            return f"settings {press.choice} {press.detail}"
        case _:
            return None


def _again(connection: sqlite3.Connection, channel: Channel) -> Channel:
    """Read a channel as it is now."""
    return channels.numbered(connection, channel.id, channel.platform, channel.address) or channel


async def _allowed() -> bool:
    return True
