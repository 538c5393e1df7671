"""The fetcher against a real server: validators, limits, redirects and refusals."""

from __future__ import annotations

import asyncio
import gzip
import socket
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiohttp import web

from bot.sources.documents import FetchFailed, Page, Unchanged
from bot.sources.fetch import Fetcher

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(
    handler: Handler, *, seconds: float = 10.0, largest: int = 100_000
) -> AsyncIterator[tuple[Fetcher, str]]:
    """Give a fetcher, and the address of a server on which every path is the handler's."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fetcher = Fetcher("PhiWireBot/1 (+test)", seconds=seconds, largest=largest, clock=lambda: NOW)
    try:
        yield fetcher, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await fetcher.close()
        await runner.cleanup()


def answering(body: bytes = b"", status: int = 200, **headers: str) -> Handler:
    """Make a handler with one answer."""

    async def handler(request: web.Request) -> web.StreamResponse:
        assert request.method == "GET"
        return web.Response(
            body=body, status=status, headers={name.replace("_", "-"): v for name, v in headers.items()}
        )

    return handler


async def reason(fetcher: Fetcher, url: str) -> str:
    """Fetch, and give the reason of the failure."""
    answer = await fetcher.get(url)
    assert isinstance(answer, FetchFailed)
    return answer.reason


async def test_a_page_comes_with_its_validators_and_the_clients_name() -> None:
    """The validators of one answer make the next request conditional; publishers want to know who asks."""
    seen: list[str] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers["User-Agent"])
        if request.headers.get("If-None-Match") == '"one"' and request.headers.get("If-Modified-Since") == "yesterday":
            return web.Response(status=304)
        headers = {"ETag": '"one"', "Last-Modified": "yesterday", "Content-Type": "text/plain; charset=x"}
        return web.Response(body=b"body", headers=headers)

    async with serving(handler) as (fetcher, url):
        page = await fetcher.get(f"{url}/a")
        assert page == Page(f"{url}/a", b"body", "text/plain; charset=x", '"one"', "yesterday")
        assert await fetcher.get(f"{url}/a", etag='"one"', last_modified="yesterday") == Unchanged()
    assert seen == ["PhiWireBot/1 (+test)"] * 2


@pytest.mark.parametrize(
    ("control", "age", "fresh_for"),
    [
        ("max-age=300", "", 300),
        ('public, Max-Age="60", must-revalidate', "", 60),
        ("max-age=300", "100", 200),
        ("max-age=300", "900", 0),
        ("max-age=300", "soon", 300),
        ("no-cache, max-age=300", "", 0),
        ("no-store", "", 0),
        ("s-maxage=300", "", 0),
        ("max-age=-1", "", 0),
        ("max-age=" + "9" * 5000, "", 999_999_999),
    ],
)
async def test_answer_says_how_long_it_stays_fresh(control: str, age: str, fresh_for: float) -> None:
    """To ask before is in vain; what a cache on the way has used up is over."""
    headers = {"Cache_Control": control} | ({"Age": age} if age else {})
    for status in (200, 304):
        async with serving(answering(b"", status, **headers)) as (fetcher, url):
            answer = await fetcher.get(f"{url}/a", etag='"one"')
            assert isinstance(answer, Page | Unchanged)
            assert answer.fresh_for == fresh_for


@pytest.mark.parametrize(
    ("expires", "others", "fresh_for"),
    [
        ("Thu, 01 Jan 2026 12:05:00 GMT", {"Date": "Thu, 01 Jan 2026 12:00:00 GMT"}, 300),
        ("Thu, 01 Jan 2026 12:05:00 GMT", {"Date": "Thu, 01 Jan 2026 12:04:00 GMT"}, 60),
        ("Thu, 01 Jan 2026 12:05:00 GMT", {"Date": "soon"}, 300),
        ("Thursday, 01-Jan-26 12:05:00 GMT", {"Date": "Thu Jan  1 12:00:00 2026"}, 300),
        ("Thu, 01 Jan 2026 12:05:00 GMT", {"Date": "", "Age": "100"}, 200),
        ("Thu, 01 Jan 2026 12:05:00 GMT", {"Date": "", "Cache-Control": "public, s-maxage=7"}, 300),
        ("Thu, 01 Jan 2026 12:05:00 GMT", {"Date": "", "Cache-Control": "max-age=7"}, 7),
        ("Thu, 01 Jan 2026 12:05:00 GMT", {"Date": "", "Cache-Control": "no-cache"}, 0),
        ("Thu, 01 Jan 2026 11:00:00 GMT", {"Date": ""}, 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", {"Date": ""}, 999_999_999),
        ("0", {"Date": ""}, 0),
        ("Thu, 01 Jan 99999 12:05:00 +9999", {"Date": ""}, 0),
    ],
)
async def test_answer_without_max_age_says_when_it_expires(
    expires: str, others: dict[str, str], fresh_for: float
) -> None:
    """By the server's own clock, or by ours where it names no time (RFC 9111, 5.3); rubbish has expired."""

    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(status=int(request.match_info["path"]), headers={"Expires": expires} | others)

    async with serving(handler) as (fetcher, url):
        for status in (200, 304):
            answer = await fetcher.get(f"{url}/{status}", etag='"one"')
            assert isinstance(answer, Page | Unchanged)
            assert answer.fresh_for == fresh_for


