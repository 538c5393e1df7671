"""What people type to the bot on Slack: slash commands, mentions, and messages to the app itself."""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters import slack_buttons
from bot.adapters.slack_announcing import Announce, announcer
from bot.adapters.slack_markup import COMMAND
from bot.adapters.slack_memberships import Memberships
from bot.adapters.slack_seen import Seen
from bot.adapters.slack_showing import Showing, Shown
from bot.adapters.slack_workspaces import Address, conversation, plain
from bot.adapters.turns import Turns
from bot.outcomes import Throttled
from bot.ports import Inbox, Request

PLATFORM = "slack"
# What Slack writes where a conversation has no name, or where it is not told.
_NO_NAMES = frozenset({"directmessage", "privategroup"})
_MENTION = re.compile(r"^\s*<@[UW]\w+(\|[^>]*)?>[\s:,]*")
# A message of the bot, named by its link: slash commands cannot be replies.
_MESSAGE = re.compile(r"<?https://\S+/archives/\w+/p(\d{10})(\d{6})[^\s>]*>?")
# What Slack makes of an address or a channel that somebody types: <https://example.org|example.org>, <#C123|harbour>.
_LINK = re.compile(r"<(?:[#@!][^>|]*\|)?([^>|]+)(?:\|[^>]*)?>")
Event = dict[str, Any]


class Typed:
    """Answers what is typed, once: in the person's own view where others would see it, else as a message."""

    def __init__(self, inbox: Inbox, turns: Turns, memberships: Memberships, address: Address = plain) -> None:
        self._inbox = inbox
        self._memberships = memberships
        self._address = address
        self._turns = turns
        self._seen = Seen()

    def listen(self, app: AsyncApp) -> None:
        """Have an app hand over what is typed."""
        app.command(re.compile("^/"))(self._on_command)
        app.event("app_mention")(self._on_mention)
        app.event("message")(self._on_message)

    async def _on_command(
        self,
        ack: AsyncAck,
        respond: AsyncRespond,
        command: dict[str, Any],
        client: AsyncWebClient,
        context: AsyncBoltContext,
    ) -> None:
        await ack()
        address = functools.partial(self._address, context.team_id)
        channel = address(command["channel_id"])
        if self._seen.has(channel, command["trigger_id"]):
            return
        announce = announcer(client, self._turns, command["channel_id"], channel)
        answer = slack_buttons.answer(
            await self._inbox.answer(_request(command, announce, address)), command["command"]
        )
        showing = Showing(client, respond, command["channel_id"], command["user_id"])
        post = functools.partial(showing.tell, answer)
        await self._turns.send(channel, post, group=False)

    async def _named(self, request: Request, client: AsyncWebClient, context: AsyncBoltContext) -> Request:
        """Name who made a request as commands do: events have only ids."""
        user = conversation(request.actor_id)
        return replace(request, actor=await self._memberships.actor(client, context, user))

    async def _on_mention(self, event: Event, body: Event, client: AsyncWebClient, context: AsyncBoltContext) -> None:
        address = functools.partial(self._address, context.team_id)
        if self._seen.has(address(event["channel"]), body["event_id"]) or not _is_of_a_person(event):
            return
        typed = _MENTION.sub("", event.get("text") or "", count=1)
        showing = Showing(client, None, event["channel"], event["user"], event.get("thread_ts") or "")
        announce = announcer(client, self._turns, event["channel"], address(event["channel"]))
        await self._answer(await self._named(_typed(event, typed, announce, address), client, context), showing.tell)

    async def _on_message(self, event: Event, body: Event, client: AsyncWebClient, context: AsyncBoltContext) -> None:
        # Messages of other conversations come only where the app was given more than the manifest asks for.
        is_ours = event.get("channel_type") == "im" and _is_of_a_person(event)
        address = functools.partial(self._address, context.team_id)
        if not is_ours or self._seen.has(address(event["channel"]), body["event_id"]):
            return
        typed = _MENTION.sub("", event.get("text") or "", count=1)
        showing = Showing(client, None, event["channel"], event["user"], event.get("thread_ts") or "")
        await self._answer(await self._named(_typed(event, typed, None, address), client, context), showing.say)

    async def _answer(self, request: Request, show: Callable[[Shown], Awaitable[Throttled | None]]) -> None:
        answer = slack_buttons.answer(await self._inbox.answer(request))
        await self._turns.send(request.address, functools.partial(show, answer), group=False)


def _is_of_a_person(event: Event) -> bool:
    return bool(event.get("user")) and not event.get("bot_id") and event.get("subtype") in {None, "file_share"}


def title(command: dict[str, Any]) -> str:
    """Say what the conversation is called in which somebody typed; empty where that is no name of its own."""
    name: str = command.get("channel_name") or ""
    return "" if name in _NO_NAMES else name


def _request(command: dict[str, Any], announce: Announce | None, address: Callable[[str], str]) -> Request:
    user = command.get("user_name") or command["user_id"]
    typed, replied_to = read(command.get("text") or "")
    return Request(
        platform=PLATFORM,
        address=address(command["channel_id"]),
        title=title(command),
        text=typed,
        actor=f"@{user}",
        actor_id=address(command["user_id"]),
        is_private=True,  # whatever the conversation, answers to slash commands are shown to the person alone
        may_write=members_may,
        has_editor=True,
        replied_to=replied_to,
        has_buttons=True,
        announce=announce,
    )


def _typed(event: Event, typed: str, announce: Announce | None, address: Callable[[str], str]) -> Request:
    text, replied_to = read(typed)
    return Request(
        platform=PLATFORM,
        address=address(event["channel"]),
        text=text,
        actor=f"@{event['user']}",
        actor_id=address(event["user"]),
        is_private=True,
        may_write=members_may,
        has_editor=True,
        replied_to=replied_to or event.get("thread_ts", ""),
        has_buttons=True,
        announce=announce,
    )


def read(typed: str) -> tuple[str, str]:
    """Read what somebody typed as Slack sends it: plain, and apart from it the message whose link it holds.

    The command itself may stand in front, as help shows it.
    """
    match = _MESSAGE.search(typed)
    replied_to = "" if match is None else f"{match[1]}.{match[2]}"
    words = typed if match is None else typed[: match.start()] + typed[match.end() :]
    return html.unescape(_LINK.sub(r"\1", words)).strip().removeprefix(COMMAND).strip(), replied_to


async def members_may() -> bool:
    """Let members change filters, unless their workspace, which the inbox asks, says otherwise."""
    return True
