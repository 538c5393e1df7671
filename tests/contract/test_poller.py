"""One poll against a real web server: what it commits, and what it leaves for the next."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.db import Database
from bot.model import Entry, Source
from bot.sources.fetch import Fetcher
from bot.wire import rhythm, source_store, store
from bot.wire.completing import MOST_POLLS
from bot.wire.poller import Poller
from bot.wire.rhythm import Rhythm
from tests.emulators import pages
from tests.emulators.web import WebEmulator

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
OLD = pages.Release("Coastal Office", "Harbour fund opens", "/release/1", ("Forty towns may apply.",))
NEW = pages.Release("Coastal Office", "Night ferry confirmed", "/release/2", ("Two vessels replace one.",))


class Bench:
    """A poller on a site, with a clock that stands."""

    def __init__(self, web: WebEmulator, database: Database, fetcher: Fetcher) -> None:
        self.database = database
        self.source = Source("r", "Releases", "press_releases", f"{web.url}/releases", timedelta(minutes=1))
        self.poller = Poller(database, fetcher, timedelta(minutes=2), lambda: NOW, lambda: None)

    async def poll(self) -> datetime:
        """Poll once."""
        return await self.poller.poll(self.source)

    async def entries(self) -> list[Entry]:
        """List what is on the wire, newest first."""
        return list(await self.database.read(store.latest, 25))


@pytest.fixture
async def bench(web: WebEmulator, tmp_path: Path) -> AsyncIterator[Bench]:
    """Read the baseline."""
    database, fetcher = Database(tmp_path / "phiwire.db"), Fetcher("test")
    made = Bench(web, database, fetcher)
    await database.write(source_store.put_source, made.source, "file")
    web.publish("/releases", pages.press_release_list([OLD]))
    await made.poll()
    yield made
    await fetcher.close()
    await asyncio.to_thread(database.close)


def publish(web: WebEmulator) -> None:
    """Add the new release to the list; its own page is another matter."""
    web.publish("/releases", pages.press_release_list([NEW, OLD]))


async def test_release_is_completed_from_its_own_page(web: WebEmulator, bench: Bench) -> None:
    """A list shows titles; filters look into the text."""
    publish(web)
    web.publish(NEW.path, pages.press_release_page(NEW))
    await bench.poll()
    newest = (await bench.entries())[0]
    assert (newest.organisation, newest.headline, newest.body) == (
        "Coastal Office",
        "Night ferry confirmed",
        "Two vessels replace one.",
    )


async def test_release_whose_page_is_down_waits_for_the_next_poll(web: WebEmulator, bench: Bench) -> None:
    """Matched without its text it would miss its readers for good."""
    publish(web)
    web.fail(NEW.path, 503)
    web.publish(NEW.path, pages.press_release_page(NEW))
    await bench.poll()
    assert [entry.headline for entry in await bench.entries()] == ["Harbour fund opens"]
    await bench.poll()
    assert [entry.body for entry in await bench.entries() if entry.headline == NEW.headline] == [NEW.paragraphs[0]]


async def test_release_whose_page_stays_down_goes_out_as_listed(web: WebEmulator, bench: Bench) -> None:
    """News without its text is better than none."""
    publish(web)
    web.fail(NEW.path, 503, times=MOST_POLLS)
    for _ in range(MOST_POLLS):
        await bench.poll()
    newest = (await bench.entries())[0]
    assert (newest.headline, newest.body) == ("Night ferry confirmed", "")


async def test_release_whose_page_is_gone_goes_out_at_once(web: WebEmulator, bench: Bench) -> None:
    """Asking again would only be late."""
    publish(web)
    await bench.poll()
    assert len(await bench.entries()) == 2


async def test_corrected_release_whose_page_is_down_is_corrected_later(web: WebEmulator, bench: Bench) -> None:
    """An answer that was not used up must not be taken for "unchanged" the next time."""
    corrected = replace(OLD, headline="Harbour fund opens in May")
    web.publish("/releases", pages.press_release_list([corrected]))
    web.fail(OLD.path, 503)
    web.publish(OLD.path, pages.press_release_page(corrected))
    await bench.poll()
    await bench.poll()
    assert [(entry.headline, entry.revision) for entry in await bench.entries()] == [("Harbour fund opens in May", 2)]


async def test_failed_poll_is_told_and_tried_again_later(web: WebEmulator, bench: Bench) -> None:
    """The reason stands with the source, for `sources` and `status`."""
    web.fail("/releases", 500)
    due = await bench.poll()
    assert due >= NOW + 2 * timedelta(minutes=1)
    (state,) = await bench.database.read(source_store.source_states)
    assert (state.failures, "500" in state.error) == (1, True)
    await bench.poll()
    (state,) = await bench.database.read(source_store.source_states)
    assert (state.failures, state.error) == (0, "")


async def test_unasked_304_is_no_baseline(web: WebEmulator, bench: Bench) -> None:
    """After it, everything there is would be news."""
    other = replace(bench.source, slug="other", url=f"{web.url}/other")
    await bench.database.write(source_store.put_source, other, "file")
    web.fail("/other", 304)
    await bench.poller.poll(other)
    assert not (await bench.database.read(source_store.poll_state, "other")).has_baseline


async def test_password_of_a_source_stays_with_its_request(web: WebEmulator, bench: Bench) -> None:
    """Relative links are resolved against the page's address, and end in chats."""
    secret = replace(bench.source, slug="secret", url=f"{web.url.replace('://', '://user:secret@')}/releases")
    await bench.database.write(source_store.put_source, secret, "file")
    await bench.poller.poll(secret)
    entries = [entry for entry in await bench.entries() if entry.source == "secret"]
    assert entries
    assert not any("secret@" in entry.url for entry in entries)
    assert "authorization" in {name.lower() for name in web.requests_for("/releases")[-1].headers}