async def test_all_links_of_an_answer_come_with_its_page() -> None:
    """A hub and the topic there may stand in fields of their own (RFC 8288, 3)."""

    async def handler(_request: web.Request) -> web.StreamResponse:
        response = web.Response(body=b"body")
        response.headers.extend([("Link", '</hub>; rel="hub"'), ("Link", "</self>; rel=self")])
        return response

    async with serving(handler) as (fetcher, url):
        page = await fetcher.get(f"{url}/a")
        assert isinstance(page, Page)
        assert page.link == '</hub>; rel="hub", </self>; rel=self'


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "bare deflate", "two members"])
async def test_compressed_answers_are_read(encoding: str) -> None:
    """Compression is asked for, and servers differ in what they mean by deflate."""
    bare = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    body = {
        "gzip": gzip.compress(b"body" * 1000),
        "deflate": zlib.compress(b"body" * 1000),
        "bare deflate": bare.compress(b"body" * 1000) + bare.flush(),
        "two members": gzip.compress(b"body" * 400) + gzip.compress(b"body" * 600),
    }[encoding]
    header = "deflate" if "deflate" in encoding else "gzip"
    async with serving(answering(body, Content_Encoding=header)) as (fetcher, url):
        answer = await fetcher.get(url)
    assert isinstance(answer, Page)
    assert answer.body == b"body" * 1000


@pytest.mark.parametrize(
    ("body", "encoding", "words"),
    [
        (b"x" * 100_001, "identity", "larger than 100,000 bytes"),
        (gzip.compress(bytes(50_000_000)), "gzip", "larger than 100,000 bytes"),
        (gzip.compress(b"x" * 5_000)[:-9], "gzip", "broke off"),
        (b"not compressed", "gzip", "damaged"),
        (b"x", "br", "not asked for"),
    ],
)
async def test_answers_too_large_or_damaged_are_refused(body: bytes, encoding: str, words: str) -> None:
    """Fifty kilobytes can hold fifty megabytes: what counts is the size after decompression."""
    async with serving(answering(body, Content_Encoding=encoding)) as (fetcher, url):
        assert words in await reason(fetcher, url)


async def test_an_endless_answer_stops_at_the_limit() -> None:
    """A bomb is refused while it comes, not after: this one never ends."""
    ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Encoding": "gzip"})
        await response.prepare(request)
        stream = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            while True:
                await response.write(stream.compress(bytes(1_000_000)) + stream.flush(zlib.Z_SYNC_FLUSH))
                # Writing to a socket with room does not let the client run.
                await asyncio.sleep(0)
        except ConnectionError:
            ended.set_result(None)
        return response

    async with serving(handler) as (fetcher, url):
        assert "larger than" in await reason(fetcher, url)
        await asyncio.wait_for(ended, 5)


