"""One writer thread and one reader thread on a SQLite file in WAL mode.

    await database.write(store.claim, now, …)    one BEGIN IMMEDIATE transaction on the writer's connection
    await database.read(store.find, …)           a read-only connection; never waits for the writer

A store's functions take the connection first, so that tests call them directly. The stdlib's connection is used for
them; sqlite-utils wraps the same file for schema, migrations and the administrator's paths.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from bot import schema

P = ParamSpec("P")
T = TypeVar("T")


class DatabaseError(Exception):
    """The database cannot be used; the message says why and what to do."""


def to_text(moment: datetime) -> str:
    """Write a time as it stands in every table: UTC, milliseconds, fixed width, so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def from_text(text: str) -> datetime:
    """Read a time as `to_text` wrote it."""
    return datetime.fromisoformat(text)


def optional_text(moment: datetime | None) -> str | None:
    """Write a time that may be missing."""
    return None if moment is None else to_text(moment)


def optional_time(text: str | None) -> datetime | None:
    """Read a time that may be missing."""
    return None if text is None else from_text(text)


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open a connection with the project's pragmas. Raises DatabaseError."""
    try:
        if not read_only:
            path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        if read_only:
            connection.execute("PRAGMA query_only = ON")
    except (sqlite3.Error, OSError) as error:
        raise DatabaseError(
            f"The database {path} cannot be opened ({error}): check that it is a SQLite file, that its folder "
            "exists and that this user may write there, or set PHIWIRE_DATABASE to another path."
        ) from error
    return connection


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Run one BEGIN IMMEDIATE transaction: all or nothing. A deferred BEGIN could fail as "locked" after a read."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


class Database:
    """The file, its writer and its reader."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writing = connect(path)
        try:
            schema.migrate(self._writing)
        except (schema.FromTheFutureError, sqlite3.Error) as error:
            self._writing.close()
            raise DatabaseError(f"The database {path} cannot be used: {error}") from error
        self._reading = connect(path, read_only=True)
        self._writer = ThreadPoolExecutor(1, "database-writer")
        self._reader = ThreadPoolExecutor(1, "database-reader")

    async def write(
        self, work: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `work(connection, …)` in one transaction on the writer thread."""

        def run() -> T:
            with transaction(self._writing):
                return work(self._writing, *args, **kwargs)

        # Shielded: a cancelled caller must not abandon a commit half-way between the thread and the loop.
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._writer, run))

    async def read(self, work: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work(connection, …)` on the reader thread."""
        return await asyncio.get_running_loop().run_in_executor(
            self._reader, lambda: work(self._reading, *args, **kwargs)
        )

    def close(self) -> None:
        """Finish what is running and close the file. Safe to call twice."""
        self._writer.shutdown()
        self._reader.shutdown()
        self._reading.close()
        self._writing.close()


@contextlib.contextmanager
def only_process(path: Path) -> Iterator[None]:
    """Hold the database for one running bot. Raises DatabaseError naming the process that holds it.

    The kernel frees the lock with the process, also after `kill -9`.
    """
    lock = path.with_name(path.name + ".lock")
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        handle = lock.open("a+")
    except OSError as error:
        raise DatabaseError(
            f"Nothing can be written beside the database {path} ({error}): give this user that folder, or set "
            "PHIWIRE_DATABASE to another path."
        ) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            handle.seek(0)
            raise DatabaseError(
                f"Another phiwire (process {handle.read().strip() or 'unknown'}) is running on {path}: stop it first, "
                "or give this one a database of its own with PHIWIRE_DATABASE. Two would send everything twice."
            ) from error
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield
