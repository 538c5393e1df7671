"""Times as people read them: the hour today, with its day near today, with its year far from it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.languages import say, sentence

# A day and a month without a year mean the nearest such day: half a year leaves no doubt.
NEAR = timedelta(days=180)
_DAYS = (
    sentence("Mon"),
    sentence("Tue"),
    sentence("Wed"),
    sentence("Thu"),
    sentence("Fri"),
    sentence("Sat"),
    sentence("Sun"),
)
_MONTHS = (
    sentence("Jan"),
    sentence("Feb"),
    sentence("Mar"),
    sentence("Apr"),
    sentence("May"),
    sentence("Jun"),
    sentence("Jul"),
    sentence("Aug"),
    sentence("Sep"),
    sentence("Oct"),
    sentence("Nov"),
    sentence("Dec"),
)


def moment(when: datetime, timezone: str, now: datetime) -> str:
    """Say a time in the reader's zone, always with its hour, the same in messages, lists and answers.

    Today it is "17:00", within half a year of now "Wed 25 Feb 17:00", further off "25 Feb 2025 17:00".
    """
    local, today = when.astimezone(ZoneInfo(timezone)), now.astimezone(ZoneInfo(timezone))
    time, month = f"{local:%H:%M}", say(_MONTHS[local.month - 1])
    if local.date() == today.date():
        return time
    if abs(when - now) <= NEAR:
        return say("{day} {date} {month} {time}", day=weekday(local), date=local.day, month=month, time=time)
    return say("{date} {month} {year} {time}", date=local.day, month=month, year=local.year, time=time)


def at(when: datetime, timezone: str, now: datetime) -> str:
    """Say when something was or will be: "at 12:00", "on Mon 2 Mar 12:00", "on 2 Mar 2025 12:00"."""
    shown, zone = moment(when, timezone, now), ZoneInfo(timezone)
    if when.astimezone(zone).date() == now.astimezone(zone).date():
        return say("at {time}", time=shown)
    # Two messages, for languages with a word of their own before the name of a day.
    return say("on {weekday}", weekday=shown) if abs(when - now) <= NEAR else say("on {date}", date=shown)


def weekday(day: date) -> str:
    """Name the day of the week."""
    return say(_DAYS[day.weekday()])
