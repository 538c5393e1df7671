"""What a message says about an entry, before any platform's markup."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from bot import bidi, emoji, quoting, text
from bot.filters import query
from bot.filters.marks import Marks, marks
from bot.filters.query import QueryError
from bot.filters.tree import Term
from bot.languages import say, say_count
from bot.model import PICKED, Delivery, Entry, Reason
from bot.moments import moment
from bot.ports import Line, Reply, Span
from bot.sentences import say_line_count

HEADLINE = 300
LEDE = 400
REST = 1800
NAME = 120
TOPICS = 200
WHY = 300
# Of twenty in one message.
LISTED, SHORT_NAME, LISTED_ADDRESS = 110, 30, 300
# Slack refuses longer ones in blocks (docs.slack.dev/reference/block-kit).
LONGEST_ADDRESS = 2000


@dataclass(frozen=True, slots=True)
class Story:
    """The parts of a message, plain and cut to lengths that together fit every platform.

    `rest` follows `lede`; `quotations` say who said what, a paragraph each, which `rest` does not have then.
    What was looked for stands out: `in_headline` and its like say where, and `pieces` cuts the text there.
    A corrected message says when it was `updated`, and where nothing but the headline changed, what that was before.
    `more` is said at the end, of what the channel did not get. `emoji` stands for the source, on Telegram also the
    `custom_emoji` of that number.
    """

    headline: str
    url: str
    by: str
    source: str
    time: str
    icon: str
    lede: str
    rest: str
    why: str
    in_headline: Marks = ()
    in_lede: Marks = ()
    in_rest: Marks = ()
    old_headline: str = ""
    updated: str = ""
    more: Reply = ()
    emoji: str = ""
    custom_emoji: str = ""
    organisation: str = ""
    topics: str = ""
    quotations: str = ""
    in_quotations: Marks = ()

    @property
    def about(self) -> str:
        """The line below the headline: whose it is, from where, and when."""
        return " · ".join(bidi.isolate(part) for part in (self.by, self.source, self.time, self.updated) if part)


def tell(delivery: Delivery, now: datetime) -> Story:
    """Tell a delivery's story in its channel's time zone."""
    entry = delivery.entry
    paragraphs = [paragraph for paragraph in map(text.clean, (entry.body or entry.summary).split("\n\n")) if paragraph]
    if entry.kind == "wire":
        paragraphs = []  # as on the PhiWire: author, headline, source, time
    headline = _headline(entry, HEADLINE)
    lede = text.shorten(paragraphs[0], LEDE) if paragraphs else ""
    quotations, written = "", delivery.channel.template
    if lede and entry.quotations and (not written or "{quotations}" in written.casefold()):
        below, quotations = quoting.apart(tuple(paragraphs[1:]), entry.quotations)
        paragraphs[1:] = below
    rest = text.shorten("\n\n".join(paragraphs[1:]), REST - len(quotations))
    terms = list(_terms(delivery.reasons))
    anywhere = [term for term in terms if not term.field]
    names = (entry.organisation, entry.author) if entry.kind == "release" else (entry.author, entry.organisation)
    return Story(
        headline=headline or no_headline(),
        url=_link(entry.url, "https://", "http://"),
        by=text.shorten(text.clean(next(filter(None, names), "")), NAME),
        source=text.shorten(text.clean(source_of(entry)), NAME),
        time=moment(entry.published_at or entry.first_seen_at, delivery.channel.timezone, now),
        icon=_link(entry.icon, "https://"),
        lede=lede,
        rest=rest,
        why=why(delivery.reasons),
        in_headline=marks(headline, [*anywhere, *(term for term in terms if term.field == "headline")]),
        in_lede=marks(lede, anywhere),
        in_rest=marks(rest, anywhere),
        old_headline=_old_headline(delivery),
        updated=_updated(delivery, now),
        more=_more(delivery),
        emoji=entry.emoji or (emoji.DEFAULT[entry.kind] if entry.source else ""),
        custom_emoji=entry.custom_emoji,
        organisation=text.shorten(text.clean(entry.organisation), NAME),
        topics=text.shorten(text.clean(entry.topic), TOPICS),
        quotations=quotations,
        in_quotations=marks(quotations, anywhere),
    )


def no_headline() -> str:
    """Say what stands where an entry has no headline."""
    return say("(no headline)")


def _updated(delivery: Delivery, now: datetime) -> str:
    return say("updated {time}", time=moment(now, delivery.channel.timezone, now)) if delivery.edits else ""


def _headline(entry: Entry, limit: int) -> str:
    """Cut a headline; alone in its line it needs no isolation, and would lose its direction by it."""
    words = text.clean(entry.headline)
    if not entry.withdrawn:
        return text.shorten(words, limit)
    # Before the headline, where a notification shows it, too.
    room = limit - len(say("Withdrawn: {headline}", headline=""))
    return say("Withdrawn: {headline}", headline=_apart(words, room))


def _apart(words: str, limit: int) -> str:
    """Cut a text that stands beside others, and isolate it within the limit."""
    cut = text.shorten(words, limit)
    return bidi.isolate(text.shorten(words, limit - 2)) if bidi.turns(cut) else cut


def _old_headline(delivery: Delivery) -> str:
    """Give the headline that a correction replaces, where it replaces nothing else."""
    before, entry = delivery.before, delivery.entry
    if not delivery.edits or before is None or text.clean(before.headline) == text.clean(entry.headline):
        return ""
    if (before.author, before.body, before.withdrawn) != (entry.author, entry.body, entry.withdrawn):
        return ""
    return text.shorten(text.clean(before.headline), HEADLINE)


def _more(delivery: Delivery) -> Reply:
    if not delivery.left_out:
        return ()
    latest = Span(f"latest {delivery.left_among}", command=True)
    said = say_line_count(
        delivery.left_out, "and {number:,} more: {latest}", "and {number:,} more: {latest}", latest=latest
    )
    return (tuple(_in_runs(said)),)


def _in_runs(line: Line) -> Iterator[Span]:
    """Make one span of plain ones side by side, for each becomes an element of Slack's."""
    for is_plain, spans in groupby(line, lambda span: span == Span(span.text)):
        if is_plain:
            yield Span("".join(span.text for span in spans))
        else:
            yield from spans


