"""Durations as people write them: 90s, 30m, 2h, 1d, 1w."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.languages import say

_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_SHOWN = 40
_LONGEST = 3_650 * 86_400
# In full as well: "2 hours", "30 min".
_UNITS = "s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?|w(?:eeks?)?"
_FORM = re.compile(rf"(\d{{1,9}})\s*({_UNITS})", re.ASCII | re.IGNORECASE)
_AT_THE_END = re.compile(rf"(?:(.*?\S)\s+)??(?:for\s+)?(\d+\s*(?:{_UNITS}))", re.ASCII | re.IGNORECASE | re.DOTALL)


def parse_duration(text: str) -> timedelta:
    """Read a number and a unit.

    Raises:
        ValueError: the text is not a duration longer than zero and up to ten years; the message says how to write one.
    """
    form = _FORM.fullmatch(text.strip())
    if form is None:
        shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
        raise ValueError(
            say(
                '"{typed}" is not a duration: write a number and {s}, {m}, {h}, {d} or {w}, such as {seconds}, '
                "{minutes}, {hours} or {days}",
                typed=shown,
                **{unit: unit for unit in "smhdw"},
                seconds="90s",
                minutes="30m",
                hours="2h",
                days="1d",
            )
        )
    seconds = int(form[1]) * _SECONDS[form[2][0].lower()]
    if not 0 < seconds <= _LONGEST:
        raise ValueError(
            say(
                "a duration must be longer than zero and no longer than ten years: write {shortest} to {longest}",
                shortest="1s",
                longest="3650d",
            )
        )
    return timedelta(seconds=seconds)


def split_duration(text: str) -> tuple[str, str]:
    """Split "football for 2 hours" into what stands before the duration, and the duration; it may be missing."""
    form = _AT_THE_END.fullmatch(text.strip())
    return (text, "") if form is None else (form[1] or "", form[2])


def format_duration(duration: timedelta) -> str:
    """Write a duration in the largest unit that divides it, in whole seconds: 5400 s is 90m."""
    seconds = round(duration.total_seconds())
    for unit, size in _SECONDS.items():
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return "0s"
