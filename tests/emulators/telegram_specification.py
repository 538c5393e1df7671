"""The Bot API as far as this project uses it, as a table: names, types, what is required, and what is too long.

A field is `name`, with `!` where it is required, its types, and where there are limits these and Telegram's word for
what is beyond them. Types are the Bot API's; `=word` is that word and no other. Limits count characters (`c`), those
after parsing (`p`), bytes (`b`), or elements, as they count numbers (`n`). What is not here the emulator refuses:
whoever uses more of the Bot API adds it, and a test compares the table with the official description where that is at
hand.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import NamedTuple

CHAT = "chat_id! Integer|String"
MESSAGE = "chat_id Integer|String; message_id Integer; inline_message_id String"
MARKUP = "InlineKeyboardMarkup|ReplyKeyboardMarkup|ReplyKeyboardRemove|ForceReply"
SENDING = f"""
    {CHAT}; message_thread_id Integer; disable_notification Boolean; protect_content Boolean; message_effect_id String;
    parse_mode String; reply_parameters ReplyParameters; reply_markup {MARKUP}
"""
LANGUAGE = "language_code String"
MENU = f"scope BotCommandScope; {LANGUAGE}"

METHODS: Mapping[str, str] = {
    "getMe": "",
    "logOut": "",
    "close": "",
    "getUpdates": "offset Integer; limit Integer 1-100n; timeout Integer; allowed_updates String[]",
    "setWebhook": """
        url! String; certificate InputFile; ip_address String; max_connections Integer 1-100n; allowed_updates String[];
        drop_pending_updates Boolean; secret_token String 1-256c
    """,
    "deleteWebhook": "drop_pending_updates Boolean",
    "getWebhookInfo": "",
    "setMyCommands": f"commands! BotCommand[] 0-100n BOT_COMMANDS_TOO_MUCH; {MENU}",
    "getMyCommands": MENU,
    "deleteMyCommands": MENU,
    "setMyName": f"name String 0-64c; {LANGUAGE}",
    "setMyDescription": f"description String 0-512c; {LANGUAGE}",
    "setMyShortDescription": f"short_description String 0-120c; {LANGUAGE}",
    "sendMessage": f"""
        {SENDING}; text! String 1-4096p; entities MessageEntity[]; link_preview_options LinkPreviewOptions
    """,
    "sendPhoto": f"""
        {SENDING}; photo! InputFile|String; caption String 0-1024p; caption_entities MessageEntity[];
        show_caption_above_media Boolean; has_spoiler Boolean
    """,
    "editMessageText": f"""
        {MESSAGE}; text String 1-4096p; parse_mode String; entities MessageEntity[];
        link_preview_options LinkPreviewOptions; reply_markup InlineKeyboardMarkup
    """,
    "editMessageReplyMarkup": f"{MESSAGE}; reply_markup InlineKeyboardMarkup",
    "deleteMessage": f"{CHAT}; message_id! Integer",
    "deleteMessages": f"{CHAT}; message_ids! Integer[] 1-100n",
    "sendChatAction": f"{CHAT}; message_thread_id Integer; action! String",
    "getChat": CHAT,
    "getChatMember": f"{CHAT}; user_id! Integer",
    "getChatMemberCount": CHAT,
    "getChatAdministrators": f"{CHAT}; return_bots Boolean",
    "leaveChat": CHAT,
    "answerCallbackQuery": """
        callback_query_id! String; text String 0-200c MESSAGE_TOO_LONG; show_alert Boolean; url String;
        cache_time Integer
    """,
    "answerInlineQuery": """
        inline_query_id! String; results! InlineQueryResult[] 0-50n RESULTS_TOO_MUCH; cache_time Integer;
        is_personal Boolean; next_offset String 0-64b NEXT_OFFSET_INVALID; button InlineQueryResultsButton
    """,
}

PLACE = "type! {}; chat_id! Integer|String"
TYPES: Mapping[str, str] = {
    "MessageEntity": """
        type! String; offset! Integer; length! Integer; url String; language String; custom_emoji_id String;
        unix_time Integer; date_time_format String
    """,
    "LinkPreviewOptions": """
        is_disabled Boolean; url String; prefer_small_media Boolean; prefer_large_media Boolean; show_above_text Boolean
    """,
    "ReplyParameters": """
        message_id! Integer; chat_id Integer|String; allow_sending_without_reply Boolean; quote String 0-1024p;
        quote_parse_mode String; quote_entities MessageEntity[]; quote_position Integer
    """,
    "InlineKeyboardMarkup": "inline_keyboard! InlineKeyboardButton[][]",
    "InlineKeyboardButton": """
        text! String; icon_custom_emoji_id String; style =danger|=success|=primary; url String;
        callback_data String 1-64b BUTTON_DATA_INVALID; switch_inline_query String;
        switch_inline_query_current_chat String; switch_inline_query_chosen_chat SwitchInlineQueryChosenChat;
        copy_text CopyTextButton
    """,
    "SwitchInlineQueryChosenChat": """
        query String; allow_user_chats Boolean; allow_bot_chats Boolean; allow_group_chats Boolean;
        allow_channel_chats Boolean
    """,
    "CopyTextButton": "text! String 1-256c BUTTON_COPY_TEXT_INVALID",
    "ReplyKeyboardMarkup": """
        keyboard! KeyboardButton[][]; is_persistent Boolean; resize_keyboard Boolean; one_time_keyboard Boolean;
        input_field_placeholder String 1-64c; selective Boolean
    """,
    "KeyboardButton": """
        text! String; icon_custom_emoji_id String; style =danger|=success|=primary;
        request_chat KeyboardButtonRequestChat; request_contact Boolean; request_location Boolean
    """,
    "KeyboardButtonRequestChat": """
        request_id! Integer; chat_is_channel! Boolean; chat_is_forum Boolean; chat_has_username Boolean;
        chat_is_created Boolean; user_administrator_rights ChatAdministratorRights;
        bot_administrator_rights ChatAdministratorRights; bot_is_member Boolean; request_title Boolean;
        request_username Boolean; request_photo Boolean
    """,
    "ChatAdministratorRights": """
        is_anonymous! Boolean; can_manage_chat! Boolean; can_delete_messages! Boolean; can_manage_video_chats! Boolean;
        can_restrict_members! Boolean; can_promote_members! Boolean; can_change_info! Boolean;
        can_invite_users! Boolean; can_post_stories! Boolean; can_edit_stories! Boolean; can_delete_stories! Boolean;
        can_post_messages Boolean; can_edit_messages Boolean; can_pin_messages Boolean; can_manage_topics Boolean;
        can_manage_direct_messages Boolean
    """,
    "ReplyKeyboardRemove": "remove_keyboard! Boolean; selective Boolean",
    "ForceReply": "force_reply! Boolean; input_field_placeholder String 1-64c; selective Boolean",
    "BotCommand": """
        command! String 1-32c BOT_COMMAND_INVALID; description! String 1-256c BOT_COMMAND_DESCRIPTION_INVALID
    """,
    "BotCommandScopeDefault": "type! =default",
    "BotCommandScopeAllPrivateChats": "type! =all_private_chats",
    "BotCommandScopeAllGroupChats": "type! =all_group_chats",
    "BotCommandScopeAllChatAdministrators": "type! =all_chat_administrators",
    "BotCommandScopeChat": PLACE.format("=chat"),
    "BotCommandScopeChatAdministrators": PLACE.format("=chat_administrators"),
    "BotCommandScopeChatMember": f"{PLACE.format('=chat_member')}; user_id! Integer",
    "InlineQueryResultArticle": """
        type! =article; id! String 1-64b RESULT_ID_INVALID; title! String; input_message_content! InputMessageContent;
        reply_markup InlineKeyboardMarkup; url String; description String; thumbnail_url String;
        thumbnail_width Integer; thumbnail_height Integer
    """,
    "InputTextMessageContent": """
        message_text! String 1-4096p; parse_mode String; entities MessageEntity[];
        link_preview_options LinkPreviewOptions
    """,
    "InlineQueryResultsButton": "text! String; start_parameter String 1-64c START_PARAM_INVALID",
}
# Any one of them.
UNIONS: Mapping[str, tuple[str, ...]] = {
    "BotCommandScope": tuple(name for name in TYPES if name.startswith("BotCommandScope")),
    "InlineQueryResult": ("InlineQueryResultArticle",),
    "InputMessageContent": ("InputTextMessageContent",),
}
# The letters that some short strings may be made of.
LETTERS: Mapping[str, re.Pattern[str]] = {
    "command": re.compile("[a-z0-9_]+"),
    "secret_token": re.compile("[A-Za-z0-9_-]+"),
    "start_parameter": re.compile("[A-Za-z0-9_-]+"),
}
# What Telegram answers where a required parameter is missing.
MISSING: Mapping[str, str] = {
    "chat_id": "chat_id is empty",
    "message_id": "message identifier is not specified",
    "message_ids": "message identifiers are not specified",
    "user_id": "invalid user_id specified",
    "text": "message text is empty",
    "photo": "there is no photo in the request",
    "callback_query_id": "query is too old and response timeout expired or query ID is invalid",
    "inline_query_id": "query is too old and response timeout expired or query ID is invalid",
}


class Field(NamedTuple):
    """A parameter of a method or a field of an object; `most` counts in `unit` (c, p, b, n), empty without limits."""

    name: str
    kinds: tuple[str, ...]
    required: bool
    least: int = 0
    most: int = 0
    unit: str = ""
    refusal: str = ""


@functools.cache
def fields_of(name: str) -> dict[str, Field]:
    """Return the fields of a method or type, by name.

    Raises:
        KeyError: the table does not have it.

    """
    written = METHODS[name] if name in METHODS else TYPES[name]
    return {field.name: field for field in map(_field, written.split(";")) if field.name}


def _field(written: str) -> Field:
    name, kinds, limits, refusal, *_ = [*written.split(), "", "", "", ""]
    least, _, most = limits.rstrip("cpbn").partition("-")
    unit = limits[-1:]
    plain = name.removesuffix("!")
    return Field(plain, tuple(kinds.split("|")), plain != name, int(least or 0), int(most or 0), unit, refusal)
