"""What operators type: sources that are looked at first, and picks for the wire. To others there is no such command."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from bot import audit
from bot.commands.handlers import Commands
from bot.commands.operating import Operating
from bot.db import Database
from bot.filters.matcher import Matcher
from bot.model import Item, Operator, Source
from bot.ports import Request
from bot.sources.fetch import Fetcher
from bot.wire import source_store
from tests.contract.conversations import NOW, put_on_the_wire, yes
from tests.contract.talking import Talk
from tests.emulators import pages
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_state import Chat, SentMessage
from tests.emulators.web import WebEmulator

RSS = "application/rss+xml"
NEWS = [pages.FeedItem(f"Ferry number {n} sails", f"https://harbour.example/{n}") for n in range(1, 6)]
ADA = Operator("telegram", "7")
LINK = "https://harbour.example/vote"


class Desk(Talk):
    """Ada is an operator; what she names is looked at, and news that she makes is counted."""

    def __init__(
        self, telegram: TelegramEmulator, database: Database, allowed: tuple[str, ...], patience: float
    ) -> None:
        self.woken = 0
        operating = Operating(database, [ADA], lambda: Fetcher("test", allowed_hosts=allowed), self._wake, patience)
        super().__init__(telegram, database, [ADA], operating)
        self.home = telegram.private_chat(self.ada)

    def _wake(self) -> None:
        self.woken += 1

    async def look(self, text: str) -> SentMessage:
        """Type what is looked at, and return the answer after the one that says so."""
        before = await self.ask(self.home, self.ada, text)
        assert before.text.startswith("Looking at "), before.text
        return await self.next(self.home, before)

    async def next(self, chat: Chat, after: SentMessage) -> SentMessage:
        """Return the message after another."""
        return await self.telegram.wait_for(
            lambda: next((each for each in self.telegram.messages(chat) if each.message_id > after.message_id), None)
        )

    async def sources(self) -> dict[str, Source]:
        """List what is watched."""
        return {each.slug: each for each in await self.database.read(source_store.sources)}


Seat = Callable[..., Desk]


@pytest.fixture
async def seat(telegram: TelegramEmulator, database: Database) -> AsyncIterator[Seat]:
    """Let people talk with a bot that may look at this machine, or not, for so many seconds."""
    made: list[Desk] = []

    def make(allowed: tuple[str, ...] = ("127.0.0.1",), patience: float = 30.0) -> Desk:
        made.append(Desk(telegram, database, allowed, patience))
        return made[-1]

    yield make
    for desk in made:
        await desk.close()


@pytest.fixture
async def desk(seat: Seat) -> Desk:
    """Start it."""
    made = seat()
    await made.adapter.start(made.commands)
    return made


async def test_source_is_added_after_a_look(desk: Desk, web: WebEmulator) -> None:
    """The first items are there to judge by; what is watched may be at public addresses only."""
    address = web.publish("/news.xml", pages.rss(NEWS, "Harbour News"), RSS)
    said = await desk.look(f"/source add {address} Harbour")
    assert "Harbour (feed) is watched from now on. It shows 5 items; the first 3:" in said.text
    assert said.text.count("Ferry number") == 3
    assert "/source remove harbour" in said.text
    source = (await desk.sources())["harbour"]
    assert (source.name, source.url, source.public_only) == ("Harbour", address, True)
    assert "• harbour — Harbour, feed" in (await desk.ask(desk.home, desk.ada, "/source list")).text
    assert "That is watched already, as harbour" in (await desk.look(f"/source add {address}")).text


async def test_page_is_watched_by_its_feed(desk: Desk, web: WebEmulator) -> None:
    """And is called what the feed calls itself; of two that are as good a person chooses."""
    link = f'<link rel="alternate" type="{RSS}" title="Harbour" href="/news.xml">'
    page = web.publish("/", f"<!doctype html><html><head>{link}</head><body><p>Harbour</p></body></html>")
    web.publish("/news.xml", pages.rss(NEWS, "Harbour News"), RSS)
    tested = await desk.look(f"/source test {page}")
    assert "it announces this feed" in tested.text
    assert "Nothing was changed." in tested.text
    assert "harbour-news" not in await desk.sources()
    said = await desk.look(f"/source add {page}")
    assert f"Harbour News (feed at {web.url}/news.xml) is watched" in said.text
    other = link.replace("Harbour", "Opinion").replace("/news.xml", "/opinion.xml")
    both = web.publish("/both", f"<!doctype html><html><head>{link}{other}</head><body></body></html>")
    web.publish("/opinion.xml", pages.rss(NEWS[:1], "Opinion"), RSS)
    said = await desk.look(f"/source add {both}")
    assert "None was added yet" in said.text
    assert f"/source add {web.url}/opinion.xml Opinion" in said.text
    assert "opinion" not in await desk.sources()


async def test_slow_site_keeps_nobody_waiting(desk: Desk, web: WebEmulator) -> None:
    """Whoever asks is told at once that it is looked at, and everybody else goes on."""
    address = web.publish("/news.xml", pages.rss(NEWS), RSS)
    web.fail("/news.xml", "stall")
    looking = await desk.ask(desk.home, desk.ada, f"/source test {address}")
    await web.wait_for_requests("/news.xml")
    bobs = desk.telegram.private_chat(desk.bob)
    assert "Following" in (await desk.ask(bobs, desk.bob, "/follow Marta Quill")).text
    assert "Harbour story" in (await desk.ask(desk.home, desk.ada, "/latest 1")).text
    assert len(desk.telegram.messages(desk.home)) == 2
    web.release()
    latest = desk.telegram.messages(desk.home)[-1]
    assert "Read as feed" in (await desk.next(desk.home, latest)).text
    assert looking.text == f"Looking at {address} …"


async def test_look_has_an_end(seat: Seat, web: WebEmulator) -> None:
    """A site that never answers is one sentence in the end."""
    desk = seat(patience=0.05)
    await desk.adapter.start(desk.commands)
    address = web.publish("/news.xml", pages.rss(NEWS), RSS)
    web.fail("/news.xml", "stall")
    said = await desk.look(f"/source add {address} Harbour")
    assert "Nothing was changed: try later" in said.text
    assert "harbour" not in await desk.sources()
    web.release()


async def test_bot_that_stops_ends_its_looks(desk: Desk, web: WebEmulator) -> None:
    """Nothing is added behind the back of whoever stopped it."""
    address = web.publish("/news.xml", pages.rss(NEWS), RSS)
    web.fail("/news.xml", "stall")
    await desk.ask(desk.home, desk.ada, f"/source add {address} Harbour")
    await web.wait_for_requests("/news.xml")
    await desk.adapter.stop_receiving()
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "answer later"]
    # It was ended, not waited for: that would have had an answer.
    assert len(desk.telegram.messages(desk.home)) == 1
    assert "harbour" not in await desk.sources()
    web.release()


async def test_private_addresses_are_not_looked_at(seat: Seat, web: WebEmulator) -> None:
    """Who may type to the bot may not look into its network by it, not even as an operator."""
    desk = seat(allowed=())
    await desk.adapter.start(desk.commands)
    address = web.publish("/news.xml", pages.rss(NEWS), RSS)
    for verb in ("add", "test"):
        said = await desk.look(f"/source {verb} {address}")
        assert "Nothing was changed." in said.text
        assert "leads to a private address" in said.text
    assert web.requests == []
    assert set(await desk.sources()) == {"wire"}


async def test_what_cannot_be_a_source_is_told_with_a_remedy(desk: Desk, web: WebEmulator) -> None:
    """A sentence each, and nothing changes."""
    page = web.publish("/page", "<!doctype html><html><body><p>Nothing here.</p></body></html>")
    said = (await desk.look(f"/source add {page}")).text
    assert "no feed was found" in said
    assert "--kind page --select" in said
    assert "404" in (await desk.look(f"/source add {web.url}/none")).text
    for typed, part in (
        ("source add harbour", "harbour is neither a web address nor the name of a source that was removed"),
        ("source remove wier", "There is no source wier. Did you mean wire?"),
        ("source test nothing at all", "There is no source nothing at all."),
        ("source", "/source add https://example.org/news watches a feed"),
        ("source paint x", "/source add https://example.org/news watches a feed"),
    ):
        assert part in (await desk.ask(desk.home, desk.ada, f"/{typed}")).text
    assert set(await desk.sources()) == {"wire"}


async def test_removed_source_comes_back_by_its_name(desk: Desk) -> None:
    """And who did it is written down."""
    assert "wire is not watched any more" in (await desk.ask(desk.home, desk.ada, "/source remove wire")).text
    assert await desk.sources() == {}
    assert "wire is watched again" in (await desk.ask(desk.home, desk.ada, "/source add wire")).text
    assert set(await desk.sources()) == {"wire"}
    assert await desk.database.read(audit.newest) == 2


async def test_to_others_there_is_no_such_command(desk: Desk) -> None:
    """Not for members, nor for administrators of groups, nor for whoever hides among these."""
    bobs = desk.telegram.private_chat(desk.bob)
    group = desk.telegram.group("Lobby", [desk.bob, desk.ada], supergroup=True)
    for typed in ("source remove wire", f"source add {LINK}", "source"):
        assert (
            await desk.ask(bobs, desk.bob, f"/{typed}")
        ).text == "There is no command source. Did you mean /sources?"
    assert "There is no command pick" in (await desk.ask(bobs, desk.bob, f"/pick {LINK} Ferry")).text
    assert "There is no command source" in (await desk.ask(group, desk.bob, "/source@phiwire_test_bot list")).text
    assert "• wire — The Wire" in (await desk.ask(group, desk.ada, "/source@phiwire_test_bot list")).text
    desk.telegram.hide(group, desk.ada)
    assert "There is no command source" in (await desk.ask(group, desk.ada, "/source@phiwire_test_bot list")).text
    assert "source add" not in (await desk.ask(bobs, desk.bob, "/help")).text
    assert "/source add ADDRESS" in (await desk.ask(desk.home, desk.ada, "/help")).text
    assert set(await desk.sources()) == {"wire"}


async def test_what_operators_type_is_of_no_channel_that_they_manage(desk: Desk, web: WebEmulator) -> None:
    """Not by its name, nor by its rights: both are the bot's."""
    channel = desk.telegram.channel("Harbour news", [desk.bob, desk.ada])
    await desk.ask(desk.home, desk.ada, f"/manage {channel.id} Harbour news")
    assert "Harbour news" in (await desk.ask(desk.home, desk.ada, "/filters")).text
    desk.telegram.set_status(channel, desk.ada, "member")
    address = web.publish("/news.xml", pages.rss(NEWS, "Harbour News"), RSS)
    said = await desk.look(f"/source add {address} Harbour")
    assert said.text.startswith("Harbour (feed) is watched from now on.")
    assert "On the wire" in (await desk.ask(desk.home, desk.ada, f"/pick {LINK} Ferry vote survives")).text
    assert "Only administrators of Harbour news" in (await desk.ask(desk.home, desk.ada, "/filters")).text


