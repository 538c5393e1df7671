"""The emulated Telegram's chats: what people do to each other and to the bot, told as Telegram tells it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from telegram import (
    Bot,
    ChatAdministratorRights,
    ChatMemberRestricted,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    KeyboardButtonRequestChat,
    ReplyKeyboardMarkup,
)
from telegram.error import BadRequest

from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_state import GENERAL, RIGHTS

MUTE = InlineKeyboardMarkup([[InlineKeyboardButton("Mute", callback_data="k:7")]])


@pytest.fixture
async def bot(telegram: TelegramEmulator) -> AsyncIterator[Bot]:
    """Talk to it with the real SDK."""
    async with Bot(telegram.token, base_url=f"{telegram.url}/bot") as real:
        yield real


async def test_tap_waits_for_what_pops_up(telegram: TelegramEmulator, bot: Bot) -> None:
    """A conversation is read line by line: somebody taps, something happens."""
    ada = telegram.user(7, "Ada")
    chat = telegram.private_chat(ada)
    sent = await bot.send_message(chat.id, "Ferry vote survives", reply_markup=MUTE)
    (message,) = telegram.messages(chat)
    assert telegram.buttons(chat, message) == [["Mute"]]
    tapping = asyncio.create_task(telegram.tap(chat, ada, message, "Mute"))
    (update,) = await bot.get_updates(timeout=5)
    query = update.callback_query
    assert query is not None
    assert (query.data, telegram.unanswered) == ("k:7", [query.id])
    await bot.answer_callback_query(query.id, "Muted")
    assert await tapping == "Muted"
    await bot.edit_message_reply_markup(chat.id, sent.message_id)
    assert telegram.buttons(chat, message) == []
    with pytest.raises(BadRequest, match="not modified"):
        await bot.edit_message_reply_markup(chat.id, sent.message_id)


async def test_restricted_bot_may_read_and_not_write(telegram: TelegramEmulator, bot: Bot) -> None:
    """The filters of a group that silences the bot are kept, and it is told when it may write again."""
    group = telegram.group("Lobby", admins=[1], members=[2], supergroup=True)
    telegram.restrict(group, telegram.state.bot)
    telegram.restrict(group, 2)
    with pytest.raises(BadRequest, match="ot enough rights to send text messages to the chat"):
        await bot.send_message(group.id, "x")
    telegram.set_status(group, telegram.state.bot, "member")
    await bot.send_message(group.id, "x")
    updates = [update.my_chat_member for update in await bot.get_updates()]
    assert [update.new_chat_member.status for update in updates if update] == ["restricted", "member"]
    member = await bot.get_chat_member(group.id, 2)
    assert isinstance(member, ChatMemberRestricted)
    assert not member.can_send_messages


async def test_promotion_is_told_with_its_rights(telegram: TelegramEmulator, bot: Bot) -> None:
    """Whether the bot may post in a channel is known before the first message fails."""
    channel = telegram.channel("Harbour news", admins=[1])
    telegram.promote(channel, telegram.state.bot, 1, may_post=False)
    with pytest.raises(BadRequest, match="eed administrator rights in the channel chat"):
        await bot.send_message(channel.id, "x")
    (update,) = await bot.get_updates()
    assert update.my_chat_member is not None
    old, new = update.my_chat_member.old_chat_member, update.my_chat_member.new_chat_member
    assert [member.to_dict()["can_post_messages"] for member in (old, new)] == [True, False]


async def test_anonymous_admin_writes_as_the_group(telegram: TelegramEmulator, bot: Bot) -> None:
    """Nobody is named, and yet it is an admin who writes."""
    group = telegram.group("Lobby", admins=[1, 2], supergroup=True)
    telegram.hide(group, 2)
    await telegram.say(group, 2, "/filters")
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.sender_chat is not None
    assert update.message.sender_chat.id == group.id
    admins = [admin.to_dict() for admin in await bot.get_chat_administrators(group.id)]
    assert [admin["is_anonymous"] for admin in admins] == [False, True]


async def test_message_in_a_topic_replies_to_its_opening(telegram: TelegramEmulator, bot: Bot) -> None:
    """Who takes that for a reply to the bot's message answers what nobody asked."""
    group = telegram.group("Lobby", admins=[1], topics=True)
    await telegram.say(group, 1, "/filters", thread=telegram.topic(group))
    await telegram.say(group, 1, "/filters")
    in_topic, in_general = [update.message for update in await bot.get_updates()]
    assert in_topic is not None
    assert in_topic.reply_to_message is not None
    assert in_topic.reply_to_message.forum_topic_created is not None
    assert in_general is not None
    assert in_general.message_thread_id is None
    telegram.close_topic(group, GENERAL)
    with pytest.raises(BadRequest, match="Topic_closed"):
        await bot.send_message(group.id, "x")


async def test_deleted_message_can_neither_be_edited_nor_pressed(telegram: TelegramEmulator, bot: Bot) -> None:
    """People tidy up, and no bot is told."""
    chat = telegram.private_chat(7, "Ada")
    sent = await bot.send_message(chat.id, "x", reply_markup=MUTE)
    telegram.erase(chat, sent.message_id)
    with pytest.raises(BadRequest, match="essage to edit not found"):
        await bot.edit_message_text("y", chat.id, sent.message_id)
    with pytest.raises(BadRequest, match="essage to delete not found"):
        await bot.delete_message(chat.id, sent.message_id)
    assert await bot.get_updates() == ()


async def test_bot_deletes_what_others_wrote_as_an_admin(telegram: TelegramEmulator, bot: Bot) -> None:
    """A refusal in a group is cleaned up with the command that it answered."""
    group = telegram.group("Lobby", admins=[1], members=[2], supergroup=True)
    asked = await telegram.say(group, 2, "/follow Marta Quill")
    with pytest.raises(BadRequest, match="essage can't be deleted"):
        await bot.delete_message(group.id, asked)
    sent = await bot.send_message(group.id, "Only admins may")
    telegram.promote(group, telegram.state.bot)
    await bot.delete_messages(group.id, [asked, sent.message_id, 99])
    assert telegram.messages(group) == []
    assert group.messages == {}


async def test_picked_channel_makes_the_bot_its_admin(telegram: TelegramEmulator, bot: Bot) -> None:
    """A broadcast channel is managed from a private chat."""
    ada = telegram.user(7, "Ada")
    chat, channel = telegram.private_chat(ada), telegram.channel("Harbour news", admins=[ada])
    telegram.set_status(channel, telegram.state.bot, "left")
    names = ("is_anonymous", *RIGHTS)
    rights: dict[str, Any] = dict.fromkeys(names, False) | {"can_post_messages": True}
    asked = KeyboardButtonRequestChat(
        1,
        chat_is_channel=True,
        bot_administrator_rights=ChatAdministratorRights(**rights),
        user_administrator_rights=ChatAdministratorRights(**rights),
        request_title=True,
    )
    keyboard = ReplyKeyboardMarkup([[KeyboardButton("Choose a channel", request_chat=asked)]])
    await bot.send_message(chat.id, "Which channel?", reply_markup=keyboard)
    await telegram.share_chat(chat, ada, 1, channel)
    (shared,) = [update.message.chat_shared for update in await bot.get_updates() if update.message]
    assert shared is not None
    assert (shared.chat_id, shared.title) == (channel.id, "Harbour news")
    await bot.send_message(channel.id, "x")
