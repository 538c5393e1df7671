"""Times as pages write them, resolved to instants in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from dateutil import parser as dates

from bot.sources.markup import squash

CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
# A page may be some minutes ahead of our clock.
AHEAD = timedelta(minutes=5)

_OFFSETS = {"UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3}
_OFFSETS |= {"EDT": -4, "EST": -5, "CDT": -5, "CST": -6, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8}
_AGO = re.compile(
    r"(?:about\s+)?(\d{1,4}|an?)\s*(s|sec|second|m|min|minute|h|hr|hour|d|day|w|week)s?\s+ago", re.IGNORECASE
)
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_DAY = re.compile(r"(today|yesterday)\b[\s,]*(?:at\s+)?(?:([01]?\d|2[0-3]):([0-5]\d))?", re.IGNORECASE)
_MONTH = re.compile(
    r"\d.*\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\b|"
    r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\b.*\d",
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"\b\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b")
_YEAR = re.compile(r"\b\d{4}\b|\d[-/.]\d{1,2}[-/.]\d{2}\b")
_YEAR_FIRST = re.compile(r"\b\d{4}[-/.]\d")
_LONGEST = 80


def clock(text: str) -> time | None:
    """Read a bare HH:MM."""
    form = CLOCK.fullmatch(text.strip())
    return time(int(form[1]), int(form[2])) if form else None


def latest(wall: time, zone: ZoneInfo, limit: datetime) -> datetime | None:
    """Find the last instant, not after `limit`, at which clocks in `zone` show `wall`; in UTC.

    The one rule for times without a date. It crosses midnight by itself, takes the right one of the two equal hours in
    autumn, and passes over the day in spring on which the time does not exist.
    """
    try:
        today = limit.astimezone(zone).date()
        for back in range(-1, 4):
            day = today - timedelta(days=back)
            for fold in (1, 0):
                instant = datetime.combine(day, wall, tzinfo=zone).replace(fold=fold).astimezone(UTC)
                if instant <= limit and instant.astimezone(zone).time() == wall:
                    return instant
    except OverflowError:
        pass
    return None


def parse_time(text: str, zone: ZoneInfo, now: datetime, limit: datetime | None = None) -> datetime | None:
    """Read ISO 8601, HH:MM (not after `limit`), "2 hours ago", "yesterday 17:52" or a written date; None if it is none.

    Without an offset the time is local to `zone`. Numeric dates are read day first, month first in American zones.
    """
    text = squash(text)
    if not text or len(text) > _LONGEST:
        return None
    wall = clock(text)
    if wall is not None:
        return latest(wall, zone, limit if limit is not None else now + AHEAD)
    try:
        return parse_iso(text, zone) or _relative(text, zone, now) or _written(text, zone, now)
    except (ValueError, TypeError, LookupError, ArithmeticError):  # dateutil raises all of these on odd input
        return None


def parse_iso(text: str, zone: ZoneInfo) -> datetime | None:
    """Read a full ISO 8601 date, with or without a time, in UTC."""
    text = text.strip()
    if not re.match(r"\d{4}-?\d\d-?\d\d", text):
        return None
    try:
        return _utc(datetime.fromisoformat(text), zone)
    except (ValueError, OverflowError):
        return None


def _utc(moment: datetime, zone: ZoneInfo) -> datetime:
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).astimezone(UTC)


def _relative(text: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    if text.casefold() in {"now", "just now"}:
        return now.astimezone(UTC)
    ago = _AGO.fullmatch(text)
    if ago:
        count = int(ago[1]) if ago[1].isdigit() else 1
        return now.astimezone(UTC) - timedelta(seconds=count * _UNITS[ago[2][0].lower()])
    day = _DAY.fullmatch(text)
    if day:
        date = now.astimezone(zone).date() - timedelta(days=day[1].casefold() == "yesterday")
        return _utc(datetime.combine(date, time(int(day[2] or 0), int(day[3] or 0))), zone)
    return None


def _written(text: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    # dateutil reads almost anything ("May", "10") as some date: only what has a day and a month is one.
    if not (_MONTH.search(text) or _NUMERIC.search(text)):
        return None

    def offset(name: str | None, seconds: int | None) -> tzinfo | int | None:
        if seconds is not None:
            return seconds
        hours = _OFFSETS.get((name or "").upper())
        return hours * 3_600 if hours is not None else None

    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    day_first = not zone.key.startswith(("America/", "US/")) and not _YEAR_FIRST.search(text)
    moment = _utc(dates.parse(text, default=midnight, dayfirst=day_first, tzinfos=offset), zone)
    if not _YEAR.search(text) and moment > now + timedelta(days=2):
        moment = _utc(
            dates.parse(text, default=midnight.replace(year=midnight.year - 1), dayfirst=day_first, tzinfos=offset),
            zone,
        )
    return moment
