"""Whatever people read comes from the catalogues: in a language of brackets nothing that is English stands outside."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.commands import menus
from bot.commands.parser import COMMANDS
from bot.db import Database
from bot.filters.matcher import Matcher
from bot.languages import ENGLISH, spoken
from bot.model import Item, Source
from bot.outbox.sender import Sender
from bot.ports import Presentation
from bot.wire import source_store
from bot.wire import store as wire
from bot.wire.entry_store import Arrival
from tests.contract.conversations import NOW
from tests.contract.pseudo_language import brackets, typed, typed_in
from tests.contract.talking import Talk
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_state import Chat, SentMessage

SOURCE = Source("wire", "Λιμάνι", "phiwire", "https://example.org")
HEADLINE = "Πλοίο και λιμάνι"
AUTHOR = "Μαρία Κουίλ"
LINK = "https://news.example/1"
# What is typed in a private chat, in this order: each command as it is meant, without what it needs, and with what it
# does not understand. A command that is missing here is missing from the test.
TYPED = (
    "/start",
    "/help",
    "/nonsense",
    "/folow",
    "/filters",
    "/latest",
    "/latest ten",
    "/search",
    "/search πλοίο",
    "/search άγνωστο",
    "/sources",
    "/undo",
    "/resume",
    "/follow",
    f"/follow {AUTHOR}",
    f"/follow {AUTHOR}",
    "/follow (",
    "/subscribe",
    "/subscribe (λιμάνι",
    "/subscribe -λιμάνι",
    '/subscribe "λιμάνι',
    "/subscribe before:λιμάνι",
    "/subscribe kind:λιμάνι",
    "/subscribe λιμάνι OR",
    "/subscribe /[/",
    "/subscribe λιμάνι -αγορά",
    "/subscribe! πλοίο",
    "/mute",
    "/mute αγορά 2h",
    "/mute αγορά 999999d",
    "/mute ποδόσφαιρο",
    "/unmute αγορά",
    "/unmute 99",
    "/unsubscribe",
    "/unsubscribe άγνωστο",
    "/unfollow άγνωστο",
    "/urgent",
    "/urgent 1",
    "/urgent 1 off",
    "/urgent 99",
    "/silent",
    "/silent 1",
    "/silent 1 off",
    "/filters",
    "/preview",
    "/preview λιμάνι",
    "/preview (",
    "/undo",
    "/export",
    "/export 9",
    "/import",
    "/import λιμάνι",
    "/import subscribe (",
    "/import subscribe αγορά until 2020-01-01 10:00",
    "/import subscribe αγορά",
    "/import replace subscribe λιμάνι",
    "/share",
    f"/share {AUTHOR}",
    "/start nothing",
    "/status",
    "/missed",
    "/missed soon",
    "/missed 3h",
    "/pause 2h",
    "/pause soon",
    "/status",
    "/resume",
    "/pause",
    "/settings",
    "/resume",
    "/corrections",
    "/corrections off",
    "/corrections on",
    "/corrections perhaps",
    "/settings",
    "/settings nonsense",
    "/settings silent on",
    "/settings silent off",
    "/settings preview large",
    "/settings preview none",
    "/settings preview small",
    "/settings buttons off",
    "/settings buttons on",
    "/settings corrections off",
    "/settings corrections on",
    "/settings zone Europe/Cardif",
    "/settings zone nowhere at all",
    "/settings zone Europe/London",
    "/settings language",
    "/settings language klingon",
    "/settings language english",
    "/settings who members",
    "/settings template",
    "/settings template {nonsense}",
    "/settings template *{headline}",
    "/settings template {headline} – {author}, {time}",
    "/settings template none",
    "/why",
    f"/why {LINK}",
    "/why not",
    f"/why not {LINK}",
    "/why not άγνωστο",
    "/why not αγορά",
    "/manage",
    "/manage off",
    "/manage @nowhere",
    "/forget",
)
# In a group: what a member may not, and what an administrator sees of it.
REFUSED = ("/follow λιμάνι", "/settings silent on", "/forget")
# In the order in which they are pressed, by what stands on them without brackets; each panel is read after it.
PANEL = (
    "Corrections",
    "Silent",
    "Preview",
    "Buttons",
    "Pause",
    "Resume",
    "Time zone",
    "London",
    "Language",
    "Filters",
    "‹‹ Back",
    "Done",
)


class Readers(Talk):
    """People who read all that they are shown, and take down what was typed past the catalogue."""

    def __init__(self, telegram: TelegramEmulator, database: Database) -> None:
        super().__init__(telegram, database)
        self.ada, self.bob = telegram.user(7, "Άντα"), telegram.user(8, "Μπομπ")
        self.home, self._marker = telegram.private_chat(self.ada), telegram.private_chat(99, "Marker")
        self.found: list[str] = []

    async def hears(self) -> None:
        """Wait until the bot has handled all that Telegram has told so far."""
        await self.ask(self._marker, self._marker.user, "/latest 1")

    def read(self, what: str, shown: list[str]) -> None:
        """Take down what is English."""
        self.found += [f"{what}: {each}" for each in shown]

    def read_chat(self, what: str, chat: Chat) -> None:
        """Read all messages of a chat that stand there, with their buttons, and remove them."""
        for each in self.telegram.messages(chat):
            self.read(what, typed_in(each))
            for row in self.telegram.buttons(chat, each):
                for label in row:
                    self.read(f"{what}, button", typed(label))
            self.telegram.erase(chat, each)

    async def says(self, chat: Chat, text: str, reply_to: int | None = None) -> None:
        """Type something as Ada, and read what comes until the bot has answered the next one."""
        await self.telegram.say(chat, self.ada, text, reply_to)
        await self.telegram.wait_for(lambda: self.telegram.messages(chat) or None, what=f"no answer to {text}")
        await self.hears()
        self.read_chat(text, chat)

    async def publishes(self, *items: Item, changed: bool = False) -> None:
        """Bring news to whoever wants it, or correct the entry of that key."""
        await self.database.write(_publish, items, self, changed=changed)
        sender = Sender(self.database, self.adapter, lambda: self.now)
        running = asyncio.create_task(sender.run())
        what = "editMessageText" if changed else "sendMessage"
        before = len(self.telegram.calls(what))
        await self.telegram.wait_for(lambda: len(self.telegram.calls(what)) > before or None, what="no news")
        sender.stop()
        await running


def _publish(connection: Any, items: tuple[Item, ...], readers: Readers, *, changed: bool) -> None:
    now = readers.now
    arrivals = [Arrival(each, each) for each in items]
    if changed:
        (number,) = connection.execute("SELECT id FROM entries WHERE key = ?", (items[0].key,)).fetchone()
        wire.commit_poll(connection, SOURCE, now, now, changed=[(number, arrivals[0])])
    else:
        wire.commit_poll(connection, SOURCE, now, now, new=arrivals)
    matcher = Matcher()
    while matcher.match(connection, now).more:
        pass


def story(number: int) -> Item:
    """Write news."""
    return Item(f"k{number}", "wire", f"{HEADLINE} {number}", url=f"https://news.example/{number}", author=AUTHOR)


@pytest.fixture
async def readers(telegram: TelegramEmulator, tmp_path: Path) -> AsyncIterator[Readers]:
    """Let people read a wire of thirty entries."""
    with spoken(ENGLISH, brackets):
        database = Database(tmp_path / "phiwire.db")
        there = Readers(telegram, database)
        await database.write(source_store.put_source, SOURCE, "file")
        await database.write(wire.commit_poll, SOURCE, NOW - timedelta(days=15), NOW)
        await database.write(_publish, tuple(map(story, range(30))), there, changed=False)
        await there.adapter.start(there.commands)
        yield there
        await there.close()
        await asyncio.to_thread(database.close)


def test_every_command_is_typed() -> None:
    """Whoever adds one adds it above."""
    assert set(COMMANDS) <= {each[1:].partition(" ")[0] for each in TYPED}


async def test_answers_are_said(readers: Readers) -> None:
    """Whatever is typed in a private chat, whoever answers."""
    for each in TYPED:
        await readers.says(readers.home, each)
    await readers.says(readers.home, "/forget everything")
    assert not readers.found, "\n".join(readers.found)


async def test_refusals_are_said(readers: Readers, telegram: TelegramEmulator) -> None:
    """To members of a group, and to whoever brings the bot there."""
    group = telegram.group("Ομάδα", admins=[readers.ada], members=[readers.bob])
    await readers.says(group, "/start")
    await readers.says(group, "/settings")
    for each in REFUSED:
        readers.read(each, typed(await readers.refused(group, readers.bob, each)))
    await readers.says(group, "/settings who members")
    for each in REFUSED[1:]:
        readers.read(each, typed(await readers.refused(group, readers.bob, each)))
    await readers.says(group, "/settings who administrators")
    assert not readers.found, "\n".join(readers.found)


async def test_panel_is_said(readers: Readers, telegram: TelegramEmulator) -> None:
    """Each of its states, and what pops up."""
    panel = await readers.ask(readers.home, readers.ada, "/settings")
    await _press_all(readers, panel, PANEL)
    assert not readers.found, "\n".join(readers.found)


async def test_welcome_is_said(readers: Readers) -> None:
    """With the examples that are tapped, and those of the links that other chats open."""
    welcome = await readers.ask(readers.home, readers.ada, "/start")
    await _press_all(readers, welcome, [readers.telegram.buttons(readers.home, welcome)[0][0]])
    assert not readers.found, "\n".join(readers.found)


async def test_news_is_said(readers: Readers, telegram: TelegramEmulator) -> None:
    """Around the news itself: a message with its buttons, its correction, and a dozen in one."""
    await readers.ask(readers.home, readers.ada, f"/follow {AUTHOR}")
    readers.read_chat("follow", readers.home)
    readers.advance(600)
    await readers.publishes(story(100))
    (message,) = telegram.messages(readers.home)
    await _press_all(readers, message, ("Mute", AUTHOR, "1 day", "Why", "Mute", "‹ Back"))
    await readers.ask(readers.home, readers.ada, "/undo")
    await readers.publishes(replace(story(100), headline="Λιμάνι και πλοίο"), changed=True)
    await readers.telegram.say(readers.home, readers.ada, "/why", message.message_id)
    await readers.hears()
    readers.read_chat("news", readers.home)
    readers.advance(600)
    await readers.publishes(*map(story, range(200, 215)))
    readers.read_chat("flood", readers.home)
    assert not readers.found, "\n".join(readers.found)


async def test_inline_mode_is_said(readers: Readers, telegram: TelegramEmulator) -> None:
    """The newest, what is found, what is not, and what is no query."""
    for each in ("", "πλοίο", "άγνωστο", "("):
        answer = await telegram.wait_for_inline(await telegram.type_inline(readers.ada, each))
        readers.read(f"inline {each}", typed(answer.get("button", {}).get("text", "")))
        for result in answer["results"]:
            readers.read(f"inline {each}", typed(result["description"]))
    assert not readers.found, "\n".join(readers.found)


def test_menus_are_said() -> None:
    """What Telegram shows by itself."""
    with spoken(ENGLISH, brackets):
        shown = menus.presentation()
    assert [each for text in _texts(shown) for each in typed(text)] == []


def _texts(shown: Presentation) -> list[str]:
    does = [does for menu in shown.menus for _, does in menu.commands]
    return [*does, *(text for each in shown.portraits for text in (each.description, each.short))]


async def _written(readers: Readers, message: SentMessage, label: str) -> str:
    """Find what stands on the button whose label begins so, without its brackets."""
    return await readers.telegram.wait_for(
        lambda: next(
            (
                each
                for row in readers.telegram.buttons(readers.home, message)
                for each in row
                if re.sub("[⟦⟧]", "", each).startswith(re.sub("[⟦⟧]", "", label))
            ),
            None,
        ),
        what=f"no button {label}",
    )


async def _press_all(readers: Readers, message: SentMessage, labels: tuple[str, ...] | list[str]) -> None:
    chat = readers.home
    for label in labels:
        toast = await readers.telegram.press(chat, readers.ada, message, await _written(readers, message, label))
        readers.read(f"{label}, toast", typed(str(toast.get("text", ""))))
        await readers.hears()
        for each in readers.telegram.messages(chat):
            readers.read(f"{label}, panel", typed_in(each))
            for row in readers.telegram.buttons(chat, each):
                for button in row:
                    readers.read(f"{label}, button", typed(button))
