"""People edit a channel's filters in a modal of Slack: add, edit, delete, and see what each would have matched."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot import channels
from bot.db import Database
from bot.filters import store as filters
from bot.model import Subscription
from tests.contract.conversations import NOW, publish
from tests.contract.slack_talking import Talk, talking
from tests.emulators.slack import SlackEmulator

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
    return [f"{each.kind} {each.query}" for each in await kept(talk)]


@pytest.mark.parametrize("way", ["socket", "http"])
async def test_a_filter_is_added_in_a_form(slack: SlackEmulator, database: Database, way: str) -> None:
    """Whichever way Slack's requests come."""
    async with talking(slack, database, "socket" if way == "socket" else "http") as talk:
        modal = await talk.modal("/phiwire edit")
        assert "westminster has no filters yet" in modal.shown
        await modal.press("Add filter")
        await modal.until("Type words to look for")
        await modal.type(QUERY, "harbour -09")
        await modal.until("In the last 7 days 29 entries would have matched it")
        assert "Harbour story 00" in modal.shown
        await modal.submit()
        await modal.until("Subscribed to harbour -09.", views=1)
        assert "/phiwire undo takes it back" in modal.shown
        assert await queries(talk) == ["match harbour -09"]


async def test_what_is_added_can_be_undone(talk: Talk) -> None:
    """As all that is typed."""
    modal = await talk.modal()
    await modal.press("Add filter")
    await modal.until("Type words")
    await (await modal.type(QUERY, "harbour")).submit()
    await modal.until("Subscribed", views=1)
    await talk.ask("undo")
    assert await queries(talk) == []


async def test_a_filter_is_edited_where_it_stands(talk: Talk) -> None:
    """Its form begins with what it is; undo takes the whole change back."""
    await talk.ask("subscribe harbour")
    modal = await talk.modal()
    await modal.pick("subscribe harbour", "Edit")
    await modal.until("30 entries would have matched", views=2)
    await modal.type(QUERY, '"harbour story 03"')
    await modal.until("1 entry would have matched")
    await modal.tick(HOW, "Urgent")
    await modal.submit()
    await modal.until('subscribe! "harbour story 03"', views=1)
    (edited,) = await kept(talk)
    assert (edited.query, edited.urgent, edited.created_by) == ('"harbour story 03"', True, "@ada")
    assert "harbour" in await talk.ask("undo")
    assert await queries(talk) == ["match harbour"]


async def test_a_filter_that_only_changes_its_marks_stays_the_same(talk: Talk) -> None:
    """What it brought still counts."""
    await talk.ask("subscribe harbour")
    before = await kept(talk)
    await publish(talk.database, "Harbour opens")
    modal = await talk.modal()
    assert "1 in the last 7 days" in modal.shown
    await modal.pick("harbour", "Edit")
    await modal.until("would have matched", views=2)
    await (await modal.tick(HOW, "Silent")).submit()
    await modal.until("silent", views=1)
    assert [each.id for each in await kept(talk)] == [each.id for each in before]


async def test_a_filter_is_deleted_and_comes_back_by_undo(talk: Talk) -> None:
    """The view says so."""
    await talk.ask("subscribe harbour")
    modal = await talk.modal()
    await modal.pick("harbour", "Delete")
    await modal.until("Removed: subscribe harbour")
    assert "/phiwire undo brings it back" in modal.shown
    assert await queries(talk) == []
    await talk.ask("undo")
    assert await queries(talk) == ["match harbour"]


async def test_a_filter_is_urgent_and_is_not_again(talk: Talk) -> None:
    """By its menu, without a form; a mute has no such choice."""
    await talk.ask("subscribe harbour")
    await talk.ask("mute storm")
    modal = await talk.modal()
    await modal.pick("harbour", "Make it urgent")
    await modal.until("is urgent: what it brings is never held back")
    await modal.pick("harbour", "Not urgent any more")
    await modal.until("and not urgent")
    assert [each.urgent for each in await kept(talk)] == [False, False]
    assert modal.labels.count("Make it urgent") == 1


async def test_an_author_is_found_by_how_the_name_begins(talk: Talk) -> None:
    """Among those who have been seen on the wire."""
    modal = await talk.modal()
    await modal.press("Add filter")
    await modal.until("Type words")
    await modal.choose(WHAT, "Follow")
    await modal.until("Choose whom to follow")
    await modal.choose(WHOM, "Priya Ashdown", typed="ash")
    await modal.until("30 entries would have matched")
    await modal.submit()
    await modal.until("Following", views=1)
    assert await queries(talk) == ["follow Priya Ashdown"]


