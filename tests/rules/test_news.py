"""What is new: sets are compared, never dates, order or position."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Attachment, Item
from bot.sources import identity
from bot.wire import news

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def item(key: str, headline: str = "", url: str = "", at: datetime | None = None, *, given_key: bool = False) -> Item:
    """Make an item whose headline is its key, unless another is given."""
    return Item(key, "wire", headline or f"headline {key}", url=url, published_at=at, given_key=given_key)


def known(number: int, of: Item) -> news.Known:
    """Make what the wire remembers of an item."""
    return news.Known(number, of.key, of.url, of.headline, news.fingerprint(of))


def test_unknown_items_are_new_oldest_first() -> None:
    """Readers expect what happened first to come first; lists show it last."""
    decision = news.decide([known(1, item("a"))], [item("c"), item("b"), item("a")])
    assert [each.key for each in decision.new] == ["b", "c"]


def test_late_item_in_the_middle_is_new() -> None:
    """GOV.UK backdates: a watermark would miss it, and so would stopping at the first known item."""
    decision = news.decide([known(1, item("a")), known(2, item("c"))], [item("c"), item("b"), item("a")])
    assert [each.key for each in decision.new] == ["b"]


def test_items_with_times_go_by_their_times() -> None:
    """Some lists are not newest first."""
    items = [item("b", at=NOW), item("c", at=NOW + timedelta(hours=1)), item("a", at=NOW - timedelta(hours=1))]
    assert [each.key for each in news.decide([], items).new] == ["a", "b", "c"]


def test_row_that_stands_twice_is_one() -> None:
    """The PhiWire did that."""
    assert len(news.decide([], [item("a"), item("a")]).new) == 1


def test_changed_headline_is_a_revision() -> None:
    """It is the same story, corrected."""
    decision = news.decide([known(7, item("a", "Ferry vote at noon"))], [item("a", "Ferry vote at one")])
    assert [(entry, each.headline) for entry, each in decision.changed] == [(7, "Ferry vote at one")]
    assert decision.new == ()


def test_white_space_is_no_change() -> None:
    """Pages are reformatted more often than corrected."""
    decision = news.decide([known(7, item("a", "Ferry vote"))], [item("a", " Ferry \u00a0 vote ")])
    assert decision == news.News((), (), ())


def test_new_headline_at_the_same_address_is_a_revision() -> None:
    """Rows without ids are known by their text; their link tells that the text was corrected."""
    before = item("k1", "Ferry vote survives by one", "https://example.org/1")
    after = item("k2", "Ferry vote survives by two", "https://example.org/1")
    assert [entry for entry, _ in news.decide([known(7, before)], [after]).changed] == [7]


def test_two_entries_that_share_an_address_stay_two() -> None:
    """MonitoRSS swallowed such entries."""
    before = item("k1", "Ferry vote survives by one", "https://example.org/live")
    after = item("k2", "Lighthouse levy doubled", "https://example.org/live")
    assert [each.key for each in news.decide([known(7, before)], [after]).new] == ["k2"]
    alike = item("k2", "Ferry vote survives by two", "https://example.org/live")
    assert [each.key for each in news.decide([known(7, before)], [alike, before]).new] == ["k2"]


def test_publishers_own_ids_are_believed() -> None:
    """Every briefing of a newsletter links to one page, and reads much like the last."""
    monday = item("id-1", "Westminster Daily: Monday briefing", "https://example.org/daily", given_key=True)
    tuesday = item("id-2", "Westminster Daily: Tuesday briefing", "https://example.org/daily", given_key=True)
    assert [each.key for each in news.decide([known(7, monday)], [tuesday]).new] == ["id-2"]


def test_two_that_begin_to_share_an_id_stay_what_they_are() -> None:
    """Live pages give one address to all; which row comes first changes from poll to poll."""
    first = item("https://example.org/live", "Ferry vote survives", "https://example.org/live", given_key=True)
    second = replace(first, headline="Levy doubled")
    (alone,) = identity.unique([first])
    both = identity.unique([second, first])
    decision = news.decide([known(7, alone)], both)
    assert [each.headline for each in decision.new] == ["Levy doubled"]
    assert decision.changed == ()
    assert [entry for entry, _ in decision.rekeyed] == [7]


def test_hostile_item_is_cut() -> None:
    """One entry must not fill the file, a message, or the top of every list."""
    huge = Item(
        "k",
        "wire",
        "h" * 9000,
        "https://example.org/" + "x" * 9000,
        body="b " * 10**6,
        attachments=(Attachment("t" * 9000, "https://example.org/a"), Attachment("t", "x" * 9000)) * 99,
        change_note="n" * 9000,
        updated_at=NOW + timedelta(days=999),
        published_at=NOW + timedelta(days=999),
    )
    cut = news.bounded(huge, NOW)
    assert len(cut.headline) == news.LONGEST_HEADLINE
    assert cut.url == ""
    assert len(cut.body) <= news.LONGEST_BODY
    assert cut.published_at == cut.updated_at == NOW
    assert len(cut.attachments) == news.MOST_ATTACHMENTS
    assert {len(each.title) for each in cut.attachments} == {news.LONGEST_NAME}
    assert len(cut.change_note) == news.LONGEST_SUMMARY


def test_changed_id_is_no_news() -> None:
    """Feeds get new ids when their site moves; readers must not get everything again."""
    before = item("id-1", "Ferry vote", "https://example.org/1")
    after = item("id-2", "Ferry vote", "https://example.org/1")
    assert news.decide([known(7, before)], [after]) == news.News((), (), ((7, "id-2"),))


def test_fingerprints_of_older_versions_still_hold() -> None:
    """After an upgrade nothing has changed: what old entries do not have must not show in their fingerprints."""
    old = Item("k", "wire", "Ferry vote", "https://example.org/1", author="Marta Quill", summary="It sails.")
    assert news.fingerprint(old) == "484e5bac515db1df1fe2459e3cc660ef"
    for later in (replace(old, withdrawn=True), replace(old, change_note="Corrected."), replace(old, headline="x")):
        assert news.fingerprint(later) != news.fingerprint(old)
    assert (
        news.fingerprint(replace(old, updated_at=NOW, attachments=(Attachment("a", "b"),)))
        == "484e5bac515db1df1fe2459e3cc660ef"
    )


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        (NOW, NOW + timedelta(minutes=5), True),
        (NOW, NOW + timedelta(milliseconds=700), False),
        (NOW, NOW - timedelta(days=1), False),
        (NOW, None, False),
        (None, NOW, False),
    ],
)
def test_step_of_the_publishers_own_time_is_a_change(
    before: datetime | None, after: datetime | None, *, changed: bool
) -> None:
    """GOV.UK's lists do not show the text that was corrected, only its public timestamp."""
    there = replace(known(7, item("a")), updated_at=before)
    assert bool(news.decide([there], [replace(item("a"), updated_at=after)]).changed) == changed


URLS = st.sampled_from(["", "https://example.org/live", "https://example.org/1"])
ITEMS = st.lists(
    st.builds(lambda number, url: item(str(number), url=url, given_key=True), st.integers(0, 30), URLS), max_size=12
)


@given(ITEMS, ITEMS, st.randoms(use_true_random=False))
def test_nothing_is_missed_and_nothing_repeated(before: list[Item], after: list[Item], random: object) -> None:
    """Whatever a list does, what was never seen is new, and what was seen is not."""
    seen = {each.key: number for number, each in enumerate(before)}
    remembered = [known(number, before[number]) for number in seen.values()]
    decision = news.decide(remembered, after)
    assert {each.key for each in decision.new} == {each.key for each in after} - set(seen)
    assert len(decision.new) == len({each.key for each in decision.new})
    shuffled = list(after)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert {each.key for each in news.decide(remembered, shuffled).new} == {each.key for each in decision.new}
