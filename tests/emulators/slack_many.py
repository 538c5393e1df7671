"""A Slack of many workspaces: people install the app in them by OAuth, and take it away again."""

from __future__ import annotations

import base64
import itertools
import time
import urllib.parse
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.emulators.server import Fault, fair
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_methods import Workspace
from tests.emulators.slack_state import APP_ID, Answer, Params, SlackChannel, SlackUser

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from tests.emulators.rates import Rates
    from tests.emulators.slack_socket import Envelope

# docs.slack.dev/authentication/installing-with-oauth
CODE_SECONDS = 600.0


@dataclass(slots=True, eq=False)
class Team:
    """A workspace; `enterprise` is its organisation's id. `rates` and `weather` are its own, for its token alone."""

    id: str
    name: str
    workspace: Workspace
    enterprise: str = ""
    rates: Rates | None = None
    weather: Callable[[str], Fault | None] = fair


@dataclass(slots=True, eq=False)
class _Code:
    team: Team
    scopes: tuple[str, ...]
    redirect_uri: str
    user: str
    is_enterprise: bool
    born: float
    used: bool = False


@dataclass(slots=True, eq=False)
class Grant:
    """A token, whose it is, and the error that it is answered with from when it has ended."""

    team: Team
    scopes: tuple[str, ...]
    is_enterprise: bool
    error: str = ""
    calls: list[str] = field(default_factory=list)


