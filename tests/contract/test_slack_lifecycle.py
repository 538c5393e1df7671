"""What becomes of Slack's channels, and what the bot makes of it: filters are kept, and news comes where it can."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial

import pytest

from bot import channels
from bot.adapters.slack_lifecycle import LONGEST_TITLE
from bot.db import Database
from bot.filters import store as filters
from bot.model import Channel
from tests.contract.conversations import NOW
from tests.contract.slack_talking import Talk, Way, talking
from tests.emulators import slack_life
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_state import SlackChannel

FOLLOW = "follow Priya Ashdown"


@pytest.fixture(params=["socket", "http"])
async def talk(request: pytest.FixtureRequest, slack: SlackEmulator, database: Database) -> AsyncIterator[Talk]:
    """Talk by each of the two ways."""
    way: Way = request.param
    async with talking(slack, database, way) as talk:
        yield talk


async def known(talk: Talk, channel: SlackChannel) -> Channel | None:
    """Find what the bot knows of a channel."""
    return await talk.database.read(channels.find, "slack", channel.id, "")


async def trouble(talk: Talk, channel: SlackChannel) -> str:
    """Say why nothing comes to a channel."""
    return (await talk.database.read(channels.found, "slack", channel.id, "")).trouble


async def queries(talk: Talk, channel: SlackChannel) -> list[str]:
    """List a channel's filters."""
    found = await known(talk, channel)
    existing = () if found is None else await talk.database.read(filters.of_channel, found.id, NOW)
    return [each.query for each in existing]


async def until(ask: Callable[[], Awaitable[object]], *, wanted: object) -> None:
    """Ask until the bot has done what it was told: events are acknowledged before they are worked on."""
    async with asyncio.timeout(20):
        while await ask() != wanted:
            pass


def greetings(talk: Talk, channel: SlackChannel) -> int:
    """Count how often a channel was told what the bot is; that filters were added is announced there, too."""
    return len([one for one in talk.slack.messages(channel) if "PhiWire Bot" in one.shown])


async def is_gone(talk: Talk, channel: SlackChannel) -> bool:
    """Tell whether nothing is sent to a channel any more."""
    gone = "SELECT gone_at IS NOT NULL AS gone FROM channels WHERE address = ?"
    row = await talk.database.read(lambda file: file.execute(gone, (channel.id,)).fetchone())
    return row is not None and bool(row["gone"])


@pytest.mark.parametrize("private", [False, True])
async def test_archived_channel_waits_and_goes_on_when_it_is_opened_again(talk: Talk, *, private: bool) -> None:
    """Nothing is tried meanwhile, and nobody has to type anything afterwards."""
    channel = talk.slack.channel("committee", private=private)
    await talk.ask(FOLLOW, channel=channel)
    await slack_life.archive(talk.slack, channel, talk.ada)
    await until(partial(trouble, talk, channel), wanted="is_archived")
    await slack_life.unarchive(talk.slack, channel, talk.ada)
    await until(partial(trouble, talk, channel), wanted="")
    assert await queries(talk, channel) == ["Priya Ashdown"]
    assert await is_gone(talk, channel) is False


@pytest.mark.parametrize("private", [False, True])
async def test_deleted_channel_gets_nothing_more_and_its_filters_are_kept(talk: Talk, *, private: bool) -> None:
    """As for a chat of Telegram's that was left."""
    channel = talk.slack.channel("committee", private=private)
    await talk.ask(FOLLOW, channel=channel)
    await slack_life.delete(talk.slack, channel, talk.ada)
    await until(partial(is_gone, talk, channel), wanted=True)
    assert await queries(talk, channel) == ["Priya Ashdown"]


@pytest.mark.parametrize("private", [False, True])
async def test_renamed_channel_is_called_so(talk: Talk, *, private: bool) -> None:
    """By operators, too."""
    channel = talk.slack.channel("committee", private=private)
    await talk.ask(FOLLOW, channel=channel)
    await slack_life.rename(talk.slack, channel, "select-committee")

    async def title() -> str:
        found = await known(talk, channel)
        return "" if found is None else found.title

    await until(title, wanted="select-committee")


