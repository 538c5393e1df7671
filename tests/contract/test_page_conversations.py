"""Long answers: one message that turns its pages, and shows what is true when it is turned."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot import paging
from bot.model import Item
from bot.wire import store as wire
from bot.wire.entry_store import Arrival
from tests.contract.outbox_stage import NOW, WIRE, on_telegram
from tests.contract.test_button_conversations import FERRY, Room
from tests.emulators.telegram_state import Chat, SentMessage

HEADLINES = 100


def _wire(connection: sqlite3.Connection, count: int) -> None:
    items = [
        Item(f"k{n}", "wire", f"Harbour story {n:02d}", url=f"https://news.example/{n}", published_at=NOW)
        for n in range(count)
    ]
    wire.commit_poll(connection, WIRE, NOW, NOW, new=[Arrival(item, item) for item in items])


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    """Open the room, with a hundred entries on the wire."""
    async with on_telegram(tmp_path) as stage:
        made = Room(stage)
        await stage.adapter.start(made.commands)
        await stage.database.write(_wire, HEADLINES)
        yield made
        assert made.telegram.unanswered == []


async def ask(room: Room, chat: Chat, words: str, answer: str) -> SentMessage:
    """Let Ada type, and return the next message."""
    before = len(room.telegram.messages(chat))
    await room.telegram.say(chat, room.ada, words)
    await room.telegram.wait_for(lambda: len(room.telegram.messages(chat)) > before, what=words)
    message = room.telegram.messages(chat)[before]
    assert answer in message.text
    return message


async def text(room: Room, chat: Chat, message: SentMessage) -> str:
    """Read a message as it stands."""
    return next(each.text for each in room.telegram.messages(chat) if each.message_id == message.message_id)


async def many_filters(room: Room, chat: Chat, count: int) -> None:
    """Let a chat have filters."""
    lines = "\n".join(f"subscribe word{number:03d}" for number in range(1, count + 1))
    assert f"{count} filters added" in await room.type(chat, f"import\n{lines}")


async def test_latest_turns_its_pages(room: Room) -> None:
    """On and back, in one message, with nothing missing between."""
    chat = room.telegram.private_chat(room.ada)
    await room.type(chat, "subscribe lighthouse")
    message = await ask(room, chat, "/latest 50", "Harbour story 99")
    await room.shows(chat, message, ["1/2", "›"])
    first = await text(room, chat, message)
    assert await room.press(chat, room.ada, message, "›") == ""
    await room.shows(chat, message, ["‹", "2/2"])
    second = await text(room, chat, message)
    shown = [line.split(" — ")[0] for line in (*first.splitlines(), *second.splitlines())]
    assert shown == [f"• Harbour story {number}" for number in range(99, 49, -1)]
    await room.press(chat, room.ada, message, "‹")
    await room.shows(chat, message, ["1/2", "›"])
    assert await text(room, chat, message) == first
    assert len(room.telegram.messages(chat)) == 1


async def test_short_answer_has_no_buttons(room: Room) -> None:
    """There is nothing to turn."""
    chat = room.telegram.private_chat(room.ada)
    message = await ask(room, chat, "/latest 5", "Harbour story 99")
    assert room.telegram.buttons(chat, message) == []


async def test_page_shows_what_is_true_when_it_is_turned(room: Room) -> None:
    """Filters that were removed are not there; where there are fewer pages, the last one says so."""
    chat = room.telegram.private_chat(room.ada)
    await many_filters(room, chat, 120)
    message = await ask(room, chat, "/filters", "1. subscribe word001")
    await room.shows(chat, message, ["1/2", "›"])
    await room.type(chat, "unsubscribe word120")
    on = await room.data(chat, message, "›")
    await room.press(chat, room.ada, message, "›")
    await room.reads(chat, message, "119. subscribe word119")
    assert "word120" not in await text(room, chat, message)
    await room.type(chat, "import replace\nsubscribe levy")
    assert "1 page by now" in await room.send_press(chat, room.ada, message, on)
    await room.shows(chat, message)
    await room.reads(chat, message, "1. subscribe levy")


async def test_middle_button_looks_again(room: Room) -> None:
    """Where nothing has changed it does nothing."""
    chat = room.telegram.private_chat(room.ada)
    await room.type(chat, "subscribe lighthouse")
    message = await ask(room, chat, "/latest 50", "Harbour story 99")
    assert await room.press(chat, room.ada, message, "1/2") == ""
    news = replace(FERRY, published_at=NOW + timedelta(minutes=1))
    await room.stage.database.write(wire.commit_poll, WIRE, NOW, NOW, new=[Arrival(news, news)])
    await room.press(chat, room.ada, message, "1/2")
    await room.reads(chat, message, "Ferry vote survives")


async def test_old_button_explains_itself_and_goes(room: Room) -> None:
    """Nobody remembers what was asked."""
    chat = room.telegram.private_chat(room.ada)
    await room.type(chat, "subscribe lighthouse")
    message = await ask(room, chat, "/latest 50", "Harbour story 99")
    channel = await room.channel(chat)
    for number in range(paging.MOST_KEPT):
        later = NOW + timedelta(minutes=number + 1)
        await room.stage.database.write(paging.put, channel.id, f"search word{number}", later)
    assert "too old for its buttons: type the command again" in await room.press(chat, room.ada, message, "›")
    await room.shows(chat, message)


async def test_anybody_in_a_group_turns_pages(room: Room) -> None:
    """They only show something; another chat's button shows nothing here."""
    group = room.telegram.group("Lobby", [room.ada], [room.bob])
    await many_filters(room, group, 120)
    message = await ask(room, group, "/filters@phiwire_test_bot", "1. subscribe word001")
    data = await room.data(group, message, "›")
    await room.press(group, room.bob, message, "›")
    await room.reads(group, message, "120. subscribe word120")
    chat = room.telegram.private_chat(room.bob)
    other = await ask(room, chat, "/help", "/follow AUTHOR")
    assert "too old" in await room.send_press(chat, room.bob, other, data)
    assert "word" not in await text(room, chat, other)


async def test_pages_of_a_managed_channel_keep_its_name(room: Room) -> None:
    """And a chat's own buttons are its own, whatever is managed from it."""
    telegram = room.telegram
    chat, channel = telegram.private_chat(room.ada), telegram.channel("Harbour news", [room.ada])
    await many_filters(room, chat, 120)
    own = await ask(room, chat, "/filters", "1. subscribe word001")
    await ask(room, chat, f"/manage {channel.id} Harbour news", "acts on this channel")
    message = await ask(room, chat, "/missed 3h", "📣 Harbour news")
    assert room.telegram.buttons(chat, message) == []
    await many_filters(room, channel, 110)
    message = await ask(room, chat, "/filters", "📣 Harbour news\n1. subscribe word001")
    await room.press(chat, room.ada, message, "›")
    await room.reads(chat, message, "📣 Harbour news\n")
    await room.reads(chat, message, "110. subscribe word110")
    await room.press(chat, room.ada, own, "›")
    await room.reads(chat, own, "120. subscribe word120")
    assert "Harbour news" not in await text(room, chat, own)
