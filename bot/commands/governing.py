"""Answer what administrators of a workspace decide: who may change filters there, also from other organisations."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Awaitable, Callable, Collection

from bot import audit, channels, workspaces
from bot.commands import workspace_replies
from bot.commands.admitting import Admitting, rules
from bot.commands.call import Call
from bot.db import Database
from bot.membership import Workspace
from bot.model import Operator
from bot.ports import Reply, is_row
from bot.workspaces import Chosen, Person, Who

_WHO: dict[str, Who] = {
    "members": "members",
    "all members": "members",
    "everybody": "members",
    "admins": "admins",
    "administrators": "admins",
}
MOST_PEOPLE = 50
_ADMITS = {"on": True, "off": False}


class Governing:
    """Adds to the `settings` of a channel what its workspace has chosen."""

    def __init__(
        self,
        database: Database,
        admitting: Admitting,
        operators: Collection[Operator],
        settings: Callable[[Call], Awaitable[Reply]],
    ) -> None:
        self._database = database
        self._admitting = admitting
        self._operators = frozenset(operators)
        self._settings = settings

    async def settings(self, call: Call) -> Reply:
        """Answer settings, and what is typed after it. Raises RightsUnknownError."""
        workspace = self._admitting.workspace(call.request)
        if workspace is None:
            return await self._settings(call)
        name, _, value = call.argument.partition(" ")
        match name.casefold():
            case "":
                return await self._with_rows(await self._settings(call), call, workspace)
            case "who":
                return await self._who(call, workspace, value.strip())
            case "outsiders":
                return await self._outsiders(call, workspace, value.strip().casefold())
            case _:
                return await self._settings(call)

    async def _with_rows(self, shown: Reply, call: Call, workspace: Workspace) -> Reply:
        chosen, admits = await self._database.read(rules, call.request.platform, workspace.team, call.channel)
        rows = workspace_replies.rows(chosen, admits_outsiders=admits)
        at = next((place for place, line in enumerate(shown) if is_row(line)), len(shown))
        return (*shown[:at], *rows, *shown[at:])

    async def _governs(self, call: Call, workspace: Workspace) -> bool:
        """Tell whether the person administers the workspace, or is an operator."""
        request = call.request
        if Operator(request.platform, request.actor_id) in self._operators:
            return True
        return (await workspace.member()).is_admin or (await workspace.member_anew()).is_admin

    async def _who(self, call: Call, workspace: Workspace, value: str) -> Reply:
        if not value:
            return workspace_replies.how()
        if not await self._governs(call, workspace):
            return workspace_replies.governors_only()
        who = _WHO.get(value.casefold())
        chosen = Chosen(who) if who is not None else await _people(workspace, value)
        if not isinstance(chosen, Chosen):
            return chosen
        await self._database.write(_choose, call, workspace.team, chosen)
        return workspace_replies.chose(chosen)

    async def _outsiders(self, call: Call, workspace: Workspace, value: str) -> Reply:
        if value not in _ADMITS:
            return workspace_replies.how_outsiders()
        if not await self._governs(call, workspace):
            return workspace_replies.governors_only()
        await self._database.write(_admit, call, _ADMITS[value])
        return workspace_replies.chose_outsiders(admits=_ADMITS[value])


async def _people(workspace: Workspace, value: str) -> Chosen | Reply:
    """Find the people that are named, "@ada @bob"; or say which name is nobody's, or that of several."""
    names = [name.strip(" ,") for name in (value.split("@") if "@" in value else re.split(r"[\s,]+", value))]
    names = list(dict.fromkeys(filter(None, names)))
    if len(names) > MOST_PEOPLE:
        return workspace_replies.how()
    people: list[Person] = []
    for name in names:
        found = await workspace.find(name)
        if len(found) != 1:
            return workspace_replies.several(name, found) if found else workspace_replies.nobody(name)
        people.append(Person(found[0].id, found[0].name))
    return Chosen("people", tuple(people)) if people else workspace_replies.how()


def _choose(connection: sqlite3.Connection, call: Call, team: str, chosen: Chosen) -> None:
    workspaces.choose(connection, call.request.platform, team, chosen)
    named = f" {workspace_replies.named(chosen.people)}" if chosen.people else ""
    audit.record(connection, call.channel.id, call.request.actor, "who", f"{chosen.who}{named}", call.now)


def _admit(connection: sqlite3.Connection, call: Call, admits: bool) -> None:
    channels.set_preference(connection, call.channel.id, "outsiders", value=admits)
    audit.record(connection, call.channel.id, call.request.actor, "outsiders", "on" if admits else "off", call.now)
