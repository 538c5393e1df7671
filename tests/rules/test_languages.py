"""Rules of what is said in which language."""

from __future__ import annotations

import gettext

import pytest

from bot.languages import known, say, say_count, speaking, translating
from bot.ports import Span
from bot.sentences import say_line, say_line_count


class Backwards(gettext.NullTranslations):
    """A language that turns everything that is said around, fields first."""

    def gettext(self, message: str) -> str:
        """Turn a message around."""
        return " ".join(reversed(message.split(" ")))

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Turn the message of a number around."""
        return self.gettext(one if number == 1 else many)


def test_what_is_said_has_its_fields_filled_in() -> None:
    """As by str.format."""
    assert say("Paused {until}.", until="until 17:00") == "Paused until 17:00."
    assert say_count(1200, "{number:,} entry", "{number:,} entries") == "1,200 entries"


def test_a_field_is_no_message_of_its_own() -> None:
    """What people type may hold braces."""
    assert say("Nothing holds {words}.", words="{number}") == "Nothing holds {number}."


def test_parts_of_a_line_stand_out_wherever_the_language_puts_them() -> None:
    """Each language has its own order of words."""
    with translating(Backwards()):
        line = say_line("removed {filter}", filter=Span("mute football", code=True))
    assert line == (Span("mute football", code=True), Span(" removed"))


def test_a_line_that_counts_has_its_number_as_a_field() -> None:
    """It need not be given twice."""
    with translating(Backwards()):
        assert say_line_count(1, "{number:,} entry", "{number:,} entries") == (Span("entry "), Span("1"))


def test_a_language_ends_where_it_was_asked_for() -> None:
    """Inside another one, too."""
    with translating(Backwards()), speaking("en"):
        assert say("no filters") == "no filters"
    with translating(Backwards()):
        assert say("no filters") == "filters no"
    assert say("no filters") == "no filters"


@pytest.mark.parametrize(
    ("tag", "language"), [("cy", "cy"), ("cy-GB", "cy"), ("CY_gb", "cy"), ("en-US", "en"), ("tlh", ""), ("", "")]
)
def test_a_language_is_known_by_the_tags_that_platforms_send(tag: str, language: str) -> None:
    """Telegram's language_code, and locales."""
    assert known(tag) == language
