"""The statements of the migrations; what was shipped never changes."""

from __future__ import annotations

HOUSE = (
    """
    CREATE TABLE sources (
        slug TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        url TEXT NOT NULL,
        options TEXT NOT NULL DEFAULT '{}',
        origin TEXT NOT NULL CHECK (origin IN ('catalogue', 'file', 'added')),
        removed_at TEXT,
        etag TEXT NOT NULL DEFAULT '',
        last_modified TEXT NOT NULL DEFAULT '',
        next_poll_at TEXT,
        baseline_at TEXT,
        last_poll_at TEXT,
        last_ok_at TEXT,
        last_new_at TEXT,
        failures INTEGER NOT NULL DEFAULT 0,
        error TEXT NOT NULL DEFAULT ''
    ) STRICT
    """,
    """
    CREATE TABLE entries (
        id INTEGER PRIMARY KEY,
        source TEXT NOT NULL,
        key TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('wire', 'release')),
        headline TEXT NOT NULL,
        url TEXT NOT NULL,
        author TEXT NOT NULL,
        organisation TEXT NOT NULL,
        topic TEXT NOT NULL,
        summary TEXT NOT NULL,
        body TEXT NOT NULL,
        quotations TEXT NOT NULL,
        icon TEXT NOT NULL,
        published_at TEXT,
        first_seen_at TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        revision INTEGER NOT NULL DEFAULT 1,
        matched_at TEXT,
        UNIQUE (source, key)
    ) STRICT
    """,
    "CREATE INDEX entries_by_url ON entries (source, url) WHERE url <> ''",
    "CREATE INDEX entries_by_time ON entries (coalesce(published_at, first_seen_at), id)",
    "CREATE INDEX entries_unmatched ON entries (id) WHERE matched_at IS NULL",
    """
    CREATE TABLE revisions (
        entry INTEGER NOT NULL REFERENCES entries ON DELETE CASCADE,
        revision INTEGER NOT NULL,
        headline TEXT NOT NULL,
        author TEXT NOT NULL,
        summary TEXT NOT NULL,
        body TEXT NOT NULL,
        seen_at TEXT NOT NULL,
        PRIMARY KEY (entry, revision)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE channels (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        platform TEXT NOT NULL,
        address TEXT NOT NULL,
        thread TEXT NOT NULL DEFAULT '',
        title TEXT NOT NULL DEFAULT '',
        timezone TEXT NOT NULL DEFAULT 'Europe/London',
        paused_until TEXT,
        gone_at TEXT,
        gone_reason TEXT NOT NULL DEFAULT '',
        hold_until TEXT,
        hold_reason TEXT NOT NULL DEFAULT '',
        created_at TEXT NOT NULL,
        UNIQUE (platform, address, thread)
    ) STRICT
    """,
    """
    CREATE TABLE subscriptions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        channel INTEGER NOT NULL REFERENCES channels ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('follow', 'match', 'mute')),
        query TEXT NOT NULL,
        note TEXT NOT NULL DEFAULT '',
        created_by TEXT NOT NULL,
        created_at TEXT NOT NULL,
        expires_at TEXT,
        UNIQUE (channel, kind, query)
    ) STRICT
    """,
    """
    CREATE TABLE deliveries (
        id INTEGER PRIMARY KEY,
        channel INTEGER NOT NULL REFERENCES channels ON DELETE CASCADE,
        entry INTEGER NOT NULL REFERENCES entries ON DELETE CASCADE,
        revision INTEGER NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('pending', 'sending', 'sent', 'failed', 'expired')),
        reasons TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        ambiguous INTEGER NOT NULL DEFAULT 0,
        due_at TEXT NOT NULL,
        lease_until TEXT,
        message_ref TEXT NOT NULL DEFAULT '',
        error TEXT NOT NULL DEFAULT '',
        created_at TEXT NOT NULL,
        sent_at TEXT,
        UNIQUE (channel, entry)
    ) STRICT
    """,
    "CREATE INDEX deliveries_waiting ON deliveries (created_at) WHERE status = 'pending'",
    "CREATE INDEX deliveries_queue ON deliveries (channel, id) WHERE status IN ('pending', 'sending')",
    "CREATE INDEX deliveries_leased ON deliveries (lease_until) WHERE status = 'sending'",
    "CREATE INDEX deliveries_by_message ON deliveries (channel, message_ref) WHERE message_ref <> ''",
    """
    CREATE TABLE audit (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        actor TEXT NOT NULL,
        channel INTEGER NOT NULL,
        action TEXT NOT NULL,
        subscription INTEGER,
        detail TEXT NOT NULL DEFAULT ''
    ) STRICT
    """,
)

