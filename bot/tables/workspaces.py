"""The statements of the migration that lets workspaces choose who may; what was shipped never changes."""

from __future__ import annotations

WORKSPACES = (
    # One row for each workspace that has chosen; the team is empty where there is only one.
    """
    CREATE TABLE workspace_rules (
        platform TEXT NOT NULL,
        team TEXT NOT NULL,
        who TEXT NOT NULL CHECK (who IN ('members', 'admins', 'people')),
        -- [[id, name], …]: whom `people` means.
        people TEXT NOT NULL DEFAULT '[]',
        PRIMARY KEY (platform, team)
    ) STRICT
    """,
    "ALTER TABLE channels ADD COLUMN outsiders INTEGER NOT NULL DEFAULT 0",
)
