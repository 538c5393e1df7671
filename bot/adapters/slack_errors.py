"""What Slack's Web API answers, as outcomes (error names: docs.slack.dev/reference/methods/chat.postMessage)."""

from __future__ import annotations

from typing import Literal

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.languages import sentence
from bot.outbox.reasons import NO_HISTORY, NO_SLACK, NO_TOKEN, SLACK_ANSWERED, SLACK_ANSWERS
from bot.outcomes import Ambiguous, Gone, Outcome, Rejected, Throttled, Unavailable

TOKEN_PAUSE = 300.0
SUSPENDED = 3600.0
DEFAULT_RETRY_AFTER = 30.0
REMEDY = (
    "Look at your app's page under OAuth & Permissions: install the app again and copy its token into SLACK_BOT_TOKEN, "
    "then start the bot again; it goes on by itself where the old one works again."
)
LIMIT_REMEDY = "Ask your workspace's owners: their plan takes no more messages for now."

Meaning = Literal[
    "token",
    "limit",
    "workspace",
    "gone",
    "suspended",
    "throttled",
    "unavailable",
    "ambiguous",
    "markup",
    "metadata",
    "uneditable",
    "locked",
]

# Names that Slack gives to errors; a final * stands for any ending.
MEANINGS: dict[str, Meaning] = {
    "invalid_auth": "token",
    "not_authed": "token",
    "account_inactive": "token",
    "token_revoked": "token",
    "token_expired": "token",
    "missing_scope": "token",
    "not_allowed_token_type": "token",
    "team_access_not_granted": "token",
    "message_limit_exceeded": "limit",
    "org_login_required": "workspace",
    "team_added_to_org": "workspace",
    "user_not_found": "gone",
    # A private channel without us is not found either, and an archived one may be opened again: filters and queue wait.
    "channel_not_found": "suspended",
    "is_archived": "suspended",
    "not_in_channel": "suspended",
    "restricted_action*": "suspended",
    "ekm_access_denied": "suspended",
    "no_permission": "suspended",
    "app_access_restricted": "suspended",
    "messages_tab_disabled": "suspended",
    "ratelimited": "throttled",
    "rate_limited": "throttled",
    "service_unavailable": "unavailable",
    "request_timeout": "unavailable",
    # Slack says of these that a part of what was asked may have been done.
    "fatal_error": "ambiguous",
    "internal_error": "ambiguous",
    "invalid_blocks*": "markup",
    "msg_blocks_too_long": "markup",
    "msg_too_long": "markup",
    "no_text": "markup",
    "metadata_too_large": "metadata",
    "invalid_metadata_*": "metadata",
    "message_not_found": "uneditable",
    "cant_update_message": "locked",
    "edit_window_closed": "locked",
    "is_inactive": "locked",
}
# For answers without a name; all others are gateways that have lost the answer, as are other numbers from 500 on.
STATUSES: dict[int, Meaning] = {429: "throttled", 503: "unavailable"}
_SERVER_ERROR = 500
# What a conversation's history answers to those who may not read it.
UNREADABLE = frozenset(
    {
        "missing_scope",
        "not_allowed_token_type",
        "not_in_channel",
        "channel_not_found",
        "no_permission",
        "ekm_access_denied",
        "access_denied",
        "method_not_supported_for_channel_type",
    }
)


def name(problem: Exception) -> str:
    """Give the name by which Slack called an error; empty where it said none."""
    return _name(problem) if isinstance(problem, SlackApiError) else ""


def is_markup_error(problem: SlackApiError) -> bool:
    """Tell whether Slack refused our blocks, so that plain text may pass."""
    return _meaning(problem) == "markup"


def is_metadata_error(problem: SlackApiError) -> bool:
    """Tell whether Slack refused a message's metadata, so that it may pass without."""
    return _meaning(problem) == "metadata"


def is_token_error(problem: SlackApiError) -> bool:
    """Tell whether Slack refused the token, so that trying again cannot help."""
    return _meaning(problem) == "token"


