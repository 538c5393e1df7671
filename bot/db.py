"""One writer thread and a few reader threads on a SQLite file in WAL mode.

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
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import structlog

from bot import schema

log = structlog.get_logger("bot.database")

READERS = 3
# Times that a transaction is tried again while another process holds the file; SQLite waits ten seconds each time.
PATIENCE = 30

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
        connection.execute("COMMIT")
    except BaseException:
        # A full disk has rolled back already, and must not be hidden behind a second error.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


class Database:
    """The file, its writer and its reader."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._closing = False
        self._writing = connect(path)
        try:
            schema.migrate(self._writing)
        except (schema.UnusableError, sqlite3.Error) as error:
            self._writing.close()
            raise DatabaseError(f"The database {path} cannot be used: {error}") from error
        self._writer = ThreadPoolExecutor(1, "database-writer")
        self._local = threading.local()
        self._reading: list[sqlite3.Connection] = []
        # Several, so that a preview over thousands of entries does not keep the sender waiting.
        self._reader = ThreadPoolExecutor(READERS, "database-reader", initializer=self._open_reader)

    def _open_reader(self) -> None:
        self._local.connection = connect(self.path, read_only=True)
        self._reading.append(self._local.connection)

    async def write(
        self, work: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `work(connection, …)` in one transaction on the writer thread.

        Where another process holds the file, such as an import, the transaction is tried again until PATIENCE ends.
        """

        def run() -> T:
            for remaining in range(PATIENCE, -1, -1):
                try:
                    with transaction(self._writing):
                        return work(self._writing, *args, **kwargs)
                except sqlite3.OperationalError as error:
                    if remaining == 0 or self._closing or "locked" not in str(error):
                        raise
                    log.warning("database_locked", remedy="Another process writes to it: wait for it, or end it.")
            raise AssertionError("unreachable")

        # Shielded: a cancelled caller must not abandon a commit half-way between the thread and the loop.
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._writer, run))

    async def read(self, work: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work(connection, …)` on a reader thread."""
        return await asyncio.get_running_loop().run_in_executor(
            self._reader, lambda: work(self._local.connection, *args, **kwargs)
        )

    def close(self) -> None:
        """Finish what is running and close the file. Safe to call twice."""
        self._closing = True
        self._writer.shutdown()
        self._reader.shutdown()
        for connection in (*self._reading, self._writing):
            connection.close()


@contextlib.contextmanager
def only_process(path: Path) -> Iterator[None]:
    """Hold the database for one running bot. Raises DatabaseError naming the process that holds it.

    The kernel frees the lock with the process, also after `kill -9`.
    """
    try:
        # Beside the file itself, whatever link leads there.
        file = path.resolve()
        lock = file.with_name(file.name + ".lock")
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
