"""Remember who was sent away to install the bot: each state once, for a while, and for one browser alone."""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from datetime import datetime, timedelta
from typing import Literal

from bot import db

LASTS = timedelta(minutes=10)
# For so long it is known that a state was used or came too late.
REMEMBERED = timedelta(days=1)
# Whoever calls again and again must not fill the disk.
MOST = 10_000

Verdict = Literal["good", "unknown", "used", "expired", "another browser"]


def begin(connection: sqlite3.Connection, state: str, browser: str, now: datetime) -> bool:
    """Remember a state and its browser; tell whether there was room for one more."""
    connection.execute("DELETE FROM install_states WHERE expires_at <= ?", (db.to_text(now - REMEMBERED),))
    if connection.execute("SELECT count(*) FROM install_states").fetchone()[0] >= MOST:
        connection.execute("DELETE FROM install_states WHERE expires_at <= ?", (db.to_text(now),))
        if connection.execute("SELECT count(*) FROM install_states").fetchone()[0] >= MOST:
            return False
    connection.execute(
        "INSERT INTO install_states (state, browser, expires_at) VALUES (?, ?, ?)",
        (_digest(state), _digest(browser), db.to_text(now + LASTS)),
    )
    return True


def use(connection: sqlite3.Connection, state: str, browser: str, now: datetime) -> Verdict:
    """Judge a state that a browser came back with, and use it up where it is good."""
    # By its digest: how long the look takes says nothing of how much of a guess is right.
    row = connection.execute("SELECT * FROM install_states WHERE state = ?", (_digest(state),)).fetchone()
    if row is None:
        return "unknown"
    if not hmac.compare_digest(row["browser"], _digest(browser)):
        return "another browser"
    if row["used_at"] is not None:
        return "used"
    if row["expires_at"] <= db.to_text(now):
        return "expired"
    connection.execute("UPDATE install_states SET used_at = ? WHERE state = ?", (db.to_text(now), row["state"]))
    return "good"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
