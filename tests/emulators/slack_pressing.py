"""What people press on Slack: buttons, menus, message shortcuts; and the addresses at which these are answered."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.emulators.slack_state import BOT_ID, BOT_USER_ID, PostedMessage, SlackRequest, SlackUser

if TYPE_CHECKING:
    from tests.emulators.slack import SlackEmulator
    from tests.emulators.slack_socket import Envelope

# docs.slack.dev/interactivity/handling-user-interaction: five answers within half an hour.
USES, LIFETIME = 5, 1800.0


@dataclass(slots=True, eq=False)
class Press:
    """Something that a person pressed: what was sent, at which message, and what came back to its address."""

    payload: dict[str, Any]
    envelope: Envelope
    user: str
    channel: str
    message: PostedMessage | None
    born: float
    uses: int = 0
    shown: list[PostedMessage] = field(default_factory=list)
    deleted: bool = False


class Pressing:
    """All that was pressed, by the keys of its answers."""

    def __init__(self, emulator: SlackEmulator) -> None:
        self._emulator = emulator
        self._presses: dict[str, Press] = {}

    def routes(self) -> list[web.RouteDef]:
        """Take answers."""
        return [web.post("/actions/{key}", self._respond)]

    async def press(self, user: SlackUser, message: PostedMessage, label: str) -> Press:
        """Press what has a label below a message, or choose it from the message's menu, and wait for the ack."""
        block, element, option = _find(message, label)
        action: dict[str, Any] = {"type": element["type"], "action_id": element["action_id"]}
        action |= {"block_id": block.get("block_id") or "b64", "action_ts": f"{time.time():.6f}"}
        action |= (
            {"selected_option": option} if option else {"value": element.get("value", ""), "text": element["text"]}
        )
        return await self.send(user, message, action)

    async def send(self, user: SlackUser, message: PostedMessage, action: dict[str, Any]) -> Press:
        """Send an action, also one that a message does not have any more."""
        thread = message.params.get("thread_ts")
        container = {"type": "message", "message_ts": message.ts, "channel_id": message.channel}
        container |= {"is_ephemeral": bool(message.user)} | ({"thread_ts": thread} if thread else {})
        payload = {"type": "block_actions", "container": container, "actions": [action]}
        if not message.user:
            payload["message"] = _described(message)
        return await self._sent(user, message, payload)

    async def shortcut(self, user: SlackUser, message: PostedMessage, callback_id: str) -> Press:
        """Choose a shortcut in the menu of a message, the bot's own or somebody else's."""
        payload = {"type": "message_action", "callback_id": callback_id, "message_ts": message.ts}
        return await self._sent(user, message, payload | {"message": _described(message)})

    async def _sent(self, user: SlackUser, message: PostedMessage, payload: dict[str, Any]) -> Press:
        emulator, key = self._emulator, uuid.uuid4().hex
        base = emulator.url.removesuffix("/api/")
        name = emulator.workspace_of(user, message.channel).channels[message.channel].name or "directmessage"
        payload |= {"channel": {"id": message.channel, "name": name}, "response_url": f"{base}/actions/{key}"}
        envelope = emulator.interact(user, payload)
        press = Press(envelope.payload, envelope, user.id, message.channel, message, emulator.workspace.clock())
        self._presses[key] = press
        await envelope
        return press

    async def again(self, press: Press) -> None:
        """Send the same once more, as Slack does where it did not hear the ack."""
        await self._emulator.give("interactive", press.payload)

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        press, params = self._presses.get(request.match_info["key"]), await request.json()
        self._emulator.requests.append(SlackRequest("response_url", params, time.monotonic()))

        async def accept() -> web.StreamResponse:
            answer = self._accept(press, params)
            self._emulator.changed()
            return answer

        return await self._emulator.perform("response_url", request, accept, lambda fault: _refused(fault.error))

    def _accept(self, press: Press | None, params: dict[str, Any]) -> web.Response:
        workspace = self._emulator.workspace
        if press is None:
            return _refused("invalid_url")
        if workspace.clock() - press.born > LIFETIME:
            return _refused("expired_url")
        if press.uses >= USES:
            return _refused("used_url")
        press.uses += 1
        if params.get("delete_original"):
            press.deleted = True
            self._put(press.message, None)
            return web.Response(text="ok")
        if refusal := workspace.check(params):
            return _refused(refusal["error"])
        if params.get("replace_original") is None:
            workspace.violations.append("an answer to a press says whether it replaces the message")
        if params.get("replace_original") and press.message is not None:
            old = press.message
            kept = {"thread_ts": old.params["thread_ts"]} if old.params.get("thread_ts") else {}
            new = replace(workspace.message(old.channel, old.ts, params | kept, old.user), edits=old.edits + 1)
            self._put(old, new)
            press.shown.append(new)
            return web.Response(text="ok")
        in_channel = params.get("response_type") == "in_channel"
        if params.get("thread_ts") and not in_channel:
            workspace.violations.append("a response_url shows nothing to one person in a thread")
        said = workspace.message(press.channel, workspace.new_ts(), params, "" if in_channel else press.user)
        (workspace.posted if in_channel else workspace.ephemeral).append(said)
        press.shown.append(said)
        return web.Response(text="ok")

    def _put(self, old: PostedMessage | None, new: PostedMessage | None) -> None:
        """Put a message, or nothing, where another one stands."""
        workspace = self._emulator.workspace
        answers = [result.replies for result in self._emulator.results.values()]
        for messages in (workspace.posted, workspace.ephemeral, *answers):
            for at, each in enumerate(messages):
                if old is not None and (each.channel, each.ts) == (old.channel, old.ts):
                    messages[at : at + 1] = [] if new is None else [new]
                    return


def labels(message: PostedMessage) -> list[list[str]]:
    """List what can be pressed below a message, row by row; of a menu all that it offers."""
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return [[label for element in row for label in _labels(element)] for row in rows]


def _labels(element: dict[str, Any]) -> list[str]:
    return [each["text"]["text"] for each in element.get("options") or [element]]


def _find(message: PostedMessage, label: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None]:
    for block in message.blocks:
        for element in block.get("elements") or [] if block["type"] == "actions" else []:
            for option in element.get("options") or []:
                if option["text"]["text"] == label:
                    return block, element, option
            if "options" not in element and element["text"]["text"] == label:
                return block, element, None
    raise AssertionError(f"no button {label!r} among {labels(message)}")


def _described(message: PostedMessage) -> dict[str, Any]:
    thread = message.params.get("thread_ts")
    ours = {"user": BOT_USER_ID, "bot_id": BOT_ID} if not message.params.get("by") else {"user": message.params["by"]}
    described = {"type": "message", "ts": message.ts, "text": message.text, "blocks": message.blocks} | ours
    return described | ({"thread_ts": thread} if thread else {})


def _refused(error: str) -> web.Response:
    return web.json_response({"ok": False, "error": error}, status=404)
