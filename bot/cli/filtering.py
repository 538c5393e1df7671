"""Try a filter."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from bot import app, durations, text
from bot.cli.common import Refused, open_database, read_aliases, read_settings, show_json
from bot.filters import evaluation, query
from bot.filters.document import Document, of_entry
from bot.filters.narrowing import narrow
from bot.filters.people import Aliases
from bot.filters.tree import Query
from bot.model import ENTRY_KINDS, Entry, Item
from bot.wire import store

_TEXT_FIELDS = tuple(field.name for field in fields(Item) if field.name not in {"quotations", "published_at"})


@click.group("filter")
def filter_() -> None:
    """Try filters before anybody gets messages by them."""


class _QueryCommand(click.Command):
    """A command whose query may begin with a minus."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take for an option only what is one."""
        known = {name for param in self.get_params(ctx) for name in param.opts} | {"--"}
        queries = [each for each in args if each.startswith("-") and each.partition("=")[0] not in known]
        if "--" not in args and queries:
            args = [*(each for each in args if each not in queries), "--", *queries]
        return super().parse_args(ctx, args)


@filter_.command("test", cls=_QueryCommand)
@click.argument("query_text", metavar="QUERY")
@click.option("--since", metavar="DURATION", help="Take the entries of the last 7d (12h, 2w …) from the database.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def test(query_text: str, since: str | None, *, as_json: bool) -> None:
    """Show which entries match QUERY, and why.

    Words are whole words: nhs -football, "net zero", pens*, author:reeves, headline:(rail OR ferry). docs/filters.md
    explains the language.

    Entries are JSON objects, one a line, on standard input (headline, author, organisation, topic, summary, body,
    source, kind), or with --since those in the database. Exits 0 with matches, 1 without, 2 where QUERY cannot be read.
    """
    try:
        tree = query.parse(query_text)
    except query.QueryError as error:
        raise Refused("\n".join(error.lines())) from error
    for hint in query.hints(query_text):
        click.echo(hint, err=True)
    settings = read_settings()
    aliases = read_aliases(settings)
    given_entries = _from_lines(aliases) if since is None else _from_database(settings.database, since, tree, aliases)
    matches = 0
    for given, document in given_entries:
        if evaluation.found(tree, document) is None:
            continue
        explained = evaluation.explain(tree, document)
        found = [each.term for each in explained]
        matches += 1
        if as_json:
            show_json(given, found=found, where={each.term: each.where for each in explained})
        else:
            shown = given if isinstance(given, dict) else {"author": given.author, "headline": given.headline}
            author = f"{text.clean(str(shown['author']))} | " if shown.get("author") else ""
            headline = click.style(text.clean(str(shown.get("headline", ""))), bold=True)
            click.echo(f"{author}{headline}  [{', '.join(found)}]")
    if not as_json:
        click.echo(f"{text.count(matches, 'entry matches', 'entries match')}.", err=True)
    raise click.exceptions.Exit(0 if matches else 1)


def _from_database(path: Path, since: str, tree: Query, aliases: Aliases) -> Iterator[tuple[Entry, Document]]:
    try:
        moment = app.wall_clock() - durations.parse_duration(since)
    except (ValueError, OverflowError) as error:
        raise Refused(f"--since {since}: {error}.") from error
    with open_database(path) as connection:
        for entry in store.seen_since(connection, moment, narrow(tree, aliases).words):
            yield entry, of_entry(entry, aliases)


def _from_lines(aliases: Aliases) -> Iterator[tuple[dict[str, Any], Document]]:
    if sys.stdin is None:
        raise Refused("There is no standard input: give entries there, one JSON object a line, or use --since 7d.")
    if sys.stdin.isatty():
        click.echo("Waiting for entries as JSON lines on standard input (or use --since 7d) …", err=True)
    for number, line in enumerate(sys.stdin.buffer, 1):
        if not line.strip():
            continue
        given = _object(line)
        if given is None:
            raise Refused(f"Line {number} of standard input is no JSON object: give one entry a line.")
        values = {name: _text(given.get(name)) for name in _TEXT_FIELDS}
        values["kind"] = values["kind"] if values["kind"] in ENTRY_KINDS else ENTRY_KINDS[0]
        source, name = _text(given.get("source")), _text(given.get("source_name"))
        yield given, Document(Item(**values), source, name, aliases)  # type: ignore[arg-type]


def _text(value: object) -> str:
    """Read a field as text; several values, such as authors, stand side by side."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        given = json.loads(line.decode("utf-8-sig"))
        json.dumps(given, ensure_ascii=False).encode()  # half a character could not be printed
    except (ValueError, RecursionError):
        return None
    return given if isinstance(given, dict) else None
