"""Slack's announcements: what one person changes by an answer that they alone see, the others read in one line."""

from __future__ import annotations

import functools
from collections.abc import Callable

from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters import slack_markup, slack_showing
from bot.adapters.turns import Turns
from bot.ports import Reply

# Ids of conversations with one person.
DIRECT = "D"
Announce = Callable[[Reply], None]


def announcer(client: AsyncWebClient, turns: Turns, channel: str, address: str = "") -> Announce | None:
    """Make what announces in a conversation; none where there is nobody else.

    An announcement goes in its turn, which is that of the conversation's address, and one that fails is logged.
    """
    if channel.startswith(DIRECT):
        return None

    def announce(reply: Reply) -> None:
        shown = {"text": slack_markup.reply(reply)}
        post = functools.partial(slack_showing.post, client.chat_postMessage, channel, shown)
        turns.start(address or channel, post, group=False)

    return announce
