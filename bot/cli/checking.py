"""Check settings, tokens and sources: what works, what does not, what to do."""

from __future__ import annotations

import asyncio
import contextlib

import click

from bot import app, db, text
from bot.cli import slack
from bot.cli.common import Refused, open_database, open_fetcher, read_aliases, read_settings, read_sources
from bot.cli.running import platforms
from bot.model import Source
from bot.ports import Adapter, AdapterError
from bot.settings import Settings
from bot.sources import kinds
from bot.sources.fetch import Fetcher, FetchFailed, Unchanged
from bot.wire import source_store

GOOD, BAD = click.style("✓", fg="green"), click.style("✗", fg="red")


@click.command(short_help="Try settings, tokens and sources: what works, what to do.")
def check() -> None:
    """Check settings, tokens (getMe, auth.test) and sources: what works, what does not, what to do.

    Reads all of the database. Exits 0 where all works, 1 where something does not, 2 where settings or database cannot
    be read.
    """
    settings = read_settings()
    sources, _ = read_sources(settings.sources)
    click.echo(f"{GOOD} settings: {settings.sources or 'the built-in catalogue'}, {text.count(len(sources), 'source')}")
    if settings.aliases is not None:
        click.echo(f"{GOOD} aliases: {settings.aliases}, {text.count(len(read_aliases(settings)), 'name')}")
    with open_database(settings.database, create=True) as connection:
        if problem := db.damage(connection):
            raise Refused(str(db.damaged(settings.database, problem)))
        sources = source_store.effective_sources(connection, sources)
    click.echo(f"{GOOD} database: {settings.database}")
    side = slack.build(settings)
    adapters = platforms(settings, side)
    if not adapters:
        click.echo("· no tokens: phiwire run shows the wire in the terminal")
    with contextlib.closing(db.Database(settings.database)) as database:
        if side is not None:
            side.use(database)
        good = asyncio.run(_check(adapters, sources, settings))
    raise click.exceptions.Exit(0 if good else 1)


async def _check(adapters: list[Adapter], sources: tuple[Source, ...], settings: Settings) -> bool:
    fetcher = open_fetcher(settings)
    good = True
    try:
        slots = asyncio.Semaphore(8)
        checks = [_adapter(adapter) for adapter in adapters]
        checks += [_source(source, fetcher, slots) for source in sources]
        for each in asyncio.as_completed(checks):
            works, sentence = await each
            click.echo(f"{GOOD if works else BAD} {sentence}")
            good = good and works
    finally:
        await fetcher.close()
    return good


async def _adapter(adapter: Adapter) -> tuple[bool, str]:
    try:
        return True, f"{adapter.platform}: {await adapter.check()}"
    except AdapterError as error:
        return False, f"{adapter.platform}: {error}"
    finally:
        await adapter.close()


async def _source(source: Source, fetcher: Fetcher, slots: asyncio.Semaphore) -> tuple[bool, str]:
    async with slots:
        for_people = kinds.KINDS[source.kind].for_people
        answer = await fetcher.get(source.url, public_only=source.public_only, for_people=for_people)
        match answer:
            case FetchFailed(reason):
                return False, f"{source.slug}: {reason}"
            case Unchanged():
                return True, f"{source.slug}: unchanged"
        try:
            items = await asyncio.to_thread(kinds.KINDS[source.kind].read, answer, source, app.wall_clock())
        except kinds.Unreadable as error:
            return False, f"{source.slug}: {error}"
    return True, f"{source.slug}: {text.count(len(items), 'item')}"
