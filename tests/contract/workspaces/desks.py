"""Workspaces that have the bot, each with a channel that follows somebody; news for them, and who sends it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.adapters.slack import SlackAdapter
from bot.model import Item
from bot.outbox.sender import Sender
from tests.contract.conversations import publish_items
from tests.contract.slack_installing import Bot
from tests.emulators.slack_many import Team
from tests.emulators.slack_state import SlackChannel, SlackUser


class Desk:
    """A workspace that has the bot, with Ada in a channel that follows Priya Ashdown."""

    def __init__(self, bot: Bot, team: Team) -> None:
        self.bot = bot
        self.team = team
        self.ada: SlackUser = bot.slack.user_of(team, "ada")
        self.room: SlackChannel = bot.slack.channel_of(team, "ferries")

    @property
    def address(self) -> str:
        """Name the channel as the bot does."""
        return f"{self.team.id}/{self.room.id}"

    async def install(self) -> None:
        """Install the bot."""
        page = await self.bot.install(self.team, self.ada)
        assert "PhiWire is in" in page.text

    async def ask(self, text: str) -> str:
        """Type a command."""
        return await self.bot.ask(text, self.ada, self.room)

    async def follow(self) -> None:
        """Install the bot and follow somebody."""
        await self.install()
        assert "Following" in await self.ask("follow Priya Ashdown")
        await self.announced()

    def shown(self) -> list[str]:
        """List the news that the channel shows."""
        return [each.shown for each in self.bot.slack.messages(self.room) if "ada added" not in each.shown]

    async def announced(self) -> None:
        """Wait until the channel was told what was followed."""
        await self.bot.slack.wait_for_message(self.room, "ada added")

    async def delivery(self) -> tuple[str, str]:
        """Say what became of the newest delivery there."""
        return await self.bot.database.read(_newest, self.address)


def _newest(connection: sqlite3.Connection, address: str) -> tuple[str, str]:
    row = connection.execute(
        """
        SELECT d.status, d.error FROM deliveries AS d JOIN channels AS c ON c.id = d.channel WHERE c.address = ?
        ORDER BY d.id DESC
        """,
        (address,),
    ).fetchone()
    return row["status"], row["error"]


async def publish(bot: Bot, *headlines: str) -> None:
    """Bring news of Priya Ashdown onto the wire, and to whoever follows her."""
    await publish_items(bot.database, *(Item(each, "wire", each, author="Priya Ashdown") for each in headlines))


@asynccontextmanager
async def sending(bot: Bot, adapter: SlackAdapter | None = None) -> AsyncIterator[Sender]:
    """Run a sender."""
    sender = Sender(bot.database, adapter or bot.adapter, bot.clock, burst=1000)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(sender.run())
        try:
            yield sender
        finally:
            sender.stop()
