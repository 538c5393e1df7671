"""Tell a channel what somebody changes in it, where answers are seen by one person alone.

before | what is asked for, with its transaction | what the audit trail has gained | one line
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from weakref import WeakValueDictionary

import structlog

from bot import audit, channels, db
from bot.audit import Step
from bot.commands import announcement_replies
from bot.db import Database
from bot.ports import Reply, Request

log = structlog.get_logger("bot.commands")
T = TypeVar("T")


@dataclass(slots=True, weakref_slot=True)
class _Watch:
    """What one person does in one conversation now: up to which row of the trail it was told."""

    told: int | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True, slots=True)
class _Then:
    """What there was before a command: the newest row of the trail, and the channel's settings."""

    newest: int
    settings: dict[str, object] | None


class Announcing:
    """Announces changes, each once, also where somebody types faster than is answered."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._watches: WeakValueDictionary[tuple[str, str, str], _Watch] = WeakValueDictionary()

    async def answer(self, request: Request, act: Callable[[], Awaitable[T]], *, imported: bool = False) -> T:
        """Do what a request asks for by `act`, and announce what that has changed; raises what it raises."""
        if request.announce is None:
            return await act()
        watch = self._watches.setdefault((request.platform, request.address, request.actor), _Watch())
        then = await self._database.read(_then, request)
        if watch.told is None:
            watch.told = then.newest
        answer = await act()
        try:
            async with watch.lock:
                if line := await self._gained(request, then, watch, imported=imported):
                    request.announce(line)
        except Exception:  # what was changed is changed, and the person learns of it
            log.exception("announcement_broke", platform=request.platform)
        return answer

    async def _gained(self, request: Request, then: _Then, watch: _Watch, *, imported: bool) -> Reply:
        steps, settings = await self._database.read(_now, request, watch.told or 0)
        if steps:
            watch.told = steps[-1].number
        actor = request.actor.removeprefix("@")
        if actor == request.actor_id.rpartition("/")[2]:
            # Whose name the platform did not say.
            actor = ""
        if then.settings is not None and settings is None:
            return announcement_replies.forgotten(actor)
        paused = settings and settings["paused_until"]
        told = announcement_replies.Told(
            actor,
            str((settings or {}).get("timezone") or ""),
            self._clock(),
            db.optional_time(paused if isinstance(paused, str) else None),
        )
        changed = [step for step in steps if step.action in announcement_replies.OF_FILTERS]
        if changed:
            return announcement_replies.filters(told, changed, imported=imported)
        if settings == then.settings:
            return ()
        return next(filter(None, (announcement_replies.setting(told, step) for step in reversed(steps))), ())


def _then(connection: sqlite3.Connection, request: Request) -> _Then:
    settings = channels.settings(connection, request.platform, request.address, request.thread)
    return _Then(audit.newest(connection), settings)


def _now(
    connection: sqlite3.Connection, request: Request, told: int
) -> tuple[tuple[Step, ...], dict[str, object] | None]:
    settings = channels.settings(connection, request.platform, request.address, request.thread)
    return audit.gained(connection, told, request.platform, request.address, request.actor), settings
