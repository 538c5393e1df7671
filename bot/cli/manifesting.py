"""Print what Slack has to be told to make the app."""

from __future__ import annotations

import click

from bot.adapters import slack_manifest
from bot.adapters.slack_manifest import Addresses
from bot.adapters.slack_oauth import BACK
from bot.cli.common import Refused, read_settings
from bot.web import slack


@click.command(short_help="Print what Slack is told to make the app.")
@click.option("--http", "is_called", is_flag=True, help="Have Slack call PHIWIRE_PUBLIC_URL, in place of Socket Mode.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, without the reasons.")
def manifest(*, is_called: bool, as_json: bool) -> None:
    """Print the Slack app's manifest, to be pasted at api.slack.com/apps: what it needs, and why."""
    at = _addresses() if is_called else None
    click.echo(slack_manifest.as_json(at) if as_json else slack_manifest.as_yaml(at), nl=as_json)


def _addresses() -> Addresses:
    address = read_settings().public_url
    if address is None:
        raise Refused("PHIWIRE_PUBLIC_URL is missing: with --http Slack calls the bot there.")
    if address.scheme != "https":
        raise Refused("PHIWIRE_PUBLIC_URL must begin with https://, for Slack calls nothing else.")
    base = str(address).rstrip("/")
    return Addresses(base + slack.PATH, base + BACK)
