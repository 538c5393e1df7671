"""What can be asked about the workspace of whoever types, presses or writes on Slack."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack_manifest import INVITATION
from bot.adapters.slack_people import Alarm, People
from bot.adapters.slack_places import Places
from bot.adapters.slack_workspaces import conversation
from bot.installations import SLASH
from bot.membership import Member, Obstacle, Workspace
from bot.ports import Request

# What the ids of conversations between two begin with: other people's are closed to the bot anyway.
_OWN = "D"
# Finds by the address of a conversation who asks there, and of which workspace. Raises RightsUnknownError.
Access = Callable[[str], Awaitable[tuple[AsyncWebClient, str]]]


class Memberships:
    """Shared by all that listens, so that each person and each conversation is asked about once."""

    def __init__(self, access: Access, alarm: Alarm) -> None:
        self._access = access
        self.people = People(alarm)
        self.places = Places()

    def of(self, request: Request) -> Workspace:
        """Give what a request asks its workspace, by its address and who it is from."""
        # In many workspaces people have theirs before their ids, too.
        address, user = request.address, conversation(request.actor_id)
        team, _, there = address.rpartition(SLASH)
        return Workspace(
            team=team,
            member=partial(self._member, address, user, anew=False),
            member_anew=partial(self._member, address, user, anew=True),
            find=partial(self._find, address),
            obstacle=partial(self._obstacle, address),
            invitation=INVITATION,
            is_own=there.startswith(_OWN),
        )

    async def _member(self, address: str, user: str, *, anew: bool) -> Member:
        ask = self.people.member_anew if anew else self.people.member
        return await ask(*await self._access(address), user)

    async def _find(self, address: str, name: str) -> tuple[Member, ...]:
        return await self.people.find(*await self._access(address), name)

    async def _obstacle(self, address: str) -> Obstacle:
        return await self.places.obstacle(*await self._access(address), conversation(address))

    async def actor(self, client: AsyncWebClient, context: AsyncBoltContext, user: str) -> str:
        """Name somebody for the trail of changes."""
        return f"@{await self.people.name(client, home(context), user)}"


def home(context: AsyncBoltContext) -> str:
    """Name the workspace that has installed the app, whosever people write in it."""
    result = context.authorize_result
    # An app of a whole organisation is installed in none of its workspaces: there Slack names the one at hand.
    return str((result.team_id if result is not None else None) or context.team_id or "")
