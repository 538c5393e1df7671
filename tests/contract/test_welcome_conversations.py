"""The first minute: what is this, and a filter by one tap, in a private chat and in a group."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.commands import examples
from bot.model import Item
from bot.wire import store as wire
from bot.wire.entry_store import Arrival
from tests.contract.outbox_stage import NOW, WIRE, on_telegram
from tests.contract.outbox_stage import _publish as put_on_the_wire
from tests.contract.test_button_conversations import FERRY, Room
from tests.emulators.telegram_state import Chat, SentMessage

HARBOUR = Item("h", "wire", "Harbour and ferry levy", url="https://news.example/2", author="Priya Ashdown")
PLACES = ["Add to a group", "Add to a channel"]
TODAY = [["Follow Marta Quill"], ["Subscribe to ferry"], ["The latest five"]]


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    """Open the room, with two entries of today on the wire."""
    async with on_telegram(tmp_path) as stage:
        made = Room(stage)
        await stage.adapter.start(made.commands)
        for item in (replace(HARBOUR, published_at=NOW), replace(FERRY, published_at=NOW)):
            await stage.database.write(put_on_the_wire, item, NOW)
        yield made
        assert made.telegram.unanswered == []


async def welcomed(room: Room, chat: Chat) -> SentMessage:
    """Start, and return the welcome."""
    await room.telegram.say(chat, room.ada, "/start")
    return await room.telegram.wait_for_message(chat, "watches the political wire")


async def test_first_filter_is_one_tap_away(room: Room) -> None:
    """The welcome says what was done, and offers what is left."""
    chat = room.telegram.private_chat(room.ada)
    message = await welcomed(room, chat)
    assert len(message.text.splitlines()) == 2
    await room.shows(chat, message, *TODAY, PLACES)
    assert await room.press(chat, room.ada, message, "Follow") == "Following Marta Quill. /undo takes it back."
    assert await room.filters(chat) == ["follow Marta Quill"]
    await room.reads(chat, message, "1 filter here: /filters.\n\nFollowing Marta Quill.")
    await room.shows(chat, message, ["Follow Priya Ashdown"], *TODAY[1:], PLACES)
    assert await room.press(chat, room.ada, message, "Subscribe") == "Subscribed to ferry. /undo takes it back."
    assert await room.filters(chat) == ["follow Marta Quill", "match ferry"]
    assert len(room.telegram.messages(chat)) == 1


async def test_taps_twice_and_has_one_filter(room: Room) -> None:
    """The second finger finds it done."""
    chat = room.telegram.private_chat(room.ada)
    message = await welcomed(room, chat)
    data = await room.data(chat, message, "Follow")
    await room.send_press(chat, room.ada, message, data)
    assert "as it was already" in await room.send_press(chat, room.ada, message, data)
    assert await room.filters(chat) == ["follow Marta Quill"]


async def test_latest_five_come_as_a_message(room: Room) -> None:
    """They are there to be read, not to be put away."""
    chat = room.telegram.private_chat(room.ada)
    message = await welcomed(room, chat)
    await room.press(chat, room.ada, message, "The latest")
    shown = await room.telegram.wait_for_message(chat, "Ferry vote survives")
    assert "Harbour and ferry levy" in shown.text


async def test_empty_wire_has_examples_too(room: Room) -> None:
    """They work: what they ask for comes when there is some."""
    room.stage.advance(days=2)
    chat = room.telegram.private_chat(room.ada)
    message = await welcomed(room, chat)
    first, *others = [[each.label] for each in examples.FIXED]
    await room.shows(chat, message, first, *others, PLACES)
    await room.press(chat, room.ada, message, first[0])
    await room.shows(chat, message, *others, PLACES)
    assert len(await room.filters(chat)) == 1


async def test_button_of_another_day_says_so(room: Room) -> None:
    """And what is on the wire today stands in its place."""
    chat = room.telegram.private_chat(room.ada)
    message = await welcomed(room, chat)
    old = await room.data(chat, message, "Follow")
    item = replace(FERRY, author="Bronwen Hale", published_at=NOW)
    changed = [(2, Arrival(item, item))]
    await room.stage.database.write(wire.commit_poll, WIRE, NOW, NOW, changed=changed)
    assert "not on the wire as it was" in await room.send_press(chat, room.ada, message, old)
    await room.shows(chat, message, ["Follow Bronwen Hale"], *TODAY[1:], PLACES)
    assert await room.filters(chat) == []


async def test_group_is_greeted_when_the_bot_comes(room: Room) -> None:
    """Once, with commands that reach the bot; only administrators choose, anybody may read."""
    telegram = room.telegram
    group = telegram.group("Lobby", [room.ada], [room.bob], bot="left")
    telegram.add_bot(group)
    message = await telegram.wait_for_message(group, "watches the political wire")
    assert "/help@phiwire_test_bot" in message.text
    await room.shows(group, message, *TODAY)
    assert "Only an administrator" in await room.press(group, room.bob, message, "Follow")
    assert await room.filters(group) == []
    await room.press(group, room.bob, message, "The latest")
    await telegram.wait_for_message(group, "Harbour and ferry levy")
    await room.press(group, room.ada, message, "Follow")
    await telegram.wait_for_message(group, "Ada: Following Marta Quill. /undo@phiwire_test_bot takes it back.")
    assert await room.filters(group) == ["follow Marta Quill"]
    # Whoever knows the bot is not greeted again, and finds the filters that were there.
    telegram.kick_bot(group)
    telegram.add_bot(group)
    telegram.promote(group, telegram.state.bot)
    await telegram.say(group, room.ada, "/filters@phiwire_test_bot")
    await telegram.wait_for_message(group, "1. follow Marta Quill")
    assert sum("watches the political wire" in each.text for each in telegram.messages(group)) == 1


async def test_members_tap_examples_where_they_may_change_filters(room: Room) -> None:
    """An example is a filter like any other."""
    telegram = room.telegram
    group = telegram.group("Lobby", [room.ada], [room.bob], bot="left")
    telegram.add_bot(group)
    message = await telegram.wait_for_message(group, "watches the political wire")
    await telegram.say(group, room.ada, "/settings@phiwire_test_bot who members")
    await telegram.wait_for_message(group, "All members of this chat")
    await room.press(group, room.bob, message, "Follow")
    assert await room.filters(group) == ["follow Marta Quill"]
    await telegram.say(group, room.bob, "/start@phiwire_test_bot")
    again = await telegram.wait_for_message(group, "1 filter here")
    assert "administrators" not in again.text


async def test_group_that_lets_the_bot_only_read_is_left_in_peace(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody asked for a greeting, and nobody is to blame that there is none."""
    group = room.telegram.group("Lobby", [room.ada], bot="left")
    room.telegram.restrict(group, room.telegram.state.bot)
    await room.telegram.wait_for(lambda: room.telegram.calls("sendMessage"))
    await welcomed(room, room.telegram.private_chat(room.ada))
    assert room.telegram.messages(group) == []
    assert "reply_failed" not in capsys.readouterr().out


