"""Try a source for the command line: over the network or from a file, with what is found shown to a person."""

from __future__ import annotations

import mimetypes
import shlex
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import click

from bot import text
from bot.cli.common import Refused, open_fetcher
from bot.model import Item, Source
from bot.settings import Settings
from bot.sources import trial
from bot.sources.fetch import Page
from bot.sources.finding import Search
from bot.sources.trial import Tried


async def try_source(
    wanted: Source,
    kind: str | None,
    now: datetime,
    settings: Settings,
    *,
    path: Path | None = None,
    base: str = "",
    complete: bool,
) -> Tried:
    """Fetch a source, or read a file, once. Without a kind the answer is looked at. Raises Refused."""
    fetcher = open_fetcher(settings)
    try:
        if path is not None:
            return await trial.read(_read_file(path, base), wanted, kind, now, str(path))
        return await trial.try_source(wanted, kind, now, fetcher, complete=complete, tell=_progress, warn=_warn)
    except trial.NoFeedError as error:
        raise Refused(
            f'{error}: if it shows a list, name its rows with --kind page --select "row=…"; docs/sources.md shows how.'
        ) from error
    except trial.TrialError as error:
        raise Refused(str(error)) from error
    finally:
        await fetcher.close()


def _warn(sentence: str) -> None:
    click.echo(sentence, err=True)


def _progress(sentence: str) -> None:
    if sys.stderr.isatty():
        click.echo(sentence, err=True)


def _read_file(path: Path, base: str) -> Page:
    try:
        body = path.read_bytes()
    except OSError as error:
        raise Refused(f"{path} cannot be read ({error.strerror}): give an http(s) address or a file.") from error
    content_type = mimetypes.guess_type(path.name)[0] or ""
    return Page(url=base, body=body, content_type=content_type, etag="", last_modified="")


def announcement(search: Search) -> str:
    """Say which feeds a page has, the best one first."""
    return "\n".join([trial.origin(search), *(f"  {found.url}  {trial.about(found)}" for found in search.found)])


def choices(search: Search, options: Mapping[str, str | None]) -> str:
    """Give for each feed that may be meant the command that adds it, with the options that were given."""
    lines = [announcement(search), "None was added yet. Choose:"]
    for found in search.rivals:
        given = dict(options)
        if not given["--name"] and not given["--slug"] and found.title and len(search.rivals) > 1:
            given["--name"] = found.title
        words = [word for name, value in given.items() if value for word in (name, value)]
        lines.append(f"  phiwire source add {shlex.join([found.url, *words])}")
    return "\n".join(lines)


def item(shown: Item) -> str:
    """Show an item to a person who judges its source."""
    when = "no time" if shown.published_at is None else f"{shown.published_at:%Y-%m-%d %H:%M} UTC"
    by = shown.author or shown.organisation
    withdrawn = click.style("Withdrawn: ", fg="red") if shown.withdrawn else ""
    lines = [f"{f'{by} | ' if by else ''}{withdrawn}{click.style(shown.headline, bold=True)}"]
    lines.append(f"    {when}  {shown.url or '(no link)'}")
    if shown.topic:
        lines.append(f"    topic: {shown.topic}")
    lines += [f"    quoted: {', '.join(filter(None, (each.speaker, each.office)))}" for each in shown.quotations]
    lines += [f"    attached: {each.title}  {each.url}" for each in shown.attachments]
    if shown.change_note:
        lines.append(f"    changed: {text.shorten(shown.change_note, 160)}")
    body = (shown.body or shown.summary).replace("\n\n", " ")
    if body:
        lines.append(f"    {text.shorten(body, 160)}")
    return "\n".join(lines)
