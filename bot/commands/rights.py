"""Decide who may: administrators change everything, members the filters where their channel lets them."""

from __future__ import annotations

from bot.commands import replies
from bot.model import Channel
from bot.ports import Reply, Request


async def refusal(request: Request, channel: Channel | None, *, filters: bool) -> Reply:
    """Refuse whoever may not change a channel, or its `filters` alone; nothing where they may.

    The platform is asked. Raises RightsUnknownError. A channel that is None has chosen nothing yet.
    """
    if request.belongs is None or channel is None or not channel.members:
        return () if await request.may_write() else replies.refused()
    if filters:
        return () if await request.belongs() else replies.refused_strangers()
    return () if await request.may_write() else replies.refused_members()
