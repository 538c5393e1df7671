"""Let people change channels, or say why not: who they are, and whether messages could come there at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime

from bot import channels, workspaces
from bot.commands import rights, workspace_replies
from bot.commands.parser import OF_MEMBERS, Command
from bot.db import Database
from bot.filters import store as filters
from bot.membership import Workspace
from bot.model import Channel
from bot.ports import Reply, Request
from bot.workspaces import Chosen

# What lets messages come to a channel that got none.
_BRINGING = frozenset({"follow", "subscribe", "import"})
# What administrators of a workspace decide, whoever else may change filters.
OF_GOVERNORS = frozenset({"who", "outsiders"})


class Admitting:
    """Asks before each change, in the one way or the other that the request's platform has."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._workspace_of: dict[str, Callable[[Request], Workspace]] = {}

    def meet(self, platform: str, workspace_of: Callable[[Request], Workspace]) -> None:
        """Ask the workspaces of a platform from now on, whatever its requests say of who may."""
        self._workspace_of[platform] = workspace_of

    def workspace(self, request: Request) -> Workspace | None:
        """Give what a request's workspace can be asked; None on platforms that have none."""
        workspace_of = self._workspace_of.get(request.platform)
        return None if workspace_of is None else workspace_of(request)

    async def refusal(self, request: Request, command: Command, now: datetime) -> Reply:
        """Refuse what was typed, or nothing where it may be done. Raises RightsUnknownError."""
        known, workspace = None, self.workspace(request)
        if request.belongs is not None or workspace is not None:
            known = await self._database.read(channels.find, request.platform, request.address, request.thread)
        if workspace is None:
            return await rights.refusal(request, known, filters=command.name in OF_MEMBERS)
        if command.name == "settings" and command.argument.partition(" ")[0].casefold() in OF_GOVERNORS:
            return ()
        refused = await self._in_workspace(request, workspace, known)
        return refused if refused or command.name not in _BRINGING else await self.obstructed(request, known, now)

    async def obstructed(self, request: Request, channel: Channel | None, now: datetime) -> Reply:
        """Say what keeps messages out of a channel that has no filters yet; nothing where they come, or may come."""
        workspace = self.workspace(request)
        existing = () if channel is None else await self._database.read(filters.of_channel, channel.id, now)
        if workspace is None or existing:
            return ()
        obstacle = await workspace.obstacle()
        return workspace_replies.obstructed(obstacle, workspace.invitation) if obstacle else ()

    async def of_press(self, request: Request, channel: Channel, *, filters: bool) -> Reply:
        """Refuse a button of a channel, which changes `filters` alone or more. Raises RightsUnknownError."""
        workspace = self.workspace(request)
        if workspace is None:
            return await rights.refusal(request, channel, filters=filters)
        return await self._in_workspace(request, workspace, channel)

    async def all_may(self, request: Request, channel: Channel) -> bool:
        """Tell whether whoever reads a channel may change its filters, and not its administrators alone."""
        workspace = self.workspace(request)
        if request.is_private or (workspace is not None and workspace.is_own):
            return True
        if workspace is None:
            # What was chosen for members counts only where they are told apart from administrators.
            return channel.members and request.belongs is not None
        chosen, _ = await self._database.read(rules, request.platform, workspace.team, channel)
        return chosen.who == "members"

    async def _in_workspace(self, request: Request, workspace: Workspace, channel: Channel | None) -> Reply:
        chosen, admits = await self._database.read(rules, request.platform, workspace.team, channel)
        if workspace.is_own:
            # What nobody else reads is nobody else's to decide.
            chosen = Chosen()
        refused = workspace_replies.refusal(await workspace.member(), chosen, admits_outsiders=admits)
        if refused:
            # Only a yes is believed for a while: whoever is made an administrator may at once.
            refused = workspace_replies.refusal(await workspace.member_anew(), chosen, admits_outsiders=admits)
        return refused


def rules(connection: sqlite3.Connection, platform: str, team: str, channel: Channel | None) -> tuple[Chosen, bool]:
    """Read who may change filters in a workspace, and whether people of other organisations may in a channel."""
    admits = channel is not None and channels.admits_outsiders(connection, channel.id)
    return workspaces.chosen(connection, platform, team), admits
