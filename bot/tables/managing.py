"""The statements of the migration that lets channels be managed from private chats; what was shipped never changes."""

from __future__ import annotations

MANAGING = (
    # Of a private chat, which is a channel itself: the channel on which its commands act.
    """
    CREATE TABLE managing (
        chat INTEGER PRIMARY KEY REFERENCES channels ON DELETE CASCADE,
        channel INTEGER NOT NULL REFERENCES channels ON DELETE CASCADE,
        since TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX managing_by_channel ON managing (channel)",
)
