"""Compose replies about what came, what did not, and what waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import channels, durations, text
from bot.commands import replies
from bot.commands.replies import LONGEST_HEADLINE, bold, command, line
from bot.counters import Counted
from bot.flow.sight import Open
from bot.model import Entry, SourceState
from bot.moments import moment
from bot.outbox.history import FailureKind, Lag, Last, Percentiles, Queue
from bot.ports import Line, Reply, Span

MOST_SOURCES = 10
_STATES = {"pending": "waits", "sending": "is being sent", "sent": "sent"}


@dataclass(frozen=True, slots=True)
class Here:
    """How a channel is: its filters, its pause, until when it is left alone, what waits, its last deliveries."""

    filters: int
    paused_until: datetime | None
    held_until: datetime | None
    waiting: int
    last: Sequence[Last]


@dataclass(frozen=True, slots=True)
class Everything:
    """How all of it is."""

    alarms: Sequence[Open]
    queue: Sequence[Queue]
    counted: Sequence[Counted]
    lag: Sequence[Lag]
    failures: Sequence[FailureKind]
    sources: Sequence[SourceState]


def here(here: Here, timezone: str, now: datetime) -> Reply:
    """Tell a channel about itself."""
    waits = f"{text.count(here.waiting, 'message')} waiting" if here.waiting else "nothing waits"
    filters = text.count(here.filters, "filter") if here.filters else "No filters yet"
    lines = [line(f"{filters}; {waits}.")]
    if here.paused_until is not None:
        lines.append(_paused(here.paused_until, timezone, now))
    elif here.held_until is not None and here.held_until > now and here.waiting:
        until = moment(here.held_until, timezone, now)
        lines.append(line(f"The next message is tried at {until}: this platform asked to wait, or did not answer."))
    if not here.last:
        return (*lines, line("Nothing has been sent here yet."))
    return (*lines, line("The last ones:"), *(_last(each, timezone, now) for each in here.last))


def _paused(until: datetime, timezone: str, now: datetime) -> Line:
    shown = "" if until.year == channels.UNTIL_RESUMED.year else f" until {moment(until, timezone, now)}"
    return line(f"Paused{shown}: ", command("resume"), " lets messages through.")


def _last(last: Last, timezone: str, now: datetime) -> Line:
    headline = Span(text.shorten(last.headline, LONGEST_HEADLINE) or "(no headline)", bold=True, url=last.url)
    why = f": {last.error}" if last.error and last.status not in _STATES else ""
    state = _STATES.get(last.status, last.status)
    return line("• ", headline, f" — {state}{why}, {moment(last.at, timezone, now)}")


def everything(everything: Everything, timezone: str, now: datetime) -> Reply:
    """Tell an operator about all channels and sources."""
    return (
        *(line(bold(each.sentence), f" (told {moment(each.told_at, timezone, now)})") for each in everything.alarms),
        *_queue(everything.queue, everything.counted, now),
        *(line(f"{each.platform}, the last 24 hours: {delays(each)}") for each in everything.lag),
        *(line(f"⚠ {each.platform}: {each.count:,} failed: {each.error}") for each in everything.failures),
        *_troubles(everything.sources, timezone, now),
    )


def _queue(queue: Sequence[Queue], counted: Sequence[Counted], now: datetime) -> Reply:
    ended = [each for each in counted if each.name == "deliveries"]
    platforms = sorted({each.platform for each in queue} | {each.platform for each in ended})
    if not platforms:
        return (line("No deliveries yet."),)
    return tuple(line(f"{platform}: {_counts(platform, queue, ended, now)}") for platform in platforms)


def _counts(platform: str, queue: Iterable[Queue], ended: Iterable[Counted], now: datetime) -> str:
    here = [each for each in queue if each.platform == platform]
    parts = [f"{each.count:,} {each.status}" for each in here]
    parts += [f"{each.value:,} {each.label}" for each in ended if each.platform == platform]
    due = min((each.due_since for each in here if each.due_since is not None), default=None)
    if due is not None:
        parts.append(f"the oldest due for {seconds((now - due).total_seconds())}")
    return ", ".join(parts)


def delays(lag: Lag) -> str:
    """Say how long news took: published → seen → sent, half of it and 95% of it."""
    seen = "" if lag.published_to_seen is None else f"published → seen {_both(lag.published_to_seen)}, "
    whole = "" if lag.published_to_sent is None else f", together {_both(lag.published_to_sent)}"
    return f"{seen}seen → sent {_both(lag.seen_to_sent)}{whole}"


def _both(percentiles: Percentiles) -> str:
    return f"{seconds(percentiles[0])} (95%: {seconds(percentiles[1])})"


def seconds(duration: float) -> str:
    """Say a duration briefly: 0.8 s, 12 s, 3 min, 2.5 h, 3 d."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if duration >= 2 * size:
            return f"{_rounded(duration / size)} {unit}"
    return f"{_rounded(duration)} s"


def _rounded(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0") if number < 10 else f"{number:.0f}"  # noqa: PLR2004 (two digits)


def _troubles(states: Sequence[SourceState], timezone: str, now: datetime) -> Reply:
    ill = [state for state in states if state.trouble or state.error]
    if not ill:
        return (line(f"{text.count(len(states), 'source')}, all well."),)
    more = len(ill) - MOST_SOURCES
    return (
        line(f"{len(ill):,} of {text.count(len(states), 'source')} in trouble:"),
        *replies.sources(ill[:MOST_SOURCES], timezone, now),
        *((line(f"and {more:,} more: ", command("sources"), "."),) if more > 0 else ()),
    )


def missed(shown: Sequence[Entry], statuses: Sequence[str], asked: timedelta, timezone: str, now: datetime) -> Reply:
    """List what should have come and did not, the newest last; `statuses` are of all that was missed, shown or not."""
    counts = Counter(statuses)
    why = [f"{counts[status]:,} {status}" for status in ("failed", "expired") if counts[status]]
    why += [f"{counts['']:,} never sent here"] if counts[""] else []
    total = text.count(len(statuses), "entry", "entries")
    more = len(statuses) - len(shown)
    return (
        line(
            f"In the last {durations.format_duration(asked)} {total} your filters want did not come: {', '.join(why)}."
        ),
        *(replies.entry(each, timezone, now) for each in shown),
        *(_more(more, shown[-1], now) if more else ()),
    )


def _more(more: int, last: Entry, now: datetime) -> Reply:
    """Name the duration that begins with the last entry that is shown."""
    minutes = max(1, -(-(now - (last.published_at or last.first_seen_at)) // timedelta(minutes=1)))
    narrower = durations.format_duration(timedelta(minutes=minutes))
    return (line(f"and {more:,} more that are newer: ", command(f"missed {narrower}"), "."),)


def nothing_missed(asked: timedelta) -> Reply:
    """Say that all has come."""
    return (
        line(f"Nothing was missed in the last {durations.format_duration(asked)}: what your filters want has come."),
    )


def too_long() -> Reply:
    """Say how far back can be looked."""
    return (line("That reaches back further than 7 days: try ", command("missed 7d"), ", or ", command("search"), "."),)


def no_filters() -> Reply:
    """Say that nothing is wanted here."""
    return (line("No filters yet, so nothing can be missing. Try ", command("subscribe nhs"), "."),)
