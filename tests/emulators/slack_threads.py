"""Threads as the Web API shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.emulators.slack_state import BOT_ID, Answer, Params, PostedMessage

if TYPE_CHECKING:
    from tests.emulators.slack_methods import Workspace


def is_reply(message: PostedMessage) -> bool:
    """Tell whether a message stands in a thread, where a conversation's history does not list it."""
    return bool(message.params.get("thread_ts")) and message.params["thread_ts"] != message.ts


def replies(workspace: Workspace, params: Params) -> Answer:
    """List a thread with the message that it belongs to, oldest first (docs.slack.dev, conversations.replies)."""
    channel = workspace.visible(params)
    if channel is None:
        return {"ok": False, "error": "channel_not_found"}
    kind = "im" if channel.direct else "groups" if channel.private else "channels"
    if f"{kind}:history" not in workspace.scopes:
        return {"ok": False, "error": "missing_scope", "needed": f"{kind}:history"}
    with_metadata = str(params.get("include_all_metadata")).lower() in ("true", "1")
    found = [
        {"type": "message", "ts": sent.ts, "text": sent.text, "bot_id": BOT_ID, "thread_ts": params.get("ts")}
        | ({"metadata": dict(sent.metadata)} if with_metadata and sent.metadata else {})
        for sent in workspace.posted
        if sent.channel == channel.id and params.get("ts") in (sent.ts, sent.params.get("thread_ts"))
    ]
    if not found:
        return {"ok": False, "error": "thread_not_found"}
    start, size = int(params.get("cursor") or 0), int(params.get("limit") or 1000)
    more = str(start + size) if start + size < len(found) else ""
    page = found[start : start + size]
    return {"ok": True, "messages": page, "has_more": bool(more), "response_metadata": {"next_cursor": more}}