async def test_password_of_an_address_is_repeated_nowhere(desk: Desk, web: WebEmulator) -> None:
    """The site gets it; no answer does, whether it goes well or not."""
    web.publish("/news.xml", pages.rss(NEWS, "Harbour News"), RSS)
    web.publish("/page", "<!doctype html><html><body><p>Nothing here.</p></body></html>")
    web.publish("/broken.xml", "<rss><chan", RSS)
    before = len(desk.telegram.messages(desk.home))
    for path in ("news.xml", "page", "broken.xml", "none"):
        address = f"{web.url}/{path}?key=hidden-key".replace("http://", "http://ada:hidden-word@")
        await desk.look(f"/source test {address}")
        await desk.look(f"/source add {address}")
    said = "\n".join(each.html for each in desk.telegram.messages(desk.home)[before:])
    assert "is watched from now on" in said
    assert "no feed was found" in said
    assert "hidden" not in said


async def test_pick_goes_to_whoever_wants_it(desk: Desk) -> None:
    """As an entry like any other: filters decide, also those that name its author."""
    bobs = desk.telegram.private_chat(desk.bob)
    await desk.ask(bobs, desk.bob, "/follow Marta Quill")
    said = await desk.ask(desk.home, desk.ada, f"/pick {LINK} Marta Quill | Ferry vote survives")
    assert "Marta Quill | Ferry vote survives — Hand picked, 12:00" in said.text
    assert desk.woken == 1
    assert (await desk.database.write(Matcher().match, NOW)).deliveries == 1
    assert "Ferry vote survives" in (await desk.ask(bobs, desk.bob, "/latest 1")).text
    said = await desk.ask(desk.home, desk.ada, f"/pick {LINK}?utm_source=x Marta Quill | Ferry vote survives")
    assert "That is on the wire already" in said.text
    said = await desk.ask(desk.home, desk.ada, f"/pick {LINK} Ferry vote fails")
    assert "Corrected" in said.text
    assert "Marta Quill | Ferry vote fails" in said.text
    assert desk.woken == 2
    # What a source brought is there already; a link of another form is the same.
    await put_on_the_wire(desk.database, [Item("buoy", "wire", "Buoy found", url="https://harbour.example/buoy")])
    said = await desk.ask(desk.home, desk.ada, "/pick https://harbour.example/buoy/?utm_source=x Bob | Buoy lost")
    assert "That is on the wire already" in said.text
    assert "Buoy found" in said.text
    assert desk.woken == 2
    # Another query is another article.
    assert "On the wire" in (await desk.ask(desk.home, desk.ada, f"/pick {LINK}?id=2 Levy passes")).text


@pytest.mark.parametrize(
    "typed", ["pick", "pick Ferry vote", f"pick {LINK}", f"pick {LINK} Marta |", "pick https:// x"]
)
async def test_pick_needs_a_link_and_a_headline(desk: Desk, typed: str) -> None:
    """What is incomplete is shown how it is done."""
    said = (await desk.ask(desk.home, desk.ada, f"/{typed}")).text
    assert "Give a link and a headline" in said
    assert desk.woken == 0


async def test_answer_waits_for_the_look_where_nobody_else_does(database: Database, web: WebEmulator) -> None:
    """Slack takes one answer for a command, however late."""
    operating = Operating(
        database, [Operator("slack", "U1")], lambda: Fetcher("t", allowed_hosts=("127.0.0.1",)), lambda: None
    )
    commands = Commands(database, lambda: NOW, lambda: None, "Europe/London", operating=operating)
    address = web.publish("/news.xml", pages.rss(NEWS), RSS)
    request = Request("slack", "C1", f"source add {address} Harbour", "@ada", yes, actor_id="U1", is_private=True)
    answer = await commands.answer(request)
    assert "is watched from now on" in "".join(span.text for line in answer for span in line)
