"""What Slack sends to apps: commands, events and what is pressed, as docs.slack.dev shows them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tests.emulators.slack_state import APP_ID, BOT_USER_ID, TEAM_ID

if TYPE_CHECKING:
    from tests.emulators.slack_state import SlackChannel, SlackUser


def command(author: SlackUser, channel: SlackChannel, typed: tuple[str, str], trigger: str, url: str) -> dict[str, Any]:
    """Return a slash command, typed as its name and its text; answers go to `url`."""
    return {
        "token": "verification",
        "team_id": author.team_id,
        "team_domain": "emulated",
        "channel_id": channel.id,
        "channel_name": "directmessage" if channel.direct else channel.name,
        "user_id": author.id,
        "user_name": author.name,
        "command": typed[0],
        "text": typed[1],
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": url,
        "trigger_id": trigger,
    }


def event(inner: dict[str, Any], number: int) -> dict[str, Any]:
    """Return an event, wrapped as an event_callback unless it is one."""
    if inner.get("type") == "event_callback":
        return inner
    return {
        "type": "event_callback",
        "token": "verification",
        "team_id": TEAM_ID,
        "api_app_id": APP_ID,
        "event": inner,
        "event_id": f"Ev{number:08d}",
        "event_time": int(time.time()),
        "authorizations": [
            {"team_id": TEAM_ID, "user_id": BOT_USER_ID, "is_bot": True, "is_enterprise_install": False}
        ],
    }


def said(author: SlackUser, channel: SlackChannel, text: str, ts: str, thread: str = "") -> dict[str, Any]:
    """Return the event of a message to the app itself, or of one elsewhere that mentions it."""
    kind = {"type": "message", "channel_type": "im"} if channel.direct else {"type": "app_mention"}
    return kind | {
        "user": author.id,
        "team": author.team_id,
        "text": text,
        "ts": ts,
        "event_ts": ts,
        "channel": channel.id,
        **({"thread_ts": thread} if thread else {}),
    }


def pressed(author: SlackUser, trigger: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Return a block_actions, view_submission or shortcut payload of a person."""
    who = {"id": author.id, "username": author.name, "name": author.name, "team_id": author.team_id}
    common = {"user": who, "team": {"id": TEAM_ID, "domain": "emulated"}, "api_app_id": APP_ID, "token": "x"}
    return common | {"trigger_id": trigger} | payload
