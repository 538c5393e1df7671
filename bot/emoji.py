"""Emoji that stand for sources in messages: what is one, and which it is where none was chosen."""

from __future__ import annotations

import re
import unicodedata

from bot.model import EntryKind

DEFAULT: dict[EntryKind, str] = {"wire": "📰", "release": "📣"}
# The longest that people use, a family with its skin colours, or a flag of a part of a country.
LONGEST = 12
_KEYCAP = re.compile("[0-9#*]\ufe0f?\u20e3")
_JOINING = frozenset("\u200d\ufe0f")
# Skin colours, and the tags of which flags of Wales or Scotland are made.
_CHANGING = re.compile("[\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
# A number as Telegram gives it: positive, 64 bits.
_NUMBER = re.compile("[1-9][0-9]{0,18}", re.ASCII)


def is_emoji(words: str) -> bool:
    """Tell whether a text is one emoji, or at least nothing but a sign."""
    if _KEYCAP.fullmatch(words):
        return True
    if not words or len(words) > LONGEST or unicodedata.category(words[0]) != "So":
        return False
    signs = [each for each in words if each not in _JOINING and not _CHANGING.match(each)]
    if any(unicodedata.category(each) != "So" for each in signs):
        return False
    is_flag = len(signs) == 2 and all("\U0001f1e6" <= each <= "\U0001f1ff" for each in signs)  # noqa: PLR2004
    return is_flag or len(signs) == words.count("\u200d") + 1


def is_number(words: str) -> bool:
    """Tell whether a text can be the number of a custom emoji of Telegram's."""
    return _NUMBER.fullmatch(words) is not None and int(words) < 1 << 63
