"""Whose token is taken for which conversation: what Slack's adapter asks of one workspace, or of many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack_sending import Poster
from bot.installations import SLASH
from bot.outcomes import Outcome

# Makes a client over the session that all share, for a token.
Connect = Callable[[str | None], AsyncWebClient]
# Makes the address of a conversation, by its workspace and its own id.
Address = Callable[[str | None, str], str]


class Access(NamedTuple):
    """What sends with one token to the workspace `team`; `owner` has it since `since`, where there are several."""

    client: AsyncWebClient
    poster: Poster
    bot_id: str
    team: str = ""
    owner: str = ""
    since: Any = None


class NoAccessError(Exception):
    """Nothing can be sent to an address; the outcome says why."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(repr(outcome))
        self.outcome = outcome


class Workspaces(Protocol):
    """One workspace, or many."""

    def connect(self, connect: Connect) -> None:
        """Learn how clients are made; safe to call twice."""

    async def check(self) -> str:
        """Say for people who we are. Raises AdapterError, and what a client raises."""

    async def start(self) -> dict[str, Any]:
        """Wait until work can begin, and give Bolt's app what it has to be made with. Raises AdapterError."""

    def address(self, team: str | None, conversation: str) -> str:
        """Make the address of a conversation, or of a person."""

    def token_of(self, address: str) -> str:
        """Name the token that is taken for an address."""

    async def access(self, address: str) -> Access:
        """Give what sends to an address. Raises NoAccessError."""

    async def judged(self, access: Access, outcome: Outcome) -> Outcome:
        """Say what an outcome means, and do what it asks for where a token opens nothing any more."""


def plain(_team: str | None, conversation: str) -> str:
    """Name a conversation by its own id."""
    return conversation


def conversation(address: str) -> str:
    """Give the own id of a conversation, or of a person."""
    return address.rpartition(SLASH)[2]


def beside(address: str, its_id: str) -> str:
    """Make the address of a conversation, or of a person, of the workspace that another address is of."""
    team, slash, _ = address.rpartition(SLASH)
    return f"{team}{slash}{its_id}"
