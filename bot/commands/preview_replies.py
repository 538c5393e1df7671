"""Compose replies about what a filter would have brought, before it brings anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.commands.caught import MANY_A_DAY, Caught
from bot.commands.replies import bold, code, entry, line
from bot.filters.tree import Query, format_query
from bot.languages import say, say_count
from bot.model import SubscriptionKind
from bot.moments import weekday
from bot.ports import Line, Reply
from bot.sentences import say_line, say_line_count

_BARS = "▁▂▃▄▅▆▇█"


def caught(caught: Caught, kind: SubscriptionKind, timezone: str, now: datetime) -> Reply:
    """Say briefly what a filter would have caught lately, with the newest examples."""
    return (
        line((_would_mute if kind == "mute" else _would_match)(caught)),
        *(entry(each, timezone, now) for each in caught.examples),
    )


def _would_match(caught: Caught) -> str:
    number, days, reach = len(caught.moments), caught.days, _reach(caught)
    if not number:
        return say("Nothing in the last {days} days would have matched it{reach}.", days=days, reach=reach)
    if number <= len(caught.examples):
        return say_count(
            number,
            "In the last {days} days {number:,} entry would have matched it{reach}:",
            "In the last {days} days {number:,} entries would have matched it{reach}:",
            days=days,
            reach=reach,
        )
    return say_count(
        number,
        "In the last {days} days {number:,} entry would have matched it{reach}, such as:",
        "In the last {days} days {number:,} entries would have matched it{reach}, such as:",
        days=days,
        reach=reach,
    )


def _would_mute(caught: Caught) -> str:
    number, days, reach = len(caught.moments), caught.days, _reach(caught)
    if not number:
        return say("Nothing in the last {days} days would have been muted by it{reach}.", days=days, reach=reach)
    if number <= len(caught.examples):
        return say_count(
            number,
            "In the last {days} days {number:,} entry would have been muted by it{reach}:",
            "In the last {days} days {number:,} entries would have been muted by it{reach}:",
            days=days,
            reach=reach,
        )
    return say_count(
        number,
        "In the last {days} days {number:,} entry would have been muted by it{reach}, such as:",
        "In the last {days} days {number:,} entries would have been muted by it{reach}, such as:",
        days=days,
        reach=reach,
    )


def preview(query: str, month: Caught, week: Caught, timezone: str, now: datetime) -> Reply:
    """Show what a query would have caught in a month and in a week, day by day, with the newest examples."""
    if not month.moments:
        return (
            say_line(
                "{query} would have matched nothing in the last {days} days{reach}.",
                query=code(query),
                days=month.days,
                reach=_reach(month),
            ),
        )
    zone = ZoneInfo(timezone)
    by_day = Counter(each.astimezone(zone).date() for each in month.moments)
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=ago) for ago in range(month.days - 1, -1, -1)]
    return (
        say_line_count(
            len(month.moments),
            "{query} would have matched {number:,} entry in the last {days} days, {week:,} of them in the last 7",
            "{query} would have matched {number:,} entries in the last {days} days, {week:,} of them in the last 7",
            query=code(query),
            days=month.days,
            week=len(week.moments),
        ),
        say_line(
            "{bars} a day, {most:,} at the most{reach}",
            bars=code(_bars([by_day[day] for day in days])),
            most=max(by_day.values()),
            reach=_reach(month),
        ),
        line(" · ".join(_day(day, by_day[day]) for day in days[-week.days :])),
        *(entry(each, timezone, now) for each in month.examples),
    )


def _day(day: date, count: int) -> str:
    return say("{weekday} {day}: {number:,}", weekday=weekday(day), day=day.day, number=count)


def _bars(counts: Sequence[int]) -> str:
    """Draw a bar for each count; a day without any is a dot."""
    most = max(counts) or 1
    return "".join(_BARS[-(-count * len(_BARS) // most) - 1] if count else "·" for count in counts)


def _reach(caught: Caught) -> str:
    """Say so, as an aside with a space before it, where the wire does not reach back as far as was asked."""
    if caught.reach >= caught.days - 1:
        return ""
    days = max(round(caught.reach), 1)
    aside = say_count(days, "(this wire reaches back {number:,} day)", "(this wire reaches back {number:,} days)")
    return f" {aside}"


def too_many(caught: Caught, narrower: Sequence[tuple[Query, Caught]]) -> Reply:
    """Warn of a filter that brings more than anybody reads, and say how to narrow it."""
    how = (
        say_line(
            "Narrow it with {subscribe} and another word, all of which must be there, or leave something out with a -, "
            "such as:",
            subscribe=code("subscribe"),
        )
        if narrower
        else say_line(
            "Narrow it with {subscribe} and another word, all of which must be there, or leave something out with a -.",
            subscribe=code("subscribe"),
        )
    )
    number = f"{caught.a_day:,.0f}"
    return (
        line(
            "⚠ ",
            bold(say("That is about {number} a day.", number=number)),
            " ",
            say("More than {number} a day is more than most people read.", number=MANY_A_DAY),
        ),
        how,
        *(line("• ", *_brings(each, less)) for each, less in narrower),
    )


def _brings(query: Query, caught: Caught) -> Line:
    number = f"{caught.a_day:,.0f}"
    return say_line("{query} brings about {number} a day", query=code(format_query(query)), number=number)
