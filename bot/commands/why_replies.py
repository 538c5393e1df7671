"""Compose replies that say why a message came, or why none did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce

from bot import text
from bot.commands.filter_replies import VERBS, written
from bot.commands.replies import LONGEST_HEADLINE, code, command, line, no_message
from bot.languages import say, say_count, sentence
from bot.model import Delivery, Entry, Found, Reason, Subscription
from bot.moments import at
from bot.outbox.reasons import why_unsent
from bot.outbox.store import Standing
from bot.ports import Line, Reply, Span
from bot.sentences import say_line
from bot.story import no_headline
from bot.wire.health import about
from bot.wire.store import Fate

MOST_MISSES = 8
# The parts of an entry, as `evaluation.where` names them.
_PLACES = {
    "headline": sentence("headline"),
    "author": sentence("author"),
    "organisation": sentence("organisation"),
    "topic": sentence("topic"),
    "summary": sentence("summary"),
    "body": sentence("body"),
    "source": sentence("source"),
    "kind": sentence("kind"),
}


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
    if kept is None:
        return (say_line("I know nothing of that message: it brought no news."), *no_message())
    said = say(
        "I know nothing of that message: it brought no news, or came longer ago than the {duration} that I remember.",
        duration=about(kept),
    )
    return (line(said), *no_message())


def was_long_ago(entry: Entry, kept: timedelta, timezone: str, now: datetime) -> Reply:
    """Say that it is not remembered whether an entry came."""
    said = say(
        "It was seen {time}. I remember for {duration} what I sent, so it may have come here.",
        time=at(entry.first_seen_at, timezone, now),
        duration=about(kept),
    )
    return (headline(entry.headline, entry.url), line(said))


def headline(words: str, url: str) -> Line:
    """Show which entry is spoken of."""
    return line(Span(text.shorten(words, LONGEST_HEADLINE) or no_headline(), bold=True, url=url))


def because(reason: Reason, timezone: str, now: datetime) -> Line:
    """Say one reason in full: the filter, its words and where they stand, who added it and when."""
    shown = line(f"{VERBS[reason.kind]} ", code(reason.query))
    by, time = reason.created_by, at(reason.created_at, timezone, now)
    said = (
        say_line(
            "{filter} found {terms}; added by {person} {time}",
            filter=shown,
            terms=_listed(map(_place, reason.found)),
            person=by,
            time=time,
        )
        if reason.found
        else say_line("{filter}; added by {person} {time}", filter=shown, person=by, time=time)
    )
    return line("• ", *said)


def _place(found: Found) -> Line:
    """Say where a term stands."""
    term = code(found.term)
    if not found.where:
        return (term,)
    *others, last = (say(_PLACES.get(each, each)) for each in found.where)
    if not others:
        return say_line("{term} in {places}", term=term, places=last)
    first = reduce(lambda first, second: say("{first}, {second}", first=first, second=second), others)
    return say_line("{term} in {places}", term=term, places=say("{first} and {second}", first=first, second=last))


def _listed(lines: Iterable[Line]) -> Line:
    parts: list[str | Span] = []
    for each in lines:
        parts += [*([", "] if parts else []), *each]
    return line(*parts)


def not_on_the_wire(asked: str) -> Reply:
    """Say that the wire has no such entry."""
    return (
        say_line(
            "There is no entry on this wire with {words}: no source has shown it.",
            words=code(text.shorten(asked, 100)),
        ),
        say_line(
            "{sources} says whether all are well; {latest} shows what there is.",
            sources=command("sources"),
            latest=command("latest"),
        ),
    )


def was_delivered(entry: Entry, standing: Standing, timezone: str, now: datetime, *, paused: bool) -> Reply:
    """Say that an entry came, or is to come, or what became of its message."""
    if paused and standing.status == "pending":
        waits = say_line(
            "Its message waits, for this channel is paused: {resume} lets it through.", resume=command("resume")
        )
        return (headline(entry.headline, entry.url), waits)
    return (headline(entry.headline, entry.url), line(_what_became(standing, timezone, now)))


def _what_became(standing: Standing, timezone: str, now: datetime) -> str:
    match standing.status:
        case "sent":
            return say("It was sent here {time}.", time=at(standing.at, timezone, now))
        case "pending":
            return say("Its message is waiting to be sent.")
        case "sending":
            return say("Its message is being sent.")
        case _:
            return say("Its message was not sent: {reason}.", reason=why_unsent(standing.error))


def why_not(entry: Entry, fate: Fate, misses: Sequence[Miss], timezone: str, now: datetime) -> Reply:
    """Say what kept an entry out, the nearest filters first."""
    return (headline(entry.headline, entry.url), *_why_not(entry, fate, misses, timezone, now))


def _why_not(entry: Entry, fate: Fate, misses: Sequence[Miss], timezone: str, now: datetime) -> Reply:
    if fate == "baseline":
        said = say(
            "It was there when its source was read for the first time, {time}: what is old is not sent.",
            time=at(entry.first_seen_at, timezone, now),
        )
        return (line(said),)
    if fate == "waiting":
        return (say_line("It has only just been seen: your filters are being asked now."),)
    if not misses:
        return (say_line("This channel has no filters: try {example}.", example=command("subscribe nhs")),)
    muting = [each.subscription for each in misses if each.subscription.kind == "mute" and each.is_hit]
    if muting:
        return tuple(map(_muting, muting))
    wanting = [each for each in misses if each.subscription.kind != "mute"]
    if not wanting:
        return (say_line("This channel only mutes: try {example}.", example=command("subscribe nhs")),)
    wanting.sort(key=lambda each: len(each.absent) + len(each.present))
    more = len(wanting) - MOST_MISSES
    return (
        *(_miss(each, entry, timezone, now) for each in wanting[:MOST_MISSES]),
        *((_more(more),) if more > 0 else ()),
    )


def _more(number: int) -> Line:
    return line(
        say_count(number, "and {number:,} more filter that did not fit", "and {number:,} more filters that did not fit")
    )


def _muting(subscription: Subscription) -> Line:
    return line(
        "• ",
        *say_line(
            "{filter} kept it out; added by {person}",
            filter=code(written(subscription)),
            person=subscription.created_by,
        ),
    )


def _miss(miss: Miss, entry: Entry, timezone: str, now: datetime) -> Line:
    return line("• ", *(_hit(miss.subscription, entry, timezone, now) if miss.is_hit else _missed(miss)))


def _hit(subscription: Subscription, entry: Entry, timezone: str, now: datetime) -> Line:
    shown = code(written(subscription))
    if subscription.created_at <= entry.first_seen_at:
        return say_line("{filter} fits it as it is now", filter=shown)
    return say_line(
        "{filter} would have brought it, but was added only {time}",
        filter=shown,
        time=at(subscription.created_at, timezone, now),
    )


def _missed(miss: Miss) -> Line:
    shown = code(written(miss.subscription))
    if miss.subscription.kind == "follow":
        return say_line("{filter}: not among its authors", filter=shown)
    absent, present = (_listed((code(term),) for term in terms) for terms in (miss.absent, miss.present))
    if not present:
        return say_line("{filter} did not find {absent}", filter=shown, absent=absent)
    if not absent:
        return say_line("{filter} leaves out {present}", filter=shown, present=present)
    return say_line(
        "{filter} did not find {absent} and leaves out {present}", filter=shown, absent=absent, present=present
    )
