"""Compose what a person sees of the channels that they manage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import text
from bot.buttons import button
from bot.channels import UNTIL_RESUMED
from bot.commands import replies, status_replies, welcome_replies
from bot.commands.examples import Example
from bot.commands.replies import LONGEST_HEADLINE, bold, command
from bot.commands.status_replies import Everything
from bot.languages import say
from bot.model import Channel
from bot.moments import moment
from bot.outbox.history import Last
from bot.outbox.overviews import Summary
from bot.overview_ports import Managed, Overview
from bot.ports import Keyboard, Line, Reply, Span
from bot.sentences import say_line, say_line_count


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of somebody's channels; where it is not certain whose these are, only those that they `changed`."""

    channels: Sequence[Summary]
    is_certain: bool
    changed: Sequence[Channel]
    direct: Summary | None
    offered: Sequence[Example]


def overview(seen: Seen, everything: Everything | None, timezone: str, now: datetime) -> Overview:
    """Show the channels in the order of their names, those that need somebody first; `everything` is for operators."""
    ordered = sorted(seen.channels, key=lambda each: (not each.trouble, each.channel.title.casefold(), each.channel.id))
    known = tuple(_managed(each, now) for each in ordered)
    direct = None if seen.direct is None or not seen.direct.filters else _managed(seen.direct, now)
    return Overview(
        about=_about(seen, direct),
        channels=known if seen.is_certain else tuple(Managed(each) for each in seen.changed),
        direct=direct,
        offered=_offered(seen),
        operators=() if everything is None else _everything(everything, timezone, now),
        help=say_line(
            "{help} lists all that can be typed, here in a message to me or in any channel.", help=command("help")
        ),
    )


def _about(seen: Seen, direct: Managed | None) -> Reply:
    purpose = say_line(
        "{name} watches the political wire and government press releases, and sends at once what you ask for.",
        name=bold("PhiWire Bot"),
    )
    if not seen.is_certain:
        unsure = (
            say_line("I could not learn in which channels you are, so I show only where you have changed filters."),
            say_line("Open one and type {filters} there.", filters=command("filters")),
        )
        return (purpose, *unsure)
    if seen.channels or direct is not None:
        return (purpose,)
    return (
        purpose,
        say_line("Tap an example below, and your first news comes to you in a message from me."),
        say_line(
            "For a channel, type {follow} there: it appears on this page.",
            follow=command("follow Isabel Hardman"),
        ),
    )


def _managed(summary: Summary, now: datetime) -> Managed:
    channel, until = summary.channel, summary.paused_until
    paused = until is not None and until > now
    return Managed(
        channel,
        summary.trouble,
        (
            _state(summary, now),
            (*_filters(summary.filters), Span(" "), *_recent(summary.recent)),
            _last(summary.last, channel.timezone, now),
        ),
        (
            button(say("Edit filters"), "filters", channel.id, "0"),
            button(say("Resume") if paused else say("Pause"), "set", channel.id, "pause", "off" if paused else "on"),
            button(say("Settings"), "panel", channel.id),
        ),
    )


def _state(summary: Summary, now: datetime) -> Line:
    until = summary.paused_until
    if until is not None and until.year == UNTIL_RESUMED.year:
        return say_line("⏸ Paused until somebody resumes: what matches waits.")
    if until is not None and until > now:
        return say_line("⏸ Paused until {time}: what matches waits.", time=_time(until, summary.channel.timezone, now))
    return say_line("Messages come at once.") if not summary.trouble else say_line("Messages wait.")


def _filters(number: int) -> Line:
    return (
        say_line_count(number, "{number:,} filter.", "{number:,} filters.") if number else say_line("No filters yet.")
    )


def _recent(number: int) -> Line:
    if not number:
        return say_line("Nothing came in the last 7 days.")
    return say_line_count(number, "{number:,} message in the last 7 days.", "{number:,} messages in the last 7 days.")


def _last(last: Last | None, timezone: str, now: datetime) -> Line:
    if last is None:
        return say_line("Nothing has been sent there yet.")
    headline = Span(text.shorten(last.headline, LONGEST_HEADLINE) or say("(no headline)"), bold=True, url=last.url)
    return say_line("Last, {time}: {headline}", time=_time(last.at, timezone, now), headline=headline)


def _time(when: datetime, timezone: str, now: datetime) -> Span:
    return Span(moment(when, timezone, now), at=when)


def _offered(seen: Seen) -> Keyboard:
    if seen.direct is None:
        return ()
    channel = seen.direct.channel
    return tuple((welcome_replies.example(each, channel),) for each in seen.offered)


def _everything(everything: Everything, timezone: str, now: datetime) -> Reply:
    """Show the figures and what is in trouble, then the sources that are well. Operators are told in English."""
    well = [each for each in everything.sources if not (each.trouble or each.error)]
    return (
        *status_replies.everything(everything, timezone, now),
        *(replies.sources(well, timezone, now) if well else ()),
    )
