"""Take the filters and settings of all channels, and what workspaces have chosen, out, and in again."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from bot import audit, channels, db, template, workspaces
from bot.filters import store
from bot.filters.query import QueryError
from bot.filters.reading import query_of
from bot.languages import LANGUAGES
from bot.model import Preview, SubscriptionKind

VERSION = 1
PREFERENCES: tuple[channels.Preference, ...] = (
    "silent",
    "preview",
    "buttons",
    "template",
    "members",
    "threads",
    "outsiders",
)
NAMES = ("platform", "address", "thread", "title", "timezone", "language", "paused_until", "corrections", *PREFERENCES)


class NotAnExportError(ValueError):
    """What is to be imported is no export; the message says where and why."""


class _Filter(BaseModel):
    model_config = ConfigDict(extra="ignore")

    kind: SubscriptionKind
    query: str
    created_by: str = "import"
    expires_at: datetime | None = None
    urgent: bool = False
    silent: bool = False


class _Channel(BaseModel):
    model_config = ConfigDict(extra="ignore")

    platform: Literal["telegram", "slack", "terminal"]
    address: str
    thread: str = ""
    title: str = ""
    timezone: str = "Europe/London"
    language: str = ""
    paused_until: datetime | None = None
    corrections: bool = True
    silent: bool = False
    preview: Preview = "small"
    buttons: bool = True
    template: str = ""
    members: bool = False
    threads: bool = False
    outsiders: bool = False
    subscriptions: list[_Filter] = []

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"{name} is no time zone") from None
        return name

    @field_validator("language")
    @classmethod
    def _known_language(cls, code: str) -> str:
        if code and code not in LANGUAGES:
            raise ValueError(f"{code} is no language of this phiwire, which has {', '.join(LANGUAGES)}")
        return code

    @field_validator("template")
    @classmethod
    def _readable(cls, written: str) -> str:
        if written:
            template.parse(written)
        return written


class _Person(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str
    name: str


class _Workspace(BaseModel):
    model_config = ConfigDict(extra="ignore")

    platform: Literal["slack"]
    team: str
    who: workspaces.Who
    people: list[_Person] = []


class _Export(BaseModel):
    model_config = ConfigDict(extra="ignore")

    phiwire: int
    channels: list[_Channel]
    workspaces: list[_Workspace] = []


def export(connection: sqlite3.Connection) -> dict[str, Any]:
    """Give every channel with its filters, and what workspaces have chosen, in the form that `import_` reads."""
    found = []
    for row in connection.execute("SELECT * FROM channels ORDER BY id").fetchall():
        channel = {name: row[name] for name in NAMES}
        filters = connection.execute(
            """
            SELECT kind, query, created_by, expires_at, urgent, silent FROM subscriptions
            WHERE channel = ? AND removed_at IS NULL ORDER BY id
            """,
            (row["id"],),
        )
        found.append(channel | {"subscriptions": [dict(each) for each in filters]})
    chosen = [
        {"platform": platform, "team": team, **asdict(rules)}
        for platform, team, rules in workspaces.all_chosen(connection)
    ]
    return {"phiwire": VERSION, "channels": found, "workspaces": chosen}


def import_(connection: sqlite3.Connection, exported: object, now: datetime) -> int:
    """Add exported channels and filters to what is there, all or nothing. Return how many filters are new.

    Raises NotAnExportError.
    """
    try:
        read = _Export.model_validate(exported)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise NotAnExportError(f"This is no export of phiwire: {where}: {first['msg']}.") from error
    if read.phiwire != VERSION:
        raise NotAnExportError(f"This export has version {read.phiwire}; this phiwire reads version {VERSION}.")
    with db.transaction(connection):
        for each in read.workspaces:
            people = tuple(workspaces.Person(person.id, person.name) for person in each.people)
            workspaces.choose(connection, each.platform, each.team, workspaces.Chosen(each.who, people))
        return sum(_import_channel(connection, channel, now) for channel in read.channels)


def _import_channel(connection: sqlite3.Connection, exported: _Channel, now: datetime) -> int:
    channel = channels.ensure(
        connection,
        exported.platform,
        exported.address,
        exported.thread,
        exported.title,
        exported.timezone,
        now,
        exported.language,
    )
    if exported.paused_until is not None:
        channels.pause(connection, channel.id, exported.paused_until)
    if not exported.corrections:
        channels.set_corrections(connection, channel.id, wanted=False)
    for name in PREFERENCES:
        if name in exported.model_fields_set:
            channels.set_preference(connection, channel.id, name, value=getattr(exported, name))
    change, added = audit.next_change(connection), 0
    for each in exported.subscriptions:
        try:
            query_of(each.kind, each.query)
        except QueryError as error:
            raise NotAnExportError(
                f"The filter {each.query!r} of {exported.address} cannot be read: {error}"
            ) from error
        added += store.add(
            connection,
            channel.id,
            each.kind,
            each.query,
            each.created_by,
            now,
            each.expires_at,
            urgent=each.urgent,
            silent=each.silent,
            change=change,
        )
    return added
