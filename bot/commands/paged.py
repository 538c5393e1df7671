"""Answer in pages: one message that turns, where the answer would need several."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from bot import paging
from bot.buttons import Press
from bot.commands import page_replies
from bot.commands.parser import Command
from bot.db import Database
from bot.model import Channel
from bot.ports import Pressed, Reply, Request

# They only show something, so that asking again changes nothing.
_TURNED = frozenset({"filters", "latest", "search", "sources", "missed"})


class Paged:
    """Cuts answers, and turns their pages by asking again: what is shown is true now."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime], answer: Callable[[Request], Awaitable[Reply]]
    ) -> None:
        self._database = database
        self._clock = clock
        self._answer = answer

    async def first(self, command: Command, request: Request, channel: Channel, reply: Reply) -> Reply:
        """Show the first page of an answer that is too long, where there are buttons to turn it."""
        if not request.has_buttons or not _turns(command):
            return reply
        cut = page_replies.pages(reply)
        if len(cut) == 1:
            return reply
        words = f"{command.name} {command.argument}".rstrip()
        number = await self._database.write(paging.put, channel.id, words, self._clock())
        return page_replies.page(cut, 0, channel.id, number)

    async def press(self, press: Press, request: Request, channel: Channel) -> Pressed:
        """Turn to a page; where there is none of that number any more, to the last."""
        number = int(press.choice) if press.choice.isdigit() else 0
        words = await self._database.read(paging.find, channel.id, number)
        if words is None or not press.detail.isdigit():
            return Pressed(page_replies.too_old(), alert=True, keyboard=())
        cut = page_replies.pages(await self._answer(replace(request, text=words, has_buttons=False)))
        wanted = int(press.detail)
        place = min(wanted, len(cut) - 1)
        toast = () if place == wanted else page_replies.shorter(len(cut))
        return Pressed(toast, panel=page_replies.page(cut, place, channel.id, number))


def _turns(command: Command) -> bool:
    return command.name in _TURNED or (command.name == "why" and command.argument.casefold().startswith("not "))
