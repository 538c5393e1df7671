"""Tell a story by a channel's template, within what every platform takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from bot import bidi, template, text
from bot.filters.marks import Marks
from bot.languages import say, sentence
from bot.model import Channel, Delivery, Entry, Quotation, Reason
from bot.ports import Line, Reply, Span
from bot.story import Story, pieces, tell
from bot.template import TemplateError

# Telegram's 4,096 characters, less the signs around text that runs from right to left.
LONGEST = 3900
# Telegram drops more than a hundred without a word.
MOST_ENTITIES = 90
LONGEST_ADDRESS = 300
# These are cut where a message would be too long, the longest first.
_CUT = ("text", "quotations", "summary")


def by_template(told: Story, written: str) -> Reply:
    """Tell a story by a template; nothing where there is none, or one that this version cannot read."""
    if not written:
        return ()
    try:
        return _told(told, template.parse(written))
    except TemplateError:
        return ()


def _told(told: Story, parsed: template.Template) -> Reply:
    filled = _fitting(told, parsed, _values(told))
    if _entities(filled) <= MOST_ENTITIES:
        return filled
    # Each marked word costs some.
    plain = replace(told, in_headline=(), in_lede=(), in_rest=(), in_quotations=())
    return _fitting(plain, parsed, _values(plain))


def _values(told: Story) -> dict[str, Line]:
    when = " · ".join(part for part in (told.time, told.updated) if part)
    values = {
        "headline": _marked(Span(told.headline, url=told.url), told.in_headline, bold=False),
        "author": _one(told.by),
        "organisation": _one(told.organisation),
        "source": _one(told.source),
        "icon": (Span(told.emoji, custom_emoji=told.custom_emoji),),
        "time": _one(when),
        "link": (Span(text.shorten(told.url, LONGEST_ADDRESS), url=told.url),),
        "summary": _marked(Span(told.lede), told.in_lede, bold=True),
        "text": _marked(Span(told.rest, quote=True), told.in_rest, bold=True),
        "quotations": _marked(Span(told.quotations, quote=True), told.in_quotations, bold=True),
        "topics": _one(told.topics),
        # As code, or "@somebody" in a filter would call that person to every message.
        "why": (Span(told.why, code=True),),
    }
    return {name: value for name, value in values.items() if any(span.text for span in value)}


def _one(words: str) -> Line:
    return (Span(words),)


def _marked(span: Span, marks: Marks, *, bold: bool) -> Line:
    """Let words stand out, bold or else underlined; not in what runs from right to left, which stays in one piece."""
    if bidi.turns(span.text):
        return (span,)
    return tuple(
        replace(span, text=piece, bold=stands_out and bold, underline=stands_out and not bold)
        for piece, stands_out in pieces(span.text, marks)
    )


def _fitting(told: Story, parsed: template.Template, values: dict[str, Line]) -> Reply:
    filled = _filled(told, parsed, values)
    for _ in _CUT:
        over = length(filled) - LONGEST
        if over <= 0:
            break
        longest = max(_CUT, key=lambda name: _width(values.get(name, ())))
        values = values | {longest: tuple(_cut(values.get(longest, ()), over))}
        filled = _filled(told, parsed, values)
    return filled


def _filled(told: Story, parsed: template.Template, values: Mapping[str, Line]) -> Reply:
    above = ((Span(told.old_headline, strike=True),),) if told.old_headline else ()
    has_time = any(part.is_field and part.words == "time" for line in parsed for part in line)
    updated = ((Span(told.updated),),) if told.updated and not has_time else ()
    return (*template.fill(parsed, values, above), *updated, *told.more)


def length(reply: Reply) -> int:
    """Count the characters of a message as Telegram does, after parsing."""
    return sum(_width(line) + 1 for line in reply)


def _width(line: Line) -> int:
    return sum(len(span.text) for span in line)


def _cut(line: Line, over: int) -> Iterator[Span]:
    """Cut a value by at least so many characters, at its end."""
    room = _width(line) - over - 2
    for span in line:
        if room < 1:
            return
        yield replace(span, text=bidi.closed(text.shorten(span.text, room)))
        room -= len(span.text)


def _entities(reply: Reply) -> int:
    return sum(
        span.bold + span.italic + span.underline + span.strike + span.code + span.command + bool(span.url)
        for line in reply
        for span in line
    ) + sum(any(span.quote or span.custom_emoji for span in line) for line in reply)


def checked(written: str) -> None:
    """Try a template on invented entries. Raises TemplateError."""
    parsed = template.parse(written)
    for sample in (*_SAMPLES.values(), *_ODD):
        filled = _told(tell(_delivery(sample, Channel(0, "", "")), sample.first_seen_at), parsed)
        if length(filled) > LONGEST or not any(span.text.strip() for line in filled for span in line):
            raise TemplateError(written, 0, say("No message can be made of this: shorten it."))


def preview(written: str, channel: Channel, now: datetime) -> Reply:
    """Show what a template makes of an entry of each kind, both invented. Raises TemplateError."""
    parsed = template.parse(written)
    shown: list[Line] = []
    for title, sample in _SAMPLES.items():
        entry = replace(sample, first_seen_at=now, published_at=now)
        shown += [(), (Span(say(title), bold=True),), *_told(tell(_delivery(entry, channel), now), parsed)]
    return tuple(shown)


def _delivery(entry: Entry, channel: Channel) -> Delivery:
    reason = Reason(0, "match", "ferry", "", entry.first_seen_at)
    return Delivery(0, channel, entry, (reason,), 1)


# Nobody here exists.
_SEEN = datetime.fromisoformat("2026-03-04T12:00:00+00:00")
_WIRE = Entry(
    key="wire",
    kind="wire",
    headline="Ferry vote survives by two",
    url="https://example.org/ferry",
    author="Marta Quill",
    id=0,
    source="sample",
    source_name="Harbour News",
    first_seen_at=_SEEN,
)
_RELEASE = replace(
    _WIRE,
    kind="release",
    headline="New night ferries for the islands",
    author="",
    organisation="Harbour Office",
    topic="Ferries, Islands",
    body="Four islands get a night ferry from May.\n\nThe boats sail at ten and at two.\n\nTickets cost what they did.",
    quotations=(Quotation("Bronwen Moss", "Harbour Minister", "Nobody on the islands has to stay awake for us."),),
)
_SAMPLES = {sentence("An entry of the wire:"): _WIRE, sentence("A press release:"): _RELEASE}
_HOSTILE = "</b> {headline} *_ <a href='x'> \u202e\u2067 ميناء & " * 90
_ODD = (
    replace(_WIRE, headline="", author="", url="", source_name=""),
    replace(_RELEASE, organisation="", topic="", body="", quotations=()),
    replace(
        _RELEASE,
        headline=_HOSTILE,
        organisation=_HOSTILE,
        topic=_HOSTILE,
        body=f"{_HOSTILE}\n\n{_HOSTILE}",
        quotations=(Quotation(_HOSTILE, _HOSTILE, _HOSTILE),) * 9,
        source_name=_HOSTILE,
    ),
)
