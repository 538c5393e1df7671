"""Who may, in conversation: asked anew at each write, seldom twice in half a minute, and never by what was before."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from bot.adapters.telegram_rights import KEPT
from bot.db import Database
from tests.contract.talking import Talk
from tests.emulators.server import Fault
from tests.emulators.telegram import TelegramEmulator

FOLLOW = "/follow Marta Quill"
REFUSED = "Only an administrator of this chat"


@pytest.fixture
async def talk(telegram: TelegramEmulator, database: Database) -> AsyncIterator[Talk]:
    """Let people talk with the bot."""
    made = Talk(telegram, database)
    await made.adapter.start(made.commands)
    yield made
    await made.close()


async def test_administrator_is_asked_about_once_in_half_a_minute(talk: Talk) -> None:
    """Whoever sets up ten filters does not wait for ten questions."""
    group = talk.telegram.group("Lobby", [talk.ada], [talk.bob])
    for words in ("ferry", "levy", "port"):
        assert "Subscribed" in (await talk.ask(group, talk.ada, f"/subscribe {words}")).text
    assert len(talk.telegram.calls("getChatMember")) == 1
    talk.advance(KEPT)
    await talk.ask(group, talk.ada, "/subscribe tide")
    assert len(talk.telegram.calls("getChatMember")) == 2


async def test_yes_is_each_persons_in_each_chat(talk: Talk) -> None:
    """Ada may in her group, which says nothing of Bob, nor of other groups."""
    group = talk.telegram.group("Lobby", [talk.ada], [talk.bob])
    other = talk.telegram.group("Gallery", [talk.bob], [talk.ada])
    assert "Following" in (await talk.ask(group, talk.ada, FOLLOW)).text
    assert REFUSED in await talk.refused(group, talk.bob, FOLLOW)
    assert REFUSED in await talk.refused(other, talk.ada, FOLLOW)


async def test_demoted_administrator_is_refused_at_once(talk: Talk) -> None:
    """An administrator among bots is told who is none any more; nobody waits for half a minute."""
    group = talk.telegram.group("Lobby", [talk.bob, talk.ada], bot="administrator", supergroup=True)
    assert "Following" in (await talk.ask(group, talk.ada, FOLLOW)).text
    talk.telegram.set_status(group, talk.ada, "member")
    assert REFUSED in await talk.refused(group, talk.ada, "/unfollow Marta Quill")
    assert "Marta Quill" in (await talk.ask(group, talk.ada, "/filters")).text


async def test_demoted_administrator_is_refused_in_half_a_minute_where_the_bot_is_not_told(talk: Talk) -> None:
    """Telegram tells only administrators of others."""
    group = talk.telegram.group("Lobby", [talk.bob, talk.ada])
    assert "Following" in (await talk.ask(group, talk.ada, FOLLOW)).text
    talk.telegram.set_status(group, talk.ada, "member")
    talk.advance(KEPT)
    assert REFUSED in await talk.refused(group, talk.ada, "/unfollow Marta Quill")


async def test_promoted_member_may_at_once(talk: Talk) -> None:
    """A "no" is not kept: whoever is refused asks for rights, gets them and tries again."""
    group = talk.telegram.group("Lobby", [talk.ada], [talk.bob])
    assert REFUSED in await talk.refused(group, talk.bob, FOLLOW)
    talk.telegram.promote(group, talk.bob)
    assert "Following" in (await talk.ask(group, talk.bob, FOLLOW)).text


async def test_answer_that_is_older_than_the_news_is_not_taken(talk: Talk) -> None:
    """Telegram says "administrator", and while that is on its way says that she is none any more."""
    group = talk.telegram.group("Lobby", [talk.bob, talk.ada], bot="administrator", supergroup=True)
    settings = await talk.ask(group, talk.bob, "/settings")
    count = len(talk.telegram.calls("getChatMember"))
    # Presses wait for nobody, and so what is heard meanwhile can be heard.
    talk.telegram.script("getChatMember", Fault(action="stall"))
    data = await talk.telegram.wait_for(lambda: talk.telegram.labelled(group, settings, "Silent"))
    query = talk.telegram.send_press(group, talk.ada, settings, data)
    await talk.asked(count + 1)
    talk.telegram.set_status(group, talk.ada, "member")
    await talk.hears()
    talk.telegram.release()
    answer = await talk.telegram.wait_for_answer(query)
    assert REFUSED in answer["text"]
    assert len(talk.telegram.calls("getChatMember")) == count + 2
    assert "with a sound" not in settings.text


async def test_bot_that_is_demoted_keeps_no_yes(talk: Talk) -> None:
    """From then on it would not hear who else is."""
    group = talk.telegram.group("Lobby", [talk.bob, talk.ada], bot="administrator", supergroup=True)
    assert "Following" in (await talk.ask(group, talk.ada, FOLLOW)).text
    talk.telegram.set_status(group, talk.telegram.state.bot, "member")
    talk.telegram.set_status(group, talk.ada, "member")
    assert REFUSED in await talk.refused(group, talk.ada, "/unfollow Marta Quill")


async def test_group_that_moves_is_asked_anew(talk: Talk) -> None:
    """A new address is another chat, where a person has other rights."""
    group = talk.telegram.group("Lobby", [talk.bob, talk.ada])
    assert "Following" in (await talk.ask(group, talk.ada, FOLLOW)).text
    supergroup = talk.telegram.migrate(group)
    supergroup.members[talk.ada.id] = "member"
    assert REFUSED in await talk.refused(supergroup, talk.ada, "/unfollow Marta Quill")
    assert "Marta Quill" in (await talk.ask(supergroup, talk.ada, "/filters")).text


async def test_anonymous_administrators_and_channels_need_no_question(talk: Talk) -> None:
    """Who writes in a group's own name, or in a broadcast channel, is an administrator."""
    group = talk.telegram.group("Lobby", [talk.bob, talk.ada], supergroup=True)
    talk.telegram.hide(group, talk.ada)
    assert "Following" in (await talk.ask(group, talk.ada, FOLLOW)).text
    channel = talk.telegram.channel("News", [talk.ada])
    assert "Following" in (await talk.ask(channel, None, FOLLOW)).text
    assert talk.telegram.calls("getChatMember") == []


