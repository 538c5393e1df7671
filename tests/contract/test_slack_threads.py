"""Threads on Slack, where a channel wants them: the full text of a release, and what later changes have changed."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.db import Database
from bot.model import Item, Source
from bot.outbox import store
from bot.outbox.sender import Sender
from tests.contract.conversations import NOW, publish_items
from tests.contract.slack_news import FERRY, bring, correct, deliver, newest
from tests.contract.slack_talking import Talk, Way, talking
from tests.emulators.server import Action, Fault
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_state import PostedMessage

LEDE = "Four islands get a night ferry from May."
MORE = "The boats sail at ten and at two, except on Sundays."
RELEASE = Item(
    "r",
    "release",
    "New ferry for the islands",
    url="https://news.example/r",
    organisation="Harbour Office",
    body=f"{LEDE}\n\n{MORE}\n\nTickets cost what they did.",
    published_at=NOW,
)
OFFICE = Source("office", "Harbour Office", "feed", "https://office.example")


@pytest.fixture(params=["socket", "http"])
async def talk(request: pytest.FixtureRequest, slack: SlackEmulator, database: Database) -> AsyncIterator[Talk]:
    """Talk in a channel that wants threads, and is told of nothing that it was told of by then."""
    way: Way = request.param
    async with talking(slack, database, way) as talk:
        await talk.ask("subscribe ferry")
        assert "goes into its thread" in await talk.ask("settings threads on")
        await slack.wait_for(lambda: len(slack.messages(talk.channel)) == 2)
        slack.workspace.posted.clear()
        yield talk


def _told(talk: Talk) -> tuple[list[PostedMessage], list[PostedMessage]]:
    """List the messages of the channel, and those in threads."""
    messages = talk.slack.messages(talk.channel)
    return (
        [each for each in messages if not each.params.get("thread_ts")],
        [each for each in messages if each.params.get("thread_ts")],
    )


def _after_the_message(talk: Talk, fault: Fault) -> None:
    """Let what is posted after the next message meet a fault."""
    faults = iter([None, fault])
    talk.slack.weather = lambda name: next(faults, None) if name == "chat.postMessage" else None


def _standing(connection: sqlite3.Connection) -> list[tuple[str, str, str]]:
    found = connection.execute("SELECT status, part, error FROM deliveries ORDER BY id")
    return [(row["status"], row["part"], row["error"]) for row in found]


async def test_a_releases_full_text_goes_into_its_thread(talk: Talk) -> None:
    """The message itself shows the summary."""
    await bring(talk, RELEASE)
    ((message,), (text,)) = _told(talk)
    assert LEDE in message.shown
    assert MORE not in message.shown
    assert text.shown == f"{LEDE}\n\n{MORE}\n\nTickets cost what they did."
    assert text.params["thread_ts"] == message.ts
    assert await talk.database.read(_standing) == [("sent", "", "")]


async def test_what_has_no_more_text_has_no_thread(talk: Talk) -> None:
    """Nobody opens a thread to read what they have read."""
    await bring(talk, FERRY)
    await bring(talk, replace(RELEASE, body=LEDE))
    messages, threads = _told(talk)
    assert (len(messages), threads) == (2, [])


async def test_without_threads_the_message_says_everything(talk: Talk) -> None:
    """As it always has."""
    await talk.ask("settings threads off")
    await talk.slack.wait_for(lambda: talk.slack.messages(talk.channel))
    talk.slack.workspace.posted.clear()
    await bring(talk, RELEASE)
    ((message,), threads) = _told(talk)
    assert MORE in message.shown
    assert threads == []


async def test_a_correction_is_made_in_place_and_explained_in_the_thread(talk: Talk) -> None:
    """Whoever has read the message learns what was wrong with it."""
    await bring(talk, FERRY)
    await correct(talk, await newest(talk), replace(FERRY, headline="Ferry vote lost", author="Ola Wren"))
    ((message,), (change,)) = _told(talk)
    assert "Ferry vote lost" in message.shown
    assert change.params["thread_ts"] == message.ts
    assert change.shown == (
        "The headline was Ferry vote survives, and is Ferry vote lost now.\nIt is by Ola Wren, and not by Marta Quill."
    )
    assert await talk.database.read(_standing) == [("sent", "", "")]


async def test_each_revision_has_its_own_reply(talk: Talk) -> None:
    """Saying what it has changed, and not what those before it had."""
    await bring(talk, RELEASE)
    number = await newest(talk)
    first = replace(RELEASE, body=f"{LEDE}\n\n{MORE}\n\nTickets are free.")
    await correct(talk, number, first)
    await correct(talk, number, replace(first, withdrawn=True, change_note="Published by mistake."))
    (_, (_, second, third)) = _told(talk)
    assert second.shown == "New in the text:\nTickets are free."
    assert third.shown == "This was withdrawn.\nThe publisher says: Published by mistake."


async def test_a_revision_that_comes_while_the_text_waits_is_not_lost(talk: Talk) -> None:
    """The message is corrected after all, though its delivery was under way again."""
    _after_the_message(talk, Fault(error="not_in_channel"))
    await bring(talk, RELEASE)
    assert await talk.database.read(_standing) == [("pending", "text", "not_in_channel")]
    await correct(talk, await newest(talk), replace(RELEASE, headline="No new ferry for the islands"))
    talk.now += timedelta(hours=2)
    await deliver(talk)
    ((message,), (text, change)) = _told(talk)
    assert "No new ferry" in message.shown
    assert text.shown.startswith(LEDE)
    assert "is No new ferry for the islands now" in change.shown


@pytest.mark.parametrize("fault", [Fault(error="cannot_reply_to_message"), Fault(error="user_not_found")])
async def test_a_thread_that_fails_costs_the_message_nothing(talk: Talk, fault: Fault) -> None:
    """It stays sent, once, and says of its thread what was wrong."""
    _after_the_message(talk, fault)
    await bring(talk, RELEASE)
    (messages, threads) = _told(talk)
    assert (len(messages), threads) == (1, [])
    ((status, part, error),) = await talk.database.read(_standing)
    assert (status, part) == ("sent", "")
    assert error


async def test_a_layout_that_is_refused_goes_into_the_thread_as_plain_text(talk: Talk) -> None:
    """What it says matters more."""
    _after_the_message(talk, Fault(error="invalid_blocks"))
    await bring(talk, RELEASE)
    (_, (text,)) = _told(talk)
    assert text.blocks == []
    assert MORE in text.text


@pytest.mark.parametrize("action", ["drop_before", "drop_after"])
async def test_a_thread_in_doubt_is_looked_up(talk: Talk, action: Action) -> None:
    """Where its history can be read it comes once, whether or not the first had arrived."""
    talk.slack.workspace.scopes.add("channels:history")
    _after_the_message(talk, Fault(action=action))
    await bring(talk, RELEASE)
    talk.now += timedelta(minutes=10)
    await deliver(talk)
    messages, threads = _told(talk)
    assert (len(messages), len(threads)) == (1, 1)
    assert await talk.database.read(_standing) == [("sent", "", "")]


async def test_a_bot_that_dies_in_between_goes_on_with_the_thread(talk: Talk) -> None:
    """What a thread is owed is committed with what was sent: neither is lost, and the message does not come again."""
    _after_the_message(talk, Fault(action="stall_before"))
    talk.now += timedelta(seconds=2)
    sender = Sender(talk.database, talk.adapter, lambda: talk.now)
    running = asyncio.create_task(_bring_by(talk, sender))
    await talk.slack.wait_for(lambda: len(talk.slack.calls("chat.postMessage")) == 4)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await talk.database.write(store.recover, talk.now) == 1
    await deliver(talk)
    messages, threads = _told(talk)
    assert (len(messages), len(threads)) == (1, 1)


async def _bring_by(talk: Talk, sender: Sender) -> None:
    await publish_items(talk.database, RELEASE)
    await sender.run()


async def test_a_hostile_text_calls_nobody_and_fits(talk: Talk) -> None:
    """However long it is, and whatever stands in it."""
    body = "\n\n".join(f'<!channel> *{n}* `x` <@U0BOT> & "{n}"' + " ferry" * 40 for n in range(200))
    await bring(talk, replace(RELEASE, body=body))
    (_, (text,)) = _told(talk)
    assert "The rest is at https://news.example/r." in text.shown
    await correct(talk, await newest(talk), replace(RELEASE, headline="<!here> *ferry* `y`", body=body[::-1]))
    assert talk.slack.violations == []


async def test_in_an_archived_channel_the_thread_waits_with_the_rest(talk: Talk) -> None:
    """And goes on when it is opened again."""
    await bring(talk, FERRY)
    talk.channel.archived = True
    await correct(talk, await newest(talk), replace(FERRY, headline="Ferry vote lost"))
    assert _told(talk)[1] == []
    talk.channel.archived = False
    talk.now += timedelta(hours=2)
    await deliver(talk)
    assert len(_told(talk)[1]) == 1


async def test_the_menu_stays_below_a_corrected_message(talk: Talk) -> None:
    """A correction is no reason to take it away."""
    await bring(talk, FERRY)
    await correct(talk, await newest(talk), replace(FERRY, headline="Ferry vote lost"))
    ((message,), _) = _told(talk)
    assert "Mute …" in message.shown


async def test_telegram_has_no_such_setting(talk: Talk) -> None:
    """What cannot be done is not offered."""
    assert "threads" in await talk.ask("settings maybe")
