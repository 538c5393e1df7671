"""Compose replies to operators about sources: what one shows, and what to do where it shows nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot import text
from bot.commands.replies import LONGEST_HEADLINE, bold, code, command, line
from bot.model import Item, Source
from bot.moments import moment
from bot.ports import Line, Reply, Span
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
    return (
        line(command("source add https://example.org/news"), " watches a feed, or the feed of a page."),
        line(command("source test https://example.org/news"), " shows what it would bring, and changes nothing."),
        line(command("source list"), " names the sources as ", command("source remove NAME"), " wants them."),
    )


def listed(sources: Sequence[Source]) -> Reply:
    """List the sources by the names that commands use."""
    if not sources:
        return (line("No source is watched. Try ", command("source add https://example.org/news"), "."),)
    return tuple(line("• ", code(each.slug), f" — {each.name}, {each.kind}") for each in sources)


def looking(url: str) -> Reply:
    """Say that a look is under way."""
    return (line("Looking at ", code(text.shorten(url, LONGEST)), " …"),)


def added(source: Source, tried: Tried, timezone: str, now: datetime) -> Reply:
    """Say what is watched from now on, and show its first items."""
    where = f" at {without_secrets(source.url)}" if tried.found is not None else ""
    return (
        line(
            bold(source.name), f" ({source.kind}{where}) is watched from now on. It shows {_count(tried)}", _end(tried)
        ),
        *_items(tried.items, timezone, now),
        line("What is there counts as known: only what is new is sent. ", _remove(source.slug), " takes it away."),
    )


def tried(tried: Tried, timezone: str, now: datetime) -> Reply:
    """Show what a source yields."""
    where = () if tried.found is None else (line(trial.origin(tried.found), " ", code(without_secrets(tried.url))),)
    shown = line(f"Read as {tried.kind}, it shows {_count(tried)}", _end(tried))
    return (*where, shown, *_items(tried.items, timezone, now), line("Nothing was changed."))


def choices(search: Search) -> Reply:
    """Ask which feed of a page is meant."""
    offered = search.rivals[:MOST_CHOICES]
    return (
        line(trial.origin(search)),
        *(
            line("• ", command(f"source add {each.url} {each.title}".strip()), f" — {trial.about(each)}")
            for each in offered
        ),
        line("None was added yet: send the one that you mean."),
    )


def watched_already(source: Source) -> Reply:
    """Say that there is such a source."""
    return (line("That is watched already, as ", code(source.slug), f" ({source.name}). Nothing was changed."),)


def restored(slug: str) -> Reply:
    """Say that a removed source is watched again."""
    return (line(code(slug), " is watched again; what is there now counts as known."),)


def removed(slug: str) -> Reply:
    """Say that a source is not watched any more."""
    return (
        line(
            code(slug),
            " is not watched any more; what it brought stays. ",
            command(f"source add {slug}"),
            " takes it back.",
        ),
    )


def unknown(slug: str, nearest: str) -> Reply:
    """Say that there is no such source."""
    meant = (" Did you mean ", code(nearest), "?") if nearest else ()
    return (
        line(
            "There is no source ",
            code(text.shorten(slug, 60)),
            ".",
            *meant,
            " ",
            command("source list"),
            " names them.",
        ),
    )


def no_address(written: str) -> Reply:
    """Say what an address looks like."""
    return (
        line(
            *(code(text.shorten(written, 60)), " is neither a web address nor the name of a source that was removed: "),
            *("try ", command("source add https://example.org/news"), "."),
        ),
    )


def too_slow(url: str, seconds: float) -> Reply:
    """Say that an address took too long."""
    return (
        line(
            code(text.shorten(url, LONGEST)), f" took more than {seconds:.0f} seconds. Nothing was changed: try later, "
        ),
        line("or give the address of the feed itself."),
    )


def no_feed(problem: str) -> Reply:
    """Say what to do with a page that has no feed."""
    return (
        line(f"{text.shorten(problem, LONGEST)}. Nothing was changed."),
        line(
            "Give the address of its feed; or, where the page shows a list, describe it where I run: ", _by_selectors()
        ),
    )


def refused(problem: str) -> Reply:
    """Say why an address cannot be a source."""
    return (line(f"{text.shorten(problem, LONGEST * 2)} Nothing was changed."),)


def _by_selectors() -> Span:
    return code('phiwire source add URL --kind page --select "row=…"')


def _remove(slug: str) -> Span:
    return command(f"source remove {slug}")


def _count(tried: Tried) -> str:
    return text.count(len(tried.items), "item")


def _end(tried: Tried) -> str:
    return f"; the first {SHOWN}:" if len(tried.items) > SHOWN else ":" if tried.items else "."


def _items(items: Sequence[Item], timezone: str, now: datetime) -> Reply:
    return tuple(_item(each, timezone, now) for each in items[:SHOWN])


def _item(item: Item, timezone: str, now: datetime) -> Line:
    by = item.author or item.organisation
    before = f"{text.shorten(by, 80)} | " if by else ""
    when = "no time" if item.published_at is None else moment(item.published_at, timezone, now)
    return line(
        "• ", before, Span(text.shorten(item.headline, LONGEST_HEADLINE), bold=True, url=item.url), f" — {when}"
    )
