"""The statements of the later migrations; what was shipped never changes."""

from __future__ import annotations

HEALTH = (
    # Digests of the keys that the last look saw, and of the document itself.
    "ALTER TABLE sources ADD COLUMN window TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE sources ADD COLUMN body_digest TEXT NOT NULL DEFAULT ''",
    # Where a permanent redirect led; as long as the source's own address stays the same.
    "ALTER TABLE sources ADD COLUMN moved_to TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE sources ADD COLUMN first_poll_at TEXT",
    "ALTER TABLE sources ADD COLUMN failure TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE sources ADD COLUMN empty_since TEXT",
    "ALTER TABLE sources ADD COLUMN trouble TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE sources ADD COLUMN trouble_since TEXT",
    "ALTER TABLE sources ADD COLUMN told TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE sources ADD COLUMN told_at TEXT",
    "UPDATE sources SET first_poll_at = coalesce(baseline_at, last_poll_at)",
    """
    CREATE TABLE gaps (
        id INTEGER PRIMARY KEY,
        source TEXT NOT NULL,
        after TEXT NOT NULL,
        before TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX gaps_by_source ON gaps (source, before)",
)

HUBS = (
    """
    CREATE TABLE hubs (
        source TEXT PRIMARY KEY,
        hub TEXT NOT NULL,
        topic TEXT NOT NULL,
        token TEXT NOT NULL UNIQUE,
        secret TEXT NOT NULL,
        listens_at TEXT NOT NULL DEFAULT '',
        ask_at TEXT NOT NULL DEFAULT '',
        lease_until TEXT
    ) STRICT
    """,
    # An unchanged answer would not name the hub.
    "UPDATE sources SET etag = '', last_modified = '', body_digest = ''",
)

FLOODS = (
    # No number is given twice: Slack's messages carry it, and what is being sent while it is deleted is settled by it.
    """
    CREATE TABLE queued (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        channel INTEGER NOT NULL REFERENCES channels ON DELETE CASCADE,
        entry INTEGER NOT NULL REFERENCES entries ON DELETE CASCADE,
        revision INTEGER NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('pending', 'sending', 'folded', 'sent', 'failed', 'expired')),
        reasons TEXT NOT NULL,
        priority INTEGER NOT NULL DEFAULT 1,
        attempts INTEGER NOT NULL DEFAULT 0,
        ambiguous INTEGER NOT NULL DEFAULT 0,
        due_at TEXT NOT NULL,
        lease_until TEXT,
        message_ref TEXT NOT NULL DEFAULT '',
        error TEXT NOT NULL DEFAULT '',
        created_at TEXT NOT NULL,
        sent_at TEXT,
        folded_into INTEGER,
        revised_at TEXT,
        UNIQUE (entry, channel)
    ) STRICT
    """,
    """
    INSERT INTO queued (id, channel, entry, revision, status, reasons, attempts, ambiguous, due_at, lease_until,
                        message_ref, error, created_at, sent_at)
    SELECT id, channel, entry, revision, status, reasons, attempts, ambiguous, due_at, lease_until, message_ref, error,
        created_at, sent_at
    FROM deliveries ORDER BY id
    """,
    "DROP TABLE deliveries",
    "ALTER TABLE queued RENAME TO deliveries",
    # By priority and then by the row's id, with which an index ends anyway.
    "CREATE INDEX deliveries_queue ON deliveries (channel, priority) WHERE status IN ('pending', 'sending')",
    "CREATE INDEX deliveries_waiting ON deliveries (priority) WHERE status = 'pending'",
    "CREATE INDEX deliveries_leased ON deliveries (lease_until) WHERE status = 'sending'",
    "CREATE INDEX deliveries_by_message ON deliveries (channel, message_ref) WHERE message_ref <> ''",
    "CREATE INDEX deliveries_by_time ON deliveries (channel, sent_at) WHERE sent_at IS NOT NULL",
    "CREATE INDEX deliveries_folded ON deliveries (folded_into) WHERE folded_into IS NOT NULL",
    "ALTER TABLE subscriptions ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE channels ADD COLUMN corrections INTEGER NOT NULL DEFAULT 1",
    # Entries that a channel did not get and was not told of yet, and of how many they were.
    "ALTER TABLE channels ADD COLUMN left_out INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE channels ADD COLUMN left_among INTEGER NOT NULL DEFAULT 0",
    # Seen later than it should have been, for the bot was off or the source was down.
    "ALTER TABLE entries ADD COLUMN behind INTEGER NOT NULL DEFAULT 0",
    # The revision up to which messages that were sent are being edited.
    "ALTER TABLE entries ADD COLUMN corrected INTEGER NOT NULL DEFAULT 1",
    "UPDATE entries SET corrected = revision",
    "CREATE INDEX entries_uncorrected ON entries (id) WHERE corrected < revision",
)

RELEASES = (
    "ALTER TABLE entries ADD COLUMN attachments TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE entries ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE entries ADD COLUMN change_note TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE entries ADD COLUMN updated_at TEXT",
    "ALTER TABLE revisions ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE revisions ADD COLUMN change_note TEXT NOT NULL DEFAULT ''",
)

DOUBT = (
    # Since when a channel has not taken messages, and when a message that may have arrived was first claimed.
    "ALTER TABLE channels ADD COLUMN held_since TEXT",
    "ALTER TABLE deliveries ADD COLUMN doubt_since TEXT",
)

UPKEEP = (
    # When an entry of earlier days was last on its source's list, to a day. What may still be there is not forgotten.
    """
    CREATE TABLE sightings (
        entry INTEGER PRIMARY KEY REFERENCES entries ON DELETE CASCADE,
        at TEXT NOT NULL
    ) STRICT
    """,
    "ALTER TABLE sources ADD COLUMN listed_at TEXT",
    # An unchanged answer would list nothing.
    "UPDATE sources SET etag = '', last_modified = '', body_digest = ''",
)

SETTINGS = (
    "ALTER TABLE channels ADD COLUMN silent INTEGER NOT NULL DEFAULT 0",
    """
    ALTER TABLE channels
        ADD COLUMN preview TEXT NOT NULL DEFAULT 'small' CHECK (preview IN ('small', 'large', 'none'))
    """,
    "ALTER TABLE channels ADD COLUMN buttons INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE subscriptions ADD COLUMN silent INTEGER NOT NULL DEFAULT 0",
)

TEMPLATES = ("ALTER TABLE channels ADD COLUMN template TEXT NOT NULL DEFAULT ''",)

# What goes into the thread of a message that was sent, and since which revision it tells of changes.
THREADS = (
    "ALTER TABLE channels ADD COLUMN threads INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE deliveries ADD COLUMN part TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE deliveries ADD COLUMN part_since INTEGER NOT NULL DEFAULT 0",
)

MEMBERS = ("ALTER TABLE channels ADD COLUMN members INTEGER NOT NULL DEFAULT 0",)

LANGUAGE = ("ALTER TABLE channels ADD COLUMN language TEXT NOT NULL DEFAULT ''",)
