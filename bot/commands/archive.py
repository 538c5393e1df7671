"""Try queries and names on the entries of the last weeks, before anybody gets messages by them."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice

from bot import text
from bot.commands.caught import Caught, Seen
from bot.filters import people, query
from bot.filters import store as filters
from bot.filters.document import holds, of_entry
from bot.filters.evaluation import found
from bot.filters.narrowing import narrow
from bot.filters.people import Aliases
from bot.filters.tree import All, Any, Not, Query, Term
from bot.model import Subscription
from bot.wire import store as wire

_DAY = timedelta(days=1)
_YEAR = timedelta(days=365)


def caught(
    connection: sqlite3.Connection, tree: Query, aliases: Aliases, now: datetime, *, days: int, examples: int = 0
) -> Caught:
    """Find what a query would have caught in the last days."""
    since = now - days * _DAY
    words, exact = narrow(tree, aliases)
    if exact:
        moments = wire.times_since(connection, since, words)
        shown = list(islice(wire.seen_since(connection, since, words), examples)) if examples else []
    else:
        moments, shown = [], []
        for entry in wire.seen_since(connection, since, words):
            if found(tree, of_entry(entry, aliases)) is not None:
                moments.append(entry.published_at or entry.first_seen_at)
                if len(shown) < examples:
                    shown.append(entry)
    oldest = wire.oldest(connection)
    reach = 0.0 if oldest is None else min((now - oldest) / _DAY, float(days))
    return Caught(tuple(moments), tuple(shown), days, reach)


def narrower(
    connection: sqlite3.Connection, tree: Query, aliases: Aliases, now: datetime, *, days: int
) -> list[tuple[Query, Caught]]:
    """Suggest queries that catch less of the same: in headlines only, or without the source that brings most."""
    sources = Counter(
        entry.source
        for entry in wire.seen_since(connection, now - days * _DAY, narrow(tree, aliases).words)
        if found(tree, of_entry(entry, aliases)) is not None
    )
    suggested = [_in_headlines(tree)]
    if len(sources) > 1:
        ((loudest, _),) = sources.most_common(1)
        suggested.append(_joined(tree, Not(Term(text.tokens(loudest), "source"))))
    tried = [(each, caught(connection, each, aliases, now, days=days)) for each in suggested if each != tree]
    return [(each, less) for each, less in tried if len(less.moments) < sources.total()]


def _joined(tree: Query, part: Query) -> Query:
    return All((*tree.parts, part)) if isinstance(tree, All) else All((tree, part))


def _in_headlines(tree: Query) -> Query:
    match tree:
        case Term(words, "", prefix):
            return Term(words, "headline", prefix)
        case All(parts):
            return All(tuple(map(_in_headlines, parts)))
        case Any(parts):
            return Any(tuple(map(_in_headlines, parts)))
        case _:
            return tree


def hits(
    connection: sqlite3.Connection,
    existing: Sequence[Subscription],
    aliases: Aliases,
    now: datetime,
    *,
    days: int,
) -> dict[int, int]:
    """Count what each of a channel's filters brought; for a mute, what of the wire it is there to keep out."""
    counted = filters.hits(connection, existing[0].channel, now - days * _DAY) if existing else {}
    for each in existing:
        if each.kind == "mute":
            with contextlib.suppress(query.QueryError):  # written by another version
                found = caught(connection, query.parse(each.query), aliases, now, days=days)
                counted[each.id] = len(found.moments)
    return counted


def authors(
    connection: sqlite3.Connection, name: str, aliases: Aliases, now: datetime, *, prefix: bool = False
) -> tuple[Seen, ...]:
    """List the authors and organisations of the last year whose names hold the words of one, most frequent first.

    With `prefix` the last of the words may go on.
    """
    tree = query.author(name)
    words = tree.parts[0].words if isinstance(tree, Any) and isinstance(tree.parts[0], Term) else ()
    if prefix:
        tree = Any((Term(words, "author", prefix=True), Term(words, "org", prefix=True)))
    written: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for byline, organisation, entries in wire.authors_since(connection, now - _YEAR, narrow(tree, aliases).words):
        for each in {*people.people(byline), organisation} - {""}:
            if _is_called(each, words, aliases, prefix=prefix):
                written[people.name(each).replace("-", " ")][each] += entries
    seen = [
        Seen(max(forms, key=lambda form: (not form.isupper(), forms[form])), forms.total())
        for forms in written.values()
    ]
    return tuple(sorted(seen, key=lambda each: (-each.entries, each.name)))


def _is_called(name: str, words: Sequence[str], aliases: Aliases, *, prefix: bool) -> bool:
    return any(holds(each, words, prefix=prefix) for each in people.with_aliases([people.name(name)], aliases))
