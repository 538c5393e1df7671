"""Refusals in groups: one line to the person, without a sound, and gone before anybody else has to read it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.adapters.telegram_replies import STANDS
from bot.db import Database
from tests.contract.talking import Talk
from tests.emulators.server import Fault
from tests.emulators.telegram import TelegramEmulator

FOLLOW = "/follow Marta Quill"


@pytest.fixture
async def talk(telegram: TelegramEmulator, database: Database) -> AsyncIterator[Talk]:
    """Let people talk with the bot."""
    made = Talk(telegram, database)
    await made.adapter.start(made.commands)
    yield made
    await made.close()


async def test_refusal_is_one_quiet_line_and_goes(talk: Talk) -> None:
    """It answers the person, and the group is as it was; what else was said stays."""
    group = talk.telegram.group("Lobby", [talk.ada], [talk.bob], supergroup=True)
    kept = await talk.ask(group, talk.bob, "/filters@phiwire_test_bot")
    asked = await talk.telegram.say(group, talk.bob, FOLLOW)
    said = await talk.telegram.wait_for_message(group, "Only an administrator")
    assert "\n" not in said.text
    assert said.params["disable_notification"] is True
    assert said.params["reply_parameters"]["message_id"] == asked
    await talk.sleeps(1)
    talk.advance(STANDS - 1)
    followed = await talk.ask(group, talk.ada, FOLLOW)
    assert said.message_id in group.messages
    talk.advance(1)
    await talk.telegram.wait_for(lambda: said.message_id not in group.messages or None)
    assert [sent.message_id for sent in talk.telegram.messages(group)] == [kept.message_id, followed.message_id]
    assert asked in group.messages


async def test_refusals_in_a_row_are_one(talk: Talk) -> None:
    """Whoever tries five times has read it once; somebody else has not."""
    group = talk.telegram.group("Lobby", [talk.ada], [talk.bob, talk.cem])
    for words in ("ferry", "levy", "port", "tide", "buoy"):
        await talk.telegram.say(group, talk.bob, f"/subscribe {words}")
    await talk.telegram.say(group, talk.cem, FOLLOW)
    await talk.sleeps(2)
    await talk.hears()
    assert [sent.text for sent in talk.telegram.messages(group)] == [
        "Only an administrator of this chat can change what it receives."
    ] * 2
    talk.advance(STANDS)
    await talk.telegram.wait_for(lambda: not talk.telegram.messages(group) or None)
    # Half a minute later it is news again.
    assert "Only an administrator" in await talk.refused(group, talk.bob, FOLLOW)


async def test_refusal_in_a_topic_stands_there(talk: Talk) -> None:
    """One is refused where one typed, and in another topic once more."""
    group = talk.telegram.group("Lobby", [talk.ada], [talk.bob], topics=True)
    for thread in (talk.telegram.topic(group), talk.telegram.topic(group)):
        said = await talk.ask(group, talk.bob, FOLLOW, thread)
        assert said.thread == thread


async def test_command_that_is_gone_is_refused_all_the_same(talk: Talk) -> None:
    """An administrator's bot may have tidied up before us."""
    group = talk.telegram.group("Lobby", [talk.ada], [talk.bob])
    talk.telegram.script("getChatMember", Fault(action="stall"))
    asked = await talk.telegram.say(group, talk.bob, FOLLOW)
    await talk.asked(1)
    talk.telegram.erase(group, asked)
    talk.telegram.release()
    await talk.telegram.wait_for_message(group, "Only an administrator")


async def test_what_stands_is_removed_when_the_bot_stops(talk: Talk) -> None:
    """Nobody would do it later, and nobody waits half a minute for it."""
    group = talk.telegram.group("Lobby", [talk.ada], [talk.bob])
    await talk.ask(group, talk.bob, FOLLOW)
    await talk.sleeps(1)
    await talk.adapter.stop_receiving()
    assert talk.telegram.messages(group) == []


async def test_stop_that_is_cut_short_leaves_nothing_running(talk: Talk) -> None:
    """A Telegram that does not answer keeps no bot alive for a line."""
    group = talk.telegram.group("Lobby", [talk.ada], [talk.bob])
    await talk.ask(group, talk.bob, FOLLOW)
    await talk.sleeps(1)
    talk.telegram.script("deleteMessage", Fault(action="stall_before"))
    stopping = asyncio.create_task(talk.adapter.stop_receiving())
    await talk.telegram.wait_for(lambda: talk.telegram.calls("deleteMessage"))
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "remove a refusal"]
    talk.telegram.release()


async def test_refusal_that_cannot_be_removed_stays(talk: Talk) -> None:
    """It is a line; the next one goes as it should."""
    group = talk.telegram.group("Lobby", [talk.ada], [talk.bob, talk.cem])
    said = await talk.ask(group, talk.bob, FOLLOW)
    await talk.sleeps(1)
    talk.telegram.script("deleteMessage", Fault(status=400, description="Bad Request: message can't be deleted"))
    talk.advance(STANDS)
    await talk.telegram.wait_for(lambda: talk.telegram.calls("deleteMessage"))
    assert "Only an administrator" in await talk.refused(group, talk.cem, FOLLOW)
    assert said.message_id in group.messages


async def test_nothing_but_a_refusal_goes(talk: Talk) -> None:
    """Not what could not be checked, nor what was mistyped."""
    group = talk.telegram.group("Lobby", [talk.ada], [talk.bob])
    talk.telegram.script("getChatMember", Fault(status=500, description="Internal Server Error"))
    await talk.ask(group, talk.bob, FOLLOW)
    await talk.ask(group, talk.ada, "/subscribe -x")
    await talk.ask(group, talk.bob, "/folow@phiwire_test_bot x")
    talk.advance(STANDS)
    await talk.hears()
    assert len(talk.telegram.messages(group)) == 3
    assert talk.telegram.calls("deleteMessage") == []
