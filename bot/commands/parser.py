"""Read what a person typed into a command and its argument."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot import text
from bot.languages import say, sentence


@dataclass(frozen=True, slots=True)
class Usage:
    """A command as `help` shows it. `writes` marks those that change a channel's filters or deliveries.

    What only `shows` something where it is typed alone may be typed so by everybody. `wants` and `purpose` are messages
    that are said when it is shown; `examples` fill the fields of the second.
    """

    name: str
    wants: str
    purpose: str
    writes: bool = False
    shows: bool = False
    examples: Mapping[str, str] = field(default_factory=dict)

    @property
    def argument(self) -> str:
        """Say what is typed after it."""
        return say(self.wants)

    @property
    def does(self) -> str:
        """Say what it does."""
        return say(self.purpose, **self.examples)


USAGES = (
    Usage("follow", sentence("AUTHOR"), sentence("get everything by an author, or from an organisation"), writes=True),
    Usage("unfollow", sentence("AUTHOR"), sentence("stop following"), writes=True),
    Usage(
        "subscribe",
        sentence("QUERY"),
        sentence("get what matches, such as: {words}, or {choice}"),
        writes=True,
        examples={"words": "nhs -football", "choice": "“net zero” OR author:hardman"},
    ),
    Usage("subscribe!", sentence("QUERY"), sentence("the same, and never held back, however much comes"), writes=True),
    Usage("unsubscribe", sentence("QUERY or NUMBER"), sentence("remove a filter"), writes=True),
    Usage("mute", sentence("QUERY [2h]"), sentence("never get what matches, for good or for a while"), writes=True),
    Usage("unmute", sentence("QUERY or NUMBER"), sentence("lift a mute"), writes=True),
    Usage("urgent", sentence("NUMBER [off]"), sentence("never hold back what a filter brings"), writes=True),
    Usage(
        "silent",
        sentence("NUMBER [off]"),
        sentence("let what a filter brings come without a sound, on Telegram"),
        writes=True,
    ),
    Usage("filters", "", sentence("show what this channel follows, matches and mutes, and what each brings")),
    Usage("edit", "", sentence("on Slack: open an editor for the filters")),
    Usage(
        "preview", sentence("QUERY"), sentence("show what a filter would have brought, day by day, before it is saved")
    ),
    Usage("undo", "", sentence("take back the last change of the filters"), writes=True),
    Usage("export", "", sentence("show the filters as lines to edit or to take elsewhere")),
    Usage(
        "import",
        sentence("[replace] LINES"),
        sentence("add the filters of such lines, or make them the only ones"),
        writes=True,
    ),
    Usage(
        "share",
        sentence("[AUTHOR]"),
        sentence("make a link that copies the filters, or follows an author, once"),
        writes=True,
    ),
    Usage("latest", "[N]", sentence("show the newest entries on the wire")),
    Usage("search", sentence("WORDS"), sentence("find entries on the wire")),
    Usage("sources", "", sentence("show what is being watched, and how it is doing")),
    Usage("status", "", sentence("show what came here last, what waits, and what is wrong")),
    Usage("missed", "3h", sentence("list what should have come here in that time, and did not")),
    Usage("pause", "[2h]", sentence("hold messages back, for a while or until resumed"), writes=True),
    Usage("resume", "", sentence("let messages through again"), writes=True),
    Usage(
        "corrections",
        sentence("[on or off]"),
        sentence("edit messages when what they say is corrected; on unless you say off"),
        writes=True,
    ),
    Usage(
        "settings",
        sentence("[NAME VALUE]"),
        sentence(
            "show and change how messages come here: silently, with previews, with buttons, by a template, in which "
            "language and time zone"
        ),
        writes=True,
        shows=True,
    ),
    Usage(
        "manage",
        sentence("[@CHANNEL or off]"),
        sentence("on Telegram: choose a broadcast channel, and let what is typed here act on it"),
    ),
    Usage("forget", "", sentence("erase all that is known of this channel, after asking"), writes=True),
    Usage("why", sentence("[LINK]"), sentence("say why a message came: reply to it with this, or add its link")),
    Usage("why not", sentence("LINK or WORDS"), sentence("say why an entry of the wire did not come")),
    Usage("help", "", sentence("show this list")),
)
COMMANDS = {usage.name: usage for usage in USAGES if usage.name.isalpha()}
WRITING = frozenset(usage.name for usage in COMMANDS.values() if usage.writes)
# What is typed after these may have lines: filters, or a template.
_OF_LINES = frozenset({"import", "settings"})
# What a channel may let its members type: filters, where undo takes each change back.
OF_MEMBERS = frozenset(
    {"follow", "unfollow", "subscribe", "unsubscribe", "mute", "unmute", "urgent", "silent", "undo", "import", "share"}
)
# What operators alone may type: to everybody else there is no such command.
OPERATORS_USAGES = (
    Usage(
        "source add", sentence("ADDRESS [NAME]"), sentence("watch a feed, or the feed of a page, after a look at it")
    ),
    Usage("source test", sentence("ADDRESS"), sentence("show what a source would bring")),
    Usage("source remove", sentence("NAME"), sentence("watch a source no more; what it brought stays")),
    Usage("source list", "", sentence("name the sources")),
    Usage(
        "pick",
        sentence("LINK [AUTHOR |] HEADLINE"),
        sentence("put an entry on the wire by hand; the same link again corrects it"),
    ),
)
OF_OPERATORS = frozenset({"source", "pick"})
_URGENT = {"subscribe!": "subscribe", "follow!": "follow"}
_ALIASES = {"list": "filters", "unpause": "resume", "commands": "help"}


@dataclass(frozen=True, slots=True)
class Command:
    """A known command with the rest of its line; `urgent` where it was typed with a "!"."""

    name: str
    argument: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """A word that is no command; `nearest` is the command it may have been meant as, or empty."""

    word: str
    nearest: str


def writes(command: Command) -> bool:
    """Tell whether a command changes anything, so that not everybody may type it."""
    usage = COMMANDS.get(command.name)
    return usage is not None and usage.writes and bool(command.argument or not usage.shows)


def parse(typed: str) -> Command | Unknown:
    """Read a line. An empty one asks for help. Only filters and a template may have lines."""
    word, _, lines = typed.strip().replace("\n", " \n", 1).partition(" ")
    name = text.clean(word).lstrip("/").casefold()
    if name == "start":
        return Command(name, text.clean(lines))
    name = _ALIASES.get(name, name) or "help"
    if name in _OF_LINES:
        return Command(name, "\n".join(map(text.clean, lines.splitlines())).strip())
    word, _, argument = text.clean(typed).partition(" ")
    if name in COMMANDS or name in OF_OPERATORS:
        return Command(name, argument.strip())
    if name in _URGENT:
        return Command(_URGENT[name], argument.strip(), urgent=True)
    return unknown(word)


def unknown(word: str) -> Unknown:
    """Find the command that a word may have been meant as."""
    name = word.lstrip("/").casefold()
    nearest = difflib.get_close_matches(name, [*COMMANDS, *_ALIASES], n=1, cutoff=0.6)
    return Unknown(text.shorten(word, 40), _ALIASES.get(nearest[0], nearest[0]) if nearest else "")
