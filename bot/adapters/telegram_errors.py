"""What python-telegram-bot raises, as outcomes.

The order matters: BadRequest and TimedOut are NetworkErrors (telegram/error.py), and a 400 must not be retried.
"""

from __future__ import annotations

import aiohttp
from telegram import error

from bot.model import Ambiguous, Gone, Moved, Outcome, Rejected, Throttled, Unavailable

TOKEN_PAUSE = 300.0
SUSPENDED = 3600.0

# Parts of descriptions (telegram-bot-api, Client.cpp) for which the channel waits an hour and is tried again.
_SUSPENDING = (
    "not enough rights",
    "chat_write_forbidden",
    "topic_closed",
    "need administrator rights",
    "message thread not found",
)
_GONE = ("chat not found", "user not found", "peer_id_invalid", "group chat was deactivated", "channel_private")
_MARKUP = ("can't parse entities", "unsupported start tag", "message is too long")
# The request never left: there was no connection to put it on, nor one in time, nor an address to connect to.
_NEVER_LEFT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


def is_markup_error(problem: error.TelegramError) -> bool:
    """Tell whether Telegram refused our markup, so that plain text may pass."""
    return isinstance(problem, error.BadRequest) and any(part in _folded(problem) for part in _MARKUP)


def outcome(problem: error.TelegramError) -> Outcome:
    """Say what a failed send means."""
    match problem:
        case error.RetryAfter():
            return Throttled(seconds(problem))
        case error.ChatMigrated():
            return Moved(str(problem.new_chat_id))
        case error.Forbidden():
            return Gone(problem.message)
        case error.InvalidToken():
            return Unavailable("Telegram does not accept TELEGRAM_BOT_TOKEN any more", "token", TOKEN_PAUSE)
        case error.Conflict():
            return Unavailable(problem.message, "token", TOKEN_PAUSE)
        case error.BadRequest():
            return _bad_request(problem)
        case error.NetworkError() if isinstance(problem.__cause__, _NEVER_LEFT):
            return Unavailable("Telegram cannot be reached", "token", None)
        case error.TimedOut():
            return Ambiguous("Telegram did not answer in time")
        case error.NetworkError():
            # A broken connection has a cause in the HTTP client; all else is an answer, if only a gateway's page.
            broken = isinstance(problem.__cause__, aiohttp.ClientError | OSError)
            return Ambiguous("the connection broke") if broken else Unavailable("Telegram is out of order", "token")
        case _:
            return Rejected(problem.message)


def _bad_request(problem: error.BadRequest) -> Outcome:
    folded = _folded(problem)
    if any(part in folded for part in _SUSPENDING):
        return Unavailable(problem.message, "channel", SUSPENDED)
    if any(part in folded for part in _GONE):
        return Gone(problem.message)
    return Rejected(problem.message)


def seconds(problem: error.RetryAfter) -> float:
    """Read how long Telegram asks to wait."""
    asked = problem.retry_after
    return float(asked) if isinstance(asked, int) else asked.total_seconds()


def _folded(problem: error.TelegramError) -> str:
    return problem.message.casefold()