class ManySlack(SlackEmulator):
    """The app `client_id`, which may be installed anywhere. Redirect addresses begin with one of `redirects`."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__(clock=clock)
        self.client_id, self.client_secret = "1111.2222", "client-secret"  # opens nothing but the emulator
        self.redirects: list[str] = []
        self.teams: dict[str, Team] = {}
        self.grants: dict[str, Grant] = {}
        self.rotation = False
        self._clock = clock
        self._codes: dict[str, _Code] = {}
        self._counter = itertools.count(1)

    def routes(self) -> list[web.RouteDef]:
        """Take browsers, too."""
        return [web.get("/oauth/v2/authorize", self._authorize), *super().routes()]

    def team(self, name: str, enterprise: str = "") -> Team:
        """Return a new workspace without the app. Those of an organisation share people and channels."""
        number = next(self._counter)
        workspace = Workspace(self.violations, (), self._clock, f"T{number:08d}", f"B{number:08d}", f"U{number:07d}B")
        # What was posted stands in one list, which the tests look at; who may see it, the channels say.
        workspace.posted, workspace.ephemeral = self.workspace.posted, self.workspace.ephemeral
        for other in self.teams.values():
            if enterprise and other.enterprise == enterprise:
                workspace.channels, workspace.users = other.workspace.channels, other.workspace.users
                workspace.organisation = other.workspace.organisation
        if enterprise:
            workspace.organisation.append(workspace.team_id)
        team = self.teams[workspace.team_id] = Team(workspace.team_id, name, workspace, enterprise)
        return team

    def user_of(self, team: Team, name: str) -> SlackUser:
        """Return a new member of a workspace."""
        user = self.user(name, team_id=team.id)
        team.workspace.users[user.id] = user
        return user

    def channel_of(self, team: Team, name: str) -> SlackChannel:
        """Return a new channel of a workspace."""
        channel = self.channel(name)
        del self.workspace.channels[channel.id]
        team.workspace.channels[channel.id] = channel
        return channel

    def workspace_of(self, user: SlackUser | None, channel: str = "") -> Workspace:
        """Return the workspace of a channel, or else of a person."""
        teams = [team.workspace for team in self.teams.values()]
        of_channel = (workspace for workspace in teams if channel in workspace.channels)
        of_person = (workspace for workspace in teams if user is not None and workspace.team_id == user.team_id)
        return next(of_channel, None) or next(of_person, self.workspace)

    def scopes_of(self, token: str) -> Collection[str]:
        """Return what a token may do."""
        grant = self.grants.get(token)
        return super().scopes_of(token) if grant is None else grant.scopes

    def interact(self, user: SlackUser | str, payload: dict[str, Any]) -> Envelope:
        """Send what somebody does in the workspace of a channel, or in their own."""
        assert isinstance(user, SlackUser)
        place = self.workspace_of(user, str((payload.get("channel") or {}).get("id", "")))
        return super().interact(user, payload | {"team": {"id": place.team_id, "domain": "emulated"}})

    def allow(self, query: str, team: Team, user: SlackUser, *, whole_organisation: bool = False) -> str:
        """Let somebody say yes on the page to which the app sent them; return the address that takes them back."""
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(query).query))
        if problem := self._wrong_page(asked):
            raise AssertionError(f"Slack shows no such page: {problem}")
        code = f"code-{next(self._counter)}.{user.id}"
        scopes = tuple(asked["scope"].split(","))
        self._codes[code] = _Code(team, scopes, asked["redirect_uri"], user.id, whole_organisation, time.monotonic())
        back = urllib.parse.urlencode({"code": code, "state": asked.get("state", "")})
        return f"{asked['redirect_uri']}?{back}"

    def deny(self, query: str) -> str:
        """Let somebody say no."""
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(query).query))
        back = urllib.parse.urlencode({"error": "access_denied", "state": asked.get("state", "")})
        return f"{asked['redirect_uri']}?{back}"

    def revoke(self, team: Team, error: str = "account_inactive") -> None:
        """Have all tokens of a workspace end, as when it takes the app away; nobody is told."""
        for grant in self.grants.values():
            if grant.team is team and not grant.error:
                grant.error = error

    def tell(self, team: Team, inner: dict[str, Any], at: float, *, is_enterprise: bool = False) -> Envelope:
        """Tell the app an event of a workspace."""
        who = {
            "enterprise_id": team.enterprise or None,
            "team_id": None if is_enterprise else team.id,
            "user_id": team.workspace.bot_user_id,
            "is_bot": True,
            "is_enterprise_install": is_enterprise,
        }
        body = {
            "type": "event_callback",
            "token": "verification",
            "team_id": team.id,
            "enterprise_id": team.enterprise or None,
            "api_app_id": APP_ID,
            "event": inner,
            "event_id": f"Ev{next(self._counter):08d}",
            "event_time": int(at),
            "authorizations": [who],
        }
        return self.give("events_api", body)

    def give(self, kind: str, payload: dict[str, Any]) -> Envelope:
        """Send a payload of any kind, as Slack does to an app of many workspaces."""
        team = self.teams.get(payload.get("team_id", ""))
        if kind == "slash_commands" and team is not None and team.enterprise:
            is_enterprise = any(
                grant.is_enterprise and grant.team.enterprise == team.enterprise for grant in self.grants.values()
            )
            payload |= {
                "enterprise_id": team.enterprise,
                "enterprise_name": "Organisation",
                "is_enterprise_install": str(is_enterprise).lower(),
            }
        return super().give(kind, payload)

    def _wrong_page(self, asked: dict[str, str]) -> str:
        if asked.get("client_id") != self.client_id:
            return "invalid_client_id"
        if not asked.get("scope"):
            return "invalid_scope"
        return "" if asked.get("redirect_uri") in self.redirects else "bad_redirect_uri"

    async def _authorize(self, request: web.Request) -> web.Response:
        problem = self._wrong_page(dict(request.query))
        return web.Response(text=problem or "Allow?", status=400 if problem else 200)

    async def perform(
        self,
        name: str,
        request: web.Request,
        accept: Callable[[], Awaitable[web.StreamResponse]],
        refuse: Callable[[Fault], web.StreamResponse],
        address: object = None,
    ) -> web.StreamResponse:
        """Answer as scripted for a workspace, where something is; its own weather and rates come before all others'."""
        grant = self.grants.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if grant is not None:
            fault = grant.team.weather(name)
            seconds = grant.team.rates.refusal(name, str(address)) if grant.team.rates and fault is None else None
            if seconds is not None:
                fault = Fault(status=429, headers={"Retry-After": str(seconds)})
            if fault is not None:
                self.script(f"{grant.team.id} {name}", fault)
            name = f"{grant.team.id} {name}" if self._faults[f"{grant.team.id} {name}"] else name
        return await super().perform(name, request, accept, refuse, address)

    def _answer(self, method: str, params: Params, token: str) -> Answer:
        if method == "oauth.v2.access":
            return self._exchange(params, token)
        if method == "api.test":
            return {"ok": True}
        grant = self.grants.get(token)
        if grant is None:
            return super()._answer(method, params, token)
        grant.calls.append(method)
        if grant.error:
            return {"ok": False, "error": grant.error}
        grant.team.workspace.scopes = set(grant.scopes)
        return grant.team.workspace.call(method, params)

    def _exchange(self, params: Params, authorization: str) -> Answer:
        code = self._codes.get(str(params.get("code", "")))
        client_id, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        if client_id != self.client_id:
            return {"ok": False, "error": "invalid_client_id"}
        if secret != self.client_secret:
            return {"ok": False, "error": "bad_client_secret"}
        if code is None:
            return {"ok": False, "error": "invalid_code"}
        if code.used:
            return {"ok": False, "error": "code_already_used"}
        if time.monotonic() - code.born > CODE_SECONDS:
            return {"ok": False, "error": "code_expired"}
        if params.get("redirect_uri") != code.redirect_uri:
            return {"ok": False, "error": "bad_redirect_uri"}
        code.used = True
        token = f"xoxb-{code.team.id}-{next(self._counter)}"
        self.grants[token] = Grant(code.team, code.scopes, code.is_enterprise)
        team, enterprise = code.team, code.team.enterprise
        return {
            "ok": True,
            "app_id": APP_ID,
            "authed_user": {"id": code.user},
            "scope": ",".join(code.scopes),
            "token_type": "bot",
            "access_token": token,
            "bot_user_id": team.workspace.bot_user_id,
            "team": None if code.is_enterprise else {"id": team.id, "name": team.name},
            "enterprise": {"id": enterprise, "name": "Organisation"} if enterprise else None,
            "is_enterprise_install": code.is_enterprise,
        } | ({"refresh_token": "xoxe-1", "expires_in": 43200} if self.rotation else {})
