"""Compose replies to operators about sources: what one shows, and what to do where it shows nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot import text
from bot.commands.replies import LONGEST_HEADLINE, bold, code, command, line
from bot.languages import say, say_count
from bot.model import Item, Source
from bot.moments import moment
from bot.ports import Line, Reply, Span
from bot.sentences import say_line
from bot.sources import trial
from bot.sources.addresses import without_secrets
from bot.sources.finding import Search
from bot.sources.trial import Tried

# Items that an answer shows of a source: enough to see whether it is the right one.
SHOWN = 3
MOST_CHOICES = 6
LONGEST = 300


def how() -> Reply:
    """Say what operators can do with sources."""
    name = say("NAME")
    return (
        say_line(
            "{command} watches a feed, or the feed of a page.", command=command("source add https://example.org/news")
        ),
        say_line(
            "{command} shows what it would bring, and changes nothing.",
            command=command("source test https://example.org/news"),
        ),
        say_line(
            "{list} names the sources as {remove} wants them.",
            list=command("source list"),
            remove=command(f"source remove {name}"),
        ),
    )


def listed(sources: Sequence[Source]) -> Reply:
    """List the sources by the names that commands use."""
    if not sources:
        return (
            say_line("No source is watched. Try {command}.", command=command("source add https://example.org/news")),
        )
    return tuple(line("• ", code(each.slug), f" — {each.name}, {each.kind}") for each in sources)


def looking(url: str) -> Reply:
    """Say that a look is under way."""
    return (say_line("Looking at {address} …", address=code(text.shorten(url, LONGEST))),)


def added(source: Source, tried: Tried, timezone: str, now: datetime) -> Reply:
    """Say what is watched from now on, and show its first items."""
    name, kind = bold(source.name), source.kind
    watched = (
        say_line("{name} ({kind}) is watched from now on.", name=name, kind=kind)
        if tried.found is None
        else say_line(
            "{name} ({kind} at {address}) is watched from now on.",
            name=name,
            kind=kind,
            address=without_secrets(source.url),
        )
    )
    return (
        line(*watched, " ", _shows(len(tried.items))),
        *_items(tried.items, timezone, now),
        say_line(
            "What is there counts as known: only what is new is sent. {remove} takes it away.",
            remove=command(f"source remove {source.slug}"),
        ),
    )


def _shows(number: int) -> str:
    if number > SHOWN:
        return say_count(
            number,
            "It shows {number:,} item; the first {shown}:",
            "It shows {number:,} items; the first {shown}:",
            shown=SHOWN,
        )
    if number:
        return say_count(number, "It shows {number:,} item:", "It shows {number:,} items:")
    return say_count(number, "It shows {number:,} item.", "It shows {number:,} items.")


def tried(tried: Tried, timezone: str, now: datetime) -> Reply:
    """Show what a source yields."""
    where = () if tried.found is None else (line(trial.origin(tried.found), " ", code(without_secrets(tried.url))),)
    shown = line(_shows_as(tried.kind, len(tried.items)))
    return (*where, shown, *_items(tried.items, timezone, now), say_line("Nothing was changed."))


def _shows_as(kind: str, number: int) -> str:
    if number > SHOWN:
        return say_count(
            number,
            "Read as {kind}, it shows {number:,} item; the first {shown}:",
            "Read as {kind}, it shows {number:,} items; the first {shown}:",
            kind=kind,
            shown=SHOWN,
        )
    if number:
        return say_count(
            number,
            "Read as {kind}, it shows {number:,} item:",
            "Read as {kind}, it shows {number:,} items:",
            kind=kind,
        )
    return say_count(
        number, "Read as {kind}, it shows {number:,} item.", "Read as {kind}, it shows {number:,} items.", kind=kind
    )


def choices(search: Search) -> Reply:
    """Ask which feed of a page is meant."""
    offered = search.rivals[:MOST_CHOICES]
    return (
        line(trial.origin(search)),
        *(
            line("• ", command(f"source add {each.url} {each.title}".strip()), f" — {trial.about(each)}")
            for each in offered
        ),
        say_line("None was added yet: send the one that you mean."),
    )


def watched_already(source: Source) -> Reply:
    """Say that there is such a source."""
    said = say_line(
        "That is watched already, as {slug} ({name}). Nothing was changed.", slug=code(source.slug), name=source.name
    )
    return (said,)


def restored(slug: str) -> Reply:
    """Say that a removed source is watched again."""
    return (say_line("{source} is watched again; what is there now counts as known.", source=code(slug)),)


def removed(slug: str) -> Reply:
    """Say that a source is not watched any more."""
    return (
        say_line(
            "{source} is not watched any more; what it brought stays. {command} takes it back.",
            source=code(slug),
            command=command(f"source add {slug}"),
        ),
    )


def unknown(slug: str, nearest: str) -> Reply:
    """Say that there is no such source."""
    asked, names = code(text.shorten(slug, 60)), command("source list")
    if not nearest:
        return (say_line("There is no source {source}. {list} names them.", source=asked, list=names),)
    said = say_line(
        "There is no source {source}. Did you mean {nearest}? {list} names them.",
        source=asked,
        nearest=code(nearest),
        list=names,
    )
    return (said,)


def no_address(written: str) -> Reply:
    """Say what an address looks like."""
    return (
        say_line(
            "{words} is neither a web address nor the name of a source that was removed: try {command}.",
            words=code(text.shorten(written, 60)),
            command=command("source add https://example.org/news"),
        ),
    )


def too_slow(url: str, seconds: float) -> Reply:
    """Say that an address took too long."""
    shown = f"{seconds:.0f}"
    return (
        say_line(
            "{address} took more than {seconds} seconds. Nothing was changed: try later, or give the address of the "
            "feed itself.",
            address=code(text.shorten(url, LONGEST)),
            seconds=shown,
        ),
    )


def no_feed(problem: str) -> Reply:
    """Say what to do with a page that has no feed."""
    return (
        line(say("{problem}. Nothing was changed.", problem=text.shorten(problem, LONGEST))),
        say_line(
            "Give the address of its feed; or, where the page shows a list, describe it where I run: {command}",
            command=_by_selectors(),
        ),
    )


def refused(problem: str) -> Reply:
    """Say why an address cannot be a source."""
    return (line(say("{problem} Nothing was changed.", problem=text.shorten(problem, LONGEST * 2))),)


def _by_selectors() -> Span:
    return code('phiwire source add URL --kind page --select "row=…"')


def _items(items: Sequence[Item], timezone: str, now: datetime) -> Reply:
    return tuple(_item(each, timezone, now) for each in items[:SHOWN])


def _item(item: Item, timezone: str, now: datetime) -> Line:
    by = item.author or item.organisation
    before = f"{text.shorten(by, 80)} | " if by else ""
    when = say("no time") if item.published_at is None else moment(item.published_at, timezone, now)
    return line(
        "• ", before, Span(text.shorten(item.headline, LONGEST_HEADLINE), bold=True, url=item.url), f" — {when}"
    )
