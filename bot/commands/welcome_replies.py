"""Compose the welcome: what this is in two lines, and examples to tap."""

from __future__ import annotations

from collections.abc import Sequence

from bot.buttons import Action, button
from bot.commands.examples import LATEST, Example
from bot.commands.replies import bold, command, line
from bot.languages import say
from bot.model import Channel
from bot.ports import Keyboard, Line, Reply, Request, Span
from bot.sentences import say_line, say_line_count

_TO_GROUP = "?startgroup"
# Telegram proposes these rights to whoever adds the bot (core.telegram.org/api/links, bot links).
_TO_CHANNEL = "?startchannel&admin=post_messages+edit_messages"


def welcome(
    request: Request, channel: Channel, offered: Sequence[Example], filters: int, *, all_may: bool, done: Reply = ()
) -> Reply:
    """Greet, with buttons for the examples, which not `all_may` tap; `done` is what the last tap did.

    `filters` is how many there are by now.
    """
    to_help = command("help")
    who = () if all_may else (" ", say("Here only administrators choose what comes."))
    here = say_line_count(
        filters,
        "{number:,} filter here: {filters}.",
        "{number:,} filters here: {filters}.",
        filters=command("filters"),
    )
    return (
        say_line(
            "{bot} watches the political wire and government press releases, sends here at once what you ask for, and "
            "says why.",
            bot=bold("PhiWire Bot"),
        ),
        line(*say_line("Tap an example from today, or see {help}.", help=to_help), *who),
        *((here,) if filters else ()),
        *(((), *done) if done else ()),
        *((example(each, channel),) for each in offered),
        *places(request),
    )


def example(chosen: Example, channel: Channel) -> Span:
    """Make the button of an example."""
    action: Action = "newest" if chosen == LATEST else "try"
    return button(chosen.label, action, channel.id, chosen.mark, str(chosen.entry))


def places(request: Request) -> Keyboard:
    """Offer, in a private chat, to bring the bot where others read it too."""
    if not request.home or not request.is_private:
        return ()
    return (
        (
            Span(say("Add to a group"), url=f"{request.home}{_TO_GROUP}", press="-"),
            Span(say("Add to a channel"), url=f"{request.home}{_TO_CHANNEL}", press="-"),
        ),
    )


def gone() -> Line:
    """Say that what a button of a welcome means is not on the wire any more."""
    return say_line("That is not on the wire as it was any more: these are examples of today.")


def taken_back() -> Line:
    """Say, behind what an example did, how to take it back."""
    return line(" ", *say_line("{undo} takes it back.", undo=command("undo")))
