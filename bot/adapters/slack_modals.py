"""Calls about modals, which may be closed by then, whose they are, and what is remembered while somebody writes."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import structlog
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncAck, AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.adapters import slack_editor_views as views
from bot.adapters.slack_workspaces import Address, conversation

log = structlog.get_logger("bot.slack")

# Forms and presses that are remembered.
REMEMBERED = 1000


@dataclass(slots=True)
class Writing:
    """A form in which somebody writes: how often it has changed, what is tried, and who may write into it now."""

    changes: int = 0
    trying: asyncio.Lock = field(default_factory=asyncio.Lock)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


def remember(memory: OrderedDict[str, Any], key: str, value: object) -> None:
    """Remember something, and forget what is oldest."""
    memory[key] = value
    memory.move_to_end(key)
    while len(memory) > REMEMBERED:
        memory.popitem(last=False)


async def call(call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse | None:
    """Make a call; a view that was closed meanwhile, or a trigger that is too old, is nothing to raise for."""
    try:
        return await call
    except SlackApiError as problem:
        log.warning("slack_view_refused", problem=str(problem.response.get("error", "")))
    except (aiohttp.ClientError, TimeoutError) as problem:
        log.warning("slack_view_lost", problem=type(problem).__name__)
    return None


def of_its_workspace(address: Address) -> Callable[..., Awaitable[BoltResponse | None]]:
    """Make what lets views through that are about a channel of the workspace whose token opened them, and no others.

    An organisation's installation may name itself in place of the workspace; whose somebody is, is asked anyway.
    """

    async def check(
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        next: Callable[[], Awaitable[None]],  # noqa: A002 (Bolt's name)
    ) -> BoltResponse | None:
        there = views.where(body["view"]).address
        if context.is_enterprise_install or there == address(context.team_id, conversation(there)):
            await next()
            return None
        log.warning("slack_view_foreign", workspace=context.team_id)
        return await ack()

    return check
