"""What follows on a message in its thread: the full text of a release, and what each correction has changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot import text
from bot.model import Delivery, Entry, Part, Version
from bot.ports import Line, Reply, Span
from bot.sentences import say_line
from bot.story import HEADLINE, LEDE, NAME, Story

# Characters; Slack takes some 13,200 in blocks, as they are written.
LONGEST_TEXT = 9000
LONGEST_CHANGE = 3000
LONGEST_ADDRESS = 1500


def owed(delivery: Delivery) -> Part:
    """Say what a delivery owes its message's thread, now that it was sent or corrected."""
    if not delivery.channel.threads or delivery.folded or delivery.part:
        return ""
    if delivery.edits:
        return "change" if delivery.before is not None else ""
    says_all = "{text}" in delivery.channel.template.casefold()
    return "text" if has_more(delivery.entry) and not says_all else ""


def has_more(entry: Entry) -> bool:
    """Tell whether an entry has more text than its summary."""
    paragraphs = _paragraphs(entry.body)
    return entry.kind == "release" and (len(paragraphs) > 1 or any(len(each) > LEDE for each in paragraphs))


def brief(told: Story) -> Story:
    """Tell a story by its summary alone."""
    return replace(told, rest="", in_rest=(), quotations="", in_quotations=())


def part(delivery: Delivery) -> Reply:
    """Tell what a delivery owes its message's thread."""
    if delivery.part == "text":
        return tuple(_text(delivery.entry))
    return tuple(_changes(delivery.entry, delivery.before)) or (say_line("This was corrected."),)


def beginning(reply: Reply, length: int) -> Reply:
    """Cut a reply to what announces it, without its links and marks."""
    return ((Span(text.shorten(" ".join("".join(span.text for span in line) for line in reply), length)),),)


def _text(entry: Entry) -> Iterator[Line]:
    whole = "\n\n".join(_paragraphs(entry.body))
    shown = text.shorten(whole, LONGEST_TEXT)
    yield (Span(shown or "…"),)
    if shown != whole and entry.url and len(entry.url) <= LONGEST_ADDRESS:
        yield ()
        yield say_line("The rest is at {address}.", address=Span(entry.url, url=entry.url))


def _changes(entry: Entry, before: Version | None) -> Iterator[Line]:
    if before is None:
        return
    if entry.withdrawn != before.withdrawn:
        yield say_line("This was withdrawn.") if entry.withdrawn else say_line("This is withdrawn no more.")
    old, new = text.clean(before.headline), text.clean(entry.headline)
    if old != new:
        yield say_line(
            "The headline was {before}, and is {now} now.",
            before=Span(text.shorten(old, HEADLINE), strike=True),
            now=Span(text.shorten(new, HEADLINE), bold=True),
        )
    yield from _author(text.clean(before.author), text.clean(entry.author))
    if entry.kind == "release" and before.body != entry.body:
        yield from _body(_paragraphs(before.body), _paragraphs(entry.body))
    if note := text.clean(entry.change_note):
        yield say_line("The publisher says: {note}", note=Span(text.shorten(note, LEDE), italic=True))


def _author(old: str, new: str) -> Iterator[Line]:
    before, now = Span(text.shorten(old, NAME)), Span(text.shorten(new, NAME))
    if old == new:
        return
    if not old:
        yield say_line("It is by {now}.", now=now)
    elif not new:
        yield say_line("It is by {before} no more.", before=before)
    else:
        yield say_line("It is by {now}, and not by {before}.", now=now, before=before)


def _body(old: list[str], new: list[str]) -> Iterator[Line]:
    added = [each for each in new if each not in old]
    if added:
        yield say_line("New in the text:")
        yield (Span(text.shorten("\n\n".join(added), LONGEST_CHANGE), quote=True),)
    elif any(each not in new for each in old):
        yield say_line("A part of the text was taken out.")


def _paragraphs(body: str) -> list[str]:
    return [paragraph for paragraph in map(text.clean, body.split("\n\n")) if paragraph]
