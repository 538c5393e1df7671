"""How fast messages may go, and who is next."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.outbox.pacing import Limits, Pacer
from bot.outbox.windows import LEAST, PATIENCE, STEP, STEP_TIME, Rule

TELEGRAM = Limits(token_per_second=30, burst=3, group_per_minute=20)


def deliver(pacer: Pacer, address: str, now: float, *, group: bool = False, answered: float | None = None) -> float:
    """Deliver as soon as it may be, with an answer at once or after so many seconds, and say when that was."""
    at = pacer.free_at(address, now)
    pacer.answered(pacer.take(address, at, group=group), at + (answered or 0.0), accepted=True)
    return at


def reply(pacer: Pacer, address: str, now: float, *, group: bool = False) -> float:
    """Reply as soon as it may be, with an answer at once, and say when that was."""
    sending = pacer.reserve(address, now, group=group)
    pacer.begin(sending, sending.at)
    at = sending.at
    pacer.answered(sending, at, accepted=True)
    return at


@given(st.lists(st.tuples(st.floats(0, 0.5), st.floats(0, 0.3), st.floats(0, 1)), max_size=80), st.integers(1, 30))
def test_no_second_ever_holds_more_than_the_limit(ways: list[tuple[float, float, float]], most: int) -> None:
    """Telegram counts what arrives in one second, wherever that second begins, and however long each way is."""
    pacer, now, arrived = Pacer(Limits(token_per_second=most)), 0.0, []
    open_until: list[tuple[float, object]] = []
    for number, (gap, way, part) in enumerate(ways):
        now += gap
        while True:
            for each in [each for each in open_until if each[0] <= now]:
                open_until.remove(each)
                pacer.answered(each[1], each[0], accepted=False)  # type: ignore[arg-type]
            free_at = pacer.free_at(str(number), now)
            if free_at <= now:
                break
            now = min([free_at, *(each[0] for each in open_until)])
        open_until.append((now + way, pacer.take(str(number), now, group=False)))
        arrived.append(now + way * part)
    for start in arrived:
        assert sum(start <= at < start + 1.0 - 1e-9 for at in arrived) <= most


def test_busy_token_sends_evenly_and_loses_nothing() -> None:
    """Half a second's share goes at once, then a few at a time: a reply finds a gap soon."""
    pacer, now, sent = Pacer(TELEGRAM), 0.0, []
    for chat in range(301):
        now = deliver(pacer, str(chat), now)
        sent.append(now)
    assert sent[14] == 0.0
    assert sent[-1] == pytest.approx(10.0)
    later = [at for at in sent if at >= 1.0]
    assert max(second - first for first, second in itertools.pairwise(later)) <= 0.375 + 1e-9


def test_token_has_room_for_what_is_left_of_its_second() -> None:
    """A claim must not take more than may be sent."""
    pacer = Pacer(Limits(token_per_second=8))
    assert pacer.token_room(0.0) == 4
    for chat in range(4):
        deliver(pacer, str(chat), 0.0)
    assert pacer.token_room(0.1) == 0
    assert pacer.token_free_at(0.1) == 0.125
    assert pacer.token_room(0.125) == 2


def test_message_without_an_answer_counts_as_arriving_now() -> None:
    """It may; but one that is lost does not hold the others up for ever."""
    pacer = Pacer(Limits(token_per_second=1))
    sending = pacer.take("7", 0.0, group=False)
    assert pacer.token_free_at(0.5) == 1.5
    assert pacer.token_free_at(PATIENCE + 0.9) == PATIENCE + 1.0
    pacer.answered(sending, 0.6, accepted=True)
    assert pacer.token_free_at(0.7) == 1.6


def test_what_all_ways_have_in_common_costs_nothing() -> None:
    """A platform that is 80 ms away gets nearly thirty a second, too."""
    pacer, now, sent = Pacer(TELEGRAM), 0.0, []
    for chat in range(601):
        now = deliver(pacer, str(chat), now, answered=0.08)
        sent.append(now)
    assert sent[-1] <= 20 * 1.02


def test_chat_waits_its_second_and_others_do_not() -> None:
    """One busy chat must not slow the others."""
    pacer = Pacer(Limits(token_per_second=30, burst=1))
    deliver(pacer, "7", 0.0)
    assert pacer.address_free_at("7", 0.2) == 1.0
    assert pacer.address_free_at("8", 0.2) == 0.2
    assert pacer.busy(0.2) == {"7": 1.0}
    assert pacer.busy(1.0) == {}


