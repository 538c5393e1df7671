"""Slack's history of a conversation, in which a message is found again by the mark of its delivery."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.model import Delivery
from bot.outbox.reasons import NOT_AMONG

# Marks our messages (docs.slack.dev, message metadata).
EVENT_TYPE = "phiwire_delivery"
# Ids of conversations that have a history: public channels, private ones, and those with one person.
READABLE = ("C", "G", "D")
# Between Slack's clock and ours.
MARGIN = timedelta(minutes=10)
PAGE, MOST_PAGES = 100, 5


class TooLongError(Exception):
    """More was said in the conversation than is looked through."""


def mark(delivery: Delivery) -> dict[str, Any]:
    """Make the metadata by which a delivery's message is found again, or the part of it that stands in its thread."""
    part = {"part": f"{delivery.part} {delivery.entry.revision}"} if delivery.part else {}
    return {"event_type": EVENT_TYPE, "event_payload": {"delivery_id": delivery.id, **part}}


async def find(client: AsyncWebClient, delivery: Delivery, since: datetime, bot_id: str) -> str | None:
    """Find a delivery's message among those of one bot since a time, and return its timestamp; None where it is not.

    Raises TooLongError, and what the client raises.
    """
    ask = functools.partial(client.conversations_history, oldest=f"{(since - MARGIN).timestamp():.6f}")
    async for message in _messages(functools.partial(ask, channel=delivery.channel.address)):
        # Another PhiWire Bot in the same conversation counts its deliveries, too.
        if _is_marked(message, delivery) and bot_id in ("", message.get("bot_id")):
            return str(message["ts"])
    return None


async def is_in_thread(client: AsyncWebClient, delivery: Delivery) -> bool:
    """Tell whether a delivery's part stands in its message's thread. Raises what `find` raises."""
    ask = functools.partial(client.conversations_replies, channel=delivery.channel.address, ts=delivery.edits)
    async for message in _messages(ask):
        if _is_marked(message, delivery):
            return True
    return False


async def _messages(ask: Callable[..., Awaitable[AsyncSlackResponse]]) -> AsyncIterator[dict[str, Any]]:
    cursor = None
    for _ in range(MOST_PAGES):
        answer = await ask(include_all_metadata=True, limit=PAGE, cursor=cursor)
        for message in answer.get("messages") or ():
            yield message
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return
    raise TooLongError(NOT_AMONG.format(number=MOST_PAGES * PAGE))


def _is_marked(message: dict[str, Any], delivery: Delivery) -> bool:
    metadata, wanted = message.get("metadata") or {}, mark(delivery)["event_payload"]
    payload = metadata.get("event_payload") or {}
    named = {name: str(payload.get(name, "")) for name in ("delivery_id", "part")}
    is_ours = metadata.get("event_type") == EVENT_TYPE
    return is_ours and named == {"delivery_id": str(delivery.id), "part": wanted.get("part", "")}