async def test_broadcast_channel_is_not_written_to_unasked(room: Room) -> None:
    """Its readers came for something else."""
    channel = room.telegram.channel("Harbour news", [room.ada])
    room.telegram.kick_bot(channel)
    room.telegram.add_bot(channel, "administrator")
    await welcomed(room, room.telegram.private_chat(room.ada))
    assert room.telegram.messages(channel) == []


async def test_help_names_the_bot_in_groups_and_leads_on_in_private(room: Room) -> None:
    """There a bare command may be another bot's, or reach none."""
    telegram = room.telegram
    group, chat = telegram.group("Lobby", [room.ada]), telegram.private_chat(room.ada)
    await telegram.say(group, room.ada, "/help@phiwire_test_bot")
    message = await telegram.wait_for_message(group, "/follow@phiwire_test_bot AUTHOR")
    assert "/filters@phiwire_test_bot" in message.text
    assert room.telegram.buttons(group, message) == []
    await telegram.say(chat, room.ada, "/help")
    message = await telegram.wait_for_message(chat, "/follow AUTHOR")
    (row,) = message.params["reply_markup"]["inline_keyboard"]
    assert [button["url"] for button in row] == [
        "https://t.me/phiwire_test_bot?startgroup",
        "https://t.me/phiwire_test_bot?startchannel&admin=post_messages+edit_messages",
    ]
