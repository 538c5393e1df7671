"""Values of the emulated Slack: users, channels, messages, and what came of a command."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.emulators import slack_rules as rules

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tests.emulators.slack_socket import Envelope

Params = dict[str, Any]
Answer = dict[str, Any]

TEAM_ID, BOT_ID, BOT_USER_ID, APP_ID = "T0EMULATOR", "B0EMULATOR", "U0BOT", "A0EMULATOR"


@dataclass(frozen=True, slots=True)
class SlackUser:
    """A member of the workspace, or of another one in a shared channel."""

    id: str
    name: str
    admin: bool = False
    owner: bool = False
    restricted: bool = False
    team_id: str = TEAM_ID
    tz: str = "Europe/London"
    display: str = ""

    def as_json(self, team: str = TEAM_ID, organisation: Collection[str] = ()) -> Answer:
        """Return the Web API's user, as a workspace sees them, of an organisation of such workspaces or of none."""
        return {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "real_name": self.name.title(),
            "deleted": False,
            "tz": self.tz,
            "profile": {
                "display_name": self.display or self.name,
                "real_name": self.name.title(),
                "team": self.team_id,
            },
            "is_admin": self.admin or self.owner,
            "is_owner": self.owner,
            "is_primary_owner": self.owner,
            "is_restricted": self.restricted,
            "is_ultra_restricted": False,
            "is_bot": False,
            "is_stranger": self.team_id not in {team, *organisation},
        } | ({"enterprise_user": {"teams": [*organisation]}} if self.team_id in organisation else {})


@dataclass(slots=True, eq=False)
class SlackChannel:
    """A conversation; `bot_is_member`, `archived` and `shared` may be changed by a test."""

    id: str
    name: str
    private: bool = False
    bot_is_member: bool = True
    archived: bool = False
    shared: bool = False
    direct: bool = False
    members: set[str] = field(default_factory=set)
    creator: str = ""

    def as_json(self) -> Answer:
        """Return the Web API's conversation."""
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.private and not self.direct,
            "is_group": False,
            "is_im": self.direct,
            "is_mpim": False,
            "is_private": self.private or self.direct,
            "is_archived": self.archived,
            "is_member": self.bot_is_member,
            "is_ext_shared": self.shared,
            "is_shared": self.shared,
            "is_general": False,
            "creator": self.creator,
            "context_team_id": TEAM_ID,
            "num_members": len(self.members) + self.bot_is_member,
        }


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """A message of the bot as it stands; `user` is the only reader of an ephemeral one."""

    channel: str
    ts: str
    text: str
    blocks: list[dict[str, Any]]
    metadata: Mapping[str, Any]
    params: Mapping[str, Any]
    at: float
    user: str = ""
    edits: int = 0

    @property
    def shown(self) -> str:
        """Everything there is to read, as people read it: the blocks, or the fallback where there are none."""
        return "\n".join(rules.readable(self.blocks or {"type": "mrkdwn", "text": self.text}))


@dataclass(frozen=True, slots=True)
class SlackRequest:
    """One call of the Web API, or of a response_url, and the monotonic time of its arrival."""

    method: str
    params: Params
    at: float


@dataclass(slots=True, eq=False)
class CommandResult:
    """What came of a slash command: the payload of the ack, and replies, the ack's own first if it says anything."""

    envelope: Envelope
    channel: SlackChannel
    user: str
    replies: list[PostedMessage] = field(default_factory=list)
    uses: int = 0

    @property
    def ack(self) -> dict[str, Any]:
        """The payload of the first ack."""
        return self.envelope.acks[0]

    @property
    def text(self) -> str:
        """All that the replies show."""
        return "\n".join(reply.shown for reply in self.replies)
