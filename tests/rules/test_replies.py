"""Answers are whole sentences that count, list and name days as people do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.commands import filter_replies, import_replies, source_replies, status_replies, why_replies, wire_replies
from bot.filters.store import Undone
from bot.languages import speaking
from bot.model import Found, Reason, Subscription
from bot.ports import Reply

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
ZONE = "Europe/London"


def shown(reply: Reply) -> list[str]:
    """Show a reply's lines without what stands out in them."""
    return ["".join(span.text for span in line) for line in reply]


@pytest.mark.parametrize(("ended", "said"), [(1, "1 left out, as it is over"), (2, "2 left out, as they are over")])
def test_import_counts_what_is_over(ended: int, said: str) -> None:
    """Old exports have mutes that ended."""
    reply = import_replies.imported(added=1, changed=0, kept=0, removed=0, ended=ended, unnamed=0)
    assert shown(reply) == [f"1 filter added, {said}. undo takes it back."]


@pytest.mark.parametrize(("older", "said"), [(1, "and 1 more that was older"), (2, "and 2 more that were older")])
def test_resume_counts_what_is_too_old(older: int, said: str) -> None:
    """It was left out, and can be looked at."""
    assert shown(wire_replies.resumed(3, older, 20))[1].startswith(f"{said}: latest ")


def test_advice_is_one_line() -> None:
    """Half a sentence on a line of its own reads as another answer."""
    (line,) = shown(import_replies.no_end_line(2, "mute football 2h"))
    assert line.endswith("as in mute football until 2027-01-31 18:00. Nothing was changed.")
    (line,) = shown(source_replies.too_slow("https://slow.example", 10))
    assert line.endswith("try later, or give the address of the feed itself.")
    (line,) = shown((filter_replies.no_such("9"),))
    assert line.endswith("Nothing was changed.")


@pytest.mark.parametrize(
    ("places", "said", "in_welsh"),
    [
        (("headline",), "in headline", "yn y pennawd"),
        (("headline", "body"), "in headline and body", "yn y pennawd ac yn y testun"),
        (
            ("headline", "summary", "body"),
            "in headline, summary and body",
            "yn y pennawd, yn y crynodeb ac yn y testun",
        ),
    ],
)
def test_places_are_listed_as_people_list(places: tuple[str, ...], said: str, in_welsh: str) -> None:
    """With one "and", before the last."""
    reason = Reason(1, "match", "ferry", "Ada", NOW, (Found("ferry", places),))
    assert f"found ferry {said}; added" in because(reason)
    with speaking("cy"):
        assert f"ferry {in_welsh}" in because(reason)


def because(reason: Reason) -> str:
    """Say a reason."""
    return shown((why_replies.because(reason, ZONE, NOW),))[0]


@pytest.mark.parametrize(
    ("later", "said"),
    [(timedelta(minutes=5), "is tried at 12:05:"), (timedelta(days=1), "is tried on Thu 5 Mar 12:00:")],
)
def test_next_try_is_on_a_day_or_at_an_hour(later: timedelta, said: str) -> None:
    """Whatever the platform asked for."""
    here = status_replies.Here(filters=1, paused_until=None, held_until=NOW + later, waiting=1, last=())
    assert said in shown(status_replies.here(here, ZONE, NOW))[1]


@pytest.mark.parametrize(
    ("action", "is_so", "said"),
    [
        ("urgent", True, "• subscribe! ferry is urgent again"),
        ("urgent", False, "• subscribe ferry is not urgent any more"),
        ("silent", True, "• subscribe ferry is silent again"),
        ("silent", False, "• subscribe ferry is not silent any more"),
        ("end", True, "• subscribe ferry ends again on Thu 5 Mar 12:00"),
        ("end", False, "• subscribe ferry does not end any more"),
    ],
)
def test_undo_says_how_a_filter_is_now(action: str, is_so: bool, said: str) -> None:
    """Not that it is as it was, which nobody remembers."""
    assert shown(filter_replies.undone(undone(action, is_so=is_so), ZONE, NOW))[1] == said


def undone(action: str, *, is_so: bool) -> Undone:
    """Take a change of a filter back."""
    found = Subscription(
        1,
        1,
        "match",
        "ferry",
        "Ada",
        NOW,
        expires_at=NOW + timedelta(days=1) if is_so and action == "end" else None,
        urgent=is_so and action == "urgent",
        silent=is_so and action == "silent",
    )
    return Undone("Ada", NOW, ((action, found),))