def refused_token(outcome: Outcome) -> str:
    """Name the error with which Slack refused the token of a send; empty where it did not."""
    before, after = NO_TOKEN.split("{error}")
    if not isinstance(outcome, Unavailable) or not outcome.reason.endswith(after):
        return ""
    return outcome.reason.removeprefix(before).removesuffix(after)


def is_unreadable(problem: SlackApiError) -> bool:
    """Tell whether Slack does not let a history be read."""
    return _name(problem) in UNREADABLE


def is_locked(problem: SlackApiError) -> bool:
    """Tell whether a message is there and cannot be edited any more."""
    return _meaning(problem) == "locked"


def outcome(problem: Exception) -> Outcome:
    """Say what a failed send means. Raises what is no failure of Slack's or of the way there."""
    match problem:
        case SlackApiError():
            return _api_error(problem)
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return Unavailable(sentence("Slack cannot be reached"), "token", None)
        case aiohttp.ClientError() | TimeoutError():
            return Ambiguous(NO_SLACK.format(error=type(problem).__name__))
        case _:
            raise problem


def edit_outcome(problem: Exception, message_ref: str = "") -> Outcome:  # noqa: ARG001 (Telegram's takes it, too)
    """Say what a failed edit of a message means: Rejected drops the edit, for the message cannot be changed any more.

    There is no doubt about edits: to make one twice changes nothing. Raises what `outcome` raises.
    """
    return _without_doubt(outcome(problem))


def look_up_outcome(problem: Exception) -> Outcome:
    """Say what a failed look into a conversation's history means: Ambiguous where it is not to be read.

    Raises what `outcome` raises.
    """
    if isinstance(problem, SlackApiError) and is_unreadable(problem):
        return Ambiguous(NO_HISTORY.format(error=_name(problem)))
    told = _without_doubt(outcome(problem))
    return Ambiguous(told.reason) if isinstance(told, Rejected) else told


def _without_doubt(told: Outcome) -> Outcome:
    return Unavailable(told.reason, "token") if isinstance(told, Ambiguous) else told


def _api_error(problem: SlackApiError) -> Outcome:
    name = _name(problem)
    match _meaning(problem):
        case "throttled":
            return Throttled(_retry_after(problem))
        case "token":
            return Unavailable(NO_TOKEN.format(error=name), "token", TOKEN_PAUSE, REMEDY)
        case "limit":
            return Unavailable(SLACK_ANSWERS.format(error=name), "token", SUSPENDED, LIMIT_REMEDY)
        case "workspace":
            return Unavailable(SLACK_ANSWERS.format(error=name), "token", SUSPENDED)
        case "suspended":
            return Unavailable(name, "channel", SUSPENDED)
        case "gone":
            return Gone(name)
        case "ambiguous":
            return Ambiguous(SLACK_ANSWERED.format(error=name or _status(problem)))
        case "unavailable":
            return Unavailable(SLACK_ANSWERED.format(error=name or _status(problem)), "token")
        case "markup" | "metadata" | "uneditable" | "locked" | None:
            return Rejected(name)


def _meaning(problem: SlackApiError) -> Meaning | None:
    name, status = _name(problem), _status(problem)
    if status in STATUSES:
        return STATUSES[status]
    if name in MEANINGS:
        return MEANINGS[name]
    begun = (meaning for known, meaning in MEANINGS.items() if known[-1] == "*" and name.startswith(known[:-1]))
    return next(begun, "ambiguous" if status >= _SERVER_ERROR or not name else None)


def _name(problem: SlackApiError) -> str:
    answer = getattr(problem.response, "data", None)
    return str(answer.get("error", "")) if isinstance(answer, dict) else ""


def _status(problem: SlackApiError) -> int:
    # An answer that is no JSON comes as the HTTP client's own response, whose status has another name.
    status = getattr(problem.response, "status_code", None) or getattr(problem.response, "status", None)
    return status if isinstance(status, int) else 0


def _retry_after(problem: SlackApiError) -> float:
    try:
        return float(problem.response.headers.get("Retry-After", DEFAULT_RETRY_AFTER))
    except (TypeError, ValueError):
        return DEFAULT_RETRY_AFTER
