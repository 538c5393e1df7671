"""Settings that need others beside them: which of them are missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping

_SIGNING_IN = ("PHIWIRE_SESSION_FORM", "PHIWIRE_SESSION_USER", "PHIWIRE_SESSION_PASSWORD")


def missing(values: Mapping[str, str]) -> list[str]:
    """Say what is missing beside what is there, a sentence for each."""
    problems = [*_slack(values), *_signing_in(values)]
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


def _signing_in(values: Mapping[str, str]) -> list[str]:
    absent = _absent(_SIGNING_IN, values)
    if len(absent) == len(_SIGNING_IN):
        return []
    return [f"{name} is missing: signing in takes all of {', '.join(_SIGNING_IN)}." for name in absent]


def _absent(names: Collection[str], values: Mapping[str, str]) -> list[str]:
    return [name for name in names if name not in values]
