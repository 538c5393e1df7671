"""The editor on Slack when something is in the way: others who edit, rights that are lost, answers that are late."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot import channels
from bot.buttons import Press, encode
from bot.db import Database
from bot.filters import store as filters
from bot.membership import Member, Obstacle, Workspace
from bot.model import Subscription
from tests.contract.conversations import no, unknown
from tests.contract.slack_talking import Talk, talking
from tests.emulators.server import Fault
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_modals import Modal

WHAT, QUERY, WHOM, HOW_LONG, HOW = "What is it to do?", "Query", "Whom?", "For how long?", "How does it come?"


@pytest.fixture
async def talk(slack: SlackEmulator, database: Database) -> AsyncIterator[Talk]:
    """Talk by Socket Mode, with thirty entries on the wire."""
    async with talking(slack, database, "socket") as talk:
        yield talk


async def kept(talk: Talk) -> tuple[Subscription, ...]:
    """Read the channel's filters."""
    channel = await talk.database.read(channels.find, "slack", talk.channel.id, "")
    assert channel is not None
    return await talk.database.read(filters.of_channel, channel.id, talk.now)


async def queries(talk: Talk) -> list[str]:
    """List what the channel's filters say."""
    return [each.query for each in await kept(talk)]


async def editing(talk: Talk, row: str) -> Modal:
    """Open a filter's form."""
    modal = await talk.modal()
    await modal.pick(row, "Edit")
    return await modal.until("would have matched", views=2)


async def adding(talk: Talk, words: str) -> Modal:
    """Open the form of a new filter, and write into it."""
    modal = await talk.modal()
    await modal.press("Add filter")
    await modal.until("Type words", views=2)
    return await modal.type(QUERY, words)


@asynccontextmanager
async def slow(database: Database) -> AsyncIterator[threading.Event]:
    """Keep the database busy until the event is set, or this ends."""
    goes_on = threading.Event()
    busy = asyncio.create_task(database.write(lambda _: goes_on.wait(30)))
    try:
        yield goes_on
    finally:
        goes_on.set()
        await busy


@pytest.mark.parametrize("ada_is_first", [True, False])
async def test_the_second_of_two_editors_overwrites_nothing(talk: Talk, *, ada_is_first: bool) -> None:
    """Whoever is late sees who changed what, the filter as it is now, and what they had written."""
    await talk.ask("subscribe harbour")
    of_ada = await editing(talk, "harbour")
    of_bob = await talk.modal(user=talk.bob)
    await of_bob.pick("harbour", "Edit")
    await of_bob.until("would have matched", views=2)
    await of_ada.type(QUERY, "harbour story")
    await of_bob.type(QUERY, "harbour storm")
    first, late = (of_ada, of_bob) if ada_is_first else (of_bob, of_ada)
    mine, theirs = ("harbour story", "harbour storm") if ada_is_first else ("harbour storm", "harbour story")
    await first.submit()
    await first.until("Subscribed", views=1)
    await late.submit()
    name = "ada" if ada_is_first else "bob"
    await late.until(f"@{name} changed subscribe {mine} at 12:00.")
    assert "Nothing of yours was saved." in late.shown
    assert f"You had written subscribe {theirs}." in late.shown
    assert late.shown.endswith(f"\n{mine}")
    assert await queries(talk) == [mine]
    await late.type(QUERY, theirs)
    await late.submit()
    await late.until("Subscribed", views=1)
    assert await queries(talk) == [theirs]


async def test_what_was_deleted_meanwhile_can_be_added_anew(talk: Talk) -> None:
    """Nothing that was written is lost."""
    await talk.ask("subscribe harbour")
    modal = await editing(talk, "harbour")
    await modal.type(QUERY, "harbour story")
    await talk.ask("unsubscribe 1", user=talk.bob)
    await modal.submit()
    await modal.until("@bob removed subscribe harbour at 12:00.")
    assert "Save adds what stands here as a new filter." in modal.shown
    assert await queries(talk) == []
    await modal.submit()
    await modal.until("Subscribed", views=1)
    assert await queries(talk) == ["harbour story"]


