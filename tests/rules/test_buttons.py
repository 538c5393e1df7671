"""Buttons: which there are under which message, and what they send."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import buttons
from bot.adapters.telegram_markup import keyboard
from bot.buttons import Action, Press
from bot.commands import zones
from bot.filters import explaining, query
from bot.model import Channel, Delivery, Entry, Reason
from bot.ports import Keyboard

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
ENTRY = Entry(
    key="k",
    kind="wire",
    headline="Ferry vote survives for 2h",
    url="https://news.example/1",
    author="Marta Quill",
    id=1,
    source="wire",
    source_name="The Wire",
    first_seen_at=NOW,
)


def delivery(entry: Entry = ENTRY, *queries: str, follows: str = "") -> Delivery:
    """Make a delivery that was brought by queries, and is explained."""
    reasons = [Reason(number, "match", written, "Ada", NOW) for number, written in enumerate(queries, 1)]
    reasons += [Reason(9, "follow", follows, "Ada", NOW)] if follows else []
    return explaining.explained(Delivery(17, Channel(3, "telegram", "7"), entry, tuple(reasons), 1))


def labels(rows: Keyboard) -> list[list[str]]:
    """Read what stands on the buttons."""
    return [[span.text for span in row] for row in rows]


WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", max_size=16)
PRESSES = st.builds(
    lambda action, number, choice, detail: Press(action, number, choice, detail if choice else ""),
    st.sampled_from(get_args(Action)),
    st.integers(0, 2**63 - 1),
    WORDS,
    WORDS,
)


@given(PRESSES)
def test_what_a_button_sends_is_read_back_and_fits(press: Press) -> None:
    """Telegram takes 64 bytes."""
    data = buttons.encode(press)
    assert 1 <= len(data.encode()) <= buttons.LONGEST
    assert buttons.decode(data) == press


@given(st.one_of(st.text(), st.from_regex(r"[a-z]:[0-9]{0,25}(:[a-z0-9]{0,20}){0,3}", fullmatch=True)))
def test_whatever_comes_back_is_read(data: str) -> None:
    """Anybody can send anything; what is read at all means what it says."""
    press = buttons.decode(data)
    assert press is None or buttons.encode(press) == f"{data[:1]}:{press.number}{data[2:].lstrip('0123456789')}"


@pytest.mark.parametrize(
    ("sent", "row"),
    [
        (delivery(ENTRY, "ferry"), ["Follow", "Mute …", "Why", "Open"]),
        (delivery(ENTRY, "ferry", follows="Marta Quill"), ["Mute …", "Why", "Open"]),
        (delivery(replace(ENTRY, author=""), "ferry"), ["Mute …", "Why", "Open"]),
        (
            delivery(replace(ENTRY, author="", organisation="Harbour Office"), "ferry"),
            ["Follow", "Mute …", "Why", "Open"],
        ),
        (delivery(replace(ENTRY, author="???"), "ferry"), ["Mute …", "Why", "Open"]),
        (delivery(replace(ENTRY, url="")), ["Follow", "Mute …", "Why"]),
        (delivery(replace(ENTRY, url="http://localhost/1")), ["Follow", "Mute …", "Why"]),
        (delivery(replace(ENTRY, url="http://[::1")), ["Follow", "Mute …", "Why"]),
        (delivery(replace(ENTRY, url="javascript:alert(1)")), ["Follow", "Mute …", "Why"]),
        (replace(delivery(ENTRY), folded=(ENTRY, ENTRY)), ["Why"]),
    ],
)
def test_row_offers_what_can_be_done(sent: Delivery, row: list[str]) -> None:
    """What would do nothing is not offered, and no address that Telegram refuses."""
    assert labels(buttons.under(sent)) == [row]


def test_notice_to_operators_has_no_buttons() -> None:
    """It is no news."""
    assert buttons.under(delivery(replace(ENTRY, source=""))) == ()


def test_words_that_were_found_can_be_muted_and_the_author() -> None:
    """Neither what would mute everything, nor twice the same."""
    sent = delivery(ENTRY, '"ferry vote" OR kind:wire', "ferry vote", "kind:wire", follows="Marta Quill")
    assert [each.words for each in buttons.mutable(sent)] == ['"ferry vote"', "ferry", "vote", 'author:"Marta Quill"']


def test_a_word_that_looks_like_a_time_is_muted_as_a_word() -> None:
    """“mute 2h” would mute nothing, for two hours."""
    assert [each.words for each in buttons.mutable(delivery(ENTRY, "2h"))][:1] == ['"2h"']


def test_release_is_its_organisations() -> None:
    """As its message says."""
    release = replace(ENTRY, kind="release", organisation="Department for Digital, Culture & Tides", author="")
    sent = delivery(release, "ferry")
    assert [each.words for each in buttons.authors(release)] == ['"Department for Digital, Culture & Tides"']
    assert buttons.mutable(sent)[-1].words == 'org:"Department for Digital, Culture & Tides"'


@given(st.text(), st.lists(st.sampled_from(["ferry", "vote", "2h", '"ferry vote"', "surv*", "topic:x"]), max_size=4))
def test_every_choice_can_be_typed(author: str, queries: list[str]) -> None:
    """Whatever stands in a by-line: few choices, short labels, and queries that can be read."""
    sent = delivery(replace(ENTRY, author=author), *queries)
    choices = buttons.mutable(sent)
    assert len(choices) <= buttons.MOST_CHOICES
    for each in choices:
        query.parse(each.words)
        assert buttons.find(choices, each.mark) is not None
    for rows in (buttons.under(sent), buttons.what_to_mute(sent), buttons.whom_to_follow(sent)):
        keys = [key for row in keyboard(rows)["inline_keyboard"] for key in row]  # type: ignore[attr-defined]
        assert all(1 <= len(key["text"]) <= buttons.LONGEST_LABEL for key in keys)


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ("Europe/London", "Europe/London"),
        ("europe/CARDIFF", "Europe/London"),
        ("cardiff", "Europe/London"),
        ("Washington", "America/New_York"),
        ("new york", "America/New_York"),
        ("America/Cardiff", None),
        ("utc", "UTC"),
        ("Atlantis", None),
        ("", None),
        ("../../etc/passwd", None),
    ],
)
def test_zones_are_found_as_people_name_them(said: str, zone: str | None) -> None:
    """By region and city, or by the city alone."""
    assert zones.find(said) == zone


def test_a_zone_that_is_mistyped_has_a_nearest() -> None:
    """And what is none has none."""
    assert zones.nearest("Europe/Lundon") == zones.Near("Europe/London", "Europe/London")
    assert zones.nearest("new yrok") == zones.Near("New York", "America/New_York")
    assert zones.nearest("Cardif") == zones.Near("Cardiff", "Europe/London")
    assert zones.nearest("san fransisco") == zones.Near("San Francisco", "America/Los_Angeles")
    assert zones.nearest("qqqqqq") is None
    assert all(zones.find(zone) == zone for _, zone in zones.COMMON)
