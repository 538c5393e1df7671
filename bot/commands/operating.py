"""Answer what operators alone may type: the sources, and what they pick for the wire by hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

from bot.commands.call import Call
from bot.commands.picking import Picking
from bot.commands.sourcing import PATIENCE, Sourcing
from bot.db import Database
from bot.model import Operator
from bot.ports import Reply, Request
from bot.sources.fetch import Fetcher


class Operating:
    """Serves operators, wherever they type; to everybody else these commands do not exist.

    `open_fetcher` opens what looks at addresses, `news` wakes whoever brings entries to the channels. Nobody is an
    operator who writes without a name of their own.
    """

    def __init__(
        self,
        database: Database,
        operators: Collection[Operator],
        open_fetcher: Callable[[], Fetcher],
        news: Callable[[], None],
        patience: float = PATIENCE,
    ) -> None:
        self._operators = frozenset(operators)
        self._handlers: dict[str, Callable[[Call], Awaitable[Reply]]] = {
            "source": Sourcing(database, open_fetcher, patience).source,
            "pick": Picking(database, news).pick,
        }

    def serves(self, request: Request) -> bool:
        """Tell whether an operator types."""
        return bool(request.actor_id) and Operator(request.platform, request.actor_id) in self._operators

    async def answer(self, call: Call) -> Reply:
        """Answer an operator."""
        return await self._handlers[call.name](call)
