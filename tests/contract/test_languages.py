"""Conversations in Welsh: who is spoken to in which language, and what changes it."""

from __future__ import annotations

import asyncio
import gettext
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta

import click
import pytest

from bot import channels
from bot.adapters import terminal
from bot.commands import language_replies, menus
from bot.commands.handlers import Commands
from bot.db import Database
from bot.languages import LANGUAGES, speaking, spoken
from bot.moments import moment
from bot.outbox.sender import Sender
from bot.ports import Request
from tests.contract.conversations import NOW, publish, yes
from tests.contract.pseudo_language import Brackets
from tests.contract.talking import Talk
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_state import BOT_ID, Chat

ENGLISH, WELSH = "Messages and answers here are in this language", "O hyn ymlaen, bydd negeseuon ac atebion yma"
UNKNOWN, UNKNOWN_WELSH = "I do not speak klingon", "Dydw i ddim yn siarad klingon"
ASK = "/settings language klingon"


class Harbour(Talk):
    """Angharad, whose Telegram is Welsh, and Ada, whose is English."""

    def __init__(self, telegram: TelegramEmulator, database: Database) -> None:
        super().__init__(telegram, database)
        self.ada = telegram.user(7, "Ada", language="en")
        self.angharad = telegram.user(10, "Angharad", language="cy")
        self.own, self.adas = telegram.private_chat(self.angharad), telegram.private_chat(self.ada)
        self.lobby = telegram.group("Lobby", admins=[self.ada, self.angharad], topics=True)

    async def language(self, chat: Chat, thread: str = "") -> str:
        """Say what a chat has chosen."""
        channel = await self.database.read(channels.find, "telegram", str(chat.id), thread)
        assert channel is not None
        return channel.language

    async def news(self, chat: Chat) -> str:
        """Bring news that a chat wants, and return what it gets."""
        before = len(self.telegram.messages(chat))
        await publish(self.database, f"Ferry story {before}")
        sender = Sender(self.database, self.adapter, lambda: self.now)
        running = asyncio.create_task(sender.run())
        await self.telegram.wait_for(lambda: len(self.telegram.messages(chat)) > before or None)
        sender.stop()
        await running
        return self.telegram.messages(chat)[-1].text


