"""What a query would have caught, and who has been seen on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model import Entry

# Above so many entries a day people stop reading.
MANY_A_DAY = 30


@dataclass(frozen=True, slots=True)
class Caught:
    """What a query would have caught: when each entry was published and the newest few, newest first.

    `days` is how far back was looked, `reach` how many of these days the wire knows.
    """

    moments: tuple[datetime, ...]
    examples: tuple[Entry, ...]
    days: int
    reach: float

    @property
    def a_day(self) -> float:
        """Give the average number of entries a day."""
        return len(self.moments) / max(self.reach, 1.0)


@dataclass(frozen=True, slots=True)
class Seen:
    """An author or an organisation seen on the wire: the name as it is mostly written, and how many entries have it."""

    name: str
    entries: int
