"""Conversations in chats of every kind, and what becomes of them: filters stay, whatever a chat does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.e2e.process import BotProcess, local_settings
from tests.emulators import pages
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_state import Chat
from tests.emulators.web import WebEmulator

ADA, BEA, CEM = 7, 8, 9


class Newsroom:
    """A running bot, its wire, and the Telegram that it talks to."""

    def __init__(self, telegram: TelegramEmulator, web: WebEmulator) -> None:
        self.telegram = telegram
        self._web = web
        self._rows = [pages.Row("Priya Ashdown", "A quiet week, for once", "/wire/0", "09:00")]
        self.publish()

    @property
    def source(self) -> str:
        """Say where the wire is, as a sources file does."""
        return f'[[source]]\nslug="w"\nname="The Wire"\nkind="phiwire"\nurl="{self._web.url}/wire"\nevery="1s"\n'

    def publish(self, *headlines: str) -> None:
        """Put headlines of Marta Quill's on the wire."""
        for headline in headlines:
            self._rows.insert(0, pages.Row("Marta Quill", headline, f"/wire/{len(self._rows)}", "09:05"))
        self._web.publish("/wire", pages.phiwire_page(self._rows, "list"))

    async def is_read(self) -> None:
        """Wait until the wire has been read twice more: then what stood there is on its way or held."""
        await self._web.wait_for_requests("/wire", len(self._web.requests_for("/wire")) + 2)

    async def ask(self, chat: Chat, user: int | None, text: str, answer: str, thread: int | None = None) -> str:
        """Type something, and return the bot's next message, which must contain the answer."""
        before = len(self.telegram.messages(chat, thread))
        await self.telegram.say(chat, user, text, thread=thread)
        await self.telegram.wait_for(lambda: len(self.telegram.messages(chat, thread)) > before, what=text)
        said = self.telegram.messages(chat, thread)[before].text
        assert answer in said, said
        return said

    def read(self, chat: Chat, headline: str) -> int:
        """Count the messages with a headline."""
        return sum(headline in message.text for message in self.telegram.messages(chat))


@pytest.fixture
async def room(
    tmp_path: Path,
    telegram: TelegramEmulator,
    slack: SlackEmulator,
    web: WebEmulator,
    bot_process: Callable[..., BotProcess],
) -> AsyncIterator[Newsroom]:
    """Start a bot that has read its wire once; at the end it stops in order, without a traceback."""
    newsroom = Newsroom(telegram, web)
    for number, name in ((ADA, "Ada"), (BEA, "Bea"), (CEM, "Cem")):
        telegram.user(number, name)
    sources = tmp_path / "sources.toml"
    sources.write_text(newsroom.source)
    process = bot_process(local_settings(telegram, slack, sources) | {"PHIWIRE_DATABASE": str(tmp_path / "phiwire.db")})
    await process.start()
    await telegram.wait_for(lambda: telegram.calls("getUpdates"), timeout=30)
    await newsroom.is_read()
    yield newsroom
    assert await process.terminate() == 0
    assert "Traceback" not in process.errors


async def test_filters_wait_for_whoever_blocks_the_bot(room: Newsroom) -> None:
    """Blocking is often a mood; whoever comes back finds everything as it was, and no flood."""
    chat = room.telegram.private_chat(ADA)
    await room.ask(chat, ADA, "/follow Marta Quill", "Following")
    room.telegram.block(ADA)
    room.publish("Ferry vote survives")
    await room.is_read()
    assert room.read(chat, "Ferry vote survives") == 0
    room.telegram.unblock(ADA)
    await room.ask(chat, ADA, "/filters", "Marta Quill")
    room.publish("Harbour levy passes")
    await room.telegram.wait_for_message(chat, "Harbour levy passes")
    assert room.read(chat, "Harbour levy passes") == 1


