"""Broadcast channels managed from a private chat: chosen there, spoken of by name, and only by those who may."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.adapters import telegram_markup
from bot.ports import Request, Standing
from tests.contract.conversations import yes
from tests.contract.outbox_stage import on_telegram
from tests.contract.test_button_conversations import Room
from tests.emulators.server import Fault
from tests.emulators.telegram_state import Chat, SentMessage


class Desk(Room):
    """A room with a private chat of Ada's, and a broadcast channel that she and Bob run."""

    async def open(self) -> None:
        """Come in; the bot is not in the channel yet."""
        self.chat = self.telegram.private_chat(self.ada)
        self.channel_ = self.telegram.channel("Harbour news", [self.bob, self.ada])
        self.telegram.set_status(self.channel_, self.telegram.state.bot, "left")

    async def ask(self, words: str, answer: str) -> SentMessage:
        """Let Ada type in her chat, and return the next message, which says something."""
        before = len(self.telegram.messages(self.chat))
        await self.telegram.say(self.chat, self.ada, words)
        return await self.next(before, answer)

    async def next(self, before: int, answer: str) -> SentMessage:
        """Wait for the message after those."""
        await self.telegram.wait_for(lambda: len(self.telegram.messages(self.chat)) > before, what=answer)
        message = self.telegram.messages(self.chat)[before]
        assert answer in message.text
        return message

    async def choose(self, shared: Chat, answer: str, *, promotes: bool = True) -> SentMessage:
        """Let Ada choose a channel by the button."""
        await self.ask("/manage", "Which channel?")
        before = len(self.telegram.messages(self.chat))
        await self.telegram.share_chat(self.chat, self.ada, 1, shared, promotes=promotes)
        return await self.next(before, answer)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """Open the room."""
    async with on_telegram(tmp_path) as stage:
        made = Desk(stage)
        await made.open()
        await stage.adapter.start(made.commands)
        yield made
        assert made.telegram.unanswered == []


async def test_button_asks_for_channels_in_which_both_may_post(desk: Desk) -> None:
    """And for no right that is not needed."""
    message = await desk.ask("/manage", "Which channel?")
    assert "t.me/phiwire_test_bot?startchannel&admin=post_messages+edit_messages" in message.html.replace("&amp;", "&")
    ((button,),) = message.params["reply_markup"]["keyboard"]
    asked = button["request_chat"]
    rights = {
        whose: {name for name, given in asked[f"{whose}_administrator_rights"].items() if given}
        for whose in ("user", "bot")
    }
    assert asked["chat_is_channel"] is True
    assert rights["bot"] == {"can_post_messages", "can_edit_messages"}
    assert rights["user"] == rights["bot"] | {"can_promote_members"}


async def test_what_is_typed_acts_on_the_channel_and_says_so(desk: Desk) -> None:
    """Until it ends; the keyboard is gone, and nothing was posted in the channel."""
    message = await desk.choose(desk.channel_, "Harbour news")
    assert message.params["reply_markup"] == {"remove_keyboard": True}
    said = await desk.ask("/subscribe ferry", "Subscribed to ferry")
    assert said.text.splitlines()[0] == "📣 Harbour news"
    said = await desk.ask("/filters", "1. subscribe ferry (by Ada)")
    assert said.text.splitlines()[0] == "📣 Harbour news"
    assert await desk.filters(desk.channel_) == ["match ferry"]
    assert await desk.filters(desk.chat) == []
    await desk.ask("/manage off", "acts on this chat again")
    said = await desk.ask("/filters", "No filters yet")
    assert "Harbour news" not in said.text
    assert desk.telegram.messages(desk.channel_) == []
    delivered = await desk.bring(desk.channel_)
    assert "Ferry vote survives" in delivered.text


async def test_choice_survives_a_restart(desk: Desk) -> None:
    """It is written down."""
    await desk.choose(desk.channel_, "Harbour news")

    async def still(_address: str) -> Standing:
        return "administers"

    restarted = Room(desk.stage).commands
    typed = Request("telegram", str(desk.chat.id), "subscribe ferry", "Ada", yes, is_private=True, standing=still)
    assert "Harbour news" in telegram_markup.plain(await restarted.answer(typed))
    assert await desk.filters(desk.channel_) == ["match ferry"]


async def test_who_is_no_administrator_any_more_changes_and_sees_nothing(desk: Desk) -> None:
    """It is asked at every command, and said once."""
    await desk.choose(desk.channel_, "Harbour news")
    await desk.ask("/subscribe ferry", "Subscribed to ferry")
    desk.telegram.set_status(desk.channel_, desk.ada, "member")
    said = await desk.ask("/filters", "Only administrators of Harbour news")
    assert "ferry" not in said.text
    await desk.ask("/subscribe levy", "Subscribed to levy")
    assert await desk.filters(desk.channel_) == ["match ferry"]
    assert await desk.filters(desk.chat) == ["match levy"]


async def test_rights_that_are_not_known_change_nothing(desk: Desk) -> None:
    """Telegram does not answer: neither the channel nor the chat gets what was meant for the other."""
    await desk.choose(desk.channel_, "Harbour news")
    desk.telegram.script("getChatMember", Fault(status=500))
    await desk.ask("/subscribe ferry", "could not check")
    assert await desk.filters(desk.channel_) == []
    await desk.ask("/subscribe ferry", "📣 Harbour news")


