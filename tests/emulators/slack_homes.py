"""Home tabs of the emulated Slack, who opens and presses there, and of which channels somebody is a member."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.emulators import slack_rules as rules
from tests.emulators.slack_state import BOT_ID, TEAM_ID

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from tests.emulators.slack import SlackEmulator
    from tests.emulators.slack_socket import Envelope
    from tests.emulators.slack_state import Params, SlackChannel, SlackUser

VIEW_LIMIT = 250_000
# Scopes that listing each kind of conversation needs (docs.slack.dev/reference/methods/users.conversations).
SCOPES = {
    "public_channel": "channels:read",
    "private_channel": "groups:read",
    "im": "im:read",
    "mpim": "mpim:read",
}


def refusal(params: Params, known: bool, there: dict[str, Any] | None, *, enabled: bool) -> str:
    """Return the error of publishing a home tab; empty where its blocks alone are left to check."""
    if not enabled:
        return "not_enabled"
    if not known:
        return "user_not_found"
    view = params.get("view")
    if not isinstance(view, dict) or view.get("type") != "home":
        return "invalid_arguments"
    if len(json.dumps(view).encode()) > VIEW_LIMIT:
        return "view_too_large"
    if params.get("hash") is not None and params["hash"] != (there or {}).get("hash"):
        return "hash_conflict"
    return ""


def missing_scope(params: Params, scopes: Collection[str]) -> str:
    """Return the first scope that is missing for the kinds of conversations that are asked for."""
    kinds = str(params.get("types") or "public_channel").split(",")
    return next((SCOPES[kind] for kind in kinds if SCOPES[kind] not in scopes), "")


def seats(params: Params, channels: Iterable[SlackChannel]) -> list[dict[str, Any]]:
    """List the channels of a person; private ones only where the bot is a member, too."""
    kinds = str(params.get("types") or "public_channel").split(",")
    without_archived = str(params.get("exclude_archived")).lower() in ("true", "1")
    found = []
    for channel in channels:
        kind = "im" if channel.direct else "private_channel" if channel.private else "public_channel"
        is_member = params["user"] in channel.members if params.get("user") else channel.bot_is_member
        is_listed = channel.bot_is_member or not channel.private
        if kind in kinds and is_member and is_listed and not (channel.archived and without_archived):
            shown = channel.as_json()
            del shown["is_member"], shown["num_members"]
            found.append(shown)
    return found


def open_home(slack: SlackEmulator, user: SlackUser, tab: str = "home", event_id: str = "") -> Envelope:
    """Let somebody open the app's home tab, or another of its tabs."""
    direct = slack.direct(user)
    event: dict[str, Any] = {
        "type": "app_home_opened",
        "user": user.id,
        "channel": direct.id,
        "tab": tab,
        "event_ts": slack.workspace.new_ts(),
    }
    if tab == "home" and user.id in slack.workspace.homes:
        event["view"] = _shown(slack, user)
    if not event_id:
        return slack.event(event)
    return slack.event({"type": "event_callback", "team_id": TEAM_ID, "event": event, "event_id": event_id})


def buttons(view: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """List the buttons of a view, each after its block."""
    for block in view["blocks"]:
        for element in block.get("elements") or ():
            if element.get("type") == "button":
                yield block, element


def labels(view: dict[str, Any]) -> list[str]:
    """List what stands on the buttons of a view."""
    return [element["text"]["text"] for _, element in buttons(view)]


def press(slack: SlackEmulator, user: SlackUser, label: str, place: int = 0) -> Envelope:
    """Let somebody press the button of a label in their home tab, the nth of several."""
    view = _shown(slack, user)
    found = [element for _, element in buttons(view) if label in element["text"]["text"]]
    assert len(found) > place, f"no button {label!r} among {labels(view)}"
    return press_element(slack, user, found[place], view)


def press_element(slack: SlackEmulator, user: SlackUser, element: dict[str, Any], view: dict[str, Any]) -> Envelope:
    """Let somebody press a button of a view that they were shown, perhaps a while ago."""
    action = {
        "action_id": element["action_id"],
        "block_id": "b1",
        "text": element["text"],
        "value": element["value"],
        "type": "button",
        "action_ts": slack.workspace.new_ts(),
    }
    payload = {
        "type": "block_actions",
        "container": {"type": "view", "view_id": view["id"]},
        "view": view,
        "actions": [action],
    }
    return slack.interact(user, payload)


def shown(slack: SlackEmulator, user: SlackUser) -> str:
    """Return all that somebody reads in their home tab, but for the buttons."""
    texts = [block for block in slack.workspace.homes[user.id]["blocks"] if block["type"] != "actions"]
    return "\n".join(rules.readable(texts))


def _shown(slack: SlackEmulator, user: SlackUser) -> dict[str, Any]:
    return slack.workspace.homes[user.id] | {"bot_id": BOT_ID, "state": {"values": {}}}
