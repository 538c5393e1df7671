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
from bot.languages import say, say_count, sentence
from bot.model import Entry, SourceState
from bot.moments import at, moment
from bot.outbox.history import FailureKind, Lag, Last, Percentiles, Queue
from bot.outbox.reasons import why_unsent
from bot.ports import Line, Reply, Span
from bot.sentences import say_line, say_line_count
from bot.story import no_headline

MOST_SOURCES = 10
# What a message does that is on its way or arrived, and what became of any other.
_STATES = {"pending": sentence("waits"), "sending": sentence("is being sent"), "sent": sentence("sent")}
_ENDS = {"failed": sentence("failed"), "expired": sentence("expired"), "folded": sentence("folded")}
_COUNTED = {
    "pending": sentence("{number:,} pending"),
    "sending": sentence("{number:,} sending"),
    "sent": sentence("{number:,} sent"),
    "failed": sentence("{number:,} failed"),
    "expired": sentence("{number:,} expired"),
    "folded": sentence("{number:,} folded"),
    "": sentence("{number:,} never sent here"),
}
_UNITS = (
    (86_400, sentence("{number} d")),
    (3_600, sentence("{number} h")),
    (60, sentence("{number} min")),
)


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
    waits = (
        say_count(here.waiting, "{number:,} message waiting", "{number:,} messages waiting")
        if here.waiting
        else say("nothing waits")
    )
    filters = (
        say_count(here.filters, "{number:,} filter", "{number:,} filters") if here.filters else say("No filters yet")
    )
    lines = [line(say("{filters}; {messages}.", filters=filters, messages=waits))]
    if here.paused_until is not None:
        lines.append(_paused(here.paused_until, timezone, now))
    elif here.held_until is not None and here.held_until > now and here.waiting:
        said = say(
            "The next message is tried {time}: this platform asked to wait, or did not answer.",
            time=at(here.held_until, timezone, now),
        )
        lines.append(line(said))
    if not here.last:
        return (*lines, say_line("Nothing has been sent here yet."))
    return (*lines, say_line("The last ones:"), *(_last(each, timezone, now) for each in here.last))


def _paused(until: datetime, timezone: str, now: datetime) -> Line:
    resume = command("resume")
    if until.year == channels.UNTIL_RESUMED.year:
        return say_line("Paused: {resume} lets messages through.", resume=resume)
    time = moment(until, timezone, now)
    return say_line("Paused until {time}: {resume} lets messages through.", time=time, resume=resume)


def _last(last: Last, timezone: str, now: datetime) -> Line:
    headline = Span(text.shorten(last.headline, LONGEST_HEADLINE) or no_headline(), bold=True, url=last.url)
    why = f": {why_unsent(last.error)}" if last.error and last.status not in _STATES else ""
    state = say((_STATES | _ENDS).get(last.status, last.status))
    return line("• ", headline, f" — {state}{why}, {moment(last.at, timezone, now)}")


def everything(everything: Everything, timezone: str, now: datetime) -> Reply:
    """Tell an operator about all channels and sources."""
    return (
        *(
            say_line("{alarm} (told {time})", alarm=bold(each.sentence), time=moment(each.told_at, timezone, now))
            for each in everything.alarms
        ),
        *_queue(everything.queue, everything.counted, now),
        *(_lag(each) for each in everything.lag),
        *(_failure(each) for each in everything.failures),
        *_troubles(everything.sources, timezone, now),
    )


def _lag(lag: Lag) -> Line:
    return line(say("{platform}, the last 24 hours: {delays}", platform=lag.platform, delays=delays(lag)))


def _failure(kind: FailureKind) -> Line:
    failed = say_count(
        kind.count, "{number:,} failed: {reason}", "{number:,} failed: {reason}", reason=why_unsent(kind.error)
    )
    return line(f"⚠ {kind.platform}: {failed}")


def _queue(queue: Sequence[Queue], counted: Sequence[Counted], now: datetime) -> Reply:
    ended = [each for each in counted if each.name == "deliveries"]
    platforms = sorted({each.platform for each in queue} | {each.platform for each in ended})
    if not platforms:
        return (say_line("No deliveries yet."),)
    return tuple(line(f"{platform}: {_counts(platform, queue, ended, now)}") for platform in platforms)