async def test_channel_without_the_bot_is_explained(desk: Desk) -> None:
    """What is missing, and what to do."""
    message = await desk.choose(desk.channel_, "no administrator of Harbour news", promotes=False)
    assert "rights to post and to edit messages" in message.text
    assert message.params["reply_markup"] == {"remove_keyboard": True}
    desk.telegram.promote(desk.channel_, desk.telegram.state.bot, may_post=False)
    await desk.choose(desk.channel_, "no administrator of Harbour news", promotes=False)
    await desk.ask("/filters", "No filters yet")
    await desk.choose(desk.channel_, "Harbour news")
    await desk.ask("/filters", "📣 Harbour news")
    desk.telegram.kick_bot(desk.channel_)
    await desk.ask("/subscribe ferry", "no administrator of Harbour news")
    assert await desk.filters(desk.channel_) == []


async def test_nobody_manages_a_channel_by_typing_its_number(desk: Desk) -> None:
    """Telegram's button is a convenience; the right is asked."""
    other = desk.telegram.channel("Levy news", [desk.bob])
    group = desk.telegram.group("Lobby", [desk.ada], bot="administrator")
    await desk.ask(f"/manage {other.id} Mine now", "Only administrators of Mine now")
    await desk.ask(f"/manage {group.id}", "no administrator of this channel")
    await desk.ask("/filters", "No filters yet")
    await desk.telegram.say(group, desk.ada, f"/manage@phiwire_test_bot {desk.channel_.id}")
    await desk.telegram.wait_for_message(group, "managed from a private chat")


async def test_channel_is_chosen_by_its_public_name(desk: Desk) -> None:
    """With or without the button, and only by those who may."""
    mine = desk.telegram.channel("Levy news", [desk.ada], username="levy_news")
    desk.telegram.channel("Pier news", [desk.bob], username="pier_news")
    desk.telegram.channel("Isle news", [desk.ada], username="isle_news", bot_may_post=False)
    desk.telegram.group("Lobby", [desk.ada], supergroup=True, bot="administrator").username = "harbour_lobby"
    for words, answer in (
        ("@pier_news", "Only administrators of Pier news"),
        ("@isle_news", "no administrator of Isle news"),
        ("@harbour_lobby", "no administrator of @harbour_lobby"),
        ("@nobody_there", "no administrator of @nobody_there"),
        ("levy_news", "Which channel?"),
    ):
        await desk.ask(f"/manage {words}", answer)
    await desk.ask("/filters", "No filters yet")
    for words in ("@Levy_News", "https://t.me/levy_news"):
        said = await desk.ask(f"/manage {words}", "acts on this channel")
        assert said.text.splitlines()[0] == "📣 Levy news"
    await desk.ask("/subscribe ferry", "📣 Levy news")
    assert await desk.filters(mine) == ["match ferry"]
    assert await desk.filters(desk.chat) == []
    desk.telegram.script("getChat", Fault(status=500))
    await desk.ask("/manage @pier_news", "could not check")


async def test_panel_acts_on_the_channel_too(desk: Desk) -> None:
    """With its name on it; when the chat is itself again, the panel is too old."""
    await desk.choose(desk.channel_, "Harbour news")
    panel = await desk.ask("/settings", "📣 Harbour news\nSettings")
    assert await desk.press(desk.chat, desk.ada, panel, "Silent: off") == "Messages come without a sound from now on."
    await desk.shows(
        desk.chat,
        panel,
        ["Filters (0)", "Pause"],
        ["Corrections: on", "Silent: on"],
        ["Preview: small", "Buttons: on"],
        ["Time zone", "Language: English"],
        ["Done"],
    )
    await desk.reads(desk.chat, panel, "📣 Harbour news")
    assert (await desk.channel(desk.channel_)).silent
    assert not (await desk.channel(desk.chat)).silent
    silent = await desk.data(desk.chat, panel, "Silent: on")
    desk.telegram.set_status(desk.channel_, desk.ada, "member")
    assert "Only administrators" in await desk.send_press(desk.chat, desk.ada, panel, silent)
    assert "too old" in await desk.send_press(desk.chat, desk.ada, panel, silent)
    assert (await desk.channel(desk.channel_)).silent


async def test_why_is_asked_of_what_came_here(desk: Desk) -> None:
    """A message of the channel cannot be answered here, and the answer says where it can."""
    await desk.ask("/subscribe ferry", "Subscribed to ferry")
    delivered = await desk.bring(desk.chat)
    await desk.choose(desk.channel_, "Harbour news")
    before = len(desk.telegram.messages(desk.chat))
    await desk.telegram.say(desk.chat, desk.ada, "/why", delivered.message_id)
    said = await desk.next(before, "ferry")
    assert "added by Ada" in said.text
    assert "Harbour news" not in said.text
    said = await desk.ask("/why", "Tap Why under it in the channel")
    assert said.text.splitlines()[0] == "📣 Harbour news"
    said = await desk.ask("/why not ferry vote", "Ferry vote survives")
    assert said.text.splitlines()[0] == "📣 Harbour news"


async def test_buttons_of_the_chat_stay_the_chats(desk: Desk) -> None:
    """What came here is followed here, whatever is managed from here."""
    await desk.ask("/subscribe ferry", "Subscribed to ferry")
    delivered = await desk.bring(desk.chat)
    await desk.choose(desk.channel_, "Harbour news")
    await desk.press(desk.chat, desk.ada, delivered, "Follow")
    assert await desk.filters(desk.chat) == ["match ferry", "follow Marta Quill"]
    assert await desk.filters(desk.channel_) == []
