"""Buttons in conversation: what stands under a message, what a press does, who may, and what it leaves behind."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot import channels
from bot.adapters import telegram_markup
from bot.commands.handlers import Commands
from bot.filters import store as filters
from bot.model import Channel, Item, Subscription
from bot.ports import Request
from bot.wire import store as wire
from bot.wire.entry_store import Arrival
from tests.contract.conversations import yes
from tests.contract.outbox_stage import NOW, WIRE, Stage, on_telegram
from tests.contract.outbox_stage import _publish as put_on_the_wire
from tests.emulators.server import Fault
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_state import Chat, SentMessage, User

FERRY = Item("f", "wire", "Ferry vote survives", url="https://news.example/1", author="Marta Quill", published_at=NOW)
ROW = ["Follow", "Mute …", "Why", "Open"]
FOLLOWED = ROW[1:]
TIMES = ["1 hour", "1 day", "For good"]
BACK = ["‹ Back"]


class Room:
    """A Telegram with the bot in it, which answers and delivers."""

    def __init__(self, stage: Stage) -> None:
        assert isinstance(stage.emulator, TelegramEmulator)
        self.stage = stage
        self.telegram = stage.emulator
        self.commands = Commands(stage.database, lambda: stage.now, lambda: None, "Europe/London")
        self.ada = self.telegram.user(7, "Ada")
        self.bob = self.telegram.user(8, "Bob")

    async def type(self, chat: Chat, words: str, thread: str = "") -> str:
        """Let an administrator type where nobody sees it."""
        request = Request("telegram", str(chat.id), words, "Ada", yes, thread=thread)
        return telegram_markup.plain(await self.commands.answer(request))

    async def bring(self, chat: Chat, item: Item = FERRY) -> SentMessage:
        """Bring an item to whoever wants it, one channel, and return its message."""
        await self.stage.database.write(put_on_the_wire, item, self.stage.now)
        await self.stage.round(1)
        return self.telegram.messages(chat)[-1]

    async def correct(self, number: int, item: Item) -> None:
        """Have an entry corrected, and its message edited."""
        changed = [(number, Arrival(item, item))]
        now = self.stage.now
        await self.stage.database.write(wire.commit_poll, WIRE, now, now, changed=changed)
        sender = self.stage.sender()
        running = asyncio.create_task(sender.run())
        await self.telegram.wait_for(lambda: any(item.headline in sent.text for sent in self.telegram.state.sent))
        sender.stop()
        await running

    async def press(self, chat: Chat, user: User, message: SentMessage, label: str) -> str:
        """Press a button, and return what is shown to whoever presses."""
        answer = await self.telegram.press(chat, user, message, label)
        return str(answer.get("text", ""))

    async def data(self, chat: Chat, message: SentMessage, label: str) -> str:
        """Give what a button sends, as soon as it is there."""
        return await self.telegram.wait_for(lambda: self.telegram.labelled(chat, message, label))

    async def send_press(self, chat: Chat, user: User, message: SentMessage | int, data: str) -> str:
        """Send what a button sends, also where it is not there any more, and return what is shown."""
        answer = await self.telegram.wait_for_answer(self.telegram.send_press(chat, user, message, data))
        return str(answer.get("text", ""))

    async def shows(self, chat: Chat, message: SentMessage, *rows: list[str]) -> None:
        """Wait until a message has these buttons."""
        await self.telegram.wait_for(
            lambda: self.telegram.buttons(chat, message) == list(rows) or None, what=f"never the buttons {rows}"
        )

    async def reads(self, chat: Chat, message: SentMessage, part: str) -> None:
        """Wait until a message says something."""

        def says() -> bool:
            return any(
                part in each.text for each in self.telegram.messages(chat) if each.message_id == message.message_id
            )

        await self.telegram.wait_for(lambda: says() or None, what=f"never {part!r}")

    async def filters(self, chat: Chat, thread: str = "") -> list[str]:
        """List the filters of a chat."""
        return [f"{each.kind} {each.query}" for each in await self.subscriptions(chat, thread)]

    async def subscriptions(self, chat: Chat, thread: str = "") -> tuple[Subscription, ...]:
        """Give the filters of a chat."""
        channel = await self.channel(chat, thread)
        return await self.stage.database.read(filters.of_channel, channel.id, self.stage.now)

    async def channel(self, chat: Chat, thread: str = "") -> Channel:
        """Give the channel of a chat."""
        found = await self.stage.database.read(_channel, str(chat.id), thread)
        assert found is not None
        return found


def _channel(connection: sqlite3.Connection, address: str, thread: str) -> Channel:
    found = channels.find(connection, "telegram", address, thread)
    assert found is not None
    return found


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    """Open the room."""
    async with on_telegram(tmp_path) as stage:
        made = Room(stage)
        await stage.adapter.start(made.commands)
        yield made


async def test_one_press_follows_an_author(room: Room) -> None:
    """And the row does not offer it again; undo takes it back like anything that was typed."""
    chat = room.telegram.private_chat(room.ada)
    await room.type(chat, "subscribe ferry")
    message = await room.bring(chat)
    await room.shows(chat, message, ROW)
    assert await room.press(chat, room.ada, message, "Follow") == "Following Marta Quill. /undo takes it back."
    await room.shows(chat, message, FOLLOWED)
    assert await room.filters(chat) == ["match ferry", "follow Marta Quill"]
    assert [each.created_by for each in await room.subscriptions(chat)] == ["Ada", "Ada"]
    assert "Took back what Ada did" in await room.type(chat, "undo")
    assert await room.filters(chat) == ["match ferry"]
    # In a private chat there is nobody else to tell.
    assert len(room.telegram.messages(chat)) == 1


async def test_open_leads_to_the_article(room: Room) -> None:
    """By Telegram itself, without asking us."""
    chat = room.telegram.private_chat(room.ada)
    await room.type(chat, "subscribe ferry")
    message = await room.bring(chat)
    (row,) = message.params["reply_markup"]["inline_keyboard"]
    assert row[-1] == {"text": "Open", "url": "https://news.example/1"}
    assert all(len(button.get("callback_data", "").encode()) <= 64 for button in row)


async def test_mute_asks_what_and_for_how_long(room: Room) -> None:
    """Words that were found, or the author; one can go back at each step."""
    chat = room.telegram.private_chat(room.ada)
    await room.type(chat, "subscribe ferry vote")
    message = await room.bring(chat)
    assert await room.press(chat, room.ada, message, "Mute") == ""
    await room.shows(chat, message, ["ferry"], ["vote"], ["Marta Quill"], BACK)
    await room.press(chat, room.ada, message, "vote")
    await room.shows(chat, message, ["Mute vote for …"], TIMES, BACK)
    await room.press(chat, room.ada, message, "Mute vote")
    await room.shows(chat, message, ["ferry"], ["vote"], ["Marta Quill"], BACK)
    await room.press(chat, room.ada, message, "‹ Back")
    await room.shows(chat, message, ROW)
    assert await room.filters(chat) == ["match ferry vote"]
    await room.press(chat, room.ada, message, "Mute")
    await room.press(chat, room.ada, message, "Marta Quill")
    said = await room.press(chat, room.ada, message, "1 hour")
    assert said == 'Muted author:"marta quill" until 13:00. /undo takes it back.'
    await room.shows(chat, message, ROW)
    assert await room.filters(chat) == ["match ferry vote", 'mute author:"marta quill"']


async def test_pressed_twice_is_done_once(room: Room) -> None:
    """A mute does not grow by an impatient finger, and undo needs no second word."""
    chat = room.telegram.private_chat(room.ada)
    await room.type(chat, "subscribe ferry")
    message = await room.bring(chat)
    follow = await room.data(chat, message, "Follow")
    await room.press(chat, room.ada, message, "Mute")
    await room.press(chat, room.ada, message, "ferry")
    hour, day, ever = [await room.data(chat, message, label) for label in TIMES]
    first, second = (room.telegram.send_press(chat, room.ada, message, hour) for _ in range(2))
    answers = [(await room.telegram.wait_for_answer(query))["text"] for query in (first, second)]
    assert sorted(answers) == ["Muted ferry until 13:00.", "Muted ferry until 13:00. /undo takes it back."]
    room.stage.advance(seconds=40)
    assert await room.send_press(chat, room.ada, message, hour) == "Muted ferry until 13:00."
    for _ in range(2):
        assert (await room.send_press(chat, room.ada, message, follow)).startswith("Following Marta Quill")
    # For longer is something else.
    for data in (day, ever, ever, day):
        assert (await room.send_press(chat, room.ada, message, data)).startswith("Muted ferry")
    assert await room.filters(chat) == ["match ferry", "mute ferry", "follow Marta Quill"]
    assert (await room.subscriptions(chat))[1].expires_at is None


async def test_why_is_shown_to_whoever_asks(room: Room) -> None:
    """Everybody may ask, and nobody else is bothered."""
    group = room.telegram.group("Lobby", [room.ada], [room.bob])
    await room.type(group, "subscribe ferry")
    message = await room.bring(group)
    answer = await room.telegram.press(group, room.bob, message, "Why")
    assert answer["text"] == "• subscribe ferry found ferry in headline; added by Ada at 12:00"
    assert answer["show_alert"] is True
    assert len(room.telegram.messages(group)) == 1


async def test_why_that_is_long_is_said_in_the_chat(room: Room) -> None:
    """An answer to a press has 200 characters."""
    chat = room.telegram.private_chat(room.ada)
    await room.type(chat, "subscribe ferry OR vote OR survives")
    await room.type(chat, "subscribe survives vote")
    await room.type(chat, "follow Marta Quill")
    message = await room.bring(chat)
    assert (await room.press(chat, room.ada, message, "Why")).endswith("…")
    said = await room.telegram.wait_for_message(chat, "survives in headline")
    assert 'found author:"marta quill" in author' in said.text


async def test_others_are_refused_politely_at_each_press(room: Room) -> None:
    """In a group only administrators change filters, as long as they are some."""
    group = room.telegram.group("Lobby", [room.ada], [room.bob], bot="administrator")
    await room.type(group, "subscribe ferry")
    message = await room.bring(group)
    for label in ("Follow", "Mute"):
        answer = await room.telegram.press(group, room.bob, message, label)
        assert "Only an administrator of this chat" in answer["text"]
        assert answer["show_alert"] is True
    await room.press(group, room.ada, message, "Mute")
    await room.shows(group, message, ["ferry"], ["Marta Quill"], BACK)
    room.telegram.set_status(group, room.ada, "member")
    assert "Only an administrator" in await room.press(group, room.ada, message, "ferry")
    room.telegram.script("getChatMember", Fault(status=500, description="Internal Server Error"))
    assert "could not check" in await room.press(group, room.ada, message, "ferry")
    assert await room.filters(group) == ["match ferry"]


async def test_a_group_learns_who_changed_what(room: Room) -> None:
    """As when it is typed; what changes nothing is not announced."""
    group = room.telegram.group("Lobby", [room.ada], [room.bob])
    await room.type(group, "subscribe ferry")
    message = await room.bring(group)
    data = await room.data(group, message, "Follow")
    await room.press(group, room.ada, message, "Follow")
    await room.telegram.wait_for_message(group, "Ada: Following Marta Quill. /undo@phiwire_test_bot takes it back.")
    await room.send_press(group, room.ada, message, data)
    await room.press(group, room.ada, message, "Why")
    assert len(room.telegram.messages(group)) == 2


async def test_readers_of_a_broadcast_channel_change_nothing(room: Room) -> None:
    """Whoever can read a channel can press its buttons."""
    channel = room.telegram.channel("News", [room.ada])
    await room.type(channel, "subscribe ferry")
    message = await room.bring(channel)
    assert "Only an administrator" in await room.press(channel, room.bob, message, "Follow")
    assert "Following Marta Quill" in await room.press(channel, room.ada, message, "Follow")


async def test_a_topic_has_buttons_of_its_own(room: Room) -> None:
    """What is pressed there changes what comes there."""
    group = room.telegram.group("Lobby", [room.ada], topics=True)
    thread = room.telegram.topic(group)
    await room.type(group, "subscribe ferry", str(thread))
    message = await room.bring(group)
    await room.press(group, room.ada, message, "Follow")
    said = await room.telegram.wait_for_message(group, "Ada: Following")
    assert said.thread == thread
    assert await room.filters(group, str(thread)) == ["match ferry", "follow Marta Quill"]


async def test_old_and_foreign_buttons_explain_themselves(room: Room) -> None:
    """Another version's, another chat's, those of what is forgotten: each is answered."""
    chat, other = room.telegram.private_chat(room.ada), room.telegram.private_chat(room.bob)
    await room.type(chat, "subscribe ferry")
    await room.type(other, "mute everything")
    message = await room.bring(chat)
    asked = await room.telegram.say(other, room.bob, "filters")
    await room.telegram.wait_for_message(other, "mute")
    for data in ("f:1", "p:1", "f:999", "zzz", "f:1:2:3:4", "x:1:2"):
        assert (
            await room.send_press(other, room.bob, asked, data)
            == "This message is too old for its buttons: type /why or /settings."
        )
    await room.type(chat, "forget everything")
    assert "too old" in await room.press(chat, room.ada, message, "Why")


async def test_bug_is_answered_too(room: Room) -> None:
    """A button that hangs is worse than one that says sorry."""
    chat = room.telegram.private_chat(room.ada)
    await room.type(chat, "subscribe ferry")
    message = await room.bring(chat)
    assert "That broke something here" in await room.send_press(
        chat, room.ada, message, f"l:{(await room.channel(chat)).id}:none"
    )


async def test_correction_keeps_the_row(room: Room) -> None:
    """Of choices that were open, and of what was said by a button that meant other words."""
    chat = room.telegram.private_chat(room.ada)
    await room.type(chat, "subscribe ferry")
    message = await room.bring(chat)
    await room.press(chat, room.ada, message, "Mute")
    author = await room.data(chat, message, "Marta Quill")
    room.stage.advance(minutes=5)
    await room.correct(1, replace(FERRY, headline="Ferry vote lost", author="Priya Ashdown"))
    await room.reads(chat, message, "Ferry vote lost")
    await room.shows(chat, message, ROW)
    assert "corrected meanwhile" in await room.send_press(chat, room.ada, message, author)
    await room.shows(chat, message, ["ferry"], ["Priya Ashdown"], BACK)
    assert await room.filters(chat) == ["match ferry"]


async def test_several_authors_are_asked_about(room: Room) -> None:
    """One of them is meant, or the other."""
    chat = room.telegram.private_chat(room.ada)
    await room.type(chat, "subscribe ferry")
    message = await room.bring(chat, replace(FERRY, author="Marta Quill and Priya Ashdown"))
    await room.press(chat, room.ada, message, "Follow")
    await room.shows(chat, message, ["Marta Quill"], ["Priya Ashdown"], BACK)
    assert "Following Priya Ashdown" in await room.press(chat, room.ada, message, "Priya")
    await room.shows(chat, message, ROW)
    assert await room.filters(chat) == ["match ferry", "follow Priya Ashdown"]


async def test_settings_are_a_panel_that_edits_itself(room: Room) -> None:
    """One message, whatever is changed."""
    chat = room.telegram.private_chat(room.ada)
    await room.telegram.say(chat, room.ada, "/settings")
    panel = await room.telegram.wait_for_message(chat, "Settings")
    opened = [
        ["Filters (0)", "Pause"],
        ["Corrections: on", "Silent: off"],
        ["Preview: small", "Buttons: on"],
        ["Time zone", "Language: English"],
        ["Done"],
    ]
    await room.shows(chat, panel, *opened)
    assert "without a sound" in await room.press(chat, room.ada, panel, "Silent")
    await room.reads(chat, panel, "Messages come at once, without a sound.")
    assert "large preview" in await room.press(chat, room.ada, panel, "Preview")
    assert "no buttons" in await room.press(chat, room.ada, panel, "Buttons")
    assert "stay as they were sent" in await room.press(chat, room.ada, panel, "Corrections")
    assert "Paused until you resume" in await room.press(chat, room.ada, panel, "Pause")
    await room.shows(
        chat,
        panel,
        ["Filters (0)", "Resume"],
        ["Corrections: off", "Silent: on"],
        ["Preview: large", "Buttons: off"],
        ["Time zone", "Language: English"],
        ["Done"],
    )
    assert "Resumed" in await room.press(chat, room.ada, panel, "Resume")
    await room.press(chat, room.ada, panel, "Time zone")
    await room.reads(chat, panel, "Any other: /settings zone Europe/Cardiff.")
    assert "Asia/Kolkata, where it is 17:30" in await room.press(chat, room.ada, panel, "Delhi")
    await room.press(chat, room.ada, panel, "Done")
    await room.shows(chat, panel)
    assert len(room.telegram.messages(chat)) == 1
    channel = await room.channel(chat)
    assert (channel.silent, channel.preview, channel.buttons, channel.timezone) == (
        True,
        "large",
        False,
        "Asia/Kolkata",
    )
    await room.type(chat, "subscribe ferry")
    message = await room.bring(chat)
    assert "17:30" in message.text
    assert message.params["disable_notification"] is True
    assert message.params["link_preview_options"]["prefer_large_media"] is True
    assert "reply_markup" not in message.params


async def test_filters_are_removed_page_by_page(room: Room) -> None:
    """The one whose number is pressed, even where another has gone meanwhile."""
    chat = room.telegram.private_chat(room.ada)
    for word in ("ant", "bee", "cow", "dog", "eel", "fox", "gnu", "hen", "ibis"):
        await room.type(chat, f"subscribe {word}")
    await room.telegram.say(chat, room.ada, "/settings")
    panel = await room.telegram.wait_for_message(chat, "Settings")
    await room.press(chat, room.ada, panel, "Filters (9)")
    await room.shows(chat, panel, ["✕ 1", "✕ 2", "✕ 3", "✕ 4"], ["✕ 5", "✕ 6", "✕ 7", "✕ 8"], ["‹‹ Back", "Page ›"])
    await room.type(chat, "unsubscribe ant")
    assert "Removed: subscribe cow" in await room.press(chat, room.ada, panel, "✕ 3")
    await room.reads(chat, panel, "2. subscribe dog")
    await room.press(chat, room.ada, panel, "✕ 7")
    await room.press(chat, room.ada, panel, "‹‹ Back")
    await room.reads(chat, panel, "Time zone: Europe/London")
    assert len(await room.filters(chat)) == 6


async def test_a_panel_in_a_group_is_the_administrators(room: Room) -> None:
    """Whoever may read the settings may not change them."""
    group = room.telegram.group("Lobby", [room.ada], [room.bob])
    await room.telegram.say(group, room.bob, "/settings@phiwire_test_bot")
    panel = await room.telegram.wait_for_message(group, "Settings")
    for label in ("Filters", "Silent", "Done"):
        assert "Only an administrator" in await room.press(group, room.bob, panel, label)
    assert "without a sound" in await room.press(group, room.ada, panel, "Silent")
    await room.reads(group, panel, "without a sound")
    assert len(room.telegram.messages(group)) == 1


async def test_what_only_silent_filters_bring_comes_without_a_sound(room: Room) -> None:
    """What anything else brings, too, rings."""
    chat = room.telegram.private_chat(room.ada)
    await room.type(chat, "subscribe ferry")
    await room.type(chat, "follow Priya Ashdown")
    await room.type(chat, "silent 1")
    assert (await room.bring(chat)).params["disable_notification"] is True
    both = await room.bring(chat, replace(FERRY, key="b", headline="Ferry vote again", author="Priya Ashdown"))
    assert "disable_notification" not in both.params
