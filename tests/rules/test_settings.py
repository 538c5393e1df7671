"""Settings that say for how long something is kept."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot import settings


@pytest.mark.parametrize(("written", "kept"), [("0", None), ("52w", timedelta(weeks=52)), ("", timedelta(days=90))])
def test_entries_are_kept_as_long_as_is_written(written: str, kept: timedelta | None) -> None:
    """0 is for ever; empty is as if it were not set, as everywhere."""
    assert settings.read({"PHIWIRE_KEEP_ENTRIES": written}, Path("absent")).keep_entries == kept
