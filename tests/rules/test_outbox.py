"""What an outcome means."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Channel, Delivery, Entry
from bot.outbox import policy
from bot.outcomes import Ambiguous, Gone, Moved, Outcome, Rejected, Sent, Throttled, Unavailable

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
ENTRY = Entry(key="k", kind="wire", headline="h", id=1, source="s", source_name="S", first_seen_at=NOW)


def delivery(attempts: int = 1) -> Delivery:
    """Make a delivery in its so-manieth attempt."""
    return Delivery(1, Channel(1, "telegram", "7"), ENTRY, (), attempts)


@pytest.mark.parametrize(
    ("outcome", "attempts", "decision"),
    [
        (Sent("9"), 1, policy.Settle("sent", message_ref="9")),
        (Throttled(7), 1, policy.Retry(NOW + timedelta(seconds=7), "throttled for 7 s", "address")),
        (Unavailable("topic closed", "channel", 3600), 1, policy.Suspend(NOW + timedelta(hours=1), "topic closed")),
        (Unavailable("502", "token"), 99, policy.Retry(NOW + timedelta(seconds=1), "502", "token")),
        (Ambiguous("timed out"), 7, policy.Retry(NOW + timedelta(seconds=60), "timed out", ambiguous=True)),
        (Rejected("no text"), 1, policy.Settle("failed", error="no text")),
        (Gone("blocked"), 1, policy.Close("blocked")),
        (Moved("-100"), 1, policy.Follow("-100")),
    ],
)
def test_outcome_decides(outcome: Outcome, attempts: int, decision: policy.Decision) -> None:
    """The whole policy, as a table."""
    assert policy.decide(outcome, delivery(attempts), NOW, jitter=0) == decision


@pytest.mark.parametrize(
    ("ambiguous", "outages", "pause"), [(0, 1, 60), (1, 1, None), (1, 2, 120), (4, 5, 300), (5, 6, None)]
)
def test_answer_that_never_came(ambiguous: int, outages: int, pause: float | None) -> None:
    """One copy too many is the price of one doubt; where nobody gets an answer, a few more tries bridge the outage."""
    doubtful = replace(delivery(attempts=3), ambiguous=ambiguous)
    decision = policy.decide(Ambiguous("timed out"), doubtful, NOW, 0, outages)
    if pause is None:
        assert decision == policy.Settle("failed", error="timed out; it may have arrived, nobody can tell")
    else:
        assert decision == policy.Retry(NOW + timedelta(seconds=pause), "timed out", ambiguous=True)


@pytest.mark.parametrize(("outages", "seconds"), [(1, 1), (4, 8), (20, 60)])
def test_platform_that_is_down_is_asked_less_and_less_often(outages: int, seconds: float) -> None:
    """And nothing is given up for it, however long it takes."""
    decision = policy.decide(Unavailable("down", "token"), delivery(attempts=50), NOW, 0, outages)
    assert decision == policy.Retry(NOW + timedelta(seconds=seconds), "down", "token")


@pytest.mark.parametrize(("held", "pause"), [(0, 1), (1, 2), (3, 4), (15, 16), (23, 24), (99, 24)])
def test_channel_that_takes_nothing_is_probed_less_and_less_often(held: int, pause: int) -> None:
    """Each pause is as long as all before it and an hour, up to a day."""
    since = NOW - timedelta(hours=held)
    waiting = replace(delivery(), held_since=since, held_for="topic closed")
    decision = policy.decide(Unavailable("topic closed", "channel", 3600), waiting, NOW, 0)
    assert decision == policy.Suspend(NOW + timedelta(hours=pause), "topic closed")
    decision = policy.decide(Unavailable("no rights", "channel", 3600), waiting, NOW, 0)
    assert decision == policy.Suspend(NOW + timedelta(hours=1), "no rights")


@pytest.mark.parametrize(("minutes", "closed"), [(None, False), (9, False), (10, True), (600, True)])
def test_chat_is_gone_when_it_was_said_twice(minutes: int | None, closed: bool) -> None:
    """Not in one breath: a platform may err for a while."""
    since = None if minutes is None else NOW - timedelta(minutes=minutes)
    waiting = replace(delivery(), held_since=since, held_for="" if since is None else "chat not found")
    decision = policy.decide(Gone("chat not found", sure=False), waiting, NOW, 0)
    suspended = policy.Suspend(NOW + timedelta(minutes=10), "chat not found")
    assert decision == (policy.Close("chat not found") if closed else suspended)


def test_doubt_that_may_not_be_repeated_ends() -> None:
    """Where the operator wants no copies, not even in an outage."""
    decision = policy.decide(Ambiguous("timed out"), delivery(), NOW, 0, outages=9, repeat=False)
    assert decision == policy.Settle("failed", error="timed out; it may have arrived, nobody can tell")


def test_operators_hear_of_what_they_can_mend() -> None:
    """And of nothing else that a send may bring."""
    dead = policy.alarm("slack", Unavailable("Slack answers token_revoked", "token", 300, "Install the app again."))
    assert dead is not None
    assert dead.every is None
    assert dead.sentence.startswith("⚠ Slack answers token_revoked: nothing is sent to Slack")
    assert dead.sentence.endswith("Install the app again.")
    refused = policy.alarm("telegram", Sent("1", "Can't parse entities"))
    assert refused is not None
    assert refused.every == timedelta(days=1)
    for outcome in (Sent("1"), Throttled(7), Unavailable("502", "token"), Gone("blocked"), Ambiguous("timed out")):
        assert policy.alarm("telegram", outcome) is None


@given(st.integers(1, 100), st.floats(0, 1))
def test_backoff_is_bounded_and_never_in_the_past(attempts: int, jitter: float) -> None:
    """A queue must neither spin nor sleep for ever."""
    assert timedelta(seconds=1) <= policy.backoff(attempts, jitter) <= timedelta(minutes=1, seconds=15)
