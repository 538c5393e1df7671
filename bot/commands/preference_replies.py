"""Compose replies about one setting that was typed: what it is now, what there is, and what is none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from bot import text
from bot.commands.replies import code, command, line
from bot.commands.zones import Near
from bot.languages import say, sentence
from bot.model import Channel
from bot.ports import Line, Reply
from bot.sentences import say_line

_SAID: Mapping[tuple[str, str], str] = {
    ("silent", "on"): sentence("Messages come without a sound from now on."),
    ("silent", "off"): sentence("Messages come with a sound from now on."),
    ("preview", "none"): sentence("Messages come without a preview of their link from now on."),
    ("preview", "large"): sentence("Messages come with a large preview of their link from now on."),
    ("preview", "small"): sentence("Messages come with a small preview of their link from now on."),
    ("buttons", "on"): sentence("Messages have buttons from now on."),
    ("buttons", "off"): sentence("Messages have no buttons from now on."),
    ("threads", "on"): sentence(
        "From now on what follows on a message goes into its thread: a release's full text, later changes."
    ),
    ("threads", "off"): sentence(
        "Messages say everything themselves from now on, and nothing goes into their threads."
    ),
    ("members", "on"): sentence("All members of this chat may change its filters from now on."),
    ("members", "off"): sentence("Only administrators of this chat may change its filters from now on."),
}


def said(name: str, value: str, channel: Channel, now: datetime) -> Line:
    """Confirm a change."""
    known = _SAID.get((name, value))
    if known is not None:
        return say_line(known)
    time = f"{now.astimezone(ZoneInfo(channel.timezone)):%H:%M}"
    return line(say("The time zone here is {zone}, where it is {time}.", zone=channel.timezone, time=time))


def how(*, has_members: bool, has_threads: bool = False) -> Reply:
    """Say what can be set."""
    message = (
        sentence(
            "There is {silent} or {off}, {preview}, {large} or {none}, {buttons} or {off}, {corrections} or {off}, "
            "{who} or {administrators}, {zone}, {language}, and {template}."
        )
        if has_members
        else sentence(
            "There is {silent} or {off}, {preview}, {large} or {none}, {buttons} or {off}, {corrections} or {off}, "
            "{zone}, {language}, and {template}."
        )
    )
    said = say_line(
        message,
        silent=code("silent on"),
        preview=code("preview small"),
        buttons=code("buttons on"),
        corrections=code("corrections on"),
        who=code("who members"),
        zone=code("zone Europe/Cardiff"),
        language=code("language cymraeg"),
        template=code("template"),
        off="off",
        large="large",
        none="none",
        administrators="administrators",
    )
    shows = say_line("{command} shows how they are. Nothing was changed.", command=command("settings"))
    too = (say_line("There is {threads} or {off}, too.", threads=code("threads on"), off="off"),) if has_threads else ()
    return (said, *too, shows)


def no_zone(asked: str, near: Near | None) -> Reply:
    """Say that there is no such time zone, and which place may have been meant."""
    near = near or Near("Europe/London", "Europe/London")
    named, meant = code(text.shorten(asked, 60)), command(f"settings zone {near.name}")
    said = (
        say_line("I know no time zone or city {name}. Did you mean {meant}?", name=named, meant=meant)
        if near.name == near.zone.replace("_", " ")
        else say_line(
            "I know no time zone or city {name}. Did you mean {meant} ({zone})?",
            name=named,
            meant=meant,
            zone=near.zone,
        )
    )
    return (said, say_line("A time zone is a region and a city. Nothing was changed."))
