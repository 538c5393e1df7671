"""The statements of the migration that lets long answers come in pages; what was shipped never changes."""

from __future__ import annotations

PAGING = (
    # What was typed for an answer, so that a page of it can be shown as it is now. A number is never given twice.
    """
    CREATE TABLE answers (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        channel INTEGER NOT NULL REFERENCES channels ON DELETE CASCADE,
        words TEXT NOT NULL,
        asked_at TEXT NOT NULL,
        UNIQUE (channel, words)
    ) STRICT
    """,
)
