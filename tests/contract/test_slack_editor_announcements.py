"""What one person changes in the editor on Slack the others read in one line, as if it had been typed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.db import Database
from tests.contract.slack_talking import Talk, Way, talking
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_modals import Modal

QUERY = "Query"


@pytest.fixture(params=["socket", "http"])
async def talk(request: pytest.FixtureRequest, slack: SlackEmulator, database: Database) -> AsyncIterator[Talk]:
    """Talk by each of the two ways."""
    way: Way = request.param
    async with talking(slack, database, way) as talk:
        yield talk


async def _told(talk: Talk) -> list[str]:
    """List what the channel was told when all is said."""
    await talk.adapter.stop_receiving()
    return [message.text for message in talk.slack.messages(talk.channel)]


async def _adding(talk: Talk, words: str) -> Modal:
    modal = await talk.modal()
    await modal.press("Add filter")
    await modal.until("Type words", views=2)
    return await modal.type(QUERY, words)


async def test_a_filter_that_is_saved_edited_marked_and_removed_is_announced_once_each(talk: Talk) -> None:
    """Who did what."""
    modal = await _adding(talk, "harbour")
    await modal.submit()
    await modal.until("Subscribed", views=1)
    await modal.pick("harbour", "Make it urgent")
    await modal.until("is urgent")
    await modal.pick("harbour", "Edit")
    await modal.until("would have matched", views=2)
    await (await modal.type(QUERY, "harbour story")).submit()
    await modal.until("Subscribed to harbour story", views=1)
    await modal.pick("harbour story", "Delete")
    await modal.until("has no filters yet")
    added, marked, edited, removed = await _told(talk)
    assert added == "ada added `harbour`."
    assert marked == "ada made `harbour` urgent."
    assert "harbour story" in edited
    assert edited.startswith("ada ")
    assert removed.startswith("ada removed ")


async def test_a_form_that_comes_twice_is_announced_once(talk: Talk) -> None:
    """Slack sends again what it did not hear to be acknowledged, and people press twice."""
    form = (await _adding(talk, "harbour")).submission()
    same = form | {"trigger_id": "1.the-same"}
    for sent in (same, same, form):
        # What is signed in the same second is one call.
        talk.now += timedelta(seconds=1)
        await talk.slack.interact(talk.ada, sent)
    assert await _told(talk) == ["ada added `harbour`."]


async def test_a_conflict_announces_nothing(talk: Talk) -> None:
    """Nothing was changed by whoever was late."""
    await talk.ask("subscribe harbour")
    modal = await talk.modal()
    await modal.pick("harbour", "Edit")
    await modal.until("would have matched", views=2)
    await modal.type(QUERY, "harbour story")
    await talk.ask("urgent 1", user=talk.bob)
    await modal.submit()
    await modal.until("Nothing of yours was saved.")
    assert await _told(talk) == ["ada added `harbour`.", "bob made `harbour` urgent."]


async def test_a_refusal_announces_nothing(talk: Talk) -> None:
    """Whoever may not, and whatever cannot be read."""
    of_bob = await talk.modal(user=talk.bob)
    await of_bob.press("Add filter")
    await of_bob.until("Type words", views=2)
    await of_bob.type(QUERY, "harbour")
    await talk.ask("settings who admins")
    await of_bob.submit()
    await of_bob.until("Only administrators of this workspace")
    broken = await _adding(talk, '"harbour')
    await broken.submit()
    assert broken.errors
    assert await _told(talk) == []


async def test_in_a_conversation_with_the_app_nothing_is_announced(talk: Talk) -> None:
    """There the person has read the answer."""
    direct = talk.slack.direct(talk.ada)
    modal = await talk.modal(channel=direct)
    await modal.press("Add filter")
    await modal.until("Type words", views=2)
    await (await modal.type(QUERY, "harbour")).submit()
    await modal.until("Subscribed", views=1)
    await talk.adapter.stop_receiving()
    assert talk.slack.messages(direct) == []
