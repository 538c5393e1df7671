"""News by WebSub: a feed names its hub, the hub is asked and asks back, and what it sends is on the wire at once."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.db import Database
from bot.model import Source
from bot.sources.fetch import Fetcher
from bot.web import websub
from bot.web.server import ListenError, WebServer
from bot.wire import source_store, store
from bot.wire.hubs import ANSWER_TIME, REFUSAL_TIME, SHORTEST_LEASE, Hubs
from bot.wire.poller import Poller
from tests.emulators import pages
from tests.emulators.hub import HubEmulator
from tests.emulators.pages import FeedItem
from tests.emulators.server import Fault
from tests.emulators.web import WebEmulator

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
OLD = FeedItem("Harbour fund opens", "https://example.org/1", "one")
NEW = FeedItem("Night ferry confirmed", "https://example.org/2", "two")


def feed(*items: FeedItem) -> str:
    """Write a feed."""
    return pages.rss(items)


class Bench:
    """A poller and what listens to hubs, with a clock that is set by hand."""

    def __init__(self, web: WebEmulator, hub: HubEmulator, database: Database, fetcher: Fetcher) -> None:
        self.web = web
        self.hub = hub
        self.database = database
        self.fetcher = fetcher
        self.now = NOON
        self.rung = 0
        self.source = Source("news", "News", "feed", f"{web.url}/feed", timedelta(minutes=5))
        self.poller = Poller(database, fetcher, timedelta(minutes=5), lambda: self.now, lambda: None)
        self.hubs = self.listening_at("")

    def listening_at(self, address: str) -> Hubs:
        """Make what listens to hubs."""
        return Hubs(self.database, self.fetcher, lambda: self.now, address, self._ring)

    def _ring(self) -> None:
        self.rung += 1

    def publish(self, *items: FeedItem, hub: str | None = None) -> None:
        """Publish a feed that names the hub."""
        links = (
            f'<{hub if hub is not None else self.hub.url + "/hub"}>; rel="hub", <https://topic.example/feed>; rel=self'
        )
        self.web.publish("/feed", feed(*items), "application/rss+xml", headers={"Link": links})

    async def look(self) -> None:
        """Poll once."""
        await self.poller.poll(self.source)

    async def subscribe(self) -> dict[str, str]:
        """Poll, ask the hub, and give what it was asked."""
        await self.look()
        await self.hubs.ask()
        return self.hub.forms[-1]

    async def headlines(self) -> list[str]:
        """List what is on the wire, newest first."""
        return [entry.headline for entry in await self.database.read(store.latest, 25)]

    async def unmatched(self) -> list[str]:
        """List what will be sent to whoever wants it."""
        return await self.database.read(_unmatched)


def _unmatched(connection: sqlite3.Connection) -> list[str]:
    found = connection.execute("SELECT headline FROM entries WHERE matched_at IS NULL ORDER BY id")
    return [row["headline"] for row in found]


@pytest.fixture
async def hub() -> AsyncIterator[HubEmulator]:
    """Run a hub."""
    async with HubEmulator() as emulator:
        yield emulator


@pytest.fixture
async def bench(web: WebEmulator, hub: HubEmulator, tmp_path: Path) -> AsyncIterator[Bench]:
    """Listen, and have a source with a baseline whose feed names the hub."""
    database, fetcher = Database(tmp_path / "phiwire.db"), Fetcher("test")
    made = Bench(web, hub, database, fetcher)
    routes = websub.routes(made.hubs)
    server = WebServer("127.0.0.1", 0, routes)
    await server.start()
    made.hubs._address = f"http://127.0.0.1:{server.port}{websub.PATH}"
    await database.write(source_store.put_source, made.source, "file")
    made.publish(OLD)
    yield made
    await server.close()
    await fetcher.close()
    await asyncio.to_thread(database.close)


async def test_what_a_hub_sends_is_on_the_wire_at_once_and_only_once(bench: Bench) -> None:
    """The poll that follows finds the same entry."""
    form = await bench.subscribe()
    assert (form["hub.mode"], form["hub.topic"]) == ("subscribe", "https://topic.example/feed")
    assert await bench.hub.ask_back(form) == (200, "quay-4711")
    assert await bench.hub.send(form, feed(NEW)) == 204
    assert await bench.unmatched() == ["Night ferry confirmed"]
    assert bench.rung == 1
    (state,) = await bench.database.read(source_store.source_states)
    assert state.pushed_until == NOON + timedelta(days=10)
    bench.publish(NEW, OLD)
    await bench.look()
    assert sorted(await bench.headlines()) == ["Harbour fund opens", "Night ferry confirmed"]
    assert await bench.hub.send(form, feed(NEW)) == 204
    assert (len(await bench.headlines()), bench.rung) == (2, 1)


async def test_a_part_of_the_feed_is_no_gap_and_what_it_lacks_is_not_gone(bench: Bench) -> None:
    """Hubs send what is new and not the list."""
    form = await bench.subscribe()
    await bench.hub.send(form, feed(NEW))
    bench.publish(NEW, OLD)
    await bench.look()
    (state,) = await bench.database.read(source_store.source_states)
    assert (state.gaps, state.trouble, state.last_new_at) == (0, "", NOON)


async def test_a_correction_is_sent_by_the_hub_too(bench: Bench) -> None:
    """It is the entry's second revision, not an entry."""
    form = await bench.subscribe()
    await bench.hub.send(form, feed(replace(OLD, title="Harbour fund opens on Monday")))
    assert await bench.headlines() == ["Harbour fund opens on Monday"]


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
async def test_every_signature_of_the_standard_is_known(bench: Bench, method: str) -> None:
    """Section 7.1 names four."""
    form = await bench.subscribe()
    await bench.hub.send(form, feed(NEW), method=method)
    assert await bench.unmatched() == ["Night ferry confirmed"]


