"""Whether people may change filters, where a test decides that while they edit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.editing_ports import Draft, Editing, Form, Name, Outcome, Problem, Sheet
from bot.ports import Reply, Request
from tests.contract.conversations import yes


class Door:
    """Hands everything on to the real editor, with what the platform says of rights: `may_write`."""

    def __init__(self, editing: Editing) -> None:
        self.may_write: Callable[[], Awaitable[bool]] = yes
        self._editing = editing

    def _asked(self, request: Request) -> Request:
        return replace(request, may_write=self.may_write)

    async def language(self, request: Request) -> str:
        """Hand on."""
        return await self._editing.language(request)

    async def sheet(self, request: Request, page: int) -> Sheet | Problem:
        """Hand on."""
        return await self._editing.sheet(self._asked(request), page)

    async def form(self, request: Request, filter_: int) -> Form | Problem:
        """Hand on."""
        return await self._editing.form(self._asked(request), filter_)

    async def trial(self, request: Request, draft: Draft) -> Reply:
        """Hand on."""
        return await self._editing.trial(self._asked(request), draft)

    async def names(self, request: Request, typed: str) -> tuple[Name, ...]:
        """Hand on."""
        return await self._editing.names(self._asked(request), typed)

    async def save(self, request: Request, draft: Draft) -> Outcome:
        """Hand on."""
        return await self._editing.save(self._asked(request), draft)

    async def remove(self, request: Request, filter_: int, version: int) -> Outcome:
        """Hand on."""
        return await self._editing.remove(self._asked(request), filter_, version)

    async def set_urgent(self, request: Request, filter_: int, version: int, *, on: bool) -> Outcome:
        """Hand on."""
        return await self._editing.set_urgent(self._asked(request), filter_, version, on=on)
