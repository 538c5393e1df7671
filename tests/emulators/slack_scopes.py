"""The scopes that Slack asks for: of methods, and of events, which an app without them never gets.

docs.slack.dev/reference/methods and docs.slack.dev/reference/events, "Required scopes"; one of several is enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

    from tests.emulators.slack_state import SlackChannel

READ = frozenset({"channels:read", "groups:read", "im:read", "mpim:read"})
HISTORY = frozenset({"channels:history", "groups:history", "im:history", "mpim:history"})
NONE: frozenset[str] = frozenset()
METHODS: dict[str, frozenset[str]] = {
    "api.test": NONE,
    "apps.connections.open": NONE,  # of the app's own token, which is no bot's
    "auth.revoke": NONE,
    "auth.test": NONE,
    "chat.delete": frozenset({"chat:write"}),
    "chat.getPermalink": NONE,
    "chat.postEphemeral": frozenset({"chat:write"}),
    "chat.postMessage": frozenset({"chat:write"}),
    "chat.update": frozenset({"chat:write"}),
    "conversations.history": HISTORY,
    "conversations.info": READ,
    "conversations.list": READ,
    "conversations.members": READ,
    "conversations.replies": HISTORY,
    "oauth.v2.access": NONE,
    "team.info": frozenset({"team:read"}),
    "users.conversations": READ,
    "users.info": frozenset({"users:read"}),
    "users.list": frozenset({"users:read"}),
    "views.open": NONE,
    "views.publish": NONE,
    "views.push": NONE,
    "views.update": NONE,
}
# Of these, which one counts depends on the kind of the conversation.
BY_KIND = {"conversations.history", "conversations.info", "conversations.members", "conversations.replies"}
_CHANNELS, _GROUPS = frozenset({"channels:read"}), frozenset({"groups:read"})
EVENTS: dict[str, frozenset[str]] = {
    "app_home_opened": NONE,
    "app_mention": frozenset({"app_mentions:read"}),
    "app_uninstalled": NONE,
    "channel_archive": _CHANNELS,
    "channel_deleted": _CHANNELS,
    "channel_id_changed": READ,
    "channel_left": _CHANNELS,
    "channel_rename": _CHANNELS,
    "channel_shared": _CHANNELS | _GROUPS,
    "channel_unarchive": _CHANNELS,
    "channel_unshared": _CHANNELS | _GROUPS,
    "group_archive": _GROUPS,
    "group_deleted": _GROUPS,
    "group_left": _GROUPS,
    "group_rename": _GROUPS,
    "group_unarchive": _GROUPS,
    "member_joined_channel": _CHANNELS | _GROUPS,
    "member_left_channel": _CHANNELS | _GROUPS,
    "message.im": frozenset({"im:history"}),
    "tokens_revoked": NONE,
}
# What a test's app has unless the test says otherwise.
USUAL = frozenset(
    {
        "app_mentions:read",
        "channels:read",
        "chat:write",
        "commands",
        "groups:read",
        "im:history",
        "users:read",
    }
)


def _prefix(channel: SlackChannel) -> str:
    return "im" if channel.direct else "groups" if channel.private else "channels"


def missing(method: str, channel: SlackChannel | None, granted: Collection[str]) -> frozenset[str]:
    """Name the scopes one of which a method needs and none of which was granted; nothing where it may be called."""
    needed = METHODS.get(method, NONE)
    if method in BY_KIND and channel is not None:
        needed = frozenset(scope for scope in needed if scope.startswith(f"{_prefix(channel)}:"))
    return NONE if not needed or needed & set(granted) else needed


def kind(event: dict[str, Any]) -> str:
    """Name an event as apps subscribe to it."""
    name = str(event.get("type"))
    return f"message.{event.get('channel_type')}" if name == "message" else name


def is_heard(event: dict[str, Any], granted: Collection[str]) -> bool:
    """Tell whether an app with these scopes gets an event."""
    private = str(event.get("channel_type", "C")) == "G"
    needed = EVENTS.get(kind(event), NONE)
    if kind(event).startswith("member_"):
        needed = _GROUPS if private else _CHANNELS
    return not needed or bool(needed & set(granted))
