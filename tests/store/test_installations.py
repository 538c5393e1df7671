"""Workspaces that have the bot: whose token counts, whose channels are whose, and what is kept when one leaves."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import channels, db, install_states, installations, retention, schema, workspaces
from bot.clock import SteadyClock
from bot.db import Database
from bot.filters import store as filters
from bot.installations import Installation
from bot.outbox import jumps
from bot.retention import FOR_EVER
from bot.sealing import Seal, SealError
from bot.upkeep import Upkeep
from bot.workspaces import Chosen, Person

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HARBOUR = Installation("T1", "Harbour Desk", "sealed")
ORGANISATION = Installation("E1", "Coast", "sealed for all", enterprise="E1")
OLD, NEW = "b2xkIGtleSB0aGF0IGhhcyB0aGlydHktdHdvIGJ5dGU=", "bmV3IGtleSB0aGF0IGhhcyB0aGlydHktdHdvIGJ5dGU="


def save(connection: sqlite3.Connection, made: Installation, now: datetime = NOW) -> None:
    """Keep an installation."""
    installations.save(connection, "slack", made, now)


def follow(connection: sqlite3.Connection, address: str, author: str = "Marta Quill", platform: str = "slack") -> int:
    """Make a channel with a filter."""
    channel = channels.ensure(connection, platform, address, "", "", "Europe/London", NOW)
    filters.add(connection, channel.id, "follow", author, "Ada", NOW)
    return channel.id


def standing(connection: sqlite3.Connection) -> dict[str, bool]:
    """Say of each address whether anything is sent there."""
    found = connection.execute("SELECT address, gone_at FROM channels ORDER BY address")
    return {row["address"]: row["gone_at"] is None for row in found}


def token(connection: sqlite3.Connection, team: str) -> str:
    """Say which token counts for a workspace."""
    found = installations.of_team(connection, team)
    return "" if found is None else found.installation.token


def test_own_installation_counts_before_the_organisations(connection: sqlite3.Connection) -> None:
    """And the organisation's again when the workspace takes its own away: then nothing is lost there."""
    save(connection, ORGANISATION)
    follow(connection, "T1/C1")
    assert token(connection, "T1") == ""
    installations.belongs(connection, "slack", "T1", "E1")
    assert token(connection, "T1") == "sealed for all"
    save(connection, replace(HARBOUR, enterprise="E1"))
    assert token(connection, "T1") == "sealed"
    assert installations.remove(connection, "T1", "removed", NOW)
    assert token(connection, "T1") == "sealed for all"
    assert standing(connection) == {"T1/C1": True}
    assert installations.remove(connection, "E1", "removed", NOW)
    assert standing(connection) == {"T1/C1": False}


def test_organisation_that_leaves_takes_no_workspace_along_with_its_own(connection: sqlite3.Connection) -> None:
    """It has a token of its own."""
    for team in ("T1", "T2"):
        follow(connection, f"{team}/C1")
        installations.belongs(connection, "slack", team, "E1")
    save(connection, ORGANISATION)
    save(connection, replace(HARBOUR, enterprise="E1"))
    installations.remove(connection, "E1", "removed", NOW)
    assert standing(connection) == {"T1/C1": True, "T2/C1": False}


def test_workspace_that_leaves_leaves_alone(connection: sqlite3.Connection) -> None:
    """Whatever ids begin alike; its token is not even kept sealed."""
    for address in ("T1/C1", "T1/C2", "T12/C1", "C1"):
        follow(connection, address)
    follow(connection, "T1/C1", platform="terminal")
    save(connection, HARBOUR)
    save(connection, replace(HARBOUR, owner="T12"))
    assert installations.remove(connection, "T1", "removed", NOW)
    assert not installations.remove(connection, "T1", "removed", NOW)
    gone = connection.execute("SELECT platform, address FROM channels WHERE gone_at IS NOT NULL ORDER BY id")
    assert [tuple(row) for row in gone] == [("slack", "T1/C1"), ("slack", "T1/C2")]
    assert connection.execute("SELECT token FROM installations WHERE owner = 'T1'").fetchone()[0] == ""
    save(connection, HARBOUR, NOW + DAY)
    assert all(standing(connection).values())