@pytest.mark.parametrize(("secret", "method"), [("", "sha256"), ("guessed", "sha256"), (None, "md5")])
async def test_what_is_not_signed_by_the_hub_changes_nothing(bench: Bench, secret: str | None, method: str) -> None:
    """Whoever learns the address could put words into anybody's mouth."""
    form = await bench.subscribe()
    assert await bench.hub.send(form, feed(NEW), secret=secret, method=method) == 204
    assert await bench.headlines() == ["Harbour fund opens"]


async def test_an_address_that_nobody_was_given_is_gone(bench: Bench) -> None:
    """Section 7: then a hub may forget us. It is not even read what it sends."""
    form = await bench.subscribe()
    unknown = form | {"hub.callback": form["hub.callback"] + "x"}
    assert await bench.hub.send(unknown, "x" * 6_000_000) == 410
    assert (await bench.hub.ask_back(unknown))[0] == 404


@pytest.mark.parametrize("body", ["", "nonsense", "<html><body>Sign in</body></html>", "<rss", '{"items": 1}'])
async def test_nonsense_is_passed_over(bench: Bench, body: str) -> None:
    """Polling brings what it should have been."""
    form = await bench.subscribe()
    assert await bench.hub.send(form, body) == 204
    assert await bench.headlines() == ["Harbour fund opens"]


async def test_a_body_beyond_the_limit_is_refused(bench: Bench) -> None:
    """A feed is not as large."""
    form = await bench.subscribe()
    assert await bench.hub.send(form, "x" * 5_000_001) == 413


async def test_only_what_was_asked_is_confirmed(bench: Bench) -> None:
    """Anybody may ask back; another topic, or the end of it, is not what we wanted."""
    form = await bench.subscribe()
    assert (await bench.hub.ask_back(form, topic="https://topic.example/other"))[0] == 404
    assert (await bench.hub.ask_back(form, mode="unsubscribe"))[0] == 404
    assert (await bench.hub.ask_back(form, mode="publish"))[0] == 404


async def test_a_lease_is_renewed_before_it_ends(bench: Bench) -> None:
    """Three quarters of it are enough to try again in the last."""
    form = await bench.subscribe()
    await bench.hub.ask_back(form, lease="86400")
    bench.now = NOON + timedelta(hours=17)
    await bench.hubs.ask()
    assert len(bench.hub.forms) == 1
    bench.now = NOON + timedelta(hours=18)
    await bench.hubs.ask()
    assert bench.hub.forms == [form, form]


