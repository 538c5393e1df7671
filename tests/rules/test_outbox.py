"""What an outcome means, and how fast messages may go."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Channel, Delivery, Entry
from bot.outbox import policy
from bot.outbox.pacing import Pacer, Window
from bot.outcomes import Ambiguous, Gone, Moved, Outcome, Rejected, Sent, Throttled, Unavailable
from bot.ports import Limits

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


def test_limit_that_several_meet_is_the_tokens() -> None:
    """One chat over and over is one chat; what was long ago is over."""
    assert not policy.is_widespread([(1.0, "7"), (2.0, "7"), (3.0, "7"), (4.0, "8")], 5.0, 3)
    assert not policy.is_widespread([(1.0, "7"), (12.0, "8"), (13.0, "9")], 13.0, 3)
    assert policy.is_widespread([(4.0, "7"), (12.0, "8"), (13.0, "9")], 13.0, 3)
    waiting = policy.decide(Throttled(7), delivery(), NOW, 0, widespread=True)
    assert waiting == policy.Retry(NOW + timedelta(seconds=7), "throttled for 7 s", "token")


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


@given(st.lists(st.floats(0, 0.5), max_size=200), st.integers(1, 30))
def test_no_window_ever_holds_more_than_the_limit(gaps: list[float], most: int) -> None:
    """Telegram counts what arrives in one second, wherever that second begins."""
    window = Window(most, 1.0)
    now, sent = 0.0, []
    for gap in gaps:
        now = max(now + gap, window.free_at(now + gap))
        window.take(now)
        sent.append(now)
    for start in sent:
        assert sum(start <= at < start + 1.0 - 1e-9 for at in sent) <= most


def test_chat_waits_its_second_and_others_do_not() -> None:
    """One busy chat must not slow the others."""
    pacer = Pacer(Limits(token_per_second=30, burst=1))
    pacer.take("7", 0.0, group=False)
    assert pacer.address_free_at("7", 0.2) == 1.0
    assert pacer.address_free_at("8", 0.2) == 0.2
    assert pacer.busy(0.2) == {"7": 1.0}
    assert pacer.busy(1.0) == {}


def test_group_gets_twenty_a_minute() -> None:
    """Telegram's limit for groups is lower than one a second."""
    pacer = Pacer(Limits(token_per_second=30, group_per_minute=20))
    for second in range(20):
        pacer.take("-7", float(second), group=True)
    assert pacer.address_free_at("-7", 20.0) == 60.0


def test_token_has_room_for_what_is_left_of_its_second() -> None:
    """A claim must not take more than may be sent."""
    pacer = Pacer(Limits(token_per_second=3))
    for chat in ("7", "8"):
        pacer.take(chat, 0.0, group=False)
    assert pacer.token_room(0.5) == 1
    pacer.take("9", 0.5, group=False)
    assert pacer.token_free_at(0.6) == 1.0
    assert pacer.token_room(1.1) == 2


def test_short_burst_goes_out_at_once_and_is_made_up_for() -> None:
    """A wire entry and its press release need not wait for each other; ten of them do."""
    pacer = Pacer(Limits(token_per_second=30, burst=3))
    sent, now = [], 0.0
    for _ in range(10):
        now = pacer.address_free_at("7", now)
        pacer.take("7", now, group=False)
        sent.append(now)
    assert sent == [0, 0, 0, 3, 3, 3, 6, 6, 6, 9]
