"""Decide at which stage news is stuck, and when operators are told: something waits, and nothing has moved for long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.wire.health import about

POLLER, SOURCES, MATCHER = "poller", "sources", "matcher"
# What is slow is not stuck: a look at all hosts in turn, a fan-out to everybody, a platform that restarts.
_PATIENCE: Mapping[str, timedelta] = {
    POLLER: timedelta(minutes=10),
    SOURCES: timedelta(minutes=5),
    MATCHER: timedelta(minutes=5),
}
PLATFORM_PATIENCE = timedelta(minutes=15)
# Sends without an answer in a row after which a platform counts as silent, also when what was sent is given up.
MOST_UNANSWERED = 3
# What flickers is told of once in so long.
BETWEEN_ALARMS = timedelta(hours=1)
# Nobody has looked for so long, or the clock was set: what waited meanwhile proves nothing.
LONGEST_BLINK = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Sight:
    """What the database shows of the stages at one moment.

    `looked` and `unmatched` change as polls and the matcher move on; `unmatched` is empty where nothing waits.
    `answered_at` is when any source answered last; `waiting` names the platforms for which deliveries are due.
    """

    sources: int
    overdue: int
    looked: str
    nobody_answers: bool
    answered_at: datetime | None
    unmatched: str
    waiting: frozenset[str]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the way: whether something waits there, and what changes when it moves.

    `rests_well` says that it is well where nothing waits: a platform proves that only by taking something.
    """

    name: str
    waiting: bool
    token: str
    rests_well: bool = True


@dataclass(frozen=True, slots=True)
class Progress:
    """Since when something has waited at a stage without moving, None where nothing does; whether it is surely well."""

    token: str
    since: datetime | None
    well: bool


@dataclass(frozen=True, slots=True)
class Alarm:
    """A stage of which operators were told: since when it was stuck, None where that is over."""

    stage: str
    since: datetime | None
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """An alarm that is raised or over, with what operators are told of it."""

    alarm: Alarm
    sentence: str


def stages(sight: Sight, moved: Mapping[str, int], unanswered: Mapping[str, int]) -> tuple[Stage, ...]:
    """See the stages in the order of the way.

    Of each platform, `moved` is how often it took something, `unanswered` how many sends in a row had no answer: one
    that is silent, and whose messages were given up, is stuck although nothing waits.
    """
    platforms = (
        Stage(
            platform,
            platform in sight.waiting or unanswered[platform] >= MOST_UNANSWERED,
            str(count),
            rests_well=False,
        )
        for platform, count in moved.items()
    )
    answered = "" if sight.answered_at is None else sight.answered_at.isoformat()
    return (
        Stage(POLLER, sight.overdue > 0, sight.looked),
        Stage(SOURCES, sight.nobody_answers, answered),
        Stage(MATCHER, bool(sight.unmatched), sight.unmatched),
        *platforms,
    )


def watch(
    before: Mapping[str, Progress], seen: Iterable[Stage], last_look: datetime | None, now: datetime
) -> dict[str, Progress]:
    """Go on from what the last look saw."""
    blinked = last_look is None or not timedelta(0) <= now - last_look <= LONGEST_BLINK
    return {stage.name: _progress(before.get(stage.name), stage, now, blinked=blinked) for stage in seen}


def _progress(before: Progress | None, stage: Stage, now: datetime, *, blinked: bool) -> Progress:
    moved = before is not None and before.token != stage.token
    well = moved or (stage.rests_well and not stage.waiting)
    if not stage.waiting:
        return Progress(stage.token, None, well)
    goes_on = before is not None and before.since is not None and not moved and not blinked
    return Progress(stage.token, before.since if before is not None and goes_on else now, well)


def stuck(progress: Mapping[str, Progress], now: datetime) -> dict[str, datetime]:
    """Name the stages at which news is stuck, with the time since when."""
    return {
        name: each.since
        for name, each in progress.items()
        if each.since is not None and now - each.since >= _PATIENCE.get(name, PLATFORM_PATIENCE)
    }


def alarms(before: Mapping[str, Alarm], progress: Mapping[str, Progress], sight: Sight, now: datetime) -> list[Change]:
    """Decide what operators are told: once when a stage is stuck, once when it moves again."""
    changes = []
    held_up = stuck(progress, now)
    for name, each in progress.items():
        alarm = before.get(name)
        is_open = alarm is not None and alarm.since is not None
        if name in held_up and not is_open and (alarm is None or now - alarm.told_at >= BETWEEN_ALARMS):
            since = sight.answered_at or held_up[name] if name == SOURCES else held_up[name]
            changes.append(Change(Alarm(name, since, now), _alarm(name, since, sight, now)))
        elif alarm is not None and alarm.since is not None and each.well and name not in held_up:
            changes.append(Change(Alarm(name, None, alarm.told_at), _recovery(name, now - alarm.since)))
    return changes


def _alarm(stage: str, since: datetime, sight: Sight, now: datetime) -> str:
    long = about(now - since)
    match stage:
        case "poller":
            return (
                f"⚠ No source has been looked at for {long}, although {sight.overdue:,} of {sight.sources:,} are due. "
                "Restart the bot, and report what its log says."
            )
        case "sources":
            return (
                f"⚠ None of {sight.sources:,} sources has answered for {long}: this machine's network, name server or "
                "proxy may be down. Look at it with: phiwire check"
            )
        case "matcher":
            return (
                f"⚠ What came has been waiting to be matched for {long}, so nobody gets it. "
                "Restart the bot, and report what its log says."
            )
        case _:
            return (
                f"⚠ {stage.capitalize()} has taken no message for {long}, although some are due. "
                "Look at it with: phiwire check"
            )


def _recovery(stage: str, duration: timedelta) -> str:
    again = {
        POLLER: "Sources are looked at again",
        SOURCES: "Sources answer again",
        MATCHER: "What comes is matched again",
    }.get(stage, f"{stage.capitalize()} takes messages again")
    return f"✓ {again} after {about(duration)}."
