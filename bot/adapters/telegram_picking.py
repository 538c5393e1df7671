"""Telegram's button by which a person chooses a channel, and what comes when one was chosen."""

from __future__ import annotations

from telegram import (
    ChatAdministratorRights,
    KeyboardButton,
    KeyboardButtonRequestChat,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from bot.ports import Keyboard

# Only channels are asked for, so that one number is enough.
_ASKED = 1
Below = ReplyKeyboardMarkup | ReplyKeyboardRemove


def below(rows: Keyboard) -> Below | None:
    """Make the keyboard that stands where one types, or take it away; None where a reply has no word on it."""
    asking = [
        KeyboardButton(span.text, request_chat=_channel()) for row in rows for span in row if span.picks == "channel"
    ]
    if asking:
        return ReplyKeyboardMarkup([asking], resize_keyboard=True, one_time_keyboard=True)
    return ReplyKeyboardRemove() if any(span.picks == "none" for row in rows for span in row) else None


def _channel() -> KeyboardButtonRequestChat:
    """Ask for a channel in which both may do what is needed; the bot's rights must be some of the person's."""
    return KeyboardButtonRequestChat(
        _ASKED,
        chat_is_channel=True,
        user_administrator_rights=_rights(may_promote=True),
        bot_administrator_rights=_rights(may_promote=False),
        request_title=True,
    )


def _rights(*, may_promote: bool) -> ChatAdministratorRights:
    return ChatAdministratorRights(
        is_anonymous=False,
        can_manage_chat=False,
        can_delete_messages=False,
        can_manage_video_chats=False,
        can_restrict_members=False,
        can_promote_members=may_promote,
        can_change_info=False,
        can_invite_users=False,
        can_post_stories=False,
        can_edit_stories=False,
        can_delete_stories=False,
        can_post_messages=True,
        can_edit_messages=True,
    )


def chosen(message: Message) -> str | None:
    """Write what a person has chosen as they would type it; None where they have chosen nothing."""
    shared = message.chat_shared
    return None if shared is None else f"manage {shared.chat_id} {shared.title or ''}".rstrip()
