"""Let people install the bot in their workspace: away to Slack with a state, back with a code, which becomes a token.

docs.slack.dev/authentication/installing-with-oauth
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot import install_states, text
from bot.adapters.slack_installed import ID, ManyWorkspaces
from bot.adapters.slack_manifest import SCOPES
from bot.db import Database
from bot.install_states import Verdict
from bot.installations import Installation

log = structlog.get_logger("bot.slack")

INSTALL, BACK = "/slack/install", "/slack/oauth_redirect"
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_NAME = re.compile(r"[a-z_]{1,40}")
# How many may begin at once, and each second on average: each is a write, and anybody may call. So the database is not
# kept from its work, and ten minutes never bring as many as it remembers.
AT_ONCE, A_SECOND = 100, 5
# What a workspace is called, people write; operators read it in their terminals.
LONGEST_NAME = 80
NOTHING = "Nothing was installed and nothing was changed."
# From either page: what the world sees may have something before these paths.
AGAIN = ("Start again", INSTALL.rpartition("/")[2])
# What Slack says of a code, in words; all else it says is named.
REFUSED = {
    "invalid_code": "Slack does not know the code that it sent you back with.",
    "code_expired": "Slack’s code was valid for ten minutes, and these are over.",
    "code_already_used": "Slack’s code has been used before.",
    "bad_redirect_uri": "Slack did not send you to this address: whoever runs this bot adds it on the app’s page.",
    "invalid_client_id": "Slack does not know this app: whoever runs this bot has to look at SLACK_CLIENT_ID.",
    "bad_client_secret": "Slack does not accept this app’s secret: whoever runs this bot has to copy it again.",
}


@dataclass(frozen=True, slots=True)
class Page:
    """What a person reads; the link is a label and an address."""

    status: int
    title: str
    sentences: tuple[str, ...]
    link: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Away:
    """Where to send a browser, and what it has to bring back."""

    url: str
    browser: str


STATES: Mapping[Verdict, Page] = {
    "unknown": Page(
        HTTPStatus.BAD_REQUEST,
        "This link is not mine",
        ("It does not belong to an installation that began here.", NOTHING),
        AGAIN,
    ),
    "another browser": Page(
        HTTPStatus.BAD_REQUEST,
        "This began in another browser",
        ("An installation ends in the browser in which it began, with cookies allowed.", NOTHING),
        AGAIN,
    ),
    "used": Page(
        HTTPStatus.BAD_REQUEST,
        "This link has been used",
        ("It works once. If the bot is in your workspace, all is well.", "Nothing was changed this time."),
        AGAIN,
    ),
    "expired": Page(HTTPStatus.BAD_REQUEST, "That took too long", ("A link is valid for ten minutes.", NOTHING), AGAIN),
}
DENIED = Page(
    HTTPStatus.OK,
    "Not installed",
    ("You said no to Slack.", NOTHING, "Where only some people may install apps, Slack asks them for you."),
    AGAIN,
)
BUSY = Page(HTTPStatus.SERVICE_UNAVAILABLE, "Not now", ("Try again in a few minutes.", NOTHING), AGAIN)
UNANSWERED = Page(HTTPStatus.BAD_GATEWAY, "Slack did not answer", (NOTHING,), AGAIN)
ROTATES = Page(
    HTTPStatus.BAD_GATEWAY,
    "This app’s tokens expire",
    ("Whoever runs this bot has to switch token rotation off on the app’s page.", NOTHING),
    AGAIN,
)


class OAuth:
    """Installs the app `client_id` in workspaces. `public_url` is ours, as Slack's page for this app has it."""

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        public_url: str,
        api_url: str,
        workspaces: ManyWorkspaces,
        clock: Callable[[], datetime],
    ) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._back = public_url.rstrip("/") + BACK
        self._authorize = urljoin(api_url.rstrip("/") + "/", "../oauth/v2/authorize")
        self._workspaces = workspaces
        self._clock = clock
        self._database: Database | None = None
        self._room, self._room_at = float(AT_ONCE), clock()

    @property
    def is_private(self) -> bool:
        """Tell whether browsers come by https, so that cookies may ask for it."""
        return self._back.startswith("https://")

    @property
    def path(self) -> str:
        """Name the path below which browsers find both pages."""
        return urlsplit(self._back).path.rpartition("/")[0]

    def use(self, database: Database) -> None:
        """Remember here."""
        self._database = database

    async def begin(self, browser: str) -> Away | Page:
        """Send a browser to Slack; one that comes for a second installation keeps what it was given."""
        assert self._database is not None, "used without a database"
        if not self._has_room():
            return BUSY
        state = secrets.token_urlsafe(32)
        browser = browser if _SECRET.fullmatch(browser) else secrets.token_urlsafe(32)
        if not await self._database.write(install_states.begin, state, browser, self._clock()):
            log.warning("slack_installs_full", most=install_states.MOST)
            return BUSY
        query = {
            "client_id": self._client_id,
            "scope": ",".join(SCOPES),
            "redirect_uri": self._back,
            "state": state,
        }
        return Away(f"{self._authorize}?{urlencode(query)}", browser)

    def _has_room(self) -> bool:
        """Take one of those who may begin now, of whom there are more as time goes on."""
        now = self._clock()
        # A clock that is set back takes nothing away.
        passed = max((now - self._room_at).total_seconds(), 0.0)
        self._room, self._room_at = min(self._room + passed * A_SECOND, AT_ONCE), now
        if self._room < 1:
            return False
        self._room -= 1
        return True

    async def finish(self, query: Mapping[str, str], browser: str) -> Page:
        """Take a browser back: check its state, have its code become a token, and keep that."""
        assert self._database is not None, "used without a database"
        if not self._workspaces.is_connected:
            return BUSY
        verdict = await self._database.write(install_states.use, query.get("state", ""), browser, self._clock())
        if verdict != "good":
            log.info("slack_install_refused", verdict=verdict)
            return STATES[verdict]
        if "error" in query:
            return DENIED if query["error"] == "access_denied" else _refused(query["error"])
        try:
            response = await self._exchange(query.get("code", ""))
        except SlackApiError as problem:
            said = getattr(problem.response, "data", None)
            return _refused(str(said.get("error", ""))) if isinstance(said, dict) else UNANSWERED
        except (aiohttp.ClientError, TimeoutError, AttributeError):
            # The library cannot read answers that are plain text, such as a proxy's.
            return UNANSWERED
        answer = _object(response.data)
        if answer.get("expires_in") or answer.get("refresh_token"):
            log.error("slack_tokens_rotate", remedy="switch token rotation off on the app's page")
            return ROTATES
        made = _read(answer)
        if made is None:
            log.error("slack_install_unreadable")
            return _refused("")
        await self._workspaces.save(replace(made, bot_id=await self._bot_id(made.token)))
        return _done(made)

    async def _exchange(self, code: str) -> AsyncSlackResponse:
        # The SDK's own method makes the header by what aiohttp warns of.
        who = base64.b64encode(f"{self._client_id}:{self._client_secret}".encode()).decode()
        return await self._workspaces.client().api_call(
            "oauth.v2.access",
            data={"code": code, "redirect_uri": self._back},
            headers={"Authorization": f"Basic {who}"},
        )

    async def _bot_id(self, token: str) -> str:
        """Ask for the id by which the bot tells its messages from another one's; it does without, too."""
        try:
            return str((await self._workspaces.client(token).auth_test()).get("bot_id", ""))
        except (SlackApiError, aiohttp.ClientError, TimeoutError):
            return ""