async def test_somebody_whom_nobody_has_seen_is_followed_nonetheless(talk: Talk) -> None:
    """The form says that, once the name is chosen as it was typed."""
    modal = await talk.modal()
    await modal.press("Add filter")
    await modal.until("Type words")
    await modal.choose(WHAT, "Follow")
    await modal.until("Choose whom")
    await modal.choose(WHOM, "Nia Unheard — not seen on this wire", typed="Nia Unheard")
    await modal.until("Nobody called Nia Unheard has been seen")
    await modal.submit()
    await modal.until("has been seen on this wire yet", views=1)
    assert await queries(talk) == ["follow Nia Unheard"]


async def test_a_mute_ends_when_it_is_told_to(talk: Talk) -> None:
    """And keeps its end where only its words are edited."""
    modal = await talk.modal()
    await modal.press("Add filter")
    await modal.until("Type words")
    await modal.choose(WHAT, "Mute")
    await modal.slack.wait_for(lambda: HOW_LONG in modal.labels)
    await modal.type(QUERY, "harbour")
    await modal.until("30 entries would have been muted")
    await (await modal.choose(HOW_LONG, "For a day")).submit()
    await modal.until("Muted", views=1)
    await modal.pick("harbour", "Edit")
    await modal.until("would have been muted", views=2)
    await modal.type(QUERY, "harbours")
    await modal.until("Nothing in the last 7 days would have been muted by it")
    await modal.submit()
    await modal.until("mute harbours", views=1)
    (mute,) = await kept(talk)
    assert mute.expires_at == NOW + timedelta(days=1)


async def test_a_wrong_query_shows_its_place_while_it_is_typed_and_when_it_is_sent(talk: Talk) -> None:
    """Below the field first, and then beside it; nothing is saved."""
    modal = await talk.modal()
    await modal.press("Add filter")
    await modal.until("Type words")
    await modal.type(QUERY, "nhs AND")
    await modal.until("Expected a word after AND.")
    assert "       ^" in modal.shown
    await modal.submit()
    (problem,) = modal.errors.values()
    assert problem == "nhs AND‸: Expected a word after AND."
    assert await queries(talk) == []
    await modal.type(QUERY, "nhs")
    await (await modal.until("Nothing in the last 7 days would have matched it")).submit()
    await modal.until("Subscribed", views=1)


async def test_an_empty_wire_says_that_it_knows_nothing(slack: SlackEmulator, tmp_path: Path) -> None:
    """Nothing matched is another thing."""
    async with talking(slack, Database(tmp_path / "empty.db"), "socket") as talk:
        modal = await talk.modal()
        await modal.press("Add filter")
        await modal.until("Type words")
        await modal.type(QUERY, "harbour")
        await modal.until("The wire is empty so far")
        await asyncio.to_thread(talk.database.close)


async def test_many_filters_come_in_pages(talk: Talk) -> None:
    """Within what a view takes; each is edited where it stands."""
    await talk.ask("subscribe harbour")
    (first,) = await kept(talk)

    def add_many(connection: object) -> None:
        for number in range(299):
            filters.add(connection, first.channel, "match", f"harbour {number}", "@ada", NOW)  # type: ignore[arg-type]

    await talk.database.write(add_many)
    modal = await talk.modal()
    assert "Page 1 of 8" in modal.shown
    assert "Earlier" not in str(modal.labels)
    for page in range(2, 9):
        await modal.press("Later ›")
        await modal.until(f"Page {page} of 8")
    assert "300. " in modal.shown
    await modal.pick("300. ", "Delete")
    await modal.until("has 299 filters")
    assert "Page 8 of 8" in modal.shown
    await modal.press("‹ Earlier")
    await modal.until("Page 7 of 8")
    await modal.pick("241. ", "Edit")
    await modal.until("would have matched", views=2)
    await (await modal.tick(HOW, "Urgent")).submit()
    await modal.until("Page 7 of 8", views=1)
    await modal.until("urgent")


async def test_where_there_are_too_many_none_can_be_added(talk: Talk) -> None:
    """As by typing."""
    await talk.ask("import\n" + "\n".join(f"subscribe harbour {n}" for n in range(200)))
    modal = await talk.modal()
    await modal.press("Add filter")
    await modal.until("Type words")
    await modal.type(QUERY, "one more")
    await modal.submit()
    await modal.until("the most there can be: remove one first")
    assert len(await kept(talk)) == 200


async def test_more_than_anybody_reads_is_warned_of(talk: Talk) -> None:
    """With queries that bring less."""
    await publish(talk.database, *(f"Flood {number}" for number in range(400)))
    modal = await talk.modal()
    await modal.press("Add filter")
    await modal.until("Type words")
    await modal.type(QUERY, "flood OR harbour")
    await modal.until("is more than most people read")


async def test_a_conversation_without_a_name_has_none(talk: Talk) -> None:
    """Slack writes directmessage there."""
    modal = await talk.modal(channel=talk.slack.direct(talk.ada))
    assert "There are no filters here yet. Add one, and news comes." in modal.shown