def test_short_burst_goes_out_at_once_and_is_made_up_for() -> None:
    """A wire entry and its press release need not wait for each other; ten of them do."""
    pacer, sent, now = Pacer(Limits(token_per_second=30, burst=3, reply_burst=0)), [], 0.0
    for _ in range(10):
        now = deliver(pacer, "7", now)
        sent.append(now)
    assert sent == [0, 0, 0, 3, 3, 3, 6, 6, 6, 9]


def test_group_gets_its_twenty_a_minute_and_leaves_two_to_replies() -> None:
    """Telegram's limit for groups is lower than one a second, and somebody may ask there."""
    pacer = Pacer(TELEGRAM)
    for second in range(18):
        deliver(pacer, "-7", float(second), group=True)
    assert pacer.address_free_at("-7", 20.0) == 60.0
    assert reply(pacer, "-7", 20.0, group=True) == 20.0
    assert reply(pacer, "-7", 21.0, group=True) == 21.0
    assert reply(pacer, "-7", 22.0, group=True) == 60.0


def test_reply_does_not_wait_for_a_burst_of_deliveries() -> None:
    """Whoever types is waiting; news may come two seconds later."""
    pacer = Pacer(TELEGRAM)
    for _ in range(3):
        deliver(pacer, "7", 0.0)
    assert reply(pacer, "7", 0.5) == 0.5
    assert pacer.address_free_at("7", 0.5) == 3.0


def test_deliveries_wait_for_replies() -> None:
    """The token's next free place is the reply's, however many deliveries want it."""
    pacer, now = Pacer(Limits(token_per_second=4)), 0.0
    for chat in range(4):
        now = deliver(pacer, str(chat), now)
    first = pacer.reserve("7", now, group=False)
    pacer.begin(first, now)
    assert first.at == 1.0
    assert pacer.free_at("8", 1.0) > 1.0


def test_replies_that_cannot_go_take_nobodys_place() -> None:
    """One that would wait too long is dropped, and the next turn is the next message's."""
    pacer = Pacer(Limits(token_per_second=30, burst=1, reply_burst=0))
    deliver(pacer, "7", 0.0)
    pacer.give_back("7", pacer.reserve("7", 0.0, group=False))
    assert pacer.address_free_at("7", 0.0) == 1.0


def test_throttled_chat_rests_and_goes_slower_and_recovers() -> None:
    """What a platform really takes is not what it publishes; others are not concerned."""
    pacer = Pacer(Limits(token_per_second=30, burst=4, reply_burst=0))
    pacer.throttled("7", 5.0, 0.0)
    assert pacer.busy(0.0) == {"7": 5.0}
    assert pacer.address_free_at("8", 0.0) == 0.0
    assert pacer.token_free_at(0.0) == 0.0
    assert [deliver(pacer, "7", 5.0) for _ in range(4)] == [5, 5, 9, 9]
    recovered = STEP_TIME * (0.5 / STEP)
    assert [deliver(pacer, "7", recovered) for _ in range(5)] == [recovered] * 4 + [recovered + 4]
    assert pacer.busy(recovered + 4) == {}


def test_rate_is_never_learnt_down_to_nothing() -> None:
    """However often a platform says no, it is asked again."""
    pacer = Pacer(Limits(token_per_second=30, burst=1, reply_burst=0))
    for _ in range(100):
        pacer.throttled("7", 0.0, 0.0)
    deliver(pacer, "7", 0.0)
    assert pacer.address_free_at("7", 0.0) == 1 / LEAST


def test_three_throttled_chats_mean_the_token() -> None:
    """Telegram's flood limit is the token's; what was in flight with them teaches nothing more."""
    pacer = Pacer(TELEGRAM)
    pacer.throttled("7", 5.0, 0.0)
    pacer.throttled("7", 5.0, 1.0)
    pacer.throttled("8", 5.0, 2.0)
    assert pacer.token_free_at(2.0) == 2.0
    for late in ("9", "10", "11"):
        pacer.throttled(late, 5.0, 3.0)
    assert pacer.token_free_at(3.0) == 8.0
    sent, now = [], 8.0
    for chat in range(20, 41):
        now = deliver(pacer, str(chat), now)
        sent.append(now)
    assert sum(at < 9.0 for at in sent) == 15


