"""What sites said in their robots.txt: remembered within bounds, asked once, however many pages wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.sources import robots
from bot.sources.robots import Known, Rules

# Of sites that nobody has asked for in the longest time less is known: redirects lead to more and more.
MOST_SITES = 4_096


class Silent(Exception):  # noqa: N818 - reads as what it says, "except Silent"
    """A site does not say what may be read. The message is a sentence about its robots.txt, with a remedy."""


@dataclass(slots=True)
class _Site:
    known: Known | None = None
    problem: str = ""
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)


class Sites:
    """The sites, each by its scheme, host and port."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._sites: dict[str, _Site] = {}

    def rules(self, site: str) -> Rules | None:
        """Give the rules that count, None where it is time to ask. Raises Silent where nothing may be read."""
        entry = self._entry(site)
        return None if self._is_due(entry) else self._in_force(entry)

    async def learn(self, site: str, ask: Callable[[], Awaitable[Rules]]) -> Rules:
        """Ask, or wait for somebody else's asking: have nothing meanwhile that others wait for.

        `ask` raises Silent where there is no answer; anything else that it raises is not remembered.

        Raises:
            Silent: nothing may be read.
        """
        entry = self._entry(site)
        async with entry.asking:
            if self._is_due(entry):
                try:
                    rules = await ask()
                except Silent as silent:
                    entry.known, entry.problem = robots.silence(self._clock(), entry.known), str(silent)
                else:
                    entry.known, entry.problem = robots.heard(self._clock(), rules), ""
        return self._in_force(entry)

    def _entry(self, site: str) -> _Site:
        entry = self._sites.pop(site, None) or _Site()
        # At the end stands what was asked for last.
        self._sites[site] = entry
        while len(self._sites) > MOST_SITES:
            del self._sites[next(iter(self._sites))]
        return entry

    def _is_due(self, entry: _Site) -> bool:
        return entry.known is None or entry.known.asks_again(self._clock())

    def _in_force(self, entry: _Site) -> Rules:
        rules = None if entry.known is None else entry.known.in_force(self._clock())
        if rules is None:
            raise Silent(entry.problem)
        return rules