async def test_filters_follow_a_group_that_becomes_a_supergroup(room: Newsroom) -> None:
    """Telegram changes the address of a group; its people know nothing of addresses."""
    group = room.telegram.group("Lobby", admins=[ADA])
    await room.ask(group, ADA, "/follow Marta Quill", "Following")
    supergroup = room.telegram.migrate(group)
    room.publish("Ferry vote survives")
    await room.telegram.wait_for_message(supergroup, "Ferry vote survives")
    await room.ask(supergroup, ADA, "/filters", "Marta Quill")
    assert room.read(group, "Ferry vote survives") == 0


async def test_filters_wait_in_a_group_that_removes_the_bot(room: Newsroom) -> None:
    """Somebody tidies the list of members, somebody else brings the bot back."""
    group = room.telegram.group("Lobby", admins=[ADA], supergroup=True)
    await room.ask(group, ADA, "/follow Marta Quill", "Following")
    room.telegram.kick_bot(group)
    room.publish("Ferry vote survives")
    await room.is_read()
    room.telegram.add_bot(group)
    await room.ask(group, ADA, "/filters", "Marta Quill")
    room.publish("Harbour levy passes")
    await room.telegram.wait_for_message(group, "Harbour levy passes")


async def test_news_waits_where_the_bot_may_not_write(room: Newsroom) -> None:
    """Silenced is not removed: what was wanted comes when it may."""
    group = room.telegram.group("Lobby", admins=[ADA], supergroup=True)
    await room.ask(group, ADA, "/follow Marta Quill", "Following")
    room.telegram.restrict(group, room.telegram.state.bot, ADA)
    tried = len(room.telegram.calls("sendMessage"))
    room.publish("Ferry vote survives")
    await room.telegram.wait_for(lambda: len(room.telegram.calls("sendMessage")) > tried)
    room.telegram.promote(group, room.telegram.state.bot, ADA)
    await room.telegram.wait_for_message(group, "Ferry vote survives")
    await room.is_read()
    assert room.read(group, "Ferry vote survives") == 1


async def test_topics_are_channels_of_their_own(room: Newsroom) -> None:
    """Nothing spills from one topic into another, also where one is closed."""
    group = room.telegram.group("Lobby", admins=[ADA], topics=True)
    harbour, ferries = room.telegram.topic(group), room.telegram.topic(group)
    await room.ask(group, ADA, "/follow Marta Quill", "Following", thread=harbour)
    await room.ask(group, ADA, "/subscribe ferry", "Subscribed", thread=ferries)
    await room.ask(group, ADA, "/filters", "")  # in General
    room.telegram.close_topic(group, harbour)
    room.publish("Ferry vote survives", "Harbour levy passes")
    await room.telegram.wait_for_message(group, "Ferry vote survives")
    await room.is_read()
    assert room.read(group, "Harbour levy passes") == 0
    assert [sent.thread for sent in room.telegram.messages(group) if "Why:" in sent.text] == [ferries]


async def test_only_admins_change_a_group_also_those_who_stay_anonymous(room: Newsroom) -> None:
    """A group of thousands has one set of filters."""
    group = room.telegram.group("Lobby", admins=[ADA, BEA], members=[CEM], supergroup=True)
    room.telegram.hide(group, BEA)
    await room.ask(group, CEM, "/follow Marta Quill", "admin")
    await room.ask(group, BEA, "/follow Marta Quill", "Following")
    await room.ask(group, CEM, "/filters@phiwire_test_bot", "Marta Quill")
    room.telegram.set_status(group, ADA, "member")
    await room.ask(group, ADA, "/unfollow Marta Quill", "admin")


async def test_edited_message_is_not_answered_again(room: Newsroom) -> None:
    """Whoever mends a typing error asks again by asking again."""
    chat = room.telegram.private_chat(ADA)
    await room.ask(chat, ADA, "/follow Marta Quil", "Following")
    await room.telegram.say(chat, ADA, "/follow Marta Quill", edited=True)
    await room.ask(chat, ADA, "/filters", "Marta Quil")
    assert len(room.telegram.messages(chat)) == 2
