"""Who may, in conversation: asked anew at each write, seldom twice in half a minute, and never by what was before."""

from __future__ import annotations

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
    assert REFUSED in (await talk.ask(group, talk.bob, FOLLOW)).text
    assert REFUSED in (await talk.ask(other, talk.ada, FOLLOW)).text


async def test_demoted_administrator_is_refused_at_once(talk: Talk) -> None:
    """An administrator among bots is told who is none any more; nobody waits for half a minute."""
    group = talk.telegram.group("Lobby", [talk.bob, talk.ada], bot="administrator", supergroup=True)
    assert "Following" in (await talk.ask(group, talk.ada, FOLLOW)).text
    talk.telegram.set_status(group, talk.ada, "member")
    assert REFUSED in (await talk.ask(group, talk.ada, "/unfollow Marta Quill")).text
    assert "Marta Quill" in (await talk.ask(group, talk.ada, "/filters")).text


async def test_demoted_administrator_is_refused_in_half_a_minute_where_the_bot_is_not_told(talk: Talk) -> None:
    """Telegram tells only administrators of others."""
    group = talk.telegram.group("Lobby", [talk.bob, talk.ada])
    assert "Following" in (await talk.ask(group, talk.ada, FOLLOW)).text
    talk.telegram.set_status(group, talk.ada, "member")
    talk.advance(KEPT)
    assert REFUSED in (await talk.ask(group, talk.ada, "/unfollow Marta Quill")).text


async def test_promoted_member_may_at_once(talk: Talk) -> None:
    """A "no" is not kept: whoever is refused asks for rights, gets them and tries again."""
    group = talk.telegram.group("Lobby", [talk.ada], [talk.bob])
    assert REFUSED in (await talk.ask(group, talk.bob, FOLLOW)).text
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
    assert REFUSED in (await talk.ask(group, talk.ada, "/unfollow Marta Quill")).text


async def test_group_that_moves_is_asked_anew(talk: Talk) -> None:
    """A new address is another chat, where a person has other rights."""
    group = talk.telegram.group("Lobby", [talk.bob, talk.ada])
    assert "Following" in (await talk.ask(group, talk.ada, FOLLOW)).text
    supergroup = talk.telegram.migrate(group)
    supergroup.members[talk.ada.id] = "member"
    assert REFUSED in (await talk.ask(supergroup, talk.ada, "/unfollow Marta Quill")).text
    assert "Marta Quill" in (await talk.ask(supergroup, talk.ada, "/filters")).text


async def test_anonymous_administrators_and_channels_need_no_question(talk: Talk) -> None:
    """Who writes in a group's own name, or in a broadcast channel, is an administrator."""
    group = talk.telegram.group("Lobby", [talk.bob, talk.ada], supergroup=True)
    talk.telegram.hide(group, talk.ada)
    assert "Following" in (await talk.ask(group, talk.ada, FOLLOW)).text
    channel = talk.telegram.channel("News", [talk.ada])
    assert "Following" in (await talk.ask(channel, None, FOLLOW)).text
    assert talk.telegram.calls("getChatMember") == []
