"""Slack, by Socket Mode with slack-bolt: no public address is needed.

/phiwire … | acknowledge | inbox.answer | mrkdwn, seen by the person alone
delivery | blocks and text | chat.postMessage | outcome
"""

from __future__ import annotations

import asyncio
import functools
import html
import logging
import re
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.adapters import slack_errors, slack_history, slack_markup
from bot.adapters.slack_sending import Poster
from bot.adapters.turns import Turns
from bot.languages import sentence
from bot.model import Channel, Delivery
from bot.outbox.pacing import Limits, Pacer
from bot.outcomes import Ambiguous, Outcome, Sent, Throttled
from bot.ports import AdapterError, Inbox, Request

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
# Commands that are remembered, for Slack sends again what it was not heard to be acknowledged.
REMEMBERED = 1000
# What Slack calls conversations with one person; a person's own id stands for one, too.
_PRIVATE = ("D", "U", "W")


class SlackAdapter:
    """One workspace. `api_url` is where the Web API's methods live, `https://slack.com/api/` by default."""

    platform = "slack"
    can_look_up = True

    def __init__(
        self, bot_token: str, app_token: str, api_url: str, clock: Callable[[], datetime], limits: Limits = LIMITS
    ) -> None:
        self.pacer = Pacer(limits)
        self._turns = Turns(self.pacer)
        self._bot_token = bot_token
        self._app_token = app_token
        self._api_url = api_url.rstrip("/") + "/"
        self._clock = clock
        self._poster: Poster | None = None
        self._bot_id = ""
        self._seen: deque[str] = deque(maxlen=REMEMBERED)
        self._session: aiohttp.ClientSession | None = None
        self._client: AsyncWebClient | None = None
        self._socket: AsyncSocketModeHandler | None = None

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
            await _accepted(lambda: client.apps_connections_open(app_token=self._app_token), APP)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as problem:
            raise AdapterError(
                f"Slack does not answer ({type(problem).__name__}): check this machine's network, and "
                "SLACK_API_URL if you set one."
            ) from problem
        return f"{who.get('user')} in {who.get('team')}"

    async def start(self, inbox: Inbox) -> None:
        """Check both tokens, connect the socket and begin to answer commands."""
        client = self._connect()
        who = await _until_reachable(client.auth_test, BOT)
        self._bot_id = str(who.get("bot_id", ""))
        await _until_reachable(lambda: client.apps_connections_open(app_token=self._app_token), APP)
        app = AsyncApp(client=client, logger=logging.getLogger("slack_bolt"))

        async def on_command(ack: AsyncAck, respond: AsyncRespond, command: dict[str, Any]) -> None:
            await ack()
            if command["trigger_id"] in self._seen:
                return
            self._seen.append(command["trigger_id"])
            answer = slack_markup.reply(await inbox.answer(_request(command)), command["command"])
            post = functools.partial(_reply, client, respond, command, answer)
            await self._turns.send(command["channel_id"], post, group=False)

        app.command(re.compile("^/"))(on_command)
        self._socket = AsyncSocketModeHandler(app, self._app_token, logger=logging.getLogger("slack_socket"))
        await self._socket.connect_async()  # type: ignore[no-untyped-call]
        log.info("slack_ready")

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
        """Close the socket; answers under way use the Web API and finish."""
        if self._socket is not None:
            socket, self._socket = self._socket, None
            await socket.close_async()  # type: ignore[no-untyped-call]

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


async def _reply(
    client: AsyncWebClient, respond: AsyncRespond, command: dict[str, Any], answer: str
) -> Throttled | None:
    """Show an answer to the person alone."""
    if respond.response_url is None:
        try:
            await client.chat_postEphemeral(channel=command["channel_id"], user=command["user_id"], text=answer)
        except SlackApiError as problem:
            outcome = slack_errors.outcome(problem)
            if isinstance(outcome, Throttled):
                return outcome
            raise
        return None
    answered = await respond(text=answer, response_type="ephemeral", unfurl_links=False, unfurl_media=False)
    return Throttled(slack_errors.DEFAULT_RETRY_AFTER) if answered.status_code == HTTPStatus.TOO_MANY_REQUESTS else None


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


def _request(command: dict[str, Any]) -> Request:
    typed = html.unescape(command.get("text") or "")
    user = command.get("user_name") or command["user_id"]
    typed, replied_to = _message_link(typed)
    return Request(
        platform=SlackAdapter.platform,
        address=command["channel_id"],
        title=command.get("channel_name") or "",
        text=typed,
        actor=f"@{user}",
        actor_id=command["user_id"],
        is_private=True,  # whatever the conversation, answers to slash commands are shown to the person alone
        may_write=_members_may,
        replied_to=replied_to,
    )


def _message_link(typed: str) -> tuple[str, str]:
    """Take the message out of `why https://…/archives/C1/p1700000000000100`: slash commands cannot be replies."""
    match = re.search(r"<?https://\S+/archives/\w+/p(\d{10})(\d{6})\S*", typed)
    if match is None:
        return typed, ""
    return typed[: match.start()].strip(), f"{match[1]}.{match[2]}"


async def _members_may() -> bool:
    """Let every member of a conversation change its filters, as Slack's own apps do; the audit trail says who did."""
    return True
