"""What python-telegram-bot raises, as outcomes.

The order matters: BadRequest and TimedOut are NetworkErrors (telegram/error.py), and a 400 must not be retried.
"""

from __future__ import annotations

from typing import Literal

import aiohttp
from telegram import error

from bot.languages import sentence
from bot.outcomes import Ambiguous, Gone, Moved, Outcome, Rejected, Sent, Throttled, Unavailable

TOKEN_PAUSE = 300.0
SUSPENDED = 3600.0
REMEDY = (
    "Copy the token again from @BotFather into TELEGRAM_BOT_TOKEN and start the bot again; it goes on by itself where "
    "the old one works again."
)
CONFLICT = (
    "⚠ Another program polls Telegram with the same TELEGRAM_BOT_TOKEN (Telegram answers 409), so that commands get "
    "lost; news still goes out. Stop the other program, or give this bot a token of its own from @BotFather."
)

Meaning = Literal["suspended", "missing", "gone", "markup", "unchanged", "uneditable", "locked", "buttons"]

# Parts of descriptions (telegram-bot-api, Client.cpp), folded: the first that is found counts.
MEANINGS: dict[str, Meaning] = {
    # People can mend these: the channel is tried again, less and less often.
    "not enough rights": "suspended",
    "chat_write_forbidden": "suspended",
    "need administrator rights": "suspended",
    # One topic of a chat; its news never spills into another.
    "topic_closed": "suspended",
    "message thread not found": "suspended",
    # Said now and then of chats that are there.
    "chat not found": "missing",
    "blocked by the user": "gone",
    "deactivated": "gone",
    "kicked": "gone",
    "not a member": "gone",
    "can't initiate conversation": "gone",
    "user not found": "gone",
    "peer_id_invalid": "gone",
    "channel_private": "gone",
    # Our bugs: what cannot be read, or is too long, goes out short and plain.
    "can't parse entities": "markup",
    "unsupported start tag": "markup",
    # A custom emoji that is not there any more.
    "document_invalid": "markup",
    "message is too long": "markup",
    "message caption is too long": "markup",
    "message is not modified": "unchanged",
    # Our bugs, or an address that may not stand on a button: the message goes out without them.
    "button": "buttons",
    "reply_markup": "buttons",
    "reply markup": "buttons",
    # A picture that Telegram cannot fetch; the plain message has none.
    "wrong http url": "markup",
    "failed to get http url content": "markup",
    "wrong type of the web page content": "markup",
    "message to edit not found": "uneditable",
    "can't be edited": "locked",
}
# The request never left: there was no connection to put it on.
_NEVER_LEFT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


def is_markup_error(problem: error.TelegramError) -> bool:
    """Tell whether Telegram refused our markup, so that plain text may pass."""
    return isinstance(problem, error.BadRequest) and _meaning(problem) == "markup"


def is_button_error(problem: error.TelegramError) -> bool:
    """Tell whether Telegram refused the buttons, so that the message may pass without."""
    return isinstance(problem, error.BadRequest) and _meaning(problem) == "buttons"


def is_settled(problem: error.TelegramError) -> bool:
    """Tell whether an edit is needless: the message stands so already, or is gone, or cannot be edited any more."""
    return _meaning(problem) in {"unchanged", "uneditable", "locked"}


def is_locked(problem: error.TelegramError) -> bool:
    """Tell whether a message is there and cannot be edited any more."""
    return isinstance(problem, error.BadRequest) and _meaning(problem) == "locked"


def is_late(problem: error.TelegramError) -> bool:
    """Tell whether nobody waits any more for the answer to what was typed or pressed."""
    folded = problem.message.casefold()
    return "query is too old" in folded or "query id is invalid" in folded


def outcome(problem: error.TelegramError) -> Outcome:
    """Say what a failed send means."""
    match problem:
        case error.RetryAfter():
            return Throttled(seconds(problem))
        case error.ChatMigrated():
            return Moved(str(problem.new_chat_id))
        case error.Forbidden():
            return _described(problem, Gone(problem.message))
        case error.InvalidToken():
            return Unavailable(
                sentence("Telegram does not accept TELEGRAM_BOT_TOKEN any more"), "token", TOKEN_PAUSE, REMEDY
            )
        case error.Conflict():
            return Unavailable(problem.message, "token", TOKEN_PAUSE)
        case error.BadRequest():
            return _described(problem, Rejected(problem.message))
        case error.NetworkError() if isinstance(problem.__cause__, _NEVER_LEFT):
            return Unavailable(sentence("Telegram cannot be reached"), "token", None)
        case error.TimedOut():
            return Ambiguous(sentence("Telegram did not answer in time"))
        case error.NetworkError():
            # A broken connection has a cause in the HTTP client; all else is an answer, if only a gateway's page.
            broken = isinstance(problem.__cause__, aiohttp.ClientError | OSError)
            return (
                Ambiguous(sentence("the connection broke"))
                if broken
                else Unavailable(sentence("Telegram is out of order"), "token")
            )
        case _:
            # Of no other class is what came with 200 and is no JSON: a page of some gateway.
            unread = isinstance(problem.__cause__, ValueError)
            return Ambiguous(sentence("Telegram's answer cannot be read")) if unread else Rejected(problem.message)


def edit_outcome(problem: error.TelegramError, message_ref: str = "") -> Outcome:
    """Say what a failed edit of a message means: Rejected drops the edit, for the message cannot be changed any more.

    There is no doubt about edits: to make one twice changes nothing.
    """
    match _meaning(problem), outcome(problem):
        case "unchanged", _:
            return Sent(message_ref)
        case _, Ambiguous(reason):
            return Unavailable(reason, "token")
        case _, told:
            return told


def _described(problem: error.TelegramError, otherwise: Outcome) -> Outcome:
    match _meaning(problem):
        case "suspended":
            return Unavailable(problem.message, "channel", SUSPENDED)
        case "missing":
            return Gone(problem.message, sure=False)
        case "gone":
            return Gone(problem.message)
        case "markup" | "unchanged" | "uneditable" | "locked" | "buttons":
            return Rejected(problem.message)
        case None:
            return otherwise


def seconds(problem: error.RetryAfter) -> float:
    """Read how long Telegram asks to wait."""
    asked = problem.retry_after
    return float(asked) if isinstance(asked, int) else asked.total_seconds()


def _meaning(problem: error.TelegramError) -> Meaning | None:
    folded = problem.message.casefold()
    return next((meaning for part, meaning in MEANINGS.items() if part in folded), None)
