"""Slack's buttons in conversation: what stands below news, what a press shows, and to whom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.db import Database
from bot.model import Item
from tests.contract.conversations import NOW, publish_items
from tests.contract.slack_news import FERRY, OF_AUTHOR, bring, deliver, kept
from tests.contract.slack_talking import Talk, Way, talking
from tests.emulators.server import Fault
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_pressing import Press, labels
from tests.emulators.slack_state import PostedMessage, SlackUser


@pytest.fixture(params=["socket", "http"])
async def talk(request: pytest.FixtureRequest, slack: SlackEmulator, database: Database) -> AsyncIterator[Talk]:
    """Talk by each of the two ways."""
    way: Way = request.param
    async with talking(slack, database, way) as talk:
        yield talk


async def _pressed(talk: Talk, user: SlackUser, message: PostedMessage, label: str) -> PostedMessage:
    """Press, and return what is shown in the end."""
    press = await talk.slack.pressing.press(user, message, label)
    return await _shown(talk, press)


async def _shown(talk: Talk, press: Press) -> PostedMessage:
    await talk.slack.wait_for(lambda: press.shown, what="nothing was shown")
    return press.shown[-1]


def _same(before: PostedMessage, after: PostedMessage) -> bool:
    return (before.text, before.blocks, before.edits) == (after.text, after.blocks, after.edits)


async def test_a_message_has_a_menu(talk: Talk) -> None:
    """With the choices that Telegram's buttons have."""
    await talk.ask("subscribe ferry")
    message = await bring(talk)
    assert labels(message) == [OF_AUTHOR]


async def test_one_press_follows_an_author_and_leaves_the_message_to_the_others(talk: Talk) -> None:
    """Who follows whom is no matter of what all the others read."""
    await talk.ask("subscribe ferry")
    message = await bring(talk)
    shown = await _pressed(talk, talk.bob, message, "Follow")
    assert shown.user == talk.bob.id
    assert shown.shown == "Following `Marta Quill`. `/phiwire undo` takes it back."
    assert await kept(talk) == ["match ferry", "follow Marta Quill"]
    (after,) = [each for each in talk.slack.messages(talk.channel) if each.ts == message.ts]
    assert _same(message, after)


async def test_muting_asks_the_person_alone(talk: Talk) -> None:
    """One answer, which changes with each press, and says of which entry it speaks."""
    await talk.ask("subscribe ferry")
    message = await bring(talk)
    asked = await _pressed(talk, talk.ada, message, "Mute …")
    assert asked.user == talk.ada.id
    assert asked.shown.startswith("About *Ferry vote survives*\nferry\nMarta Quill")
    times = await _pressed(talk, talk.ada, asked, "ferry")
    assert (times.ts, labels(times)) == (asked.ts, [["Mute ferry for …"], ["1 hour", "1 day", "For good"], ["‹ Back"]])
    done = await _pressed(talk, talk.ada, times, "1 hour")
    assert (done.ts, labels(done)) == (asked.ts, [])
    assert "Muted" in done.shown
    assert await kept(talk) == ["match ferry", "mute ferry"]
    (after,) = [each for each in talk.slack.messages(talk.channel) if each.ts == message.ts]
    assert _same(message, after)


async def test_back_puts_the_question_away(talk: Talk) -> None:
    """The message is still there with its menu."""
    await talk.ask("subscribe ferry")
    asked = await _pressed(talk, talk.ada, await bring(talk), "Mute …")
    press = await talk.slack.pressing.press(talk.ada, asked, "‹ Back")
    await talk.slack.wait_for(lambda: press.deleted)
    assert talk.slack.ephemerals(talk.channel) == []


async def test_why_explains_the_message_that_it_stands_under(talk: Talk) -> None:
    """To whoever asks."""
    await talk.ask("subscribe ferry")
    message = await bring(talk)
    await bring(talk, Item("g", "wire", "Ferry timetable", author="Ola Wren", published_at=NOW))
    shown = await _pressed(talk, talk.bob, message, "Why")
    assert shown.user == talk.bob.id
    assert "ferry" in shown.shown
    assert "@ada" in shown.shown


