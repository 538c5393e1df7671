"""Links that copy filters, from chat to chat: what people see, on an emulated Telegram."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import NamedTuple

import click
import pytest

from bot import channels
from bot.adapters import terminal
from bot.adapters.telegram import TelegramAdapter
from bot.commands.filtering import MOST_FILTERS
from bot.commands.handlers import Commands
from bot.commands.linking import MOST_OFFERED
from bot.db import Database
from bot.filters import store as filters
from bot.ports import Request
from tests.contract.conversations import NOW, Say, no, unknown, yes
from tests.emulators.telegram import TelegramEmulator

HOME = "https://t.me/phiwire_test_bot"


class Chats:
    """People who type in chats of their own, at a time that a test sets."""

    def __init__(self, database: Database) -> None:
        self.now = NOW
        self._commands = Commands(database, self._clock, lambda: None, "Europe/London")

    def _clock(self) -> datetime:
        return self.now

    async def say(self, address: str, typed: str, may_write: object = yes, home: str = HOME) -> str:
        """Type in a chat, and read the answer as plain text."""
        request = Request("telegram", address, typed, f"Person {address}", may_write, home=home)  # type: ignore[arg-type]
        return click.unstyle(terminal.reply(await self._commands.answer(request)))

    async def share(self, address: str, *typed: str) -> str:
        """Make a link, and return what it has the bot sent."""
        answer = await self.say(address, " ".join(("share", *typed)))
        found = re.search(r"\?start=([A-Za-z0-9_-]+)", answer)
        assert found is not None, answer
        assert len(found[1]) <= 64
        return found[1]


@pytest.fixture
def chats(database: Database) -> Chats:
    """Let people type."""
    return Chats(database)


async def test_link_copies_the_filters_as_they_were(chats: Chats) -> None:
    """With ends and urgency; what is added afterwards was not offered."""
    for typed in ("follow Marta Quill", 'subscribe! "net zero" -levy', "mute football 2h"):
        await chats.say("7", typed)
    payload = await chats.share("7")
    await chats.say("7", "subscribe secret")
    await chats.say("8", "follow marta quill")
    answer = await chats.say("8", f"start {payload}")
    assert "2 filters added, 1 there already" in answer
    assert "• subscribe! “net zero” -levy" in answer.replace('"net zero"', "“net zero”")
    assert "stayed" not in answer
    listed = await chats.say("8", "export")
    assert "mute football until 2026-03-04 14:00" in listed
    assert "secret" not in listed
    assert "by Person 8" in await chats.say("8", "filters")
    assert "Took back" in await chats.say("8", "undo")
    assert (await chats.say("8", "filters")).count("(by") == 1


async def test_link_follows_one_author(chats: Chats) -> None:
    """Whoever has many filters may want to share one name."""
    for typed in ("Marta Quill", "follow Marta Quill", "“Marta Quill”"):
        payload = await chats.share("7", typed)
        assert payload.startswith("follow-")
    assert "No filters yet" in await chats.say("7", "filters")
    assert "follow Marta Quill" in await chats.say("8", f"start {payload}")
    assert "follow Marta Quill" in await chats.say("8", "filters")
    assert "name of an author" in await chats.say("8", "share follow !!!")


async def test_link_works_once(chats: Chats) -> None:
    """Whoever is second learns it, and whoever presses twice is not told off."""
    payload = await chats.share("7", "Marta Quill")
    await chats.say("8", f"start {payload}")
    assert "was opened here at 12:00" in await chats.say("8", f"start {payload}")
    assert "Somebody has used this link already" in await chats.say("9", f"start {payload}")
    assert "No filters yet" in await chats.say("9", "filters")


async def test_link_ends(chats: Chats) -> None:
    """After a week, politely."""
    payload = await chats.share("7", "Marta Quill")
    chats.now += timedelta(days=7)
    assert "This link ended at 12:00" in await chats.say("8", f"start {payload}")
    assert "No filters yet" in await chats.say("8", "filters")


@pytest.mark.parametrize("payload", ["x", "follow-", f"follow-{'a' * 22}", "filters-'; DROP TABLE links", "a" * 5000])
async def test_link_that_is_unknown_is_explained(payload: str, chats: Chats) -> None:
    """It may be cut short, or another bot's."""
    answer = await chats.say("8", f"start {payload}")
    assert "I do not know this link" in answer
    assert "/help" in answer


