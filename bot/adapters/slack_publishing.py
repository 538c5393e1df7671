"""Publish home tabs: each person's at most once a second, the newest wins, and nothing older covers it."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters import slack_errors
from bot.outcomes import Throttled

log = structlog.get_logger("bot.slack")

# Seconds between two views of one person.
BETWEEN = 1.0
# Nobody waits longer in front of a page; it is made anew when it is opened again.
LONGEST_WAIT = 60.0
MOST_TRIES = 5
MOST_REMEMBERED = 1000
View = dict[str, Any]
Make = Callable[[], Awaitable[View]]


@dataclass(slots=True)
class _Person:
    """The newest view that is wanted, when the next may go, and the state of the one that Slack has."""

    make: Make | None = None
    next_at: float = 0.0
    hash: str | None = None
    busy: bool = False
    tries: int = 0


class Publisher:
    """The home tabs of all people."""

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._monotonic = monotonic
        self._sleep = sleep
        self._people: OrderedDict[tuple[str, str], _Person] = OrderedDict()

    async def publish(self, client: AsyncWebClient, team: str, user: str, make: Make) -> None:
        """Show somebody what `make` makes when it is their turn; where one is being published, after that."""
        person = self._person(team, user)
        person.make, person.tries = make, 0
        if person.busy:
            return
        person.busy = True
        try:
            while person.make is not None:
                if (pause := person.next_at - self._monotonic()) > 0:
                    await self._sleep(pause)
                make, person.make = person.make, None
                await self._once(client, user, person, make)
        finally:
            person.busy = False

    def _person(self, team: str, user: str) -> _Person:
        person = self._people.setdefault((team, user), _Person())
        self._people.move_to_end((team, user))
        if len(self._people) > MOST_REMEMBERED:
            self._people.popitem(last=False)
        return person

    async def _once(self, client: AsyncWebClient, user: str, person: _Person, make: Make) -> None:
        try:
            view = await make()
            person.next_at = self._monotonic() + BETWEEN
            answer = await client.views_publish(user_id=user, view=view, hash=person.hash)
        except SlackApiError as problem:
            self._refused(problem, person, make)
        except (aiohttp.ClientError, TimeoutError) as problem:
            person.hash = None  # whether it has arrived nobody knows
            log.warning("slack_home_unpublished", problem=type(problem).__name__)
        else:
            person.hash = (answer.get("view") or {}).get("hash")

    def _refused(self, problem: SlackApiError, person: _Person, make: Make) -> None:
        person.hash = None
        person.tries += 1
        told = slack_errors.outcome(problem)
        waits = told.retry_after if isinstance(told, Throttled) else 0.0
        # Somebody else has published meanwhile: what is true now is made anew.
        again = isinstance(told, Throttled) or problem.response.get("error") == "hash_conflict"
        if again and waits <= LONGEST_WAIT and person.tries < MOST_TRIES:
            person.next_at = self._monotonic() + max(waits, BETWEEN)
            person.make = person.make or make
            return
        log.warning("slack_home_refused", problem=str(problem.response.get("error", "")))
