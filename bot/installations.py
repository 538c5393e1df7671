"""Remember the workspaces that installed the bot, their sealed tokens, and whose which channels are.

A workspace's channels have addresses that begin with its id and a slash; where the settings have the token of one
workspace, that one's have not.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot import channels, db, workspaces

# For how long the filters of a workspace are kept that took the bot away.
KEPT = timedelta(days=30)
SLASH = "/"


@dataclass(frozen=True, slots=True)
class Installation:
    """The bot in the workspace `owner`, or in all of an organisation's where that is its `enterprise`, too."""

    owner: str
    name: str
    token: str = field(repr=False)
    enterprise: str = ""
    bot_id: str = ""
    bot_user: str = ""
    app: str = ""
    scopes: str = ""
    installed_by: str = ""

    @property
    def is_of_organisation(self) -> bool:
        """Tell whether all workspaces of an organisation are meant."""
        return self.owner == self.enterprise


@dataclass(frozen=True, slots=True)
class Installed:
    """An installation that is in force, and since when."""

    installation: Installation
    installed_at: datetime


def save(connection: sqlite3.Connection, platform: str, made: Installation, now: datetime) -> None:
    """Keep an installation, in place of one before; its channels, and filters that were kept, are in force again."""
    _overwrite(connection)
    connection.execute(
        """
        INSERT OR REPLACE INTO installations (owner, platform, enterprise, name, token, bot_id, bot_user, app, scopes,
            installed_by, installed_at)
        VALUES (:owner, :platform, :enterprise, :name, :token, :bot_id, :bot_user, :app, :scopes, :by, :at)
        """,
        {
            "owner": made.owner,
            "platform": platform,
            "enterprise": made.enterprise,
            "name": made.name,
            "token": made.token,
            "bot_id": made.bot_id,
            "bot_user": made.bot_user,
            "app": made.app,
            "scopes": made.scopes,
            "by": made.installed_by,
            "at": db.to_text(now),
        },
    )
    plain = plain_team(connection, platform)
    for team in teams(connection, made.owner):
        if team == plain:
            _prefix(connection, platform, team, now)
        _return(connection, platform, f"{team}{SLASH}*")


def reseal(connection: sqlite3.Connection, owner: str, old: str, new: str) -> None:
    """Replace a sealed token, unless another came in between."""
    _overwrite(connection)
    connection.execute("UPDATE installations SET token = ? WHERE owner = ? AND token = ?", (new, owner, old))


def go_on(connection: sqlite3.Connection, platform: str, owners: Iterable[str], reason: str) -> None:
    """Send again to owners' channels that were held back for a reason which is over."""
    for team in [team for owner in owners for team in teams(connection, owner)]:
        held = connection.execute(
            "SELECT DISTINCT address FROM channels WHERE platform = ? AND address GLOB ? AND hold_reason = ?",
            (platform, f"{team}{SLASH}*", reason),
        )
        for row in held.fetchall():
            channels.returned(connection, platform, row["address"])


def all_in_force(connection: sqlite3.Connection) -> tuple[Installed, ...]:
    """List the installations in force."""
    found = connection.execute("SELECT * FROM installations WHERE gone_at IS NULL ORDER BY installed_at, owner")
    return tuple(_installed(row) for row in found)


def of_owner(connection: sqlite3.Connection, owner: str) -> Installed | None:
    """Find the installation in force of a workspace or an organisation."""
    row = connection.execute("SELECT * FROM installations WHERE owner = ? AND gone_at IS NULL", (owner,)).fetchone()
    return None if row is None else _installed(row)


def of_team(connection: sqlite3.Connection, team: str) -> Installed | None:
    """Find the installation in force for a workspace: its own, or else its organisation's."""
    found = of_owner(connection, team)
    if found is not None:
        return found
    row = connection.execute("SELECT enterprise FROM workspaces WHERE team = ?", (team,)).fetchone()
    return None if row is None else of_owner(connection, row["enterprise"])


def belongs(connection: sqlite3.Connection, platform: str, team: str, enterprise: str) -> None:
    """Learn to which organisation a workspace belongs. Its channels may be in force with that."""
    connection.execute("INSERT OR REPLACE INTO workspaces (team, enterprise) VALUES (?, ?)", (team, enterprise))
    if of_team(connection, team) is not None:
        _return(connection, platform, f"{team}{SLASH}*")


