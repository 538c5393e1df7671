"""What the commands share: refusing in words, settings, the database, JSON lines."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from bot import db, outages, schema, settings
from bot.filters import aliases
from bot.filters.people import Aliases
from bot.model import Source
from bot.sources import catalogue
from bot.sources.fetch import Fetcher

# What values have beside the columns of their tables; the output's names are a public interface.
_NOT_IN_TABLES = frozenset({"given_key"})


class Refused(Exception):  # noqa: N818 (it is what the person reads, not what went wrong in the program)
    """The command cannot do what was asked; the message is for the person who asked. Exit code 2."""


def read_settings() -> settings.Settings:
    """Read the settings. Raises Refused with every problem."""
    try:
        return settings.read()
    except settings.SettingsError as error:
        raise Refused(str(error)) from error


def read_aliases(chosen: settings.Settings) -> Aliases:
    """Read the file of aliases, where there is one. Raises Refused with every problem."""
    try:
        return aliases.load(chosen.aliases)
    except aliases.AliasesError as error:
        raise Refused(str(error)) from error


def read_sources(path: Path | None) -> tuple[tuple[Source, ...], str]:
    """Read the sources and where they come from. Raises Refused with every problem."""
    try:
        return catalogue.load(path), "catalogue" if path is None else "file"
    except catalogue.SourcesError as error:
        raise Refused(str(error)) from error


def open_fetcher(chosen: settings.Settings) -> Fetcher:
    """Open what fetches, as the running bot does; whoever opens it closes it."""
    return Fetcher(chosen.user_agent, allowed_hosts=chosen.allowed_hosts, ignore_robots=chosen.ignore_robots)


@contextlib.contextmanager
def open_database(path: Path, *, create: bool = False) -> Iterator[sqlite3.Connection]:
    """Open the database for one command. Raises Refused where it is missing or cannot be used."""
    if not create and not path.exists():
        raise Refused(f"There is no database at {path} yet: start phiwire run once, or set PHIWIRE_DATABASE.")
    try:
        connection = db.connect(path)
    except db.DatabaseError as error:
        raise Refused(str(error)) from error
    with contextlib.closing(connection):
        try:
            schema.migrate(connection)
        except schema.UnusableError as error:
            raise Refused(f"The database {path} cannot be used: {error}") from error
        except sqlite3.DatabaseError as error:
            raise _unusable(path, error) from error
        try:
            yield connection
        except sqlite3.DatabaseError as error:
            raise _unusable(path, error) from error


def _unusable(path: Path, error: sqlite3.DatabaseError) -> Refused:
    if outages.is_damage(error):
        return Refused(str(db.damaged(path, str(error))))
    remedy = outages.remedy(error) or "please report it."
    return Refused(f"The database {path} cannot be used ({error}). {remedy}")


def show_json(value: Any, **more: object) -> None:
    """Print one JSON object on one line, times as the tables have them."""
    fields: Mapping[str, Any] = asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
    shown = {name: each for name, each in fields.items() if name not in _NOT_IN_TABLES}
    click.echo(json.dumps({**shown, **more}, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return db.to_text(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
