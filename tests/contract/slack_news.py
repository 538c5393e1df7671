"""News that comes to Slack, and what people press below it."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import timedelta

from bot.filters import store as filters
from bot.model import Item
from bot.outbox.sender import Sender
from bot.wire import store as wire
from bot.wire.entry_store import Arrival
from tests.contract.conversations import NOW, WIRE, publish_items
from tests.contract.slack_talking import Talk
from tests.emulators.slack_state import PostedMessage, SlackChannel

FERRY = Item("f", "wire", "Ferry vote survives", url="https://news.example/1", author="Marta Quill", published_at=NOW)
OF_AUTHOR = ["Follow", "Mute …", "Why", "Open"]


async def deliver(talk: Talk) -> None:
    """Send until nothing is left that can be sent now."""
    sender = Sender(talk.database, talk.adapter, lambda: talk.now)
    running = asyncio.create_task(sender.run())
    async with asyncio.timeout(10):
        while await talk.database.read(_due, talk):
            pass
    sender.stop()
    await running


def _due(connection: sqlite3.Connection, talk: Talk) -> bool:
    found = connection.execute(
        """
        SELECT 1 FROM deliveries AS d JOIN channels AS c ON c.id = d.channel WHERE d.status = 'sending'
            OR (d.status = 'pending' AND d.due_at <= :now AND coalesce(c.hold_until, '') <= :now
                AND c.gone_at IS NULL AND c.paused_until IS NULL)
            OR EXISTS (SELECT 1 FROM entries WHERE corrected < revision)
        """,
        {"now": talk.now.strftime("%Y-%m-%dT%H:%M:%S.999Z")},
    ).fetchone()
    return found is not None


async def bring(talk: Talk, item: Item = FERRY, channel: SlackChannel | None = None) -> PostedMessage:
    """Bring an item to whoever wants it, and return its message."""
    talk.now += timedelta(seconds=2)
    await publish_items(talk.database, item)
    await deliver(talk)
    return [each for each in talk.slack.messages(channel or talk.channel) if each.metadata][-1]


async def correct(talk: Talk, number: int, item: Item) -> None:
    """Have an entry corrected, and all that follows sent."""
    talk.now += timedelta(seconds=2)
    changed = [(number, Arrival(item, item))]
    await talk.database.write(wire.commit_poll, WIRE, talk.now, talk.now, changed=changed)
    await deliver(talk)


async def newest(talk: Talk) -> int:
    """Name the newest entry."""
    return int(
        await talk.database.read(lambda connection: connection.execute("SELECT max(id) FROM entries").fetchone()[0])
    )


async def kept(talk: Talk, channel: SlackChannel | None = None) -> list[str]:
    """List the filters of a channel."""

    def read(connection: sqlite3.Connection) -> list[str]:
        address = (channel or talk.channel).id
        (number,) = connection.execute("SELECT id FROM channels WHERE address = ?", (address,)).fetchone()
        return [f"{each.kind} {each.query}" for each in filters.of_channel(connection, number, talk.now)]

    return await talk.database.read(read)
