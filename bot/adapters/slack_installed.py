"""The workspaces that installed the bot, each with a token of its own that stands sealed in the database."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from slack_bolt.async_app import AsyncBoltContext, AsyncRespond
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot import installations
from bot.adapters import slack_errors, slack_manifest, slack_markup
from bot.adapters.slack_commands import PLATFORM
from bot.adapters.slack_sending import Poster
from bot.adapters.slack_showing import Showing
from bot.adapters.slack_workspaces import Access, Connect, NoAccessError
from bot.db import Database
from bot.installations import SLASH, Installation, Installed
from bot.languages import say, sentence
from bot.outbox.reasons import INSTALLED_AGAIN, NO_KEY, NOT_INSTALLED, TOKEN_ENDED, TOKEN_LACKS
from bot.outcomes import Gone, Outcome, Unavailable
from bot.ports import AdapterError
from bot.sealing import Seal, SealError
from bot.text import count

log = structlog.get_logger("bot.slack")

# Ids of workspaces and organisations. What is none never becomes part of an address, or of a pattern.
ID = re.compile(r"[TE][A-Z0-9]{2,20}")
# What Slack answers to a token that opens nothing any more.
ENDED = frozenset({"account_inactive", "token_revoked", "invalid_auth"})
# What a request's context says of it.
IS_COMMAND = "is_command"
NOT_HERE = sentence("I am not installed in this workspace any more, so nothing was changed. Install me again: {url}")


class ManyWorkspaces:
    """Any number of them. `install_url` is where people install the bot."""

    def __init__(
        self, seal: Seal, install_url: str, clock: Callable[[], datetime], database: Database | None = None
    ) -> None:
        self._seal = seal
        self._install_url = install_url
        self._clock = clock
        self._database_in_use = database
        self._connect: Connect | None = None
        # By workspace. What is kept here is as it is in the database: only this process writes there.
        self._known: dict[str, tuple[Installed, Access]] = {}
        # By workspace, the organisation that it was said to belong to.
        self._organisations: dict[str, str] = {}
        self._working: set[asyncio.Task[None]] = set()
        self._changes = 0

    def use(self, database: Database) -> None:
        """Remember here."""
        self._database_in_use = database

    @property
    def _database(self) -> Database:
        assert self._database_in_use is not None, "used without a database"
        return self._database_in_use

    @property
    def is_connected(self) -> bool:
        """Tell whether Slack can be asked."""
        return self._connect is not None

    def connect(self, connect: Connect) -> None:
        """Learn how clients are made."""
        self._connect = connect

    def client(self, token: str | None = None) -> AsyncWebClient:
        """Make a client."""
        assert self._connect is not None, "used before it is connected"
        return self._connect(token)

    async def check(self) -> str:
        """Say how many there are, and whether their tokens can be read. Raises as `Workspaces` says."""
        there = await self._database.read(installations.all_in_force)
        sealed = [each.installation.name for each in there if not self._opens(each.installation)]
        if sealed:
            raise AdapterError(
                f"No key of PHIWIRE_SLACK_KEY opens the tokens of {', '.join(sealed)}: add the key that sealed them "
                f"after a comma, or have the bot installed there again at {self._install_url}."
            )
        await self.client().api_test()
        lacking = [
            f"{each.installation.name} lacks {', '.join(absent)}: have the bot installed there again."
            for each in there
            if (absent := slack_manifest.absent(each.installation.scopes))
        ]
        return " ".join([f"{count(len(there), 'workspace')}, to be joined at {self._install_url}", *lacking])

    def _opens(self, installation: Installation) -> bool:
        try:
            self._seal.open(installation.token)
        except SealError:
            return False
        return True

    async def start(self) -> dict[str, Any]:
        """Seal all tokens with the newest key, and give what Bolt needs."""
        await self._database.write(installations.name_plain, PLATFORM, self._clock())
        opened: list[str] = []
        for each in await self._database.read(installations.all_in_force):
            made = each.installation
            try:
                renewed = self._seal.renew(made.token)
            except SealError:
                log.warning("slack_token_sealed", workspace=made.owner, problem=NO_KEY)
                continue
            if renewed != made.token:
                await self._database.write(installations.reseal, made.owner, made.token, renewed)
            opened.append(made.owner)
        await self._database.write(installations.go_on, PLATFORM, opened, NO_KEY)
        self._forget()

        # Bolt reads the names of a function's arguments, and takes a method's self for one of them.
        async def authorize(
            context: AsyncBoltContext, enterprise_id: str | None, team_id: str | None
        ) -> AuthorizeResult | None:
            found = await self.authorize(enterprise_id, team_id)
            if found is None and context.response_url and context.respond is not None:
                # Bolt would say it by a session of its own, and acknowledge only after that.
                if not context.get(IS_COMMAND):
                    self._beside(self._say_not_here(context.respond), "say that we are not here")
                context["response_url"] = None
            return found

        return {
            "client": self.client(),
            "authorize": authorize,
            "before_authorize": self._place,
            # What acknowledges a command is shown to the person.
            "user_facing_authorize_error_message": self._not_here(),
        }

    async def _place(self, body: dict[str, Any], context: Any, next: Callable[[], Awaitable[None]]) -> None:  # noqa: A002 (Bolt's name)
        """Tell Bolt the workspace where it reads none: what an organisation's installation gets has it elsewhere."""
        context[IS_COMMAND] = "command" in body
        team = context.team_id or body.get("team_id") or ""
        enterprise = context.enterprise_id or ""
        if ID.fullmatch(team):
            context["team_id"] = team
            # A view may be of one organisation's app, and looked at by somebody of another.
            is_new = "view" not in body and self._organisations.get(team) != enterprise
            if is_new and ID.fullmatch(enterprise):
                self._organisations[team] = enterprise
                # Beside the request, which Slack wants acknowledged while the database may be busy.
                self._beside(self._learn(team, enterprise), f"learn of {team}")
        await next()

    async def _say_not_here(self, respond: AsyncRespond) -> None:
        await Showing(self.client(), respond, "", "").tell({"text": self._not_here()})

    def _not_here(self) -> str:
        return slack_markup.escape(say(NOT_HERE, url=self._install_url))

    def _beside(self, work: Coroutine[None, None, None], name: str) -> None:
        """Do something beside a request."""
        task = asyncio.create_task(work, name=name)
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _learn(self, team: str, enterprise: str) -> None:
        try:
            await self._database.write(installations.belongs, PLATFORM, team, enterprise)
        except Exception:  # its next request tells it again
            log.exception("slack_organisation_unknown", workspace=team)
            del self._organisations[team]
        self._forget()

    async def authorize(self, enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        """Find the token with which Bolt answers; None where there is none."""
        try:
            made, access = await self._find(team_id or enterprise_id or "")
        except NoAccessError:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_id=made.installation.bot_id,
            bot_user_id=made.installation.bot_user,
            bot_token=access.client.token,
        )

    def address(self, team: str | None, conversation: str) -> str:
        """Name a conversation by its workspace and its own id."""
        return f"{team}{SLASH}{conversation}" if team else conversation

    def token_of(self, address: str) -> str:
        """Name the workspace: Slack counts by workspace, also where an organisation has one token."""
        return address.partition(SLASH)[0] if SLASH in address else ""

    async def access(self, address: str) -> Access:
        """Give what sends to an address. Raises NoAccessError."""
        return (await self._find(self.token_of(address)))[1]

    async def _find(self, team: str) -> tuple[Installed, Access]:
        known = self._known.get(team)
        if known is not None:
            return known
        changes = self._changes
        made = await self._database.read(installations.of_team, team, self._organisations.get(team, ""))
        if made is None:
            raise NoAccessError(Unavailable(NOT_INSTALLED, "channel", slack_errors.SUSPENDED))
        installation = made.installation
        try:
            client = self.client(self._seal.open(installation.token))
        except SealError:
            raise NoAccessError(Unavailable(NO_KEY, "channel", slack_errors.SUSPENDED)) from None
        poster = Poster(client)
        known = made, Access(client, poster, installation.bot_id, team, installation.owner, made.installed_at)
        if changes == self._changes:
            self._known[team] = known
        return known

    async def judged(self, access: Access, outcome: Outcome) -> Outcome:
        """Switch a workspace off whose token has ended. What else it has to mend itself holds its channels back."""
        name = slack_errors.refused_token(outcome)
        if name not in ENDED:
            if not isinstance(outcome, Unavailable) or outcome.retry_after is None:
                return outcome
            # No outage, and no alarm for whoever runs the bot; whoever installs the app again lets the channels go on.
            reason = TOKEN_LACKS.format(error=name) if name else outcome.reason
            return Unavailable(reason, "channel", outcome.retry_after)
        reason = TOKEN_ENDED.format(error=name)
        # Several messages under way learn it at once.
        if await self.remove(access.owner, reason, access.since) or await self.installed_at(access.owner) is None:
            return Gone(reason)
        return Unavailable(INSTALLED_AGAIN, "token")

    async def save(self, made: Installation) -> None:
        """Keep an installation, whose token is plain, sealed."""
        sealed = replace(made, token=self._seal.close(made.token))
        await self._database.write(installations.save, PLATFORM, sealed, self._clock())
        self._forget()
        log.info("slack_installed", workspace=made.owner)

    async def remove(self, owner: str, reason: str, since: datetime | None = None) -> bool:
        """Switch a workspace off, where the installation is still the one that is meant; tell whether it was."""
        removed = await self._database.write(installations.remove, owner, reason, self._clock(), since)
        self._forget()
        if removed:
            log.warning("slack_removed", workspace=owner, reason=reason)
        return removed

    async def installed_at(self, owner: str) -> datetime | None:
        """Say since when an installation is in force; None where there is none."""
        made = await self._database.read(installations.of_owner, owner)
        return None if made is None else made.installed_at

    def _forget(self) -> None:
        self._changes += 1
        self._known.clear()