async def test_members_change_filters_where_an_administrator_lets_them(talk: Talk) -> None:
    """And nothing else; what they do carries their name and can be taken back."""
    group = talk.telegram.group("Lobby", [talk.ada], [talk.bob], supergroup=True)
    assert REFUSED in await talk.refused(group, talk.bob, "/settings who members")
    assert "All members of this chat may" in (await talk.ask(group, talk.ada, "/settings who members")).text
    assert "Following" in (await talk.ask(group, talk.bob, FOLLOW)).text
    assert "by Bob" in (await talk.ask(group, talk.cem, "/filters@phiwire_test_bot")).text
    for typed in ("settings silent on", "settings who administrators", "pause", "forget everything", "corrections off"):
        assert "Only an administrator of this chat can do that" in await talk.refused(group, talk.bob, f"/{typed}")
    assert "Took back what Bob did" in (await talk.ask(group, talk.bob, "/undo")).text
    assert "Only administrators of this chat may" in (await talk.ask(group, talk.ada, "/settings who admins")).text
    assert REFUSED in await talk.refused(group, talk.bob, FOLLOW)


async def test_who_is_no_member_is_refused_where_members_may(talk: Talk) -> None:
    """Comments under a channel's post come from anybody, and stand in its group."""
    group = talk.telegram.group("Comments", [talk.ada], [talk.bob], supergroup=True)
    await talk.ask(group, talk.ada, "/settings who members")
    assert "Only members of this chat" in (await talk.ask(group, talk.cem, FOLLOW)).text
    talk.telegram.restrict(group, talk.bob, may_send=True)
    assert "Following" in (await talk.ask(group, talk.bob, FOLLOW)).text
    talk.telegram.script("getChatMember", Fault(status=500, description="Internal Server Error"))
    assert "could not check" in (await talk.ask(group, talk.bob, "/undo")).text


async def test_panel_offers_who_may_in_groups_alone(talk: Talk) -> None:
    """One touch of an administrator changes it; nobody else's does."""
    group = talk.telegram.group("Lobby", [talk.ada], [talk.bob], supergroup=True)
    panel = await talk.ask(group, talk.ada, "/settings")
    label = "Filters changed by administrators"
    assert REFUSED in await talk.telegram.tap(group, talk.bob, panel, label)
    assert "All members" in await talk.telegram.tap(group, talk.ada, panel, label)
    await talk.telegram.wait_for(lambda: talk.telegram.labelled(group, panel, "Filters changed by all members"))
    await talk.ask(group, talk.bob, FOLLOW)
    # A member takes a filter out of the panel, finds the way back, and changes nothing else there.
    await talk.telegram.tap(group, talk.bob, panel, "Filters (")
    assert "Marta Quill" in await talk.telegram.tap(group, talk.bob, panel, "✕ 1")
    await talk.telegram.tap(group, talk.bob, panel, "‹‹ Back")
    assert "Only an administrator of this chat can do that" in await talk.telegram.tap(group, talk.bob, panel, "Pause")
    assert "Only administrators" in await talk.telegram.tap(group, talk.ada, panel, "Filters changed by all members")
    for chat in (talk.telegram.private_chat(talk.ada), talk.telegram.channel("News", [talk.ada])):
        panel = await talk.ask(chat, talk.ada if chat.kind == "private" else None, "/settings")
        assert talk.telegram.labelled(chat, panel, "Filters (")
        assert talk.telegram.labelled(chat, panel, "Filters changed by") is None
        said = await talk.ask(chat, talk.ada if chat.kind == "private" else None, "/settings who members")
        assert "There is silent on or off" in said.text
        assert "who" not in said.text.split("shows how")[0]


async def test_topics_choose_for_themselves(talk: Talk) -> None:
    """A topic is a channel of its own, also in this."""
    group = talk.telegram.group("Lobby", [talk.ada], [talk.bob], topics=True)
    open_to_all, other = talk.telegram.topic(group), talk.telegram.topic(group)
    await talk.ask(group, talk.ada, "/settings who members", thread=open_to_all)
    assert "Following" in (await talk.ask(group, talk.bob, FOLLOW, thread=open_to_all)).text
    assert REFUSED in await talk.refused(group, talk.bob, FOLLOW, thread=other)


async def test_link_copies_filters_for_members_who_may_change_them(talk: Talk) -> None:
    """Opening one in a group is changing its filters."""
    chat = talk.telegram.private_chat(talk.cem)
    await talk.ask(chat, talk.cem, FOLLOW)
    shared = await talk.ask(chat, talk.cem, "/share")
    found = re.search(r"start=([\w-]+)", shared.html)
    assert found is not None, shared.html
    group = talk.telegram.group("Lobby", [talk.ada], [talk.bob])
    opened = f"/start@phiwire_test_bot {found[1]}"
    assert REFUSED in await talk.refused(group, talk.bob, opened)
    await talk.ask(group, talk.ada, "/settings who members")
    assert "Marta Quill" in (await talk.ask(group, talk.bob, opened)).text
