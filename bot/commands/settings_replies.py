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
from bot.languages import say, sentence
from bot.model import Channel, Preview, Subscription
from bot.moments import moment
from bot.ports import Keyboard, Line, Reply, Span
from bot.sentences import say_line

A_PAGE = 8
A_ROW = 4
LONGEST_FILTER = 200
_NEXT_PREVIEW: dict[Preview, Preview] = {"small": "large", "large": "none", "none": "small"}
_PREVIEWS: dict[Preview, str] = {"small": sentence("small"), "large": sentence("large"), "none": sentence("none")}


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
    """Write a switch as it is typed."""
    return "on" if value else "off"


def _said(value: bool) -> str:
    """Say how a switch is."""
    return say("on") if value else say("off")


def _until(settings: Settings, now: datetime) -> str:
    until = settings.paused_until
    if until is None:
        return say("come at once")
    if until.year == UNTIL_RESUMED.year:
        return say("paused until you resume")
    return say("paused until {time}", time=moment(until, settings.channel.timezone, now))


def _messages(settings: Settings, now: datetime) -> str:
    until, silent = settings.paused_until, settings.channel.silent
    if until is None:
        return say("Messages come at once, without a sound.") if silent else say("Messages come at once.")
    if until.year == UNTIL_RESUMED.year:
        return (
            say("Messages are paused until you resume, without a sound.")
            if silent
            else say("Messages are paused until you resume.")
        )
    time = moment(until, settings.channel.timezone, now)
    if silent:
        return say("Messages are paused until {time}, without a sound.", time=time)
    return say("Messages are paused until {time}.", time=time)


def _time(channel: Channel, now: datetime) -> str:
    return f"{now.astimezone(ZoneInfo(channel.timezone)):%H:%M}"


def _others(channel: Channel) -> str:
    """Write who else could change the filters, as it is typed."""
    return "administrators" if channel.members else "members"


def listed(settings: Settings, now: datetime) -> Reply:
    """List the settings with the words that change each."""
    channel = settings.channel
    rows: tuple[tuple[str, tuple[str, ...]], ...] = (
        (say("Filters: {number}", number=settings.filters), ("filters",)),
        (
            say("Messages: {value}", value=_until(settings, now)),
            ("resume",) if settings.paused_until else ("pause", "pause 2h"),
        ),
        (
            say("Corrections: {value}", value=_said(settings.corrections)),
            (f"settings corrections {_on(not settings.corrections)}",),
        ),
        (
            say("Silent: {value}", value=_heeded(_said(channel.silent), channel)),
            (f"settings silent {_on(not channel.silent)}",),
        ),
        (
            say("Link preview: {value}", value=_heeded(say(_PREVIEWS[channel.preview]), channel)),
            tuple(f"settings preview {each}" for each in _NEXT_PREVIEW if each != channel.preview),
        ),
        (
            say("Buttons: {value}", value=_buttoned(channel)),
            (f"settings buttons {_on(not channel.buttons)}",),
        ),
        *(
            (
                (
                    say("Threads: {value}", value=_said(channel.threads)),
                    (f"settings threads {_on(not channel.threads)}",),
                ),
            )
            * has_threads(channel)
        ),
        (_zone(channel, now), ("settings zone Europe/Cardiff",)),
        *(((_who(channel), (f"settings who {_others(channel)}",)),) * settings.has_members),
    )
    return (
        bold_line(say("Settings of this channel")),
        *(_row(*row) for row in rows),
        language_replies.row(channel),
        templating.row(channel.template),
    )


def _heeded(value: str, channel: Channel) -> str:
    return value if channel.platform == "telegram" else say("{value} (heeded on Telegram)", value=value)


def _buttoned(channel: Channel) -> str:
    said = _said(channel.buttons)
    return said if channel.platform == "slack" else _heeded(said, channel)


def _zone(channel: Channel, now: datetime) -> str:
    return say("Time zone: {zone}, where it is {time}", zone=channel.timezone, time=_time(channel, now))


def _who(channel: Channel) -> str:
    if channel.members:
        return say("Who may change filters: all members")
    return say("Who may change filters: administrators")


def bold_line(words: str) -> Line:
    """Make a title."""
    return line(bold(words))


def _row(shown: str, words: Sequence[str]) -> Line:
    parts: list[str | Span] = [f"• {shown} — "]
    for number, each in enumerate(words):
        parts += [", " if number else "", command(each)]
    return line(*parts)