@pytest.mark.parametrize("lease", ["0", "-1", "nonsense", "", "1"])
async def test_a_strange_lease_does_not_have_us_ask_all_day(bench: Bench, lease: str) -> None:
    """It counts as the shortest, or where it is no number as what we asked for."""
    form = await bench.subscribe()
    assert (await bench.hub.ask_back(form, lease=lease))[0] == 200
    bench.now = NOON + SHORTEST_LEASE / 2
    await bench.hubs.ask()
    assert len(bench.hub.forms) == 1


async def test_a_hub_that_does_not_answer_is_asked_again_after_an_hour(bench: Bench) -> None:
    """Polling brings the news until then."""
    bench.hub.script("/hub", Fault(status=503))
    await bench.look()
    await bench.hubs.ask()
    assert bench.hub.forms == []
    bench.now = NOON + ANSWER_TIME - timedelta(seconds=1)
    await bench.hubs.ask()
    assert bench.hub.forms == []
    bench.now = NOON + ANSWER_TIME
    await bench.hubs.ask()
    assert len(bench.hub.forms) == 1


async def test_a_hub_that_refuses_is_left_alone_for_a_day(bench: Bench) -> None:
    """Section 5.2."""
    form = await bench.subscribe()
    await bench.hub.ask_back(form)
    assert (await bench.hub.ask_back(form, mode="denied"))[0] == 200
    bench.now = NOON + REFUSAL_TIME - timedelta(seconds=1)
    await bench.hubs.ask()
    assert len(bench.hub.forms) == 1
    bench.now = NOON + REFUSAL_TIME
    await bench.hubs.ask()
    assert len(bench.hub.forms) == 2


async def test_another_address_of_ours_is_told_to_hubs(bench: Bench) -> None:
    """Whoever moves the bot sets PHIWIRE_PUBLIC_URL anew."""
    form = await bench.subscribe()
    await bench.hub.ask_back(form)
    running = asyncio.create_task(bench.listening_at("https://moved.example/websub").run())
    await bench.hub.wait_for(lambda: len(bench.hub.forms) == 2)
    running.cancel()
    assert bench.hub.forms[1]["hub.callback"].startswith("https://moved.example/websub/")


async def test_another_hub_is_asked_and_the_old_one_knows_us_no_longer(bench: Bench) -> None:
    """A new token and a new secret: what the old one knows is worth nothing."""
    form = await bench.subscribe()
    await bench.hub.ask_back(form)
    bench.publish(OLD, NEW, hub=f"{bench.hub.url}/hub?new")
    new = await bench.subscribe()
    assert (new["hub.callback"], new["hub.secret"]) != (form["hub.callback"], form["hub.secret"])
    assert await bench.hub.send(form, feed(NEW)) == 410


async def test_a_feed_without_hub_has_nobody_asked(bench: Bench) -> None:
    """Also one that had one."""
    await bench.look()
    bench.web.publish("/feed", feed(OLD, NEW), "application/rss+xml")
    await bench.look()
    await bench.hubs.ask()
    assert bench.hub.forms == []


async def test_a_removed_source_is_not_listened_to(bench: Bench) -> None:
    """Its hub is told so when it sends."""
    form = await bench.subscribe()
    await bench.database.write(source_store.remove_source, "news", NOON)
    assert await bench.hub.send(form, feed(NEW)) == 410


async def test_a_private_hub_of_somebody_elses_feed_is_not_even_dialled(bench: Bench) -> None:
    """A feed could have us post to any machine of the operator's network."""
    source = replace(bench.source, url=bench.source.url.replace("127.0.0.1", "localhost"))
    await bench.database.write(source_store.put_source, source, "added")
    bench.source = replace(source, public_only=False)
    await bench.look()
    await bench.hubs.ask()
    assert bench.hub.forms == []


async def test_a_port_that_is_taken_is_named_with_its_remedy(bench: Bench) -> None:
    """The sentence names the setting."""
    second = WebServer("127.0.0.1", bench.hub.port, [])
    with pytest.raises(ListenError, match=r"PHIWIRE_LISTEN: .* another program does: end that one, or choose another"):
        await second.start()