FEED = """<rss version="2.0"><channel><title>The Wire</title>{hints}{items}</channel></rss>"""
ITEM = "<item><title>{0}</title><guid>{0}</guid><pubDate>{1:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"


class Clocked:
    """A poller on a feed without an interval of its own, with a clock that a test moves."""

    def __init__(self, web: WebEmulator, bench: Bench) -> None:
        self.now = NOW
        self.web = web
        self.database = bench.database
        self.source = Source("feed", "Feed", "feed", f"{web.url}/feed")
        self.poller = Poller(
            bench.database, bench.poller._fetcher, timedelta(minutes=2), lambda: self.now, lambda: None
        )

    def publish(self, *hours_ago: float, hints: str = "", headers: dict[str, str] | None = None) -> None:
        """List items that came so many hours before noon."""
        items = "".join(ITEM.format(f"Ferry {ago}", NOW - timedelta(hours=ago)) for ago in hours_ago)
        self.web.publish("/feed", FEED.format(hints=hints, items=items), "application/rss+xml", headers=headers)

    async def poll(self) -> timedelta:
        """Poll, and say after which pause the next poll is due."""
        return await self.poller.poll(self.source) - self.now

    async def learnt(self) -> Rhythm:
        """Read what the database has."""
        await self.poller.commit()
        state = await self.database.read(source_store.poll_state, "feed")
        return rhythm.from_json(state.rhythm, self.source.timezone, state.last_ok_at)


@pytest.fixture
async def clocked(web: WebEmulator, bench: Bench) -> Clocked:
    """Put the feed beside the releases."""
    made = Clocked(web, bench)
    await made.database.write(source_store.put_source, made.source, "file")
    return made


async def test_rhythm_is_learnt_from_the_baseline_and_from_what_comes(clocked: Clocked) -> None:
    """What a feed lists tells weeks at once; each look adds to it, in the hour in which something came."""
    clocked.publish(*(hours + 0.5 for hours in range(20)))
    await clocked.poll()
    first = await clocked.learnt()
    assert sum(first.hours) > 10
    clocked.publish(-0.01, *(hours + 0.5 for hours in range(20)))
    clocked.now += timedelta(minutes=2)
    await clocked.poll()
    second = await clocked.learnt()
    assert [hour % 24 for hour in range(168) if second.hours[hour] > first.hours[hour] + 0.5] == [12]
    clocked.now += timedelta(minutes=2)
    await clocked.poll()
    third = await clocked.learnt()
    assert (third.hours, third.until) == (second.hours, clocked.now.timestamp())


async def test_budget_goes_to_the_source_that_brings_news(web: WebEmulator, clocked: Clocked) -> None:
    """The quiet one waits longer, so that the busy one need not; an operator's interval is kept."""
    quiet = replace(clocked.source, slug="quiet", url=f"{web.url}/quiet")
    await clocked.database.write(source_store.put_source, quiet, "file")
    web.publish("/quiet", FEED.format(hints="", items=ITEM.format("Harbour", NOW - timedelta(days=90))))
    clocked.publish(*(hours / 4 for hours in range(1, 100)))
    assert await clocked.poll() == timedelta(minutes=2)
    await clocked.poller.poll(quiet)
    fixed = replace(clocked.source, every=timedelta(minutes=3))
    await clocked.poller.share_budget([clocked.source, quiet, replace(fixed, slug="fixed")])
    assert await clocked.poll() < timedelta(seconds=110)
    assert await clocked.poller.poll(quiet) > NOW + timedelta(minutes=4)
    assert await clocked.poller.poll(fixed) == NOW + timedelta(minutes=3)


