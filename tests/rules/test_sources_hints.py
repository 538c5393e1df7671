"""What feeds say about how often they may be read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.model import Hints
from bot.sources import hints
from bot.sources.documents import Page, Unchanged

NOTHING = Hints()


def asked(channel: str, fresh_for: float = 0.0) -> Hints:
    """Read what a channel says of itself."""
    body = f"<rss><channel><title>The Wire</title>{channel}<item><ttl>9</ttl></item></channel></rss>"
    return hints.read(Page("https://example.org/feed", body.encode(), fresh_for=fresh_for), NOTHING)


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("", NOTHING),
        ("<ttl> 15 </ttl>", Hints(ttl=timedelta(minutes=15))),
        ("<ttl>soon</ttl>", NOTHING),
        ("<ttl>-5</ttl>", NOTHING),
        ("<skipHours><hour>0</hour>\n<hour>23</hour></skipHours>", Hints(skip_hours=frozenset({0, 23}))),
        ("<skipHours><hour>24</hour><hour>77</hour></skipHours>", Hints(skip_hours=frozenset({0}))),
        ("<skipDays><day>Saturday</day><day>sunday</day></skipDays>", Hints(skip_days=frozenset({5, 6}))),
        ("".join(f"<hour>{hour}</hour>" for hour in range(24)), NOTHING),
        (
            "".join(f"<day>{day}day</day>" for day in ("Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur", "Sun")),
            NOTHING,
        ),
    ],
)
def test_channel_says_how_often_it_may_be_read(channel: str, expected: Hints) -> None:
    """RSS 2.0; what its items say is news, and nonsense asks for nothing."""
    assert asked(channel) == expected


def test_unchanged_answer_says_again_what_the_feed_said() -> None:
    """It has no body, and often no header; one that it has is its own."""
    before = asked("<ttl>5</ttl><skipHours><hour>3</hour></skipHours>", fresh_for=60)
    again = hints.read(Unchanged(90), before)
    assert hints.read(Unchanged(), before) == before
    assert again == Hints(timedelta(minutes=5), timedelta(seconds=90), frozenset({3}))
