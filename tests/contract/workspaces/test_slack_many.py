"""Many workspaces beside each other: what happens to one concerns no other, and nobody's filters are lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot import channels, installations
from bot.adapters.slack import SlackAdapter
from bot.adapters.slack_token import OneWorkspace
from bot.db import Database
from bot.outbox import store as outbox
from bot.outbox.reasons import NO_KEY
from tests.contract.conversations import NOW
from tests.contract.slack_installing import KEY, Bot, running
from tests.contract.test_slack_editors import slow
from tests.contract.workspaces.desks import Desk, publish, sending
from tests.emulators.rates import Rates
from tests.emulators.server import Fault
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_many import ManySlack


async def test_each_workspace_gets_its_news_by_its_own_token(
    bot: Bot, slack: ManySlack, desks: tuple[Desk, Desk]
) -> None:
    """And edits, and what is asked by event."""
    await publish(bot, "Ferry vote survives")
    async with sending(bot):
        for desk in desks:
            await slack.wait_for_message(desk.room, "Ferry vote survives")
    # What was followed was announced.
    assert [grant.calls.count("chat.postMessage") for grant in slack.grants.values()] == [2, 2]
    here, there = desks
    said = {"type": "app_mention", "user": there.ada.id, "text": "<@U1> filters", "channel": there.room.id, "ts": "1.0"}
    there.room.members.add(there.ada.id)
    await slack.tell(there.team, said, NOW.timestamp())
    (shown,) = await slack.wait_for(lambda: slack.ephemerals(there.room))
    assert "Priya Ashdown" in shown.shown
    assert slack.ephemerals(here.room) == []


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=429, headers={"Retry-After": "300"}),
        Fault(status=503, body="busy"),
        Fault(action="stall"),
        Fault(error="message_limit_exceeded"),
        Fault(error="missing_scope"),
    ],
    ids=["throttled", "out of order", "silent", "full", "without a right"],
)
async def test_trouble_of_one_workspace_slows_no_other(
    bot: Bot, slack: ManySlack, desks: tuple[Desk, Desk], fault: Fault
) -> None:
    """However much waits for the one: the other's comes at once."""
    here, there = desks
    rooms = [slack.channel_of(here.team, f"room-{number}") for number in range(30)]
    for room in rooms:
        await bot.ask("follow Priya Ashdown", here.ada, room)
    here.team.weather = lambda name: fault if name == "chat.postMessage" else None
    headlines = [f"Ferry vote {number} of many" for number in range(5)]
    async with sending(bot) as sender:
        await publish(bot, *headlines)
        sender.wake()
        await slack.wait_for(lambda: len(there.shown()) == 5, timeout=10)
        slack.release()
        here.team.weather = lambda _name: Fault(status=503)
    assert len(there.shown()) == 5
    assert await bot.database.read(installations.of_team, here.team.id) is not None


@pytest.mark.parametrize("error", ["account_inactive", "token_revoked", "invalid_auth"])
async def test_token_that_has_ended_ends_its_workspace_alone(
    bot: Bot, slack: ManySlack, desks: tuple[Desk, Desk], error: str
) -> None:
    """What waits there ends with the reason; the filters are kept until somebody installs the bot again."""
    here, there = desks
    other = slack.channel_of(here.team, "quays")
    await bot.ask("follow Priya Ashdown", here.ada, other)
    slack.revoke(here.team, error)
    await publish(bot, "Ferry vote survives", "Ferry vote falls")
    async with sending(bot) as sender:
        await slack.wait_for(lambda: len(there.shown()) == 2)
        await slack.wait_for(lambda: sender.tally.answers["gone"] or None)
    status, reason = await here.delivery()
    assert status in {"failed", "expired"}
    assert reason == f"Slack answers {error}: the app was removed from this workspace"
    assert not await bot.database.read(outbox.waiting, 1)
    assert here.shown() == []

    await here.install()
    assert "Priya Ashdown" in await here.ask("filters")
    await publish(bot, "Ferry sails again")
    async with sending(bot):
        for room in (here.room, other, there.room):
            await slack.wait_for_message(room, "Ferry sails again")
    assert len(here.shown()) == 1, "what ended is not sent later"