@pytest.mark.parametrize(
    ("hints", "headers", "shortest"),
    [
        ("<ttl>10</ttl>", {}, timedelta(minutes=10)),
        ("", {"Cache-Control": "public, max-age=600"}, timedelta(minutes=10)),
        ("", {"Cache-Control": "max-age=600", "Age": "300"}, timedelta(minutes=5)),
        ("<skipHours><hour>12</hour></skipHours>", {}, timedelta(hours=1)),
    ],
)
async def test_what_a_feed_asks_for_is_kept_also_when_it_is_unchanged(
    clocked: Clocked, hints: str, headers: dict[str, str], shortest: timedelta
) -> None:
    """Most answers have no body, and mean what the last one said."""
    clocked.publish(*(hours / 4 for hours in range(1, 100)), hints=hints, headers=headers)
    await clocked.poller.share_budget([clocked.source])
    assert await clocked.poll() >= shortest
    assert await clocked.poll() >= shortest


async def test_source_with_another_address_starts_to_learn_anew(clocked: Clocked) -> None:
    """Its hours are another's."""
    clocked.publish(*range(1, 20))
    await clocked.poll()
    moved = replace(clocked.source, url=clocked.source.url + "?moved")
    await clocked.database.write(source_store.put_source, moved, "file")
    assert (await clocked.learnt()).since is None


async def test_change_note_of_govuk_becomes_a_revision(web: WebEmulator, bench: Bench) -> None:
    """Its list shows neither text nor note: only the public timestamp steps, and later a notice stands there."""
    path = "/government/news/night-ferry"

    def show(stamp: str, body: str, *notes: str, **members: object) -> None:
        result = {"title": "Night ferry", "link": path, "public_timestamp": stamp}
        web.publish("/api/search.json", json.dumps({"results": [result]}), "application/json")
        history = [{"note": note, "public_timestamp": f"2026-03-0{day}T09:00:00Z"} for day, note in enumerate(notes, 1)]
        content = {"title": "Night ferry", "base_path": path, "details": {"body": body, "change_history": history}}
        web.publish(f"/api/content{path}", json.dumps(content | members), "application/json")

    bench.source = Source("g", "GOV.UK", "govuk", f"{web.url}/api/search.json")
    await bench.database.write(source_store.put_source, bench.source, "file")
    web.publish("/api/search.json", json.dumps({"results": []}), "application/json")
    await bench.poll()
    show("2026-03-01T09:00:00Z", "<p>Two vessels.</p>", "First published.")
    await bench.poll()
    await bench.poll()
    show("2026-03-02T09:00:00Z", "<p>Three vessels.</p>", "First published.", "Corrected the number.")
    await bench.poll()
    show("2026-03-03T09:00:00Z", "<p>Three vessels.</p>", withdrawn_notice={"explanation": "<p>Out of date.</p>"})
    await bench.poll()
    entry = next(each for each in await bench.entries() if each.source == "g")
    assert (entry.revision, entry.body, entry.change_note, entry.withdrawn) == (
        3,
        "Three vessels.",
        "Out of date.",
        True,
    )
    kept = await bench.database.read(
        lambda connection: connection.execute("SELECT body, change_note FROM revisions ORDER BY revision").fetchall()
    )
    assert [tuple(row) for row in kept] == [("Two vessels.", ""), ("Three vessels.", "Corrected the number.")]
    assert len(web.requests_for(f"/api/content{path}")) == 3


async def test_release_whose_page_is_closed_to_programs_goes_out_as_listed(web: WebEmulator, bench: Bench) -> None:
    """At once, for waiting opens nothing; and where the list is closed too, that is told and not taken for gone."""
    publish(web)
    web.publish(NEW.path, pages.press_release_page(NEW))
    web.publish("/robots.txt", f"User-agent: *\nDisallow: {NEW.path}\nDisallow: /list", "text/plain")
    database, fetcher = bench.database, Fetcher("test")
    poller = Poller(database, fetcher, timedelta(minutes=2), lambda: NOW, lambda: None)
    await poller.poll(bench.source)
    newest = (await bench.entries())[0]
    assert (newest.headline, newest.body) == ("Night ferry confirmed", "")
    await poller.poll(replace(bench.source, url=f"{web.url}/list"))
    (state,) = await database.read(source_store.source_states)
    assert f"{web.url}/robots.txt asks programs not to" in state.error
    assert web.requests_for("/list") == web.requests_for(NEW.path) == []
    await fetcher.close()
