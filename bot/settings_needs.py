"""Settings that need others beside them: which of them are missing."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Mapping

# Many workspaces in place of one.
_MANY = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET", "PHIWIRE_SLACK_KEY")
_KEY_BYTES = 32
MAKE_KEY = 'python3 -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'
_SIGNING_IN = ("PHIWIRE_SESSION_FORM", "PHIWIRE_SESSION_USER", "PHIWIRE_SESSION_PASSWORD")


def missing(values: Mapping[str, str]) -> list[str]:
    """Say what is missing beside what is there, a sentence for each."""
    has_many = "SLACK_CLIENT_ID" in values or "SLACK_CLIENT_SECRET" in values
    slack = _many_workspaces(values) if has_many else _slack(values)
    problems = [*slack, *_keys(values), *_operators(values, has_many=has_many), *_signing_in(values)]
    if "PHIWIRE_PUBLIC_URL" in values and "PHIWIRE_LISTEN" not in values:
        problems.append("PHIWIRE_LISTEN is missing: what comes to PHIWIRE_PUBLIC_URL must find the bot listening.")
    return problems


def _slack(values: Mapping[str, str]) -> list[str]:
    is_called = values.get("PHIWIRE_SLACK_REQUESTS") == "http"
    names = ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET" if is_called else "SLACK_APP_TOKEN")
    there = [name for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET") if name in values]
    if not there:
        return []
    problems = [
        f"{name} is missing: Slack needs it beside {there[0]}; the README says where it is found."
        for name in _absent(names, values)
    ]
    if is_called and "PHIWIRE_PUBLIC_URL" not in values and "PHIWIRE_LISTEN" not in values:
        problems.append("PHIWIRE_LISTEN is missing: with PHIWIRE_SLACK_REQUESTS=http Slack calls the bot there.")
    return problems


def _many_workspaces(values: Mapping[str, str]) -> list[str]:
    problems = []
    if "SLACK_BOT_TOKEN" in values:
        problems.append(
            "SLACK_BOT_TOKEN is for one workspace, SLACK_CLIENT_ID for all that install the bot: take one of them out."
        )
    for name in _absent(_MANY, values):
        made = f" Make one with: {MAKE_KEY}" if name == "PHIWIRE_SLACK_KEY" else ""
        problems.append(f"{name} is missing: many workspaces need all of {', '.join(_MANY)}.{made}")
    if values.get("PHIWIRE_SLACK_REQUESTS") != "http":
        problems.append("PHIWIRE_SLACK_REQUESTS: many workspaces need http, for Slack lets no socket serve them.")
    if "PHIWIRE_PUBLIC_URL" not in values:
        problems.append("PHIWIRE_PUBLIC_URL is missing: people who install the bot on Slack come there.")
    elif not values["PHIWIRE_PUBLIC_URL"].startswith("https:") and "SLACK_API_URL" not in values:
        problems.append(
            "PHIWIRE_PUBLIC_URL: many workspaces need an https address, for Slack sends people to no other."
        )
    return problems


def _keys(values: Mapping[str, str]) -> list[str]:
    try:
        if "PHIWIRE_SLACK_KEY" in values:
            keys(values["PHIWIRE_SLACK_KEY"])
    except ValueError as error:
        return [f"PHIWIRE_SLACK_KEY: {error}."]
    return []


def keys(written: str) -> tuple[str, ...]:
    """Read the keys that seal tokens, the newest first. Raises ValueError with what to do."""
    found = tuple(key.strip() for key in written.split(",") if key.strip())
    if not found or not all(_is_key(key) for key in found):
        raise ValueError(
            "each key is 44 characters that stand for 32 bytes, and several have commas between; make one with: "
            f"{MAKE_KEY}"
        )
    return found


def _is_key(key: str) -> bool:
    try:
        return len(base64.b64decode(key.encode("ascii"), altchars=b"-_", validate=True)) == _KEY_BYTES
    except (binascii.Error, ValueError):
        return False


def _operators(values: Mapping[str, str], *, has_many: bool) -> list[str]:
    problems = []
    for each in re.findall(r"slack:[^\s,]+", values.get("PHIWIRE_OPERATORS", "")):
        if has_many and "/" not in each:
            problems.append(f"PHIWIRE_OPERATORS: {each} names no workspace: write slack:T0123ABCD/{each[6:]}.")
        if not has_many and "/" in each:
            problems.append(f"PHIWIRE_OPERATORS: with one workspace write slack:{each.rpartition('/')[2]}, not {each}.")
    return problems


def _signing_in(values: Mapping[str, str]) -> list[str]:
    absent = _absent(_SIGNING_IN, values)
    if len(absent) == len(_SIGNING_IN):
        return []
    return [f"{name} is missing: signing in takes all of {', '.join(_SIGNING_IN)}." for name in absent]


def _absent(names: Collection[str], values: Mapping[str, str]) -> list[str]:
    return [name for name in names if name not in values]
