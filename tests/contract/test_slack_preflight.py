"""Before the first filter of a Slack channel is saved, the bot looks whether its messages could come there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot import channels
from bot.db import Database
from bot.filters import store as filters
from tests.contract.conversations import NOW
from tests.contract.slack_talking import Talk, Way, talking
from tests.emulators.server import Fault
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_state import SlackChannel

FOLLOW = "follow Priya Ashdown"
INVITE = "Invite me first: `/invite @PhiWire`"


@asynccontextmanager
async def app(
    database: Database, *, public: bool = False, without: str = "", way: Way = "socket"
) -> AsyncIterator[Talk]:
    """Run an app, which may write in public channels uninvited or not."""
    slack = SlackEmulator(write_public=public, without={without} if without else ())
    async with slack, talking(slack, database, way) as talk:
        yield talk


async def saved(talk: Talk, channel: SlackChannel) -> int:
    """Count the filters of a channel."""
    known = await talk.database.read(channels.find, "slack", channel.id, "")
    return 0 if known is None else len(await talk.database.read(filters.of_channel, known.id, NOW))


@pytest.mark.parametrize("way", ["socket", "http"])
@pytest.mark.parametrize("public", [True, False])
async def test_private_channel_has_to_invite_the_bot_first(database: Database, way: Way, *, public: bool) -> None:
    """The wish is not saved to be forgotten: what is to be done stands in the answer, to be copied."""
    async with app(database, public=public, way=way) as talk:
        lobby = talk.slack.channel("lobby", private=True, bot_is_member=False)
        for words in (FOLLOW, "subscribe ferry", "import subscribe ferry"):
            answer = await talk.ask(words, channel=lobby)
            assert INVITE in answer
            assert "Nothing was saved" in answer
        assert await saved(talk, lobby) == 0
        lobby.bot_is_member = True
        assert "Following" in await talk.ask(FOLLOW, channel=lobby)


@pytest.mark.parametrize("public", [True, False])
async def test_public_channel_needs_no_invitation_where_the_app_may_write(database: Database, *, public: bool) -> None:
    """That is what the scope chat:write.public is for."""
    async with app(database, public=public) as talk:
        square = talk.slack.channel("square", bot_is_member=False)
        assert (INVITE in await talk.ask(FOLLOW, channel=square)) is not public
        assert await saved(talk, square) == int(public)


async def test_archived_channel_says_so(database: Database) -> None:
    """Whoever chooses a channel from afar may not see that it is over."""
    async with app(database) as talk:
        talk.channel.archived = True
        assert "This channel is archived" in await talk.ask(FOLLOW)
        assert await saved(talk, talk.channel) == 0


async def test_conversation_between_others_is_not_for_apps(database: Database) -> None:
    """Nobody can invite the bot there."""
    async with app(database) as talk:
        between = SlackChannel("D0BETWEEN", "", private=True, direct=True, bot_is_member=False)
        talk.slack.workspace.channels[between.id] = between
        assert "I cannot post in a conversation between others" in await talk.ask(FOLLOW, channel=between)
        assert "Following" in await talk.ask(FOLLOW, channel=talk.slack.direct(talk.ada))


@pytest.mark.parametrize("fault", [Fault(status=503), Fault(action="drop_before"), Fault(error="fatal_error")])
async def test_silence_of_slack_loses_no_wish(database: Database, fault: Fault) -> None:
    """The sender finds out later, and says so; a look is no reason to refuse."""
    async with app(database) as talk:
        lobby = talk.slack.channel("lobby", private=True, bot_is_member=False)
        talk.slack.script("conversations.info", fault, fault)
        assert "Following" in await talk.ask(FOLLOW, channel=lobby)


async def test_channel_is_looked_at_before_its_first_filter_alone(database: Database) -> None:
    """What has filters has shown whether messages come; what only shows something needs no look."""
    async with app(database) as talk:
        for words in ("filters", FOLLOW, "subscribe ferry", "unfollow Priya Ashdown", "mute football"):
            await talk.ask(words)
        assert len(talk.slack.calls("conversations.info")) == 1


@pytest.mark.parametrize(("scope", "private"), [("channels:read", False), ("groups:read", True)])
async def test_without_its_scope_a_look_sees_nothing(database: Database, scope: str, *, private: bool) -> None:
    """Then the filter is saved all the same: an older app works as it did, and learns late that nothing can come."""
    for without, said in (("", "This channel is archived"), (scope, "Following")):
        async with app(database, without=without) as talk:
            closed = talk.slack.channel(f"closed-{without}", private=private)
            closed.archived = True
            assert said in await talk.ask(FOLLOW, channel=closed)


@pytest.mark.parametrize("way", ["socket", "http"])
async def test_editor_looks_before_the_first_filter_too(database: Database, way: Way) -> None:
    """Its form says what to do, keeps what was written, and saves it once that is done; a mute brings nothing."""
    async with app(database, way=way) as talk:
        lobby = talk.slack.channel("lobby", private=True, bot_is_member=False)
        modal = await talk.modal(channel=lobby)
        await modal.press("Add filter")
        await modal.until("Type words", views=2)
        await (await modal.type("Query", "harbour")).submit()
        await modal.until("Invite me first: /invite @PhiWire", views=2)
        assert modal.shown.endswith("\nharbour")
        assert await saved(talk, lobby) == 0
        assert talk.slack.messages(lobby) == []
        await modal.choose("What is it to do?", "Mute")
        await talk.slack.wait_for(lambda: "For how long?" in modal.labels)
        await modal.submit()
        await modal.until("Muted", views=1)
        assert await saved(talk, lobby) == 1
        await talk.ask("unmute 1", channel=lobby)
        lobby.bot_is_member = True
        await modal.press("Add filter")
        await modal.until("Type words", views=2)
        await (await modal.type("Query", "harbour")).submit()
        await modal.until("Subscribed", views=1)
        assert await saved(talk, lobby) == 1