def _counts(platform: str, queue: Iterable[Queue], ended: Iterable[Counted], now: datetime) -> str:
    here = [each for each in queue if each.platform == platform]
    parts = [_counted(each.count, each.status) for each in here]
    parts += [_counted(each.value, each.label) for each in ended if each.platform == platform]
    due = min((each.due_since for each in here if each.due_since is not None), default=None)
    if due is not None:
        parts.append(say("the oldest due for {time}", time=seconds((now - due).total_seconds())))
    return ", ".join(parts)


def _counted(number: int, status: str) -> str:
    return say(_COUNTED[status], number=number) if status in _COUNTED else f"{number:,} {status}"


def delays(lag: Lag) -> str:
    """Say how long news took: published → seen → sent, half of it and 95% of it."""
    parts = [say("seen → sent {time}", time=_both(lag.seen_to_sent))]
    if lag.published_to_seen is not None:
        parts.insert(0, say("published → seen {time}", time=_both(lag.published_to_seen)))
    if lag.published_to_sent is not None:
        parts.append(say("together {time}", time=_both(lag.published_to_sent)))
    return ", ".join(parts)


def _both(percentiles: Percentiles) -> str:
    return f"{seconds(percentiles[0])} (95%: {seconds(percentiles[1])})"


def seconds(duration: float) -> str:
    """Say a duration briefly: 0.8 s, 12 s, 3 min, 2.5 h, 3 d."""
    for size, message in _UNITS:
        if duration >= 2 * size:
            return say(message, number=_rounded(duration / size))
    return say("{number} s", number=_rounded(duration))


def _rounded(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0") if number < 10 else f"{number:.0f}"  # noqa: PLR2004 (two digits)


def _troubles(states: Sequence[SourceState], timezone: str, now: datetime) -> Reply:
    ill = [state for state in states if state.trouble or state.error]
    if not ill:
        return (line(say_count(len(states), "{number:,} source, all well.", "{number:,} sources, all well.")),)
    more = len(ill) - MOST_SOURCES
    title = say_count(
        len(states),
        "{ill:,} of {number:,} source in trouble:",
        "{ill:,} of {number:,} sources in trouble:",
        ill=len(ill),
    )
    rest = say_line_count(
        more, "and {number:,} more: {sources}.", "and {number:,} more: {sources}.", sources=command("sources")
    )
    return (
        line(title),
        *replies.sources(ill[:MOST_SOURCES], timezone, now),
        *((rest,) if more > 0 else ()),
    )


def missed(shown: Sequence[Entry], statuses: Sequence[str], asked: timedelta, timezone: str, now: datetime) -> Reply:
    """List what should have come and did not, the newest last; `statuses` are of all that was missed, shown or not."""
    counts = Counter(statuses)
    why = [_counted(counts[status], status) for status in ("failed", "expired", "") if counts[status]]
    title = say_count(
        len(statuses),
        "{number:,} entry that your filters want did not come in the last {duration}: {reasons}.",
        "{number:,} entries that your filters want did not come in the last {duration}: {reasons}.",
        duration=durations.format_duration(asked),
        reasons=", ".join(why),
    )
    more = len(statuses) - len(shown)
    return (
        line(title),
        *(replies.entry(each, timezone, now) for each in shown),
        *(_more(more, shown[-1], now) if more else ()),
    )


def _more(more: int, last: Entry, now: datetime) -> Reply:
    """Name the duration that begins with the last entry that is shown."""
    minutes = max(1, -(-(now - (last.published_at or last.first_seen_at)) // timedelta(minutes=1)))
    narrower = durations.format_duration(timedelta(minutes=minutes))
    return (
        say_line_count(
            more,
            "and {number:,} more that is newer: {missed}.",
            "and {number:,} more that are newer: {missed}.",
            missed=command(f"missed {narrower}"),
        ),
    )


def nothing_missed(asked: timedelta) -> Reply:
    """Say that all has come."""
    said = say(
        "Nothing was missed in the last {duration}: what your filters want has come.",
        duration=durations.format_duration(asked),
    )
    return (line(said),)


def too_long() -> Reply:
    """Say how far back can be looked."""
    return (
        say_line(
            "That reaches back further than 7 days: try {missed}, or {search}.",
            missed=command("missed 7d"),
            search=command("search"),
        ),
    )


def no_filters() -> Reply:
    """Say that nothing is wanted here."""
    return (say_line("No filters yet, so nothing can be missing. Try {example}.", example=command("subscribe nhs")),)
