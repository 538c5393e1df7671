"""Rules for durations."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.durations import format_duration, parse_duration, split_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("30m", 1800),
        ("2h", 7200),
        ("1d", 86_400),
        ("1w", 604_800),
        (" 5 M ", 300),
        ("001s", 1),
        ("5 minutes", 300),
        ("2 Hrs", 7200),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, seconds: int) -> None:
    """Settings and commands write durations the same way."""
    assert timedelta(seconds=seconds) == parse_duration(text)


@pytest.mark.parametrize(
    "text", ["", "5", "m", "-5m", "1.5h", "5 fortnights", "0s", "1h30m", "9" * 40 + "w", "999999999w", "3651d", "٣m"]
)
def test_anything_else_says_how_to_write_one(text: str) -> None:
    """A typing mistake is answered with the remedy."""
    with pytest.raises(ValueError, match=r"90s, 30m, 2h or 1d|write 1s to 3650d"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "before", "duration"),
    [
        ("football 2h", "football", "2h"),
        ("football for 2 hours", "football", "2 hours"),
        ('nhs -"top 10" 30 min', 'nhs -"top 10"', "30 min"),
        ("2h", "", "2h"),
        ("football", "football", ""),
        ("football 2 fortnights", "football 2 fortnights", ""),
        ('"a quarter 10m"', '"a quarter 10m"', ""),
        ("rise of £10m", "rise of £10m", ""),
    ],
)
def test_duration_stands_at_the_end(text: str, before: str, duration: str) -> None:
    """People say how long in words, and a mute that never ends is not what they mean."""
    assert split_duration(text) == (before, duration)


@given(st.integers(min_value=1, max_value=3_650 * 86_400))
def test_formatting_and_parsing_are_inverse(seconds: int) -> None:
    """What a listing shows can be typed back."""
    assert timedelta(seconds=seconds) == parse_duration(format_duration(timedelta(seconds=seconds)))


def test_the_largest_dividing_unit_is_shown() -> None:
    """90 minutes are not 1.5 hours nor 5400 seconds."""
    assert [format_duration(timedelta(minutes=minutes)) for minutes in (90, 1440, 11_520, 20_160, 0)] == [
        "90m",
        "1d",
        "8d",
        "2w",
        "0s",
    ]