def teams(connection: sqlite3.Connection, owner: str) -> list[str]:
    """List the workspaces for which an owner's installation is the one that counts, or was the last that did."""
    own = [owner] if connection.execute("SELECT 1 FROM installations WHERE owner = ?", (owner,)).fetchone() else []
    members = connection.execute(
        """
        SELECT team FROM workspaces WHERE enterprise = ?
            AND team NOT IN (SELECT owner FROM installations WHERE gone_at IS NULL) ORDER BY team
        """,
        (owner,),
    )
    return [*own, *(row["team"] for row in members)]


def remove(
    connection: sqlite3.Connection, owner: str, reason: str, now: datetime, installed_at: datetime | None = None
) -> bool:
    """Switch an installation off, and tell whether there was one: what waits for its channels ends, filters stay.

    Where it is of another time than `installed_at`, it is not the one that is meant, and stays.
    """
    row = connection.execute("SELECT * FROM installations WHERE owner = ? AND gone_at IS NULL", (owner,)).fetchone()
    if row is None or (installed_at is not None and row["installed_at"] != db.to_text(installed_at)):
        return False
    _overwrite(connection)
    connection.execute(
        "UPDATE installations SET gone_at = ?, gone_reason = ?, token = '' WHERE owner = ?",
        (db.to_text(now), reason, owner),
    )
    for team in teams(connection, owner):
        # An organisation's installation may still be there for a workspace that took its own away.
        if of_team(connection, team) is None:
            for address in _addresses(connection, row["platform"], f"{team}{SLASH}*"):
                channels.gone(connection, row["platform"], address, reason, now)
    return True


def plain_team(connection: sqlite3.Connection, platform: str) -> str:
    """Name the workspace whose addresses do not name it; empty where that is not known."""
    row = connection.execute("SELECT team FROM plain_workspace WHERE platform = ?", (platform,)).fetchone()
    return "" if row is None else row["team"]


def set_plain(connection: sqlite3.Connection, platform: str, team: str, now: datetime) -> None:
    """Have the addresses of one workspace not name it from now on; those of the one before name that."""
    before = plain_team(connection, platform)
    if before and before != team:
        _prefix(connection, platform, before, now)
    connection.execute("INSERT OR REPLACE INTO plain_workspace (platform, team) VALUES (?, ?)", (platform, team))
    named = _addresses(connection, platform, f"{team}{SLASH}*")
    for address in named:
        plain = address.removeprefix(f"{team}{SLASH}")
        channels.move(connection, platform, address, plain, now)
        channels.returned(connection, platform, plain)
    workspaces.rename(connection, platform, team, "")


def name_plain(connection: sqlite3.Connection, platform: str, now: datetime) -> None:
    """Have all addresses name their workspace, where it is known and has the bot."""
    team = plain_team(connection, platform)
    if team and of_team(connection, team) is not None:
        _prefix(connection, platform, team, now)
        _return(connection, platform, f"{team}{SLASH}*")


def _overwrite(connection: sqlite3.Connection) -> None:
    # Whoever gets hold of an old key must not find tokens in what the file has marked as free.
    connection.execute("PRAGMA secure_delete = ON")


def _prefix(connection: sqlite3.Connection, platform: str, team: str, now: datetime) -> None:
    for address in _addresses(connection, platform, "*"):
        if SLASH not in address:
            channels.move(connection, platform, address, f"{team}{SLASH}{address}", now)
    workspaces.rename(connection, platform, "", team)


def _return(connection: sqlite3.Connection, platform: str, pattern: str) -> None:
    for address in _addresses(connection, platform, pattern):
        channels.returned(connection, platform, address)


def _addresses(connection: sqlite3.Connection, platform: str, pattern: str) -> Iterator[str]:
    found = connection.execute(
        "SELECT DISTINCT address FROM channels WHERE platform = ? AND address GLOB ? ORDER BY id", (platform, pattern)
    ).fetchall()
    return (row["address"] for row in found)


def _installed(row: sqlite3.Row) -> Installed:
    return Installed(
        Installation(
            owner=row["owner"],
            name=row["name"],
            token=row["token"],
            enterprise=row["enterprise"],
            bot_id=row["bot_id"],
            bot_user=row["bot_user"],
            app=row["app"],
            scopes=row["scopes"],
            installed_by=row["installed_by"],
        ),
        db.from_text(row["installed_at"]),
    )
