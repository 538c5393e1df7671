"""Many workspaces and the people in them: what is pressed, pointed at and edited, and who may, is each one's own."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

from bot import channels
from bot.db import Database
from bot.filters import store as filters
from bot.model import Item, Operator
from bot.ports import Request
from tests.contract.conversations import NOW, publish_items
from tests.contract.slack_doors import Door
from tests.contract.slack_installing import Bot, running
from tests.contract.workspaces.desks import Desk, sending
from tests.emulators.server import Fault
from tests.emulators.slack_many import ManySlack
from tests.emulators.slack_modals import Modal
from tests.emulators.slack_state import PostedMessage, SlackUser


async def kept(desk: Desk) -> list[str]:
    """List the filters of a desk's channel."""
    channel = await desk.bot.database.read(channels.find, "slack", desk.address, "")
    assert channel is not None
    found = await desk.bot.database.read(filters.of_channel, channel.id, NOW)
    return [f"{each.kind} {each.query}" for each in found]


async def news(desk: Desk) -> PostedMessage:
    """Bring a story by two people, one of whom is followed, and return the desk's message."""
    item = Item("1", "wire", "Ferry vote survives", author="Priya Ashdown, Marta Quill")
    await publish_items(desk.bot.database, item)
    async with sending(desk.bot):
        return await desk.bot.slack.wait_for_message(desk.room, "Ferry vote survives")


async def pressed(desk: Desk, message: PostedMessage, label: str) -> PostedMessage:
    """Press, and return what is shown for it."""
    press = await desk.bot.slack.pressing.press(desk.ada, message, label)
    return (await desk.bot.slack.wait_for(lambda: press.shown))[-1]


def calls(desk: Desk, method: str) -> int:
    """Count the calls of a method by the token of a desk's workspace."""
    return sum(grant.calls.count(method) for grant in desk.bot.slack.grants.values() if grant.team is desk.team)


def make_admin(desk: Desk) -> None:
    """Let Ada administer her workspace."""
    desk.team.workspace.users[desk.ada.id] = replace(desk.ada, admin=True)


async def modal(desk: Desk) -> Modal:
    """Open the editor."""
    slack, stacks = desk.bot.slack, desk.team.workspace.modals.stacks
    before = len(stacks)
    await slack.command(desk.room, desk.ada, "/phiwire", "edit", replies=0)
    await slack.wait_for(lambda: len(stacks) > before)
    return await Modal(slack, desk.ada, stacks[-1]).until("Add filter")


async def adding(desk: Desk, words: str) -> Modal:
    """Open the form of a new filter, and write into it."""
    form = await modal(desk)
    await form.press("Add filter")
    await form.until("Type words", views=2)
    return await form.type("Query", words)


async def mention(desk: Desk, user: SlackUser, text: str) -> str:
    """Let somebody mention the bot in a desk's channel, and return what they read."""
    slack, before = desk.bot.slack, len(desk.bot.slack.ephemerals(desk.room))
    desk.room.members.add(user.id)
    said = {"type": "app_mention", "user": user.id, "text": f"<@U1> {text}", "channel": desk.room.id, "ts": "1.0"}
    await slack.tell(desk.team, said, NOW.timestamp())
    shown = await slack.wait_for(lambda: slack.ephemerals(desk.room)[before:])
    return shown[-1].shown


async def test_what_is_pressed_acts_on_the_workspace_where_it_was_pressed(
    bot: Bot, slack: ManySlack, desks: tuple[Desk, Desk]
) -> None:
    """By its token, and announced there alone."""
    here, there = desks
    message = await news(here)
    asked = calls(there, "users.info")
    for label in ("Mute …", "Marta Quill", "1 hour"):
        message = await pressed(here, message, label)
    await slack.wait_for_message(here.room, "ada added `mute")
    assert len(await kept(here)) == 2
    assert await kept(there) == ["follow Priya Ashdown"]
    assert calls(there, "users.info") == asked
    assert not [each for each in slack.messages(there.room) if "mute" in each.text]


async def test_whoever_presses_where_the_bot_is_not_installed_reads_where_to(
    bot: Bot, slack: ManySlack, desks: tuple[Desk, Desk]
) -> None:
    """At once acknowledged, also where Slack takes its time with the answer, which goes out once."""
    here, _ = desks
    message = await news(here)
    await bot.workspaces.remove(here.team.id, "the test says so")
    slack.script("response_url", Fault(action="stall"))
    press = await slack.pressing.press(here.ada, message, "Why")
    assert press.envelope.acks
    slack.release()
    (shown,) = await slack.wait_for(lambda: press.shown)
    assert "https://bot.example.org/slack/install" in shown.shown


async def test_nobody_is_answered_an_event_where_the_bot_is_not_installed(
    bot: Bot, slack: ManySlack, desks: tuple[Desk, Desk]
) -> None:
    """There is no token to answer with, nor an address, and so nothing is asked of Slack."""
    here, there = desks
    await bot.workspaces.remove(here.team.id, "the test says so")
    said = {"type": "app_mention", "user": here.ada.id, "text": "<@U1> filters", "channel": here.room.id, "ts": "1.0"}
    before = len(slack.requests)
    await slack.tell(here.team, said, NOW.timestamp())
    assert "Priya Ashdown" in await there.ask("filters")
    assert [each.method for each in slack.requests[before:]] == ["response_url"]


