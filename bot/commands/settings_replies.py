"""Compose the settings of a channel: as text with the words that change each, or as a panel of buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot import text
from bot.buttons import button
from bot.channels import UNTIL_RESUMED
from bot.commands import language_replies, templating
from bot.commands.filter_replies import written
from bot.commands.replies import bold, code, command, line
from bot.commands.zones import Near
from bot.model import Channel, Preview, Subscription
from bot.moments import moment
from bot.ports import Keyboard, Line, Reply, Span

A_PAGE = 8
A_ROW = 4
LONGEST_FILTER = 200
_NEXT_PREVIEW: dict[Preview, Preview] = {"small": "large", "large": "none", "none": "small"}


@dataclass(frozen=True, slots=True)
class Settings:
    """A channel with all that can be set for it, and how many filters it has.

    It `has_members` where these and its administrators are not the same.
    """

    channel: Channel
    corrections: bool
    paused_until: datetime | None
    filters: int
    has_members: bool = False


def _on(value: bool) -> str:
    return "on" if value else "off"


def _until(settings: Settings, now: datetime) -> str:
    until = settings.paused_until
    if until is None:
        return "come at once"
    if until.year == UNTIL_RESUMED.year:
        return "paused until you resume"
    return f"paused until {moment(until, settings.channel.timezone, now)}"


def _zone(channel: Channel, now: datetime) -> str:
    return f"{channel.timezone}, where it is {now.astimezone(ZoneInfo(channel.timezone)):%H:%M}"


def _who(channel: Channel) -> str:
    return "all members" if channel.members else "administrators"


def _others(channel: Channel) -> str:
    return "administrators" if channel.members else "members"


def listed(settings: Settings, now: datetime) -> Reply:
    """List the settings with the words that change each."""
    channel = settings.channel
    elsewhere = "" if channel.platform == "telegram" else " (heeded on Telegram)"
    rows: tuple[tuple[str, str, tuple[str, ...]], ...] = (
        ("Filters", f"{settings.filters}", ("filters",)),
        ("Messages", _until(settings, now), ("resume",) if settings.paused_until else ("pause", "pause 2h")),
        ("Corrections", _on(settings.corrections), (f"settings corrections {_on(not settings.corrections)}",)),
        ("Silent", f"{_on(channel.silent)}{elsewhere}", (f"settings silent {_on(not channel.silent)}",)),
        (
            "Link preview",
            f"{channel.preview}{elsewhere}",
            tuple(f"settings preview {each}" for each in _NEXT_PREVIEW if each != channel.preview),
        ),
        ("Buttons", f"{_on(channel.buttons)}{elsewhere}", (f"settings buttons {_on(not channel.buttons)}",)),
        ("Time zone", _zone(channel, now), ("settings zone Europe/Cardiff",)),
        *((("Who may change filters", _who(channel), (f"settings who {_others(channel)}",)),) * settings.has_members),
    )
    return (
        bold_line("Settings of this channel"),
        *(_row(*row) for row in rows),
        language_replies.row(channel),
        templating.row(channel.template),
    )


def bold_line(words: str) -> Line:
    """Make a title."""
    return line(bold(words))


def _row(name: str, value: str, words: Sequence[str]) -> Line:
    parts: list[str | Span] = [f"• {name}: {value} — "]
    for number, each in enumerate(words):
        parts += [", " if number else "", command(each)]
    return line(*parts)


def panel(settings: Settings, now: datetime, done: Reply = ()) -> Reply:
    """Show the settings above the buttons that change them, with what was just done."""
    channel = settings.channel
    return (
        bold_line("Settings"),
        line(f"Messages {_until(settings, now)}{', without a sound' if channel.silent else ''}."),
        line(f"Time zone: {_zone(channel, now)}."),
        templating.row(channel.template),
        *_done(done),
        *_buttons(settings),
    )


def _done(done: Reply) -> Reply:
    return ((), *done[:1]) if done else ()


def _buttons(settings: Settings) -> Keyboard:
    channel, number = settings.channel, settings.channel.id
    paused = settings.paused_until is not None

    def switch(label: str, name: str, value: bool) -> Span:
        return button(f"{label}: {_on(value)}", "set", number, name, _on(not value))

    preview = button(f"Preview: {channel.preview}", "set", number, "preview", _NEXT_PREVIEW[channel.preview])
    return (
        (
            button(f"Filters ({settings.filters})", "filters", number, "0"),
            button("Resume" if paused else "Pause", "set", number, "pause", _on(not paused)),
        ),
        (switch("Corrections", "corrections", settings.corrections), switch("Silent", "silent", channel.silent)),
        (preview, switch("Buttons", "buttons", channel.buttons)),
        *(
            ((button(f"Filters changed by {_who(channel)}", "set", number, "who", _others(channel)),),)
            * settings.has_members
        ),
        (button("Time zone", "zones", number), language_replies.turning(channel)),
        (button("Done", "close", number),),
    )


def closed(settings: Settings, now: datetime) -> Reply:
    """Show the settings without buttons."""
    return (*panel(settings, now)[:4], line(command("settings"), " opens them again."))


def zones(settings: Settings, offered: Sequence[str], now: datetime) -> Reply:
    """Offer common time zones, and say how another is typed."""
    number = settings.channel.id
    choices = [button(name, "set", number, "zone", str(place)) for place, name in enumerate(offered)]
    return (
        bold_line("Time zone"),
        line(f"Now {_zone(settings.channel, now)}."),
        line("Any other: ", command("settings zone Europe/Cardiff"), "."),
        *(tuple(choices[at : at + 2]) for at in range(0, len(choices), 2)),
        (button("‹ Back", "panel", number),),
    )


def filters(channel: Channel, subscriptions: Sequence[Subscription], page: int, now: datetime, done: Reply) -> Reply:
    """List a page of filters with buttons that remove them."""
    last = max((len(subscriptions) - 1) // A_PAGE, 0)
    page = min(page, last)
    shown = list(enumerate(subscriptions, 1))[page * A_PAGE : (page + 1) * A_PAGE]
    title = f"Filters, page {page + 1} of {last + 1}" if last else "Filters"
    removes = [button(f"✕ {place}", "remove", channel.id, str(each.id), str(page)) for place, each in shown]
    turns = (
        *((button("‹ Page", "filters", channel.id, str(page - 1)),) if page else ()),
        button("‹‹ Back", "panel", channel.id),
        *((button("Page ›", "filters", channel.id, str(page + 1)),) if page < last else ()),
    )
    empty = (line("None yet. Try ", command("follow Isabel Hardman"), " or ", command("subscribe nhs"), "."),)
    return (
        bold_line(title),
        *((_filter(place, each, channel, now) for place, each in shown) if shown else empty),
        *_done(done),
        *(tuple(removes[at : at + A_ROW]) for at in range(0, len(removes), A_ROW)),
        turns,
    )


def _filter(place: int, subscription: Subscription, channel: Channel, now: datetime) -> Line:
    end = subscription.expires_at
    until = "" if end is None else f" until {moment(end, channel.timezone, now)}"
    return line(f"{place}. ", code(text.shorten(written(subscription), LONGEST_FILTER)), until)


def said(name: str, value: str, channel: Channel, now: datetime) -> Line:
    """Confirm a change."""
    match name, value:
        case "silent", "on":
            return line("Messages come without a sound from now on.")
        case "silent", _:
            return line("Messages come with a sound from now on.")
        case "preview", "none":
            return line("Messages come without a preview of their link from now on.")
        case "preview", _:
            return line(f"Messages come with a {value} preview of their link from now on.")
        case "buttons", "on":
            return line("Messages have buttons from now on.")
        case "buttons", _:
            return line("Messages have no buttons from now on.")
        case "members", "on":
            return line("All members of this chat may change its filters from now on.")
        case "members", _:
            return line("Only administrators of this chat may change its filters from now on.")
        case _:
            return line(f"The time zone here is {_zone(channel, now)}.")


def how(*, has_members: bool) -> Reply:
    """Say what can be set."""
    who = (code("who members"), " or administrators, ") if has_members else ()
    return (
        line(
            *("There is ", code("silent on"), " or off, ", code("preview small"), ", large or none, "),
            *(code("buttons on"), " or off, ", code("corrections on"), " or off, ", *who),
            *(code("zone Europe/Cardiff"), ", ", code("language cymraeg"), ", and ", code("template"), "."),
        ),
        line(command("settings"), " shows how they are. Nothing was changed."),
    )


def no_zone(asked: str, near: Near | None) -> Reply:
    """Say that there is no such time zone, and which place may have been meant."""
    near = near or Near("Europe/London", "Europe/London")
    where = "" if near.name == near.zone.replace("_", " ") else f" ({near.zone})"
    meant = command(f"settings zone {near.name}")
    return (
        line("I know no time zone or city ", code(text.shorten(asked, 60)), ". Did you mean ", meant, where, "?"),
        line("A time zone is a region and a city. Nothing was changed."),
    )
