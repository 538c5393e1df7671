"""A stage for pictures of Slack: people, the bot's code, an emulated workspace, and a clock that the scene turns."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.adapters.slack import SlackAdapter
from bot.commands.handlers import Commands
from bot.db import Database
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_state import PostedMessage, SlackChannel, SlackUser
from tests.pictures import newsroom, slack_record
from tests.pictures.newsroom import LIMITS, Newsroom
from tests.pictures.slack_shots import Happened, Post, Screen, Typed

ZONE = ZoneInfo("Europe/London")
BOT = "PhiWire"


class SlackScene(Newsroom):
    """What a scenario is played with. Ada's is the screen that one looks at."""

    def __init__(self, database: Database, adapter: SlackAdapter, slack: SlackEmulator) -> None:
        super().__init__(database, adapter)
        self.slack = slack
        self.ada, self.ben = slack.user("Ada", admin=True), slack.user("Ben")
        self._screens: list[Screen] = []
        self._of: dict[str, Screen] = {}
        # What was drawn of each message: its text and blocks as they stood then.
        self._drawn: dict[str, object] = {}

    @property
    def screens(self) -> list[Screen]:
        """What was seen, in each conversation where anything was."""
        return [screen for screen in self._screens if screen.seen]

    def channel(self, name: str, subtitle: str = "3 members", *, private: bool = False) -> SlackChannel:
        """Show a channel."""
        channel = self.slack.channel(name, private=private)
        self.show(channel, f"{'🔒' if private else '#'} {name}", subtitle)
        return channel

    def show(self, channel: SlackChannel, title: str, subtitle: str) -> None:
        """Open a screen on a conversation."""
        self._of[channel.id] = screen = Screen(title, subtitle)
        self._screens.append(screen)

    def happened(self, channel: SlackChannel, words: str) -> None:
        """Say between the messages what happened."""
        self._of[channel.id].seen.append(Happened(words))

    def clear(self) -> None:
        """Leave out what came so far: it is not what the picture is about."""
        for screen in self._screens:
            screen.seen.clear()

    async def type(self, channel: SlackChannel, who: SlackUser, text: str) -> PostedMessage:
        """Let somebody type /phiwire and something, and show what only they see."""
        screen = self._of[channel.id]
        if who is self.ada:
            screen.seen.append(Typed(f"/phiwire {text}".rstrip()))
        result = await self.slack.command(channel, who, "/phiwire", text)
        if who is self.ada:
            screen.seen.append(self.post(result.replies[-1], only_you=True))
        self.look()
        return result.replies[-1]

    def look(self) -> None:
        """Take down what is new or changed for everybody, and what the bot told Ada alone."""
        for message in [*self.slack.workspace.posted, *self.slack.workspace.ephemeral]:
            screen = self._of.get(message.channel)
            if screen is None or (message.user and message.user != self.ada.id):
                continue
            shown = self.post(message, only_you=bool(message.user))
            state = (shown.parts, shown.edited)
            if self._drawn.get(message.ts) != state:
                self._drawn[message.ts] = state
                screen.seen.append(shown)

    def post(self, message: PostedMessage, *, only_you: bool = False) -> Post:
        """Show a message of the bot as it stands."""
        parts = slack_record.parts(message.blocks) if message.blocks else slack_record.plain(message.text)
        thread = message.params.get("thread_ts")
        clock = f"{self.now.astimezone(ZONE):%H:%M}"
        return Post(
            author=BOT,
            clock=clock,
            parts=parts,
            app=True,
            only_you=only_you,
            edited=bool(message.edits),
            reply=bool(thread) and thread != message.ts,
        )


@contextlib.asynccontextmanager
async def set_stage() -> AsyncIterator[SlackScene]:
    """Set the stage; nothing that the bot sends may be wrong."""
    with tempfile.TemporaryDirectory() as folder:
        async with SlackEmulator(write_public=True) as slack:
            database = Database(Path(folder) / "scene.db")
            adapter = SlackAdapter(slack.bot_token, slack.app_token, slack.url, lambda: scene.now, LIMITS)
            scene = SlackScene(database, adapter, slack)
            try:
                await database.write(newsroom.past, scene.now)
                await adapter.start(Commands(database, lambda: scene.now, lambda: None, "Europe/London"))
                yield scene
            finally:
                await adapter.close()
                await asyncio.to_thread(database.close)
            assert slack.violations == []