@pytest.mark.parametrize("name", ["<!channel> *bold* `x`", "a\nb\u202egnp", "x" * 5000, {"no": "name"}])
async def test_hostile_name_of_a_channel_harms_nobody(talk: Talk, name: str) -> None:
    """It is one line, short, and text."""
    await talk.ask(FOLLOW)
    await slack_life.rename(talk.slack, talk.channel, name)
    await slack_life.archive(talk.slack, talk.channel, talk.ada)
    await until(partial(trouble, talk, talk.channel), wanted="is_archived")
    found = await known(talk, talk.channel)
    assert found is not None
    assert len(found.title) <= LONGEST_TITLE
    assert found.title.isprintable()


async def test_channel_with_a_new_id_takes_its_filters_along(talk: Talk) -> None:
    """Slack gives one to channels that several organisations share; it may tell twice."""
    await talk.ask(FOLLOW)
    old = SlackChannel(talk.channel.id, "old")
    for _ in range(2):
        await slack_life.change_id(talk.slack, talk.channel, "C0SHARED")
        await until(partial(queries, talk, talk.channel), wanted=["Priya Ashdown"])
        assert await known(talk, old) is None
        talk.slack.workspace.channels[old.id] = talk.channel
        talk.channel.id = old.id
    talk.channel.id = "C0SHARED"


async def test_private_channel_that_sends_the_bot_away_has_to_invite_it_again(talk: Talk) -> None:
    """Its filters wait for that, and nobody is greeted who knows the bot."""
    channel = talk.slack.channel("lobby", private=True)
    await talk.ask(FOLLOW, channel=channel)
    for envelope in slack_life.remove(talk.slack, channel, talk.ada):
        await envelope
    await until(partial(is_gone, talk, channel), wanted=True)
    await slack_life.invite(talk.slack, channel, talk.bob)
    await until(partial(is_gone, talk, channel), wanted=False)
    assert await queries(talk, channel) == ["Priya Ashdown"]
    assert greetings(talk, channel) == 0


@pytest.mark.parametrize("public", [True, False])
async def test_public_channel_goes_on_without_the_bot_where_the_app_may_write(
    database: Database, *, public: bool
) -> None:
    """There it never had to be a member."""
    async with SlackEmulator(write_public=public) as slack, talking(slack, database, "socket") as talk:
        await talk.ask(FOLLOW)
        other = slack.channel("other")
        await talk.ask(FOLLOW, channel=other)
        for envelope in slack_life.remove(slack, talk.channel, talk.ada):
            await envelope
        await slack.wait_for(lambda: len(slack.calls("conversations.info")) > len((talk.channel, other)))
        await slack_life.delete(slack, other, talk.ada)
        await until(partial(is_gone, talk, other), wanted=True)
        await until(partial(is_gone, talk, talk.channel), wanted=not public)


async def test_other_peoples_coming_and_going_is_nothing(talk: Talk) -> None:
    """The bot hears of everybody in its channels."""
    await talk.ask(FOLLOW)
    for what in ("joined", "left"):
        event = {"type": f"member_{what}_channel", "user": talk.bob.id, "channel": talk.channel.id, "channel_type": "C"}
        await talk.slack.event(event)
    await slack_life.archive(talk.slack, talk.channel, talk.ada)
    await until(partial(trouble, talk, talk.channel), wanted="is_archived")
    assert await is_gone(talk, talk.channel) is False
    assert greetings(talk, talk.channel) == 0


@pytest.mark.parametrize("who", ["members", "admins"])
async def test_greeting_says_where_administrators_alone_choose(talk: Talk, who: str) -> None:
    """And where all members may it does not, or nobody would try."""
    await talk.ask(f"settings who {who}")
    channel = talk.slack.channel("harbour", bot_is_member=False)
    await slack_life.invite(talk.slack, channel, talk.ada)
    greeting = await talk.slack.wait_for_message(channel)
    assert ("Here only administrators choose" in greeting.shown) == (who == "admins")


