"""Compose replies that say why a message came, or why none did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import text
from bot.commands.filter_replies import VERBS, written
from bot.commands.replies import LONGEST_HEADLINE, code, command, line, no_message
from bot.model import Delivery, Entry, Found, Reason, Subscription
from bot.moments import at
from bot.outbox.store import Standing
from bot.ports import Line, Reply, Span
from bot.wire.health import about
from bot.wire.store import Fate

MOST_MISSES = 8


@dataclass(frozen=True, slots=True)
class Miss:
    """A filter that did not bring an entry: what of it the entry lacks, and what it has that is left out."""

    subscription: Subscription
    absent: tuple[str, ...]
    present: tuple[str, ...]

    @property
    def is_hit(self) -> bool:
        """Tell whether the filter fits all the same."""
        return not (self.absent or self.present)


def why(delivery: Delivery, timezone: str, now: datetime) -> Reply:
    """Explain a delivery."""
    return (
        headline(delivery.entry.headline, delivery.entry.url),
        *(because(each, timezone, now) for each in delivery.reasons),
    )


def forgotten(kept: timedelta | None) -> Reply:
    """Say that a message is not known, and that it may be too old."""
    older = "" if kept is None else f", or came longer ago than the {about(kept)} that I remember"
    return (line(f"I know nothing of that message: it brought no news{older}."), *no_message())


def was_long_ago(entry: Entry, kept: timedelta, timezone: str, now: datetime) -> Reply:
    """Say that it is not remembered whether an entry came."""
    seen, long = at(entry.first_seen_at, timezone, now), about(kept)
    said = f"It was seen {seen}. I remember for {long} what I sent, so it may have come here."
    return (headline(entry.headline, entry.url), line(said))


def headline(words: str, url: str) -> Line:
    """Show which entry is spoken of."""
    return line(Span(text.shorten(words, LONGEST_HEADLINE) or "(no headline)", bold=True, url=url))


def because(reason: Reason, timezone: str, now: datetime) -> Line:
    """Say one reason in full: the filter, its words and where they stand, who added it and when."""
    parts: list[str | Span] = ["• ", f"{VERBS[reason.kind]} ", code(reason.query)]
    if reason.found:
        parts.append(" found ")
        parts += places(reason.found)
    return line(*parts, f"; added by {reason.created_by} {at(reason.created_at, timezone, now)}")


def places(found: Sequence[Found]) -> list[str | Span]:
    """Say which terms stand where."""
    parts: list[str | Span] = []
    for number, each in enumerate(found):
        parts += [", " if number else "", code(each.term), f" in {' and '.join(each.where)}" if each.where else ""]
    return parts


def not_on_the_wire(asked: str) -> Reply:
    """Say that the wire has no such entry."""
    return (
        line("There is no entry on this wire with ", code(text.shorten(asked, 100)), ": no source has shown it."),
        line(command("sources"), " says whether all are well; ", command("latest"), " shows what there is."),
    )


def was_delivered(entry: Entry, standing: Standing, timezone: str, now: datetime, *, paused: bool) -> Reply:
    """Say that an entry came, or is to come, or what became of its message."""
    if paused and standing.status == "pending":
        waits = line("Its message waits, for this channel is paused: ", command("resume"), " lets it through.")
        return (headline(entry.headline, entry.url), waits)
    said = {
        "sent": f"It was sent here {at(standing.at, timezone, now)}.",
        "pending": "Its message is waiting to be sent.",
        "sending": "Its message is being sent.",
    }.get(standing.status, f"Its message was not sent: {standing.error}.")
    return (headline(entry.headline, entry.url), line(said))


def why_not(entry: Entry, fate: Fate, misses: Sequence[Miss], timezone: str, now: datetime) -> Reply:
    """Say what kept an entry out, the nearest filters first."""
    return (headline(entry.headline, entry.url), *_why_not(entry, fate, misses, timezone, now))


def _why_not(entry: Entry, fate: Fate, misses: Sequence[Miss], timezone: str, now: datetime) -> Reply:
    if fate == "baseline":
        seen = at(entry.first_seen_at, timezone, now)
        return (line(f"It was there when its source was read for the first time, {seen}: what is old is not sent."),)
    if fate == "waiting":
        return (line("It has only just been seen: your filters are being asked now."),)
    if not misses:
        return (line("This channel has no filters: try ", command("subscribe nhs"), "."),)
    muting = [each.subscription for each in misses if each.subscription.kind == "mute" and each.is_hit]
    if muting:
        return tuple(line("• ", code(written(each)), f" kept it out; added by {each.created_by}") for each in muting)
    wanting = [each for each in misses if each.subscription.kind != "mute"]
    if not wanting:
        return (line("This channel only mutes: try ", command("subscribe nhs"), "."),)
    wanting.sort(key=lambda each: len(each.absent) + len(each.present))
    more = len(wanting) - MOST_MISSES
    return (
        *(_miss(each, entry, timezone, now) for each in wanting[:MOST_MISSES]),
        *((line(f"and {text.count(more, 'filter')} more that did not fit"),) if more > 0 else ()),
    )


def _miss(miss: Miss, entry: Entry, timezone: str, now: datetime) -> Line:
    subscription = miss.subscription
    parts: list[str | Span] = ["• ", code(written(subscription))]
    if miss.is_hit:
        if subscription.created_at <= entry.first_seen_at:
            return line(*parts, " fits it as it is now")
        return line(*parts, f" would have brought it, but was added only {at(subscription.created_at, timezone, now)}")
    if subscription.kind == "follow":
        return line(*parts, ": not among its authors")
    if miss.absent:
        parts += [" did not find ", *_codes(miss.absent)]
    if miss.present:
        parts += [" and" if miss.absent else "", " leaves out ", *_codes(miss.present)]
    return line(*parts)


def _codes(terms: Iterable[str]) -> list[str | Span]:
    parts: list[str | Span] = []
    for term in terms:
        parts += [", " if parts else "", code(term)]
    return parts
