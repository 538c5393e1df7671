"""Slack's message shortcuts: somebody points at a message, and asks why it came or what of it to mute."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.db import Database
from bot.ports import Reply, Request
from tests.contract.conversations import no
from tests.contract.slack_news import bring, kept
from tests.contract.slack_talking import Talk, Way, talking
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_pressing import labels
from tests.emulators.slack_state import PostedMessage


@pytest.fixture(params=["socket", "http"])
async def talk(request: pytest.FixtureRequest, slack: SlackEmulator, database: Database) -> AsyncIterator[Talk]:
    """Talk by each of the two ways."""
    way: Way = request.param
    async with talking(slack, database, way) as talk:
        await talk.ask("subscribe ferry")
        yield talk


async def _chosen(talk: Talk, message: PostedMessage, callback_id: str) -> PostedMessage:
    press = await talk.slack.pressing.shortcut(talk.bob, message, callback_id)
    await talk.slack.wait_for(lambda: press.shown)
    return press.shown[-1]


def _of_another(talk: Talk) -> PostedMessage:
    """Let Bob have said something."""
    params = {"text": "Lunch?", "by": talk.bob.id}
    return talk.slack.workspace.message(talk.channel.id, talk.slack.workspace.new_ts(), params)


async def test_why_is_told_of_any_message_of_news(talk: Talk) -> None:
    """Also where a channel wants no buttons."""
    await talk.ask("settings buttons off")
    shown = await _chosen(talk, await bring(talk), "phiwire_why")
    assert shown.user == talk.bob.id
    assert "@ada" in shown.shown


async def test_mute_asks_what_and_goes_on_by_buttons(talk: Talk) -> None:
    """As in the menu below the message."""
    asked = await _chosen(talk, await bring(talk), "phiwire_mute")
    assert labels(asked) == [["ferry"], ["Marta Quill"], ["‹ Back"]]
    press = await talk.slack.pressing.press(talk.bob, asked, "Marta Quill")
    await talk.slack.wait_for(lambda: press.shown)
    press = await talk.slack.pressing.press(talk.bob, press.shown[-1], "For good")
    await talk.slack.wait_for(lambda: press.shown)
    assert "Muted" in press.shown[-1].shown
    assert await kept(talk) == ["match ferry", 'mute author:"marta quill"']


@pytest.mark.parametrize("callback_id", ["phiwire_why", "phiwire_mute"])
async def test_what_others_say_is_none_of_the_bots_messages(talk: Talk, callback_id: str) -> None:
    """That is said in words: Slack offers shortcuts below every message."""
    await bring(talk)
    shown = await _chosen(talk, _of_another(talk), callback_id)
    assert "none of my news" in shown.shown
    assert "Nothing was changed" in shown.shown


async def test_the_same_message_of_another_channel_is_none(talk: Talk) -> None:
    """Times of messages are unique within a channel, and nobody learns what another one gets."""
    message = await bring(talk)
    elsewhere = talk.slack.channel("elsewhere")
    shown = await _chosen(talk, replace(message, channel=elsewhere.id), "phiwire_why")
    assert "none of my news" in shown.shown


async def test_a_shortcut_that_comes_twice_is_answered_once(talk: Talk) -> None:
    """Slack sends again what it did not hear to be acknowledged."""
    message = await bring(talk)
    press = await talk.slack.pressing.shortcut(talk.ada, message, "phiwire_why")
    talk.now += timedelta(seconds=4)
    await talk.slack.pressing.again(press)
    await _chosen(talk, message, "phiwire_mute")
    assert len(talk.slack.ephemerals(talk.channel)) == 2


async def test_in_a_thread_the_answer_is_in_the_thread(talk: Talk) -> None:
    """Where the person looks."""
    message = _of_another(talk)
    threaded = replace(message, params={**message.params, "thread_ts": "1700000000.000100"})
    await talk.slack.pressing.shortcut(talk.ada, threaded, "phiwire_why")
    (shown,) = await talk.slack.wait_for(lambda: talk.slack.ephemerals(talk.channel))
    assert shown.params["thread_ts"] == "1700000000.000100"


@pytest.mark.parametrize(("code", "refused"), [("m:0", True), ("f:1", True), ("y:0", False), ("y:1", False)])
async def test_whoever_may_not_change_filters_may_ask_why_and_nothing_else(
    talk: Talk, *, code: str, refused: bool
) -> None:
    """The same rights as for what is typed; nothing is announced that did not happen."""
    message = await bring(talk)
    told: list[Reply] = []
    await talk.ask("settings who admins")
    request = Request(
        "slack", talk.channel.id, code, "bob", no, replied_to=message.ts, actor_id=talk.bob.id, announce=told.append
    )
    pressed = await talk.commands.press(request)
    assert ("Only administrators of this workspace" in str(pressed.toast)) is refused
    assert told == []
    assert await kept(talk) == ["match ferry"]
