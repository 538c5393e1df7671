"""Change filters by an editor: each in one transaction, and only where nobody else was faster."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import audit
from bot.commands.filtering import MOST_FILTERS, same_filter
from bot.editing_ports import Draft
from bot.filters import store as filters
from bot.filters.store import Touch
from bot.model import Channel, Subscription

# What is saved twice was meant once: a mute that ends so little earlier is the same.
TWICE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Kept:
    """A filter as it is now; not `changed` where it was so already."""

    subscription: Subscription
    changed: bool = True


@dataclass(frozen=True, slots=True)
class Late:
    """Somebody was faster with the filter that is meant: it as it was last, and as it is now, or what took its place.

    Without a `touch` it has ended by itself. Where `now` is None it is gone.
    """

    was: Subscription
    touch: Touch | None
    now: Subscription | None


@dataclass(frozen=True, slots=True)
class Full:
    """There are so many filters that none can be added."""


def save(
    connection: sqlite3.Connection, channel: Channel, draft: Draft, wanted: Subscription, actor: str, now: datetime
) -> Kept | Late | Full | None:
    """Save a draft that was read as what is wanted; None where the filter that it began with is none of the channel's.

    `Draft.lasts` may keep the end that the filter has.
    """
    existing = filters.of_channel(connection, channel.id, now)
    mine = _numbered(existing, draft.filter)
    wanted = replace(wanted, channel=channel.id)
    if mine is not None and wanted.kind == "mute" and draft.lasts == "kept":
        wanted = replace(wanted, expires_at=mine.expires_at)
    same = same_filter(existing, wanted.kind, wanted.query)
    if same is not None:
        wanted = replace(wanted, query=same.query)
    if not draft.filter:
        return _add(connection, wanted, same, actor, now) if same or len(existing) < MOST_FILTERS else Full()
    if same is not None and _is(same, wanted, draft) and (mine is None or mine.id == same.id):
        return Kept(same, changed=False)
    found = _unchanged(connection, channel, draft.filter, draft.version, mine)
    if not isinstance(found, Subscription):
        return found
    filters.revise(connection, found, wanted, actor, now)
    return Kept(wanted)


def _add(
    connection: sqlite3.Connection, wanted: Subscription, same: Subscription | None, actor: str, now: datetime
) -> Kept:
    """Add a filter as typing does: one that is there gets what is wanted beside what it has."""
    if same is not None and wanted.expires_at is not None and _ends_like(same, wanted):
        wanted = replace(wanted, expires_at=same.expires_at)
    before = version(connection)
    marks = {"urgent": wanted.urgent, "silent": wanted.silent}
    filters.add(connection, wanted.channel, wanted.kind, wanted.query, actor, now, wanted.expires_at, **marks)
    return Kept(wanted, changed=version(connection) != before)


def _is(same: Subscription, wanted: Subscription, draft: Draft) -> bool:
    """Tell whether a filter is as it is wanted already."""
    if (same.urgent, same.silent) != (wanted.urgent, wanted.silent):
        return False
    return draft.lasts == "kept" or _ends_like(same, wanted)


def _ends_like(same: Subscription, wanted: Subscription) -> bool:
    if same.expires_at is None or wanted.expires_at is None:
        return same.expires_at == wanted.expires_at
    return abs(wanted.expires_at - same.expires_at) < TWICE


def remove(
    connection: sqlite3.Connection, channel: Channel, filter_: int, version: int, actor: str, now: datetime
) -> Kept | Late | None:
    """Remove a filter that nobody has changed since a version; None where there is none."""
    found = _unchanged(connection, channel, filter_, version, _now(connection, channel, filter_, now))
    if isinstance(found, Subscription):
        filters.remove(connection, found, actor, now)
        return Kept(found)
    if found is not None and found.now is None:
        return Kept(found.was, changed=False)
    return found


def mark(
    connection: sqlite3.Connection,
    channel: Channel,
    filter_: int,
    version: int,
    actor: str,
    now: datetime,
    *,
    urgent: bool,
) -> Kept | Late | None:
    """Say whether a filter that nobody has changed since a version is urgent; None where there is none."""
    mine = _now(connection, channel, filter_, now)
    if mine is not None and mine.urgent == urgent:
        return Kept(mine, changed=False)
    found = _unchanged(connection, channel, filter_, version, mine)
    if isinstance(found, Subscription):
        filters.set_mark(connection, found, actor, now, "urgent", on=urgent)
        return Kept(replace(found, urgent=urgent))
    return found


def version(connection: sqlite3.Connection) -> int:
    """Name the state that all filters are in; read it before them."""
    return audit.newest(connection)


def _now(connection: sqlite3.Connection, channel: Channel, filter_: int, now: datetime) -> Subscription | None:
    return _numbered(filters.of_channel(connection, channel.id, now), filter_)


def _numbered(existing: tuple[Subscription, ...], filter_: int) -> Subscription | None:
    return next((each for each in existing if each.id == filter_), None)


def _unchanged(
    connection: sqlite3.Connection, channel: Channel, filter_: int, version: int, mine: Subscription | None
) -> Subscription | Late | None:
    """Find a filter as somebody saw it, or who was faster; `mine` is how it is now."""
    was = filters.find(connection, filter_, channel.id)
    if was is None:
        return None
    touch = filters.touched(connection, filter_, channel.id, version)
    if touch is None and mine is not None:
        return mine
    return Late(was, touch, mine or (touch.heir if touch else None))
