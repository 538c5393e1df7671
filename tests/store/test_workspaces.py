"""What workspaces have chosen stays: each for itself, and the last choice counts."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import channels, db, schema, workspaces
from bot.workspaces import Chosen, Person

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
ADA = Person("U0ADA", "Ada \u201cthe count\u201d \u05d0")


@pytest.fixture
def file(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Open a new file."""
    with contextlib.closing(db.connect(tmp_path / "phiwire.db")) as opened:
        schema.migrate(opened)
        yield opened


def test_workspace_that_has_not_chosen_lets_all_members(file: sqlite3.Connection) -> None:
    """As Slack's own apps do."""
    assert workspaces.chosen(file, "slack", "T0ONE") == Chosen("members")


def test_each_workspace_chooses_for_itself(file: sqlite3.Connection) -> None:
    """With one token alone there is one, which needs no name."""
    workspaces.choose(file, "slack", "", Chosen("admins"))
    workspaces.choose(file, "slack", "T0ONE", Chosen("admins"))
    workspaces.choose(file, "slack", "T0ONE", Chosen("people", (ADA, Person("U0BOB", "bob"))))
    assert workspaces.chosen(file, "slack", "") == Chosen("admins")
    assert workspaces.chosen(file, "slack", "T0ONE") == Chosen("people", (ADA, Person("U0BOB", "bob")))
    assert workspaces.chosen(file, "slack", "T0TWO") == Chosen("members")


def test_outsiders_are_let_in_channel_by_channel(file: sqlite3.Connection) -> None:
    """Nowhere unless somebody says so."""
    here, there = (channels.ensure(file, "slack", each, "", "", "Europe/London", NOW).id for each in ("C0A", "C0B"))
    channels.set_preference(file, here, "outsiders", value=True)
    assert channels.admits_outsiders(file, here)
    assert not channels.admits_outsiders(file, there)


def test_address_is_held_and_renamed_in_all_its_threads(file: sqlite3.Connection) -> None:
    """And nothing comes of one that is not known."""
    for thread in ("", "1.0"):
        channels.ensure(file, "slack", "C0A", thread, "old", "Europe/London", NOW)
    for address in ("C0A", "C0NOWHERE"):
        channels.hold(file, "slack", address, NOW + timedelta(days=1), "is_archived", NOW)
        channels.rename(file, "slack", address, "new")
    assert [(each.address, each.title, each.reason) for each in channels.held(file)] == [
        ("C0A", "new", "is_archived")
    ] * 2
    assert channels.topics(file, "slack", "C0NOWHERE") == []
