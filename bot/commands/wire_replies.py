"""Compose replies about what is on the wire, and about holding it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot import text
from bot.commands.replies import code, command, entry
from bot.model import Entry
from bot.ports import Line, Reply
from bot.sentences import say_line, say_line_count


def latest_number() -> Reply:
    """Say how many entries are asked for."""
    return (
        say_line("{latest} takes a number, such as {example}.", latest=command("latest"), example=command("latest 10")),
    )


def entries(found: Sequence[Entry], timezone: str, now: datetime) -> Reply:
    """Show entries."""
    if not found:
        return (say_line("The wire is empty so far: the first entries appear when the sources have been read."),)
    return tuple(entry(each, timezone, now) for each in found)


def only_the_latest() -> Line:
    """Say why there are so few."""
    return say_line(
        "Only the latest five, until this channel has a filter: try {subscribe}.", subscribe=command("subscribe nhs")
    )


def not_found(words: str) -> Reply:
    """Say that no entry holds what was looked for."""
    return (say_line("Nothing on this wire holds {words}.", words=code(text.shorten(words, 100))),)


def paused(until: str) -> Reply:
    """Say until when messages wait; empty is until somebody lets them through."""
    resume = command("resume")
    if not until:
        return (say_line("Paused until you resume: what matches waits. {resume} ends it.", resume=resume),)
    return (say_line("Paused until {moment}: what matches waits. {resume} ends it.", moment=until, resume=resume),)


def not_paused() -> Reply:
    """Say that nothing waits to be let through."""
    return (say_line("This channel is not paused."),)


def resumed(waiting: int, older: int, most: int) -> Reply:
    """Say what comes now, and how to see what is too old to come, of which `most` can be shown."""
    now = say_line_count(waiting, "Resumed. {number:,} message waiting.", "Resumed. {number:,} messages waiting.")
    if not older:
        return (now,)
    return (
        now,
        say_line_count(
            older,
            "and {number:,} more that was older: {latest}.",
            "and {number:,} more that were older: {latest}.",
            latest=command(f"latest {min(older + waiting, most)}"),
        ),
    )
