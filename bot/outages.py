"""What keeps the database from being read or written, since when, and what helps."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

log = structlog.get_logger("bot.database")

# Seconds between two tries, the first and the longest.
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 10.0
# Seconds between two lines in the log about the same.
REMIND_EVERY = 60.0

# What passes, or is mended from outside, while the process waits; by SQLite's primary result codes.
_REMEDIES = {
    sqlite3.SQLITE_BUSY: "Another process writes to it: wait for it, or end it.",
    sqlite3.SQLITE_LOCKED: "Another process writes to it: wait for it, or end it.",
    sqlite3.SQLITE_PROTOCOL: "Another process writes to it: wait for it, or end it.",
    sqlite3.SQLITE_FULL: "Make room on its disk.",
    sqlite3.SQLITE_READONLY: "Let this user write the file and its folder, and put it back if it was moved.",
    sqlite3.SQLITE_IOERR: "Its disk or a limit does not let it be used: the system's log may say why.",
    sqlite3.SQLITE_CANTOPEN: "Let this user read and write the file and its folder.",
}
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PRIMARY = 0xFF


def is_passing(error: sqlite3.Error, *, reading: bool = False) -> bool:
    """Tell whether it is worth trying again. Who only reads gains nothing from being allowed to write."""
    code = _code(error)
    return code in _REMEDIES and not (reading and code == sqlite3.SQLITE_READONLY)


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether the file itself is broken, so that nothing but a backup helps."""
    return _code(error) in _DAMAGED


def remedy(error: sqlite3.Error) -> str:
    """Say what helps; empty where nobody knows."""
    return _REMEDIES.get(_code(error), "")


def _code(error: sqlite3.Error) -> int:
    # Errors of the module's own have none.
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which the database could not be used: why, in SQLite's words, and for how many seconds."""

    problem: str
    seconds: float


class Outages:
    """Counts who waits for the database; while anybody does, there is a problem."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._waiting = 0
        self._since = 0.0
        self._said_at = 0.0
        self.problem = ""
        self.on_end: Callable[[Outage], None] | None = None

    def begin(self) -> None:
        """Count somebody who could not go on."""
        self._waiting += 1
        if self._waiting == 1:
            self._since = self._monotonic()
            self.problem = ""

    def failed(self, error: sqlite3.Error) -> None:
        """Say why, once and then once a minute."""
        problem, now = str(error), self._monotonic()
        if problem != self.problem or now - self._said_at >= REMIND_EVERY:
            self._said_at = now
            log.error(
                "database_unusable",
                problem=problem,
                seconds=round(now - self._since),
                waiting=self._waiting,
                remedy=remedy(error),
            )
        self.problem = problem

    def end(self, *, done: bool) -> None:
        """Count somebody who went on, or who was told to give up."""
        self._waiting -= 1
        if self._waiting > 0:
            return
        outage = Outage(self.problem, self._monotonic() - self._since)
        self.problem = ""
        if not done:
            return
        log.warning("database_usable_again", after=outage.problem, seconds=round(outage.seconds))
        if self.on_end is not None:
            self.on_end(outage)


def next_pause(pause: float) -> float:
    """Wait longer each time."""
    return min(pause * 2, LONGEST_PAUSE)
