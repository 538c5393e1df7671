"""Compose the line by which a channel learns what somebody has changed in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import bidi, text
from bot.audit import Step
from bot.channels import UNTIL_RESUMED
from bot.commands.replies import code
from bot.languages import say
from bot.moments import moment
from bot.ports import Line, Reply, Span
from bot.sentences import say_line, say_line_count

OF_FILTERS = frozenset({"add", "remove", "end", "urgent", "silent"})
LONGEST_FILTER, LONGEST_NAME = 200, 80
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Told:
    """Who has changed something, empty where their name is not known, and what else is said of it."""

    actor: str
    timezone: str
    now: datetime
    paused_until: datetime | None

    @property
    def who(self) -> Span:
        """Name the person, as text that calls nobody."""
        return _who(self.actor)


def _who(actor: str) -> Span:
    return Span(bidi.isolate(text.shorten(text.clean(actor), LONGEST_NAME)) or say("Somebody"))


def forgotten(actor: str) -> Reply:
    """Say that everything is gone."""
    return (say_line("{actor} had everything about this channel forgotten: no news comes here.", actor=_who(actor)),)


def filters(told: Told, steps: Sequence[Step], *, imported: bool) -> Reply:
    """Say in one line what was done to filters."""
    named = list(dict.fromkeys(step.detail for step in steps))
    who = told.who
    if len(named) == 1:
        return (_taken_back(told, steps[-1]) if steps[-1].takes_back else _one(told, steps),)
    number, shown = len(named), _several(named)
    if any(step.takes_back for step in steps):
        line = say_line_count(
            number,
            "{actor} took a change of {number:,} filter back: {filters}.",
            "{actor} took a change of {number:,} filters back: {filters}.",
            actor=who,
            filters=shown,
        )
    elif imported:
        line = say_line_count(
            number,
            "{actor} imported {number:,} filter: {filters}.",
            "{actor} imported {number:,} filters: {filters}.",
            actor=who,
            filters=shown,
        )
    else:
        line = say_line_count(
            number,
            "{actor} changed {number:,} filter: {filters}.",
            "{actor} changed {number:,} filters: {filters}.",
            actor=who,
            filters=shown,
        )
    return (line,)


def _one(told: Told, steps: Sequence[Step]) -> Line:
    # Of a filter that was added with a mark or an end, that it was added.
    step = next((each for each in steps if each.action == "add"), steps[-1])
    who, shown = told.who, _filter(step.detail)
    time = "" if step.ends_at is None else moment(step.ends_at, told.timezone, told.now)
    match step.action, step.before:
        case "add", _ if time:
            return say_line("{actor} added {filter} until {time}.", actor=who, filter=shown, time=time)
        case "add", _:
            return say_line("{actor} added {filter}.", actor=who, filter=shown)
        case "remove", _:
            return say_line("{actor} removed {filter}.", actor=who, filter=shown)
        case "urgent", "0":
            return say_line("{actor} made {filter} urgent.", actor=who, filter=shown)
        case "urgent", _:
            return say_line("{actor} made {filter} urgent no more.", actor=who, filter=shown)
        case "silent", "0":
            return say_line("{actor} made {filter} silent.", actor=who, filter=shown)
        case "silent", _:
            return say_line("{actor} made {filter} silent no more.", actor=who, filter=shown)
        case _ if time:
            return say_line("{actor} set that {filter} ends: {time}.", actor=who, filter=shown, time=time)
        case _:
            return say_line("{actor} set that {filter} does not end.", actor=who, filter=shown)


def _taken_back(told: Told, step: Step) -> Line:
    who, shown = told.who, _filter(step.detail)
    match step.action:
        case "add":
            return say_line("{actor} took a change back: {filter} is here again.", actor=who, filter=shown)
        case "remove":
            return say_line("{actor} took a change back: {filter} is gone.", actor=who, filter=shown)
        case _:
            return say_line("{actor} took a change of {filter} back.", actor=who, filter=shown)


def setting(told: Told, step: Step) -> Reply:
    """Say what was set; nothing of what is no setting."""
    who, until = told.who, told.paused_until
    match step.action:
        case "pause" if until is not None and until.year != UNTIL_RESUMED.year:
            time = moment(until, told.timezone, told.now)
            return (say_line("{actor} paused this channel until {time}: what matches waits.", actor=who, time=time),)
        case "pause":
            return (say_line("{actor} paused this channel until somebody resumes: what matches waits.", actor=who),)
        case "resume":
            return (say_line("{actor} resumed this channel.", actor=who),)
        case "template":
            return (say_line("{actor} changed what messages look like here.", actor=who),)
        case "corrections" | "silent" | "preview" | "buttons" | "timezone" | "members" | "threads" | "language":
            shown = code(text.shorten(f"{step.action} {step.detail}", LONGEST_FILTER))
            return (say_line("{actor} changed a setting: {setting}.", actor=who, setting=shown),)
        case _:
            return ()


def _several(named: Sequence[str]) -> Line:
    shown: list[Span] = []
    for each in named[:MOST_NAMED]:
        shown += [Span(", ")] * bool(shown) + [_filter(each)]
    return (*shown, *((Span(" …"),) if len(named) > MOST_NAMED else ()))


def _filter(detail: str) -> Span:
    """Show a filter as it is typed, but for the word that most have."""
    return code(text.shorten(detail.removeprefix("match "), LONGEST_FILTER))
