"""Answer `pick`: an operator puts an entry on the wire by hand, as the PhiWire's editors do."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from bot import audit, text
from bot.commands import replies
from bot.commands.call import Call
from bot.commands.replies import command
from bot.db import Database
from bot.model import PICKED, Entry, Item
from bot.ports import Reply
from bot.sentences import say_line
from bot.sources.addresses import absolute, canonical
from bot.wire import picks

LONGEST_PICK = 500
_EXAMPLE = "pick https://example.org/ferry Marta Quill | Ferry vote survives"


@dataclass(frozen=True, slots=True)
class _Done:
    """What became of a pick: the entry as it stands, and whether that is `new`, `corrected` or `there` already."""

    entry: Entry
    how: str


class Picking:
    """Puts picks on the wire; whoever wants them by their filters gets them like all else."""

    def __init__(self, database: Database, news: Callable[[], None]) -> None:
        self._database = database
        self._news = news

    async def pick(self, call: Call) -> Reply:
        """Answer pick LINK [AUTHOR |] HEADLINE."""
        link, _, rest = call.argument.partition(" ")
        before, bar, after = rest.partition("|")
        url, author, headline = absolute(link, link), before.strip() if bar else "", (after if bar else rest).strip()
        if not url or not headline:
            return (
                say_line(
                    "Give a link and a headline, with the author before it: {example}.", example=command(_EXAMPLE)
                ),
                say_line("Nothing was put on the wire."),
            )
        item = Item(
            canonical(url),
            "wire",
            text.shorten(headline, LONGEST_PICK),
            url=url,
            author=text.shorten(author, LONGEST_PICK),
            published_at=call.now,
        )
        # Looked for beside the writer: it reads all addresses.
        there = await self._database.read(picks.find, item.url)
        if there is not None and there.source != PICKED:
            done = _Done(there, "there")
        else:
            done = await self._database.write(_pick, call, item)
        shown = replies.entry(done.entry, call.channel.timezone, call.now)
        if done.how == "there":
            return (say_line("That is on the wire already; nothing was changed:"), shown)
        self._news()
        if done.how == "corrected":
            return (say_line("Corrected, also where it was sent:"), shown)
        return (
            say_line("On the wire, for whoever wants it:"),
            shown,
            say_line("To correct it, pick the same link once more."),
        )


def _pick(connection: sqlite3.Connection, call: Call, item: Item) -> _Done:
    there = picks.picked(connection, item.key)
    if there is not None and _says(there, item):
        return _Done(there, "there")
    if there is None:
        picks.put(connection, item, call.now)
    else:
        picks.correct(connection, there.id, item, call.now)
    audit.record(connection, call.channel.id, call.request.actor, "pick", f"{item.url} {item.headline}", call.now)
    entry = picks.picked(connection, item.key)
    assert entry is not None
    return _Done(entry, "new" if there is None else "corrected")


def _says(entry: Entry, item: Item) -> bool:
    """Tell whether an entry says what a pick says; a pick without an author leaves it as it is."""
    return entry.headline == item.headline and item.author in {"", entry.author}
