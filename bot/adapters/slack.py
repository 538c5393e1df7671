"""Slack, with slack-bolt: by Socket Mode, which needs no public address, or by calls to our own.

/phiwire … | acknowledge | inbox.answer | mrkdwn, seen by the person alone
delivery | blocks and text | chat.postMessage | outcome
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import datetime

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.adapters import slack_errors, slack_history, slack_manifest
from bot.adapters.slack_commands import PLATFORM, Typed
from bot.adapters.slack_editor import Editor
from bot.adapters.slack_home import Home
from bot.adapters.slack_lifecycle import Lifecycle
from bot.adapters.slack_places import SCOPES_GIVEN
from bot.adapters.slack_pressing import Presses
from bot.adapters.slack_requests import Intake, Socket
from bot.adapters.slack_sending import Poster
from bot.adapters.slack_shortcuts import Shortcuts
from bot.adapters.slack_workplaces import Workplaces
from bot.adapters.turns import Turns
from bot.languages import sentence
from bot.model import Channel, Delivery
from bot.outbox.pacing import Limits, Pacer
from bot.outcomes import Ambiguous, Outcome, Sent
from bot.ports import AdapterError, Inbox

log = structlog.get_logger("bot.slack")

# docs.slack.dev/apis/web-api/rate-limits: one message a second and channel, with short bursts; the workspace's limit is
# not published.
LIMITS = Limits(token_per_second=20, burst=3, in_flight=16, together=2)
ANSWER_TIME = 30
BOT = "SLACK_BOT_TOKEN, which begins with xoxb- and stands on your app's page under OAuth & Permissions"
APP = "SLACK_APP_TOKEN, which begins with xapp- and stands on your app's page under Basic Information"
Call = Callable[[], Awaitable[AsyncSlackResponse]]
Post = Callable[..., Awaitable[AsyncSlackResponse]]
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
# What Slack calls conversations with one person; a person's own id stands for one, too.
_PRIVATE = ("D", "U", "W")


class SlackAdapter:
    """One workspace. `api_url` is where the Web API's methods live, `https://slack.com/api/` by default."""

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
    ) -> None:
        """Take requests by an intake, or where there is none by Socket Mode, which `app_token` opens."""
        self.pacer = Pacer(limits)
        self._turns = Turns(self.pacer)
        self._monotonic = monotonic
        self._sleep = sleep
        self._bot_token = bot_token
        self._app_token = app_token
        self._intake = intake or Socket(app_token)
        self._api_url = api_url.rstrip("/") + "/"
        self._clock = clock
        self._poster: Poster | None = None
        self._bot_id = ""
        self._team = ""
        self._session: aiohttp.ClientSession | None = None
        self._client: AsyncWebClient | None = None

    def is_group(self, channel: Channel) -> bool:  # noqa: ARG002 (Slack limits all conversations alike)
        """Tell that no limit of Slack's is for shared conversations alone."""
        return False

    def is_private(self, channel: Channel) -> bool:
        """Tell a conversation with one person by the first letter of its id."""
        return channel.address.startswith(_PRIVATE)

    async def check(self) -> str:
        """Ask auth.test and apps.connections.open."""
        try:
            client = self._connect()
            who = await _accepted(client.auth_test, BOT)
            self._bot_id = str(who.get("bot_id", ""))
            if self._app_token:
                await _accepted(lambda: client.apps_connections_open(app_token=self._app_token), APP)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as problem:
            raise AdapterError(
                f"Slack does not answer ({type(problem).__name__}): check this machine's network, and "
                "SLACK_API_URL if you set one."
            ) from problem
        lacking = slack_manifest.lacking(who.headers.get(SCOPES_GIVEN, ""))
        named = f"{who.get('user')} in {who.get('team')}"
        return f"{named}. {lacking}" if lacking else named

    async def start(self, inbox: Inbox) -> None:
        """Check the tokens, and begin to answer what is typed."""
        client = self._connect()
        who = await _until_reachable(client.auth_test, BOT)
        self._bot_id, self._team = str(who.get("bot_id", "")), str(who.get("team_id", ""))
        if self._app_token:
            await _until_reachable(lambda: client.apps_connections_open(app_token=self._app_token), APP)
        # Whoever calls by HTTP has been known by then.
        app = AsyncApp(client=client, request_verification_enabled=False, logger=logging.getLogger("slack_bolt"))
        workplaces = Workplaces(self._access, inbox.alarm)
        inbox.meet(PLATFORM, workplaces.of)
        editor = Editor(inbox)
        editor.listen(app)
        Typed(inbox, self._turns, workplaces).listen(app)
        Lifecycle(inbox, self._turns, workplaces).listen(app)
        Presses(inbox, self._turns).listen(app)
        Shortcuts(inbox, self._turns).listen(app)
        Home(inbox, self._turns, editor.open, monotonic=self._monotonic, sleep=self._sleep).listen(app)
        await self._intake.open(app)
        log.info("slack_ready")

    async def _access(self, _address: str) -> tuple[AsyncWebClient, str]:
        return self._connect(), self._team

    def _connect(self) -> AsyncWebClient:
        # One session for everything, or each call would open a connection of its own; no retries inside the SDK.
        if self._client is not None:
            return self._client
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_TIME))
        self._client = AsyncWebClient(
            token=self._bot_token,
            base_url=self._api_url,
            session=self._session,
            timeout=ANSWER_TIME,
            retry_handlers=[],
            logger=logging.getLogger("slack_sdk"),
        )
        self._poster = Poster(self._client)
        return self._client

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
        assert self._poster is not None, "send before start"
        return await self._poster.send(delivery, self._clock())

    async def look_up(self, delivery: Delivery) -> Outcome | None:
        """Look for the mark of a delivery in its conversation, where the app has been given its history to read."""
        assert self._client is not None, "look_up before start"
        channel = delivery.channel
        if channel.thread or not channel.address.startswith(slack_history.READABLE) or delivery.doubt_since is None:
            return Ambiguous(sentence("Slack cannot be asked whether it has arrived"))
        try:
            found = await slack_history.find(self._client, delivery, delivery.doubt_since, self._bot_id)
        except slack_history.TooLongError as problem:
            return Ambiguous(str(problem))
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as problem:
            return slack_errors.look_up_outcome(problem)
        return None if found is None else Sent(found)


async def _until_reachable(call: Call, setting: str) -> AsyncSlackResponse:
    pause = FIRST_PAUSE
    while True:
        try:
            return await _accepted(call, setting)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as problem:
            log.warning("slack_unreachable", problem=type(problem).__name__, next_try_in=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)


async def _accepted(call: Call, setting: str) -> AsyncSlackResponse:
    """Make a call. Raises AdapterError where Slack refuses the token, which waiting cannot help."""
    try:
        return await call()
    except SlackApiError as problem:
        if slack_errors.is_token_error(problem):
            raise AdapterError(f"Slack does not accept {setting}: copy it again into .env.") from problem
        raise
