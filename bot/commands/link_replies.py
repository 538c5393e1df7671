"""Compose replies about links that copy filters, and about what else a link to the bot can ask for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot import text
from bot.commands import filter_replies
from bot.commands.replies import bold, code, command, line
from bot.filters.links import Wanted
from bot.moments import at
from bot.ports import Reply, Span

MOST_SHOWN = 8


def not_here() -> Reply:
    """Say that the platform has no links that ask a bot for something."""
    how = "Links that copy filters work on Telegram only. Here, "
    return (line(how, command("export"), " shows the filters as lines that ", command("import"), " reads elsewhere."),)


def nothing_to_share() -> Reply:
    """Say that there are no filters."""
    how = "There are no filters here to share yet. "
    return (line(how, command("share Isabel Hardman"), " makes a link that follows an author."),)


def too_many(most: int) -> Reply:
    """Say that so many links wait to be opened."""
    return (line(f"{most} links of this channel wait to be opened, the most there can be. Each ends after a week."),)


def shared(wanted: Sequence[Wanted], home: str, payload: str, end: datetime, timezone: str, now: datetime) -> Reply:
    """Give the link, for a person and for a group."""
    what = code(_written(wanted[0])) if len(wanted) == 1 else f"these {len(wanted)} filters, as they are now"
    return (
        line("Whoever opens this link first gets a copy of ", what, ":"),
        line(_link(f"{home}?start={payload}")),
        line("To bring it into a group instead: ", _link(f"{home}?startgroup={payload}")),
        line(f"It works once, and ends {at(end, timezone, now)}. For somebody else, make another."),
    )


def copied(wanted: Sequence[Wanted], done: Reply) -> Reply:
    """Say what a link brought here."""
    more = len(wanted) - MOST_SHOWN
    return (
        line("From the link:"),
        *(line("• ", code(_written(each))) for each in wanted[:MOST_SHOWN]),
        *((line(f"and {more:,} more"),) if more > 0 else ()),
        *done,
    )


def too_many_filters(most: int) -> Reply:
    """Say that the filters do not fit in; the link can still be used."""
    how = f"With the filters of this link there would be more than {most} here. Nothing was changed: "
    return (line(how, "remove some, and open it again."),)


def own() -> Reply:
    """Say that a link leads here from here."""
    return (line("This link was made here: send it to whom it is meant for. It is unused, and nothing was changed."),)


def used_here(when: datetime, timezone: str, now: datetime) -> Reply:
    """Say that a link was opened here before."""
    return (line(f"This link was opened here {at(when, timezone, now)}: ", command("filters"), " shows what is here."),)


def used() -> Reply:
    """Say that somebody else was first."""
    return _gone("Somebody has used this link already, and it works once.")


def expired(when: datetime, timezone: str, now: datetime) -> Reply:
    """Say that a link is over."""
    return _gone(f"This link ended {at(when, timezone, now)}.")


def unknown() -> Reply:
    """Say that a link is none of ours, or one of long ago."""
    return _gone("I do not know this link: it may be old, cut short, or meant for another bot.")


def searching(home: str) -> Reply:
    """Say how entries are found from any chat."""
    name = f"@{home.rpartition('/')[2]}"
    return (
        line(bold("Find news from any chat"), f": type {name} and what you look for, and tap an entry to paste it."),
        line("• ", code(f"{name} nhs -football"), " — both words count, a minus leaves out"),
        line("• ", code(f'{name} "net zero" OR author:reeves'), " — phrases, authors, either of two"),
        line("• ", code(f"{name} pens*"), " — words that begin so"),
        line("To get such news by itself, say it here: ", command("subscribe nhs -football"), "."),
    )


def _gone(sentence: str) -> Reply:
    how = " Nothing was changed. Ask whoever sent it to make another with "
    return (line(sentence, how, command("share"), ", or begin here: ", command("help"), "."),)


def _link(address: str) -> Span:
    return Span(address, url=address)


def _written(wanted: Wanted) -> str:
    verb = f"{filter_replies.VERBS[wanted.kind]}{'!' if wanted.urgent else ''}"
    return text.shorten(f"{verb} {wanted.query}", 200)
