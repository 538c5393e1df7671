"""The statements of the migration that lets the database count, and remember alarms; what was shipped never changes."""

from __future__ import annotations

_COUNT = "ON CONFLICT (name, platform, label) DO UPDATE SET value = value + 1"

FLOW = (
    # What rows cannot tell once they are gone, and what counting them each time would take too long for.
    """
    CREATE TABLE counters (
        name TEXT NOT NULL,
        platform TEXT NOT NULL,
        label TEXT NOT NULL,
        value INTEGER NOT NULL,
        PRIMARY KEY (name, platform, label)
    ) STRICT, WITHOUT ROWID
    """,
    """
    INSERT INTO counters SELECT 'deliveries', c.platform, d.status, count(*)
    FROM deliveries AS d JOIN channels AS c ON c.id = d.channel
    WHERE d.status NOT IN ('pending', 'sending') GROUP BY c.platform, d.status
    """,
    f"""
    CREATE TRIGGER deliveries_counted AFTER UPDATE OF status ON deliveries
    WHEN NEW.status <> OLD.status AND NEW.status NOT IN ('pending', 'sending', 'folded') BEGIN
        INSERT INTO counters
        VALUES ('deliveries', (SELECT platform FROM channels WHERE id = NEW.channel),
            iif(OLD.revised_at IS NULL, NEW.status, 'corrected'), 1) {_COUNT};
    END
    """,
    f"""
    CREATE TRIGGER entries_counted AFTER INSERT ON entries WHEN NEW.source <> '' BEGIN
        INSERT INTO counters VALUES ('entries', '', iif(NEW.matched_at IS NULL, 'new', 'baseline'), 1) {_COUNT};
    END
    """,
    f"""
    CREATE TRIGGER revisions_counted AFTER UPDATE OF revision ON entries WHEN NEW.revision > OLD.revision BEGIN
        INSERT INTO counters VALUES ('entries', '', 'revised', 1) {_COUNT};
    END
    """,
    f"""
    CREATE TRIGGER polls_counted AFTER UPDATE OF last_poll_at ON sources WHEN NEW.last_poll_at IS NOT NULL BEGIN
        INSERT INTO counters VALUES ('polls', '', iif(NEW.failures = 0, 'answered', 'failed'), 1) {_COUNT};
    END
    """,
    "CREATE INDEX deliveries_failed ON deliveries (id) WHERE status = 'failed'",
    # A stage of the way from source to chat at which news is stuck, or was: `since` is empty again.
    """
    CREATE TABLE alarms (
        stage TEXT PRIMARY KEY,
        since TEXT,
        sentence TEXT NOT NULL,
        told_at TEXT NOT NULL
    ) STRICT
    """,
)
