"""The fetcher against a real server: validators, redirects and refusals. What servers do wrong is in `test_faults`."""

from __future__ import annotations

import socket
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
