"""What the database has counted since it was made: polls, entries and deliveries, also those that are gone by now."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of something there have been: `name` is polls, entries or deliveries, `label` which of them."""

    name: str
    platform: str
    label: str
    value: int


def counted(connection: sqlite3.Connection) -> tuple[Counted, ...]:
    """Read all counters."""
    found = connection.execute("SELECT name, platform, label, value FROM counters ORDER BY name, platform, label")
    return tuple(Counted(**dict(row)) for row in found)
