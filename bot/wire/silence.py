"""Tell a network that is down from sources that are."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

from bot import db

# What had been ill for longer when the last source answered says nothing about the network.
LATELY = timedelta(hours=1)


def nobody_answers(connection: sqlite3.Connection) -> bool:
    """Tell whether sources of several hosts fall silent together, as when the network is down.

    They are at least as many as those that answered when they were last looked at. One host alone is its own trouble.
    """
    last = connection.execute("SELECT max(last_ok_at) FROM sources WHERE removed_at IS NULL").fetchone()[0]
    lately = "" if last is None else db.to_text(db.from_text(last) - LATELY)
    row = connection.execute(
        """
        SELECT count(DISTINCT iif(silent, substr(rest, 1, instr(rest || '/', '/') - 1), NULL)) AS hosts,
            total(silent) AS silent, total(well) AS well
        FROM (SELECT failures > 0 AND failure = 'answer' AND coalesce(last_ok_at, '') >= :lately AS silent,
                failures = 0 AND last_ok_at IS NOT NULL AS well, substr(url, instr(url, '://') + 3) AS rest
            FROM sources WHERE removed_at IS NULL)
        """,
        {"lately": lately},
    ).fetchone()
    return bool(row["hosts"] > 1 and row["silent"] >= row["well"])
