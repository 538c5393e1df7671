"""A Slack whose public channels may be read, and the stage."""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.crash.stage import SCOPES, Stage
from tests.e2e.process import BotProcess
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.web import WebEmulator


@pytest.fixture
def chance() -> random.Random:
    """Give what chooses the moments and the faults; it prints its seed, to be given again as PHIWIRE_SEED."""
    seed = int(os.environ.get("PHIWIRE_SEED") or random.SystemRandom().randrange(10**6))
    print(f"PHIWIRE_SEED={seed}")
    return random.Random(seed)


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
