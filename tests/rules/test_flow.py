"""Operators are alarmed if and only if news is not flowing: never in a quiet week, once for each broken stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flow import stages
from bot.flow.stages import Alarm, Progress, Sight

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
HALF_MINUTE = timedelta(seconds=30)
CALM = Sight(3, 0, "12:00", nobody_answers=False, answered_at=NOON, unmatched="", waiting=frozenset())


@dataclass
class Watch:
    """What the watcher does, on sights that are made up."""

    now: datetime = NOON
    moved: dict[str, int] = field(default_factory=lambda: {"telegram": 0, "slack": 0})
    unanswered: dict[str, int] = field(default_factory=lambda: {"telegram": 0, "slack": 0})
    progress: dict[str, Progress] = field(default_factory=dict)
    alarms: dict[str, Alarm] = field(default_factory=dict)
    last_look: datetime | None = None
    told: list[str] = field(default_factory=list)

    def look(self, sight: Sight) -> None:
        """Look once, half a minute after the last time."""
        seen = stages.stages(sight, self.moved, self.unanswered)
        self.progress = stages.watch(self.progress, seen, self.last_look, self.now)
        for change in stages.alarms(self.alarms, self.progress, sight, self.now):
            self.alarms[change.alarm.stage] = change.alarm
            self.told.append(change.sentence)
        self.last_look = self.now
        self.now += HALF_MINUTE

    def stay(self, sight: Sight, minutes: float) -> None:
        """See the same for so long."""
        for _ in range(int(minutes * 2)):
            self.look(sight)

    @property
    def stuck(self) -> set[str]:
        """Name what is stuck."""
        return set(stages.stuck(self.progress, self.now - HALF_MINUTE))


OVERDUE = replace(CALM, overdue=2)
SILENT = replace(CALM, nobody_answers=True)
UNMATCHED = replace(CALM, unmatched="41 0")
TELEGRAM_WAITS = replace(CALM, waiting=frozenset({"telegram"}))


@pytest.mark.parametrize(
    ("broken", "minutes", "said"),
    [
        (OVERDUE, 10, "No source has been looked at for 10 minutes, although 2 of 3 are due"),
        (SILENT, 5, "None of 3 sources has answered for"),
        (UNMATCHED, 5, "What came has been waiting to be matched for 5 minutes"),
        (TELEGRAM_WAITS, 15, "Telegram has taken no message for 15 minutes, although some are due"),
    ],
)
def test_each_broken_stage_is_told_once(broken: Sight, minutes: int, said: str) -> None:
    """After its time, and not before."""
    watch = Watch()
    watch.stay(CALM, 1)
    watch.stay(broken, minutes)
    assert watch.told == []
    watch.stay(broken, 600)
    (sentence,) = watch.told
    assert sentence.startswith(f"⚠ {said}")
    assert len(watch.stuck) == 1


@pytest.mark.parametrize(
    ("broken", "again"),
    [
        (OVERDUE, "Sources are looked at again"),
        (SILENT, "Sources answer again"),
        (UNMATCHED, "What comes is matched again"),
    ],
)
def test_recovery_is_told_once(broken: Sight, again: str) -> None:
    """With how long it took."""
    watch = Watch()
    watch.stay(broken, 60)
    watch.stay(CALM, 600)
    assert watch.told[1:] == [f"✓ {again} after 60 minutes."]
    assert watch.stuck == set()


def test_platform_that_has_nothing_to_take_is_not_well_yet() -> None:
    """What waited has expired: nobody knows. One message that is taken proves it."""
    watch = Watch()
    watch.stay(TELEGRAM_WAITS, 60)
    watch.stay(CALM, 60)
    assert len(watch.told) == 1
    watch.moved["telegram"] = 1
    watch.look(CALM)
    assert watch.told[1] == "✓ Telegram takes messages again after 2 hours."


def test_silent_platform_whose_messages_were_given_up_is_stuck_too() -> None:
    """Nothing waits, and nothing arrived."""
    watch = Watch(unanswered={"telegram": 0, "slack": 3})
    watch.stay(CALM, 20)
    assert [sentence[:30] for sentence in watch.told] == ["⚠ Slack has taken no message fo"[:30]]


def test_long_backlog_that_moves_is_no_alarm() -> None:
    """Ten thousand messages take minutes, and polls and the matcher go on."""
    watch = Watch()
    for turn in range(500):
        watch.moved["telegram"] += turn % 20 == 0
        answered = NOON + timedelta(minutes=turn // 8)
        watch.look(
            replace(TELEGRAM_WAITS, overdue=1, looked=str(turn // 9), unmatched=str(turn // 9), answered_at=answered)
        )
    assert watch.told == []


def test_restart_in_trouble_neither_repeats_the_alarm_nor_ends_it() -> None:
    """What was told stands in the database."""
    watch = Watch()
    for broken in (OVERDUE, SILENT, UNMATCHED, TELEGRAM_WAITS):
        watch.stay(broken, 16)
    told = len(watch.told)
    every = replace(CALM, overdue=2, nobody_answers=True, unmatched="41 0", waiting=frozenset({"telegram"}))
    watch = Watch(now=watch.now, alarms={name: replace(each, since=NOON) for name, each in watch.alarms.items()})
    watch.stay(every, 60)
    assert told >= 4
    assert watch.told == []
    watch.moved["telegram"] = 1
    watch.look(CALM)
    assert len(watch.told) == 4


def test_flickering_stage_is_told_of_once_an_hour() -> None:
    """Whoever is told of each flicker stops reading."""
    watch = Watch()
    for _ in range(12):
        watch.stay(UNMATCHED, 6)
        watch.stay(CALM, 4)
    assert sum(sentence.startswith("⚠") for sentence in watch.told) == 2


@pytest.mark.parametrize("jump", [timedelta(hours=9), timedelta(hours=-9)])
def test_clock_that_jumps_is_no_alarm(jump: timedelta) -> None:
    """A machine that slept looks as if everything had waited that long."""
    watch = Watch()
    every = replace(CALM, overdue=2, unmatched="41 0", waiting=frozenset({"telegram", "slack"}))
    watch.stay(every, 1)
    watch.now += jump
    watch.look(every)
    watch.look(every)
    assert watch.told == []


def quiet_week(seed: int) -> Iterator[tuple[Sight, Callable[[Watch], None]]]:
    """Show a week in which little happens: looks now and then, a message every few hours, a blip of the network."""
    for turn in range(7 * 24 * 120):
        blip = (turn + seed) % 2880 < 8  # the network is away for four minutes a day
        polls = (turn - 8 if blip else turn) // 40
        news = (turn + seed) % 700 == 0

        def take(watch: Watch, *, news: bool = news) -> None:
            watch.moved["telegram"] += news

        yield (
            Sight(
                sources=5,
                overdue=2 if turn % 40 > 36 else 0,
                looked=str(polls),
                nobody_answers=blip,
                answered_at=NOON + HALF_MINUTE * (polls * 40),
                unmatched=str(turn) if news else "",
                # A pause that ends, or a chat that asked to wait: due for some minutes, then sent.
                waiting=frozenset({"telegram"}) if (turn + seed) % 700 > 680 else frozenset(),
            ),
            take,
        )


@pytest.mark.parametrize("seed", [0, 333, 1441])
def test_quiet_week_has_no_alarm(seed: int) -> None:
    """Nights and Sundays are no trouble."""
    watch = Watch()
    for sight, take in quiet_week(seed):
        take(watch)
        watch.look(sight)
    assert watch.told == []


SIGHTS = st.builds(
    Sight,
    st.just(5),
    st.integers(0, 1),
    st.sampled_from("ab"),
    nobody_answers=st.booleans(),
    answered_at=st.sampled_from([NOON, NOON + timedelta(minutes=1)]),
    unmatched=st.sampled_from(["", "1", "2"]),
    waiting=st.sampled_from([frozenset(), frozenset({"slack"})]),
)


@given(st.lists(st.tuples(SIGHTS, st.integers(1, 50), st.integers(0, 1)), max_size=30))
def test_alarms_and_recoveries_take_turns(seen: list[tuple[Sight, int, int]]) -> None:
    """However it flickers: each stage is alarmed, recovers, and is alarmed again an hour later at the soonest."""
    watch = Watch()
    raised: dict[str, datetime] = {}
    for sight, turns, moved in seen:
        watch.moved["slack"] += moved
        for _ in range(turns):
            before = dict(watch.alarms)
            watch.look(sight)
            for name, alarm in watch.alarms.items():
                if alarm == before.get(name):
                    continue
                was_open = name in before and before[name].since is not None
                assert was_open == (alarm.since is None)
                if alarm.since is not None:
                    assert name not in raised or alarm.told_at - raised[name] >= stages.BETWEEN_ALARMS
                    raised[name] = alarm.told_at