async def test_plain_start_is_a_welcome(chats: Chats) -> None:
    """Most people come without a link."""
    for typed in ("start", "start ", "/start"):
        assert "watches the political wire" in await chats.say("8", typed)
    assert "watches the political wire" in await chats.say("8", "start anything", home="")
    assert "@phiwire_test_bot nhs -football" in await chats.say("8", "start inline")


async def test_failure_leaves_the_link_unused(chats: Chats, database: Database) -> None:
    """Rights are asked at that moment; what went wrong can be put right."""
    await chats.say("7", "follow Marta Quill")
    payload = await chats.share("7")
    assert "This link was made here" in await chats.say("7", f"start {payload}")
    assert "Only an administrator" in await chats.say("-8", f"start {payload}", no)
    assert "could not check" in await chats.say("-8", f"start {payload}", unknown)
    full = await database.write(channels.ensure, "telegram", "9", "", "", "Europe/London", NOW)
    for number in range(MOST_FILTERS):
        await database.write(filters.add, full.id, "match", f"word{number}", "Ada", NOW)
    assert f"more than {MOST_FILTERS}" in await chats.say("9", f"start {payload}")
    assert "1 filter added" in await chats.say("-8", f"start {payload}")


async def test_sharing_is_for_those_who_may_change_filters(chats: Chats) -> None:
    """And within bounds."""
    assert "no filters here" in await chats.say("7", "share")
    assert "Only an administrator" in await chats.say("7", "share Marta Quill", no)
    assert "on Telegram only" in await chats.say("7", "share Marta Quill", home="")
    assert "cannot be read" in await chats.say("7", "share subscribe (nhs")
    for _ in range(MOST_OFFERED):
        await chats.share("7", "Marta Quill")
    assert f"{MOST_OFFERED} links" in await chats.say("7", "share Marta Quill")
    chats.now += timedelta(days=7)
    await chats.share("7", "Marta Quill")


async def test_forgotten_channel_offers_nothing(chats: Chats, say: Say) -> None:
    """Whoever is forgotten has not left an offer behind."""
    payload = await chats.share("7", "Marta Quill")
    await chats.say("7", "forget everything")
    assert "I do not know this link" in await chats.say("8", f"start {payload}")


class Bot(NamedTuple):
    """A bot on an emulated Telegram."""

    adapter: TelegramAdapter
    telegram: TelegramEmulator


@pytest.fixture
async def bot(telegram: TelegramEmulator, database: Database) -> AsyncIterator[Bot]:
    """Connect it."""
    adapter = TelegramAdapter(telegram.token, telegram.url, [("share", "s"), ("filters", "f")], lambda: NOW)
    await adapter.start(Commands(database, lambda: NOW, lambda: None, "Europe/London"))
    yield Bot(adapter, telegram)
    await adapter.close()


async def test_link_leads_from_a_private_chat_into_a_group(bot: Bot) -> None:
    """Telegram sends what is behind "startgroup" with the bot's name, when the bot is brought in."""
    telegram = bot.telegram
    ada, bea, cleo = (telegram.user(number, name) for number, name in ((7, "Ada"), (8, "Bea"), (9, "Cleo")))
    chat = telegram.private_chat(ada)
    await telegram.say(chat, ada, "/share Marta Quill")
    message = await telegram.wait_for_message(chat, "gets a copy of follow Marta Quill")
    found = re.search(r"https://t\.me/phiwire_test_bot\?startgroup=([A-Za-z0-9_-]{1,64})\n", message.text)
    assert found is not None
    group = telegram.group("Lobby", [bea], [cleo])
    await telegram.say(group, cleo, f"/start@phiwire_test_bot {found[1]}")
    await telegram.wait_for_message(group, "Only an administrator")
    await telegram.say(group, bea, f"/start@phiwire_test_bot {found[1]}")
    await telegram.wait_for_message(group, "1 filter added")
    await telegram.say(group, cleo, "/filters")
    await telegram.wait_for_message(group, "follow Marta Quill (by Bea)")


async def test_button_of_the_inline_mode_leads_to_an_explanation(bot: Bot) -> None:
    """Whoever presses it wants to know how to search."""
    telegram = bot.telegram
    chat = telegram.private_chat(7, "Ada")
    answer = await telegram.wait_for_inline(await telegram.type_inline(7, "lighthouse"))
    await telegram.say(chat, 7, f"/start {answer['button']['start_parameter']}")
    await telegram.wait_for_message(chat, "Find news from any chat: type @phiwire_test_bot")
