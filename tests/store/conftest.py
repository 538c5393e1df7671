"""A real database, with every migration."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import db, schema


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Open a new file."""
    with contextlib.closing(db.connect(tmp_path / "test.db")) as opened:
        schema.migrate(opened)
        yield opened
