"""What operators learn of a source, from real looks at a real server, by the hour."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.db import Database
from bot.model import Operator, Source, SourceState
from bot.sources.fetch import Fetcher
from bot.wire import source_store, store
from bot.wire.poller import SOON, Poller
from tests.emulators import pages
from tests.emulators.web import WebEmulator

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
EVERY = timedelta(minutes=5)
OPERATOR = Operator("telegram", "7")


class Bench:
    """A poller of one PhiWire page, with a clock that is set by hand and an operator."""

    def __init__(self, web: WebEmulator, database: Database, fetcher: Fetcher) -> None:
        self.web = web
        self.database = database
        self.now = NOON
        self.rung = 0
        self.source = Source("wire", "The Wire", "phiwire", f"{web.url}/wire", EVERY)
        self.poller = Poller(database, fetcher, EVERY, lambda: self.now, lambda: None, (OPERATOR,), self._ring)

    def _ring(self) -> None:
        self.rung += 1

    def show(self, *headlines: str) -> None:
        """Publish these rows, and nothing else."""
        self.web.publish("/wire", pages.phiwire_page([pages.Row("Ada Quill", each) for each in headlines]))

    async def look(self, minutes: float = 5, times: int = 1) -> datetime:
        """Look again, after so many minutes each time."""
        due = self.now
        for _ in range(times):
            self.now += timedelta(minutes=minutes)
            due = await self.poller.poll(self.source)
        return due

    async def told(self) -> list[str]:
        """List what the operator was told."""
        return await self.database.read(_notices)

    async def state(self) -> SourceState:
        """Tell how the source is doing."""
        (state,) = await self.database.read(source_store.source_states)
        return state


def _notices(connection: sqlite3.Connection) -> list[str]:
    found: Sequence[sqlite3.Row] = connection.execute(
        """
        SELECT e.headline FROM deliveries AS d JOIN entries AS e ON e.id = d.entry
            JOIN channels AS c ON c.id = d.channel
        WHERE e.source = '' AND (c.platform, c.address) = ('telegram', '7') ORDER BY d.id
        """
    ).fetchall()
    return [row["headline"] for row in found]


@pytest.fixture
async def bench(web: WebEmulator, tmp_path: Path) -> AsyncIterator[Bench]:
    """Read the baseline of five rows."""
    database, fetcher = Database(tmp_path / "phiwire.db"), Fetcher("test")
    made = Bench(web, database, fetcher)
    await database.write(source_store.put_source, made.source, "file")
    made.show("one", "two", "three", "four", "five")
    await made.look()
    yield made
    await fetcher.close()
    await asyncio.to_thread(database.close)


async def test_source_that_is_down_is_told_once_and_so_is_its_return(bench: Bench) -> None:
    """At noon it fell over, by one it was back: two messages."""
    bench.web.fail("/wire", 503, times=8)
    await bench.look(times=8)
    await bench.look(times=2)
    down, back = await bench.told()
    assert down.startswith("⚠ The Wire has not answered for 15 minutes: ")
    assert "503" in down
    assert back == "✓ The Wire answers again after 45 minutes."
    assert bench.rung == 2
    assert (await bench.state()).trouble == ""


async def test_one_failure_is_nobodys_business(bench: Bench) -> None:
    """Servers restart."""
    bench.web.fail("/wire", 503, times=2)
    await bench.look(times=3)
    assert await bench.told() == []


async def test_address_that_is_gone_is_told_as_that(bench: Bench) -> None:
    """Waiting does not help, a new address does."""
    bench.web.withdraw("/wire")
    await bench.look(times=4)
    (told,) = await bench.told()
    assert "asking again will not help" in told
    assert "404" in told


async def test_layout_that_changed_is_told(bench: Bench) -> None:
    """The page answers, and no row of it can be found any more."""
    bench.web.publish("/wire", "<html><body><div>Welcome to our new site</div></body></html>")
    await bench.look(times=4)
    (told,) = await bench.told()
    assert told.startswith("⚠ The Wire answers, but could not be read for 15 minutes: ")
    assert "phiwire source test wire" in told


async def test_list_that_shows_nothing_any_more_is_told(bench: Bench) -> None:
    """Placeholders alone are a page that can be read, and no news."""
    bench.show()
    await bench.look(times=14)
    (told,) = await bench.told()
    assert told.startswith("⚠ The Wire answers, but has shown nothing for 60 minutes: ")
    bench.show("one", "two")
    await bench.look()
    assert (await bench.told())[1] == "✓ The Wire shows entries again after 70 minutes."


async def test_window_that_overran_is_a_gap(bench: Bench) -> None:
    """A page that shows five, and five new ones: who knows whether there was a sixth."""
    bench.show("eleven", "ten", "nine", "eight", "seven")
    due = await bench.look()
    assert due == bench.now + SOON
    (told,) = await bench.told()
    assert told.startswith("⚠ Nothing is left of what The Wire showed 5 minutes ago")
    state = await bench.state()
    assert (state.gaps, state.last_gap_at) == (1, bench.now)
    assert len(await bench.database.read(store.latest, 25)) == 10


async def test_gaps_are_counted_and_told_once_in_a_while(bench: Bench) -> None:
    """A window that is too small overruns all day."""
    for number in range(3):
        bench.show(*(f"{number} {each}" for each in range(5)))
        await bench.look()
    assert (await bench.state()).gaps == 3
    assert len(await bench.told()) == 1


@pytest.mark.parametrize(
    "headlines",
    [
        ("six", "one", "two", "three", "four"),
        ("nine", "eight", "seven", "six", "five"),
        ("five", "four", "three", "two", "one"),
        ("one",),
        (),
    ],
)
async def test_what_still_shows_something_known_is_no_gap(bench: Bench, headlines: tuple[str, ...]) -> None:
    """Nothing can have come and gone between the two."""
    bench.show(*headlines)
    await bench.look()
    assert (await bench.state()).gaps == 0


async def test_source_that_moved_for_good_is_read_where_it_is(bench: Bench) -> None:
    """The old address may end, and asking there each time is one request too many."""
    bench.web.publish("/new", pages.phiwire_page([pages.Row("Ada Quill", "six"), pages.Row("Ada Quill", "one")]))
    bench.web.publish("/wire", "", status=301, headers={"Location": "/new"})
    await bench.look()
    (told,) = await bench.told()
    assert told.startswith(f"The Wire has moved for good to {bench.web.url}/new, and is read there from now on.")
    asked = len(bench.web.requests_for("/wire"))
    await bench.look(times=2)
    assert len(bench.web.requests_for("/wire")) == asked
    assert len(bench.web.requests_for("/new")) == 3
    assert len(await bench.told()) == 1
    assert len(await bench.database.read(store.latest, 25)) == 6


@pytest.mark.parametrize("status", [302, 303, 307])
async def test_redirect_for_the_moment_is_followed_and_not_saved(bench: Bench, status: int) -> None:
    """A site under repair sends people elsewhere for a day."""
    bench.web.publish("/new", pages.phiwire_page([pages.Row("Ada Quill", "six"), pages.Row("Ada Quill", "one")]))
    bench.web.publish("/wire", "", status=status, headers={"Location": "/new"})
    await bench.look(times=2)
    assert len(bench.web.requests_for("/wire")) >= 3
    assert await bench.told() == []


async def test_move_to_what_cannot_be_read_is_not_saved(bench: Bench) -> None:
    """Logins and notices move people for good, too."""
    bench.web.publish("/login", "<html><body><form>Please sign in</form></body></html>")
    bench.web.publish("/wire", "", status=301, headers={"Location": "/login"})
    await bench.look()
    bench.show("six", "one")
    await bench.look()
    assert len(await bench.database.read(store.latest, 25)) == 6


async def test_silence_against_its_habit_is_told(bench: Bench) -> None:
    """It brought a row an hour for ten days; half a day without one is strange."""
    for number in range(240):
        bench.show(f"hourly {number}", f"hourly {number - 1}", "one")
        await bench.look(minutes=60)
    assert await bench.told() == []
    await bench.look(minutes=60, times=12)
    (told,) = await bench.told()
    assert told.startswith("⚠ The Wire has brought nothing for ")
    assert "by its habit" in told
    bench.show("at last", "hourly 239")
    await bench.look()
    assert (await bench.told())[1].startswith("✓ The Wire brings news again after ")


async def test_same_document_is_not_read_again(bench: Bench) -> None:
    """A server without validators sends it whole; reading costs more than fetching."""
    bench.web.publish("/wire", pages.phiwire_page([pages.Row("Ada Quill", "six")]), etag=False)
    await bench.look()
    entries = await bench.database.read(store.latest, 25)
    await bench.database.write(lambda connection: connection.execute("DELETE FROM entries WHERE headline = 'six'"))
    await bench.look()
    assert len(await bench.database.read(store.latest, 25)) == len(entries) - 1
    bench.show("six", "seven")
    await bench.look()
    assert len(await bench.database.read(store.latest, 25)) == len(entries) + 1


async def test_state_tells_how_late_entries_are_seen(bench: Bench) -> None:
    """The rows say 12:00 and are seen at 12:10."""
    bench.show("six", "one", "two", "three", "four")
    await bench.look()
    assert (await bench.state()).delay == 600.0
