"""What is subscribed to is answered, and what is missing without each scope of the Slack app."""

from __future__ import annotations

from typing import Any

import pytest

from bot.adapters.slack import SlackAdapter
from bot.adapters.slack_manifest import EVENTS, SCOPES
from bot.db import Database
from tests.contract.conversations import NOW
from tests.contract.slack_talking import Talk, talking
from tests.emulators import slack_life, slack_scopes
from tests.emulators.slack import SlackEmulator


def _event(talk: Talk, kind: str) -> dict[str, Any]:
    """Make an event up as far as every listener reads it."""
    channel: object = talk.channel.id
    if kind.endswith("_rename"):
        channel = {"id": talk.channel.id, "name": "renamed"}
    name, _, channel_type = kind.partition(".")
    event = {"type": name, "channel": channel, "user": talk.bob.id, "text": "filters", "event_ts": "1.0", "ts": "1.0"}
    return event | ({"channel_type": channel_type} if channel_type else {})


@pytest.mark.parametrize("kind", sorted(EVENTS))
async def test_every_event_of_the_manifest_is_taken(slack: SlackEmulator, database: Database, kind: str) -> None:
    """Slack ends the subscription of an app that refuses most of what it is sent."""
    async with talking(slack, database, "http") as talk:
        await slack.event(_event(talk, kind))
        assert slack.calls_out is not None
        assert slack.calls_out.statuses == [200]


def test_the_emulated_app_has_what_the_manifest_asks_for() -> None:
    """Or tests would show what no app can do."""
    assert {*slack_scopes.USUAL, "chat:write.public"} == set(SCOPES)


@pytest.mark.parametrize(("without", "said"), [((), ""), (("users:read",), "The app lacks users:read: paste")])
async def test_check_names_the_scopes_that_an_older_app_lacks(without: tuple[str, ...], said: str) -> None:
    """Before somebody wonders why nobody can change filters."""
    async with SlackEmulator(write_public=True, without=without) as slack:
        adapter = SlackAdapter(slack.bot_token, slack.app_token, slack.url, lambda: NOW)
        answer = await adapter.check()
        await adapter.close()
    assert answer.startswith("phiwire in Emulated")
    assert said in answer
    assert ("lacks" in answer) is bool(said)


async def test_without_app_mentions_read_no_mention_is_heard(database: Database) -> None:
    """People would type to nobody."""
    async with SlackEmulator(without={"app_mentions:read"}) as slack, talking(slack, database, "socket") as talk:
        slack.say(talk.channel, talk.ada, "filters")
        assert slack.unheard == ["app_mention"]


async def test_without_im_history_the_app_hears_nothing_that_is_written_to_it(database: Database) -> None:
    """Its messages tab would be a wall."""
    async with SlackEmulator(without={"im:history"}) as slack, talking(slack, database, "socket") as talk:
        slack.say(slack.direct(talk.ada), talk.ada, "filters")
        assert slack.unheard == ["message.im"]


@pytest.mark.parametrize(("scope", "private"), [("channels:read", False), ("groups:read", True)])
async def test_without_its_scope_nothing_is_heard_of_a_channel(
    database: Database, scope: str, *, private: bool
) -> None:
    """An archived channel would be tried again and again."""
    async with SlackEmulator(without={scope}) as slack, talking(slack, database, "socket") as talk:
        for is_private in (private, not private):
            channel = slack.channel("committee", private=is_private)
            slack_life.archive(slack, channel, talk.ada)
            slack_life.invite(slack, channel, talk.ada)
        kind = "group" if private else "channel"
        assert slack.unheard == [f"{kind}_archive", "member_joined_channel"]


async def test_without_commands_there_is_no_command(database: Database) -> None:
    """Slack would offer none."""
    async with SlackEmulator(without={"commands"}) as slack, talking(slack, database, "socket") as talk:
        with pytest.raises(AssertionError, match="without the scope commands"):
            await talk.ask("filters")


async def test_without_chat_write_nothing_is_posted(database: Database) -> None:
    """Not even an answer to a mention."""
    async with SlackEmulator(without={"chat:write"}) as slack, talking(slack, database, "socket") as talk:
        await slack.say(talk.channel, talk.ada, "filters")
        await slack.wait_for(lambda: slack.calls("chat.postEphemeral"))
        assert slack.ephemerals(talk.channel) == []
