"""Remember what workspaces have chosen: who may change the filters of their channels."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Literal

Who = Literal["members", "admins", "people"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who was named, and what they were called then."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who may change filters: all members, the workspace's administrators, or these and the `people`."""

    who: Who = "members"
    people: tuple[Person, ...] = ()


def chosen(connection: sqlite3.Connection, platform: str, team: str) -> Chosen:
    """Read what a workspace has chosen, or the default."""
    row = connection.execute(
        "SELECT who, people FROM workspace_rules WHERE platform = ? AND team = ?", (platform, team)
    ).fetchone()
    if row is None:
        return Chosen()
    return Chosen(row["who"], tuple(Person(*each) for each in json.loads(row["people"])))


def all_chosen(connection: sqlite3.Connection) -> tuple[tuple[str, str, Chosen], ...]:
    """List what workspaces have chosen, by platform and team."""
    found = connection.execute("SELECT platform, team FROM workspace_rules ORDER BY platform, team").fetchall()
    return tuple((row["platform"], row["team"], chosen(connection, row["platform"], row["team"])) for row in found)


def choose(connection: sqlite3.Connection, platform: str, team: str, chosen: Chosen) -> None:
    """Write down what a workspace chooses."""
    people = json.dumps([[person.id, person.name] for person in chosen.people], ensure_ascii=False)
    connection.execute(
        """
        INSERT INTO workspace_rules (platform, team, who, people) VALUES (?, ?, ?, ?)
        ON CONFLICT (platform, team) DO UPDATE SET who = excluded.who, people = excluded.people
        """,
        (platform, team, chosen.who, people),
    )


def rename(connection: sqlite3.Connection, platform: str, old: str, new: str) -> None:
    """Keep what a workspace has chosen under another name of it: with its id, or with none where it is the only one."""
    connection.execute(
        "UPDATE OR REPLACE workspace_rules SET team = ? WHERE platform = ? AND team = ?", (new, platform, old)
    )


def forget(connection: sqlite3.Connection, platform: str, team: str) -> None:
    """Erase what a workspace has chosen, and whom it has named."""
    # What is deleted is overwritten, and not only marked as free.
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("DELETE FROM workspace_rules WHERE platform = ? AND team = ?", (platform, team))
