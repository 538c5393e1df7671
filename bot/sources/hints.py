"""What a feed says about how often it may be read: ttl, skipHours and skipDays of RSS 2.0."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from bot.model import Hints
from bot.sources.documents import Page, Unchanged

# Bytes in which a channel speaks of itself; its items come after.
_HEAD = 20_000
_TTL = re.compile(rb"<ttl>\s{0,20}(\d{1,6})\s{0,20}</ttl>", re.IGNORECASE)
_HOUR = re.compile(rb"<hour>\s{0,20}(\d{1,2})\s{0,20}</hour>", re.IGNORECASE)
_DAY = re.compile(rb"<day>\s{0,20}(mon|tues|wednes|thurs|fri|satur|sun)day\s{0,20}</day>", re.IGNORECASE)
_DAYS = (b"mon", b"tues", b"wednes", b"thurs", b"fri", b"satur", b"sun")
_ITEM = re.compile(rb"<(?:item|entry)[\s>]", re.IGNORECASE)


def read(answer: Page | Unchanged, before: Hints) -> Hints:
    """Read the hints of an answer; one that is unchanged says again what the one before said.

    A document that would skip all hours or all days means something else: then it skips none.
    """
    if isinstance(answer, Unchanged):
        return before if answer.fresh_for is None else replace(before, fresh_for=timedelta(seconds=answer.fresh_for))
    head = answer.body[:_HEAD]
    if item := _ITEM.search(head):
        head = head[: item.start()]
    ttl = _TTL.search(head)
    # Some count from 1 to 24.
    hours = frozenset(int(hour) % 24 for hour in _HOUR.findall(head) if int(hour) <= 24)  # noqa: PLR2004
    days = frozenset(_DAYS.index(day.lower()) for day in _DAY.findall(head))
    return Hints(
        timedelta(minutes=int(ttl[1])) if ttl else timedelta(0),
        timedelta(seconds=answer.fresh_for),
        hours if len(hours) < 24 else frozenset(),  # noqa: PLR2004
        days if len(days) < len(_DAYS) else frozenset(),
    )