async def test_open_is_acknowledged_and_nothing_else(talk: Talk) -> None:
    """Slack opens the page itself, and tells us of it."""
    await talk.ask("subscribe ferry")
    message = await bring(talk)
    await talk.slack.pressing.press(talk.ada, message, "Open")
    await _pressed(talk, talk.ada, message, "Why")
    assert len(talk.slack.ephemerals(talk.channel)) == 1


async def test_a_press_that_comes_twice_counts_once(talk: Talk) -> None:
    """Slack sends again what it did not hear to be acknowledged."""
    await talk.ask("subscribe ferry")
    message = await bring(talk)
    press = await talk.slack.pressing.press(talk.ada, message, "Follow")
    talk.now += timedelta(seconds=4)
    await talk.slack.pressing.again(press)
    await _pressed(talk, talk.ada, message, "Why")
    assert len(talk.slack.ephemerals(talk.channel)) == 2


async def test_buttons_off_is_heeded(talk: Talk) -> None:
    """On Slack as elsewhere."""
    await talk.ask("subscribe ferry")
    assert "no buttons" in await talk.ask("settings buttons off")
    assert labels(await bring(talk)) == []


async def test_templates_leave_the_menu_there(talk: Talk) -> None:
    """They say what a message says, and not what can be done with it."""
    await talk.ask("subscribe ferry")
    await talk.ask("settings template {headline} by {author}")
    assert labels(await bring(talk)) == [OF_AUTHOR]


async def test_a_menu_that_slack_refuses_is_left_out(talk: Talk) -> None:
    """The message with its layout matters more."""
    await talk.ask("subscribe ferry")
    await talk.slack.wait_for_message(talk.channel, "ada added")
    talk.slack.script("chat.postMessage", Fault(error="invalid_blocks"))
    message = await bring(talk)
    assert message.blocks
    assert labels(message) == []


async def test_several_entries_at_once_can_be_explained(talk: Talk) -> None:
    """There is no one author to follow."""
    await talk.ask("subscribe ferry")
    items = [replace(FERRY, key=f"f{n}", headline=f"Ferry <{n}> & more", author=f"Marta {n} Quill") for n in range(14)]
    await publish_items(talk.database, *items)
    await deliver(talk)
    digest = await talk.slack.wait_for_message(talk.channel, "at once")
    assert "at once" in digest.shown
    assert labels(digest) == [["Why"]]
    assert "found `ferry`" in (await _pressed(talk, talk.ada, digest, "Why")).shown
    assert talk.slack.violations == []


async def test_a_hostile_headline_asks_like_any_other(talk: Talk) -> None:
    """It alerts nobody, and does not break its own question."""
    await talk.ask("subscribe ferry")
    hostile = "<!channel> *ferry* `x` <@U0BOT> & " + "ferry " * 60
    message = await bring(talk, replace(FERRY, headline=hostile, author="<!here> " + "Quill " * 30))
    asked = await _pressed(talk, talk.ada, message, "Mute …")
    assert "<!channel>" in asked.shown
    assert talk.slack.violations == []


async def test_in_a_thread_the_answer_is_in_the_thread(talk: Talk) -> None:
    """Slack shows an answer to a press beside threads, where nobody looks for it."""
    await talk.ask("subscribe ferry")
    message = await bring(talk)
    threaded = replace(message, params={**message.params, "thread_ts": message.ts})
    await talk.slack.pressing.press(talk.ada, threaded, "Why")
    (shown,) = await talk.slack.wait_for(lambda: talk.slack.ephemerals(talk.channel))
    assert shown.params["thread_ts"] == message.ts


