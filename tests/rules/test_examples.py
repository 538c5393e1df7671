"""What a welcome offers: the day's author and subject, and nothing that floods or is there already."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.commands import examples
from bot.commands.caught import MANY_A_DAY
from bot.commands.examples import FIXED, LATEST, Example
from bot.filters import query
from bot.model import Entry, EntryKind
from tests.rules.test_buttons import NOW


def entry(
    number: int, headline: str, author: str = "", topic: str = "", organisation: str = "", kind: EntryKind = "wire"
) -> Entry:
    """Make an entry of the day."""
    return Entry(
        key=str(number),
        kind=kind,
        headline=headline,
        author=author,
        topic=topic,
        organisation=organisation,
        id=number,
        source="wire",
        source_name="The Wire",
        first_seen_at=NOW,
    )


DAY = (
    entry(4, "Ferry vote survives the night", "Marta Quill"),
    entry(3, "Minister says ferry talks go on", "Priya Ashdown"),
    entry(2, "What the harbour levy means", "Priya Ashdown"),
    entry(1, "Ferry operators wait", "Priya Ashdown"),
)


def labels(offered: tuple[Example, ...]) -> list[str]:
    """Read the buttons."""
    return [each.label for each in offered]


def test_most_frequent_author_and_subject_are_offered() -> None:
    """With the newest entry that has each, by which the button finds it again."""
    offered = examples.choose(DAY)
    assert labels(offered) == ["Follow Priya Ashdown", "Subscribe to ferry", LATEST.label]
    assert [each.words for each in offered] == ['follow "Priya Ashdown"', "subscribe ferry", "latest 5"]
    assert [each.entry for each in offered] == [3, 4, 0]


def test_of_equals_the_newest_is_offered() -> None:
    """It is what people talk about now."""
    assert labels(examples.choose(DAY[:2]))[:2] == ["Follow Marta Quill", "Subscribe to ferry"]


def test_what_is_there_already_is_not_offered_again() -> None:
    """However it is written."""
    taken = {examples.key("follow priya ashdown"), examples.key("subscribe Ferry")}
    offered = examples.choose(DAY, taken)
    assert labels(offered)[0] == "Follow Marta Quill"
    assert "Subscribe to ferry" not in labels(offered)


def test_empty_wire_offers_fixed_examples() -> None:
    """Each can be found by its mark; what is there already is left out."""
    assert examples.choose(()) == FIXED
    assert examples.choose((), {examples.key(FIXED[0].words)}) == FIXED[1:]
    assert [examples.find(examples.of_entry(None), each.mark) for each in FIXED] == list(FIXED)


def test_day_on_which_nothing_is_said_twice_has_a_subject_all_the_same() -> None:
    """Three taps, whatever the day."""
    assert labels(examples.choose(DAY[2:3])) == ["Follow Priya Ashdown", FIXED[-1].label, LATEST.label]


def test_release_has_its_organisation_and_topic() -> None:
    """A topic is worth more than a word."""
    releases = [
        entry(number, f"Statement {number}", topic="Ports, Roads", organisation="Department of Tides", kind="release")
        for number in (2, 1)
    ]
    offered = examples.choose(releases)
    assert labels(offered) == ["Follow Department of Tides", "Subscribe to Ports", LATEST.label]
    assert offered[1].words == 'subscribe topic:"Ports"'


def test_subject_is_no_name_of_an_author_and_no_everyday_word() -> None:
    """Those have their own button, or mean everything."""
    day = [entry(2, "Quill says people still wait", "Marta Quill"), entry(1, "Quill still says so", "Marta Quill")]
    assert labels(examples.choose(day)) == ["Follow Marta Quill", FIXED[-1].label, LATEST.label]


def test_acronym_keeps_its_capitals() -> None:
    """As people know it."""
    day = [entry(2, "TSB waits", "Marta Quill"), entry(1, "No way for the TSB", "Marta Quill")]
    assert labels(examples.choose(day))[1] == "Subscribe to TSB"


def test_nothing_is_offered_that_floods() -> None:
    """Whoever taps wants to see something, not everything."""
    day = [entry(number, "Ferry waits", "Marta Quill") for number in range(MANY_A_DAY + 1, 0, -1)]
    assert labels(examples.choose(day)) == [FIXED[0].label, FIXED[1].label, LATEST.label]


@given(st.lists(st.builds(entry, st.integers(1, 9), st.text(max_size=80), st.text(max_size=60), st.text(max_size=60))))
def test_whatever_the_wire_says_the_examples_work(day: list[Entry]) -> None:
    """Each is found again from its entry, and can be typed."""
    offered = examples.choose(day)
    assert 1 <= len(offered) <= 3
    for each in offered:
        verb, _, argument = each.words.partition(" ")
        (query.author if verb == "follow" else query.parse)(argument.strip('"') if verb == "follow" else argument)
        if each.entry:
            entries = [entry for entry in day if entry.id == each.entry]
            assert any(examples.find(examples.of_entry(entry), each.mark) for entry in entries)
