"""How Slack shows what comes of a request: to one person alone, in place of what they saw, or to everybody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import aiohttp
import structlog
from slack_bolt.async_app import AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.adapters import slack_errors
from bot.outcomes import Throttled

log = structlog.get_logger("bot.slack")

Shown = dict[str, Any]
_BESIDE = {"response_type": "ephemeral", "replace_original": False}
_LOST = (aiohttp.ClientError, TimeoutError)


class Showing:
    """Shows answers to one request of a person in a conversation, or in one of its threads."""

    def __init__(
        self, client: AsyncWebClient, respond: AsyncRespond | None, channel: str, user: str, thread: str = ""
    ) -> None:
        """`respond` knows the request's own address, good for five answers within half an hour (docs.slack.dev)."""
        self._client = client
        self._address = "" if respond is None else respond.response_url or ""
        self._channel = channel
        self._user = user
        self._thread = thread

    async def tell(self, shown: Shown) -> Throttled | None:
        """Show something to the person alone, where they asked: by its own address Slack shows it beside threads."""
        if self._address and not self._thread:
            return _throttled(await self._answered(shown | _BESIDE))
        return await self._ephemeral(shown)

    async def _ephemeral(self, shown: Shown) -> Throttled | None:
        try:
            await self._client.chat_postEphemeral(
                channel=self._channel, user=self._user, thread_ts=self._thread or None, **shown
            )
        except SlackApiError as problem:
            if isinstance(outcome := slack_errors.outcome(problem), Throttled):
                return outcome
            log.warning("slack_answer_refused", problem=str(problem.response.get("error", "")))
            if self._address:
                # Whoever is no member of the conversation is answered by the request's address alone.
                return _throttled(await self._answered(shown | _BESIDE))
        except _LOST as problem:
            log.warning("slack_answer_lost", problem=type(problem).__name__)
        return None

    async def replace(self, shown: Shown | None) -> Throttled | None:
        """Show something in place of what was pressed, or nothing."""
        if not self._address:
            return None if shown is None else await self.tell(shown)
        if shown is None:
            return _throttled(await self._answered({"delete_original": True}))
        answered = await self._answered(shown | {"replace_original": True})
        return _throttled(answered) if answered is not False else await self._ephemeral(shown)

    async def say(self, shown: Shown) -> Throttled | None:
        """Show something to everybody."""
        return await post(self._client.chat_postMessage, self._channel, shown, self._thread)

    async def _answered(self, shown: Shown) -> Throttled | bool:
        """Answer by the request's own address, and tell whether Slack has taken that."""
        # Bolt's own would open a session for each answer, and send again by itself what may have arrived.
        webhook = AsyncWebhookClient(self._address, session=self._client.session, retry_handlers=[])
        try:
            answer = await webhook.send_dict({"unfurl_links": False, "unfurl_media": False, **shown})
        except _LOST as problem:
            log.warning("slack_answer_lost", problem=type(problem).__name__)
            return True  # nobody can tell, and once is enough
        if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            return Throttled(slack_errors.DEFAULT_RETRY_AFTER)
        if answer.status_code != HTTPStatus.OK:
            log.warning("slack_answer_refused", status=answer.status_code)
            return False
        return True


def _throttled(answered: Throttled | bool) -> Throttled | None:
    return answered if isinstance(answered, Throttled) else None


async def post(show: Callable[..., Awaitable[Any]], channel: str, shown: Shown, thread: str = "") -> Throttled | None:
    """Post a message for everybody; what Slack refuses is logged."""
    try:
        await show(channel=channel, thread_ts=thread or None, unfurl_links=False, unfurl_media=False, **shown)
    except SlackApiError as problem:
        if isinstance(outcome := slack_errors.outcome(problem), Throttled):
            return outcome
        log.warning("slack_message_refused", problem=str(problem.response.get("error", "")))
    except _LOST as problem:
        log.warning("slack_message_lost", problem=type(problem).__name__)
    return None
