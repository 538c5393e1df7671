"""Operators are told what they must know, once, in words that say what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wire.health import BETWEEN_ALARMS, Diagnosis, Failure, Health, Kind, Look, diagnose

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
WELL = Look("wire", "The Wire", 0, "", "", NOW, NOW, None, 0.0)


def failing(failure: Failure = "answer", minutes: int = 25, failures: int = 3) -> Look:
    """Make a source that has failed for some time."""
    return replace(
        WELL, failure=failure, failures=failures, error="it is down; try it later", seen_until=ago(minutes=minutes)
    )


def ago(**duration: float) -> datetime:
    """Tell a time before now."""
    return NOW - timedelta(**duration)


@pytest.mark.parametrize(
    ("look", "trouble", "said"),
    [
        (failing(), "failing", "The Wire has not answered for 25 minutes: it is down; try it later."),
        (failing("gone"), "gone", "The Wire cannot be read any more, and asking again will not help: it is down"),
        (failing("closed"), "closed", "The Wire asks programs not to read it: it is down; try it later."),
        (failing("document", 180), "unreadable", "could not be read for 3 hours: it is down"),
        (
            replace(WELL, signed_out="its session has lapsed; copy a new cookie"),
            "signed out",
            "The Wire shows only what everybody sees: its session has lapsed; copy a new cookie.",
        ),
        (replace(WELL, empty_since=ago(hours=3)), "empty", "has shown nothing for 3 hours"),
        (
            replace(WELL, last_new_at=ago(days=3), expected=12.3),
            "quiet",
            "has brought nothing for 3 days; by its habit 12 entries would have come",
        ),
    ],
)
def test_trouble_is_told_with_its_remedy(look: Look, trouble: Kind, said: str) -> None:
    """Each kind has another one."""
    diagnosis = diagnose(Health(), look, NOW)
    assert diagnosis.health.trouble == diagnosis.health.told == trouble
    assert said in diagnosis.notice


@pytest.mark.parametrize(
    "look",
    [
        WELL,
        failing(failures=2),
        failing(minutes=9),
        replace(WELL, empty_since=ago(minutes=59)),
        replace(WELL, last_new_at=ago(hours=1), expected=50),
        replace(WELL, last_new_at=ago(days=9), expected=7.9),
        replace(WELL, last_new_at=None, expected=50),
    ],
)
def test_what_may_pass_by_itself_is_not_told(look: Look) -> None:
    """Whoever is told of each restart stops reading."""
    assert diagnose(Health(), look, NOW) == Diagnosis(Health(), "")


def test_trouble_is_told_once_and_so_is_its_end() -> None:
    """A look every minute is no news every minute."""
    first = diagnose(Health(), failing(), NOW)
    later = NOW + timedelta(hours=3)
    again = diagnose(first.health, replace(failing(), failures=80), later)
    assert (again.notice, again.health) == ("", first.health)
    ended = diagnose(again.health, replace(WELL, seen_until=later), later)
    assert ended.notice == "✓ The Wire answers again after 3 hours."
    assert ended.health.trouble == ended.health.told == ""
    assert diagnose(ended.health, WELL, later).notice == ""


def test_what_was_not_told_needs_no_recovery() -> None:
    """Nobody knew."""
    flicker = Health(told_at=ago(minutes=5))
    silent = diagnose(flicker, failing(), NOW)
    assert (silent.notice, silent.health.trouble, silent.health.told) == ("", "failing", "")
    assert diagnose(silent.health, WELL, NOW).notice == ""


def test_source_that_falls_silent_with_all_others_is_not_told_by_itself() -> None:
    """Of a network that is down one notice tells, and not one a source; what stays silent afterwards is told."""
    together = diagnose(Health(), replace(failing(), nobody_answers=True), NOW)
    assert (together.notice, together.health.trouble, together.health.told) == ("", "failing", "")
    assert diagnose(together.health, replace(WELL, seen_until=NOW), NOW).notice == ""
    assert "has not answered for 25 minutes" in diagnose(together.health, failing(), NOW).notice
    assert diagnose(Health(), replace(failing("gone"), nobody_answers=True), NOW).notice


def test_flickering_source_is_told_of_once_an_hour() -> None:
    """It stays in trouble that long before it is told of again."""
    before = Health(told_at=ago(minutes=59))
    assert diagnose(before, failing(), NOW).notice == ""
    assert diagnose(before, failing(), NOW + timedelta(minutes=1)).notice


def test_other_trouble_is_told_too() -> None:
    """A server that was down and now says that the address is gone needs another remedy."""
    down = diagnose(Health(), failing(), NOW).health
    later = NOW + BETWEEN_ALARMS
    gone = diagnose(down, replace(failing("gone"), failures=9), later)
    assert "will not help" in gone.notice
    assert diagnose(gone.health, replace(WELL, seen_until=later), later).notice.startswith("✓ The Wire answers again")


LOOKS = st.builds(
    Look,
    st.just("wire"),
    st.just("The Wire"),
    st.integers(0, 9),
    st.sampled_from(["", "answer", "gone", "document"]),
    st.just("it is down"),
    st.integers(0, 200).map(lambda minutes: ago(minutes=minutes)),
    st.one_of(st.none(), st.integers(0, 2000).map(lambda minutes: ago(minutes=minutes))),
    st.one_of(st.none(), st.integers(0, 200).map(lambda minutes: ago(minutes=minutes))),
    st.floats(0, 99),
)


@given(st.lists(st.tuples(LOOKS, st.integers(1, 90)), max_size=30))
def test_alarms_and_recoveries_take_turns(looks: list[tuple[Look, int]]) -> None:
    """However it flickers: no recovery without an alarm, and no two alarms within an hour."""
    health, now, open_alarm, last = Health(), NOW, False, None
    for look, minutes in looks:
        now += timedelta(minutes=minutes)
        diagnosis = diagnose(health, look, now)
        if diagnosis.notice.startswith("⚠"):
            assert last is None or now - last >= BETWEEN_ALARMS
            open_alarm, last = True, now
        elif diagnosis.notice:
            assert open_alarm
            open_alarm = False
        assert bool(diagnosis.health.told) == open_alarm
        health = diagnosis.health
