"""A subscriber's session: it sees all rows, and says so when it does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.db import Database
from bot.model import Credentials, Operator, Source
from bot.sources.documents import Page
from bot.sources.fetch import Fetcher
from bot.sources.session import BETWEEN_TRIES, Session
from bot.wire import source_store, store
from bot.wire.poller import Poller
from tests.emulators import pages
from tests.emulators.members import MembersEmulator

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


class Bench:
    """A poller of the members' page, with a clock that is set by hand."""

    def __init__(self, site: MembersEmulator, database: Database, fetcher: Fetcher) -> None:
        self.site = site
        self.database = database
        self.fetcher = fetcher
        self.now = NOON
        self.source = Source("phiwire", "PhiWire", "phiwire", f"{site.url}/wire", timedelta(minutes=1))
        self.poller: Poller

    def sign_in(self, *, cookie: str = "", fruit: str = "", form: str = "") -> None:
        """Give the poller a session."""
        credentials = Credentials(
            slug="phiwire",
            cookie=cookie,
            form=form or (f"{self.site.url}/sign-in" if fruit else ""),
            user="ada@example.org",
            password=fruit,
            fields=("email", "secret"),
        )
        session = Session(credentials, "test", lambda: self.now)
        operators = (Operator("telegram", "7"),)
        self.poller = Poller(
            self.database,
            self.fetcher,
            timedelta(minutes=1),
            lambda: self.now,
            lambda: None,
            operators,
            lambda: None,
            session,
        )

    async def seen(self, minutes: float = 1) -> int:
        """Look, and count the entries on the wire."""
        self.now += timedelta(minutes=minutes)
        await self.poller.poll(self.source)
        return len(await self.database.read(store.latest, 100))

    async def told(self) -> list[str]:
        """List what the operator was told."""
        return await self.database.read(
            lambda connection: [
                row["headline"]
                for row in connection.execute("SELECT headline FROM entries WHERE source = '' ORDER BY id")
            ]
        )


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """Open a site with twelve rows."""
    async with MembersEmulator() as site:
        site.rows = [pages.Row("Ada Quill", f"row {number}") for number in range(12)]
        database, fetcher = Database(tmp_path / "phiwire.db"), Fetcher("test")
        made = Bench(site, database, fetcher)
        await database.write(source_store.put_source, made.source, "file")
        yield made
        await fetcher.close()
        await asyncio.to_thread(database.close)


async def test_cookie_sees_every_row(bench: Bench) -> None:
    """Without it there are five."""
    bench.sign_in(cookie="theme=dark; sid=s-1")
    assert await bench.seen() == 12
    assert bench.site.cookies == ["theme=dark; sid=s-1"]
    assert await bench.told() == []


async def test_form_signs_in_with_its_hidden_fields(bench: Bench) -> None:
    """Forms carry tokens against forgery; the names of the two fields are the site's."""
    bench.sign_in(fruit="orange")
    assert await bench.seen() == 12
    assert await bench.seen() == 12
    assert bench.site.signed_in == 1


async def test_session_that_lapses_is_renewed_at_once(bench: Bench) -> None:
    """Nobody need be told of what mends itself."""
    bench.sign_in(fruit="orange")
    await bench.seen()
    bench.site.session = "s-2"
    bench.site.rows.insert(0, pages.Row("Ada Quill", "newest"))
    assert await bench.seen(minutes=20) == 13
    assert bench.site.signed_in == 2
    assert await bench.told() == []


async def test_cookie_that_lapses_is_told_and_five_rows_go_on(bench: Bench) -> None:
    """Five are better than none, and only the operator can copy a new one."""
    bench.sign_in(cookie="sid=s-1")
    await bench.seen()
    bench.site.session = "s-2"
    bench.site.rows.insert(0, pages.Row("Ada Quill", "newest"))
    assert await bench.seen() == 13
    await bench.seen()
    (told,) = await bench.told()
    assert told == (
        "⚠ PhiWire shows only what everybody sees: its session has lapsed; copy a new cookie from a browser into "
        "PHIWIRE_SESSION_COOKIE and start again."
    )
    bench.site.session = "s-1"
    await bench.seen()
    assert (await bench.told())[1].startswith("✓ PhiWire shows all it has again")


async def test_wrong_password_is_tried_seldom(bench: Bench) -> None:
    """Sites close accounts for less."""
    bench.sign_in(fruit="lemon")
    assert await bench.seen() == 5
    (told,) = await bench.told()
    assert "answered 403; check PHIWIRE_SESSION_USER" in told
    assert "lemon" not in told
    bench.site.fruit = "lemon"
    assert await bench.seen(minutes=1) == 5
    assert await bench.seen(minutes=BETWEEN_TRIES.total_seconds() / 60) == 12


@pytest.mark.parametrize("form", ["https://other.example/sign-in", "http://phiwire.example/sign-in", "nonsense"])
async def test_password_goes_nowhere_else(bench: Bench, form: str) -> None:
    """To the source's own host, and not in the clear."""
    bench.sign_in(fruit="orange", form=form)
    assert await bench.seen() == 5
    (told,) = await bench.told()
    assert "must be an https address on the source's own host" in told


async def test_cookie_is_not_taken_along_to_another_host(bench: Bench) -> None:
    """A redirect may lead anywhere."""
    answer = await bench.fetcher.get(f"{bench.site.url}/away", cookie="sid=s-1")
    assert bench.site.cookies[0] == "sid=s-1"
    assert bench.site.cookies[1:] in ([], [""])
    assert not (isinstance(answer, Page) and b"row 11" in answer.body)
