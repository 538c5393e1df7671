"""Answers to Slack's requests: each sent once, over the session that all share, and finished when the bot stops."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.db import Database
from tests.contract import slack_acts
from tests.contract.slack_acts import Act
from tests.contract.slack_news import bring
from tests.contract.slack_talking import Talk, Way, talking
from tests.contract.test_slack_editors import QUERY, adding, slow
from tests.emulators.server import Action, Fault
from tests.emulators.slack import SlackEmulator


@pytest.fixture(params=["socket", "http"])
async def talk(request: pytest.FixtureRequest, slack: SlackEmulator, database: Database) -> AsyncIterator[Talk]:
    """Talk by each of the two ways."""
    way: Way = request.param
    async with talking(slack, database, way) as talk:
        yield talk


async def stop(talk: Talk, goes_on: threading.Event) -> None:
    """Stop the adapter while the database is busy, which goes on then."""
    stopping = asyncio.create_task(talk.adapter.stop_receiving())
    await talk.slack.wait_for(lambda: not talk.slack.socket.connections)
    goes_on.set()
    await stopping
    await talk.adapter.close()


@pytest.mark.parametrize("action", ["drop_before", "drop_after"])
async def test_an_answer_whose_connection_breaks_is_not_sent_again(talk: Talk, action: Action) -> None:
    """It may have arrived, and each use of an answer's address counts."""
    talk.slack.script("response_url", Fault(action=action))
    await talk.slack.command(talk.channel, talk.ada, "/phiwire", "filters", replies=0)
    await talk.slack.wait_for(lambda: talk.slack.calls("response_url"))
    await talk.ask("help")
    assert len(talk.slack.calls("response_url")) == 2


async def test_answers_go_over_the_session_that_all_share(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session for each answer would be a connection, too, and a handshake."""
    made: list[aiohttp.ClientSession] = []
    begin = aiohttp.ClientSession.__init__

    def count(self: aiohttp.ClientSession, *args: object, **named: object) -> None:
        made.append(self)
        begin(self, *args, **named)  # type: ignore[arg-type]

    await talk.ask("help")
    monkeypatch.setattr(aiohttp.ClientSession, "__init__", count)
    talk.slack.workspace.modals.seconds = 0
    for typed in ("follow Priya Ashdown", "filters", "edit"):
        await talk.ask(typed)
    await talk.slack.say(talk.channel, talk.ada, "filters")
    await talk.slack.wait_for(lambda: talk.slack.ephemerals(talk.channel))
    assert made == []


@pytest.mark.parametrize("act", slack_acts.ALL, ids=[act.__name__ for act in slack_acts.ALL])
async def test_whatever_comes_is_acknowledged_while_the_database_is_busy(talk: Talk, act: Act) -> None:
    """Within three seconds, or the person reads that the app has failed."""
    await talk.ask("subscribe ferry")
    news = await bring(talk)
    async with slow(talk.database) as goes_on:
        await asyncio.wait_for(act(talk, news), 3)
        goes_on.set()
    await talk.ask("help")


async def test_a_bot_that_stops_finishes_its_answers(talk: Talk) -> None:
    """Slack was told that they are on their way, and would not ask again."""
    async with slow(talk.database) as goes_on:
        typed = await talk.slack.command(talk.channel, talk.ada, "/phiwire", "follow Priya Ashdown", replies=0)
        await talk.slack.say(talk.channel, talk.bob, "follow Marta Quill")
        await stop(talk, goes_on)
    assert "Following `Priya Ashdown`" in typed.text
    assert "Following `Marta Quill`" in talk.slack.ephemerals(talk.channel)[0].shown
    assert len(talk.slack.messages(talk.channel)) == 2, "both were announced"


async def test_a_form_is_acknowledged_while_slack_is_slow_to_show_what_was_tried(talk: Talk) -> None:
    """It gives an app three seconds for a form, whatever it takes itself."""
    modal = await adding(talk, "harbour")
    await modal.until("would have matched")
    talk.slack.script("views.update", Fault(action="stall"))
    updates = len(talk.slack.calls("views.update"))
    await modal.type(QUERY, "ferry")
    await talk.slack.wait_for(lambda: len(talk.slack.calls("views.update")) > updates)
    try:
        await asyncio.wait_for(modal.submit(), 3)
    finally:
        talk.slack.release()
    await modal.until("1. subscribe ferry")


@pytest.mark.parametrize("reason", ["refresh_requested", "warning"])
async def test_a_socket_that_slack_renews_loses_nothing(slack: SlackEmulator, database: Database, reason: str) -> None:
    """It does every few hours, also while answers are under way."""
    async with talking(slack, database, "socket") as talk:
        async with slow(database) as goes_on:
            before = await slack.command(talk.channel, talk.ada, "/phiwire", "follow Priya Ashdown", replies=0)
            await slack.disconnect(reason)
            goes_on.set()
        await slack.connected(times=2)
        assert "Following `Priya Ashdown`" in (await slack.wait_for(lambda: before.text))
        assert "follow `Priya Ashdown`" in await talk.ask("filters")
        assert len(slack.calls("response_url")) == 2
