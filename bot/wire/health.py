"""Decide how a source is doing, and when operators are told: once when it goes blind, once when it sees again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from bot import text
from bot.languages import say_count

Kind = Literal["failing", "gone", "closed", "unreadable", "signed out", "empty", "quiet"]
Failure = Literal["", "answer", "gone", "closed", "document"]
"""What failed at the last look: nothing, getting an answer, getting one ever again, getting the site's permission, or
reading the document."""

_OF_FAILURE: Mapping[Failure, Kind] = {
    "answer": "failing",
    "gone": "gone",
    "closed": "closed",
    "document": "unreadable",
}
# Many a server restarts in less; whoever is told of each restart stops reading.
PATIENCE = timedelta(minutes=10)
MOST_FAILURES = 2
EMPTY_PATIENCE = timedelta(hours=1)
# By its habit this many entries should have come: by chance alone none comes once in three thousand times.
EXPECTED_AT_LEAST = 8.0
QUIET_AT_LEAST = timedelta(hours=2)
# A source that flickers is told of once in so long.
BETWEEN_ALARMS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of a source after a look at it.

    `seen_until` is when it was last read, or first looked at; `empty_since` since when it shows nothing, though it did
    before; `expected` how many entries its habit promises since the last one came; `signed_out` what is wrong with the
    session that should show more, and the remedy; `nobody_answers` that other sources fall silent with it.
    """

    slug: str
    name: str
    failures: int
    failure: Failure
    error: str
    seen_until: datetime
    last_new_at: datetime | None
    empty_since: datetime | None
    expected: float
    signed_out: str = ""
    nobody_answers: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """A source's trouble, empty where it is well; which one was told, and when operators were last alarmed."""

    trouble: Kind | Literal[""] = ""
    since: datetime | None = None
    told: Kind | Literal[""] = ""
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """How a source is after a look, and what operators are told, empty where nothing is."""

    health: Health
    notice: str


def diagnose(before: Health, look: Look, now: datetime) -> Diagnosis:
    """Judge a source after a look, by what it was before."""
    trouble = _trouble(look, now)
    if trouble == "":
        notice = _recovery(before, look, now) if before.told else ""
        return Diagnosis(Health(told_at=before.told_at), notice)
    since = before.since if before.trouble == trouble and before.since is not None else _began(trouble, look)
    health = replace(before, trouble=trouble, since=since)
    if trouble == "failing" and look.nobody_answers:
        return Diagnosis(health, "")  # of which one notice tells, and not one a source (flow/stages.py)
    if before.told == trouble or (before.told_at is not None and now - before.told_at < BETWEEN_ALARMS):
        return Diagnosis(health, "")
    return Diagnosis(replace(health, told=trouble, told_at=now), _alarm(trouble, since, look, now))


def _trouble(look: Look, now: datetime) -> Kind | Literal[""]:
    if look.failure:
        if look.failures <= MOST_FAILURES or now - look.seen_until < PATIENCE:
            return ""
        return _OF_FAILURE[look.failure]
    if look.signed_out:
        return "signed out"
    if look.empty_since is not None and now - look.empty_since >= EMPTY_PATIENCE:
        return "empty"
    if look.last_new_at is not None and look.expected >= EXPECTED_AT_LEAST and now - look.last_new_at >= QUIET_AT_LEAST:
        return "quiet"
    return ""


def _began(trouble: Kind, look: Look) -> datetime:
    since = {"empty": look.empty_since, "quiet": look.last_new_at}.get(trouble)
    return look.seen_until if since is None else since


def _alarm(trouble: Kind, since: datetime, look: Look, now: datetime) -> str:
    long, try_it = about(now - since), f"Look at it with: phiwire source test {look.slug}"
    match trouble:
        case "failing":
            return f"⚠ {look.name} has not answered for {long}: {look.error}."
        case "gone":
            return f"⚠ {look.name} cannot be read any more, and asking again will not help: {look.error}."
        case "closed":
            return f"⚠ {look.name} asks programs not to read it: {look.error}."
        case "unreadable":
            return f"⚠ {look.name} answers, but could not be read for {long}: {look.error}. {try_it}"
        case "signed out":
            return f"⚠ {look.name} shows only what everybody sees: {look.signed_out}."
        case "empty":
            return f"⚠ {look.name} answers, but has shown nothing for {long}: its layout may have changed. {try_it}"
        case "quiet":
            expected = text.count(round(look.expected), "entry", "entries")
            return f"⚠ {look.name} has brought nothing for {long}; by its habit {expected} would have come. {try_it}"


def _recovery(before: Health, look: Look, now: datetime) -> str:
    again = {
        "failing": "answers again",
        "gone": "answers again",
        "closed": "may be read again",
        "unreadable": "can be read again",
        "signed out": "shows all it has again",
        "empty": "shows entries again",
        "quiet": "brings news again",
    }[before.told or "failing"]
    after = "" if before.since is None else f" after {about(now - before.since)}"
    return f"✓ {look.name} {again}{after}."


def about(duration: timedelta) -> str:
    """Say a duration as people do: "25 minutes", "3 hours", "2 days"."""
    minutes = max(1, round(duration.total_seconds() / 60))
    if minutes < 120:  # noqa: PLR2004 (two hours)
        return say_count(minutes, "{number:,} minute", "{number:,} minutes")
    hours = round(minutes / 60)
    if hours < 48:  # noqa: PLR2004 (two days)
        return say_count(hours, "{number:,} hour", "{number:,} hours")
    return say_count(round(hours / 24), "{number:,} day", "{number:,} days")
