"""Who may change filters on Slack, in conversation: by what the workspace has chosen, asked anew at each write."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.db import Database
from bot.model import Operator
from tests.contract.slack_talking import Talk, Way, talking
from tests.emulators.server import Fault
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_state import SlackUser

FOLLOW = "follow Priya Ashdown"
ADMINS_ONLY = "Only administrators of this workspace can change what comes"


@pytest.fixture(params=["socket", "http"])
async def talk(request: pytest.FixtureRequest, slack: SlackEmulator, database: Database) -> AsyncIterator[Talk]:
    """Talk by each of the two ways."""
    way: Way = request.param
    async with talking(slack, database, way) as talk:
        yield talk


async def test_members_may_unless_the_workspace_says_otherwise(talk: Talk) -> None:
    """As Slack's own apps do; guests are members of the channel that they are in."""
    guest = talk.slack.user("gus", restricted=True)
    assert "Following" in await talk.ask(FOLLOW, talk.bob)
    assert "Muted" in await talk.ask("mute football", guest)
    assert "filters are changed by: all members" in await talk.ask("settings", talk.bob)


async def test_administrators_keep_filters_to_themselves(talk: Talk) -> None:
    """In every channel of the workspace, and who is refused learns whom to ask; looking is for everybody."""
    assert "changed by: its administrators" in await talk.ask("settings who admins")
    assert ADMINS_ONLY in await talk.ask(FOLLOW, talk.bob)
    assert ADMINS_ONLY in await talk.ask(FOLLOW, talk.bob, talk.slack.channel("harbour"))
    assert "No filters yet" in await talk.ask("filters", talk.bob)
    assert "Following" in await talk.ask(FOLLOW, talk.ada)
    assert "changed by: its administrators" in await talk.ask("settings", talk.bob)


async def test_what_somebody_has_with_the_app_alone_is_their_own(talk: Talk) -> None:
    """Nobody else reads it."""
    await talk.ask("settings who admins")
    assert "Following" in await talk.ask(FOLLOW, talk.bob, talk.slack.direct(talk.bob))


async def test_people_that_are_named_may_beside_the_administrators(talk: Talk) -> None:
    """By the name that others mention, which Slack leaves as it was typed after a command."""
    cleo = talk.slack.user("cleo")
    assert "changed by: @bob and its administrators" in await talk.ask("settings who @bob")
    assert "Following" in await talk.ask(FOLLOW, talk.bob)
    assert "Muted" in await talk.ask("mute football", talk.ada)
    assert "Only @bob and administrators of this workspace" in await talk.ask("mute rugby", cleo)


async def test_people_are_found_by_what_others_call_them(talk: Talk) -> None:
    """A name may have several words, and be written in any case."""
    talk.slack.workspace.users[talk.bob.id] = replace(talk.bob, display="Bob the Second")
    for words in ("settings who @Bob the Second", "settings who @bob the second, @ada"):
        assert "changed by: @Bob the Second" in await talk.ask(words)


async def test_people_are_named_by_mentions_and_ids_too(talk: Talk) -> None:
    """In a mention of the bot Slack writes ids for names."""
    cleo = talk.slack.user("cleo")
    await talk.slack.say(talk.channel, talk.ada, f"settings who <@{talk.bob.id}> <@{cleo.id}>")
    shown = await talk.slack.wait_for(lambda: talk.slack.ephemerals(talk.channel))
    assert "changed by: @bob, @cleo and its administrators" in shown[0].shown


async def test_a_name_of_several_people_or_nobody_changes_nothing(talk: Talk) -> None:
    """Rights must not go to a namesake."""
    twins = [talk.slack.user("robin"), talk.slack.user("robin")]
    answer = await talk.ask("settings who @robin")
    assert "Several people are called `robin`. Nothing was changed" in answer
    assert all(twin.id in answer for twin in twins)
    for nobody in ("mona", "U0NOBODY99"):
        answer = await talk.ask(f"settings who @bob @{nobody}")
        assert f"Nobody in this workspace is called `{nobody}`. Nothing was changed" in answer
    assert "changed by: all members" in await talk.ask("settings")
    assert f"@{twins[1].name} and its" in await talk.ask(f"settings who {twins[1].id}")


@pytest.mark.parametrize("name", ["<!channel>", "*bold* `code`", "\u202egnp.exe", "x" * 500])
async def test_hostile_names_of_people_are_text(talk: Talk, name: str) -> None:
    """People call themselves whatever they like; the emulated Slack refuses what would ring everybody's phone."""
    mallory = talk.slack.user(name)
    assert "and its administrators" in await talk.ask(f"settings who {mallory.id}")
    assert "Only @" in await talk.ask(FOLLOW, talk.bob)
    assert "Following" in await talk.ask(FOLLOW, mallory)
    assert len(await talk.ask("settings")) < 2000
    assert talk.slack.violations == []


async def test_members_cannot_decide_who_may(talk: Talk) -> None:
    """Not even those who may change filters."""
    for words in ("settings who members", "settings who @bob", "settings outsiders on"):
        assert "Only administrators of this workspace can decide that" in await talk.ask(words, talk.bob)


async def test_what_is_no_choice_says_what_is(talk: Talk) -> None:
    """And changes nothing."""
    assert "`/phiwire settings who admins`" in await talk.ask("settings who")
    assert "`/phiwire settings outsiders on`" in await talk.ask("settings outsiders maybe")


