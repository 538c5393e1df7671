"""A stage for pictures of Slack: people, the bot's code, an emulated workspace, and a clock that the scene turns."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from bot.adapters.slack import SlackAdapter
from bot.commands.handlers import Commands
from bot.db import Database
from tests.emulators import slack_homes
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_modals import Modal
from tests.emulators.slack_state import PostedMessage, SlackChannel
from tests.pictures import newsroom, slack_record
from tests.pictures.newsroom import LIMITS, Newsroom
from tests.pictures.slack_shots import Happened, Post, Screen, Sheet, Typed, Words

ZONE = ZoneInfo("Europe/London")
BOT = "PhiWire"
SCOPES = ("channels:read", "groups:read", "users:read")


class SlackScene(Newsroom):
    """What a scenario is played with. Ada's is the screen that one looks at, unless the scene turns to Ben's."""

    def __init__(self, database: Database, adapter: SlackAdapter, slack: SlackEmulator) -> None:
        super().__init__(database, adapter)
        self.slack = slack
        self.ada, self.ben = slack.user("Ada", admin=True), slack.user("Ben")
        # Whose screen one looks at.
        self.viewer = self.ada
        self._screens: list[Screen] = []
        self.of: dict[str, Screen] = {}
        # What Ada was answered to what she typed.
        self.answers: list[PostedMessage] = []
        # What was drawn of each message: its text and blocks as they stood then.
        self._drawn: dict[str, object] = {}
        self._times: dict[str, str] = {}
        self._of_message: dict[int, str] = {}

    @property
    def screens(self) -> list[Screen]:
        """What was seen, in each conversation where anything was."""
        return [screen for screen in self._screens if screen.seen]

    def channel(
        self, name: str, subtitle: str = "3 members", *, private: bool = False, invited: bool = True
    ) -> SlackChannel:
        """Show a channel, to which the bot is invited or not."""
        channel = self.slack.channel(name, private=private, bot_is_member=invited)
        self.show(channel, f"# {name}", f"private channel, {subtitle}" if private else subtitle)
        return channel

    def show(self, channel: SlackChannel, title: str, subtitle: str) -> None:
        """Open a screen on a conversation."""
        self.of[channel.id] = screen = Screen(title, subtitle)
        self._screens.append(screen)

    def happened(self, channel: SlackChannel, words: str) -> None:
        """Say between the messages what happened."""
        self.of[channel.id].seen.append(Happened(words))

    def clear(self) -> None:
        """Leave out what came so far: it is not what the picture is about."""
        for screen in self._screens:
            screen.seen.clear()

    async def type(self, channel: SlackChannel, text: str, then: str = "") -> PostedMessage:
        """Let the viewer type /phiwire and something."""
        self.of[channel.id].seen.append(Typed(f"/phiwire {text}".rstrip()))
        result = await self.slack.command(channel, self.viewer, "/phiwire", text)
        self.answers.append(result.replies[-1])
        await self.see(channel, then)
        return result.replies[-1]

    async def say(self, channel: SlackChannel, text: str, then: str) -> None:
        """Let Ada write a message to the app, or one that mentions it."""
        words = text if channel.direct else f"@PhiWire {text}"
        self.of[channel.id].seen.append(Post("Ada", self.clock, (Words(words),)))
        await self.slack.say(channel, self.ada, text)
        await self.see(channel, then)

    async def press(self, channel: SlackChannel, message: PostedMessage, label: str, then: str) -> None:
        """Let Ada press a button, or choose from a message's menu."""
        await self.slack.pressing.press(self.ada, message, label)
        self._mark(channel, message, label)
        await self.see(channel, then)

    async def point(self, channel: SlackChannel, message: PostedMessage, shortcut: str, name: str, then: str) -> None:
        """Let Ada choose a shortcut in a message's own menu."""
        await self.slack.pressing.shortcut(self.ada, message, shortcut)
        self.happened(channel, f"Ada opens the message’s menu (⋮) and chooses “{name}”")
        await self.see(channel, then)

    async def open(self, channel: SlackChannel, text: str) -> Modal:
        """Let Ada type what opens a view."""
        stacks = self.slack.workspace.modals.stacks
        before = len(stacks)
        self.of[channel.id].seen.append(Typed(f"/phiwire {text}"))
        await self.slack.command(channel, self.ada, "/phiwire", text, replies=0)
        await self.slack.wait_for(lambda: len(stacks) > before)
        modal = Modal(self.slack, self.ada, stacks[-1])
        await self.slack.wait_for(lambda: "One moment" not in modal.shown)
        return modal

    def draw_modal(self, channel: SlackChannel, modal: Modal, pressed: str = "") -> None:
        """Draw a view as Ada sees it, with what she has typed into it."""
        view = modal.view
        parts = slack_record.parts(view["blocks"], view["state"]["values"], modal.errors)
        submit, close = ((view.get(each) or {}).get("text", "") for each in ("submit", "close"))
        self.of[channel.id].seen.append(Sheet(view["title"]["text"], parts, submit, close, pressed=pressed))

    async def home(self, title: str, then: str, pressed: str = "") -> None:
        """Open Ada's home tab, or see what has become of it."""
        if not pressed:
            await slack_homes.open_home(self.slack, self.ada)
        homes = self.slack.workspace.homes
        await self.slack.wait_for(
            lambda: self.ada.id in homes and then in slack_homes.shown(self.slack, self.ada), what=f"never {then!r}"
        )
        screen = Screen(title, "Home · Messages · About")
        screen.seen.append(Sheet(title, slack_record.parts(self._named(homes[self.ada.id]["blocks"])), home=True))
        self._screens.append(screen)

    def _named(self, blocks: Any) -> Any:
        """Put the names of channels where blocks have their ids, as Slack does."""
        if isinstance(blocks, list):
            return [self._named(each) for each in blocks]
        if not isinstance(blocks, dict):
            return blocks
        if blocks.get("type") == "channel":
            return blocks | {"text": f"#{self.slack.workspace.channels[blocks['channel_id']].name}"}
        return {name: self._named(each) for name, each in blocks.items()}

    async def see(self, channel: SlackChannel, then: str) -> None:
        """Wait for what holds something, new in a channel, and take down all that is new."""
        shown = self._drawn.copy()
        await self.slack.wait_for(
            lambda: (
                not then
                or any(
                    then in each.shown and shown.get(each.ts) != self._state(each)
                    for each in self._visible()
                    if each.channel == channel.id
                )
            ),
            what=f"never {then!r}",
        )
        self.look()

    def _mark(self, channel: SlackChannel, message: PostedMessage, label: str) -> None:
        seen = self.of[channel.id].seen
        place = max(number for number, each in enumerate(seen) if self._of_message.get(id(each)) == message.ts)
        seen[place] = marked = replace(cast("Post", seen[place]), pressed=label)
        self._of_message[id(marked)] = message.ts

    def _visible(self) -> list[PostedMessage]:
        """List what Ada can see: what is for everybody, and what only she is told; oldest first."""
        alone = [each for each in self.slack.workspace.ephemeral if each.user == self.viewer.id]
        answers = [reply for result in self.slack.results.values() for reply in result.replies]
        mine = [reply for reply in answers if any(reply.ts == each.ts for each in self.answers)]
        return sorted([*self.slack.workspace.posted, *alone, *mine], key=lambda each: each.ts)

    def look(self) -> None:
        """Take down what is new or changed for Ada."""
        for message in self._visible():
            screen = self.of.get(message.channel)
            if screen is None or self._drawn.get(message.ts) == self._state(message):
                continue
            self._drawn[message.ts] = self._state(message)
            shown = self.post(message, only_you=bool(message.user))
            screen.seen.append(shown)
            self._of_message[id(shown)] = message.ts

    @staticmethod
    def _state(message: PostedMessage) -> object:
        return message.text, str(message.blocks)

    @property
    def clock(self) -> str:
        """Tell the time on Ada's wall."""
        return f"{self.now.astimezone(ZONE):%H:%M}"

    def post(self, message: PostedMessage, *, only_you: bool = False) -> Post:
        """Show a message of the bot as it stands."""
        parts = slack_record.parts(message.blocks) if message.blocks else slack_record.plain(message.text)
        thread = message.params.get("thread_ts")
        return Post(
            author=BOT,
            clock=self._times.setdefault(message.ts, self.clock),
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
        async with SlackEmulator(write_public=True, scopes=SCOPES) as slack:
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
