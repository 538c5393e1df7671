"""Compose replies from plain values; adapters turn them into their platform's markup."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from bot import bidi, text
from bot.commands.parser import OPERATORS_USAGES, USAGES, Unknown, Usage
from bot.erasure import Holdings
from bot.model import Entry, SourceState
from bot.moments import moment
from bot.ports import Line, Reply, Request, Span

LONGEST_HEADLINE = 200
_VERBS = {"follow": "follow", "match": "subscribe", "mute": "mute"}


def bold(words: str) -> Span:
    """Emphasise."""
    return Span(words, bold=True)


def code(words: str) -> Span:
    """Show literally."""
    return Span(words, code=True)


def command(words: str) -> Span:
    """Show a command as it is typed on the reader's platform."""
    return Span(words, command=True)


def line(*parts: str | Span) -> Line:
    """Join parts; plain strings are plain text."""
    return tuple(Span(part) if isinstance(part, str) else part for part in parts)


def entry(entry: Entry, timezone: str, now: datetime) -> Line:
    """Show an entry as the wire does: author | headline, source, time."""
    author = entry.author or entry.organisation
    before = f"{bidi.isolate(author)} | " if author else ""
    when = moment(entry.published_at or entry.first_seen_at, timezone, now)
    headline = Span(text.shorten(entry.headline, LONGEST_HEADLINE), bold=True, url=entry.url)
    return line("• ", before, headline, f" — {bidi.isolate(entry.source_name)}, {when}")


def entries(entries: Sequence[Entry], timezone: str, now: datetime) -> Reply:
    """Show entries, or say why there are none."""
    if not entries:
        return (line("The wire is empty so far: the first entries appear when the sources have been read."),)
    return tuple(entry(each, timezone, now) for each in entries)


def typed_in(request: Request, words: str) -> str:
    """Write a command as it reaches the bot for certain: in a group that has others, with the bot's name."""
    name = request.home.rpartition("/")[2]
    if request.is_private or not name:
        return words
    word, space, rest = words.partition(" ")
    return f"{word}@{name}{space}{rest}"


def help_reply(request: Request, *, operator: bool = False) -> Reply:
    """Show what can be typed."""
    typed = partial(typed_in, request)
    shown = partial(_usage, request)
    return (
        line(
            bold("PhiWire Bot"),
            " watches the political wire and government press releases, and sends here what you ask for.",
        ),
        line("Try ", command(typed("follow Isabel Hardman")), " or ", command(typed("subscribe nhs -football")), "."),
        (),
        *map(shown, USAGES),
        *(((), line("For operators:"), *map(shown, OPERATORS_USAGES)) if operator else ()),
    )


def _usage(request: Request, usage: Usage) -> Line:
    return line(command(typed_in(request, f"{usage.name} {usage.argument}".strip())), " — ", usage.does)


def unknown(word: Unknown) -> Reply:
    """Say that a word is no command, and which one may have been meant."""
    if word.nearest:
        return (line("There is no command ", code(word.word), ". Did you mean ", command(word.nearest), "?"),)
    return (line("There is no command ", code(word.word), ": ", command("help"), " lists what there is."),)


def missing(usage: str, example: str) -> Reply:
    """Say that a command needs an argument."""
    return (line(command(usage), " needs something after it, such as ", command(example), "."),)


def refused() -> Reply:
    """Say that the person may not change filters here."""
    return ((Span("Only an administrator of this chat can change what it receives.", refuses=True),),)


def refused_members() -> Reply:
    """Say to a member, who may change the filters, that this is for administrators."""
    return (
        (Span("Only an administrator of this chat can do that; its members may change the filters.", refuses=True),),
    )


def refused_strangers() -> Reply:
    """Say to whoever is no member that members may."""
    return ((Span("Only members of this chat can change its filters.", refuses=True),),)


def rights_unknown() -> Reply:
    """Say that the platform did not answer whether the person may."""
    return (line("I could not check whether you may change filters here. Nothing was changed: please try again."),)


