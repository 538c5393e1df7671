"""Slack's message shortcuts: somebody points at a message, and asks why it came or what of it to mute."""

from __future__ import annotations

import functools
import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot import buttons
from bot.adapters import slack_buttons, slack_pressing
from bot.adapters.slack_seen import Seen
from bot.adapters.slack_showing import Showing
from bot.adapters.slack_workspaces import Address, plain
from bot.adapters.turns import Turns
from bot.buttons import Action, Press
from bot.ports import Inbox

# As the app's manifest names them.
SHORTCUTS: dict[str, Action] = {"phiwire_why": "why", "phiwire_mute": "mute"}


class Shortcuts:
    """Answers a pointing person alone, each time once."""

    def __init__(self, inbox: Inbox, turns: Turns, address: Address = plain) -> None:
        self._inbox = inbox
        self._address = address
        self._turns = turns
        self._seen = Seen()

    def listen(self, app: AsyncApp) -> None:
        """Have an app hand over which message somebody points at."""
        app.message_shortcut(re.compile("|".join(SHORTCUTS)))(self._on_shortcut)

    async def _on_shortcut(
        self,
        ack: AsyncAck,
        shortcut: dict[str, Any],
        respond: AsyncRespond,
        client: AsyncWebClient,
        context: AsyncBoltContext,
    ) -> None:
        await ack()
        channel, address = shortcut["channel"]["id"], functools.partial(self._address, context.team_id)
        if self._seen.has(address(channel), shortcut["trigger_id"]):
            return
        code = buttons.encode(Press(SHORTCUTS[shortcut["callback_id"]], buttons.POINTED))
        message, thread = shortcut["message_ts"], (shortcut.get("message") or {}).get("thread_ts") or ""
        pressed = await self._inbox.press(slack_pressing.request(shortcut, code, message, None, address))
        showing = Showing(client, respond, channel, shortcut["user"]["id"], thread if thread != message else "")
        answer = slack_buttons.answer(slack_pressing.beside(pressed), of=message)
        await self._turns.send(address(channel), functools.partial(showing.tell, answer), group=False)
