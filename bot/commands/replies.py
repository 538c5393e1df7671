"""Compose replies from plain values; adapters turn them into their platform's markup."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot import bidi, text
from bot.commands.parser import OPERATORS_USAGES, USAGES, Unknown, Usage
from bot.erasure import Holdings
from bot.languages import say, say_count, sentence
from bot.model import Entry, SourceState
from bot.moments import moment
from bot.ports import Line, Reply, Span
from bot.sentences import say_line
from bot.story import source_of

LONGEST_HEADLINE = 200


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
    return line("• ", before, headline, f" — {bidi.isolate(source_of(entry))}, {when}")


def help_reply(*, operator: bool = False, editor: bool = False) -> Reply:
    """Show what can be typed, by an operator, and where there is an editor."""
    return (
        say_line(
            "{bot} watches the political wire and government press releases, and sends here what you ask for.",
            bot=bold("PhiWire Bot"),
        ),
        say_line(
            "Try {follow} or {subscribe}.",
            follow=command("follow Isabel Hardman"),
            subscribe=command("subscribe nhs -football"),
        ),
        (),
        *map(_usage, (usage for usage in USAGES if editor or usage.name != "edit")),
        *(((), say_line("For operators:"), *map(_usage, OPERATORS_USAGES)) if operator else ()),
    )


def _usage(usage: Usage) -> Line:
    return line(command(f"{usage.name} {usage.argument}".strip()), " — ", usage.does)


def unknown(word: Unknown) -> Reply:
    """Say that a word is no command, and which one may have been meant."""
    if word.nearest:
        meant = command(word.nearest)
        return (say_line("There is no command {word}. Did you mean {nearest}?", word=code(word.word), nearest=meant),)
    return (
        say_line("There is no command {word}: {help} lists what there is.", word=code(word.word), help=command("help")),
    )


def missing(usage: str, example: str) -> Reply:
    """Say that a command needs an argument."""
    return (
        say_line(
            "{command} needs something after it, such as {example}.", command=command(usage), example=command(example)
        ),
    )


def refused() -> Reply:
    """Say that the person may not change filters here."""
    return _refusing(say("Only an administrator of this chat can change what it receives."))


def refused_members() -> Reply:
    """Say to a member, who may change the filters, that this is for administrators."""
    return _refusing(say("Only an administrator of this chat can do that; its members may change the filters."))


def refused_strangers() -> Reply:
    """Say to whoever is no member that members may."""
    return _refusing(say("Only members of this chat can change its filters."))


def _refusing(said: str) -> Reply:
    return ((Span(said, refuses=True),),)


def rights_unknown() -> Reply:
    """Say that the platform did not answer whether the person may."""
    return (say_line("I could not check whether you may change filters here. Nothing was changed: please try again."),)


def broken() -> Reply:
    """Say that this is a bug."""
    return (say_line("That broke something here. Nothing was changed; the operator can see it in the log."),)


def too_old() -> Reply:
    """Say that what a button speaks of is not known any more."""
    return (
        say_line(
            "This message is too old for its buttons: type {why} or {settings}.",
            why=command("why"),
            settings=command("settings"),
        ),
    )


def would_forget(known: Holdings) -> Reply:
    """Say what would be erased, and how to confirm it."""
    what = (
        say_count(known.filters, "{number:,} filter", "{number:,} filters"),
        say_count(known.removed, "{number:,} removed filter", "{number:,} removed filters"),
        say_count(known.sent, "the record of {number:,} message", "the record of {number:,} messages"),
        say_count(
            known.waiting,
            "{number:,} message that waits to be sent",
            "{number:,} messages that wait to be sent",
        ),
        say_count(known.changes, "who made {number:,} change", "who made {number:,} changes"),
    )
    return (
        say_line(
            "This would erase all that I know of this channel: {what}, its name and its settings.", what=", ".join(what)
        ),
        say_line(
            "Messages that are here stay here. It cannot be undone; {export} shows the filters first.",
            export=command("export"),
        ),
        say_line("To do it: {forget}. Nothing was changed.", forget=command("forget everything")),
    )


def forgotten() -> Reply:
    """Say that nothing is known any more."""
    return (
        say_line("Done: I know nothing of this channel any more, and send nothing here until somebody adds a filter."),
        say_line("Backups that were made before still have it, until whoever runs me deletes them."),
    )


def unwritable(problem: str) -> Reply:
    """Say that nothing can be written down at the moment."""
    return (
        say_line(
            "I can write nothing down at the moment: {problem}. Nothing was changed, and no news is lost.",
            problem=code(problem),
        ),
        say_line("Whoever runs me sees it in the log. Please try again later."),
    )


def trouble(reason: str) -> Line:
    """Say why messages did not get through, and what helps."""
    return say_line(
        "⚠ Messages could not be posted here: {reason}. Invite me, or let me post: I try again now.",
        reason=code(reason),
    )


def no_duration(problem: ValueError) -> Reply:
    """Say what is wrong with a duration."""
    wrong = str(problem)
    shown = f"{wrong[:1].upper()}{wrong[1:].rstrip('.')}"
    return (line(say("{problem}. Nothing was changed.", problem=shown)),)


def no_message() -> Reply:
    """Say how a message is named."""
    return (
        say_line(
            "Reply to one of my news messages with {why}, or add its link where commands cannot be replies, and I say "
            "why it came.",
            why=command("why"),
        ),
    )


def corrections(*, wanted: bool) -> Line:
    """Say what happens to messages whose entry is corrected."""
    if wanted:
        return say_line(
            "Messages here are edited when what they say is corrected; {corrections_off} ends that.",
            corrections_off=command("corrections off"),
        )
    return say_line(
        "Messages here stay as they were sent; {corrections_on} has them corrected.",
        corrections_on=command("corrections on"),
    )


# What is wrong with a source that answers.
_TROUBLES = {
    "empty": sentence("answers, but has shown nothing since {moment}"),
    "quiet": sentence("answers, but has brought nothing since {moment}, which is unusual for it"),
    "signed out": sentence("has shown only what everybody sees since {moment}"),
}


def sources(states: Sequence[SourceState], timezone: str, now: datetime) -> Reply:
    """List what is watched; a source that fails says since when and why."""
    if not states:
        return (
            say_line("No source is watched. The operator adds some with: {command}.", command="phiwire source add"),
        )
    return tuple(_source(state, timezone, now) for state in states)


def _source(state: SourceState, timezone: str, now: datetime) -> Line:
    # Without its address, which may hold what only the operator should see.
    sign, how = _health(state, timezone, now)
    return line(f"{sign} ", bold(state.name), f" — {how}")


def _health(state: SourceState, timezone: str, now: datetime) -> tuple[str, str]:
    """Say how a source is doing, after a sign of it."""
    last = "" if state.last_ok_at is None else moment(state.last_ok_at, timezone, now)
    if state.error:
        error = text.shorten(state.error, 160)
        if not last:
            return "⚠", say("never answered: {error}", error=error)
        return "⚠", say("silent since {moment}: {error}", moment=last, error=error)
    if not last:
        return "…", say("not read yet")
    if state.trouble in _TROUBLES and state.trouble_since is not None:
        return "⚠", say(_TROUBLES[state.trouble], moment=moment(state.trouble_since, timezone, now))
    return "✓", say_count(
        state.entries,
        "{number:,} entry, last read {moment}",
        "{number:,} entries, last read {moment}",
        moment=last,
    )
