"""Slack's pressed buttons: what everybody reads stays as it is, what one person sees changes in place.

pressed | acknowledge | inbox.press | shown to the person alone, or in place of their own answer
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters import slack_buttons
from bot.adapters.slack_announcing import DIRECT, Announce, announcer
from bot.adapters.slack_commands import PLATFORM, members_may
from bot.adapters.slack_seen import Seen
from bot.adapters.slack_showing import Showing
from bot.adapters.slack_workspaces import Address, plain
from bot.adapters.turns import Post, Turns
from bot.ports import Inbox, Pressed, Reply, Request

log = structlog.get_logger("bot.slack")

# Sent back by what Slack itself opens.
_NOTHING = "-"
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a button stands: below a message `ts`, in a thread or none, and whether that is the person's own answer."""

    channel: str
    user: str
    ts: str
    thread: str
    is_own: bool


class Presses:
    """Takes presses to the inbox, each once, and shows what comes of them."""

    def __init__(self, inbox: Inbox, turns: Turns, address: Address = plain) -> None:
        self._inbox = inbox
        self._address = address
        self._turns = turns
        self._seen = Seen()

    def listen(self, app: AsyncApp) -> None:
        """Have an app hand over what is pressed, and which message somebody points at."""
        app.action(re.compile(f"^{slack_buttons.PRESS}(:|$)"))(self._on_press)

    async def _on_press(
        self,
        ack: AsyncAck,
        body: Body,
        action: Body,
        respond: AsyncRespond,
        client: AsyncWebClient,
        context: AsyncBoltContext,
    ) -> None:
        await ack()
        code = (action.get("selected_option") or action).get("value") or _NOTHING
        if code == _NOTHING or not body.get("channel"):
            return
        place = _place(body)
        address = functools.partial(self._address, context.team_id)
        here = address(place.channel)
        if self._seen.has(here, body["trigger_id"]):
            return
        of = slack_buttons.meant(action.get("block_id") or "") or place.ts
        announce = announcer(client, self._turns, place.channel, here)
        pressed = await self._inbox.press(request(body, code, of, announce, address))
        showing = Showing(client, respond, place.channel, place.user, place.thread)
        await self._turns.send(here, *_posts(pressed, place, of, showing), group=False)


def _posts(pressed: Pressed, place: _Place, of: str, showing: Showing) -> list[Post]:
    posts: list[Post] = []
    if (reply := _in_place(pressed, place)) is not None:
        shown = slack_buttons.answer(reply, of=of) if reply else None
        posts.append(functools.partial(showing.replace, shown))
    elif reply := beside(pressed):
        posts.append(functools.partial(showing.tell, slack_buttons.answer(reply, of=of)))
    if pressed.said:
        said = slack_buttons.answer(pressed.said)
        post = showing.tell if place.is_own else showing.say
        posts.append(functools.partial(post, said))
    return posts


def _in_place(pressed: Pressed, place: _Place) -> Reply | None:
    """Say what takes the place of an answer that only the person reads: nothing at all, or None where it stays."""
    # What a person reads alone with the bot is a message like any other; news stays there, too.
    is_own = place.is_own or (place.channel.startswith(DIRECT) and pressed.panel is not None)
    if not is_own or pressed.alert:
        return None
    if pressed.panel is not None:
        # What was done stands in most panels already.
        return (*(line for line in pressed.toast if line not in pressed.panel), *pressed.panel)
    if pressed.about:
        return (*pressed.toast, *pressed.about, *(pressed.keyboard or ()))
    return pressed.toast if pressed.keyboard is not None else None


def _place(body: Body) -> _Place:
    container, message = body.get("container") or {}, body.get("message") or {}
    channel = body["channel"]["id"]
    return _Place(
        channel,
        body["user"]["id"],
        container.get("message_ts") or message.get("ts") or "",
        container.get("thread_ts") or message.get("thread_ts") or "",
        bool(container.get("is_ephemeral")),
    )


def request(body: Body, code: str, of: str, announce: Announce | None, address: Callable[[str], str]) -> Request:
    """Ask for what a person has pressed, of a message."""
    user = body["user"]
    return Request(
        platform=PLATFORM,
        address=address(body["channel"]["id"]),
        title=body["channel"].get("name") or "",
        text=code,
        actor=f"@{user.get('username') or user.get('name') or user['id']}",
        actor_id=address(user["id"]),
        is_private=True,  # what was done by others is announced
        may_write=members_may,
        replied_to=of,
        has_buttons=True,
        announce=announce,
    )


def beside(pressed: Pressed) -> Reply:
    """Say what is shown to the person beside the message that everybody reads."""
    if pressed.alert:
        return pressed.toast
    return (
        *pressed.toast,
        *(pressed.panel or ()),
        *pressed.about,
        *((pressed.keyboard or ()) if pressed.about else ()),
    )
