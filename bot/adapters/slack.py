"""Slack, with slack-bolt: by Socket Mode, which needs no public address, or by calls to our own.

/phiwire … | acknowledge | inbox.answer | mrkdwn, seen by the person alone
delivery | blocks and text | chat.postMessage | outcome
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.adapters import slack_errors, slack_history
from bot.adapters.slack_commands import PLATFORM, Typed
from bot.adapters.slack_editor import Editor
from bot.adapters.slack_home import Home
from bot.adapters.slack_installed import ManyWorkspaces
from bot.adapters.slack_leaving import Leaving
from bot.adapters.slack_lifecycle import Lifecycle
from bot.adapters.slack_memberships import Memberships
from bot.adapters.slack_pressing import Presses
from bot.adapters.slack_requests import Accepted, Intake, Socket
from bot.adapters.slack_shortcuts import Shortcuts
from bot.adapters.slack_token import OneWorkspace, accepted, until_reachable
from bot.adapters.slack_workspaces import NoAccessError, Workspaces, beside, conversation
from bot.adapters.turns import Turns
from bot.languages import sentence
from bot.model import Channel, Delivery
from bot.outbox.pacing import Limits, Pacer
from bot.outcomes import Ambiguous, Outcome, Sent
from bot.ports import AdapterError, Inbox, RightsUnknownError

log = structlog.get_logger("bot.slack")

# docs.slack.dev/apis/web-api/rate-limits: one message a second and channel, with short bursts; the workspace's limit is
# not published.
LIMITS = Limits(token_per_second=20, burst=3, in_flight=16, together=2)
ANSWER_TIME = 30
APP = "SLACK_APP_TOKEN, which begins with xapp- and stands on your app's page under Basic Information"
# What Slack calls conversations with one person; a person's own id stands for one, too.
_PRIVATE = ("D", "U", "W")


class SlackAdapter:
    """One workspace, or as many as are given by `workspaces` in place of `bot_token`.

    `api_url` is where the Web API's methods live, `https://slack.com/api/` by default.
    """

    platform = PLATFORM
    can_look_up = True

    def __init__(
        self,
        bot_token: str,
        app_token: str,
        api_url: str,
        clock: Callable[[], datetime],
        limits: Limits = LIMITS,
        intake: Intake | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        workspaces: Workspaces | None = None,
    ) -> None:
        """Take requests by an intake, or where there is none by Socket Mode, which `app_token` opens."""
        self._workspaces = OneWorkspace(bot_token, clock) if workspaces is None else workspaces
        self.pacer = Pacer(limits, self._workspaces.token_of)
        self._turns = Turns(self.pacer)
        self._monotonic = monotonic
        self._sleep = sleep
        self._app_token = app_token
        self._intake = intake or Socket(app_token)
        self._api_url = api_url.rstrip("/") + "/"
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    def is_group(self, channel: Channel) -> bool:  # noqa: ARG002 (Slack limits all conversations alike)
        """Tell that no limit of Slack's is for shared conversations alone."""
        return False

    def is_private(self, channel: Channel) -> bool:
        """Tell a conversation with one person by the first letter of its id."""
        return conversation(channel.address).startswith(_PRIVATE)

    async def check(self) -> str:
        """Ask auth.test and apps.connections.open."""
        try:
            self._connect()
            who = await self._workspaces.check()
            if self._app_token:
                await accepted(self._open_socket, APP)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as problem:
            raise AdapterError(
                f"Slack does not answer ({type(problem).__name__}): check this machine's network, and "
                "SLACK_API_URL if you set one."
            ) from problem
        return who

    async def start(self, inbox: Inbox) -> None:
        """Check the tokens, and begin to answer what is typed."""
        self._connect()
        made_with = await self._workspaces.start()
        if self._app_token:
            await until_reachable(self._open_socket, APP)
        # Whoever calls by HTTP has been known by then.
        app = AsyncApp(request_verification_enabled=False, logger=logging.getLogger("slack_bolt"), **made_with)
        app.listener_runner.listener_start_handler = Accepted(self._turns)
        address = self._workspaces.address
        memberships = Memberships(self._access, inbox.alarm)
        inbox.meet(PLATFORM, memberships.of)
        editor = Editor(inbox, self._turns, address)
        editor.listen(app)
        Typed(inbox, self._turns, memberships, address).listen(app)
        Lifecycle(inbox, self._turns, memberships, address).listen(app)
        Presses(inbox, self._turns, address).listen(app)
        Shortcuts(inbox, self._turns, address).listen(app)
        Home(inbox, self._turns, editor.open, address, self._monotonic, self._sleep).listen(app)
        if isinstance(self._workspaces, ManyWorkspaces):
            Leaving(self._workspaces).listen(app)
        await self._intake.open(app)
        log.info("slack_ready")

    async def _access(self, address: str) -> tuple[AsyncWebClient, str]:
        """Give who asks about the people and the conversation of an address, and of which workspace they are."""
        try:
            access = await self._workspaces.access(address)
        except NoAccessError as error:
            raise RightsUnknownError from error
        return access.client, access.team

    async def _open_socket(self) -> AsyncSlackResponse:
        return await self._client(None).apps_connections_open(app_token=self._app_token)

    def _connect(self) -> None:
        if self._session is None:
            # One for everything, or each call would open a connection of its own. What waits for one workspace must not
            # take the others' connections.
            connector = aiohttp.TCPConnector(limit=0)
            timeout = aiohttp.ClientTimeout(total=ANSWER_TIME)
            self._session = aiohttp.ClientSession(timeout=timeout, connector=connector)
        self._workspaces.connect(self._client)

    def _client(self, token: str | None) -> AsyncWebClient:
        """Make a client that tries nothing twice by itself."""
        return AsyncWebClient(
            token=token,
            base_url=self._api_url,
            session=self._session,
            timeout=ANSWER_TIME,
            retry_handlers=[],
            logger=logging.getLogger("slack_sdk"),
        )

    async def stop_receiving(self) -> None:
        """Take nothing more in; answers under way use the Web API and finish."""
        await self._intake.close()
        await self._turns.finish()

    async def close(self) -> None:
        """Close the connections."""
        await self.stop_receiving()
        if self._session is not None:
            await self._session.close()

    async def send(self, delivery: Delivery) -> Outcome:
        """Post a delivery's message, or correct the one that was posted."""
        try:
            access = await self._workspaces.access(delivery.channel.address)
        except NoAccessError as error:
            return error.outcome
        outcome = await access.poster.send(_there(delivery), self._clock())
        if isinstance(outcome, Sent) and outcome.moved:
            return replace(outcome, moved=beside(delivery.channel.address, outcome.moved))
        return await self._workspaces.judged(access, outcome)

    async def look_up(self, delivery: Delivery) -> Outcome | None:
        """Look for the mark of a delivery in its conversation, where the app has been given its history to read."""
        delivery, address = _there(delivery), delivery.channel.address
        channel = delivery.channel
        if channel.thread or not channel.address.startswith(slack_history.READABLE) or delivery.doubt_since is None:
            return Ambiguous(sentence("Slack cannot be asked whether it has arrived"))
        try:
            access = await self._workspaces.access(address)
            found = await slack_history.find(access.client, delivery, delivery.doubt_since, access.bot_id)
        except NoAccessError as error:
            return error.outcome
        except slack_history.TooLongError as problem:
            return Ambiguous(str(problem))
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as problem:
            return await self._workspaces.judged(access, slack_errors.look_up_outcome(problem))
        return None if found is None else Sent(found)


def _there(delivery: Delivery) -> Delivery:
    """Name the conversation as Slack does."""
    channel = delivery.channel
    return replace(delivery, channel=replace(channel, address=conversation(channel.address)))
