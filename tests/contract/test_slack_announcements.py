"""What one person changes on Slack, where answers are seen by them alone, the others read in one line."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator

import pytest

from bot.db import Database
from tests.contract.slack_news import bring, kept
from tests.contract.slack_talking import Talk, Way, talking
from tests.emulators.server import Fault
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_state import SlackChannel


@pytest.fixture(params=["socket", "http"])
async def talk(request: pytest.FixtureRequest, slack: SlackEmulator, database: Database) -> AsyncIterator[Talk]:
    """Talk by each of the two ways."""
    way: Way = request.param
    async with talking(slack, database, way) as talk:
        yield talk


async def _announced(talk: Talk, *typed: str, channel: SlackChannel | None = None) -> list[str]:
    """Let Ada type, and list what the channel was told when all is said."""
    for words in typed:
        await talk.ask(words, channel=channel)
    await talk.adapter.stop_receiving()
    return [message.text for message in talk.slack.messages(channel or talk.channel)]


def _more(talk: Talk, shown: int) -> bool:
    return len(talk.slack.ephemerals(talk.channel)) > shown


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        (["subscribe nhs -football"], "ada added `nhs -football`."),
        (["follow Priya Ashdown"], "ada added `follow Priya Ashdown`."),
        (["mute football 2h"], "ada added `mute football` until 14:00."),
        (["subscribe nhs", "unsubscribe 1"], "ada removed `nhs`."),
        (["subscribe nhs", "urgent 1"], "ada made `nhs` urgent."),
        (["subscribe nhs", "silent 1", "silent 1 off"], "ada made `nhs` silent no more."),
        (["subscribe nhs", "undo"], "ada took a change back: `nhs` is gone."),
        (["subscribe nhs", "unsubscribe 1", "undo"], "ada took a change back: `nhs` is here again."),
        (["pause 2h"], "ada paused this channel until 14:00: what matches waits."),
        (["pause"], "ada paused this channel until somebody resumes: what matches waits."),
        (["pause", "resume"], "ada resumed this channel."),
        (["settings corrections off"], "ada changed a setting: `corrections off`."),
        (["settings buttons off"], "ada changed a setting: `buttons off`."),
        (["settings zone Europe/Paris"], "ada changed a setting: `timezone Europe/Paris`."),
        (["settings template {headline}"], "ada changed what messages look like here."),
        (["import subscribe a1\nsubscribe b1\nsubscribe c1\nfollow Priya Ashdown"],
         "ada imported 4 filters: `a1`, `b1`, `c1` …."),
        (["subscribe nhs", "forget everything"],
         "ada had everything about this channel forgotten: no news comes here."),
    ],
)  # fmt: skip
async def test_the_channel_is_told_in_one_line(talk: Talk, typed: list[str], line: str) -> None:
    """Who did what; several filters at once, too."""
    assert (await _announced(talk, *typed))[-1] == line
    assert len(talk.slack.messages(talk.channel)) == len(typed)


@pytest.mark.parametrize(
    "typed",
    ["help", "filters", "preview nhs", "latest", "follow", "unsubscribe 7", "resume", "undo", "settings silent maybe",
     "settings corrections on", "settings buttons on", "status", "share", "no such command"],
)  # fmt: skip
async def test_what_changes_nothing_is_not_announced(talk: Talk, typed: str) -> None:
    """Nobody is interrupted for it."""
    assert await _announced(talk, "help", typed) == []


async def test_the_same_filter_again_is_no_news(talk: Talk) -> None:
    """It was there."""
    assert await _announced(talk, "subscribe nhs", "subscribe nhs") == ["ada added `nhs`."]


async def test_what_is_pressed_is_announced_as_if_it_had_been_typed(talk: Talk) -> None:
    """And what only asks is not."""
    await talk.ask("subscribe ferry")
    message = await bring(talk)
    for label in ("Mute …", "Why", "Follow"):
        shown = len(talk.slack.ephemerals(talk.channel))
        await talk.slack.pressing.press(talk.bob, message, label)
        await talk.slack.wait_for(functools.partial(_more, talk, shown))
    told = (await _announced(talk))[1:]
    assert [line for line in told if line != message.text] == ["bob added `follow Marta Quill`."]


async def test_a_mention_is_announced_by_the_persons_handle(talk: Talk) -> None:
    """Slack tells who it was by their id alone, and to write that would call them: it is asked for the handle."""
    await talk.slack.say(talk.channel, talk.ada, "subscribe nhs")
    await talk.slack.wait_for(lambda: talk.slack.ephemerals(talk.channel))
    assert await _announced(talk) == ["ada added `nhs`."]


async def test_in_a_conversation_with_the_app_nothing_is_announced(talk: Talk) -> None:
    """There the person has read the answer."""
    direct = talk.slack.direct(talk.ada)
    await talk.slack.say(direct, talk.ada, "subscribe nhs")
    await talk.slack.wait_for_message(direct, "Subscribed")
    assert len(await _announced(talk, "subscribe other", channel=direct)) == 1


async def test_nobody_is_called_by_an_announcement(talk: Talk) -> None:
    """Whatever a filter or a name says."""
    mallory = talk.slack.user("<!channel>")
    assert "Subscribed" in await talk.ask('subscribe "&lt;!here&gt; `x` &amp; y"', mallory)
    (told,) = await _announced(talk)
    assert told.startswith("&lt;!channel&gt; added `")
    assert talk.slack.violations == []


async def test_commands_typed_at_once_are_announced_once_each(talk: Talk) -> None:
    """Each line by its own command, or together, but no filter twice."""
    await asyncio.gather(*(talk.ask(f"subscribe word{number}") for number in range(3)))
    told = "\n".join(await _announced(talk))
    assert sorted(await kept(talk)) == [f"match word{number}" for number in range(3)]
    assert [told.count(f"word{number}") for number in range(3)] == [1] * 3


@pytest.mark.parametrize("fault", [Fault(error="not_in_channel"), Fault(error="is_archived"), Fault(status=500)])
async def test_an_announcement_that_fails_troubles_nobody(talk: Talk, fault: Fault) -> None:
    """What was changed is changed, and the person has their answer."""
    talk.slack.script("chat.postMessage", fault)
    assert "Subscribed" in await talk.ask("subscribe nhs")
    assert await _announced(talk, "subscribe other") == ["ada added `other`."]


async def test_a_command_that_comes_twice_is_announced_once(talk: Talk) -> None:
    """Slack sends again what it did not hear to be acknowledged."""
    if talk.slack.calls_out is None:
        talk.slack.socket.repeats = 1
    assert await _announced(talk, "subscribe nhs") == ["ada added `nhs`."]
