"""Settings that say for how long something is kept."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot import settings


@pytest.mark.parametrize(("written", "kept"), [("0", None), ("52w", timedelta(weeks=52)), ("", timedelta(days=90))])
def test_entries_are_kept_as_long_as_is_written(written: str, kept: timedelta | None) -> None:
    """0 is for ever; empty is as if it were not set, as everywhere."""
    assert settings.read({"PHIWIRE_KEEP_ENTRIES": written}, Path("absent")).keep_entries == kept


WEBHOOK = {
    "TELEGRAM_BOT_TOKEN": "123456:ABC",
    "PHIWIRE_TELEGRAM_UPDATES": "webhook",
    "PHIWIRE_LISTEN": "127.0.0.1:8080",
    "PHIWIRE_PUBLIC_URL": "https://bot.example.org",
}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"PHIWIRE_PUBLIC_URL": "", "PHIWIRE_LISTEN": ""}, "PHIWIRE_PUBLIC_URL is missing"),
        ({"PHIWIRE_PUBLIC_URL": ""}, "PHIWIRE_PUBLIC_URL is missing"),
        ({"PHIWIRE_LISTEN": ""}, "PHIWIRE_LISTEN is missing"),
        ({"PHIWIRE_PUBLIC_URL": "http://bot.example.org"}, "needs an https address"),
        ({"PHIWIRE_PUBLIC_URL": "https://bot.example.org:9000"}, "needs port 443, 80, 88 or 8443"),
        ({"PHIWIRE_TELEGRAM_UPDATES": "push"}, "PHIWIRE_TELEGRAM_UPDATES: it should be 'poll' or 'webhook'"),
    ],
)
def test_webhook_that_telegram_could_not_call_is_refused(changed: dict[str, str], sentence: str) -> None:
    """In one sentence, before anything starts."""
    with pytest.raises(settings.SettingsError, match=sentence) as raised:
        settings.read(WEBHOOK | changed, Path("absent"))
    assert len(raised.value.problems) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"PHIWIRE_PUBLIC_URL": "https://bot.example.org:8443/"},
        {"TELEGRAM_BOT_TOKEN": "", "PHIWIRE_PUBLIC_URL": "", "PHIWIRE_LISTEN": ""},
        {"TELEGRAM_API_URL": "http://127.0.0.1:8081", "PHIWIRE_PUBLIC_URL": "http://127.0.0.1:8080"},
    ],
    ids=["as it should be", "another port", "no Telegram", "a Bot API server of one's own"],
)
def test_webhook_that_can_be_called_is_taken(changed: dict[str, str]) -> None:
    """A Bot API server of one's own calls http, too, and any port."""
    assert settings.read(WEBHOOK | changed, Path("absent")).telegram_updates == "webhook"


MANY = {
    "SLACK_CLIENT_ID": "1111.2222",
    "SLACK_CLIENT_SECRET": "client-secret",
    "SLACK_SIGNING_SECRET": "signing-secret",
    "PHIWIRE_SLACK_KEY": "c2l4dGVlbiBieXRlcyBhbmQgc2l4dGVlbiBieXRlcyE=",
    "PHIWIRE_SLACK_REQUESTS": "http",
    "PHIWIRE_LISTEN": "127.0.0.1:8080",
    "PHIWIRE_PUBLIC_URL": "https://bot.example.org",
}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"SLACK_CLIENT_ID": ""}, "SLACK_CLIENT_ID is missing"),
        ({"SLACK_CLIENT_SECRET": ""}, "SLACK_CLIENT_SECRET is missing"),
        ({"SLACK_SIGNING_SECRET": ""}, "SLACK_SIGNING_SECRET is missing"),
        ({"PHIWIRE_SLACK_KEY": ""}, "PHIWIRE_SLACK_KEY is missing.* Make one with: python3 -c"),
        ({"PHIWIRE_SLACK_KEY": "secret"}, "PHIWIRE_SLACK_KEY: each key is 44 characters.* make one with: python3 -c"),
        ({"PHIWIRE_SLACK_KEY": MANY["PHIWIRE_SLACK_KEY"] + ",short"}, "PHIWIRE_SLACK_KEY: each key is 44 characters"),
        ({"PHIWIRE_SLACK_KEY": "é" * 44}, "PHIWIRE_SLACK_KEY: each key is 44 characters"),
        ({"PHIWIRE_SLACK_REQUESTS": "socket"}, "PHIWIRE_SLACK_REQUESTS: many workspaces need http"),
        ({"PHIWIRE_PUBLIC_URL": ""}, "PHIWIRE_PUBLIC_URL is missing: people who install"),
        ({"PHIWIRE_LISTEN": ""}, "PHIWIRE_LISTEN is missing"),
        ({"PHIWIRE_PUBLIC_URL": "http://bot.example.org"}, "PHIWIRE_PUBLIC_URL: many workspaces need an https address"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_BOT_TOKEN is for one workspace"),
        ({"PHIWIRE_OPERATORS": "slack:U0MAX"}, "slack:U0MAX names no workspace: write slack:T0123ABCD/U0MAX"),
    ],
)
def test_many_workspaces_that_cannot_work_are_refused(changed: dict[str, str], sentence: str) -> None:
    """In one sentence, which shows no secret."""
    with pytest.raises(settings.SettingsError, match=sentence) as raised:
        settings.read(MANY | changed, Path("absent"))
    assert len(raised.value.problems) == 1
    assert MANY["PHIWIRE_SLACK_KEY"] not in str(raised.value)


def test_many_workspaces_have_several_keys_each_of_them_secret() -> None:
    """The newest is the first."""
    other = "b2xkIGtleSB0aGF0IGhhcyB0aGlydHktdHdvIGJ5dGU="
    written = f"{other}, {MANY['PHIWIRE_SLACK_KEY']}"
    operators = {"PHIWIRE_OPERATORS": "slack:T0HARBOUR/U0MAX"}
    read = settings.read(MANY | {"PHIWIRE_SLACK_KEY": written} | operators, Path("absent"))
    assert read.slack_keys() == (other, MANY["PHIWIRE_SLACK_KEY"])
    assert {*read.slack_keys(), "client-secret"} <= set(read.secrets())
    assert read.operators[0].address == "T0HARBOUR/U0MAX"
