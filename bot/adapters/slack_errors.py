"""What Slack's Web API answers, as outcomes (error names: docs.slack.dev/reference/methods/chat.postMessage)."""

from __future__ import annotations

from typing import Literal

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.model import Ambiguous, Gone, Outcome, Rejected, Throttled, Unavailable

TOKEN_PAUSE = 300.0
SUSPENDED = 3600.0
DEFAULT_RETRY_AFTER = 30.0

Meaning = Literal["token", "workspace", "gone", "suspended", "throttled", "unavailable", "ambiguous", "markup"]

# Of the ambiguous ones Slack says that "some aspect of the operation succeeded before the error was raised".
_MEANINGS: dict[str, Meaning] = {
    "invalid_auth": "token",
    "not_authed": "token",
    "account_inactive": "token",
    "token_revoked": "token",
    "token_expired": "token",
    "missing_scope": "token",
    "not_allowed_token_type": "token",
    "team_access_not_granted": "token",
    "org_login_required": "workspace",
    "team_added_to_org": "workspace",
    "user_not_found": "gone",
    # A private channel without us is not found either, and an archived one may be opened again: filters and queue wait.
    "channel_not_found": "suspended",
    "is_archived": "suspended",
    "not_in_channel": "suspended",
    "restricted_action": "suspended",
    "restricted_action_read_only_channel": "suspended",
    "restricted_action_thread_only_channel": "suspended",
    "restricted_action_non_threadable_channel": "suspended",
    "ekm_access_denied": "suspended",
    "no_permission": "suspended",
    "app_access_restricted": "suspended",
    "messages_tab_disabled": "suspended",
    "message_limit_exceeded": "suspended",
    "ratelimited": "throttled",
    "rate_limited": "throttled",
    "service_unavailable": "unavailable",
    "request_timeout": "unavailable",
    "fatal_error": "ambiguous",
    "internal_error": "ambiguous",
    "invalid_blocks": "markup",
    "invalid_blocks_format": "markup",
    "msg_blocks_too_long": "markup",
    "msg_too_long": "markup",
    "no_text": "markup",
    "metadata_too_large": "markup",
    "invalid_metadata_format": "markup",
    "invalid_metadata_schema": "markup",
}
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500


def is_markup_error(problem: SlackApiError) -> bool:
    """Tell whether Slack refused our blocks, so that plain text may pass."""
    return _MEANINGS.get(_name(problem)) == "markup"


def is_token_error(problem: SlackApiError) -> bool:
    """Tell whether Slack refused the token, so that trying again cannot help."""
    return _MEANINGS.get(_name(problem)) == "token"


def is_beyond_editing(problem: SlackApiError) -> bool:
    """Tell whether a message is there and cannot be edited any more."""
    return _name(problem) in {"cant_update_message", "edit_window_closed", "is_inactive"}


def outcome(problem: Exception) -> Outcome:
    """Say what a failed send means. Raises what is no failure of Slack's or of the way there."""
    match problem:
        case SlackApiError():
            return _api_error(problem)
        case aiohttp.ClientConnectorError():
            return Unavailable("Slack cannot be reached", "token", None)
        case aiohttp.ClientError() | TimeoutError():
            return Ambiguous(f"Slack did not answer ({type(problem).__name__})")
        case _:
            raise problem


def _api_error(problem: SlackApiError) -> Outcome:
    name = _name(problem)
    status = _status(problem)
    if status == _TOO_MANY_REQUESTS:
        return Throttled(_retry_after(problem))
    match _MEANINGS.get(name):
        case "throttled":
            return Throttled(_retry_after(problem))
        case "token":
            return Unavailable(f"Slack answers {name} to SLACK_BOT_TOKEN", "token", TOKEN_PAUSE)
        case "workspace":
            return Unavailable(f"Slack answers {name}", "token", SUSPENDED)
        case "suspended":
            return Unavailable(name, "channel", SUSPENDED)
        case "gone":
            return Gone(name)
        case "ambiguous":
            return Ambiguous(f"Slack answered {name}")
        case "unavailable":
            return Unavailable(f"Slack answered {name}", "token")
        case _ if status >= _SERVER_ERROR:
            return Unavailable(f"Slack answered {status}", "token")
        case _:
            return Rejected(name)


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