async def test_a_mark_that_somebody_else_changed_is_not_overwritten(talk: Talk) -> None:
    """Although both edit other things of the filter."""
    await talk.ask("subscribe harbour")
    modal = await editing(talk, "harbour")
    await modal.type(QUERY, "harbour story")
    await talk.ask("urgent 1", user=talk.bob)
    await modal.submit()
    await modal.until("@bob changed whether subscribe! harbour is urgent at 12:00.")
    assert await queries(talk) == ["harbour"]


async def test_what_was_deleted_or_edited_meanwhile_is_not_deleted_from_an_old_list(talk: Talk) -> None:
    """The list is shown as it is now, and says who was faster."""
    await talk.ask("subscribe harbour")
    modal = await talk.modal()
    of_bob = await talk.modal(user=talk.bob)
    await of_bob.pick("harbour", "Edit")
    await of_bob.until("would have matched", views=2)
    await (await of_bob.type(QUERY, "harbour story")).submit()
    await of_bob.until("Subscribed", views=1)
    await modal.pick("harbour", "Delete")
    await modal.until("@bob changed subscribe harbour story at 12:00.")
    assert await queries(talk) == ["harbour story"]
    await modal.pick("harbour story", "Make it urgent")
    await modal.until("is urgent: what it brings")


async def test_who_adds_while_others_add_is_in_nobodys_way(talk: Talk) -> None:
    """That is no conflict."""
    of_ada, of_bob = await adding(talk, "harbour"), await talk.modal(user=talk.bob)
    await of_bob.press("Add filter")
    await of_bob.until("Type words", views=2)
    await (await of_bob.type(QUERY, "storm")).submit()
    await of_bob.until("Subscribed", views=1)
    await of_ada.submit()
    await of_ada.until("Subscribed", views=1)
    assert await queries(talk) == ["storm", "harbour"]


async def test_who_adds_what_is_there_takes_no_mark_of_others_away(talk: Talk) -> None:
    """As by typing: it is there already."""
    await talk.ask("subscribe! harbour", user=talk.bob)
    modal = await adding(talk, "harbour")
    await modal.until("would have matched")
    await modal.submit()
    await modal.until("Subscribed to harbour, as it was already.", views=1)
    (harbour,) = await kept(talk)
    assert (harbour.urgent, harbour.created_by) == (True, "@bob")


async def test_who_edits_a_filter_into_one_that_is_there_has_one_of_them(talk: Talk) -> None:
    """Undo takes both back."""
    await talk.ask("subscribe harbour")
    await talk.ask("subscribe storm")
    modal = await editing(talk, "harbour")
    await (await modal.type(QUERY, "storm")).submit()
    await modal.until("Subscribed", views=1)
    assert await queries(talk) == ["storm"]
    await talk.ask("undo")
    assert sorted(await queries(talk)) == ["harbour", "storm"]


async def test_a_mute_that_is_sent_twice_ends_once(talk: Talk) -> None:
    """The second press came a moment later."""
    modal = await talk.modal()
    await modal.press("Add filter")
    await modal.until("Type words")
    await modal.choose(WHAT, "Mute")
    await talk.slack.wait_for(lambda: HOW_LONG in modal.labels)
    await modal.type(QUERY, "harbour")
    await modal.choose(HOW_LONG, "For an hour")
    form = modal.submission()
    await talk.slack.interact(talk.ada, form)
    (mute,) = await kept(talk)
    talk.now += timedelta(seconds=5)
    await talk.slack.interact(talk.ada, form)
    assert await kept(talk) == (mute,)


def lose_rights(talk: Talk, answer: Callable[[], Awaitable[bool]]) -> None:
    """Let the workspace say from now on that nobody belongs to it, or nothing."""

    async def member() -> Member:
        return Member("U0", "somebody", is_outsider=not await answer())

    async def nobody(_name: str) -> tuple[Member, ...]:
        return ()

    async def open_() -> Obstacle:
        return ""

    workspace = Workspace("", member, member, nobody, open_, "/invite")
    talk.commands.meet("slack", lambda _request: workspace)