async def test_channel_that_invites_the_bot_is_greeted_once(talk: Talk) -> None:
    """With examples of today, in one message; Slack may tell twice."""
    channel = talk.slack.channel("harbour", bot_is_member=False)
    invited = slack_life.invite(talk.slack, channel, talk.ada)
    await invited
    greeting = await talk.slack.wait_for_message(channel)
    assert "PhiWire Bot" in greeting.shown
    assert (
        len([part for block in greeting.blocks for part in block.get("elements", ()) if part["type"] == "button"]) > 1
    )
    talk.now += timedelta(seconds=4)
    await talk.slack.event(invited.payload)
    await slack_life.archive(talk.slack, channel, talk.ada)
    await until(partial(trouble, talk, channel), wanted="is_archived")
    assert greetings(talk, channel) == 1


async def test_channels_that_were_never_seen_stay_unknown(talk: Talk) -> None:
    """Slack tells of every public channel of a workspace."""
    stranger, there = talk.slack.channel("stranger"), talk.slack.channel("there")
    await talk.ask(FOLLOW, channel=there)
    await slack_life.archive(talk.slack, stranger, talk.ada)
    await slack_life.unarchive(talk.slack, stranger, talk.ada)
    await slack_life.rename(talk.slack, stranger, "odd")
    await slack_life.share(talk.slack, stranger, "T0ELSEWHERE")
    await slack_life.change_id(talk.slack, stranger, "C0ODD")
    await slack_life.delete(talk.slack, stranger, talk.ada)
    await slack_life.delete(talk.slack, there, talk.ada)
    await until(partial(is_gone, talk, there), wanted=True)
    number = await talk.database.read(lambda file: file.execute("SELECT count(*) FROM channels").fetchone()[0])
    assert number == 1


async def test_what_is_told_to_another_workspace_changes_nothing(talk: Talk) -> None:
    """A shared channel has one id in several workspaces, and is archived in one of them."""
    await talk.ask(FOLLOW)
    foreign = {"type": "channel_deleted", "channel": talk.channel.id}
    await talk.slack.event(
        {
            "type": "event_callback",
            "team_id": "T0ELSEWHERE",
            "event_id": "Ev0FOREIGN",
            "event": foreign,
            "authorizations": [{"team_id": "T0ELSEWHERE", "user_id": "U0OTHERBOT", "is_bot": True}],
        }
    )
    await slack_life.archive(talk.slack, talk.channel, talk.ada)
    await until(partial(trouble, talk, talk.channel), wanted="is_archived")
    assert await is_gone(talk, talk.channel) is False


@pytest.mark.parametrize("kind", ["channel_archive", "channel_rename", "channel_id_changed", "member_joined_channel"])
async def test_events_without_what_they_should_have_change_nothing(talk: Talk, kind: str) -> None:
    """Whatever Slack leaves out one day, the next event is taken as ever."""
    await talk.ask(FOLLOW)
    await talk.slack.event({"type": kind})
    await slack_life.archive(talk.slack, talk.channel, talk.ada)
    await until(partial(trouble, talk, talk.channel), wanted="is_archived")
    assert await queries(talk, talk.channel) == ["Priya Ashdown"]


async def test_hello_to_the_app_is_answered_with_a_welcome(talk: Talk) -> None:
    """The first that many type; once there are filters, what is no command is called so."""
    direct = talk.slack.direct(talk.ada)
    await talk.slack.say(direct, talk.ada, "hello there!")
    assert "PhiWire Bot" in (await talk.slack.wait_for_message(direct)).shown
    assert "Did you mean" in await talk.ask("folow Priya Ashdown", channel=direct)
    await talk.ask(FOLLOW, channel=direct)
    assert "There is no command" in await talk.ask("hello there!", channel=direct)
