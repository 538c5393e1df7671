"""A command on its way to its answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot import durations
from bot.languages import say
from bot.model import Channel
from bot.ports import Request


@dataclass(frozen=True, slots=True)
class Call:
    """A command on its way: who asks, where, and when."""

    request: Request
    name: str
    argument: str
    channel: Channel
    now: datetime
    urgent: bool = False


def later(now: datetime, duration: str) -> datetime:
    """Add a duration as people write it. Raises ValueError."""
    try:
        return now + durations.parse_duration(duration)
    except OverflowError as error:
        raise ValueError(say('"{duration}" is longer than any calendar', duration=duration)) from error
