"""One poll against a real web server: what it commits, and what it leaves for the next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.db import Database
from bot.model import Entry, Source
from bot.sources.documents import Page, Unreadable
from bot.sources.fetch import Fetcher
from bot.sources.reading import Reader
from bot.wire import source_store, store
from bot.wire.poller import MOST_POLLS, Poller
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


async def test_document_that_takes_too_long_is_given_up(bench: Bench) -> None:
    """A hostile page must not hold its source's task, nor the end of the process."""
    page = Page(bench.source.url, pages.press_release_list([OLD]).encode(), "text/html")
    with pytest.raises(Unreadable, match="more than 0 seconds"):
        await Reader(seconds=0).read(page, bench.source, NOW)
    assert len(await Reader().read(page, bench.source, NOW)) == 1


async def test_password_of_a_source_stays_with_its_request(web: WebEmulator, bench: Bench) -> None:
    """Relative links are resolved against the page's address, and end in chats."""
    secret = replace(bench.source, slug="secret", url=f"{web.url.replace('://', '://user:secret@')}/releases")
    await bench.database.write(source_store.put_source, secret, "file")
    await bench.poller.poll(secret)
    entries = [entry for entry in await bench.entries() if entry.source == "secret"]
    assert entries
    assert not any("secret@" in entry.url for entry in entries)
    assert "authorization" in {name.lower() for name in web.requests_for("/releases")[-1].headers}
