"""Slack's history of a conversation, in which a message is found again by the mark of its delivery."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

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
    """Make the metadata by which a delivery's message is found again."""
    return {"event_type": EVENT_TYPE, "event_payload": {"delivery_id": delivery.id}}


async def find(client: AsyncWebClient, delivery: Delivery, since: datetime, bot_id: str) -> str | None:
    """Find a delivery's message among those of one bot since a time, and return its timestamp; None where it is not.

    Raises TooLongError, and what the client raises.
    """
    cursor = None
    for _ in range(MOST_PAGES):
        answer = await client.conversations_history(
            channel=delivery.channel.address,
            oldest=f"{(since - MARGIN).timestamp():.6f}",
            include_all_metadata=True,
            limit=PAGE,
            cursor=cursor,
        )
        for message in answer.get("messages") or ():
            # Another PhiWire Bot in the same conversation counts its deliveries, too.
            if _mark_of(message) == str(delivery.id) and bot_id in ("", message.get("bot_id")):
                return str(message["ts"])
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return None
    raise TooLongError(NOT_AMONG.format(number=MOST_PAGES * PAGE))


def _mark_of(message: dict[str, Any]) -> str:
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    return str(payload.get("delivery_id", "")) if metadata.get("event_type") == EVENT_TYPE else ""