@pytest.mark.parametrize("ends", ["removed", "resealed", "installed again"])
def test_token_that_counts_no_more_is_overwritten_in_the_file(tmp_path: Path, ends: str) -> None:
    """Sealed as it is: keys are changed because somebody may have the old one."""
    tokens = {name: f"sealed-{name}-" + name[-1] * 400 for name in ("T1", "T2", "T3")}
    path = tmp_path / "phiwire.db"
    with closing(db.connect(path)) as connection:
        schema.migrate(connection)
        for owner, sealed in tokens.items():
            save(connection, replace(HARBOUR, owner=owner, token=sealed))
    with closing(db.connect(path)) as connection:
        # What many builds of SQLite do unless they are asked.
        connection.execute("PRAGMA secure_delete = OFF")
        match ends:
            case "removed":
                installations.remove(connection, "T2", "removed", NOW)
            case "resealed":
                installations.reseal(connection, "T2", tokens["T2"], "short")
            case _:
                save(connection, replace(HARBOUR, owner="T2", token=""))
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert [name for name, sealed in tokens.items() if sealed[-100:].encode() in written] == ["T1", "T3"]


def test_what_is_meant_for_an_older_installation_does_nothing(connection: sqlite3.Connection) -> None:
    """An answer to the token of before may come late."""
    save(connection, HARBOUR)
    save(connection, HARBOUR, NOW + DAY)
    assert not installations.remove(connection, "T1", "revoked", NOW + DAY, NOW)
    assert token(connection, "T1") == "sealed"
    assert installations.remove(connection, "T1", "revoked", NOW + DAY, NOW + DAY)


def test_channels_that_name_no_workspace_are_the_single_ones(connection: sqlite3.Connection) -> None:
    """When that one installs the bot they name it, and no longer when the settings have its token again."""
    follow(connection, "C1")
    follow(connection, "U7")
    installations.set_plain(connection, "slack", "T1", NOW)
    save(connection, replace(HARBOUR, owner="T2"))
    assert set(standing(connection)) == {"C1", "U7"}
    save(connection, HARBOUR)
    assert set(standing(connection)) == {"T1/C1", "T1/U7"}
    follow(connection, "T2/C1")
    installations.set_plain(connection, "slack", "T1", NOW)
    assert set(standing(connection)) == {"C1", "U7", "T2/C1"}
    installations.name_plain(connection, "slack", NOW)
    assert set(standing(connection)) == {"T1/C1", "T1/U7", "T2/C1"}


def test_token_of_another_workspace_takes_over_no_channels(connection: sqlite3.Connection) -> None:
    """Those of the one before wait for it."""
    follow(connection, "C1")
    installations.set_plain(connection, "slack", "T1", NOW)
    installations.set_plain(connection, "slack", "T2", NOW)
    assert set(standing(connection)) == {"T1/C1"}
    installations.set_plain(connection, "slack", "T1", NOW)
    assert set(standing(connection)) == {"C1"}


