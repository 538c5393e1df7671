"""Compose what is said of a channel's language; each is called as its speakers call it."""

from __future__ import annotations

from bot import text
from bot.buttons import button
from bot.commands.replies import code, command
from bot.languages import LANGUAGES, default, say
from bot.model import Channel
from bot.ports import Line, Reply, Span
from bot.sentences import say_line

# As people call a language who speak the other one.
_ALSO = {"welsh": "cy", "saesneg": "en"}


def find(asked: str) -> str:
    """Find the code of the language that somebody names; empty where there is none."""
    said = asked.strip().casefold()
    names = {name.casefold(): each for each, name in LANGUAGES.items()}
    return said if said in LANGUAGES else names.get(said) or _ALSO.get(said, "")


def chosen(channel: Channel) -> str:
    """Name the language in which a channel is spoken to by its code."""
    return channel.language or default()


def _next(channel: Channel) -> str:
    """Name the language that follows the channel's, by its code."""
    codes = list(LANGUAGES)
    return codes[(codes.index(chosen(channel)) + 1) % len(codes)]


def row(channel: Channel) -> Line:
    """List the language with the words that change it."""
    other = LANGUAGES[_next(channel)]
    return say_line(
        "• Language: {language} — {how}",
        language=LANGUAGES[chosen(channel)],
        how=command(f"settings language {other.casefold()}"),
    )


def turning(channel: Channel) -> Span:
    """Make the button that turns to the next language."""
    label = say("Language: {language}", language=LANGUAGES[chosen(channel)])
    return button(label, "set", channel.id, "language", _next(channel))


def changed(language: str) -> Reply:
    """Say that the language was changed."""
    return (
        say_line(
            "Messages and answers here are in this language from now on: {language}.", language=LANGUAGES[language]
        ),
    )


def changed_there(language: str) -> Reply:
    """Say that the language of a channel was changed, to whoever manages it from another chat."""
    return (say_line("Messages there are in this language from now on: {language}.", language=LANGUAGES[language]),)


def unknown(asked: str) -> Reply:
    """Say which languages there are."""
    known = [command(f"settings language {name.casefold()}") for name in LANGUAGES.values()]
    listed = tuple(part for each in known for part in (Span(", "), each))[1:]
    if not asked:
        return (say_line("Say which language: {languages}. Nothing was changed.", languages=listed),)
    return (
        say_line(
            "I do not speak {language}. I speak these: {languages}. Nothing was changed.",
            language=code(text.shorten(asked, 40)),
            languages=listed,
        ),
    )