async def test_what_is_pointed_at_is_explained_in_its_workspace(
    bot: Bot, slack: ManySlack, desks: tuple[Desk, Desk]
) -> None:
    """Also where it came to both."""
    here, _ = desks
    message = await news(here)
    press = await slack.pressing.shortcut(here.ada, message, "phiwire_why")
    (shown,) = await slack.wait_for(lambda: press.shown)
    assert "Priya Ashdown" in shown.shown


async def test_editors_of_two_workspaces_are_in_nobodys_way(
    bot: Bot, slack: ManySlack, desks: tuple[Desk, Desk]
) -> None:
    """Although Slack may number what is open in each, and what is sent, alike."""
    here, there = desks
    mine, theirs = await adding(here, "harbour"), await adding(there, "storm")
    assert mine.view["id"] == theirs.view["id"]
    for form in (mine, theirs):
        await slack.interact(form.user, form.submission() | {"trigger_id": "1.the-same"})
    await slack.wait_for_message(here.room, "ada added `harbour`")
    await slack.wait_for_message(there.room, "ada added `storm`")
    assert await kept(here) == ["follow Priya Ashdown", "match harbour"]
    assert await kept(there) == ["follow Priya Ashdown", "match storm"]


async def test_view_that_names_another_workspaces_channel_shows_and_changes_nothing(
    bot: Bot, slack: ManySlack, desks: tuple[Desk, Desk]
) -> None:
    """What a view carries comes back as it was sent; should somebody ever send another, it opens no door."""
    here, there = desks
    assert "Subscribed" in await there.ask("subscribe quays")
    form = await adding(here, "harbour")
    carried = json.loads(form.view["private_metadata"]) | {"address": there.address}
    forged = form.submission()
    forged["view"] |= {"private_metadata": json.dumps(carried)}
    page = {"type": "button", "action_id": "filters_later", "block_id": "buttons", "value": "0"}
    asked = len(slack.calls("views.update"))
    for payload in (forged, {"type": "block_actions", "view": forged["view"], "actions": [page]}):
        assert await slack.interact(here.ada, payload) == {}
    assert len(slack.calls("views.update")) == asked
    assert await kept(there) == ["follow Priya Ashdown", "match quays"]
    assert "quays" not in form.shown


async def test_events_of_two_workspaces_are_never_taken_for_the_same(
    bot: Bot, slack: ManySlack, desks: tuple[Desk, Desk]
) -> None:
    """Whatever their ids are; what comes twice from one is."""
    for desk in desks:
        slack._counter = itertools.count(9000)
        assert "Subscribed" in await mention(desk, desk.ada, "subscribe quays")
    for desk in desks:
        assert await kept(desk) == ["follow Priya Ashdown", "match quays"]


async def test_who_may_is_each_workspaces_own_and_asked_by_its_token(
    bot: Bot, slack: ManySlack, desks: tuple[Desk, Desk]
) -> None:
    """An administrator of the one is none of the other."""
    here, there = desks
    make_admin(here)
    assert "changed by: its administrators" in await here.ask("settings who admins")
    bob = slack.user_of(here.team, "bob")
    assert "Only administrators" in await bot.ask("subscribe quays", bob, here.room)
    assert "Subscribed" in await there.ask("subscribe quays")
    assert calls(there, "users.info") > 0
    assert "can decide that" in await there.ask("settings who admins")


async def test_people_of_another_workspace_are_outsiders_until_they_are_let_in(
    bot: Bot, slack: ManySlack, desks: tuple[Desk, Desk]
) -> None:
    """In a channel that both share, although the bot knows both."""
    here, there = desks
    make_admin(here)
    make_admin(there)
    guest = there.team.workspace.users[there.ada.id]
    here.team.workspace.users[guest.id] = guest
    assert "Only people of the organisation that has brought me here" in await mention(here, guest, "subscribe quays")
    assert "can decide that" in await mention(here, guest, "settings outsiders on")
    assert "may change the filters of this channel" in await here.ask("settings outsiders on")
    assert "Subscribed" in await mention(here, guest, "subscribe quays")


async def test_members_of_an_organisations_workspaces_are_no_outsiders(bot: Bot, slack: ManySlack) -> None:
    """They share channels and people."""
    first, second = (Desk(bot, slack.team(name, enterprise="E0HARBOUR")) for name in ("Quays", "Docks"))
    await bot.install(first.team, first.ada, whole_organisation=True)
    assert "Subscribed" in await bot.ask("subscribe quays", second.ada, second.room)
    assert "Subscribed" in await mention(first, second.ada, "subscribe docks")


async def test_operators_are_known_by_their_workspace(slack: ManySlack, database: Database, port: int) -> None:
    """In the home tab and in the editor as where they type."""
    team = slack.team("Harbour Desk")
    ada = slack.user_of(team, "ada")
    async with running(slack, database, port, operators=[Operator("slack", f"{team.id}/{ada.id}")]) as bot:
        desk = Desk(bot, team)
        desk.ada = ada
        await desk.follow()
        heard: list[Request] = []

        class Ear(Door):
            def _asked(self, request: Request) -> Request:
                heard.append(request)
                return request

        bot.commands.editing = Ear(bot.commands.editing)
        await modal(desk)
        assert {each.actor_id for each in heard} == {f"{team.id}/{ada.id}"}
        opened = {"type": "app_home_opened", "user": ada.id, "tab": "home", "channel": "D0ADA"}
        await slack.tell(team, opened, NOW.timestamp())
        assert "For operators" in str(await slack.wait_for(lambda: team.workspace.homes.get(ada.id)))
