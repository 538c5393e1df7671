"""The statements of the migration that lets filters be shared by links; what was shipped never changes."""

from __future__ import annotations

LINKS = (
    # What a link copies is kept until it is used. It goes with the channel that made it.
    """
    CREATE TABLE links (
        token TEXT PRIMARY KEY,
        channel INTEGER NOT NULL REFERENCES channels ON DELETE CASCADE,
        filters TEXT NOT NULL,
        created_by TEXT NOT NULL,
        created_at TEXT NOT NULL,
        expires_at TEXT NOT NULL,
        used_at TEXT,
        used_by INTEGER REFERENCES channels ON DELETE SET NULL
    ) STRICT
    """,
    "CREATE INDEX links_by_channel ON links (channel)",
    "CREATE INDEX links_by_user ON links (used_by) WHERE used_by IS NOT NULL",
)
