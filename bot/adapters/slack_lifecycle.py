"""What Slack tells of conversations: archived, deleted, renamed, given another id, and of the bot's place in them."""

from __future__ import annotations

import functools
from typing import Any

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import text
from bot.adapters import slack_buttons, slack_errors
from bot.adapters.slack_commands import PLATFORM
from bot.adapters.slack_memberships import Memberships, home
from bot.adapters.slack_seen import Seen
from bot.adapters.slack_showing import Shown
from bot.adapters.slack_workspaces import Address, beside, plain
from bot.adapters.turns import Turns
from bot.languages import sentence
from bot.outcomes import Throttled
from bot.ports import Inbox, Request

log = structlog.get_logger("bot.slack")

# As the Web API says it, so that what Slack tells and what it answers are one reason.
ARCHIVED = "is_archived"
DELETED = sentence("the channel was deleted")
REMOVED = sentence("the bot was removed from the channel")
# docs.slack.dev: names of channels have up to 80 characters.
LONGEST_TITLE = 80
Event = dict[str, Any]


class Lifecycle:
    """Takes what becomes of conversations to the inbox; what comes twice changes nothing, or is taken once."""

    def __init__(self, inbox: Inbox, turns: Turns, memberships: Memberships, make_address: Address = plain) -> None:
        self._inbox = inbox
        self._turns = turns
        self._memberships = memberships
        self._make_address = make_address
        self._greeted = Seen()

    def listen(self, app: AsyncApp) -> None:
        """Have an app hand over what it hears."""
        app.event("channel_archive")(self._on_archive)
        app.event("group_archive")(self._on_archive)
        app.event("channel_unarchive")(self._on_unarchive)
        app.event("group_unarchive")(self._on_unarchive)
        app.event("channel_deleted")(self._on_deleted)
        app.event("group_deleted")(self._on_deleted)
        app.event("channel_rename")(self._on_rename)
        app.event("group_rename")(self._on_rename)
        app.event("channel_id_changed")(self._on_new_id)
        app.event("channel_left")(self._on_left)
        app.event("group_left")(self._on_left)
        app.event("member_left_channel")(self._on_member_left)
        app.event("member_joined_channel")(self._on_member_joined)
        app.event("channel_shared")(self._on_shared)
        app.event("channel_unshared")(self._on_shared)

    async def _on_archive(self, event: Event, body: Event, context: AsyncBoltContext) -> None:
        if (address := self._address(event.get("channel"), body, context)) is not None:
            await self._inbox.suspended(PLATFORM, address, ARCHIVED)

    async def _on_unarchive(self, event: Event, body: Event, context: AsyncBoltContext) -> None:
        if (address := self._address(event.get("channel"), body, context)) is not None:
            await self._inbox.returned(PLATFORM, address)

    async def _on_deleted(self, event: Event, body: Event, context: AsyncBoltContext) -> None:
        if (address := self._address(event.get("channel"), body, context)) is not None:
            await self._inbox.gone(PLATFORM, address, DELETED)

    async def _on_rename(self, event: Event, body: Event, context: AsyncBoltContext) -> None:
        channel = event.get("channel") or {}
        title = text.shorten(text.clean(str(channel.get("name") or "")), LONGEST_TITLE)
        if title and (address := self._address(channel.get("id"), body, context)) is not None:
            await self._inbox.renamed(PLATFORM, address, title)

    async def _on_new_id(self, event: Event, body: Event, context: AsyncBoltContext) -> None:
        old = self._address(event.get("old_channel_id"), body, context)
        new = self._address(event.get("new_channel_id"), body, context)
        if old is not None and new is not None:
            await self._inbox.moved(PLATFORM, old, new)

    async def _on_shared(self, event: Event, body: Event, context: AsyncBoltContext) -> None:
        # Nothing has changed but who reads it, and who may look at it.
        self._address(event.get("channel"), body, context)

    async def _on_member_left(
        self, event: Event, body: Event, client: AsyncWebClient, context: AsyncBoltContext
    ) -> None:
        if event.get("user") == context.bot_user_id:
            await self._on_left(event, body, client, context)

    async def _on_left(self, event: Event, body: Event, client: AsyncWebClient, context: AsyncBoltContext) -> None:
        """Go on where no invitation is needed; else send nothing until the bot is invited again."""
        if (address := self._address(event.get("channel"), body, context)) is None:
            return
        # Where Slack does not answer nothing is decided: the next message finds out.
        if await self._memberships.places.obstacle(client, home(context), event["channel"]) == "not invited":
            await self._inbox.gone(PLATFORM, address, REMOVED)

    async def _on_member_joined(
        self, event: Event, body: Event, client: AsyncWebClient, context: AsyncBoltContext
    ) -> None:
        address = self._address(event.get("channel"), body, context)
        if event.get("user") != context.bot_user_id or address is None:
            return
        await self._inbox.returned(PLATFORM, address)
        if self._greeted.has(address, body["event_id"]):
            return
        who = str(event.get("inviter") or "")
        actor = await self._memberships.actor(client, context, who) if who else ""
        actor_id = beside(address, who) if who else ""
        request = Request(PLATFORM, address, "", actor, _nobody_may, actor_id=actor_id, has_buttons=True)
        if greeting := await self._inbox.joined(request):
            shown = slack_buttons.answer(greeting)
            post = functools.partial(_post, client, event["channel"], shown)
            await self._turns.send(address, post, group=False)

    def _address(self, conversation: object, body: Event, context: AsyncBoltContext) -> str | None:
        """Name the conversation of an event, of which all that is remembered is old now; None for another workspace."""
        team = home(context)
        told = {each.get("team_id") for each in body.get("authorizations") or ()}
        is_foreign = bool(team and told) and team not in told and not context.is_enterprise_install
        if not isinstance(conversation, str) or not conversation or is_foreign:
            return None
        self._memberships.places.forget(team, conversation)
        return self._make_address(team, conversation)


async def _nobody_may() -> bool:
    """Let a greeting write nothing."""
    return False


async def _post(client: AsyncWebClient, channel: str, shown: Shown) -> Throttled | None:
    try:
        await client.chat_postMessage(channel=channel, unfurl_links=False, unfurl_media=False, **shown)
    except SlackApiError as problem:
        outcome = slack_errors.outcome(problem)
        if isinstance(outcome, Throttled):
            return outcome
        # Nobody asked for a greeting: a channel that lets the bot only read is left in peace.
        log.info("slack_greeting_refused", problem=slack_errors.name(problem))
    except (aiohttp.ClientError, TimeoutError) as problem:
        log.info("slack_greeting_lost", problem=type(problem).__name__)
    return None