async def test_buttons_of_a_channel_that_was_forgotten_explain_themselves(talk: Talk) -> None:
    """The message outlives what is known of it."""
    await talk.ask("subscribe ferry")
    message = await bring(talk)
    await talk.ask("forget everything")
    shown = await _pressed(talk, talk.ada, message, "Follow")
    assert "too old for its buttons" in shown.shown


async def test_in_an_archived_channel_a_press_is_answered_all_the_same(talk: Talk) -> None:
    """By its own address, for nothing can be posted there."""
    await talk.ask("subscribe ferry")
    message = await bring(talk)
    talk.channel.archived = True
    assert "Following" in (await _pressed(talk, talk.ada, message, "Follow")).shown


async def test_settings_are_a_panel_that_changes_in_place(talk: Talk) -> None:
    """Nobody else sees it."""
    await talk.ask("subscribe ferry")
    result = await talk.slack.command(talk.channel, talk.ada, "/phiwire", "settings")
    (panel,) = result.replies
    assert [each for row in labels(panel) for each in row if each.startswith("Corrections")] == ["Corrections: on"]
    changed = await _pressed(talk, talk.ada, panel, "Corrections: on")
    assert changed.ts == panel.ts
    assert result.replies == [changed]
    assert "Corrections: off" in str(labels(changed))


async def test_in_a_conversation_with_the_app_a_panel_changes_in_place_too(talk: Talk) -> None:
    """There answers are messages."""
    direct = talk.slack.direct(talk.ada)
    await talk.slack.say(direct, talk.ada, "settings")
    panel = await talk.slack.wait_for_message(direct, "Settings")
    changed = await _pressed(talk, talk.ada, panel, "Corrections: on")
    assert talk.slack.messages(direct) == [changed]


async def test_long_answers_turn_their_pages(talk: Talk) -> None:
    """As on Telegram: one message, in which one turns."""
    for number in range(60):
        await talk.ask(f'subscribe "a rather long filter about harbours and ferries number {number:02d}"')
    result = await talk.slack.command(talk.channel, talk.ada, "/phiwire", "filters")
    (first,) = result.replies
    second = await _pressed(talk, talk.ada, first, "›")
    assert second.ts == first.ts
    assert second.shown != first.shown
    assert talk.slack.violations == []


async def test_an_answer_that_cannot_be_changed_is_given_again(talk: Talk) -> None:
    """Slack takes nothing more at an address that was used up: the person has their answer all the same."""
    result = await talk.slack.command(talk.channel, talk.ada, "/phiwire", "settings")
    talk.slack.script("response_url", Fault(status=404, error="used_url"))
    await talk.slack.pressing.press(talk.ada, result.replies[0], "Corrections: on")
    (shown,) = await talk.slack.wait_for(lambda: talk.slack.ephemerals(talk.channel))
    assert "Corrections: off" in str(labels(shown))


async def test_an_old_answer_still_changes(talk: Talk) -> None:
    """An address takes answers for half an hour, but each press brings a new one."""
    await talk.ask("subscribe ferry")
    result = await talk.slack.command(talk.channel, talk.ada, "/phiwire", "settings")
    talk.now += timedelta(hours=2)
    changed = await _pressed(talk, talk.ada, result.replies[0], "Corrections: on")
    assert "Corrections: off" in str(labels(changed))


@pytest.mark.parametrize("data", ["", "zz", "f:999999", "m:1:nothing:here", "p:1", "x" * 300])
async def test_what_nobody_offered_does_nothing(talk: Talk, data: str) -> None:
    """A value that is made up, or another channel's, is answered in words or not at all."""
    await talk.ask("subscribe ferry")
    message = await bring(talk)
    elsewhere = talk.slack.channel("elsewhere")
    action = {"type": "button", "action_id": "press:0:0", "block_id": "b", "value": data, "text": {}}
    await talk.slack.pressing.send(talk.ada, replace(message, channel=elsewhere.id), action)
    await _pressed(talk, talk.ada, message, "Why")
    assert await kept(talk) == ["match ferry"]
