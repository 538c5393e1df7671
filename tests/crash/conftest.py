"""A Slack whose public channels may be read, and the stage."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.crash.stage import SCOPES, Stage
from tests.e2e.process import BotProcess
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.web import WebEmulator


@pytest.fixture
async def slack() -> AsyncIterator[SlackEmulator]:
    """Run a Slack that lets the bot look into public channels; nothing that it sent may have been wrong."""
    async with SlackEmulator(scopes=SCOPES) as emulator:
        yield emulator
    assert emulator.violations == []


@pytest.fixture
def make_stage(
    tmp_path: Path,
    telegram: TelegramEmulator,
    slack: SlackEmulator,
    web: WebEmulator,
    bot_process: Callable[..., BotProcess],
) -> Callable[..., Stage]:
    """Make the stage with further settings."""
    return lambda **settings: Stage(tmp_path, telegram, slack, web, bot_process, **settings)