def broken() -> Reply:
    """Say that this is a bug."""
    return (line("That broke something here. Nothing was changed; the operator can see it in the log."),)


def too_old() -> Reply:
    """Say that what a button speaks of is not known any more."""
    return (line("This message is too old for its buttons: type ", command("why"), " or ", command("settings"), "."),)


def would_forget(known: Holdings) -> Reply:
    """Say what would be erased, and how to confirm it."""
    what = (
        text.count(known.filters, "filter"),
        text.count(known.removed, "removed filter"),
        f"the record of {text.count(known.sent, 'message')}",
        f"{text.count(known.waiting, 'message')} that {'waits' if known.waiting == 1 else 'wait'} to be sent",
        f"who made {text.count(known.changes, 'change')}",
    )
    return (
        line("This would erase all that I know of this channel: ", ", ".join(what), ", its name and its settings."),
        line("Messages that are here stay here. It cannot be undone; ", command("export"), " shows the filters first."),
        line("To do it: ", command("forget everything"), ". Nothing was changed."),
    )


def forgotten() -> Reply:
    """Say that nothing is known any more."""
    return (
        line("Done: I know nothing of this channel any more, and send nothing here until somebody adds a filter."),
        line("Backups that were made before still have it, until whoever runs me deletes them."),
    )


def unwritable(problem: str) -> Reply:
    """Say that nothing can be written down at the moment."""
    return (
        line("I can write nothing down at the moment: ", code(problem), ". Nothing was changed, and no news is lost."),
        line("Whoever runs me sees it in the log. Please try again later."),
    )


def trouble(reason: str) -> Line:
    """Say why messages did not get through, and what helps."""
    return line("⚠ Messages could not be posted here: ", code(reason), ". Invite me, or let me post: I try again now.")


def no_duration(problem: ValueError) -> Reply:
    """Say what is wrong with a duration."""
    sentence = str(problem)
    return (line(f"{sentence[:1].upper()}{sentence[1:].rstrip('.')}. Nothing was changed."),)


def no_message() -> Reply:
    """Say how a message is named."""
    how = "Reply to one of my news messages with "
    return (line(how, command("why"), ", or add its link where commands cannot be replies, and I say why it came."),)


def corrections(*, wanted: bool) -> Line:
    """Say what happens to messages whose entry is corrected."""
    if wanted:
        return line(
            "Messages here are edited when what they say is corrected; ", command("corrections off"), " ends that."
        )
    return line("Messages here stay as they were sent; ", command("corrections on"), " has them corrected.")


# What is wrong with a source that answers.
_TROUBLES = {
    "empty": "answers, but shows nothing",
    "quiet": "answers, but has brought nothing, against its habit,",
    "signed out": "shows only what everybody sees",
}


def sources(states: Sequence[SourceState], timezone: str, now: datetime) -> Reply:
    """List what is watched; a source that fails says since when and why."""
    if not states:
        return (line("No source is watched. The operator adds some with: phiwire source add."),)
    return tuple(_source(state, timezone, now) for state in states)


def _source(state: SourceState, timezone: str, now: datetime) -> Line:
    # Without its address, which may hold what only the operator should see.
    name = bold(state.name)
    if state.error:
        last = (
            "never answered" if state.last_ok_at is None else f"silent since {moment(state.last_ok_at, timezone, now)}"
        )
        return line("⚠ ", name, f" — {last}: {text.shorten(state.error, 160)}")
    if state.last_ok_at is None:
        return line("… ", name, " — not read yet")
    if state.trouble in _TROUBLES and state.trouble_since is not None:
        since = moment(state.trouble_since, timezone, now)
        return line("⚠ ", name, f" — {_TROUBLES[state.trouble]} since {since}")
    entries = text.count(state.entries, "entry", "entries")
    return line("✓ ", name, f" — {entries}, last read {moment(state.last_ok_at, timezone, now)}")
