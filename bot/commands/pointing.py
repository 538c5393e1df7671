"""Find the message that somebody points at, and say what a question about it is about, where that stands apart."""

from __future__ import annotations

import sqlite3

from bot import buttons, text
from bot.buttons import Press
from bot.model import Delivery
from bot.outbox import history
from bot.outbox import store as outbox
from bot.ports import Keyboard, Reply, Request, Span
from bot.sentences import say_line

LONGEST_HEADLINE = 200


def meant(connection: sqlite3.Connection, press: Press, request: Request) -> Delivery | None:
    """Find the delivery that a button of a message means: by its number, or by the message at which a person points."""
    number: int | None = press.number
    if number == buttons.POINTED:
        number = history.behind(connection, request.platform, request.address, request.replied_to)
    return None if number is None else outbox.numbered(connection, number, request.platform, request.address)


def about(keyboard: Keyboard | None, delivery: Delivery) -> Reply:
    """Name the entry that a choice is about; nothing where there is no choice, but the row that was there before."""
    pressed = [buttons.decode(span.press) for line in keyboard or () for span in line]
    if not any(press is not None and press.action == "back" for press in pressed):
        return ()
    headline = Span(text.shorten(text.clean(delivery.entry.headline), LONGEST_HEADLINE), bold=True)
    return (say_line("About {headline}", headline=headline),)


def no_news() -> Reply:
    """Say of a message that it brought no news."""
    return (
        say_line(
            "That message is none of my news, so there is nothing to explain or mute. Nothing was changed: "
            "choose this on a message in which I told of an entry."
        ),
    )
