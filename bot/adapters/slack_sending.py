"""Slack's side of a delivery: post its message, or correct the one that was posted."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot import buttons, telling, threaded
from bot.adapters import slack_buttons, slack_errors, slack_history, slack_markup, slack_threads
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
        if delivery.part:
            return await slack_threads.send(self._client, delivery)
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
                if delivery.channel.threads:
                    return Sent(delivery.edits)  # what has changed follows there anyway
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
        """Show the message as it should be, or else without what Slack may not take of it, or as plain text.

        Slack refuses all blocks for one icon that it cannot fetch.
        """
        told = tell(delivery, now)
        refused = ""
        for laid_out, icon in self._layouts(delivery, told, now):
            try:
                answer = await call(**laid_out, metadata=mark)
                return _sent(answer, delivery, refused)
            except SlackApiError as problem:
                if not slack_errors.is_markup_error(problem):
                    raise
                log.warning("slack_blocks_refused", entry=delivery.entry.id, problem=str(problem))
                if icon:
                    self._refused_icons.add(told.icon)
                else:
                    refused = str(problem.response.get("error", ""))
        plain = slack_markup.reply(digest(delivery, now)) if delivery.folded else slack_markup.plain_story(told)
        # An edited message keeps the blocks that are not taken away.
        answer = await call(text=plain, blocks=[], metadata=mark)
        return _sent(answer, delivery, refused)

    def _layouts(self, delivery: Delivery, told: Story, now: datetime) -> Iterator[tuple[dict[str, Any], bool]]:
        """Lay a message out, with what may be refused and then without; tell whether it has the source's icon."""
        rows = buttons.under(delivery) if delivery.channel.buttons else ()
        if delivery.folded:
            listed = digest(delivery, now)
            if rows:
                yield slack_buttons.answer((*listed, *rows)), False
            return
        text, templated = slack_markup.notification(told), telling.by_template(told, delivery.channel.template)
        if delivery.channel.threads and threaded.has_more(delivery.entry):
            told = threaded.brief(told)
        for icon in [False] if templated else self._icons(told):
            blocks = slack_markup.templated(templated) if templated else slack_markup.blocks(told, icon=icon)
            yield {"text": text, "blocks": slack_buttons.with_menu(blocks, rows)}, icon
        if rows:
            yield {"text": text, "blocks": blocks}, False

    def _icons(self, told: Story) -> list[bool]:
        return [True, False] if told.icon and told.icon not in self._refused_icons else [False]


def _sent(answer: AsyncSlackResponse, delivery: Delivery, refused: str = "") -> Sent:
    """Read where a message stands: a channel that other organisations share may have been given another id."""
    asked, stands = delivery.channel.address, str(answer.get("channel") or "")
    # People are asked for by their own ids, and answered by those of their conversations.
    is_moved = stands != asked and asked.startswith(_CHANNELS) and stands.startswith(_CHANNELS)
    return Sent(str(answer["ts"]), refused, stands if is_moved else "")