def test_two_chats_that_are_throttled_far_apart_mean_themselves() -> None:
    """A token is not slowed for what was long ago."""
    pacer = Pacer(Limits(token_per_second=30, together=2))
    pacer.throttled("7", 1.0, 0.0)
    pacer.throttled("8", 1.0, 10.0)
    assert pacer.token_free_at(10.0) == 10.0


def test_one_chat_over_and_over_is_one_chat() -> None:
    """And what was throttled ten seconds ago counts no more."""
    pacer = Pacer(TELEGRAM)
    for address, at in (("7", 1.0), ("7", 2.0), ("7", 3.0), ("8", 4.0), ("9", 15.0)):
        pacer.throttled(address, 0.5, at)
        assert pacer.token_free_at(at) == at
    pacer.throttled("7", 5.0, 16.0)
    pacer.throttled("8", 5.0, 24.0)
    assert pacer.token_free_at(24.0) == 29.0


@given(st.lists(st.tuples(st.floats(0, 2), st.sampled_from(("-1", "2", "3")), st.booleans()), max_size=80))
def test_busy_are_all_that_are_not_free(steps: list[tuple[float, str, bool]]) -> None:
    """Few are looked at, for there may be thousands; none is forgotten."""
    pacer, now = Pacer(TELEGRAM), 0.0
    for gap, address, throttled in steps:
        now += gap
        if throttled:
            pacer.throttled(address, gap, now)
        else:
            pacer.answered(pacer.take(address, now, group=address == "-1"), now, accepted=True)
        free = {each: pacer.address_free_at(each, now) for each in ("-1", "2", "3")}
        assert pacer.busy(now) == {each: at for each, at in free.items() if at > now}


def test_who_had_a_turn_is_remembered_for_a_while() -> None:
    """Fairness needs no more than the last ten minutes."""
    pacer = Pacer(TELEGRAM)
    deliver(pacer, "7", 0.0)
    deliver(pacer, "8", 300.0)
    deliver(pacer, "7", 301.0)
    reply(pacer, "9", 301.0)
    assert dict(pacer.served(302.0)) == {"8": 300.0, "7": 301.0}
    assert dict(pacer.served(900.5)) == {"7": 301.0}


@given(st.integers(1, 30), st.floats(0.1, 60), st.floats(LEAST, 1.0))
def test_part_of_a_rule_is_that_part_of_its_rate(most: int, seconds: float, share: float) -> None:
    """Whether that is fewer messages or longer pauses."""
    part = Rule(most, seconds).part(share)
    assert part.most >= 1
    assert part.most / part.seconds == pytest.approx(share * most / seconds)


def workspace(address: str) -> str:
    """Say whose token an address takes."""
    return address.partition("/")[0]


def test_what_one_token_may_not_do_yet_concerns_no_other() -> None:
    """Rates, refusals and what was learnt of them are each token's own."""
    pacer = Pacer(Limits(token_per_second=8, together=2), workspace)
    for room in range(4):
        deliver(pacer, f"A/{room}", 0.0)
    assert (pacer.token_room(0.1, "A"), pacer.token_room(0.1, "B")) == (0, 4)
    pacer.throttled("A/1", 50.0, 1.0)
    pacer.throttled("B/1", 5.0, 1.0)
    assert (pacer.token_free_at(1.5, "A"), pacer.token_free_at(1.5, "B")) == (1.5, 1.5)
    pacer.throttled("A/2", 50.0, 2.0)
    assert (pacer.free_at("A/3", 2.0), pacer.free_at("B/3", 2.0)) == (52.0, 2.0)
    answer = pacer.reserve("B/3", 2.0, group=False)
    pacer.begin(answer, 2.0)
    assert answer.at == 2.0


def test_token_at_rest_is_forgotten() -> None:
    """Thousands of workspaces may send once a day; one that was refused goes slower until it has recovered."""
    pacer = Pacer(Limits(token_per_second=8, together=1), workspace)
    deliver(pacer, "A/1", 0.0)
    pacer.throttled("B/1", 1.0, 0.0)
    assert set(pacer.tokens(1.0)) == {"A", "B"}
    assert set(pacer.tokens(PATIENCE + 1)) == {"B"}
    assert pacer.tokens(8 * STEP_TIME) == ()
    assert pacer.token_room(8 * STEP_TIME, "B") == pacer.fresh_room() == 4
