"""Times as people read them: the hour today, with its day near today, with its year far from it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

# A day and a month without a year mean the nearest such day: half a year leaves no doubt.
NEAR = timedelta(days=180)


def moment(when: datetime, timezone: str, now: datetime) -> str:
    """Say a time in the reader's zone, always with its hour, the same in messages, lists and answers.

    Today it is "17:00", within half a year of now "Wed 25 Feb 17:00", further off "25 Feb 2025 17:00".
    """
    local, today = when.astimezone(ZoneInfo(timezone)), now.astimezone(ZoneInfo(timezone))
    if local.date() == today.date():
        return f"{local:%H:%M}"
    if abs(when - now) <= NEAR:
        return f"{local:%a} {local.day} {local:%b %H:%M}"
    return f"{local.day} {local:%b} {local.year} {local:%H:%M}"


def at(when: datetime, timezone: str, now: datetime) -> str:
    """Say when something was: "at 12:00", "on Mon 2 Mar 12:00"."""
    shown = moment(when, timezone, now)
    return f"{'on' if ' ' in shown else 'at'} {shown}"
