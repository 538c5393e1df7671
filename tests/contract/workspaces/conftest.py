"""Fixtures of many workspaces: a Slack of several, the bot that they may install, and two that have."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.db import Database
from tests.contract.slack_installing import Bot, running
from tests.contract.workspaces.desks import Desk
from tests.emulators.slack_many import ManySlack


@pytest.fixture
async def slack() -> AsyncIterator[ManySlack]:
    """Run a Slack of many workspaces."""
    async with ManySlack() as emulator:
        yield emulator
    assert emulator.violations == []


@pytest.fixture
async def bot(slack: ManySlack, database: Database, port: int) -> AsyncIterator[Bot]:
    """Run the bot."""
    async with running(slack, database, port) as bot:
        yield bot


@pytest.fixture
async def desks(bot: Bot, slack: ManySlack) -> tuple[Desk, Desk]:
    """Make two workspaces that follow the same person."""
    here, there = Desk(bot, slack.team("Harbour Desk")), Desk(bot, slack.team("Ferry Desk"))
    for desk in (here, there):
        await desk.follow()
    return here, there
