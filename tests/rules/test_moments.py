"""Times as people read them follow one rule, in messages as in lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.commands import replies
from bot.languages import speaking
from bot.model import Entry
from bot.moments import at, moment
from bot.story import tell
from tests.contract.test_markup import delivery

NOW = datetime(2026, 1, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "shown"),
    [
        (NOW - timedelta(hours=9), "00:00"),
        (NOW + timedelta(hours=14), "23:00"),
        (NOW - timedelta(hours=16), "Thu 1 Jan 17:00"),
        # A year that has just ended is no reason to leave the hour out.
        (NOW - timedelta(hours=40), "Wed 31 Dec 17:00"),
        (NOW - timedelta(days=180), "Sun 6 Jul 10:00"),
        (NOW + timedelta(days=180), "Wed 1 Jul 10:00"),
        (NOW - timedelta(days=181), "5 Jul 2025 10:00"),
        (NOW + timedelta(days=181), "2 Jul 2026 10:00"),
    ],
)
def test_moment_is_said_by_how_far_it_is(when: datetime, shown: str) -> None:
    """With the hour wherever it is."""
    assert moment(when, "Europe/London", NOW) == shown


def test_day_is_the_readers() -> None:
    """Where it is tomorrow already, the evening here is of today."""
    assert moment(NOW + timedelta(hours=8), "Asia/Kolkata", NOW) == "22:30"
    assert moment(NOW + timedelta(hours=10), "Asia/Kolkata", NOW) == "Sat 3 Jan 00:30"
    assert at(NOW, "Europe/London", NOW) == "at 09:00"
    assert at(NOW - timedelta(days=1), "Europe/London", NOW) == "on Thu 1 Jan 09:00"
    assert at(NOW - timedelta(days=366), "Europe/London", NOW) == "on 1 Jan 2025 09:00"


def test_day_of_the_week_has_a_word_of_its_own_before_it() -> None:
    """As Welsh says "ddydd Iau", but "ar 1 Ion"."""
    with speaking("cy"):
        assert at(NOW - timedelta(days=1), "Europe/London", NOW) == "ddydd Iau 1 Ion 09:00"
        assert at(NOW - timedelta(days=366), "Europe/London", NOW) == "ar 1 Ion 2025 09:00"


def test_messages_and_lists_say_the_same() -> None:
    """Whoever looks for a message of the list finds it by its time."""
    made = delivery(["Ferry vote", *[""] * 7], "https://news.example/1", "wire")
    entry: Entry = made.entry
    later = (entry.published_at or entry.first_seen_at) + timedelta(days=7)
    shown = moment(later - timedelta(days=7), made.channel.timezone, later)
    assert shown.count(" ") == 3
    assert tell(made, later).time == shown
    assert replies.entry(entry, made.channel.timezone, later)[-1].text.endswith(f", {shown}")
