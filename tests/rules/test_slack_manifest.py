"""The Slack app's manifest says what the code needs: no listener without its event, no call without its scope."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters import slack_manifest, slack_shortcuts
from bot.adapters.slack_manifest import EVENTS, EVENTS_OF_MANY, OPTIONAL_SCOPES, SCOPES, Addresses
from bot.cli import phiwire
from tests.emulators import slack_scopes

ROOT = Path(__file__).parents[2]
AT = Addresses("https://bot.example.org/slack/events", "https://bot.example.org/slack/oauth_redirect")


def nodes() -> Iterator[ast.AST]:
    """Read the code of Slack's adapter."""
    for path in (ROOT / "bot").rglob("slack*.py"):
        yield from ast.walk(ast.parse(path.read_text("utf-8")))


def events_heard() -> set[str]:
    """Find the events that the code has Bolt hand over."""
    calls = (node for node in nodes() if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute))
    heard = set()
    for call in calls:
        assert isinstance(call.func, ast.Attribute)
        if call.func.attr == "event" and isinstance(call.func.value, ast.Name) and call.func.value.id == "app":
            heard.add(ast.literal_eval(call.args[0]))
    return {"message.im" if name == "message" else name for name in heard}


def methods_called() -> set[str]:
    """Find the methods of the Web API that the code calls, or hands on to be called."""
    names = {node.attr for node in nodes() if isinstance(node, ast.Attribute)}
    # By api_call a method is named as Slack does.
    methods = {name for name in dir(AsyncWebClient) if "_" in name.strip("_")} - {"api_call"}
    known = {name: name.replace("_", ".") for name in methods}
    return {known[name] for name in names & set(known)}


def parsed(written: str) -> dict[str, Any]:
    """Read the little of YAML that the manifest is written in; raise at whatever else."""
    lines = [line for line in written.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    value, rest = _block(lines, 0)
    assert not rest
    assert isinstance(value, dict)
    return value


def _block(lines: list[str], depth: int) -> tuple[Any, list[str]]:
    fields: dict[str, Any] = {}
    items: list[Any] = []
    indent = "  " * depth
    while lines and lines[0].startswith(indent):
        line = lines[0][len(indent) :]
        assert line == line.strip(), line
        if line.startswith("- "):
            if (pair := re.fullmatch(r"- ([a-z_]+: .+)", line)) is not None:
                item, lines = _block([f"{indent}  {pair[1]}", *lines[1:]], depth + 1)
            else:
                item, lines = _scalar(line[2:]), lines[1:]
            items.append(item)
            continue
        pair = re.fullmatch(r"([a-z_]+):(?: (.+))?", line)
        assert pair is not None, line
        assert pair[1] not in fields, line
        if pair[2] is not None:
            fields[pair[1]], lines = _scalar(pair[2]), lines[1:]
            continue
        deeper = depth if lines[1].startswith(f"{indent}- ") else depth + 1
        fields[pair[1]], lines = _block(lines[1:], deeper)
        assert fields[pair[1]], line
    assert not (fields and items)
    return (fields or items), lines


def _scalar(written: str) -> str | bool:
    if written in {"true", "false"}:
        return written == "true"
    if written.startswith('"'):
        value = json.loads(written)
        assert isinstance(value, str)
        return value
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_.:]*[A-Za-z0-9_]", written), written
    return written


def test_the_file_that_people_paste_is_what_the_code_says() -> None:
    """Made by: phiwire manifest > deploy/slack-manifest.yaml."""
    assert (ROOT / "deploy/slack-manifest.yaml").read_text("utf-8") == slack_manifest.as_yaml()


@pytest.mark.parametrize("at", [None, AT])
def test_yaml_and_json_say_the_same(at: Addresses | None) -> None:
    """Slack takes either."""
    assert parsed(slack_manifest.as_yaml(at)) == slack_manifest.manifest(at) == json.loads(slack_manifest.as_json(at))


def test_no_line_is_too_long_to_read() -> None:
    """It is read in a little box on Slack's page."""
    assert max(map(len, slack_manifest.as_yaml(AT).splitlines())) <= slack_manifest.WIDTH