def test_channel_that_is_there_under_both_addresses_has_all_filters(connection: sqlite3.Connection) -> None:
    """Somebody typed a command in each mode."""
    follow(connection, "C1", "Marta Quill")
    follow(connection, "T1/C1", "Priya Ashdown")
    installations.set_plain(connection, "slack", "T1", NOW)
    save(connection, HARBOUR)
    assert set(standing(connection)) == {"T1/C1"}
    there = channels.find(connection, "slack", "T1/C1", "")
    assert there is not None
    assert {each.query for each in filters.of_channel(connection, there.id, NOW)} == {"Marta Quill", "Priya Ashdown"}


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Open a new file."""
    opened = Database(tmp_path / "phiwire.db")
    yield opened
    opened.close()


async def _no_pause(_seconds: float) -> None:
    return


async def test_filters_are_kept_for_thirty_days(database: Database) -> None:
    """Then all of the workspace is erased, however much it had; whoever came back by then has them."""
    now = [NOW]

    def elapsed() -> float:
        return (now[0] - NOW).total_seconds()

    clock = SteadyClock(lambda: now[0], elapsed)
    upkeep = Upkeep(database, clock, FOR_EVER, (), lambda: None, _no_pause)
    for team in ("T1", "T2", "T3"):
        await database.write(save, replace(HARBOUR, owner=team))
        for room in range(25):
            await database.write(follow, f"{team}/C{room}")
    for team in ("T1", "T2"):
        await database.write(installations.remove, team, "removed", NOW)
    await database.write(save, replace(HARBOUR, owner="T2"), NOW + 29 * DAY)

    async def counts() -> dict[str, int]:
        found = await database.read(standing)
        return {team: sum(address.startswith(team) for address in found) for team in ("T1", "T2", "T3")}

    now[0] = NOW + installations.KEPT
    await upkeep.prune()
    assert await counts() == {"T1": 25, "T2": 25, "T3": 25}
    now[0] += timedelta(seconds=1)
    await upkeep.prune()
    assert await counts() == {"T1": 0, "T2": 25, "T3": 25}
    known = await database.read(lambda each: each.execute("SELECT owner FROM installations ORDER BY owner").fetchall())
    assert [row["owner"] for row in known] == ["T2", "T3"]


def test_clock_that_is_set_ahead_erases_nothing_early(connection: sqlite3.Connection) -> None:
    """Thirty days are thirty days."""
    save(connection, HARBOUR)
    installations.remove(connection, "T1", "removed", NOW)
    jumps.shift(connection, 40 * DAY)
    found = connection.execute("SELECT gone_at FROM installations").fetchone()[0]
    assert datetime.fromisoformat(found) == NOW + 40 * DAY


def test_state_that_is_over_is_known_for_a_day(connection: sqlite3.Connection) -> None:
    """So that whoever is late reads why; then it is as if it had never been."""
    assert install_states.begin(connection, "state", "browser", NOW)
    late = NOW + install_states.LASTS
    assert install_states.use(connection, "state", "browser", late) == "expired"
    install_states.begin(connection, "other", "browser", late + install_states.REMEMBERED)
    assert install_states.use(connection, "state", "browser", late) == "unknown"


def test_states_stand_in_the_file_as_digests_alone(connection: sqlite3.Connection) -> None:
    """Whoever reads the file cannot go on where somebody is."""
    install_states.begin(connection, "state", "browser", NOW)
    row = connection.execute("SELECT * FROM install_states").fetchone()
    assert not {"state", "browser"} & set(row)


def test_sealed_token_opens_with_any_of_the_keys() -> None:
    """And with none that is not among them; sealed twice it looks different."""
    sealed = Seal([OLD]).close("xoxb-1")
    assert "xoxb-1" not in sealed
    assert Seal([OLD]).close("xoxb-1") != sealed
    both = Seal([NEW, OLD])
    assert both.open(sealed) == "xoxb-1"
    with pytest.raises(SealError):
        Seal([NEW]).open(sealed)
    with pytest.raises(SealError):
        Seal([OLD]).open(sealed[:-8] + "AAAAAAA=")
    renewed = both.renew(sealed)
    assert Seal([NEW]).open(renewed) == "xoxb-1"
    assert both.renew(renewed) == renewed
    assert OLD not in repr(both)


def test_what_a_workspace_has_chosen_goes_along_with_its_addresses(connection: sqlite3.Connection) -> None:
    """From one token to many and back; another workspace's choice is never taken for it."""
    chosen = Chosen("people", (Person("U1", "ada"),))
    installations.set_plain(connection, "slack", "T1", NOW)
    workspaces.choose(connection, "slack", "", chosen)
    save(connection, HARBOUR)
    workspaces.choose(connection, "slack", "T2", Chosen("admins"))
    assert workspaces.chosen(connection, "slack", "T1") == chosen
    assert workspaces.chosen(connection, "slack", "") == Chosen()
    installations.set_plain(connection, "slack", "T1", NOW)
    assert workspaces.chosen(connection, "slack", "") == chosen
    assert workspaces.chosen(connection, "slack", "T1") == Chosen()
    installations.set_plain(connection, "slack", "T2", NOW)
    assert workspaces.chosen(connection, "slack", "") == Chosen("admins")
    assert workspaces.chosen(connection, "slack", "T1") == chosen


def test_names_of_people_go_with_the_filters_of_a_workspace_that_left(connection: sqlite3.Connection) -> None:
    """After the same thirty days; who is there keeps what was chosen."""
    save(connection, HARBOUR)
    save(connection, replace(HARBOUR, owner="T2"))
    for team in ("T1", "T2"):
        workspaces.choose(connection, "slack", team, Chosen("people", (Person("U1", "ada"),)))
        installations.belongs(connection, "slack", team, "E1")
    follow(connection, "T1/C1")
    installations.remove(connection, "T1", "gone", NOW)
    for days in (29, 31):
        after: int | None = 0
        while after is not None:
            _, after = retention.prune_installations(connection, NOW + days * DAY, after)
        assert (workspaces.chosen(connection, "slack", "T1") == Chosen()) is (days > 30)
    assert workspaces.chosen(connection, "slack", "T2").who == "people"
    assert [tuple(row) for row in connection.execute("SELECT * FROM workspaces")] == [("T2", "E1")]
