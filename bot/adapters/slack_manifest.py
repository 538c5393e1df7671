"""What the bot's app needs on Slack, each with its reason: command, shortcuts, events, scopes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

NAME, COMMAND = "PhiWire", "/phiwire"
INVITATION = f"/invite @{NAME}"

# Names have at most 24 characters, descriptions 150 (docs.slack.dev/reference/app-manifest).
SHORTCUTS: Mapping[str, tuple[str, str]] = {
    "phiwire_why": ("Why did we get this?", "Says which words stood where, and whose filter found them"),
    "phiwire_mute": ("Mute…", "Offers what of this message may stay away"),
}

SCOPES: Mapping[str, str] = {
    "app_mentions:read": "To hear what mentions it: @PhiWire follow …",
    "channels:read": "To hear that public channels are archived, renamed or deleted, and to look, before a channel's "
    "first filter is saved, whether messages can come there, and which channels are yours on the home tab. It sees no "
    "messages.",
    "chat:write": "To post what matches, and to answer.",
    "chat:write.public": "To post in public channels without an invitation. Without it, /invite @PhiWire in each.",
    "commands": "/phiwire itself, and the shortcuts of messages.",
    "groups:read": "The same as channels:read, for the private channels that it was invited to.",
    "im:history": "To hear what is written to the app itself, and to find a message there whose answer was lost.",
    "users:read": "To ask, at each change of filters, whether somebody administers the workspace or belongs to another "
    "organisation, and what they are called in the record of changes. It asks for no addresses.",
}
# Those who want them take away the sign before them.
OPTIONAL_SCOPES: Mapping[str, str] = {
    "channels:history": "Optional: to look whether a message has arrived whose answer was lost, so that it does not "
    "come twice (docs/reliability.md). The bot reads history for nothing else.",
    "groups:history": "The same in private channels.",
}

EVENTS: Mapping[str, str] = {
    "app_home_opened": "Somebody opens the app: it shows there what their channels get.",
    "app_mention": "@PhiWire follow …",
    "channel_archive": "What comes for an archived channel waits.",
    "channel_deleted": "A deleted channel gets nothing more.",
    "channel_id_changed": "A channel that becomes several organisations' has a new id, to which its filters go along.",
    "channel_left": "Where the bot is sent away it is silent, unless it may write without being a member.",
    "channel_rename": "Operators read names.",
    "channel_shared": "Others may look at a channel now.",
    "channel_unarchive": "An archived channel that is opened again gets what waited, at once.",
    "channel_unshared": "Others may look at a channel no more.",
    "group_archive": "The same for private channels, of which Slack tells by other names.",
    "group_deleted": "",
    "group_left": "",
    "group_rename": "",
    "group_unarchive": "",
    "member_joined_channel": "Where the bot is invited it says what it is, and what waited comes.",
    "member_left_channel": "As channel_left: Slack tells the one, the other, or both.",
    "message.im": "What is written to the app itself is a command.",
}
# Of an app that many workspaces install.
EVENTS_OF_MANY: Mapping[str, str] = {
    "app_uninstalled": "A workspace takes the app away: nothing is sent there any more.",
    "tokens_revoked": "As app_uninstalled, for the token alone.",
}

_HEADS = {
    False: """\
# The Slack app, ready made: no public address is needed, the bot connects to Slack. Printed by: phiwire manifest
#
#   1. api.slack.com/apps → Create New App → From a manifest → your workspace → YAML: paste this file.
#   2. Install App → Install to Workspace. OAuth & Permissions → Bot User OAuth Token (xoxb-…): SLACK_BOT_TOKEN.
#   3. Basic Information → App-Level Tokens → Generate, with the scope connections:write (xapp-…): SLACK_APP_TOKEN.
#      A manifest cannot make this one.
#   4. Put both into .env; then:  phiwire check  and  phiwire run
#   5. In a channel type:  /phiwire follow Isabel Hardman      In a private channel first:  /invite @PhiWire
""",
    True: """\
# The Slack app, ready made: Slack calls the bot at its public address. Printed by: phiwire manifest --http
#
#   1. Start the bot where Slack reaches it, for Slack calls these addresses when the app is made: PHIWIRE_PUBLIC_URL,
#      PHIWIRE_LISTEN and PHIWIRE_SLACK_REQUESTS=http.
#   2. api.slack.com/apps → Create New App → From a manifest → your workspace → YAML: paste this.
#   3. Install App → Install to Workspace. OAuth & Permissions → Bot User OAuth Token (xoxb-…): SLACK_BOT_TOKEN.
#   4. Basic Information → App Credentials → Signing Secret: SLACK_SIGNING_SECRET.
#   5. Put both into .env, start the bot again; then:  phiwire check
#   6. Event Subscriptions and Interactivity: press Retry where Slack says that an address does not answer yet.
""",
}
# What stands above a key, by its way through the manifest.
_NOTES: Mapping[str, str] = {
    "features.bot_user.always_online": "It answers whenever it runs; Slack need not guess from its connections.",
    "features.app_home.home_tab_enabled": "What somebody's channels get, and what came last.",
    "features.app_home.messages_tab_enabled": "Open for writing, so that somebody can type to the app itself and get "
    "news there.",
    "features.slash_commands.should_escape": "Names and links arrive as they were typed. Escaped ones (<@U123|ada>) "
    "would become words of a filter.",
    "oauth_config.redirect_urls": "Where Slack sends browsers back that install the app in further workspaces.",
    "settings.interactivity": "Buttons, shortcuts and the editor.",
    "settings.socket_mode_enabled": "By a socket the bot needs no address that Slack can call.",
    "settings.org_deploy_enabled": "An organisation of several workspaces may switch this on.",
    "settings.token_rotation_enabled": "Tokens do not expire.",
}
_PLAIN = re.compile(r"[A-Za-z][\w.:]*\w", re.ASCII)
_NOT_PLAIN = {"true", "false", "yes", "no", "on", "off", "null"}
WIDTH = 120


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where Slack calls the bot, and where it sends browsers back to that install the app."""

    requests: str
    redirect: str


