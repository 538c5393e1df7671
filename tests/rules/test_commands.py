"""What people type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import parser


@pytest.mark.parametrize(
    ("typed", "name", "argument"),
    [
        ("follow Marta Quill", "follow", "Marta Quill"),
        ("/FOLLOW   Marta \n Quill", "follow", "Marta Quill"),
        ("", "help", ""),
        ("/start", "start", ""),
        ("/start abc", "start", "abc"),
        ("start \n ab_-9 ", "start", "ab_-9"),
        ("list", "filters", ""),
        ("subscribe “net zero” -rail", "subscribe", "“net zero” -rail"),
        ("why not https://example.org/1", "why", "not https://example.org/1"),
        ("/import\nfollow  Marta Quill\r\n\nmute x\n", "import", "follow Marta Quill\n\nmute x"),
        ("import replace\nmute x", "import", "replace\nmute x"),
    ],
)
def test_command_is_read(typed: str, name: str, argument: str) -> None:
    """However it is typed, it means one thing."""
    assert parser.parse(typed) == parser.Command(name, argument)


@pytest.mark.parametrize(
    ("typed", "nearest"), [("folow X", "follow"), ("/sucbscribe nhs", "subscribe"), ("qwertz", "")]
)
def test_unknown_word_gets_the_nearest_command(typed: str, nearest: str) -> None:
    """People mistype; the answer should be what they meant."""
    read = parser.parse(typed)
    assert isinstance(read, parser.Unknown)
    assert read.nearest == nearest


@given(st.text())
def test_whatever_is_typed_is_read(typed: str) -> None:
    """Chats hold anything."""
    assert isinstance(parser.parse(typed), parser.Command | parser.Unknown)
