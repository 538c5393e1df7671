"""What can be asked about the workspace of whoever types, presses or writes on Slack."""

from __future__ import annotations

from functools import partial

from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack_manifest import INVITATION
from bot.adapters.slack_people import Alarm, People
from bot.adapters.slack_places import Places
from bot.membership import Workspace


class Workplaces:
    """Shared by all that listens, so that each person and each conversation is asked about once."""

    def __init__(self, alarm: Alarm) -> None:
        self.people = People(alarm)
        self.places = Places()

    def of(self, client: AsyncWebClient, context: AsyncBoltContext, user: str, address: str) -> Workspace:
        """Give what a request that comes from an address asks its workspace."""
        team, (chooser, _, conversation) = home(context), address.rpartition("/")
        return Workspace(
            team=chooser,
            member=partial(self.people.member, client, team, user),
            member_anew=partial(self.people.member_anew, client, team, user),
            find=partial(self.people.find, client, team),
            obstacle=partial(self.places.obstacle, client, team, conversation),
            invitation=INVITATION,
        )

    async def actor(self, client: AsyncWebClient, context: AsyncBoltContext, user: str) -> str:
        """Name somebody for the trail of changes."""
        return f"@{await self.people.name(client, home(context), user)}"


def home(context: AsyncBoltContext) -> str:
    """Name the workspace that has installed the app, whosever people write in it."""
    result = context.authorize_result
    return "" if result is None else str(result.team_id or "")