def manifest(at: Addresses | None = None) -> dict[str, Any]:
    """Describe the app: of Socket Mode, or one that is called at addresses."""
    called = {} if at is None else {"request_url": at.requests}
    options = {} if at is None else {"message_menu_options_url": at.requests}
    redirects = {} if at is None else {"redirect_urls": [at.redirect]}
    command = {} if at is None else {"url": at.requests}
    return {
        "display_information": {
            "name": NAME,
            "description": "Political news and government press releases, filtered by each channel.",
            "background_color": "#1f3a5f",
        },
        "features": {
            "bot_user": {"display_name": NAME, "always_online": True},
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "shortcuts": [
                {"name": name, "type": "message", "callback_id": callback, "description": does}
                for callback, (name, does) in SHORTCUTS.items()
            ],
            "slash_commands": [
                {
                    "command": COMMAND,
                    **command,
                    "description": "Choose the political news that this conversation gets",
                    "usage_hint": "follow AUTHOR · subscribe nhs -football · mute QUERY 2h · filters · help",
                    "should_escape": False,
                }
            ],
        },
        "oauth_config": {**redirects, "scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**called, "bot_events": [*EVENTS, *(() if at is None else EVENTS_OF_MANY)]},
            "interactivity": {"is_enabled": True, **called, **options},
            "org_deploy_enabled": False,
            "socket_mode_enabled": at is None,
            "token_rotation_enabled": False,
        },
    }


def absent(given: str) -> list[str]:
    """List the scopes that an app needs and was not given; it was given these, as Slack lists them."""
    return sorted(set(SCOPES) - {scope.strip() for scope in given.split(",")})


def lacking(given: str) -> str:
    """Say what an app lacks that was given these scopes; empty where it lacks nothing."""
    names = absent(given)
    if not names:
        return ""
    return (
        f"The app lacks {', '.join(names)}: paste what `phiwire manifest` prints under App Manifest on its page, and "
        "install it again."
    )


def as_json(at: Addresses | None = None) -> str:
    """Write the manifest as Slack's JSON tab takes it."""
    return json.dumps(manifest(at), indent=2, ensure_ascii=False)


def as_yaml(at: Addresses | None = None) -> str:
    """Write the manifest with its reasons, as Slack's YAML tab takes it."""
    return "\n".join([_HEADS[at is not None], *_mapping(manifest(at), ()), ""])


def _mapping(fields: Mapping[str, Any], way: tuple[str, ...]) -> Iterator[str]:
    indent = "  " * len(way)
    for key, value in fields.items():
        if not way and key != next(iter(fields)):
            yield ""
        yield from _comment(_NOTES.get(".".join((*way, key)), ""), indent)
        match value:
            case dict():
                yield f"{indent}{key}:"
                yield from _mapping(value, (*way, key))
            case list():
                yield f"{indent}{key}:"
                yield from _sequence(value, (*way, key))
            case _:
                yield f"{indent}{key}: {_scalar(value)}"


def _sequence(values: list[Any], way: tuple[str, ...]) -> Iterator[str]:
    indent = "  " * len(way)
    reasons = {**SCOPES, **EVENTS, **EVENTS_OF_MANY}
    for value in values:
        if isinstance(value, dict):
            lines = list(_mapping(value, way))
            first = next(number for number, line in enumerate(lines) if not line.lstrip().startswith("#"))
            yield from lines[:first]
            yield f"{indent}- {lines[first].lstrip()}"
            yield from (f"  {line}" for line in lines[first + 1 :])
            continue
        yield from _comment(reasons.get(value, ""), indent)
        yield f"{indent}- {_scalar(value)}"
    if way[-1] == "bot":
        for scope, reason in OPTIONAL_SCOPES.items():
            yield from _comment(reason, indent)
            yield f"{indent}# - {scope}"


def _comment(words: str, indent: str) -> Iterator[str]:
    line = f"{indent}#"
    for word in words.split():
        if len(line) + 1 + len(word) > WIDTH:
            yield line
            line = f"{indent}#"
        line += f" {word}"
    if words:
        yield line


def _scalar(value: str | bool) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    is_plain = _PLAIN.fullmatch(value) is not None and value.casefold() not in _NOT_PLAIN
    # Every JSON string is one of YAML's.
    return value if is_plain else json.dumps(value, ensure_ascii=False)
