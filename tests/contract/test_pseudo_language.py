"""Whatever people read comes from the catalogues: in a language of brackets nothing that is English stands outside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.commands import menus
from bot.commands.parser import COMMANDS
from bot.db import Database
from bot.languages import ENGLISH, spoken
from bot.ports import Presentation
from bot.wire import source_store
from bot.wire import store as wire
from tests.contract.conversations import NOW
from tests.contract.pseudo_language import brackets, typed
from tests.contract.readers import AUTHOR, HEADLINE, SOURCE, Readers, publish, story
from tests.emulators import pages
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.web import WebEmulator

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
    "/edit",
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


@pytest.fixture
async def readers(telegram: TelegramEmulator, tmp_path: Path) -> AsyncIterator[Readers]:
    """Let people read a wire of thirty entries."""
    with spoken(ENGLISH, brackets):
        database = Database(tmp_path / "phiwire.db")
        there = Readers(telegram, database)
        await database.write(source_store.put_source, SOURCE, "file")
        await database.write(wire.commit_poll, SOURCE, NOW - timedelta(days=15), NOW)
        await database.write(publish, tuple(map(story, range(30))), there, changed=False)
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


async def test_operators_answers_are_said(readers: Readers, web: WebEmulator) -> None:
    """Also those that come later, beside what others type."""
    news = [pages.FeedItem(f"{HEADLINE} {n}", f"https://news.example/{n}") for n in range(5)]
    feed = web.publish("/news.xml", pages.rss(news, "Νέα"), "application/rss+xml")
    empty = web.publish("/empty", "<!doctype html><html><body><p>Λιμάνι</p></body></html>")
    for typed_alone in (
        "/help",
        "/source",
        "/source list",
        "/source test",
        "/source remove nothing",
        "/pick",
        "/pick x",
    ):
        await readers.says(readers.home, typed_alone)
    for looked_at in (f"test {feed}", f"add {feed} Νέα", f"add {feed}", f"test {empty}", f"add {web.url}/nothing"):
        await readers.says(readers.home, f"/source {looked_at}", answers=2)
    await readers.says(readers.home, "/source list")
    for pick in ("Μαρία | Αγορά", "Μαρία | Αγορά", "Μαρία | Νέα αγορά"):
        await readers.says(readers.home, f"/pick https://news.example/pick {pick}")
    await readers.says(readers.home, "/status")
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
    await readers.press_all(panel, PANEL)
    assert not readers.found, "\n".join(readers.found)


async def test_welcome_is_said(readers: Readers) -> None:
    """With the examples that are tapped, and those of the links that other chats open."""
    welcome = await readers.ask(readers.home, readers.ada, "/start")
    await readers.press_all(welcome, [readers.telegram.buttons(readers.home, welcome)[0][0]])
    assert not readers.found, "\n".join(readers.found)


async def test_news_is_said(readers: Readers, telegram: TelegramEmulator) -> None:
    """Around the news itself: a message with its buttons, its correction, and a dozen in one."""
    await readers.ask(readers.home, readers.ada, f"/follow {AUTHOR}")
    readers.read_chat("follow", readers.home)
    readers.advance(600)
    await readers.publishes(story(100))
    (message,) = telegram.messages(readers.home)
    await readers.press_all(message, ("Mute", AUTHOR, "1 day", "Why", "Mute", "‹ Back"))
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
