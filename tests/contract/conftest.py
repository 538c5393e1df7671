"""Fixtures of the conversations."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import click
import pytest

from bot.adapters import terminal
from bot.commands.handlers import Commands
from bot.db import Database
from bot.filters import aliases
from bot.ports import Request
from tests.contract.conversations import NOW, Say, harbour_stories, put_on_the_wire, yes


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Fill a wire with a baseline of thirty entries."""
    opened = Database(tmp_path / "phiwire.db")
    await put_on_the_wire(opened, harbour_stories())
    yield opened
    await asyncio.to_thread(opened.close)


@pytest.fixture
def say(database: Database) -> Say:
    """Type as Ada in her chat, and read the answer as plain text."""
    known = aliases.read({"Bronwen Hale Moss": ["BHM"]})
    commands = Commands(database, lambda: NOW, lambda: None, "Europe/London", known)

    async def typed(text: str, may_write: Callable[[], Awaitable[bool]] = yes, replied_to: str = "") -> str:
        request = Request("telegram", "7", text, "Ada", may_write, replied_to=replied_to)
        return click.unstyle(terminal.reply(await commands.answer(request)))

    return typed
