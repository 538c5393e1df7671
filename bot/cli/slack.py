"""Build Slack's side from the settings: the adapter, the addresses by which Slack and browsers come, and its memory."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from bot import app
from bot.adapters.slack import SlackAdapter
from bot.adapters.slack_installed import ManyWorkspaces
from bot.adapters.slack_oauth import INSTALL, OAuth
from bot.adapters.slack_requests import Calls
from bot.adapters.slack_token import OneWorkspace
from bot.db import Database
from bot.sealing import Seal
from bot.settings import Settings
from bot.web import slack, slack_install


@dataclass(frozen=True, slots=True)
class SlackSide:
    """The adapter, what it remembers with, and its routes."""

    adapter: SlackAdapter
    workspaces: OneWorkspace | ManyWorkspaces
    calls: Calls | None
    oauth: OAuth | None = None

    def use(self, database: Database) -> None:
        """Remember here."""
        self.workspaces.use(database)
        if self.oauth is not None:
            self.oauth.use(database)

    def routes(self) -> list[web.RouteDef]:
        """Name all by which somebody comes."""
        calls = slack.routes(self.calls) if self.calls is not None else []
        return [*calls, *(slack_install.routes(self.oauth) if self.oauth is not None else [])]


def build(settings: Settings) -> SlackSide | None:
    """Build it for many workspaces or for one, by what is set; None where nothing is."""
    calls = None
    if settings.slack_signing_secret is not None and settings.slack_requests == "http":
        # Where it comes by Socket Mode it does not call.
        calls = Calls(settings.slack_signing_secret.get_secret_value(), app.wall_clock)
    if settings.slack_client_id is not None:
        return _many(settings, settings.slack_client_id, calls)
    if settings.slack_bot_token is None:
        return None
    bot_token, api_url = settings.slack_bot_token.get_secret_value(), str(settings.slack_api_url)
    one = OneWorkspace(bot_token, app.wall_clock)
    is_called = settings.slack_requests == "http"
    app_token = "" if is_called or settings.slack_app_token is None else settings.slack_app_token.get_secret_value()
    return SlackSide(
        SlackAdapter(bot_token, app_token, api_url, app.wall_clock, intake=calls, workspaces=one), one, calls
    )


def _many(settings: Settings, client_id: str, calls: Calls | None) -> SlackSide:
    assert settings.slack_client_secret is not None, "settings_needs lets none through without"
    public_url, api_url = str(settings.public_url).rstrip("/"), str(settings.slack_api_url)
    many = ManyWorkspaces(Seal(settings.slack_keys()), public_url + INSTALL, app.wall_clock)
    secret = settings.slack_client_secret.get_secret_value()
    oauth = OAuth(client_id, secret, public_url, api_url, many, app.wall_clock)
    adapter = SlackAdapter("", "", api_url, app.wall_clock, intake=calls, workspaces=many)
    return SlackSide(adapter, many, calls, oauth)