async def test_a_person_is_asked_about_once_in_half_a_minute(talk: Talk) -> None:
    """Whoever sets up three filters does not wait for three questions."""
    for words in ("ferry", "levy", "port"):
        assert "Subscribed" in await talk.ask(f"subscribe {words}", talk.bob)
    assert len(talk.slack.calls("users.info")) == 1


async def test_who_is_made_an_administrator_may_at_once(talk: Talk) -> None:
    """Only a yes is believed for a while."""
    await talk.ask("settings who admins")
    assert ADMINS_ONLY in await talk.ask(FOLLOW, talk.bob)
    talk.slack.workspace.users[talk.bob.id] = replace(talk.bob, admin=True)
    assert "Following" in await talk.ask(FOLLOW, talk.bob)


@pytest.mark.parametrize("fault", [Fault(status=500), Fault(status=429), Fault(error="internal_error")])
async def test_silence_of_slack_changes_nothing(talk: Talk, fault: Fault) -> None:
    """And says so."""
    talk.slack.script("users.info", fault, fault)
    assert "could not check" in await talk.ask(FOLLOW, talk.bob)
    assert "No filters yet" in await talk.ask("filters", talk.bob)


async def test_the_trail_names_people_as_others_know_them(talk: Talk) -> None:
    """By the same handle however they type; a mention has but an id."""
    talk.slack.workspace.users[talk.bob.id] = replace(talk.bob, display="Bob the Second")
    await talk.ask("mute football", talk.bob)
    await talk.slack.say(talk.channel, talk.bob, FOLLOW)
    await talk.slack.wait_for(lambda: talk.slack.ephemerals(talk.channel))
    actors = await talk.database.read(lambda file: [row["actor"] for row in file.execute("SELECT actor FROM audit")])
    assert actors == ["@bob", "@bob"]


OUTSIDER = "Only people of the organisation that has brought me here can change what comes"


async def test_people_of_other_organisations_may_look_and_not_change(talk: Talk) -> None:
    """In a shared channel they are guests of the host, whose administrators the refusal names."""
    eve = talk.slack.user("eve", admin=True, team_id="T0ELSEWHERE")
    answer = await talk.ask(FOLLOW, eve)
    assert OUTSIDER in answer
    assert "ask one of its administrators to type `/phiwire settings outsiders on` here" in answer
    assert "No filters yet" in await talk.ask("filters", eve)
    assert "may only look" in await talk.ask("settings", talk.bob)


async def test_the_host_lets_people_of_other_organisations_in_channel_by_channel(talk: Talk) -> None:
    """Who trusts one partner does not trust all; administrators of elsewhere decide nothing here."""
    eve = talk.slack.user("eve", admin=True, team_id="T0ELSEWHERE")
    assert "may change the filters of this channel" in await talk.ask("settings outsiders on")
    assert "Following" in await talk.ask(FOLLOW, eve)
    assert OUTSIDER in await talk.ask(FOLLOW, eve, talk.slack.channel("harbour"))
    assert "Only administrators of this workspace can decide" in await talk.ask("settings who members", eve)
    assert "not change them" in await talk.ask("settings outsiders off")
    assert OUTSIDER in await talk.ask("unfollow Priya Ashdown", eve)


async def test_people_of_other_organisations_are_bound_by_who_may(talk: Talk) -> None:
    """To be let in is to be treated as a member, and members may not where administrators alone may."""
    eve = talk.slack.user("eve", admin=True, team_id="T0ELSEWHERE")
    await talk.ask("settings outsiders on")
    await talk.ask("settings who admins")
    assert ADMINS_ONLY in await talk.ask(FOLLOW, eve)


async def test_mentions_by_people_of_other_organisations_change_nothing_either(talk: Talk) -> None:
    """The way by which they really come: the command is not installed with them."""
    eve = talk.slack.user("eve", team_id="T0ELSEWHERE")
    await talk.slack.say(talk.channel, eve, FOLLOW)
    shown = await talk.slack.wait_for(lambda: talk.slack.ephemerals(talk.channel))
    assert OUTSIDER in shown[0].shown


async def test_operators_decide_who_may_wherever_they_are(slack: SlackEmulator, database: Database) -> None:
    """Whoever runs the bot helps a workspace whose administrators are away."""
    async with talking(slack, database, "socket") as first:
        bob = first.bob
    async with talking(slack, database, "socket", operators=[Operator("slack", bob.id)]) as talk:
        assert "changed by: its administrators" in await talk.ask("settings who admins", bob)


async def test_without_users_read_nobody_may_and_the_operators_are_told(database: Database) -> None:
    """An app of an older manifest must not let strangers in, and must not be silent."""
    async with SlackEmulator(without={"users:read"}) as slack:
        slack.workspace.users["U0OPERATOR"] = SlackUser("U0OPERATOR", "olga")
        async with talking(slack, database, "socket", operators=[Operator("slack", "U0OPERATOR")]) as talk:
            assert "could not check" in await talk.ask(FOLLOW, talk.bob)
            told = await talk.database.read(
                lambda file: [row["headline"] for row in file.execute("SELECT headline FROM entries WHERE source = ''")]
            )
    assert ["users:read" in each for each in told] == [True]