async def test_workspace_that_lacks_a_right_goes_on_when_it_is_given(
    bot: Bot, slack: ManySlack, desks: tuple[Desk, Desk]
) -> None:
    """Meanwhile its channels know why nothing comes; it is no outage of Slack's, and no alarm for operators."""
    here, there = desks
    (mine,) = (grant for grant in slack.grants.values() if grant.team is here.team)
    mine.scopes = ("commands",)
    mine.calls.clear()
    await publish(bot, "Ferry vote survives")
    async with sending(bot) as sender:
        await slack.wait_for(lambda: len(there.shown()) == 1 and mine.calls.count("chat.postMessage") == 1)
    assert sender.tally.unanswered == 0
    (held,) = await bot.database.read(channels.held)
    assert held.address == here.address
    assert held.reason == "Slack answers missing_scope: the app has to be installed in this workspace again"
    await here.install()
    async with sending(bot):
        await slack.wait_for_message(here.room, "Ferry vote survives")


async def test_workspace_whose_key_was_missing_goes_on_at_the_start_that_has_it(
    slack: ManySlack, database: Database, port: int
) -> None:
    """A wrong key ends nothing: the bot starts, serves whom it can, and what comes for the others waits."""
    new = "bmV3IGtleSB0aGF0IGhhcyB0aGlydHktdHdvIGJ5dGU="
    async with running(slack, database, port) as bot:
        here = Desk(bot, slack.team("Harbour Desk"))
        await here.follow()
    with capture_logs() as logs:
        async with running(slack, database, port, new) as bot:
            there = Desk(bot, slack.team("Ferry Desk"))
            await there.follow()
            await publish(bot, "Ferry vote survives")
            async with sending(bot):
                await slack.wait_for(lambda: len(there.shown()) == 1)
    assert [each["workspace"] for each in logs if each["event"] == "slack_token_sealed"] == [here.team.id]
    (held,) = await database.read(channels.held)
    assert (held.address, held.reason) == (here.address, NO_KEY)
    async with running(slack, database, port, new, KEY) as bot, sending(bot):
        await slack.wait_for_message(here.room, "Ferry vote survives")


@pytest.mark.parametrize(
    "event", [{"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U1"]}}]
)
async def test_workspace_that_takes_the_bot_away_is_switched_off(
    bot: Bot, slack: ManySlack, desks: tuple[Desk, Desk], event: dict[str, object]
) -> None:
    """At once, before anything is sent; told twice or late it does nothing to what was installed since."""
    here, there = desks
    await publish(bot, "Ferry vote survives")
    bot.now += timedelta(minutes=1)
    told_at = bot.now.timestamp()
    slack.revoke(here.team)
    await slack.tell(here.team, event, told_at)
    await _until_removed(bot, here)
    assert (await here.delivery())[0] == "expired"
    assert (await there.delivery())[0] == "pending"

    bot.now += timedelta(minutes=1)
    await here.install()
    with capture_logs() as logs:
        await slack.tell(here.team, event, told_at + 0.5)
        async with asyncio.timeout(10):
            while not any(line["event"] == "slack_removal_is_old" for line in logs):
                await bot.database.read(outbox.counts)
    assert "Priya Ashdown" in await here.ask("filters")


async def _until_removed(bot: Bot, desk: Desk) -> None:
    async with asyncio.timeout(10):
        while await bot.database.read(installations.of_team, desk.team.id) is not None:
            pass


async def test_tokens_of_people_are_none_of_the_bots(bot: Bot, slack: ManySlack, desks: tuple[Desk, Desk]) -> None:
    """Slack tells of these by the same event."""
    here, _ = desks
    bot.now += timedelta(minutes=1)
    revoked = {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}}
    await slack.tell(here.team, revoked, bot.now.timestamp())
    assert "Priya Ashdown" in await here.ask("filters")


async def test_whoever_types_where_the_bot_is_not_installed_reads_where_to(
    bot: Bot, slack: ManySlack, desks: tuple[Desk, Desk]
) -> None:
    """Slack's own apps say no less."""
    here, _ = desks
    await bot.workspaces.remove(here.team.id, "the test says so")
    assert "https://bot.example.org/slack/install" in await here.ask("filters")


async def test_home_tab_shows_the_channels_of_its_workspace_alone(
    bot: Bot, slack: ManySlack, desks: tuple[Desk, Desk]
) -> None:
    """Published by that workspace's token."""
    here, there = desks
    await here.ask("subscribe quays")
    opened = {"type": "app_home_opened", "user": there.ada.id, "tab": "home", "channel": "D0THERE"}
    await slack.tell(there.team, opened, NOW.timestamp())
    view = await slack.wait_for(lambda: there.team.workspace.homes.get(there.ada.id))
    assert there.room.id in str(view)
    assert here.room.id not in str(view)


