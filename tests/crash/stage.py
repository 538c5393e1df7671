"""What is killed: the bot as a process, with chats of every kind, a feed, and its file looked at from beside."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot import channels, db
from bot.filters import store as filters
from tests.e2e.process import BotProcess, local_settings
from tests.emulators import pages
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_state import SlackChannel
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_state import Chat
from tests.emulators.web import WebEmulator

# Seconds in which a bot that was started again has sent what waited, on a busy machine.
PATIENCE = 60.0
# Public channels of Slack may be read with this, private ones may not.
SCOPES = ("channels:history",)
# More rows than can be counted: whoever's write fires this goes no further.
_FOR_EVER = ", ".join(f"sqlite_master AS s{number}" for number in range(9))


@dataclass(frozen=True)
class Room:
    """A chat or channel, and the texts that people see there; `readable` where the bot may look for its messages."""

    name: str
    platform: str
    address: str
    texts: Callable[[], list[str]]
    readable: bool = False


class Stage:
    """The bot between a Telegram, a Slack and a web site. Its rooms want everything that the feed brings."""

    def __init__(
        self,
        folder: Path,
        telegram: TelegramEmulator,
        slack: SlackEmulator,
        web: WebEmulator,
        bot_process: Callable[..., BotProcess],
        **settings: str,
    ) -> None:
        self.telegram = telegram
        self.slack = slack
        self.web = web
        self.path = folder / "phiwire.db"
        sources = folder / "sources.toml"
        sources.write_text(
            "\n".join(
                f'[[source]]\nslug="{slug}"\nname="{slug}"\nkind="feed"\nurl="{web.url}/{slug}"\nevery="1s"'
                for slug in ("feed", "tick")
            )
        )
        # Each message by itself: one that lists many would hide which of them came twice.
        own = {"PHIWIRE_DATABASE": str(self.path), "PHIWIRE_BURST": "1000", **settings}
        self.settings = local_settings(telegram, slack, sources) | own
        self.process = bot_process(self.settings)
        self.titles: list[str] = []
        self.publish(1)
        web.publish("/tick", pages.rss([pages.FeedItem("Nothing new", "https://example.org/0", "id-0")]))
        db.Database(self.path).close()

    def chat(self, name: str, chat: Chat) -> Room:
        """Make a room of a Telegram chat."""
        return Room(name, "telegram", str(chat.id), lambda: [sent.text for sent in self.telegram.messages(chat)])

    def conversation(self, name: str, channel: SlackChannel) -> Room:
        """Make a room of a Slack channel."""
        texts = lambda: [posted.shown for posted in self.slack.messages(channel)]  # noqa: E731 - as above
        return Room(name, "slack", channel.id, texts, not channel.private)

    def rooms(self) -> list[Room]:
        """Make one room of every kind that the policy for doubts knows."""
        return [
            self.chat("private", self.telegram.private_chat(7, "Ada")),
            self.chat("group", self.telegram.group("Lobby", supergroup=True)),
            self.conversation("readable", self.slack.channel("newsroom")),
            self.conversation("unreadable", self.slack.channel("desk", private=True)),
        ]

    def subscribe(self, *rooms: Room) -> None:
        """Let rooms have everything, before the bot is started."""
        now = datetime.now(UTC)
        with contextlib.closing(db.connect(self.path)) as connection, db.transaction(connection):
            for room in rooms:
                channel = channels.ensure(connection, room.platform, room.address, "", room.name, "UTC", now)
                filters.add(connection, channel.id, "match", "ferry", "Ada", now)

    def publish(self, number: int, *, corrected: str = "") -> None:
        """Show so many items, newest first; the newest may be corrected."""
        self.titles = [f"Ferry news number {n:04d}" for n in range(1, number + 1)]
        shown = [*self.titles[:-1], f"{self.titles[-1]} {corrected}".strip()]
        items = [
            pages.FeedItem(title, f"https://example.org/{n}", f"id-{n}", "Marta Quill")
            for n, title in enumerate(shown, 1)
        ]
        self.web.publish("/feed", pages.rss(items[::-1]), "application/rss+xml")

    @property
    def wanted(self) -> list[str]:
        """Name what every room should get; the first item was there before the bot."""
        return self.titles[1:]

    async def tick(self) -> None:
        """Let the bot go on until it looks once more at what never changes."""
        await self.web.wait_for_requests("/tick", len(self.web.requests_for("/tick")) + 1, timeout=PATIENCE)

    async def start(self) -> None:
        """Start the bot, and wait until it knows what was there before."""
        await self.process.start()
        await self.until(lambda: self.rows("SELECT 1 FROM sources WHERE slug = 'feed' AND baseline_at IS NOT NULL"))

    async def until(self, happens: Callable[[], Any], patience: float = PATIENCE) -> None:
        """Wait for something in the bot's file, looked at whenever it asks for a page."""
        await self.web.wait_for(happens, patience, "nothing of the kind in the database")

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Read what is committed, on a connection of its own."""
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=10)) as connection:
            return connection.execute(query, values).fetchall()

    def freeze(self, write: str, when: str = "1") -> None:
        """Let the bot's next write of a kind, such as "INSERT ON entries", never end, nor its transaction."""
        with contextlib.closing(sqlite3.connect(self.path, timeout=10)) as connection:
            connection.execute(
                f"CREATE TRIGGER freeze BEFORE {write} WHEN {when} BEGIN SELECT count(*) FROM {_FOR_EVER}; END"
            )

    async def is_frozen(self) -> None:
        """Wait until the bot's transaction does not end any more."""
        async with asyncio.timeout(PATIENCE):
            while not await asyncio.to_thread(self._is_locked):
                await self.web.next_change(1.0)

    def _is_locked(self) -> bool:
        # Whatever else the bot writes it has written in a fraction of this.
        with contextlib.closing(sqlite3.connect(self.path, timeout=0.5, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            connection.execute("ROLLBACK")
            return False

    async def kill(self) -> None:
        """Kill the bot, and let nothing be held back or frozen any more."""
        await self.process.kill()
        self.telegram.release()
        self.slack.release()
        self.web.release()
        with contextlib.closing(sqlite3.connect(self.path, timeout=10)) as connection:
            connection.execute("DROP TRIGGER IF EXISTS freeze")
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)

    async def finish(self, rooms: list[Room], patience: float = PATIENCE) -> None:
        """Wait until all is in the rooms and nothing waits, and stop the bot."""
        await self.comes_to_rest(rooms, patience)
        assert await self.process.terminate() == 0

    async def comes_to_rest(self, rooms: list[Room], patience: float = PATIENCE) -> None:
        """Wait until all is in the rooms and nothing waits."""
        # A signal in the first instants of an interpreter's life meets nobody who could handle it.
        await self.tick()
        # What says why something did not come is a row, which no platform hears of: both are looked at with each page.
        await self.web.wait_for(lambda: not any(map(self.missing, rooms)), patience, "news is missing in a room")
        await self.until(lambda: not self.rows(f"{WAITING} LIMIT 1"), patience)

    def missing(self, room: Room) -> list[str]:
        """Name what did not arrive in a room and has no row that says why."""
        ended = self.rows(
            """
            SELECT e.headline FROM deliveries AS d JOIN entries AS e ON e.id = d.entry JOIN channels AS c
            ON c.id = d.channel WHERE c.address = ? AND d.status IN ('failed', 'expired') AND d.error <> ''
            """,
            room.address,
        )
        explained = {headline for (headline,) in ended}
        counted = self.copies(room)
        return [title for title in self.wanted if not counted[title] and title not in explained]

    def copies(self, room: Room) -> Mapping[str, int]:
        """Count how often each item is in a room."""
        texts = room.texts()
        return {title: sum(title in text for text in texts) for title in self.wanted}


# What a platform that is there has not got yet.
WAITING = """
    SELECT e.headline, c.address, d.status FROM deliveries AS d JOIN entries AS e ON e.id = d.entry
    JOIN channels AS c ON c.id = d.channel
    WHERE d.status IN ('pending', 'sending', 'folded') AND c.platform <> 'terminal'
"""
