"""What of a queue is sent, folded, left out, or waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.outbox.folding import BURST, CATCH_UP, LATE, MINUTE, MOST_LISTED, OLDEST, Plan, Waiting, plan

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def fresh(count: int, first: int = 1) -> list[Waiting]:
    """Make deliveries that have just come."""
    return [Waiting(first + n, NOW - timedelta(seconds=count - n), NOW) for n in range(count)]


def late(*hours: float, behind: bool = True) -> list[Waiting]:
    """Make deliveries of entries that were published so many hours ago and are seen only now."""
    return [Waiting(n, NOW - timedelta(hours=ago), NOW, behind=behind) for n, ago in enumerate(hours, 1)]


def sent(count: int, seconds: float = 30) -> list[datetime]:
    """Make the times of messages that were sent so long ago."""
    return [NOW - timedelta(seconds=seconds + n / 10) for n in range(count)]


def test_few_are_sent_one_by_one() -> None:
    """That is what everybody came for."""
    assert plan(fresh(BURST), [], NOW) == Plan()


def test_a_burst_becomes_one_message() -> None:
    """A chat that rings eleven times in a minute is muted by its people."""
    assert plan(fresh(BURST + 1), [], NOW) == Plan(fold=tuple(range(1, BURST + 2)))


def test_what_was_sent_in_the_last_minute_counts() -> None:
    """A burst may come in several polls."""
    assert plan(fresh(4), sent(BURST - 3), NOW) == Plan(fold=(1, 2, 3, 4))
    assert plan(fresh(3), sent(BURST - 3), NOW) == Plan()
    assert plan(fresh(4), sent(BURST - 3, seconds=60), NOW) == Plan()


def test_when_the_minute_is_full_the_others_wait_and_gather() -> None:
    """Until its first message is a minute old."""
    waits = plan(fresh(1), sent(BURST, seconds=10), NOW)
    assert waits == Plan(wait_until=min(sent(BURST, seconds=10)) + MINUTE)


def test_one_message_lists_no_more_than_fits() -> None:
    """The newest; the others are left to `latest`."""
    found = plan(fresh(MOST_LISTED + 5), [], NOW)
    assert found == Plan(left_out=(1, 2, 3, 4, 5), fold=tuple(range(6, MOST_LISTED + 6)))


def test_after_downtime_the_newest_are_sent_one_by_one() -> None:
    """The others are left to `latest`; those older than six hours, too."""
    hours = [5 - n / 10 for n in range(CATCH_UP + 3)]
    assert plan(late(*hours), [], NOW) == Plan(left_out=(1, 2, 3))
    assert plan(late(7, 6.5, 1), [], NOW) == Plan(left_out=(1, 2))


def test_the_newest_are_those_that_were_published_last() -> None:
    """Sources are read in any order."""
    found = plan(late(*[1.0] * CATCH_UP, 3, 0.5), [], NOW)
    assert set(found.left_out) == {1, CATCH_UP + 1}


def test_a_late_item_in_ordinary_times_is_sent() -> None:
    """Some sources list things days late: that is no downtime of ours."""
    assert plan(late(30, behind=False), [], NOW) == Plan()


def test_what_could_not_be_sent_for_long_is_caught_up_with() -> None:
    """A platform was down: what waited is old news together, and none of it alone."""
    waited = [Waiting(n, NOW - LATE, NOW - LATE) for n in range(1, CATCH_UP + 3)]
    assert plan(waited, [], NOW) == Plan(left_out=(1, 2))
    assert plan([Waiting(1, NOW, NOW - OLDEST - MINUTE)], [], NOW) == Plan(left_out=(1,))


WAITING = st.lists(
    st.builds(
        lambda published, waited, behind: (published, waited, behind),
        st.integers(0, 24 * 60),
        st.integers(0, 60 * 8),
        st.booleans(),
    ),
    max_size=60,
)


@given(WAITING, st.lists(st.integers(0, 300), max_size=BURST))
def test_every_delivery_has_one_fate(minutes: list[tuple[int, int, bool]], seconds: list[int]) -> None:
    """None is lost between the fates, and no minute has more messages than it may."""
    waiting = [
        Waiting(n, NOW - timedelta(minutes=published), NOW - timedelta(minutes=waited), behind)
        for n, (published, waited, behind) in enumerate(minutes, 1)
    ]
    times = [NOW - timedelta(seconds=each) for each in seconds]
    found = plan(waiting, times, NOW)
    ids = [each.id for each in waiting]
    assert set(found.left_out) | set(found.fold) <= set(ids)
    assert not set(found.left_out) & set(found.fold)
    rest = [each for each in ids if each not in {*found.left_out, *found.fold}]
    if found.fold:
        assert rest == []
        assert 1 < len(found.fold) <= MOST_LISTED
    recent = sum(NOW - each < MINUTE for each in times)
    if found.wait_until is None:
        assert recent + len(rest) + bool(found.fold) <= BURST or not ids
    else:
        assert recent == BURST
        assert NOW < found.wait_until <= NOW + MINUTE
