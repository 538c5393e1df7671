"""A Telegram, a Slack and a web site on this machine, and the bot as a process between them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.process import BotProcess
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.web import WebEmulator
from tests.ports import held_port


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramEmulator]:
    """Run a Telegram; at the end of the test nothing that the bot sent may have been wrong."""
    async with TelegramEmulator() as emulator:
        yield emulator
    assert emulator.violations == []
    assert emulator.unanswered == [], "a button that was pressed still turns"


@pytest.fixture
async def slack() -> AsyncIterator[SlackEmulator]:
    """Run a Slack; at the end of the test nothing that the bot sent may have been wrong."""
    async with SlackEmulator() as emulator:
        yield emulator
    assert emulator.violations == []


@pytest.fixture
async def web() -> AsyncIterator[WebEmulator]:
    """Run a web site."""
    async with WebEmulator() as emulator:
        yield emulator


@pytest.fixture
def port() -> Iterator[int]:
    """Hold a port for the bot to listen on."""
    with held_port() as held:
        yield held


@pytest.fixture
async def bot_process(tmp_path: Path) -> AsyncIterator[Callable[..., BotProcess]]:
    """Make processes that do not outlive their test."""
    made: list[BotProcess] = []

    def make(settings: dict[str, str], *arguments: str) -> BotProcess:
        made.append(BotProcess(tmp_path, settings, *arguments))
        return made[-1]

    yield make
    for process in made:
        if process.started:
            await process.kill()
