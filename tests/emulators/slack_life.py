"""What becomes of conversations on an emulated Slack: done there, and told to the app as docs.slack.dev shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.emulators.slack_state import BOT_USER_ID, TEAM_ID

if TYPE_CHECKING:
    from tests.emulators.slack import SlackEmulator
    from tests.emulators.slack_socket import Envelope
    from tests.emulators.slack_state import SlackChannel, SlackUser


def _tell(slack: SlackEmulator, channel: SlackChannel, what: str, more: dict[str, Any]) -> Envelope:
    kind = "group" if channel.private else "channel"
    return slack.event({"type": f"{kind}_{what}", "event_ts": slack.workspace.new_ts()} | more)


def archive(slack: SlackEmulator, channel: SlackChannel, by: SlackUser) -> Envelope:
    """Archive a channel."""
    channel.archived = True
    return _tell(slack, channel, "archive", {"channel": channel.id, "user": by.id, "is_moved": 0})


def unarchive(slack: SlackEmulator, channel: SlackChannel, by: SlackUser) -> Envelope:
    """Open an archived channel again."""
    channel.archived = False
    return _tell(slack, channel, "unarchive", {"channel": channel.id, "user": by.id})


def delete(slack: SlackEmulator, channel: SlackChannel, by: SlackUser) -> Envelope:
    """Delete a channel."""
    slack.workspace.channels.pop(channel.id, None)
    return _tell(slack, channel, "deleted", {"channel": channel.id, "actor_id": by.id})


def rename(slack: SlackEmulator, channel: SlackChannel, name: str) -> Envelope:
    """Give a channel another name."""
    channel.name = name
    shown = {"id": channel.id, "is_channel": not channel.private, "name": name, "name_normalized": name}
    return _tell(slack, channel, "rename", {"channel": shown | {"created": 1_700_000_000}})


def change_id(slack: SlackEmulator, channel: SlackChannel, new: str) -> Envelope:
    """Give a channel another id, as Slack does where it becomes one of several organisations."""
    old = channel.id
    del slack.workspace.channels[old]
    channel.id = new
    slack.workspace.channels[new] = channel
    changed = {"type": "channel_id_changed", "old_channel_id": old, "new_channel_id": new}
    return slack.event(changed | {"event_ts": slack.workspace.new_ts()})


def _member(slack: SlackEmulator, channel: SlackChannel, what: str, more: dict[str, Any]) -> Envelope:
    event = {"type": f"member_{what}_channel", "user": BOT_USER_ID, "channel": channel.id, "team": TEAM_ID}
    kind = {"channel_type": "G" if channel.private else "C", "event_ts": slack.workspace.new_ts()}
    return slack.event(event | kind | more)


def invite(slack: SlackEmulator, channel: SlackChannel, by: SlackUser) -> Envelope:
    """Bring the bot into a channel."""
    channel.bot_is_member = True
    return _member(slack, channel, "joined", {"inviter": by.id})


def remove(slack: SlackEmulator, channel: SlackChannel, by: SlackUser) -> tuple[Envelope, Envelope]:
    """Send the bot away: Slack tells it as a member, and as the one who has left."""
    channel.bot_is_member = False
    left = _tell(slack, channel, "left", {"channel": channel.id, "actor_id": by.id})
    return left, _member(slack, channel, "left", {})


def share(slack: SlackEmulator, channel: SlackChannel, team: str) -> Envelope:
    """Share a channel with another organisation."""
    channel.shared = True
    shared = {"type": "channel_shared", "connected_team_id": team, "channel": channel.id}
    return slack.event(shared | {"event_ts": slack.workspace.new_ts()})
