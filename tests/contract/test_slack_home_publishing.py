"""Home tabs are published at a person's pace: what comes twice is harmless, and nothing older covers what is newer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from bot import channels
from bot.adapters import slack_home_views
from bot.adapters.slack_home_views import Here
from bot.db import Database
from bot.model import Channel, Operator, Source
from bot.overview_ports import Managed, Overview
from bot.ports import Span
from bot.wire import source_store
from tests.contract.conversations import NOW, harbour_stories, put_on_the_wire
from tests.contract.slack_at_home import AtHome, at_home
from tests.emulators import slack_homes
from tests.emulators import slack_rules as rules
from tests.emulators.server import Fault
from tests.emulators.slack import SlackEmulator


@pytest.fixture
async def talk(slack: SlackEmulator, database: Database) -> AsyncIterator[AtHome]:
    """Look at a home tab."""
    async with at_home(slack, database) as talk:
        yield talk


async def test_an_event_that_comes_twice_is_answered_once(talk: AtHome) -> None:
    """Slack sends again what it did not hear to be acknowledged."""
    await slack_homes.open_home(talk.slack, talk.ada, event_id="Ev1")
    await slack_homes.open_home(talk.slack, talk.ada, event_id="Ev1")
    await talk.open(talk.bob)
    await talk.slack.wait_for(lambda: talk.slack.workspace.homes.get(talk.ada.id))
    assert talk.published() == 2


async def test_a_press_that_comes_twice_is_done_once(talk: AtHome) -> None:
    """Even where its acknowledgement was lost."""
    await put_on_the_wire(talk.database, harbour_stories())
    await talk.open(talk.ada)
    talk.slack.socket.repeats = 1
    talk.slack.socket.ack_timeout = 0.05
    press = slack_homes.press(talk.slack, talk.ada, "The latest five")
    await talk.slack.wait_for(lambda: len(press.sent) == 2 or None)
    direct = talk.slack.direct(talk.ada)
    await talk.slack.wait_for_message(direct, "Harbour story 00")
    await talk.press(talk.ada, "Follow Priya Ashdown")
    assert len(talk.slack.messages(direct)) == 1


async def test_other_tabs_are_left_alone(talk: AtHome) -> None:
    """Whoever reads their messages needs no home."""
    await slack_homes.open_home(talk.slack, talk.ada, "messages")
    await talk.open(talk.bob)
    assert list(talk.slack.workspace.homes) == [talk.bob.id]


async def test_whoever_opens_it_again_and_again_gets_the_newest_once_a_second(talk: AtHome) -> None:
    """Slack takes a hundred views a minute from all people together."""
    await talk.open(talk.ada)
    talk.patient = True
    for name in ("aldeburgh", "bosham", "cromer"):
        room = talk.room(name, talk.ada)
        await talk.ask("follow Marta Quill", channel=room)
        await slack_homes.open_home(talk.slack, talk.ada)
    await talk.open(talk.bob)
    assert talk.published() == 2
    talk.end_pause()
    await talk.slack.wait_for(lambda: talk.published() == 3 or None)
    await talk.open(talk.bob)
    assert talk.published() == 4


async def test_two_bots_do_not_cover_each_others_views(talk: AtHome) -> None:
    """Where another has published meanwhile, what is true now is published again."""
    await talk.ask("follow Marta Quill")
    await talk.open(talk.ada)
    talk.slack.workspace.homes[talk.ada.id]["hash"] = "another"
    shown = await talk.press(talk.ada, "Pause")
    assert "Paused until somebody resumes" in shown
    assert [call.params.get("hash") is None for call in talk.slack.calls("views.publish")] == [True, False, True]


async def test_a_throttled_view_waits_as_long_as_slack_asks(talk: AtHome) -> None:
    """And comes then, as it is by then."""
    talk.slack.script("views.publish", Fault(status=429, headers={"Retry-After": "7"}))
    await talk.open(talk.ada)
    assert (talk.now - NOW).total_seconds() == 7


@pytest.mark.parametrize("error", ["user_not_found", "not_enabled", "view_too_large"])
async def test_a_view_that_slack_refuses_is_not_tried_again(talk: AtHome, error: str) -> None:
    """Waiting does not help; the next one may pass."""
    talk.slack.script("views.publish", Fault(error=error))
    await slack_homes.open_home(talk.slack, talk.ada)
    await talk.slack.wait_for(lambda: talk.published() == 1 or None)
    await talk.open(talk.ada)
    assert talk.published() == 2


async def test_what_cannot_be_read_is_said(talk: AtHome) -> None:
    """A page that stays empty says nothing."""
    talk.database.outages.problem = "disk full"
    shown = await talk.open(talk.ada)
    assert "I can write nothing down at the moment: disk full" in shown


async def test_operators_see_sources_and_figures_and_nobody_else_does(slack: SlackEmulator, database: Database) -> None:
    """What fails is theirs to mend."""
    ill = Source("ill", "The <Ill> Times", "feed", "https://ill.example")
    await put_on_the_wire(database, harbour_stories())
    await database.write(source_store.put_source, ill, "file")
    await database.write(source_store.commit_failure, ill.slug, NOW, NOW, "HTTP 503")
    operators: list[Operator] = []
    async with at_home(slack, database, operators) as talk:
        assert "For operators" not in await talk.open(talk.ada)
    async with at_home(slack, database, [Operator("slack", talk.ada.id)]) as talk:
        ada, bob = next(user for user in slack.workspace.users.values() if user.name == "ada"), talk.bob
        shown = await talk.open(ada)
        assert "For operators" in shown
        assert "The <Ill> Times — never answered: HTTP 503" in shown
        assert "✓ The Wire — 30 entries" in shown
        assert "The <Ill> Times" not in await talk.open(bob)


def test_the_fullest_page_is_one_that_slack_takes() -> None:
    """A hundred blocks, 250 kB: whatever people and sites have written."""
    endless = Span("<!here> & " * 2000, bold=True, url="https://example.org/" + "x" * 900)
    row = tuple(Span(f"‹{place}› " * 40, press="f:1") for place in range(3))
    each = Managed(Channel(1, "slack", "D0", "", "<x> " * 999, "Europe/London"), "reason " * 99, ((endless,),) * 3, row)
    full = Overview(((endless,),) * 3, (each,) * 55, each, (row,) * 3, ((Span("x"),),) * 900, (endless,))
    for page in range(7):
        view = slack_home_views.home(full, Here("D1", page), ((endless,),))
        assert rules.check_view(view) == []
        assert len(json.dumps(view)) < slack_homes.VIEW_LIMIT
    view = slack_home_views.panel(((endless,),) * 50 + (row,) * 12, "C1", Here("D1"), ((endless,),))
    assert rules.check_view(view) == []


@pytest.mark.parametrize("metadata", ["", "null", "[]", '"x"', '{"page": "x"}', '{"page": -1}', '{"page": 1e400}', "{"])
def test_metadata_that_nobody_wrote_are_the_first_page(metadata: str) -> None:
    """A view of another version may be open for weeks."""
    assert slack_home_views.read_here(metadata).page == 0


@pytest.mark.parametrize(
    ("action", "value"), [("home_turn_1", "x"), ("home_turn_1", "9" * 9), ("home_x_1", ""), ("", "")]
)
def test_buttons_of_no_known_version_are_left_alone(action: str, value: str) -> None:
    """As are forged ones."""
    assert slack_home_views.read_button(action, value) is None


async def test_opening_does_not_end_what_a_conversation_is_held_for(talk: AtHome) -> None:
    """Whoever looks has mended nothing."""
    await talk.open(talk.ada)
    address = talk.slack.direct(talk.ada).id
    known = await talk.database.read(channels.find, "slack", address, "")
    assert known is not None
    await talk.database.write(channels.suspend, known.id, NOW, "messages_tab_disabled", NOW)
    await talk.open(talk.ada)
    assert (await talk.database.read(channels.found, "slack", address, "")).trouble == "messages_tab_disabled"
