"""Try a filter."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import click

from bot import app, durations, text
from bot.cli.common import Refused, open_database, read_settings, show_json
from bot.filters import document, query
from bot.model import ENTRY_KINDS, Entry, Item
from bot.wire import store

_TEXT_FIELDS = tuple(field.name for field in fields(Item) if field.name not in {"quotations", "published_at"})


@click.group("filter")
def filter_() -> None:
    """Try filters before anybody gets messages by them."""


@filter_.command("test")
@click.argument("query_text", metavar="QUERY")
@click.option("--since", metavar="DURATION", help="Take the entries of the last 7d (12h, 2w …) from the database.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def test(query_text: str, since: str | None, *, as_json: bool) -> None:
    """Show which entries match QUERY, and why.

    Entries are JSON objects, one a line, on standard input (headline, author, organisation, topic, summary, body,
    source, kind), or with --since those in the database. Exits 0 with matches, 1 without, 2 where QUERY cannot be read.
    """
    try:
        tree = query.parse(query_text)
    except query.QueryError as error:
        raise Refused("\n".join(error.lines())) from error
    matches = 0
    for given, doc in _from_database(since) if since is not None else _from_lines():
        found = query.found(tree, doc)
        if found is None:
            continue
        matches += 1
        if as_json:
            show_json(given, found=found)
        else:
            shown = given if isinstance(given, dict) else {"author": given.author, "headline": given.headline}
            author = f"{text.clean(str(shown['author']))} | " if shown.get("author") else ""
            headline = click.style(text.clean(str(shown.get("headline", ""))), bold=True)
            click.echo(f"{author}{headline}  [{', '.join(found)}]")
    if not as_json:
        click.echo(f"{text.count(matches, 'entry matches', 'entries match')}.", err=True)
    raise click.exceptions.Exit(0 if matches else 1)


def _from_database(since: str) -> Iterator[tuple[Entry, document.Document]]:
    try:
        moment = app.wall_clock() - durations.parse_duration(since)
    except (ValueError, OverflowError) as error:
        raise Refused(f"--since {since}: {error}.") from error
    with open_database(read_settings().database) as connection:
        for entry in store.seen_since(connection, moment):
            yield entry, document.of_entry(entry)


def _from_lines() -> Iterator[tuple[dict[str, Any], document.Document]]:
    if sys.stdin.isatty():
        click.echo("Waiting for entries as JSON lines on standard input (or use --since 7d) …", err=True)
    for number, line in enumerate(sys.stdin.buffer, 1):
        if not line.strip():
            continue
        given = _object(line)
        if given is None:
            raise Refused(f"Line {number} of standard input is no JSON object: give one entry a line.")
        values = {name: str(given.get(name) or "") for name in _TEXT_FIELDS}
        values["kind"] = values["kind"] if values["kind"] in ENTRY_KINDS else ENTRY_KINDS[0]
        source_names = [str(given[name]) for name in ("source", "source_name") if given.get(name)]
        yield given, document.of_item(Item(**values), *source_names)  # type: ignore[arg-type]


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        given = json.loads(line)
    except ValueError:
        return None
    return given if isinstance(given, dict) else None