def panel(settings: Settings, now: datetime, done: Reply = ()) -> Reply:
    """Show the settings above the buttons that change them, with what was just done."""
    channel = settings.channel
    return (
        bold_line(say("Settings")),
        line(_messages(settings, now)),
        line(say("Time zone: {zone}, where it is {time}.", zone=channel.timezone, time=_time(channel, now))),
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
        return button(say(label, value=_said(value)), "set", number, name, _on(not value))

    shown = say("Preview: {value}", value=say(_PREVIEWS[channel.preview]))
    preview = button(shown, "set", number, "preview", _NEXT_PREVIEW[channel.preview])
    by = say("Filters changed by all members") if channel.members else say("Filters changed by administrators")
    return (
        (
            button(say("Filters ({number})", number=settings.filters), "filters", number, "0"),
            button(say("Resume") if paused else say("Pause"), "set", number, "pause", _on(not paused)),
        ),
        *_looks(
            switch(sentence("Corrections: {value}"), "corrections", settings.corrections),
            switch(sentence("Buttons: {value}"), "buttons", channel.buttons),
            silent=switch(sentence("Silent: {value}"), "silent", channel.silent),
            preview=preview,
            threads=switch(sentence("Threads: {value}"), "threads", channel.threads) if has_threads(channel) else None,
        ),
        *(((button(by, "set", number, "who", _others(channel)),),) * settings.has_members),
        (button(say("Time zone"), "zones", number), language_replies.turning(channel)),
        (button(say("Done"), "close", number),),
    )


def _looks(corrections: Span, buttons: Span, *, silent: Span, preview: Span, threads: Span | None) -> Keyboard:
    """Lay out what changes messages: where they have threads, nothing makes a sound or shows a preview by our will."""
    return ((corrections, silent), (preview, buttons)) if threads is None else ((corrections, buttons), (threads,))


def has_threads(channel: Channel) -> bool:
    """Tell whether what follows on a message can stand in a thread of its own."""
    return channel.platform == "slack"


def closed(settings: Settings, now: datetime) -> Reply:
    """Show the settings without buttons."""
    return (*panel(settings, now)[:4], say_line("{command} opens them again.", command=command("settings")))


def zones(settings: Settings, offered: Sequence[str], now: datetime) -> Reply:
    """Offer common time zones, and say how another is typed."""
    number = settings.channel.id
    choices = [button(name, "set", number, "zone", str(place)) for place, name in enumerate(offered)]
    return (
        bold_line(say("Time zone")),
        line(say("Now {zone}, where it is {time}.", zone=settings.channel.timezone, time=_time(settings.channel, now))),
        say_line("Any other: {command}.", command=command("settings zone Europe/Cardiff")),
        *(tuple(choices[at : at + 2]) for at in range(0, len(choices), 2)),
        (button(say("‹ Back"), "panel", number),),
    )


def filters(channel: Channel, subscriptions: Sequence[Subscription], page: int, now: datetime, done: Reply) -> Reply:
    """List a page of filters with buttons that remove them."""
    last = max((len(subscriptions) - 1) // A_PAGE, 0)
    page = min(page, last)
    shown = list(enumerate(subscriptions, 1))[page * A_PAGE : (page + 1) * A_PAGE]
    title = say("Filters, page {page} of {pages}", page=page + 1, pages=last + 1) if last else say("Filters")
    removes = [button(f"✕ {place}", "remove", channel.id, str(each.id), str(page)) for place, each in shown]
    turns = (
        *((button(say("‹ Page"), "filters", channel.id, str(page - 1)),) if page else ()),
        button(say("‹‹ Back"), "panel", channel.id),
        *((button(say("Page ›"), "filters", channel.id, str(page + 1)),) if page < last else ()),
    )
    empty = (
        say_line(
            "None yet. Try {follow} or {subscribe}.",
            follow=command("follow Isabel Hardman"),
            subscribe=command("subscribe nhs"),
        ),
    )
    return (
        bold_line(title),
        *((_filter(place, each, channel, now) for place, each in shown) if shown else empty),
        *_done(done),
        *(tuple(removes[at : at + A_ROW]) for at in range(0, len(removes), A_ROW)),
        turns,
    )


def _filter(place: int, subscription: Subscription, channel: Channel, now: datetime) -> Line:
    end = subscription.expires_at
    shown = code(text.shorten(written(subscription), LONGEST_FILTER))
    if end is None:
        return line(f"{place}. ", shown)
    return line(f"{place}. ", *say_line("{filter} until {time}", filter=shown, time=moment(end, channel.timezone, now)))
