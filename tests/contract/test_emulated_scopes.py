"""The emulated Slack refuses what an app was not given, in Slack's words, and tells it only what it may hear."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from tests.emulators import slack_life, slack_scopes
from tests.emulators.slack import SlackEmulator

NEEDING = sorted(method for method in SlackEmulator().workspace.known if slack_scopes.METHODS[method])


async def call(slack: SlackEmulator, method: str, **params: str) -> tuple[dict[str, Any], str]:
    """Call a method with the bot's token; return its answer, and what Slack says the app was given."""
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    url = f"{slack.url}{method}"
    async with aiohttp.ClientSession() as session, session.post(url, headers=headers, data=params) as answer:
        return await answer.json(), answer.headers["X-OAuth-Scopes"]


@pytest.mark.parametrize("method", NEEDING)
async def test_method_without_its_scope_is_refused(method: str) -> None:
    """With what is needed, and what was given."""
    async with SlackEmulator(without=slack_scopes.USUAL) as slack:
        answer, given = await call(slack, method, channel=slack.channel("lobby").id)
        assert (answer["ok"], answer["error"], answer["provided"], given) == (False, "missing_scope", "", "")
        assert set(answer["needed"].split(",")) <= slack_scopes.METHODS[method]


@pytest.mark.parametrize(("private", "needed"), [(False, "channels:read"), (True, "groups:read")])
async def test_each_kind_of_conversation_has_a_scope_of_its_own(needed: str, *, private: bool) -> None:
    """To read public ones says nothing of private ones."""
    async with SlackEmulator(without={needed}) as slack:
        answer, _ = await call(slack, "conversations.info", channel=slack.channel("lobby", private=private).id)
        assert (answer["error"], answer["needed"]) == ("missing_scope", needed)
        answer, given = await call(slack, "conversations.info", channel=slack.channel("x", private=not private).id)
        assert answer["ok"]
        assert needed not in given


async def test_private_conversation_without_the_bot_is_not_even_there() -> None:
    """Slack says so before it speaks of scopes."""
    async with SlackEmulator(without={"groups:read"}) as slack:
        hidden = slack.channel("hidden", private=True, bot_is_member=False)
        assert (await call(slack, "conversations.info", channel=hidden.id))[0]["error"] == "channel_not_found"


async def test_every_method_that_is_known_has_its_line_in_the_table() -> None:
    """Or a scope would be asked of nobody."""
    async with SlackEmulator() as slack:
        assert set(slack.workspace.known) <= set(slack_scopes.METHODS)


async def test_event_without_its_scope_is_not_sent() -> None:
    """Nor is it an error: the app just never hears."""
    async with SlackEmulator(without={"channels:read"}) as slack:
        ada, channel = slack.user("ada"), slack.channel("lobby")
        slack_life.rename(slack, channel, "hall")
        slack_life.invite(slack, channel, ada)
        assert slack.unheard == ["channel_rename", "member_joined_channel"]
        assert slack.socket.envelopes == {}