@pytest.mark.parametrize("at", [None, AT])
def test_the_manifest_keeps_slacks_limits(at: Addresses | None) -> None:
    """Or Slack refuses it whole (docs.slack.dev/reference/app-manifest)."""
    made = slack_manifest.manifest(at)
    assert len(made["display_information"]["name"]) <= 35
    assert len(made["display_information"]["description"]) <= 140
    for shortcut in made["features"]["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
    for command in made["features"]["slash_commands"]:
        assert len(command["description"]) <= 2000
        assert len(command["usage_hint"]) <= 1000
    assert len(made["settings"]["event_subscriptions"]["bot_events"]) <= 100


def test_every_event_that_is_listened_to_is_subscribed_to_and_no_other() -> None:
    """What nobody subscribed to never comes; what nobody listens to is a call for nothing."""
    subscribed = {*EVENTS, *EVENTS_OF_MANY}
    assert events_heard() == subscribed


def test_every_event_may_be_subscribed_to() -> None:
    """Slack refuses a manifest whose events need scopes that it does not ask for."""
    for event in {*EVENTS, *EVENTS_OF_MANY}:
        needed = slack_scopes.EVENTS[event]
        assert not needed or needed & set(SCOPES), event


def test_every_method_that_is_called_has_its_scope() -> None:
    """The emulator's table is the documentation's."""
    called = methods_called()
    assert {"chat.postMessage", "users.info", "conversations.info"} <= called
    for method in called:
        needed = slack_scopes.METHODS[method]
        assert not needed or needed & {*SCOPES, *OPTIONAL_SCOPES}, method


def test_no_scope_is_asked_for_that_nothing_needs() -> None:
    """Each one is something that somebody has to agree to."""
    needed = {scope for method in methods_called() for scope in slack_scopes.METHODS[method]}
    needed |= {scope for event in EVENTS for scope in slack_scopes.EVENTS[event]}
    assert set(SCOPES) - {"commands", "chat:write.public"} <= needed
    assert all(SCOPES.values())
    assert all(OPTIONAL_SCOPES.values())


def test_by_socket_no_address_stands_in_the_manifest() -> None:
    """Slack would try to call it."""
    assert "http" not in slack_manifest.as_json()
    assert slack_manifest.manifest()["settings"]["socket_mode_enabled"] is True


def test_where_slack_calls_every_address_is_the_bots(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Events, buttons, menus, the command, and browsers that come back."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHIWIRE_PUBLIC_URL", "https://bot.example.org/")
    monkeypatch.setenv("PHIWIRE_LISTEN", "127.0.0.1:8080")
    printed = CliRunner().invoke(phiwire, ["manifest", "--http"])
    assert parsed(printed.output) == slack_manifest.manifest(AT)
    settings = slack_manifest.manifest(AT)["settings"]
    assert settings["socket_mode_enabled"] is False
    assert set(re.findall(r"https?://[^\"]+", slack_manifest.as_json(AT))) == {AT.requests, AT.redirect}
    assert settings["interactivity"]["message_menu_options_url"] == AT.requests


@pytest.mark.parametrize(("address", "said"), [("", "is missing"), ("http://bot.example.org", "https")])
def test_without_an_address_that_slack_calls_nothing_is_printed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str, said: str
) -> None:
    """A manifest with wrong addresses would be pasted."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHIWIRE_PUBLIC_URL", address)
    monkeypatch.setenv("PHIWIRE_LISTEN", "127.0.0.1:8080")
    printed = CliRunner().invoke(phiwire, ["manifest", "--http"])
    assert printed.output == ""
    assert said in str(printed.exception)


def test_json_is_printed_for_whoever_wants_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Slack's page has a tab for it, and programs read it."""
    monkeypatch.chdir(tmp_path)
    printed = CliRunner().invoke(phiwire, ["manifest", "--json"])
    assert json.loads(printed.output) == slack_manifest.manifest()


def test_shortcuts_are_named_as_they_are_listened_to() -> None:
    """A shortcut whose name nobody knows seems to do nothing."""
    assert set(slack_manifest.SHORTCUTS) == set(slack_shortcuts.SHORTCUTS)
