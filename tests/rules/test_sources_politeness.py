"""How long a host is left alone."""

from __future__ import annotations

import pytest

from bot.sources.politeness import ITEM_GAP, LIST_GAP, LONGEST_GAP, gap, host_key, wait


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://Wire.Example:8443/feed", "wire.example"),
        ("http://user:secret@wire.example./", "wire.example"),
        ("http://127.0.0.1:8000/", "127.0.0.1:8000"),
        ("http://127.0.0.1/", "127.0.0.1:http"),
        ("http://localhost:1/", "localhost:1"),
        ("http://[::1]:1/", "::1:1"),
        ("http://10.0.0.1:1/", "10.0.0.1"),
        ("http://[broken", ""),
        ("http://wire.example:99999/", ""),
    ],
)
def test_host_is_a_server(url: str, key: str) -> None:
    """Elsewhere the ports of a host are one machine of somebody's; here each is a server of its own."""
    assert host_key(url) == key


@pytest.mark.parametrize(
    ("key", "usual", "asked", "seconds"),
    [
        ("wire.example", LIST_GAP, 0, LIST_GAP),
        ("wire.example", ITEM_GAP, 0, ITEM_GAP),
        ("wire.example", LIST_GAP, 10, 10),
        ("wire.example", LIST_GAP, 0.5, LIST_GAP),
        ("wire.example", LIST_GAP, 86_400, LONGEST_GAP),
        ("127.0.0.1:8000", LIST_GAP, 10, 0),
        ("localhost:8000", LIST_GAP, 0, 0),
    ],
)
def test_gap_is_what_the_site_asks_for_within_reason(key: str, usual: float, asked: float, seconds: float) -> None:
    """Nobody needs our politeness on this machine, and no site can silence its news."""
    assert gap(key, usual, asked) == seconds


@pytest.mark.parametrize(
    ("ended_at", "now", "seconds"), [(None, 5, 0), (5, 5, 1), (5, 5.25, 0.75), (5, 9, 0), (5, 1, 1)]
)
def test_wait_is_what_is_left_of_the_pause(ended_at: float | None, now: float, seconds: float) -> None:
    """A request that took long is not followed at once, and a clock that jumps holds nothing up."""
    assert wait(ended_at, 1.0, now) == seconds
