"""Say what a platform shows of the bot by itself: the commands that each audience may type, and what it is."""

from __future__ import annotations

from collections.abc import Collection

from bot.commands.parser import COMMANDS, OPERATORS_USAGES, Usage
from bot.languages import LANGUAGES, default, say, sentence, speaking
from bot.ports import Audience, Menu, Portrait, Presentation

_DESCRIPTION = sentence(
    "PhiWire Bot watches the political wire and government press releases, and sends you what you ask for: at once, "
    "once, and with the reason why.\n\nTap Start, and then an example: the first filter is one tap away."
)
_SHORT = sentence("Political news and government press releases, only those that you ask for.")
# Elsewhere it only says so.
_OF_PRIVATE_CHATS = frozenset({"manage"})
# An editor opens on Slack, which has no menus of commands.
_ELSEWHERE = frozenset({"edit"})
OFFERED = tuple(name for name in COMMANDS if name not in _ELSEWHERE)
"""The commands that are offered wherever people type."""


def presentation(operators: Collection[str] = ()) -> Presentation:
    """Make all that is shown, in each language; in the default one for whoever's has nothing of its own.

    `operators` are the addresses of the operators' own chats with the bot.
    """
    menus: list[Menu] = []
    portraits: list[Portrait] = []
    for language in ("", *(each for each in LANGUAGES if each != default())):
        with speaking(language):
            menus += [menu(audience, language) for audience in ("private", "administrators", "members")]
            menus += [_of_operator(chat, language) for chat in operators]
            portraits.append(Portrait(language, say(_DESCRIPTION), say(_SHORT)))
    return Presentation(tuple(menus), tuple(portraits))


def menu(audience: Audience, language: str = "") -> Menu:
    """List what an audience may type; whoever is no administrator of a group may only look."""
    here = [COMMANDS[name] for name in OFFERED if audience == "private" or name not in _OF_PRIVATE_CHATS]
    offered = [usage for usage in here if audience != "members" or not _changes(usage)]
    return Menu(audience, language, tuple((usage.name, usage.does) for usage in offered))


def _of_operator(chat: str, language: str) -> Menu:
    """List what an operator may type: all that anybody may in a private chat, and before it what they alone may."""
    sources = ("source", say("look after the sources: add, test, remove or list them"))
    others = [(usage.name, usage.does) for usage in OPERATORS_USAGES if usage.name.isalpha()]
    return Menu("operator", language, (sources, *others, *menu("private", language).commands), chat)


def _changes(usage: Usage) -> bool:
    return usage.writes and not usage.shows
