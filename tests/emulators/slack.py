"""Slack as a bot sees it: the Web API, Socket Mode, and people who type slash commands."""

from __future__ import annotations

import itertools
import time
import uuid
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.emulators import slack_calling, slack_payloads, slack_scopes
from tests.emulators.server import Emulator
from tests.emulators.slack_calls import Calls
from tests.emulators.slack_methods import Workspace
from tests.emulators.slack_pressing import Pressing
from tests.emulators.slack_socket import Envelope, Socket
from tests.emulators.slack_state import (
    BOT_USER_ID,
    TEAM_ID,
    CommandResult,
    Params,
    PostedMessage,
    SlackChannel,
    SlackRequest,
    SlackUser,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

RESPONSE_USES = 5


class SlackEmulator(Emulator):
    """A workspace with the bot in it; `violations` collects what only a mistake of the bot explains.

    `write_public` is the scope chat:write.public, others stand in `scopes`, and usual ones that are missing in
    `without`; `clock` gives messages their times. What is not acknowledged within `ack_timeout` s is sent once more.
    """

    def __init__(
        self,
        bot_token: str = "xoxb-test",  # noqa: S107 - opens nothing but the emulator
        app_token: str = "xapp-test",  # noqa: S107
        *,
        ack_timeout: float = 3.0,
        write_public: bool = False,
        scopes: Collection[str] = (),
        without: Collection[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self.bot_token = bot_token
        self.app_token = app_token
        self.violations: list[str] = []
        self.requests: list[SlackRequest] = []
        self.unheard: list[str] = []
        granted = (slack_scopes.USUAL - set(without)) | set(scopes) | ({"chat:write.public"} if write_public else set())
        self.workspace = Workspace(self.violations, granted, clock)
        self.socket = Socket(self, ack_timeout)
        self.calls_out: Calls | None = None
        self.pressing = Pressing(self)
        self.results: dict[str, CommandResult] = {}
        self._numbers = itertools.count(1)

    @property
    def url(self) -> str:
        """The address of the Web API, with its final slash, as the SDK wants it."""
        return f"{super().url}/api/"

    def routes(self) -> list[web.RouteDef]:
        """Take methods under /api/ and at the root, Socket Mode and response_urls."""
        return [
            web.get("/link", self.socket.handle),
            web.post("/commands/{key}", self._respond),
            *self.pressing.routes(),
            web.route("*", "/api/{method}", self._handle),
            web.route("*", "/{method}", self._handle),
        ]

    async def close_connections(self) -> None:
        """Close Socket Mode, and call nobody."""
        await self.socket.close()
        if self.calls_out is not None:
            await self.calls_out.close()

    def call_at(self, url: str, signing_secret: str, clock: Callable[[], float] = time.time) -> Calls:
        """Call an app at its address from now on, in place of Socket Mode."""
        self.calls_out = Calls(self, url, signing_secret, clock)
        return self.calls_out

    def give(self, kind: str, payload: dict[str, Any]) -> Envelope:
        """Send a payload of any kind, by the way that is open."""
        return (self.calls_out or self.socket).send(kind, payload)

    def received(self) -> str:
        """List the methods called, the messages as they stand, what was acknowledged, and the violations."""
        calls = ", ".join(request.method for request in self.requests) or "none"
        shown = [*self.workspace.posted, *self.workspace.ephemeral]
        messages = "".join(f"\n  {message.channel}: {message.shown!r}" for message in shown) or " none"
        sent = [f"{one.kind} sent {len(one.sent)}x, acked {one.acks}" for one in self.socket.envelopes.values()]
        return (
            f"Calls: {calls}. Messages:{messages}\nSockets: {len(self.socket.connections)} open. "
            f"Envelopes: {sent or 'none'}\nViolations: {self.violations or 'none'}"
        )

    def user(
        self, name: str, *, admin: bool = False, owner: bool = False, restricted: bool = False, team_id: str = TEAM_ID
    ) -> SlackUser:
        """Return a new member of the workspace, a guest, or somebody of another team."""
        user = SlackUser(f"U{next(self._numbers):08d}", name, admin, owner, restricted, team_id)
        self.workspace.users[user.id] = user
        return user

    def channel(
        self, name: str, *, private: bool = False, bot_is_member: bool = True, creator: SlackUser | None = None
    ) -> SlackChannel:
        """Return a new channel."""
        channel = SlackChannel(f"C{next(self._numbers):08d}", name, private, bot_is_member)
        if creator is not None:
            channel.creator = creator.id
            channel.members.add(creator.id)
        self.workspace.channels[channel.id] = channel
        return channel

    def _known(self, user: SlackUser | str) -> SlackUser:
        if isinstance(user, SlackUser):
            return self.workspace.users.setdefault(user.id, user)
        return self.workspace.users.setdefault(user, SlackUser(user, user.lower()))

    def workspace_of(self, user: SlackUser | None, channel: str = "") -> Workspace:  # noqa: ARG002 (there is but one)
        """Return the workspace in which somebody does something, perhaps in a channel."""
        return self.workspace

    def scopes_of(self, token: str) -> Collection[str]:  # noqa: ARG002
        """Return what a token may do."""
        return self.workspace.scopes

    def trigger(self, user: SlackUser | None = None, view_id: str = "") -> str:
        """Return a trigger_id that opens one view within three seconds, or pushes one over another."""
        trigger = f"{next(self._numbers)}.{uuid.uuid4().hex}"
        self.workspace_of(user).modals.put_trigger(trigger, user.id if user else "", view_id)
        return trigger

    async def command(
        self,
        channel: SlackChannel,
        user: SlackUser | str,
        command: str,
        text: str = "",
        *,
        replies: int = 1,
        timeout: float = 30,  # noqa: ASYNC109 - handed on to wait_for
    ) -> CommandResult:
        """Let somebody type a slash command; return after the ack and as many replies as asked for."""
        assert "commands" in self.workspace.scopes, "an app without the scope commands has none"
        author, key = self._known(user), uuid.uuid4().hex
        channel.members.add(author.id)
        url = f"{super().url}/commands/{key}"
        payload = slack_payloads.command(author, channel, (command, text), self.trigger(author), url)
        envelope = self.give("slash_commands", payload)
        result = self.results[key] = CommandResult(envelope, channel, author.id)
        await self.wait_for(lambda: envelope.acks, timeout, f"{command} {text} not acknowledged")
        if envelope.acks[0].get("text") or envelope.acks[0].get("blocks"):
            self._reply(result, envelope.acks[0], first=True)
        await self.wait_for(
            lambda: len(result.replies) >= replies, timeout, f"{len(result.replies)} replies to {command} {text}"
        )
        return result

    def wait_for_reply(self, result: CommandResult, contains: str, timeout: float = 30) -> Awaitable[PostedMessage]:
        """Return the first reply to a command that shows something."""
        return self.wait_for(
            lambda: next((reply for reply in result.replies if contains in reply.shown), None),
            timeout,
            f"no reply with {contains!r}",
        )

    def event(self, event: dict[str, Any]) -> Envelope:
        """Send an event, bare or wrapped as an event_callback; awaiting the envelope waits for the ack.

        Without its scope it is not sent, and stands in `unheard`.
        """
        payload = slack_payloads.event(event, next(self._numbers))
        if slack_scopes.is_heard(payload["event"], self.workspace.scopes):
            return self.give("events_api", payload)
        self.unheard.append(slack_scopes.kind(payload["event"]))
        return Envelope("", "events_api", payload, self)

    def say(self, channel: SlackChannel, user: SlackUser | str, text: str, *, thread: str = "") -> Envelope:
        """Let somebody write a message to the app itself, or one in a channel that mentions it."""
        author = self._known(user)
        channel.members.add(author.id)
        words = text if channel.direct else f"<@{BOT_USER_ID}> {text}"
        return self.event(slack_payloads.said(author, channel, words, self.workspace.new_ts(), thread))

    def direct(self, user: SlackUser) -> SlackChannel:
        """Return somebody's conversation with the app itself."""
        direct = SlackChannel(f"D{user.id[1:]}", "", direct=True, members={user.id})
        return self.workspace.channels.setdefault(direct.id, direct)

    def interact(self, user: SlackUser | str, payload: dict[str, Any]) -> Envelope:
        """Send a block_actions or view_submission payload on behalf of somebody."""
        author, view_id = self._known(user), payload.get("view", {}).get("id", "")
        return self.give("interactive", slack_payloads.pressed(author, self.trigger(author, view_id), payload))

    def messages(self, channel: SlackChannel) -> list[PostedMessage]:
        """Return what everybody sees of the bot in a channel, as it stands, oldest first."""
        return [message for message in self.workspace.posted if message.channel == channel.id]

    def ephemerals(self, channel: SlackChannel) -> list[PostedMessage]:
        """Return what the bot told single people in a channel by chat.postEphemeral."""
        return [message for message in self.workspace.ephemeral if message.channel == channel.id]

    def wait_for_message(
        self, channel: SlackChannel, contains: str = "", timeout: float = 30
    ) -> Awaitable[PostedMessage]:
        """Return the first message in a channel that contains something in its text or its blocks."""
        return self.wait_for(
            lambda: next(
                (one for one in self.messages(channel) if contains in one.text or contains in one.shown), None
            ),
            timeout,
            f"no message with {contains!r} in {channel.name}",
        )

    def calls(self, method: str) -> list[SlackRequest]:
        """Return the requests for one method."""
        return [request for request in self.requests if request.method == method]

    async def connected(self, times: int = 1, timeout: float = 30) -> None:  # noqa: ASYNC109 - handed on to wait_for
        """Wait until Socket Mode is open, for the nth time."""
        await self.wait_for(
            lambda: self.socket.opened >= times and self.socket.connections, timeout, f"fewer than {times} connections"
        )

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the bot to reconnect, and close the connections."""
        await self.socket.disconnect(reason)
        self.changed()

    def _reply(self, result: CommandResult, params: Params, *, first: bool = False) -> None:
        self.workspace.check(params)
        if params.get("delete_original"):
            return
        reply = self.workspace.message(result.channel.id, self.workspace.new_ts(), params, result.user)
        result.replies.insert(0 if first else len(result.replies), reply)
        if params.get("response_type") == "in_channel":
            self.workspace.posted.append(reply)

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        result = self.results.get(request.match_info["key"])
        params = await slack_calling.params(request)
        self.requests.append(SlackRequest("response_url", params, time.monotonic()))
        self.changed()

        async def accept() -> web.StreamResponse:
            if result is None or result.uses >= RESPONSE_USES:
                return web.json_response({"ok": False, "error": "used_url" if result else "invalid_url"}, status=404)
            result.uses += 1
            self._reply(result, params)
            self.changed()
            return web.Response(text="ok")

        return await self.perform("response_url", request, accept, slack_calling.refuse)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method, params = request.match_info["method"], await slack_calling.params(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or params.get("token", "")
        params.pop("token", None)
        self.requests.append(SlackRequest(method, params, time.monotonic()))
        self.changed()

        async def accept() -> web.StreamResponse:
            answer = self._answer(method, params, token)
            self.changed()
            return web.json_response(answer, headers={"X-OAuth-Scopes": ",".join(sorted(self.scopes_of(token)))})

        return await self.perform(method, request, accept, slack_calling.refuse, params.get("channel"))

    def _answer(self, method: str, params: Params, token: str) -> dict[str, Any]:
        wanted = self.app_token if method == "apps.connections.open" else self.bot_token
        if method == "api.test":
            wanted = token
        if token != wanted:
            known = token in (self.app_token, self.bot_token)
            error = "not_allowed_token_type" if known else "invalid_auth" if token else "not_authed"
            return {"ok": False, "error": error}
        if method == "apps.connections.open":
            address = super().url.replace("http", "ws", 1)
            return {"ok": True, "url": f"{address}/link?ticket={self.socket.ticket()}"}
        return self.workspace.call(method, params)
