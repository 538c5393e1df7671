"""The statements of the migration that lets the bot live in many workspaces; what was shipped never changes."""

from __future__ import annotations

INSTALLATIONS = (
    # By the workspace's id, or by the organisation's where all of its workspaces are meant. The token is sealed, and
    # empty from when it opens nothing any more.
    """
    CREATE TABLE installations (
        owner TEXT PRIMARY KEY,
        platform TEXT NOT NULL,
        enterprise TEXT NOT NULL DEFAULT '',
        name TEXT NOT NULL DEFAULT '',
        token TEXT NOT NULL,
        bot_id TEXT NOT NULL DEFAULT '',
        bot_user TEXT NOT NULL DEFAULT '',
        app TEXT NOT NULL DEFAULT '',
        scopes TEXT NOT NULL DEFAULT '',
        installed_by TEXT NOT NULL DEFAULT '',
        installed_at TEXT NOT NULL,
        gone_at TEXT,
        gone_reason TEXT NOT NULL DEFAULT ''
    ) STRICT
    """,
    "CREATE INDEX installations_gone ON installations (gone_at) WHERE gone_at IS NOT NULL",
    # To which organisation a workspace belongs, learnt from what comes from there.
    "CREATE TABLE workspaces (team TEXT PRIMARY KEY, enterprise TEXT NOT NULL) STRICT",
    # Whose the addresses are that name no workspace: that of the one token that the settings have, or had last.
    "CREATE TABLE plain_workspace (platform TEXT PRIMARY KEY, team TEXT NOT NULL) STRICT",
    # What a browser was sent away with to install the bot. Digests: whoever reads the file must not be able to go on.
    """
    CREATE TABLE install_states (
        state TEXT PRIMARY KEY,
        browser TEXT NOT NULL,
        expires_at TEXT NOT NULL,
        used_at TEXT
    ) STRICT
    """,
)