async def test_who_may_not_change_filters_sees_them_and_nothing_to_press(talk: Talk) -> None:
    """And why."""
    await talk.ask("subscribe harbour")
    lose_rights(talk, no)
    modal = await talk.modal()
    assert "Only people of the organisation that has brought me here" in modal.shown
    assert "subscribe harbour" in modal.shown
    assert modal.labels == []


@pytest.mark.parametrize(
    ("answer", "said"), [(no, "Only people of the organisation"), (unknown, "I could not check whether you may")]
)
async def test_rights_that_are_lost_before_saving_save_nothing(
    talk: Talk, answer: Callable[[], Awaitable[bool]], said: str
) -> None:
    """They are asked for again, each time."""
    await talk.ask("subscribe harbour")
    modal = await adding(talk, "harbour story")
    lose_rights(talk, answer)
    await modal.submit()
    await modal.until(said)
    assert modal.shown.endswith("\nharbour story")
    await modal.close()
    await modal.pick("harbour", "Delete")
    await modal.until(said)
    await modal.slack.wait_for(lambda: "Add filter" not in modal.labels)
    assert await queries(talk) == ["harbour"]


async def test_a_form_that_comes_twice_is_saved_once(talk: Talk) -> None:
    """Slack sends again what it did not hear to be acknowledged; the second gets the same answer."""
    await talk.ask("subscribe harbour")
    modal = await editing(talk, "harbour")
    await modal.type(QUERY, "harbour storms")
    form = modal.submission() | {"trigger_id": "1.the-same"}
    assert await talk.slack.interact(talk.ada, form) == {}
    await talk.ask("undo")
    assert await talk.slack.interact(talk.ada, form) == {}
    assert await queries(talk) == ["harbour"]


async def test_a_form_that_is_sent_by_two_impatient_presses_is_saved_once(talk: Talk) -> None:
    """Each has a trigger_id of its own; the second finds what it wants there already."""
    await talk.ask("subscribe harbour")
    modal = await editing(talk, "harbour")
    await modal.type(QUERY, "harbour story")
    form = modal.submission()
    assert await talk.slack.interact(talk.ada, form) == {}
    assert await talk.slack.interact(talk.ada, form) == {}
    assert await queries(talk) == ["harbour story"]
    await talk.ask("undo")
    assert await queries(talk) == ["harbour"]


async def test_a_slow_database_fills_the_modal_later(talk: Talk) -> None:
    """A trigger_id lives three seconds: the modal is there at once."""
    async with slow(talk.database) as goes_on:
        modal = await talk.modal(filled=False)
        assert "One moment" in modal.shown
        goes_on.set()
        await modal.until("has no filters yet")


async def test_a_slow_database_saves_after_slack_was_told_to_wait(talk: Talk) -> None:
    """Slack gives an app three seconds for a form, and shows an error after them."""
    modal = await adding(talk, "harbour")
    await modal.until("would have matched")
    async with slow(talk.database) as goes_on:
        await modal.submit()
        assert "One moment" in modal.shown
        goes_on.set()
        await modal.until("Subscribed to harbour.")
    await modal.close()
    await modal.until("1. subscribe harbour")


async def test_a_modal_that_does_not_open_in_time_says_so(talk: Talk) -> None:
    """Or the person would wait."""
    talk.slack.workspace.modals.seconds = 0
    answer = await talk.slack.command(talk.channel, talk.ada, "/phiwire", "edit")
    assert answer.text == "The editor did not open in time. Nothing was changed: please try again."


async def test_slack_that_refuses_or_is_away_breaks_nothing(talk: Talk) -> None:
    """The form is shown as it is when Slack takes it again."""
    modal = await adding(talk, "harbour")
    await modal.until("would have matched")
    talk.slack.script("views.update", Fault(error="ratelimited", status=429), Fault(status=500))
    await modal.type(QUERY, "harbours")
    await modal.until("Nothing in the last 7 days would have matched it")


