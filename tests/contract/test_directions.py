"""Messages keep their order when names and headlines run from right to left, as each platform shows them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters import slack_markup, telegram_markup, terminal
from bot.commands import replies
from bot.model import Delivery
from bot.ports import Span
from bot.story import Story, digest, tell
from tests.contract.test_markup import NOW, delivery
from tests.emulators.slack_rules import readable
from tests.emulators.telegram import parse_html
from tests.rules.test_bidi import stays_in_place

HEBREW, ARABIC = "ינון לוי", "ميناء"
TEXTS = st.sampled_from(
    [
        "Ferry vote",
        HEBREW,
        ARABIC,
        f"{ARABIC} (Ferry) ٣",
        f"\u202e{HEBREW}",
        f"\u2067{ARABIC}",
        f"{HEBREW}\u2069\u2069",
        "",
    ]
)
DELIVERIES = st.builds(
    delivery,
    st.lists(TEXTS, min_size=8, max_size=8),
    st.just("https://example.org/1"),
    st.sampled_from(["wire", "release"]),
).flatmap(lambda made: st.booleans().map(lambda gone: replace(made, entry=replace(made.entry, withdrawn=gone))))


@given(DELIVERIES)
def test_the_line_below_the_headline_keeps_its_order(made: Delivery) -> None:
    """Who, from where, when; also why."""
    told = tell(made, NOW)
    plain, _ = parse_html(telegram_markup.story(told))
    (about,) = [line for line in plain.splitlines() if line.endswith("12:00")]
    assert stays_in_place(about)
    assert all(stays_in_place(line) for line in plain.splitlines() if line.startswith(("Why:", "Withdrawn:")))
    assert any(stays_in_place(line) and line.endswith("12:00") for line in readable(slack_markup.blocks(told)))
    assert stays_in_place(slack_markup.notification(told))
    first, *_, last = terminal.story(replace(told, lede="", why="")).strip().splitlines()
    assert stays_in_place(last)
    assert stays_in_place(first) or not told.by


@given(st.lists(DELIVERIES, min_size=2, max_size=4))
@settings(max_examples=50)
def test_lists_keep_their_order(made: list[Delivery]) -> None:
    """Of what came at once, and of what was searched for."""
    entries = tuple(each.entry for each in made)
    listed = digest(replace(made[0], folded=entries), NOW)
    found = tuple(replies.entry(entry, "Europe/London", NOW) for entry in entries)
    for reply in (listed, found, ((Span("There is no "), Span(HEBREW, code=True), Span(".")),)):
        (html,) = telegram_markup.replies(reply)
        plain, _ = parse_html(html)
        for shown in (plain, slack_markup.reply(reply), terminal.reply(reply)):
            assert all(map(stays_in_place, shown.splitlines()))


def test_a_headline_alone_keeps_its_own_direction() -> None:
    """A line that is all one isolate would stand at the left, as if it were English."""
    told: Story = tell(delivery([ARABIC, "Marta Quill", "", "", "", "", "The Wire", ""], "", "wire"), NOW)
    plain, _ = parse_html(telegram_markup.story(told))
    assert plain.splitlines()[0] == ARABIC
