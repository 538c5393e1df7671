"""Whatever filters say, the views of the editor stay within what Slack takes, and come back as they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters import slack_editor_views as views
from bot.adapters.slack_editor_views import Where
from bot.commands import editing_replies
from bot.editing_ports import Draft, Form, Lasts, Name, Sheet
from bot.model import Subscription, SubscriptionKind
from bot.ports import Span
from tests.emulators import slack_rules, slack_view_rules

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
KINDS = st.sampled_from(["match", "follow", "mute"])
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=600)


def wrong(view: views.View) -> list[str]:
    """List what Slack would refuse."""
    return slack_rules.check_view(view) or slack_view_rules.check(view)


@given(TEXTS, KINDS, st.booleans())
def test_a_sheet_takes_any_filters(words: str, kind: SubscriptionKind, may_write: bool) -> None:
    """Forty of them on a page."""
    each = Subscription(7, 1, kind, words or "x", words, NOW, NOW, urgent=True, silent=True)
    rows = tuple(
        editing_replies.row(number, replace(each, id=number), 10**6, "Europe/London", NOW) for number in range(40)
    )
    said = ((Span(words, code=True), Span(words)),) * 3
    sheet = Sheet(said, rows, 1, 3, 10**9, may_write=may_write)
    assert wrong(views.sheet(sheet, Where("C1"), said)) == []


@given(TEXTS, KINDS, st.sampled_from(["ever", "kept", "hour"]), st.booleans())
def test_a_form_takes_any_draft_and_gives_it_back(
    words: str, kind: SubscriptionKind, lasts: Lasts, marked: bool
) -> None:
    """As it was, where nobody writes into it."""
    has_end, marks = kind == "mute", marked and kind != "mute"
    draft = Draft(7, 12, kind, words, lasts if has_end else "ever", urgent=marks, silent=marks)
    shown = views.form(Form(draft, ((Span(words),),), (), "Wed 12:00"), Where("C1", 3))
    assert wrong(shown) == []
    assert views.draft(shown | {"state": {"values": _values(shown)}}) == draft
    assert views.where(shown).page == 3


def _values(shown: views.View) -> dict[str, dict[str, object]]:
    values: dict[str, dict[str, object]] = {}
    for block in shown["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            initial = {
                "value": element.get("initial_value"),
                "selected_option": element.get("initial_option"),
                "selected_options": element.get("initial_options"),
            }
            values[block["block_id"]] = {element["action_id"]: initial}
    return values


@given(TEXTS)
def test_names_that_are_offered_come_back_whole(name: str) -> None:
    """Those that could not are left out."""
    for option in views.options([Name(name, "3 entries in a year")] if name else []):
        assert list(slack_view_rules.check_option(option)) == []
        assert option["value"] == name


@pytest.mark.parametrize("kind", ["match", "follow"])
def test_the_field_of_the_words_is_named(kind: SubscriptionKind) -> None:
    """Errors stand beside it."""
    shown = views.form(Form(Draft(kind=kind), ()), Where("C1"))
    assert views.field_of_words(shown) in {block.get("block_id") for block in shown["blocks"]}