async def test_only_what_was_written_last_is_shown(talk: Talk) -> None:
    """However late what was written before it is tried."""
    modal = await adding(talk, "h")
    for end in range(2, 8):
        await modal.type(QUERY, "harbour"[:end])
    await modal.until("30 entries would have matched")


@pytest.mark.parametrize(
    "words",
    [
        "*bold* _it_ `code` <https://example.org|x> & <!channel>",
        '"حكومة" OR "ממשלה"',
        "\u202eevil\u202c",
        "x" * 2000,
        "&" * 400,
        "harbour " * 60,
        "<" * 2999,
    ],
    ids=["markup", "right-to-left", "override", "long", "ampersands", "many", "brackets"],
)
async def test_hostile_words_alert_nobody_and_break_nothing(talk: Talk, words: str) -> None:
    """Whatever is typed, the views stay within what Slack takes."""
    modal = await adding(talk, words)
    await modal.slack.wait_for(lambda: "Type words" not in modal.shown)
    await modal.submit()
    if modal.errors:
        assert all(len(each) <= 300 for each in modal.errors.values())
        return
    await modal.until("Subscribed", views=1)
    await modal.pick("subscribe", "Edit")
    await modal.until("matched", views=2)


@pytest.mark.parametrize("name", ["N" * 140, "N" * 160, "Nia `*_<!here>` & Co", "נועה"])
async def test_hostile_names_can_be_followed_or_are_not_offered(talk: Talk, name: str) -> None:
    """An option of Slack's holds 150 characters."""
    modal = await talk.modal()
    await modal.press("Add filter")
    await modal.until("Type words")
    await modal.choose(WHAT, "Follow")
    await modal.until("Choose whom")
    offered = await modal.suggested(WHOM, name)
    assert [option["value"] for option in offered] == ([name] if len(name) <= 150 else [])


@pytest.mark.parametrize("name", [" ".join(["Nia"] * 60), "נועה " + "נ" * 490], ids=["long", "right-to-left"])
async def test_a_name_that_no_option_holds_stays_when_its_filter_is_edited(talk: Talk, name: str) -> None:
    """It was typed elsewhere."""
    await talk.ask(f"follow {name}")
    modal = await editing(talk, f"follow {name[:3]}")
    await (await modal.tick(HOW, "Urgent")).submit()
    await modal.until("Following", views=1)
    (followed,) = await kept(talk)
    assert (followed.query, followed.urgent) == (name, True)


async def test_the_button_under_a_list_opens_the_editor(talk: Talk) -> None:
    """Where filters are listed."""
    await talk.ask("subscribe harbour")
    (kept_,) = await kept(talk)
    action = {"type": "button", "action_id": "any", "block_id": "b", "value": encode(Press("edit", kept_.channel))}
    where = {"type": "block_actions", "channel": {"id": talk.channel.id}, "actions": [action]}
    await talk.slack.interact(talk.ada, where | {"container": {"type": "message"}, "response_url": ""})
    (stack,) = await talk.slack.wait_for(lambda: talk.slack.workspace.modals.stacks)
    await Modal(talk.slack, talk.ada, stack).until("subscribe harbour")


async def test_edit_typed_where_nothing_can_open_says_what_to_type(talk: Talk) -> None:
    """A mention has no trigger_id."""
    await talk.slack.say(talk.channel, talk.ada, "edit")
    (shown,) = await talk.slack.wait_for(lambda: talk.slack.ephemerals(talk.channel))
    assert "Type `/phiwire edit` in a channel" in shown.text


async def test_the_editor_speaks_the_language_of_its_channel(talk: Talk) -> None:
    """All of it, also what is tried."""
    await talk.ask("settings language cymraeg")
    modal = await talk.modal()
    assert "Golygu hidlyddion" in modal.shown
    await modal.press("Ychwanegu hidlydd")
    await modal.until("Teipiwch eiriau i chwilio amdanynt", views=2)
    await modal.type("Ymholiad", "harbour")
    await modal.until("byddai 30 cofnod wedi cyfateb iddo")
    await modal.submit()
    await modal.until("Wedi tanysgrifio i harbour.", views=1)
