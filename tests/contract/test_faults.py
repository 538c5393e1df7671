"""Everything that can be wrong with a source, one fault at a time, through the real poller beside a healthy source.

Whatever the fault, three things hold: the faulty source yields items or one reason in words; the healthy one is polled
meanwhile; and when the fault ends nothing was lost or repeated.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import ssl
import threading
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio

from bot.db import Database, optional_time
from bot.model import Source
from bot.sources.fetch import Fetcher
from bot.sources.reading import Reader
from bot.wire import source_store
from bot.wire.poller import Poller
from tests.emulators import fault_answers, fault_documents, pages
from tests.emulators.faults import Fault, FaultServer, named
from tests.emulators.web import HTML, WebEmulator

# One loop and one pair of servers for all: each fault has addresses of its own.
pytestmark = pytest.mark.asyncio(loop_scope="module")

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
# Seconds. The hurried give a request up after the first, others after the second; a test that takes the third hangs.
SHORT, PATIENCE, FUSE = 0.3, 30.0, 60.0
LARGEST = 1_500_000
STORIES = [
    pages.FeedItem(text, f"http://127.0.0.1/story/{number}", str(number), published=NOW - timedelta(hours=3 - number))
    for number, text in enumerate(["Harbour fund opens", "Café on the quai – £5", "Night ferry sails again"])
]
OLD, NEW, LATER = (story.title for story in STORIES)
FAULTS: Mapping[str, Fault] = named(fault_answers.ANSWERS, fault_documents.DOCUMENTS, fault_documents.PAGES)

# What is said of faults that yield nothing. All others yield what they show.
TIMED = (*fault_answers.STALLS, "endless empty members")
REASONS = {
    "did not answer completely within 0.3 seconds; try it later": TIMED,
    "broke off its answer; try it later": ["gzip cut short", "gzip without its end"],
    "broke off its answer or does not speak HTTP; try it later": [
        *("endless headers", "closed at once", "closed in the headers", "closed in the body", "closed in a chunk"),
        *("broken chunk", "two lengths", "HTTP/0.9", "SSH", "random bytes", "status of words", "length of words"),
        *("negative length", "header without a name", "NUL in a header", "switch of protocols", "huge header"),
        "header named in other letters",
    ],
    "is larger than 1,500,000 bytes; check that it is a feed or a page": [
        *("endless chunked body", "endless bomb", "gzip bomb", "gzip bomb of many members", "deflate bomb", "20 MB"),
    ],
    "sent damaged data; try it later": ["gzip that is none"],
    "in a compression that was not asked for; tell its publisher": ["gzip in gzip", "compression not asked for"],
    "redirects more than 5 times; open it in a browser": [
        *("redirect to itself", "redirect to nothing", "redirect by too long a chain"),
    ],
    "leads to a private address; check where it leads": ["redirect to a private address"],
    "redirects to what is no web address; open it in a browser": [
        *("redirect to a file", "redirect to ftp", "redirect to javascript", "redirect to data", "redirect to no port"),
    ],
    "has a host that cannot be found; check its spelling": ["redirect to no address"],
    "refuses connections; check host and port": ["redirect to no host", "redirect to TLS on a plain port"],
    "answered 302: this is no document; check url": ["redirect without an address"],
    "answered 300: this is no document; check url": ["choice of several"],
    "answered 204: the server has no document there; check url": ["204"],
    "answered 206: the server sent only a part of the document; try it later": ["206"],
    "answered 304: this is no document; check url": ["304 that was not asked for"],
    "answered 401: the address needs a login; check url": ["401"],
    "answered 402: this is no document; check url": ["402"],
    "answered 403: the server refuses this client; open the address in a browser": ["403"],
    "answered 404: the address is gone; look for its new address": ["404"],
    "answered 406: the server has no form of this document for us; check url": ["406"],
    "answered 410: the address is gone for good; look for its new address": ["410"],
    "answered 418: this is no document; check url": ["418"],
    "answered 429: the server asks for fewer requests; poll it less often": ["429", "429 for some seconds"],
    "answered 451: the server may not show this document here; use another source": ["451"],
    "answered 500: the server is in trouble; try it later": ["500", "bomb in an error"],
    "answered 502: the server is in trouble; try it later": ["502"],
    "answered 503: the server is in trouble; try it later": [
        *("503", "503 until a date", "503 until nonsense", "503 for ever"),
    ],
    "answered 599: the server is in trouble; try it later": ["599"],
    "answered 999: this is no document; check url": ["999"],
    "this feed declares entities of its own, which no honest feed needs: use another source": [
        *("billion laughs", "billion laughs in UTF-16", "file as an entity", "parameter entity"),
    ],
    "elements are open inside each other, or formats are never closed, which no document needs: check": [
        *("deep XML", "deep XML that closes", "deep XML in UTF-16", "deep HTML in an item", "open formats in an item"),
        *("deep HTML", "open formats"),
    ],
    "the answer is empty: check the address, or try it later": [
        *("nothing", "one blank", "gzip of nothing", "nothing for HTML"),
    ],
    "this is an HTML page, not a feed: look for the feed's address": ["HTML", "HTML that says XML", "XHTML"],
    "this is not a feed: check the address": ["another XML", "words", "PDF", "picture"],
    "this feed is broken before its first entry (unclosed token): tell its publisher": ["XML cut in its first item"],
    "this is JSON, but not a JSON Feed: check the address": ["JSON of something else"],
    "this is broken JSON, not a feed: check the address": ["JSON that is broken", "deep JSON", "deep JSON in a feed"],
    'the feed says "This feed has ended": look for its new address': ["feed that has ended"],
    'the selector row = "li.release" matches nothing: the page\'s layout changed or the address is wrong; look at': [
        *("XML for HTML", "JSON for HTML", "another page", "rows without headlines", "NULs in a page"),
    ],
}
REASON_OF = {name: reason for reason, names in REASONS.items() for name in names}
# How the new headline looks where a fault has damaged it.
DAMAGED = {
    "invalid bytes": f"��\ufffd({NEW}",
    "half a character": f"�{NEW}",
    "surrogates": f"���{NEW}",
    "references that nobody knows": f"&harbour;{NEW}",
    "bare ampersands": f"& && {NEW}",
    "references to no character": f"����{NEW}",
    "headline of a megabyte": " ".join(["tide"] * 99) + "…",
    "JSON author of a megabyte": "Tide",
    "Windows-1252 page that says UTF-8": NEW.encode("cp1252").decode("utf-8", "replace"),
}
# Until the next look: what servers ask for is kept, for a day at the most, and nonsense is a failure like others.
PAUSES = {
    "429": timedelta(minutes=4),
    "429 for some seconds": timedelta(hours=2),
    "503 until a date": timedelta(hours=2),
    "503 until nonsense": timedelta(minutes=4),
    "503 for ever": timedelta(days=1),
}


class Bench:
    """A server that misbehaves and one that does not, and what is common to all pairs of sources."""

    def __init__(
        self, database: Database, fetcher: Fetcher, hurried: Fetcher, server: FaultServer, web: WebEmulator
    ) -> None:
        self.database = database
        self.server = server
        self.web = web
        self.fetcher = fetcher
        self.hurried = hurried
        self.numbers = count()

    def poller(self, *, hurried: bool = False, reader: Reader | None = None) -> Poller:
        """Make a poller with a clock that stands."""
        fetcher = self.hurried if hurried else self.fetcher
        return Poller(self.database, fetcher, timedelta(minutes=2), lambda: NOW, lambda: None, reader=reader)

    async def pair(self, kind: str = "feed") -> Pair:
        """Make two sources that nobody has read before, and read their baseline."""
        made = Pair(self, self.poller(), f"{next(self.numbers)}", kind)
        made.show(1)
        for source in (made.faulty, made.healthy):
            await self.database.write(source_store.put_source, source, "file")
            await made.poller.poll(source)
        made.show(2)
        return made


class Pair:
    """A source that will be faulty and a healthy one, which show the same stories."""

    def __init__(self, bench: Bench, poller: Poller, number: str, kind: str) -> None:
        self.bench = bench
        self.poller = poller
        self.path = f"/{number}/"
        select = {"row": "li.release", "time": "time"} if kind == "page" else {}
        faulty = Source(f"faulty-{number}", "Faulty", kind, f"{bench.server.url}{self.path}", select=select)
        self.faulty = faulty
        self.healthy = Source(f"healthy-{number}", "Healthy", "feed", f"{bench.web.url}{self.path}")

    def show(self, number: int) -> None:
        """Publish the first stories at both, newest first."""
        stories = STORIES[number - 1 :: -1]
        feed = pages.rss(stories)
        self.bench.web.publish(self.path, feed)
        self.bench.server.publish("/elsewhere", feed)
        if self.faulty.kind == "page":
            self.bench.server.publish(self.path, page(stories), HTML)
        else:
            self.bench.server.publish(self.path, feed)

    async def recover(self) -> None:
        """End the fault, and look again."""
        self.bench.server.behave()
        await self.bench.server.hung_up()
        self.show(3)
        await self.poller.poll(self.faulty)

    async def problem(self) -> str:
        """Say what is wrong with the faulty source."""
        return await problem_of(self.bench.database, self.faulty.slug)

    async def entries(self, source: Source) -> list[sqlite3.Row]:
        """List the entries of a source; there are too many of others to look through them all."""
        return await self.bench.database.read(
            lambda connection: connection.execute("SELECT * FROM entries WHERE source = ?", (source.slug,)).fetchall()
        )

    async def headlines(self, source: Source) -> Counter[str]:
        """Count the headlines of a source."""
        return Counter(entry["headline"] for entry in await self.entries(source))


async def problem_of(database: Database, slug: str) -> str:
    """Read the stored sentence."""
    (problem,) = await database.read(
        lambda connection: connection.execute("SELECT error FROM sources WHERE slug = ?", (slug,)).fetchone()
    )
    return str(problem)


def page(stories: list[pages.FeedItem]) -> str:
    """Render the stories as a page."""
    rows = "".join(
        f'<li class="release"><a href="{story.link}">{story.title}</a> <time>{story.published:%d %B %Y}</time></li>'
        for story in stories
    )
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"></head><body><ul>{rows}</ul></body></html>'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    """Run both servers, and put a database between them."""
    database = Database(tmp_path_factory.mktemp("faults") / "phiwire.db")
    fetcher, hurried = (
        Fetcher("test", seconds=seconds, largest=LARGEST, clock=lambda: NOW) for seconds in (PATIENCE, SHORT)
    )
    async with FaultServer() as server, WebEmulator() as web:
        yield Bench(database, fetcher, hurried, server, web)
        await fetcher.close()
        await hurried.close()
    await asyncio.to_thread(database.close)


@pytest.mark.parametrize("name", FAULTS)
async def test_fault_yields_items_or_a_reason_and_nothing_is_lost_or_repeated(bench: Bench, name: str) -> None:
    """The reason names what is wrong and what to do; it is all that operators have."""
    pair = await bench.pair("page" if name in fault_documents.PAGES else "feed")
    bench.server.misbehave(pair.path, FAULTS[name])
    poller = bench.poller(hurried=True) if name in TIMED else pair.poller
    async with asyncio.timeout(FUSE):
        due, _ = await asyncio.gather(poller.poll(pair.faulty), pair.poller.poll(pair.healthy))
    problem, shown = await pair.problem(), await pair.headlines(pair.faulty)
    if name in REASON_OF:
        assert REASON_OF[name] in problem
        assert due >= NOW + PAUSES.get(name, timedelta(0))
        assert shown == Counter([OLD])
    else:
        assert problem == ""
        assert shown[DAMAGED.get(name, NEW)] == shown[OLD] == 1
    assert await pair.headlines(pair.healthy) == Counter([OLD, NEW])
    async with asyncio.timeout(FUSE):
        await pair.recover()
    # No cookie outlives its request.
    assert bench.server.cookies[-1] == ""
    assert await pair.problem() == ""
    after = await pair.entries(pair.faulty)
    again = await pair.headlines(pair.faulty)
    assert [again[headline] for headline in (OLD, NEW, LATER)] == [1, 1, 1]
    # What was damaged is revised, not repeated; only another id is another entry.
    assert again.keys() - shown.keys() <= {NEW, LATER}
    assert max(again.values()) == 1
    assert (DAMAGED.get(name) in again) is (name == "JSON author of a megabyte")
    assert all((optional_time(entry["published_at"]) or NOW) <= NOW for entry in after)
    assert all(entry["url"].startswith("http://127.0.0.1") or not entry["url"] for entry in after)
    if name in fault_documents.ENCODINGS and name not in DAMAGED:
        assert {entry["revision"] for entry in after} == {1}


async def test_every_reason_is_of_a_fault() -> None:
    """A fault that was renamed would be expected to yield items."""
    assert REASON_OF.keys() | DAMAGED.keys() | PAUSES.keys() <= FAULTS.keys()
    assert sum(map(len, REASONS.values())) == len(REASON_OF)


@pytest.mark.parametrize(("name", "pause"), PAUSES.items())
async def test_pause_is_as_long_as_the_server_asks_within_reason(bench: Bench, name: str, pause: timedelta) -> None:
    """Seconds or a date; nonsense is a failure like others, and nobody sends us away for ever."""
    pair = await bench.pair()
    bench.server.misbehave(pair.path, FAULTS[name])
    assert pause <= await pair.poller.poll(pair.faulty) - NOW <= pause * 1.1
    bench.server.behave()


@pytest.mark.parametrize("name", fault_answers.STALLS)
async def test_healthy_source_is_polled_while_the_faulty_one_stalls(bench: Bench, name: str) -> None:
    """The order tells: the entry is committed before the faulty answer has come or was given up."""
    pair = await bench.pair()
    bench.server.misbehave(pair.path, FAULTS[name])
    stalling = bench.server.holds.wait()
    faulty = asyncio.create_task(pair.poller.poll(pair.faulty))
    async with asyncio.timeout(FUSE):
        await stalling
        await pair.poller.poll(pair.healthy)
        assert await pair.headlines(pair.healthy) == Counter([OLD, NEW])
        assert not faulty.done()
        bench.server.behave()
        await faulty
        assert "broke off its answer" in await pair.problem()
        await pair.recover()
    assert await pair.headlines(pair.faulty) == Counter([OLD, NEW, LATER])


async def test_healthy_source_is_polled_while_a_hostile_document_is_read(bench: Bench) -> None:
    """Reading is done beside the loop, and given up; what was given up is not begun a second time."""
    pair, impatient = await bench.pair(), bench.poller(reader=Reader(seconds=SHORT))
    bench.server.misbehave(pair.path, fault_documents.SLOW)
    await impatient.poll(pair.faulty)
    assert "took more than 0.3 seconds to read and was given up: look at what it sends" in await pair.problem()
    reading = next(each for each in threading.enumerate() if each.name == f"read {pair.faulty.slug}")
    await impatient.poll(pair.healthy)
    assert await pair.headlines(pair.healthy) == Counter([OLD, NEW])
    await impatient.poll(pair.faulty)
    assert "is still being read" in await pair.problem()
    assert reading.is_alive()
    await asyncio.to_thread(reading.join)
    bench.server.behave()
    await impatient.poll(pair.faulty)
    assert await pair.headlines(pair.faulty) == Counter([OLD, NEW])


async def test_faulty_sources_run_beside_a_healthy_one(bench: Bench) -> None:
    """All at once, as `phiwire run` has them: the loops go on, whatever comes out of one."""
    some = ["404", *fault_answers.STALLS, "redirect to no port", "random bytes", "gzip bomb", "deep XML", "deep JSON"]
    pair = await bench.pair()
    apart = Database(bench.database.path.with_name("run.db"))
    often = replace(pair.healthy, every=timedelta(milliseconds=20))
    sources = [
        replace(pair.faulty, slug=f"f{number}", url=f"{pair.faulty.url}{number:02}") for number in range(len(some))
    ]
    for name, source in zip(some, sources, strict=True):
        path = source.url.removeprefix(bench.server.url)
        bench.server.publish(path, pages.rss(STORIES))
        bench.server.misbehave(path, FAULTS[name])
    await apart.write(source_store.keep_sources, [*sources, often], "file")
    committed = asyncio.Event()
    poller = Poller(apart, bench.hurried, timedelta(minutes=2), lambda: NOW, committed.set)
    running = asyncio.create_task(poller.run())
    async with asyncio.timeout(FUSE):
        while not (await apart.read(source_store.poll_state, often.slug)).has_baseline:
            await bench.web.wait_for_requests(pair.path, len(bench.web.requests_for(pair.path)) + 1)
        pair.show(3)
        await committed.wait()
        while any(state.last_poll_at is None for state in await apart.read(source_store.source_states)):
            await bench.web.wait_for_requests(pair.path, len(bench.web.requests_for(pair.path)) + 1)
    assert not running.done()
    running.cancel()
    await asyncio.wait([running])
    for name, source in zip(some, sources, strict=True):
        assert REASON_OF[name] in await problem_of(apart, source.slug)
    await asyncio.to_thread(apart.close)
    bench.server.behave()


async def test_certificate_that_nobody_knows_is_not_trusted(bench: Bench, tmp_path: Path) -> None:
    """Who sits between us and a source could write its news."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed, which makes the certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = await asyncio.create_subprocess_exec(
        *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"),
        *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate),
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await made.wait() == 0
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    pair = await bench.pair()
    async with FaultServer(context) as untrusted:
        source = replace(pair.faulty, slug="untrusted", url=f"{untrusted.url}/")
        await bench.database.write(source_store.put_source, source, "file")
        await pair.poller.poll(source)
        problem = await problem_of(bench.database, "untrusted")
        assert "has a certificate that cannot be trusted; open it in a browser to see why" in problem
        assert untrusted.requests == []