FILTERS = (
    """
    CREATE TABLE kept (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        channel INTEGER NOT NULL REFERENCES channels ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('follow', 'match', 'mute')),
        query TEXT NOT NULL,
        note TEXT NOT NULL DEFAULT '',
        created_by TEXT NOT NULL,
        created_at TEXT NOT NULL,
        expires_at TEXT,
        removed_at TEXT
    ) STRICT
    """,
    """
    INSERT INTO kept (id, channel, kind, query, note, created_by, created_at, expires_at)
    SELECT id, channel, kind, query, note, created_by, created_at, expires_at FROM subscriptions
    """,
    # What was deleted comes back as removed, so that its messages can still say why they came.
    """
    INSERT INTO kept (id, channel, kind, query, created_by, created_at, removed_at)
    SELECT r.value ->> 'subscription', d.channel, r.value ->> 'kind', r.value ->> 'query',
        coalesce(r.value ->> 'created_by', ''), min(d.created_at),
        coalesce((SELECT max(a.at) FROM audit AS a
                  WHERE a.action = 'remove' AND a.subscription = r.value ->> 'subscription'), max(d.created_at))
    FROM deliveries AS d, json_each(d.reasons) AS r
    WHERE r.value ->> 'subscription' NOT IN (SELECT id FROM subscriptions) GROUP BY 1
    """,
    "DROP TABLE subscriptions",
    "ALTER TABLE kept RENAME TO subscriptions",
    "CREATE UNIQUE INDEX subscriptions_once ON subscriptions (channel, kind, query) WHERE removed_at IS NULL",
    "CREATE INDEX subscriptions_live ON subscriptions (channel, id) WHERE removed_at IS NULL",
    # SQLite fills a temporary table for IN with more than two values, at every row: a third of the time of a fan-out.
    """
    CREATE TABLE queued (
        id INTEGER PRIMARY KEY,
        channel INTEGER NOT NULL REFERENCES channels ON DELETE CASCADE,
        entry INTEGER NOT NULL REFERENCES entries ON DELETE CASCADE,
        revision INTEGER NOT NULL,
        status TEXT NOT NULL CHECK (status = 'pending' OR status = 'sending' OR status = 'sent' OR status = 'failed'
            OR status = 'expired'),
        reasons TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        ambiguous INTEGER NOT NULL DEFAULT 0,
        due_at TEXT NOT NULL,
        lease_until TEXT,
        message_ref TEXT NOT NULL DEFAULT '',
        error TEXT NOT NULL DEFAULT '',
        created_at TEXT NOT NULL,
        sent_at TEXT,
        UNIQUE (channel, entry)
    ) STRICT
    """,
    """
    INSERT INTO queued
    SELECT id, channel, entry, revision, status,
        (SELECT json_group_array(r.value ->> 'subscription') FROM json_each(d.reasons) AS r),
        attempts, ambiguous, due_at, lease_until, message_ref, error, created_at, sent_at
    FROM deliveries AS d ORDER BY id
    """,
    "DROP TABLE deliveries",
    "ALTER TABLE queued RENAME TO deliveries",
    # An index ends with the row's id anyway: to name it too would store it twice.
    "CREATE INDEX deliveries_queue ON deliveries (channel) WHERE status IN ('pending', 'sending')",
    # By time it served nobody: SQLite went through the channels instead. By id the oldest are found at once.
    "CREATE INDEX deliveries_waiting ON deliveries (id) WHERE status = 'pending'",
    "CREATE INDEX deliveries_leased ON deliveries (lease_until) WHERE status = 'sending'",
    "CREATE INDEX deliveries_by_message ON deliveries (channel, message_ref) WHERE message_ref <> ''",
    "CREATE INDEX channels_paused ON channels (paused_until) WHERE paused_until IS NOT NULL",
    "ALTER TABLE entries ADD COLUMN matched_through INTEGER NOT NULL DEFAULT 0",
    "DROP INDEX entries_unmatched",
    "CREATE INDEX entries_unmatched ON entries (matched_through, id) WHERE matched_at IS NULL",
    "ALTER TABLE audit ADD COLUMN change INTEGER",
    "ALTER TABLE audit ADD COLUMN before TEXT",
    "ALTER TABLE audit ADD COLUMN undoes INTEGER",
    "UPDATE audit SET change = id",
    "CREATE INDEX audit_by_channel ON audit (channel, id)",
    "CREATE INDEX audit_undone ON audit (undoes) WHERE undoes IS NOT NULL",
)

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

RELEASES = (
    "ALTER TABLE entries ADD COLUMN attachments TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE entries ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE entries ADD COLUMN change_note TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE entries ADD COLUMN updated_at TEXT",
    "ALTER TABLE revisions ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE revisions ADD COLUMN change_note TEXT NOT NULL DEFAULT ''",
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
    # Whoever deletes an entry asks whether it was delivered.
    "CREATE INDEX IF NOT EXISTS deliveries_by_entry ON deliveries (entry)",
)
