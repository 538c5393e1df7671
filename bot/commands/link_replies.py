"""Compose replies about links that copy filters, and about what else a link to the bot can ask for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot import text
from bot.commands import filter_replies
from bot.commands.replies import bold, code, command, line
from bot.filters.links import Wanted
from bot.languages import say
from bot.moments import at
from bot.ports import Line, Reply, Span
from bot.sentences import say_line, say_line_count

MOST_SHOWN = 8


def not_here() -> Reply:
    """Say that the platform has no links that ask a bot for something."""
    return (
        say_line(
            "Links that copy filters work on Telegram only. Here, {export} shows the filters as lines that {command} "
            "reads elsewhere.",
            export=command("export"),
            command=command("import"),
        ),
    )


def nothing_to_share() -> Reply:
    """Say that there are no filters."""
    return (
        say_line(
            "There are no filters here to share yet. {share} makes a link that follows an author.",
            share=command("share Isabel Hardman"),
        ),
    )


def too_many(most: int) -> Reply:
    """Say that so many links wait to be opened."""
    return (
        say_line(
            "{most} links of this channel wait to be opened, the most there can be. Each ends after a week.", most=most
        ),
    )


def shared(wanted: Sequence[Wanted], home: str, payload: str, end: datetime, timezone: str, now: datetime) -> Reply:
    """Give the link, for a person and for a group."""
    return (
        _copy_of(wanted),
        line(_link(f"{home}?start={payload}")),
        say_line("To bring it into a group instead: {link}", link=_link(f"{home}?startgroup={payload}")),
        say_line("It works once, and ends {moment}. For somebody else, make another.", moment=at(end, timezone, now)),
    )


def _copy_of(wanted: Sequence[Wanted]) -> Line:
    if len(wanted) == 1:
        return say_line("Whoever opens this link first gets a copy of {filter}:", filter=code(_written(wanted[0])))
    return say_line_count(
        len(wanted),
        "Whoever opens this link first gets a copy of this {number} filter, as it is now:",
        "Whoever opens this link first gets a copy of these {number} filters, as they are now:",
    )


def copied(wanted: Sequence[Wanted], done: Reply) -> Reply:
    """Say what a link brought here."""
    more = len(wanted) - MOST_SHOWN
    return (
        say_line("From the link:"),
        *(line("• ", code(_written(each))) for each in wanted[:MOST_SHOWN]),
        *((say_line_count(more, "and {number:,} more", "and {number:,} more"),) if more > 0 else ()),
        *done,
    )


def too_many_filters(most: int) -> Reply:
    """Say that the filters do not fit in; the link can still be used."""
    return (
        say_line(
            "With the filters of this link there would be more than {most} here. Nothing was changed: remove some, and "
            "open it again.",
            most=most,
        ),
    )


def own() -> Reply:
    """Say that a link leads here from here."""
    return (
        say_line("This link was made here: send it to whom it is meant for. It is unused, and nothing was changed."),
    )


def used_here(when: datetime, timezone: str, now: datetime) -> Reply:
    """Say that a link was opened here before."""
    return (
        say_line(
            "This link was opened here {moment}: {filters} shows what is here.",
            moment=at(when, timezone, now),
            filters=command("filters"),
        ),
    )


def used() -> Reply:
    """Say that somebody else was first."""
    return _gone(say("Somebody has used this link already, and it works once."))


def expired(when: datetime, timezone: str, now: datetime) -> Reply:
    """Say that a link is over."""
    return _gone(say("This link ended {moment}.", moment=at(when, timezone, now)))


def unknown() -> Reply:
    """Say that a link is none of ours, or one of long ago."""
    return _gone(say("I do not know this link: it may be old, cut short, or meant for another bot."))


def searching(home: str) -> Reply:
    """Say how entries are found from any chat."""
    title = say("Find news from any chat")
    name = f"@{home.rpartition('/')[2]}"
    return (
        say_line(
            "{title}: type {name} and what you look for, and tap an entry to paste it.",
            title=bold(title),
            name=name,
        ),
        line("• ", code(f"{name} nhs -football"), " — ", say("both words count, a minus leaves out")),
        line("• ", code(f'{name} "net zero" OR author:reeves'), " — ", say("phrases, authors, either of two")),
        line("• ", code(f"{name} pens*"), " — ", say("words that begin so")),
        say_line("To get such news by itself, say it here: {subscribe}.", subscribe=command("subscribe nhs -football")),
    )


def _gone(why: str) -> Reply:
    how = say_line(
        "Nothing was changed. Ask whoever sent it to make another with {share}, or begin here: {help}.",
        share=command("share"),
        help=command("help"),
    )
    return (line(f"{why} ", *how),)


def _link(address: str) -> Span:
    return Span(address, url=address)


def _written(wanted: Wanted) -> str:
    verb = f"{filter_replies.VERBS[wanted.kind]}{'!' if wanted.urgent else ''}"
    return text.shorten(f"{verb} {wanted.query}", 200)
