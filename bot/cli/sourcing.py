"""List, add, remove and try sources."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import click

from bot import app, text
from bot.cli import trying
from bot.cli.common import Refused, open_database, read_settings, read_sources, show_json
from bot.model import Source, SourceState
from bot.sources import kinds, trial
from bot.sources.addresses import without_secrets
from bot.wire import source_store

KIND = click.Choice(sorted(kinds.KINDS))
SELECT = click.option(
    "--select",
    "selectors",
    multiple=True,
    metavar="FIELD=CSS",
    help='A CSS selector, such as --select "row=li.item" --select "headline=a".',
)


@click.group()
def source() -> None:
    """Look after what is watched: list, add, remove, test."""


@source.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(*, as_json: bool) -> None:
    """Show the sources, and how they are doing."""
    settings = read_settings()
    sources, _ = read_sources(settings.sources)
    states: dict[str, SourceState] = {}
    if settings.database.exists():
        with open_database(settings.database) as connection:
            sources = source_store.effective_sources(connection, sources)
            states = {state.slug: state for state in source_store.source_states(connection)}
    for source in sources:
        state = states.get(source.slug) or _unread(source)
        if as_json:
            show_json(state)
        else:
            click.echo(_state(state))


def _unread(source: Source) -> SourceState:
    return SourceState(source.slug, source.name, source.kind, source.url, None, None, None, None, 0, "", 0)


def _state(state: SourceState) -> str:
    mark = click.style("✗", fg="red") if state.error else click.style("✓", fg="green") if state.last_ok_at else "·"
    problem = f"\n    {state.error}" if state.error else ""
    return f"{mark} {state.slug}  {state.name}\n    {state.kind} {without_secrets(state.url)}{problem}"


@source.command("add", short_help="Watch another source, or take back one that was removed.")
@click.argument("url")
@click.option("--kind", type=KIND, help="What it is; without it the answer is looked at.")
@click.option("--name", help="How people see it; by default its host.")
@click.option("--slug", help="How commands name it; by default made of the name.")
@click.option("--every", metavar="DURATION", help="A fixed interval, such as 30s or 5m.")
@click.option("--icon", metavar="EMOJI|URL", help="What stands for it: an emoji, or for Slack a picture's address.")
@click.option("--custom-emoji", metavar="NUMBER", help="One of Telegram's own, shown instead where the bot may.")
@SELECT
def add(
    url: str,
    kind: str | None,
    name: str | None,
    slug: str | None,
    every: str | None,
    icon: str | None,
    custom_emoji: str | None,
    selectors: Sequence[str],
) -> None:
    """Watch another source, or take back one that was removed (URL may be its slug). A running bot notices.

    Where URL is a page, its feeds are looked for, and the best one is watched.
    """
    settings = read_settings()
    with open_database(settings.database, create=True) as connection:
        if not url.startswith(("http://", "https://")):
            if source_store.restore_source(connection, url):
                click.echo(f"{url} is watched again.")
                return
            raise Refused(f"{url} is neither an http(s) address nor the slug of a source that was removed.")
        chosen = {"--name": name, "--slug": slug, "--every": every, "--icon": icon, "--custom-emoji": custom_emoji}
        name = name or urlsplit(url).hostname or url
        icons = {"icon" if "://" in (icon or "") else "emoji": icon, "custom_emoji": custom_emoji}
        given = {"slug": slug or trial.slug_of(name), "name": name, "every": every, **icons}
        wanted = _source(url, kind or "feed", selectors, **given)
        wanted = dataclasses.replace(wanted, public_only=True)
        tried = asyncio.run(trying.try_source(wanted, kind, app.wall_clock(), settings, complete=False))
        if tried.found is not None and trial.needs_a_choice(tried.found):
            click.echo(trying.choices(tried.found, chosen), err=True)
            raise click.exceptions.Exit(2)
        wanted = dataclasses.replace(wanted, kind=tried.kind, url=tried.url)
        if any(known.slug == wanted.slug and known.url != wanted.url for known in source_store.sources(connection)):
            raise Refused(f"There is a source {wanted.slug} already: give this one another --slug.")
        source_store.put_source(connection, wanted, "added")
    if tried.found is not None:
        click.echo(trying.announcement(tried.found), err=True)
    shown = text.count(len(tried.items), "item")
    where = f" at {without_secrets(wanted.url)}" if tried.found is not None else ""
    click.echo(f"{wanted.slug} ({wanted.kind}{where}) is watched from now on; it shows {shown}.")


@source.command("remove")
@click.argument("slug")
def remove(slug: str) -> None:
    """Stop watching a source; what it brought stays. A running bot notices."""
    settings = read_settings()
    sources, origin = read_sources(settings.sources)
    with open_database(settings.database, create=True) as connection:
        for source in sources:
            if source.slug == slug and slug not in {state.slug for state in source_store.source_states(connection)}:
                source_store.put_source(connection, source, origin)
        if not source_store.remove_source(connection, slug, app.wall_clock()):
            raise Refused(f"There is no source {slug}: phiwire source list shows them.")
    click.echo(f"{slug} is not watched any more. phiwire source add {slug} takes it back.")


@source.command("test", short_help="Show the items of an address, a file or a known source.")
@click.argument("url_or_file")
@click.option("--kind", type=KIND, help="What it is; without it the answer is looked at.")
@click.option("--at", "moment", metavar="ISO8601", help="The time to resolve bare times by; now by default.")
@click.option("--base", default="", metavar="URL", help="Where a file came from, for its relative links.")
@click.option("--timezone", default="Europe/London", show_default=True, help="The zone of bare times.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@SELECT
def test(
    url_or_file: str,
    kind: str | None,
    moment: str | None,
    base: str,
    timezone: str,
    *,
    as_json: bool,
    selectors: Sequence[str],
) -> None:
    """Show the items that an address, a file or a known source (by its slug) yields.

    Where the address is a page, its feeds are looked for, and the items are those of the best one.

    Exits 0 with items, 1 without any, 2 with the reason where it cannot be read.
    """
    settings = read_settings()
    now = _moment(moment)
    known = {} if _is_place(url_or_file) else {each.slug: each for each in read_sources(settings.sources)[0]}
    if url_or_file in known:
        wanted = known[url_or_file]
        kind = kind or wanted.kind
    else:
        wanted = _source(base or url_or_file, kind or "feed", selectors, timezone=timezone)
    path = None if url_or_file.startswith(("http://", "https://")) or url_or_file in known else Path(url_or_file)
    tried = asyncio.run(trying.try_source(wanted, kind, now, settings, path=path, base=base, complete=True))
    if tried.found is not None:
        click.echo(trying.announcement(tried.found), err=True)
        click.echo(f"Here are the items of {tried.url}", err=True)
    for item in tried.items:
        if as_json:
            show_json(item, source=wanted.slug)
        else:
            click.echo(trying.item(item))
    if not as_json:
        click.echo(f"{text.count(len(tried.items), 'item')}, read as {tried.kind}.", err=True)
    raise click.exceptions.Exit(0 if tried.items else 1)


def _is_place(url_or_file: str) -> bool:
    return url_or_file.startswith(("http://", "https://")) or Path(url_or_file).exists()


def _moment(written: str | None) -> datetime:
    if written is None:
        return app.wall_clock()
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise Refused(f"--at {written}: write a time like 2014-11-26T18:00+00:00.") from error
    return moment if moment.tzinfo is not None else moment.astimezone()


def _source(
    url: str,
    kind: str,
    selectors: Sequence[str],
    **given: str | None,
) -> Source:
    """Make a source of options, checked as the fields of a file are. Raises Refused."""
    table: dict[str, object] = {"slug": "test", "name": "test", "kind": kind}
    table |= {key: value for key, value in given.items() if value is not None}
    # Where a file came from matters for its relative links alone, and those are resolved by the page's own address.
    table["url"] = url if url.startswith(("http://", "https://")) else "http://localhost/"
    if selectors:
        table["select"] = dict(selector.partition("=")[::2] for selector in selectors)
    try:
        return trial.make_source(table)
    except trial.TrialError as error:
        raise Refused(str(error)) from error
