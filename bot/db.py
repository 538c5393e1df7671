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
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import structlog

from bot import outages, schema
from bot.outages import Outages

log = structlog.get_logger("bot.database")

READERS = 3
# Bytes of a file that is read through at the start, in a fraction of a second. Larger ones are when the bot runs.
CHECKED_AT_START = 100_000_000

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
        return _connect(path, read_only=read_only)
    except (sqlite3.Error, OSError) as error:
        if isinstance(error, sqlite3.Error) and outages.is_damage(error) and "not a database" not in str(error):
            raise damaged(path, str(error)) from error
        raise DatabaseError(
            f"The database {path} cannot be opened ({error}): check that it is a SQLite file, that its folder "
            "exists and that this user may write there, put a backup in its place if it is damaged, or set "
            "PHIWIRE_DATABASE to another path."
        ) from error


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    # Kilobytes. There are several connections, and the system has the file in a cache of its own.
    connection.execute(f"PRAGMA cache_size = {-500 if read_only else -1000}")
    if read_only:
        connection.execute("PRAGMA query_only = ON")
    return connection


def damage(connection: sqlite3.Connection) -> str:
    """Say what is wrong inside the file; empty where all is well."""
    try:
        found: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if outages.is_passing(error):
            raise
        return str(error)
    return "" if found == "ok" else " ".join(found.split())


def damaged(path: Path, problem: str) -> DatabaseError:
    """Say that only a backup helps."""
    return DatabaseError(
        f"The database {path} is damaged ({problem}): stop the bot, put your newest backup in its place and remove the "
        "files that end in -wal and -shm (docs/operating.md), or set PHIWIRE_DATABASE to a new file."
    )


def check(connection: sqlite3.Connection, path: Path) -> bool:
    """Refuse a file that is damaged or may not be written, and tell whether all of it was looked at.

    Raises DatabaseError.
    """
    is_whole = path.stat().st_size <= CHECKED_AT_START
    if is_whole and (problem := damage(connection)):
        raise damaged(path, problem)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        # Whoever holds it lets go of it; what may only be read is a mistake.
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_READONLY:
            raise DatabaseError(
                f"The database {path} may only be read ({error}): let this user write the file and its folder, or set "
                "PHIWIRE_DATABASE to another path."
            ) from error
    return is_whole


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
    """The file, its writer and its readers.

    Where the disk is full, the file locked or not to be written, whoever wants to write or read waits until that has
    passed or the bot stops: `outages` says so meanwhile.
    """

    def __init__(self, path: Path, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Open the file. Raises DatabaseError. `pause` waits so many seconds between two tries."""
        self.path = path
        self.outages = Outages()
        self._pause = pause
        self._closing = False
        self._writing = connect(path)
        try:
            self.is_checked = check(self._writing, path)
            schema.migrate(self._writing)
        except (schema.UnusableError, sqlite3.Error) as error:
            self._writing.close()
            if isinstance(error, sqlite3.Error) and outages.is_damage(error):
                raise damaged(path, str(error)) from error
            raise DatabaseError(f"The database {path} cannot be used: {error}") from error
        except DatabaseError:
            self._writing.close()
            raise
        self._writer = ThreadPoolExecutor(1, "database-writer")
        self._local = threading.local()
        self._reading: list[sqlite3.Connection] = []
        # Several, so that a preview over thousands of entries does not keep the sender waiting.
        self._reader = ThreadPoolExecutor(READERS, "database-reader")

    async def write(
        self, work: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `work(connection, …)` in one transaction on the writer thread, again and again until it is committed."""
        return await self._patiently(
            self._writer, lambda: self._commit("FULL", lambda: work(self._writing, *args, **kwargs))
        )

    async def derive(
        self, work: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Write what would be worked out again from what was there before: the disk is not waited for.

        A power cut may undo it, until the next `write`, which waits for all that was committed before it.
        """
        return await self._patiently(
            self._writer, lambda: self._commit("NORMAL", lambda: work(self._writing, *args, **kwargs))
        )

    def _commit(self, synchronous: str, work: Callable[[], T]) -> T:
        # https://sqlite.org/pragma.html#pragma_synchronous: it cannot be changed within a transaction.
        self._writing.execute(f"PRAGMA synchronous = {synchronous}")
        with transaction(self._writing):
            return work()

    async def read(self, work: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work(connection, …)` on a reader thread."""

        def run() -> T:
            return work(self._open_reader(), *args, **kwargs)

        return await self._patiently(self._reader, run, reading=True)

    def _open_reader(self) -> sqlite3.Connection:
        """Give the thread its connection. Not when the thread starts: one that fails there ends the whole pool."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = _connect(self.path, read_only=True)
            self._reading.append(connection)
        return connection

    async def _patiently(self, threads: ThreadPoolExecutor, run: Callable[[], T], *, reading: bool = False) -> T:
        pause, waiting, done = outages.FIRST_PAUSE, False, False
        try:
            while True:
                try:
                    # Shielded: a cancelled caller must not abandon a commit half-way between the thread and the loop.
                    result = await asyncio.shield(asyncio.get_running_loop().run_in_executor(threads, run))
                except sqlite3.DatabaseError as error:
                    if outages.is_damage(error):
                        raise damaged(self.path, str(error)) from error
                    if self._closing or not outages.is_passing(error, reading=reading):
                        raise
                    if not waiting:
                        waiting = True
                        self.outages.begin()
                    self.outages.failed(error)
                    await self._pause(pause)
                    pause = outages.next_pause(pause)
                else:
                    done = True
                    return result
        finally:
            if waiting:
                self.outages.end(done=done)

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
        # Without a buffer, whose rest could not be written on a full disk when it is closed.
        handle = lock.open("ab+", buffering=0)
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
            holder = handle.read().decode(errors="replace").strip()
            raise DatabaseError(
                f"Another phiwire (process {holder or 'unknown'}) is running on {path}: stop it first, "
                "or give this one a database of its own with PHIWIRE_DATABASE. Two would send everything twice."
            ) from error
        # On a full disk the number is missing; the lock holds all the same.
        with contextlib.suppress(OSError):
            handle.truncate(0)
            handle.write(str(os.getpid()).encode())
        yield
