"""What the bot asks a workspace to be allowed to do, in one place (docs.slack.dev/reference/scopes)."""

from __future__ import annotations

SCOPES = (
    # To hear what mentions it.
    "app_mentions:read",
    # To show people their channels in the home tab; private ones where the bot is a member, too.
    "channels:read",
    "groups:read",
    # To post what matches, and to answer.
    "chat:write",
    # To post in public channels without an invitation.
    "chat:write.public",
    # /phiwire itself.
    "commands",
    # To hear what is written to the app itself.
    "im:history",
)