async def test_a_slow_drip_ends_at_the_time_limit() -> None:
    """A byte now and then keeps a read timeout quiet, so the whole fetch has a limit."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.02)

    async with serving(handler, seconds=0.3) as (fetcher, url):
        assert "within 0.3 seconds" in await reason(fetcher, url)


@pytest.mark.parametrize(("hops", "arrives"), [(1, True), (5, True), (6, False)])
async def test_redirects_are_followed_five_times(hops: int, *, arrives: bool) -> None:
    """The page's address is the last one, for links are relative to it."""

    async def handler(request: web.Request) -> web.StreamResponse:
        number = int(request.match_info["path"])
        if number:
            return web.Response(status=302, headers={"Location": f"/{number - 1}"})
        return web.Response(body=b"end")

    async with serving(handler) as (fetcher, url):
        answer = await fetcher.get(f"{url}/{hops}")
    assert (answer == Page(f"{url}/0", b"end", "application/octet-stream")) is arrives
    if isinstance(answer, FetchFailed):
        assert "redirects more than 5 times" in answer.reason


@pytest.mark.parametrize("target", ["ftp://127.0.0.1/x", "file:///etc/hostname", "https://"])
async def test_a_redirect_leads_to_the_web_or_nowhere(target: str) -> None:
    """A page must not make the bot read files."""
    async with serving(answering(status=302, Location=target)) as (fetcher, url):
        assert await reason(fetcher, url)


async def test_the_body_of_a_redirect_is_not_read() -> None:
    """A redirect may come with a body that never ends."""

    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path == "/end":
            return web.Response(body=b"end")
        response = web.StreamResponse(status=302, headers={"Location": "/end"})
        await response.prepare(request)
        while True:
            await response.write(bytes(100_000))

    async with serving(handler) as (fetcher, url):
        answer = await fetcher.get(url)
    assert isinstance(answer, Page)
    assert answer.body == b"end"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("7", 7.0),
        ("Thu, 01 Jan 2026 12:01:30 GMT", 90.0),
        ("Thu, 01 Jan 2026 11:00:00 GMT", 0.0),
        ("99999999999", 604_800.0),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_the_wait_that_a_server_asks_for_is_told(status: int, value: str, expected: float | None) -> None:
    """Seconds or a date, and never longer than a week, whatever it says."""
    async with serving(answering(status=status, Retry_After=value)) as (fetcher, url):
        answer = await fetcher.get(url)
    assert isinstance(answer, FetchFailed)
    assert (str(status) in answer.reason, answer.retry_after) == (True, expected)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (404, "the address is gone"),
        (410, "gone for good"),
        (403, "refuses this client"),
        (401, "login"),
        (500, "try it later"),
    ],
)
async def test_a_failure_names_the_remedy_and_no_secret(status: int, words: str) -> None:
    """Reasons are shown in logs and in chats."""
    async with serving(answering(status=status)) as (fetcher, url):
        found = await reason(fetcher, f"{url.replace('//', '//user:secret@')}/feed?key=secret")
    assert f"{url}/feed?… answered {status}: " in found
    assert words in found
    assert "secret" not in found


async def test_what_cannot_be_reached_is_a_value() -> None:
    """A refused connection, an unknown scheme or a broken address are the source's fault, not the bot's."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with serving(answering()) as (fetcher, _):
        assert "refuses connections" in await reason(fetcher, f"http://127.0.0.1:{port}/")
        for url in (
            "ftp://example.org/",
            "file:///etc/hostname",
            "http://[broken",
            "nonsense",
            "",
            "http://\x00/",
            "https://",
        ):
            assert "no web address" in await reason(fetcher, url)


async def test_a_server_that_hangs_up_is_a_value() -> None:
    """Half an answer is none."""

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    fetcher = Fetcher("test")
    async with server:
        assert "broke off" in await reason(fetcher, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    await fetcher.close()
    await fetcher.close()
