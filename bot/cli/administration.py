"""Look after the database: status, export, import, forget, backup."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from bot import app, channels, counters, db, erasure, outages, text
from bot.cli.common import Refused, open_database, read_settings, show_json
from bot.commands.status_replies import delays
from bot.filters import transfer
from bot.flow import sight
from bot.model import SourceState
from bot.outbox import history
from bot.outbox import store as outbox
from bot.outbox.store import Count
from bot.wire import health, source_store


@click.command(short_help="Show polls, queue and failures.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def status(*, as_json: bool) -> None:
    """Show the last polls, the queue by platform and status, how long news takes, and what failed."""
    now = app.wall_clock()
    with open_database(read_settings().database) as connection:
        tables: dict[str, Sequence[Any]] = {
            "alarm": sight.still_open(connection),
            "source": source_store.source_states(connection),
            "queue": _deliveries(connection, now),
            "lag": history.lag(connection, now),
            "held": channels.held(connection),
            "failure_kind": history.failure_kinds(connection, now),
            "failure": outbox.failures(connection, limit=10),
        }
    for table, rows in tables.items():
        if as_json:
            for row in rows:
                show_json(row, table=table)
        else:
            for line in _SHOWN[table](rows):
                click.echo(line)


def _deliveries(connection: sqlite3.Connection, now: datetime) -> list[Count]:
    """Count the deliveries that wait, and those that ended since the file was made, also those that are gone by now."""
    waiting = [Count(each.platform, each.status, each.count) for each in history.queue(connection, now)]
    ended = [
        Count(each.platform, each.label, each.value)
        for each in counters.counted(connection)
        if each.name == "deliveries"
    ]
    return sorted([*waiting, *ended], key=lambda each: (each.platform, each.status))


def _alarms(alarms: Sequence[sight.Open]) -> Iterator[str]:
    for alarm in alarms:
        yield f"{alarm.sentence} (told {alarm.told_at:%Y-%m-%d %H:%M} UTC)"


def _sources(sources: Sequence[SourceState]) -> Iterator[str]:
    answering = [source for source in sources if not source.error and source.last_ok_at is not None]
    yield f"{len(answering)} of {text.count(len(sources), 'source')} answering"
    for source in sources:
        yield f"  {_sign(source)} {source.slug}: {', '.join(_facts(source))}"
        if source.error:
            yield f"      {source.error} ({text.count(source.failures, 'failure')} in a row)"


def _queue(queue: Sequence[Count]) -> Iterator[str]:
    yield "deliveries" if queue else "no deliveries yet"
    for row in queue:
        yield f"  {row.platform:<10} {row.status:<8} {row.count:>8,}"


def _lag(lag: Sequence[history.Lag]) -> Iterator[str]:
    if lag:
        yield "how long news took, the last 24 hours"
    for each in lag:
        yield f"  {each.platform:<10} {delays(each)}"


def _held(held: Sequence[channels.Held]) -> Iterator[str]:
    for hold in held:
        # Many channels have the same name, above all in several workspaces; `forget` wants the address.
        named = f" {text.clean(hold.title)}" if hold.title else ""
        yield f"  ⚠ {hold.platform}:{hold.address}{named} takes nothing: {hold.reason}"


def _failure_kinds(kinds: Sequence[history.FailureKind]) -> Iterator[str]:
    if kinds:
        yield "failures, the last 24 hours"
    for kind in kinds:
        yield f"  {kind.platform:<10} {kind.count:>8,}  {text.clean(kind.error)}"


def _failures(failures: Sequence[outbox.Failure]) -> Iterator[str]:
    if failures:
        yield "last failures"
    for failure in failures:
        where = text.clean(f"{failure.platform} {failure.title or failure.address}")
        yield f"  {failure.created_at:%Y-%m-%d %H:%M} {where}: {failure.error}"


_SHOWN: Mapping[str, Callable[[Any], Iterator[str]]] = {
    "alarm": _alarms,
    "source": _sources,
    "queue": _queue,
    "lag": _lag,
    "held": _held,
    "failure_kind": _failure_kinds,
    "failure": _failures,
}


def _sign(source: SourceState) -> str:
    if source.error or source.trouble:
        return "✗"
    return "…" if source.last_ok_at is None else "✓"


def _facts(source: SourceState) -> Iterator[str]:
    yield "never read" if source.last_ok_at is None else f"last read {source.last_ok_at:%Y-%m-%d %H:%M} UTC"
    yield text.count(source.entries, "entry", "entries")
    if source.last_new_at is not None:
        yield f"the newest {source.last_new_at:%Y-%m-%d %H:%M}"
    if source.delay is not None:
        yield f"seen {health.about(timedelta(seconds=source.delay))} after publication"
    if source.pushed_until is not None and source.pushed_until > app.wall_clock():
        yield "its hub tells of news at once"
    if source.trouble and source.trouble_since is not None:
        yield f"{source.trouble} since {source.trouble_since:%Y-%m-%d %H:%M}"
    if source.last_gap_at is not None:
        yield f"{text.count(source.gaps, 'gap')}, the last before {source.last_gap_at:%Y-%m-%d %H:%M}"


@click.command(short_help="Write the filters and settings of all channels, as JSON.")
def export() -> None:
    """Write the subscriptions and settings of all channels, as JSON, to standard output."""
    with open_database(read_settings().database) as connection:
        click.echo(json.dumps(transfer.export(connection), ensure_ascii=False, indent=2))


@click.command(short_help="Erase all that is known of a channel.")
@click.argument("channel", metavar="PLATFORM:ADDRESS")
@click.option("--topic", default="", help="One topic of the chat: each is a channel of its own.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(channel: str, topic: str, *, yes: bool) -> None:
    """Erase all that is known of a channel, such as telegram:-100123: filters, record of messages, history, name.

    It cannot be undone, and a running bot notices. Backups that were made before still have it.
    """
    platform, _, address = channel.partition(":")
    with open_database(read_settings().database) as connection:
        found = channels.find(connection, platform, address, topic)
        if found is None:
            raise Refused(_not_there(connection, platform, address, topic))
        known = erasure.holdings(connection, found.id)
        click.echo(
            f"{channel}{f' topic {topic}' if topic else ''} {text.clean(found.title)}: "
            f"{text.count(known.filters, 'filter')}, {text.count(known.removed, 'removed filter')}, "
            f"{text.count(known.sent + known.waiting, 'delivery', 'deliveries')}, {text.count(known.changes, 'change')}"
        )
        if not yes:
            click.confirm("Erase all of it?", abort=True)
        with db.transaction(connection):
            erasure.erase(connection, found.id, app.wall_clock())
    click.echo("Erased.")


def _not_there(connection: sqlite3.Connection, platform: str, address: str, topic: str) -> str:
    topics = [each for each in channels.topics(connection, platform, address) if each != topic]
    if topics:
        shown = ", ".join(each or "(outside topics)" for each in topics)
        return f"There is no such channel; that chat has these topics: {shown}. Name one with --topic."
    return f"Nothing is known of {platform}:{address}: write it as phiwire export does, such as telegram:-100123."


@click.command("import", short_help="Add what export wrote to what is there.")
@click.argument("file", type=click.File("rb"), default="-")
def import_(file: Any) -> None:
    """Read what export wrote, from FILE or standard input, and add it to what is there. A running bot notices."""
    try:
        exported = json.load(file)
    except ValueError as error:
        raise Refused(f"This is no JSON ({error}): import reads what phiwire export wrote.") from error
    with open_database(read_settings().database, create=True) as connection:
        try:
            added = transfer.import_(connection, exported, app.wall_clock())
        except transfer.NotAnExportError as error:
            raise Refused(f"{error} Nothing was changed.") from error
    click.echo(f"{text.count(added, 'new filter')} imported.")


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
def backup(path: Path) -> None:
    """Copy the database to PATH while the bot runs. PATH is there when it is whole and checked, and not before."""
    _refuse_existing(path)
    # Left by one that was killed.
    part = path.with_name(f"{path.name}.part")
    with open_database(read_settings().database) as connection:
        if sys.stderr.isatty():
            click.echo("Copying …", err=True)
        try:
            part.unlink(missing_ok=True)
            # One reading transaction: a running bot goes on writing. Without free pages, and what was erased in them.
            connection.execute("VACUUM INTO ?", (str(part),))
            with contextlib.closing(sqlite3.connect(part)) as copy:
                problem = db.damage(copy)
            if problem:
                raise Refused(f"The copy is damaged ({problem}), so it is no backup: check the disk, and try again.")
            _refuse_existing(path)
            _put(part, path)
        except (sqlite3.Error, OSError) as error:
            if isinstance(error, sqlite3.Error) and outages.is_damage(error):
                raise
            raise Refused(f"{path} cannot be written ({error}): give a path where this user may write.") from error
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
    click.echo(f"{path}: {text.count(path.stat().st_size // 1024, 'KiB', 'KiB')}.")


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise Refused(f"{path} exists: give a new name, so that no backup is overwritten.")


def _put(part: Path, path: Path) -> None:
    """Give a whole file its name, so that it survives a power cut from then on."""
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