async def test_workspaces_of_an_organisation_find_its_token(bot: Bot, slack: ManySlack) -> None:
    """A command from there says to which it belongs; the organisation's end is theirs, and its return, too."""
    first, second = (Desk(bot, slack.team(name, enterprise="E0HARBOUR")) for name in ("Quays", "Docks"))
    page = await bot.install(first.team, first.ada, whole_organisation=True)
    assert "PhiWire is in the organisation Organisation" in page.text
    for desk in (first, second):
        assert "Following" in await desk.ask("follow Priya Ashdown")
    await publish(bot, "Ferry vote survives")
    async with sending(bot):
        for desk in (first, second):
            await slack.wait_for_message(desk.room, "Ferry vote survives")
    said = {"type": "app_mention", "user": second.ada.id, "text": "<@U1> filters", "channel": second.room.id, "ts": "1"}
    await slack.tell(second.team, said, NOW.timestamp(), is_enterprise=True)
    assert "Priya Ashdown" in (await slack.wait_for(lambda: slack.ephemerals(second.room)))[0].shown

    bot.now += timedelta(minutes=1)
    await slack.tell(first.team, {"type": "app_uninstalled"}, bot.now.timestamp(), is_enterprise=True)
    for desk in (first, second):
        await _until_removed(bot, desk)
    await bot.install(second.team, second.ada, whole_organisation=True)
    await publish(bot, "Ferry sails again")
    async with sending(bot):
        for desk in (first, second):
            await slack.wait_for_message(desk.room, "Ferry sails again")


async def test_a_busy_database_keeps_no_organisations_request_unacknowledged(bot: Bot, slack: ManySlack) -> None:
    """The first that comes from one of its workspaces tells whose that is, which is written down."""
    first, second = (Desk(bot, slack.team(name, enterprise="E0HARBOUR")) for name in ("Quays", "Docks"))
    await bot.install(first.team, first.ada, whole_organisation=True)
    async with slow(bot.database) as goes_on:
        typed = await slack.command(second.room, second.ada, "/phiwire", "follow Priya Ashdown", replies=0)
        goes_on.set()
    await slack.wait_for_reply(typed, "Following `Priya Ashdown`")
    await publish(bot, "Ferry vote survives")
    async with sending(bot):
        await slack.wait_for_message(second.room, "Ferry vote survives")


async def test_limits_of_each_workspace_are_kept(bot: Bot, slack: ManySlack, desks: tuple[Desk, Desk]) -> None:
    """To the letter: Slack counts by workspace, and refuses nothing to either."""
    for desk in desks:
        for number in range(10):
            room = slack.channel_of(desk.team, f"room-{number}")
            await bot.ask("follow Priya Ashdown", desk.ada, room)
            await slack.wait_for_message(room, "ada added")
        desk.team.rates = Rates(20, 5)
    await publish(bot, *(f"Ferry vote {number} of many" for number in range(3)))
    # With the limits of Slack, and not those of people who type fast.
    adapter = SlackAdapter("", "", slack.url, bot.clock, workspaces=bot.workspaces)
    try:
        await adapter.check()
        async with sending(bot, adapter):
            await slack.wait_for(lambda: sum(len(desk.team.rates.arrivals) for desk in desks if desk.team.rates) >= 66)
    finally:
        await adapter.close()
    assert [desk.team.rates.refused for desk in desks if desk.team.rates] == [[], []]


async def test_switching_to_many_workspaces_and_back_loses_no_channel(
    slack: ManySlack, database: Database, port: int
) -> None:
    """The one workspace's channels keep their filters both ways, and the others' wait."""
    async with SlackEmulator() as single:
        single.workspace.team_id = "T00000001"
        one = OneWorkspace(single.bot_token, lambda: NOW, database)
        adapter = SlackAdapter(single.bot_token, "", single.url, lambda: NOW, workspaces=one)
        channel = await database.write(channels.ensure, "slack", "C1", "", "ferries", "Europe/London", NOW)

        async def address() -> str:
            return await database.read(
                lambda connection: str(
                    connection.execute("SELECT address FROM channels WHERE id = ?", (channel.id,)).fetchone()[0]
                )
            )

        async def start_single() -> None:
            adapter._connect()
            await adapter._workspaces.start()

        await start_single()
        assert await address() == "C1"
        async with running(slack, database, port) as bot:
            harbour = Desk(bot, slack.team("Harbour Desk"))
            assert harbour.team.id == "T00000001"
            await harbour.install()
            assert await address() == "T00000001/C1"
            other = Desk(bot, slack.team("Ferry Desk"))
            await other.follow()
        await start_single()
        assert await address() == "C1"
        assert await database.read(channels.find, "slack", other.address, "") is not None
        async with running(slack, database, port) as bot:
            assert await address() == "T00000001/C1"
        await adapter.close()
