"""What Telegram offers people before they type: commands by who they are, and what the bot says it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from bot.adapters.telegram import TelegramAdapter
from bot.commands import menus
from bot.commands.parser import COMMANDS, WRITING
from bot.ports import Menu, Presentation
from tests.contract.conversations import NOW
from tests.contract.test_adapters import Inbox
from tests.emulators.server import Fault
from tests.emulators.telegram import TelegramEmulator

# Editors open on Slack, and channels are managed from private chats.
HERE = [name for name in COMMANDS if name != "edit"]
IN_GROUPS = [name for name in HERE if name != "manage"]
Start = Callable[[Presentation], Awaitable[TelegramAdapter]]


@pytest.fixture
async def start(telegram: TelegramEmulator) -> AsyncIterator[Start]:
    """Start adapters that show something."""
    async with AsyncExitStack() as stack:

        async def started(shown: Presentation) -> TelegramAdapter:
            adapter = TelegramAdapter(telegram.token, telegram.url, [], lambda: NOW, presentation=shown)
            stack.push_async_callback(adapter.close)
            await adapter.start(Inbox())
            return adapter

        yield started
    assert telegram.violations == []


async def test_everybody_is_offered_what_they_may_type(telegram: TelegramEmulator, start: Start) -> None:
    """In a private chat and to administrators all, to others in a group what only shows something."""
    await start(menus.presentation())
    chat, group = telegram.private_chat(7, "Ada"), telegram.group("Lobby", admins=[7], members=[8])
    assert telegram.menu(chat, 7) == HERE
    assert telegram.menu(group, 7) == IN_GROUPS
    assert telegram.menu(group, 8) == [name for name in IN_GROUPS if name not in WRITING or name == "settings"]
    assert "filters" in telegram.menu(group, 8)
    assert "follow" not in telegram.menu(group, 8)
    # Whoever is promoted is offered more, whatever the language.
    telegram.promote(group, 8)
    assert telegram.menu(group, 8, "cy") == IN_GROUPS


async def test_every_language_has_its_menus(telegram: TelegramEmulator, start: Start) -> None:
    """Telegram shows each person those of their language; the commands are the same words."""
    await start(menus.presentation())
    chat, group = telegram.private_chat(7, "Ada"), telegram.group("Lobby", admins=[7], members=[8])
    for shown in (telegram.menu(chat, 7, "cy"), telegram.menu(chat, 7)):
        assert shown == HERE
    assert telegram.menu(group, 8, "cy") == telegram.menu(group, 8)
    assert {"long:", "long:cy", "short:", "short:cy"} <= set(telegram.state.descriptions)
    assert {each.rpartition(":")[2] for each in telegram.state.commands} == {"", "cy"}


async def test_operators_are_offered_what_they_alone_may_type(telegram: TelegramEmulator, start: Start) -> None:
    """In their own chat with the bot, and nowhere else, in their language."""
    mine, hers, group = telegram.private_chat(7, "Ada"), telegram.private_chat(8, "Bea"), telegram.group("Lobby", [7])
    await start(menus.presentation(["7"]))
    for language in ("", "cy"):
        assert telegram.menu(mine, 7, language) == ["source", "pick", *HERE]
        assert telegram.menu(hers, 8, language) == HERE
        assert "pick" not in telegram.menu(group, 7, language)


async def test_operators_type_them_in_groups_as_they_are(telegram: TelegramEmulator, start: Start) -> None:
    """From others such a command is for another bot of the group, unless it names this one."""
    telegram.private_chat(7, "Ada")
    group = telegram.group("Lobby", admins=[7], members=[8])
    await start(menus.presentation(["7"]))
    await telegram.say(group, 8, "/source list")
    await telegram.say(group, 7, "/source list")
    await telegram.say(group, 8, "/start")
    await telegram.wait_for(lambda: len(telegram.messages(group)) > 1)
    assert {sent.text for sent in telegram.messages(group)} == {"Understood: source list", "Understood: start"}
    assert len(telegram.messages(group)) == 2


async def test_an_operator_who_has_never_written_is_no_trouble(telegram: TelegramEmulator, start: Start) -> None:
    """Telegram knows no chat with them; everybody else has their menus."""
    await start(menus.presentation(["7"]))
    assert telegram.menu(telegram.private_chat(8, "Bea"), 8, "cy") == HERE
    assert [key for key in telegram.state.commands if key.startswith("chat:")] == []


async def test_profile_says_what_this_is(telegram: TelegramEmulator, start: Start) -> None:
    """Before anybody has pressed Start."""
    await start(menus.presentation())
    assert "political wire" in telegram.state.descriptions["long:"]
    assert "Political news" in telegram.state.descriptions["short:"]


async def test_language_has_a_menu_of_its_own(telegram: TelegramEmulator, start: Start) -> None:
    """And whoever speaks another sees the one for all."""
    shown = (Menu("private", "", (("follow", "follow"),)), Menu("private", "cy", (("dilyn", "dilyn"),)))
    await start(Presentation(shown))
    chat = telegram.private_chat(7, "Ada")
    assert [telegram.menu(chat, 7, language) for language in ("cy", "de")] == [["dilyn"], ["follow"]]


async def test_refused_menu_leaves_the_others_and_the_bot_alone(telegram: TelegramEmulator, start: Start) -> None:
    """It is said in the log, and the bot works."""
    telegram.script("setMyCommands", Fault(status=400, description="Bad Request: BOT_COMMAND_INVALID"))
    await start(menus.presentation())
    chat, group = telegram.private_chat(7, "Ada"), telegram.group("Lobby", admins=[7])
    assert telegram.menu(chat, 7) == []
    assert telegram.menu(group, 7) == IN_GROUPS
    await telegram.say(chat, 7, "/filters")
    await telegram.wait_for_message(chat, "Understood")


async def test_telegram_that_does_not_answer_is_asked_at_the_next_start(
    telegram: TelegramEmulator, start: Start
) -> None:
    """Nobody waits for a menu."""
    telegram.script("setMyCommands", Fault(status=429, parameters={"retry_after": 60}))
    first = await start(menus.presentation())
    assert len(telegram.calls("setMyCommands")) == 1
    assert telegram.calls("setMyDescription") == []
    await first.close()
    await start(menus.presentation())
    assert telegram.menu(telegram.private_chat(7, "Ada"), 7) == HERE
