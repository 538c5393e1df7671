"""What goes into the thread of one of our messages on Slack; after a doubt it is looked for there first."""

from __future__ import annotations

import functools
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import threaded
from bot.adapters import slack_errors, slack_history, slack_markup
from bot.model import Delivery
from bot.outcomes import Outcome, Sent

log = structlog.get_logger("bot.slack")

PROBLEMS = (SlackApiError, aiohttp.ClientError, TimeoutError)
LONGEST_NOTIFICATION = 300


async def send(client: AsyncWebClient, delivery: Delivery) -> Outcome:
    """Post a delivery's part into its message's thread, once where that can be seen."""
    try:
        if delivery.ambiguous and await _is_there(client, delivery):
            return Sent(delivery.edits)
        return await _post(client, delivery)
    except PROBLEMS as problem:
        return slack_errors.outcome(problem)


async def _is_there(client: AsyncWebClient, delivery: Delivery) -> bool:
    try:
        return await slack_history.is_in_thread(client, delivery)
    except (SlackApiError, slack_history.TooLongError) as problem:
        if isinstance(problem, SlackApiError) and not slack_errors.is_unreadable(problem):
            raise
        # Nobody can tell: better twice in a thread than not at all (ADR 4).
        return False


async def _post(client: AsyncWebClient, delivery: Delivery) -> Outcome:
    post = functools.partial(
        client.chat_postMessage,
        channel=delivery.channel.address,
        thread_ts=delivery.edits,
        unfurl_links=False,
        unfurl_media=False,
    )
    rows = threaded.part(delivery)
    plain = slack_markup.reply(rows)
    laid_out: dict[str, Any] = {
        "text": slack_markup.reply(threaded.beginning(rows, LONGEST_NOTIFICATION)),
        "blocks": slack_markup.templated(rows),
    }
    mark: dict[str, Any] | None = slack_history.mark(delivery)
    refused = ""
    while True:
        try:
            await post(**laid_out, metadata=mark)
            return Sent(delivery.edits, refused)
        except SlackApiError as problem:
            if mark is not None and slack_errors.is_metadata_error(problem):
                mark = None
            elif "blocks" in laid_out and slack_errors.is_markup_error(problem):
                laid_out, refused = {"text": plain}, str(problem.response.get("error", ""))
            else:
                raise
            log.warning("slack_thread_refused", entry=delivery.entry.id, problem=str(problem))