def _chosen(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    trail = connection.execute("SELECT actor, detail FROM audit WHERE action = 'language' ORDER BY id")
    return [tuple(row) for row in trail]


@pytest.fixture
async def harbour(telegram: TelegramEmulator, database: Database) -> AsyncIterator[Harbour]:
    """Let them talk."""
    there = Harbour(telegram, database)
    await there.adapter.start(there.commands)
    yield there
    await there.close()
    assert telegram.violations == []


@pytest.fixture
async def bracketed(telegram: TelegramEmulator, database: Database) -> AsyncIterator[Harbour]:
    """Let them talk, with brackets for Welsh, which shows what is said at all."""
    with spoken("en", lambda language: Brackets() if language == "cy" else gettext.NullTranslations()):
        there = Harbour(telegram, database)
        await there.adapter.start(there.commands)
        yield there
        await there.close()


async def test_person_is_answered_in_their_language_from_the_first_command(harbour: Harbour) -> None:
    """Also by what changes nothing; their chat has learnt it."""
    assert UNKNOWN_WELSH in (await harbour.ask(harbour.own, harbour.angharad, ASK)).text
    assert await harbour.language(harbour.own) == "cy"
    assert UNKNOWN in (await harbour.ask(harbour.adas, harbour.ada, ASK)).text
    assert await harbour.language(harbour.adas) == "en"


async def test_times_are_in_the_zone_and_the_words_of_the_chat(harbour: Harbour) -> None:
    """The names of days and months are the language's."""
    await harbour.ask(harbour.own, harbour.angharad, "/settings zone Delhi")
    said = (await harbour.ask(harbour.own, harbour.angharad, "/pause 2d")).text
    until = NOW + timedelta(days=2)
    with speaking("cy"):
        welsh = moment(until, "Asia/Kolkata", NOW)
    assert welsh in said
    assert welsh.endswith("17:30")
    assert welsh != moment(until, "Asia/Kolkata", NOW)


async def test_group_speaks_as_the_first_who_commands_there(harbour: Harbour) -> None:
    """Whoever comes later is answered in the language of the group; each topic has its own."""
    assert UNKNOWN_WELSH in (await harbour.ask(harbour.lobby, harbour.angharad, ASK)).text
    assert UNKNOWN_WELSH in (await harbour.ask(harbour.lobby, harbour.ada, ASK)).text
    topic = harbour.telegram.topic(harbour.lobby)
    assert UNKNOWN in (await harbour.ask(harbour.lobby, harbour.ada, ASK, topic)).text
    assert await harbour.language(harbour.lobby, str(topic)) == "en"
    assert await harbour.language(harbour.lobby) == "cy"


@pytest.mark.parametrize("name", ["welsh", "cy", "Cymraeg", "CYMRAEG "])
async def test_language_is_chosen_by_any_of_its_names(harbour: Harbour, name: str) -> None:
    """What is said next is said in it; who chose it when is remembered."""
    assert WELSH in (await harbour.ask(harbour.adas, harbour.ada, f"/settings language {name}")).text
    assert UNKNOWN_WELSH in (await harbour.ask(harbour.adas, harbour.ada, ASK)).text
    trail = await harbour.database.read(
        lambda c: c.execute("SELECT actor, detail FROM audit WHERE action = 'language'")
    )
    assert [tuple(row) for row in trail] == [("Ada", "cy")]
    assert ENGLISH in (await harbour.ask(harbour.adas, harbour.ada, "/settings language english")).text
    assert UNKNOWN in (await harbour.ask(harbour.adas, harbour.ada, ASK)).text


async def test_unknown_language_changes_nothing(harbour: Harbour) -> None:
    """Whoever asks learns which there are, by their own names."""
    said = (await harbour.ask(harbour.adas, harbour.ada, ASK)).text
    assert all(f"/settings language {name.casefold()}" in said for name in LANGUAGES.values())
    assert said.endswith("Nothing was changed.")
    assert "Say which language" in (await harbour.ask(harbour.adas, harbour.ada, "/settings language")).text
    assert await harbour.language(harbour.adas) == "en"


async def test_only_administrators_choose_the_language(harbour: Harbour) -> None:
    """As with all settings."""
    await harbour.ask(harbour.lobby, harbour.ada, ASK)
    assert "Only an administrator" in await harbour.refused(harbour.lobby, harbour.bob, "/settings language cy")
    assert await harbour.language(harbour.lobby) == "en"


async def test_who_stays_anonymous_is_named_in_the_language_of_the_chat(harbour: Harbour) -> None:
    """An administrator who writes in the group's own name gives none of theirs."""
    await harbour.ask(harbour.lobby, harbour.angharad, "/filters")
    harbour.telegram.hide(harbour.lobby, harbour.angharad)
    await harbour.ask(harbour.lobby, harbour.angharad, "/subscribe ferry")
    assert "(gan un o'r gweinyddwyr)" in (await harbour.ask(harbour.lobby, harbour.angharad, "/filters")).text
    await harbour.ask(harbour.lobby, harbour.ada, "/settings language english")
    await harbour.ask(harbour.lobby, harbour.angharad, "/subscribe quay")
    assert "2. subscribe quay (by an administrator)" in (await harbour.ask(harbour.lobby, harbour.ada, "/filters")).text


async def test_button_turns_through_the_languages(harbour: Harbour) -> None:
    """It shows the language by its own name; the panel, and what pops up, are in the new one."""
    panel = await harbour.ask(harbour.adas, harbour.ada, "/settings")
    assert WELSH in await harbour.telegram.tap(harbour.adas, harbour.ada, panel, "Language: English")
    assert ENGLISH in await harbour.telegram.tap(harbour.adas, harbour.ada, panel, "Iaith: Cymraeg")
    await harbour.telegram.wait_for(lambda: harbour.telegram.labelled(harbour.adas, panel, "Language: English"))


async def test_channel_that_is_managed_has_a_language_of_its_own(harbour: Harbour) -> None:
    """Its administrator, in the private chat, goes on in theirs."""
    channel = harbour.telegram.channel("Harbour news", [harbour.ada], username="harbour_news")
    await harbour.ask(harbour.adas, harbour.ada, "/manage @harbour_news")
    assert "Messages there are" in (await harbour.ask(harbour.adas, harbour.ada, "/settings language cy")).text
    assert await harbour.language(channel) == "cy"
    assert UNKNOWN in (await harbour.ask(harbour.adas, harbour.ada, ASK)).text
    panel = await harbour.ask(harbour.adas, harbour.ada, "/settings")
    assert "Messages there are" in await harbour.telegram.tap(harbour.adas, harbour.ada, panel, "Language: Cymraeg")
    assert await harbour.language(channel) == "en"
    assert await harbour.language(harbour.adas) == "en"


async def test_news_comes_in_the_language_of_the_chat(bracketed: Harbour) -> None:
    """Its labels, whoever added the filter; and in the other one after a change."""
    await bracketed.ask(bracketed.lobby, bracketed.ada, "/subscribe ferry")
    assert "⟦" not in await bracketed.news(bracketed.lobby)
    await bracketed.ask(bracketed.lobby, bracketed.ada, "/settings language cy")
    assert "⟦" in await bracketed.news(bracketed.lobby)
    await bracketed.ask(bracketed.lobby, bracketed.ada, "/settings language en")
    assert "⟦" not in await bracketed.news(bracketed.lobby)


async def test_whoever_brings_the_bot_is_greeted_in_their_language(bracketed: Harbour) -> None:
    """The group has learnt it."""
    choir = bracketed.telegram.group("Choir", admins=[bracketed.angharad], bot="left")
    bracketed.telegram.set_status(choir, BOT_ID, "member", by=bracketed.angharad)
    greeting = await bracketed.telegram.wait_for(lambda: next(iter(bracketed.telegram.messages(choir)), None))
    assert "⟦" in greeting.text
    assert await bracketed.language(choir) == "cy"


async def test_inline_answers_are_in_the_language_of_whoever_types(bracketed: Harbour) -> None:
    """That of their own chat where they have chosen one, else their Telegram's."""

    async def hint(user: int) -> str:
        answer = await bracketed.telegram.wait_for_inline(await bracketed.telegram.type_inline(user, ""))
        return str(answer["button"]["text"])

    assert "⟦" in await hint(bracketed.angharad.id)
    assert "⟦" not in await hint(bracketed.ada.id)
    await bracketed.ask(bracketed.own, bracketed.angharad, "/settings language english")
    assert "⟦" not in await hint(bracketed.angharad.id)


async def test_platform_that_tells_no_language_is_spoken_to_in_the_default(database: Database) -> None:
    """English unless the operator says otherwise; a channel that has chosen keeps what it has."""
    commands = Commands(database, lambda: NOW, lambda: None, "Europe/London")

    async def ask(typed: str) -> str:
        request = Request("slack", "C1", typed, "@ada", yes, is_private=True)
        return click.unstyle(terminal.reply(await commands.answer(request)))

    assert UNKNOWN in await ask(ASK)
    with spoken("cy"):
        assert UNKNOWN_WELSH in await ask(ASK)
        assert "Iaith: Cymraeg" in await ask("settings")
        await ask("settings language english")
        assert UNKNOWN in await ask(ASK)
    known = await database.read(channels.find, "slack", "C1", "")
    assert known is not None
    assert known.language == "en"


def test_menus_are_offered_in_every_language() -> None:
    """The default one to everybody who speaks none of them."""
    assert {each.language for each in menus.presentation().menus} == {"", "cy"}
    with spoken("cy"):
        assert {each.language for each in menus.presentation().portraits} == {"", "en"}


@pytest.mark.parametrize(("said", "language"), [("Saesneg", "en"), (" welsh", "cy"), ("EN", "en"), ("", ""), ("e", "")])
def test_names_of_languages(said: str, language: str) -> None:
    """In either."""
    assert language_replies.find(said) == language