def _read(answer: dict[str, Any]) -> Installation | None:
    """Read what Slack gives for a code; None where it is not what it should be."""
    team, enterprise, user = (_object(answer.get(name)) for name in ("team", "enterprise", "authed_user"))
    is_of_organisation = bool(answer.get("is_enterprise_install"))
    owner = enterprise if is_of_organisation else team
    token, enterprise_id = str(answer.get("access_token") or ""), str(enterprise.get("id") or "")
    ids = [str(owner.get("id") or ""), *([enterprise_id] if enterprise_id else [])]
    if not token.startswith("xoxb-") or not all(ID.fullmatch(each) for each in ids):
        return None
    return Installation(
        owner=ids[0],
        name=text.shorten(text.clean(str(owner.get("name") or "")), LONGEST_NAME) or ids[0],
        token=token,
        enterprise=enterprise_id,
        bot_user=str(answer.get("bot_user_id") or ""),
        app=str(answer.get("app_id") or ""),
        scopes=str(answer.get("scope") or ""),
        installed_by=str(user.get("id") or ""),
    )


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _refused(name: str) -> Page:
    # Whoever calls may write anything there: only what looks like one of Slack's names is shown.
    shown = name if _NAME.fullmatch(name) else "something that I do not understand"
    log.warning("slack_install_failed", problem=shown)
    sentence = REFUSED.get(name, f"Slack refused it: {shown}.")
    return Page(HTTPStatus.BAD_GATEWAY, "Slack refused the installation", (sentence, NOTHING), AGAIN)


def _done(made: Installation) -> Page:
    where = f"the organisation {made.name}" if made.is_of_organisation else made.name
    sentences = (
        *(["Its administrators choose the workspaces in which it can be used."] if made.is_of_organisation else []),
        "Go to a channel and type /phiwire help: it says how to choose the news that comes there.",
        "In a private channel type /invite @PhiWire first.",
    )
    team = {} if made.is_of_organisation else {"team": made.owner}
    link = f"https://slack.com/app_redirect?{urlencode({'app': made.app} | team)}" if made.app else "slack://open"
    return Page(HTTPStatus.OK, f"PhiWire is in {where}", sentences, ("Open Slack", link))
