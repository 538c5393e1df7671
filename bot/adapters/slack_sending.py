"""Slack's side of a delivery: post its message, or correct the one that was posted."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot import telling
from bot.adapters import slack_errors, slack_history, slack_markup
from bot.languages import speaking
from bot.model import Delivery
from bot.outcomes import Outcome, Sent
from bot.story import Story, digest, tell

log = structlog.get_logger("bot.slack")

Call = Callable[..., Awaitable[AsyncSlackResponse]]
# What the ids of channels begin with.
_CHANNELS = ("C", "G")
PROBLEMS = (SlackApiError, aiohttp.ClientError, TimeoutError)


class Poster:
    """Posts with one token, and remembers which icons Slack cannot fetch."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._refused_icons: set[str] = set()

    async def send(self, delivery: Delivery, now: datetime) -> Outcome:
        """Post a story, or correct the message that told it; what Slack refuses of it is left out, for news matters."""
        with speaking(delivery.channel.language):
            return await self._send(delivery, now)

    async def _send(self, delivery: Delivery, now: datetime) -> Outcome:
        channel = delivery.channel
        post = functools.partial(
            self._client.chat_postMessage, channel=channel.address, unfurl_links=False, unfurl_media=False
        )
        if delivery.edits:
            return await self._correct(post, delivery, now)
        try:
            return await self._marked(functools.partial(post, thread_ts=channel.thread or None), delivery, now)
        except PROBLEMS as problem:
            return slack_errors.outcome(problem)

    async def _correct(self, post: Call, delivery: Delivery, now: datetime) -> Outcome:
        """Edit a message; where it cannot be edited any more, its correction goes into its thread."""
        edit = functools.partial(self._client.chat_update, channel=delivery.channel.address, ts=delivery.edits)
        try:
            try:
                await self._marked(edit, delivery, now)
            except SlackApiError as problem:
                if not slack_errors.is_locked(problem):
                    raise
                await self._marked(functools.partial(post, thread_ts=delivery.edits), delivery, now)
        except PROBLEMS as problem:
            return slack_errors.edit_outcome(problem, delivery.edits)
        return Sent(delivery.edits)

    async def _marked(self, call: Call, delivery: Delivery, now: datetime) -> Outcome:
        """Mark the message with its delivery, by which it is found again; without, where Slack refuses the mark."""
        try:
            return await self._shown(call, delivery, now, slack_history.mark(delivery))
        except SlackApiError as problem:
            if not slack_errors.is_metadata_error(problem):
                raise
            log.warning("slack_metadata_refused", entry=delivery.entry.id, problem=str(problem))
            return await self._shown(call, delivery, now, None)

    async def _shown(self, call: Call, delivery: Delivery, now: datetime, mark: dict[str, Any] | None) -> Outcome:
        """Show the icon, or else none, or plain text: Slack refuses all blocks for one icon that it cannot fetch."""
        if delivery.folded:
            answer = await call(text=slack_markup.reply(digest(delivery, now)), metadata=mark)
            return _sent(answer, delivery)
        told = tell(delivery, now)
        text, refused = slack_markup.notification(told), ""
        rows = telling.by_template(told, delivery.channel.template)
        for icon in [False] if rows else self._icons(told):
            laid_out = slack_markup.templated(rows) if rows else slack_markup.blocks(told, icon=icon)
            try:
                answer = await call(text=text, blocks=laid_out, metadata=mark)
                return _sent(answer, delivery)
            except SlackApiError as problem:
                if not slack_errors.is_markup_error(problem):
                    raise
                log.warning("slack_blocks_refused", entry=delivery.entry.id, problem=str(problem))
                refused = str(problem.response.get("error", ""))
                if icon:
                    self._refused_icons.add(told.icon)
        answer = await call(text=slack_markup.plain_story(told), metadata=mark)
        return _sent(answer, delivery, refused)

    def _icons(self, told: Story) -> list[bool]:
        return [True, False] if told.icon and told.icon not in self._refused_icons else [False]


def _sent(answer: AsyncSlackResponse, delivery: Delivery, refused: str = "") -> Sent:
    """Read where a message stands: a channel that other organisations share may have been given another id."""
    owner, slash, asked = delivery.channel.address.rpartition("/")
    stands = str(answer.get("channel") or "")
    # People are asked for by their own ids, and answered by those of their conversations.
    is_moved = stands != asked and asked.startswith(_CHANNELS) and stands.startswith(_CHANNELS)
    return Sent(str(answer["ts"]), refused, f"{owner}{slash}{stands}" if is_moved else "")
