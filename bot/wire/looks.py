"""Commit what a look at a source found, all at once: entries, plan, window, health, and what operators are told."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.model import Operator, Source
from bot.wire import entry_store, rhythm, source_store, store, watch
from bot.wire.entry_store import Arrival
from bot.wire.health import Failure
from bot.wire.rhythm import Rhythm


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a source found: nothing but what it teaches, where the source is unchanged.

    `listed` are the entries that it may show; `expected` is how many should have come since the last look;
    `overran_since` when that was, where entries may have come and gone since; `moved_to` where to look from now on;
    `signed_out` what is wrong with the session.
    """

    learnt: Rhythm
    expected: float
    new: Sequence[Arrival] = ()
    changed: Sequence[tuple[int, Arrival]] = ()
    rekeyed: Sequence[tuple[int, str]] = ()
    listed: Sequence[int] = ()
    validators: tuple[str, str] | None = None
    shown: watch.Shown | None = None
    overran_since: datetime | None = None
    moved_to: str = ""
    signed_out: str = ""


def commit(
    connection: sqlite3.Connection,
    source: Source,
    now: datetime,
    next_poll_at: datetime,
    look: Look,
    operators: Sequence[Operator],
) -> tuple[int, list[str]]:
    """Commit a look that succeeded. Return how many entries are news, and what operators were told."""
    found = store.commit_poll(
        connection,
        source,
        now,
        next_poll_at,
        new=look.new,
        changed=look.changed,
        rekeyed=look.rekeyed,
        validators=look.validators,
        rhythm=rhythm.to_json(look.learnt),
    )
    told = []
    if look.shown is not None:
        entry_store.sighted(connection, look.listed, now)
        watch.saw(connection, source.slug, look.shown, now)
    if look.overran_since is not None:
        told += watch.record_gap(connection, source.slug, operators, look.overran_since, now)
    if look.moved_to:
        told += watch.moved(connection, source.slug, operators, look.moved_to, now)
    told += watch.looked(connection, source.slug, operators, now, expected=look.expected, signed_out=look.signed_out)
    return found, told


def commit_failure(
    connection: sqlite3.Connection,
    slug: str,
    now: datetime,
    next_poll_at: datetime,
    problem: str,
    failure: Failure,
    operators: Iterable[Operator],
) -> list[str]:
    """Commit a look that failed. Return what operators were told."""
    source_store.commit_failure(connection, slug, now, next_poll_at, problem)
    return watch.looked(connection, slug, operators, now, failure=failure)