def digest(delivery: Delivery, now: datetime) -> Reply:
    """List the headlines of entries that came too fast to be sent one by one."""
    timezone = delivery.channel.timezone
    title = say_count(len(delivery.folded), "{number:,} entry at once", "{number:,} entries at once")
    updated: Reply = ((Span(_updated(delivery, now)),),) if delivery.edits else ()
    lines = (_listed(entry, timezone, now) for entry in delivery.folded)
    return ((Span(title, bold=True),), *lines, *_more(delivery), *updated)


def source_of(entry: Entry) -> str:
    """Name the source of an entry to people."""
    return say("Hand picked") if entry.source == PICKED else entry.source_name


def _listed(entry: Entry, timezone: str, now: datetime) -> Line:
    by = _apart(text.clean(entry.author or entry.organisation), SHORT_NAME)
    headline = _apart(_headline(entry, LISTED), LISTED)
    link = _link(entry.url, "https://", "http://")
    source = _apart(text.clean(source_of(entry)), SHORT_NAME)
    when = moment(entry.published_at or entry.first_seen_at, timezone, now)
    shown = Span(headline or no_headline(), url=link if len(link) <= LISTED_ADDRESS else "")
    return (Span(f"• {by} | " if by else "• "), shown, Span(f" — {source}, {when}"))


def pieces(words: str, marked: Marks) -> Iterator[tuple[str, bool]]:
    """Cut a text into pieces that tell whether they stand out; white space between two that do goes with them."""
    runs: list[tuple[int, int]] = []
    for start, end in marked:
        if end > len(words):
            break  # the text was cut further since it was marked
        if runs and words[runs[-1][1] : start].isspace():
            start, _ = runs.pop()  # noqa: PLW2901 (two runs become one)
        runs.append((start, end))
    at = 0
    for start, end in runs:
        if at < start:
            yield words[at:start], False
        yield words[start:end], True
        at = end
    if at < len(words):
        yield words[at:], False


def _terms(reasons: Iterable[Reason]) -> Iterator[Term]:
    """Read the terms back that were found; a name that folding has made too long is no term of these texts anyway."""
    for written in dict.fromkeys(found.term for reason in reasons for found in reason.found):
        with contextlib.suppress(QueryError):
            term = query.parse(written)
            if isinstance(term, Term):
                yield term


def _link(address: str, *schemes: str) -> str:
    """Let only addresses through that every platform takes for one."""
    fits = address.startswith(schemes) and address.isprintable() and not set(address) & set(' "<>')
    return address if fits and len(address) <= LONGEST_ADDRESS else ""


def why(reasons: Iterable[Reason]) -> str:
    """Say briefly which filters brought the entry: "follow Isabel Hardman · nhs -football"."""
    shown = (f"follow {reason.query}" if reason.kind == "follow" else reason.query for reason in reasons)
    return _joined([text.clean(each) for each in shown])


def _joined(queries: list[str]) -> str:
    """Join as many as fit, the last of them cut; each is isolated, also from what is written before them."""
    joined, room = [], WHY
    for words in queries:
        joined.append(_apart(words, room))
        room -= len(words) + len(" · ")
        if room < 1:
            break
    return " · ".join(joined)
