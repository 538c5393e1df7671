"""robots.txt as a server sees it: asked before pages that are meant for people, once a day, and kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web as http

from bot.sources import robots
from bot.sources.documents import FetchFailed, Page
from bot.sources.fetch import Fetcher
from bot.sources.robots import Rules
from bot.sources.sites import MOST_SITES, Silent, Sites
from bot.sources.turns import Turns
from tests.contract.test_fetch import Handler, serving
from tests.emulators.web import WebEmulator

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


class Clock:
    """A clock that goes on when somebody sleeps, and remembers how long."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        """Tell the seconds."""
        return self.seconds

    def now(self) -> datetime:
        """Tell the time."""
        return NOW + timedelta(seconds=self.seconds)

    async def sleep(self, seconds: float) -> None:
        """Sleep as long as it takes to note it."""
        self.slept.append(round(seconds, 3))
        self.seconds += seconds


@asynccontextmanager
async def fetching(
    clock: Clock, *, allowed: tuple[str, ...] = (), ignored: tuple[str, ...] = ()
) -> AsyncIterator[Fetcher]:
    """Open a fetcher."""
    turns = Turns(clock.monotonic, clock.sleep)
    fetcher = Fetcher(
        "PhiWireBot/1 (+test)", seconds=5, allowed_hosts=allowed, ignore_robots=ignored, turns=turns, clock=clock.now
    )
    try:
        yield fetcher
    finally:
        await fetcher.close()


def ask(fetcher: Fetcher, url: str, *, item: bool = False) -> Awaitable[object]:
    """Get a page that is meant for people."""
    return fetcher.get(url, for_people=True, item=item)


def paths(web: WebEmulator) -> list[str]:
    """List what was asked for."""
    return [request.path for request in web.requests]


async def reason(answer: Awaitable[object]) -> str:
    """Give the reason of a failure that is not for ever."""
    failed = await answer
    assert isinstance(failed, FetchFailed)
    assert not failed.final
    return failed.reason


async def test_closed_page_is_not_asked_for_and_a_feed_is(web: WebEmulator) -> None:
    """Feeds are made for programs; whoever reads the reason knows what to do."""
    web.publish("/robots.txt", "User-agent: PhiWireBot\nDisallow: /closed", "text/plain")
    for path in ("/open", "/closed/1"):
        web.publish(path, path)
    async with fetching(Clock()) as fetcher:
        failed = await fetcher.get(f"{web.url}/closed/1?key=secret", for_people=True)
        assert failed == FetchFailed(
            f"{web.url}/closed/1?… may not be read: {web.url}/robots.txt asks programs not to; use the site's feed, or "
            "ask the publisher, and with their permission put 127.0.0.1 into PHIWIRE_IGNORE_ROBOTS",
            closed=True,
        )
        assert paths(web) == ["/robots.txt"]
        assert isinstance(await fetcher.get(f"{web.url}/closed/1"), Page)
        assert isinstance(await ask(fetcher, f"{web.url}/open"), Page)
    assert paths(web) == ["/robots.txt", "/closed/1", "/open"]
    assert web.requests[0].headers["user-agent"] == "PhiWireBot/1 (+test)"


async def test_site_is_asked_once_a_day_for_all_its_pages(web: WebEmulator) -> None:
    """Also where many wait for it at once."""
    clock = Clock()
    web.publish("/robots.txt", "", "text/plain")
    web.publish("/open", "open")
    web.fail("/robots.txt", "stall")
    async with fetching(clock) as fetcher:
        pages = [asyncio.create_task(fetcher.get(f"{web.url}/open?{n}", for_people=True)) for n in range(9)]
        await web.wait_for_requests("/robots.txt")
        web.release()
        assert all(isinstance(answer, Page) for answer in await asyncio.gather(*pages))
        clock.seconds += 86_399
        assert isinstance(await ask(fetcher, f"{web.url}/open"), Page)
        assert len(web.requests_for("/robots.txt")) == 1
        clock.seconds += 1
        assert isinstance(await ask(fetcher, f"{web.url}/open"), Page)
    assert len(web.requests_for("/robots.txt")) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429])
async def test_site_without_robots_txt_is_open(web: WebEmulator, status: int) -> None:
    """RFC 9309, 2.3.1.3."""
    web.publish("/open", "open")
    web.publish("/robots.txt", "User-agent: *\nDisallow: /", status=status)
    async with fetching(Clock()) as fetcher:
        assert isinstance(await ask(fetcher, f"{web.url}/open"), Page)


@pytest.mark.parametrize("trouble", [500, 503, "drop"])
async def test_site_in_trouble_is_closed_until_it_answers(web: WebEmulator, trouble: int | str) -> None:
    """It may not be able to say no (2.3.1.4), and is asked again after ten minutes."""
    clock = Clock()
    web.publish("/open", "open")
    web.fail("/robots.txt", trouble if isinstance(trouble, int) else "drop")
    async with fetching(clock) as fetcher:
        for _ in range(2):
            found = await reason(ask(fetcher, f"{web.url}/open"))
            assert f"/open may not be read before its site says whether programs may: {web.url}/robots.txt " in found
            assert "PHIWIRE_IGNORE_ROBOTS" in found
        assert paths(web) == ["/robots.txt"]
        clock.seconds += 600
        assert isinstance(await ask(fetcher, f"{web.url}/open"), Page)
    assert paths(web) == ["/robots.txt", "/robots.txt", "/open"]


async def test_what_a_site_in_trouble_said_before_counts_for_a_month(web: WebEmulator) -> None:
    """One failure is no new rule; then again nobody is closed for ever."""
    clock = Clock()
    web.publish("/robots.txt", "User-agent: *\nDisallow: /closed", "text/plain")
    for path in ("/open", "/closed"):
        web.publish(path, path)
    async with fetching(clock) as fetcher:
        assert isinstance(await ask(fetcher, f"{web.url}/open"), Page)
        web.publish("/robots.txt", "", status=503)
        for days in (1, 29):
            clock.seconds += days * 86_400
            assert isinstance(await ask(fetcher, f"{web.url}/open"), Page)
            assert "asks programs not to" in await reason(ask(fetcher, f"{web.url}/closed"))
        clock.seconds += 86_400
        assert isinstance(await ask(fetcher, f"{web.url}/closed"), Page)
    assert len(web.requests_for("/robots.txt")) == 4


async def test_crawl_delay_is_waited_between_pages(web: WebEmulator) -> None:
    """Up to a minute, and not for feeds. 127.1 is this machine by a name under which pauses are kept."""
    clock = Clock()
    here = f"http://127.1:{web.port}"
    web.publish("/open", "open")
    async with fetching(clock) as fetcher:
        web.publish("/robots.txt", "User-agent: *\nCrawl-delay: 7", "text/plain")
        # The first page comes in the turn in which the site was asked.
        assert isinstance(await ask(fetcher, f"{here}/open"), Page)
        assert clock.slept == []
        assert isinstance(await ask(fetcher, f"{here}/open"), Page)
        assert isinstance(await ask(fetcher, f"{here}/open", item=True), Page)
        assert isinstance(await fetcher.get(f"{here}/open"), Page)
        assert clock.slept == [7.0, 7.0, 1.0]
        web.publish("/robots.txt", "User-agent: *\nCrawl-delay: 86400", "text/plain")
        clock.seconds += 86_400
        for _ in range(2):
            assert isinstance(await ask(fetcher, f"{here}/open"), Page)
    assert clock.slept == [7.0, 7.0, 1.0, 60.0]


async def test_redirect_must_be_allowed_where_it_leads(web: WebEmulator) -> None:
    """Otherwise a redirect is the way round: on the same site, and to another one, which is asked first."""
    elsewhere = f"http://localhost:{web.port}"
    web.publish("/robots.txt", "User-agent: *\nDisallow: /closed", "text/plain")
    web.publish("/closed", "closed")
    web.publish("/near", "", status=302, headers={"Location": "/closed"})
    web.publish("/far", "", status=302, headers={"Location": f"{elsewhere}/closed"})
    async with fetching(Clock(), allowed=("localhost",)) as fetcher:
        assert f"{web.url}/robots.txt asks" in await reason(ask(fetcher, f"{web.url}/near"))
        assert f"{elsewhere}/robots.txt asks" in await reason(ask(fetcher, f"{web.url}/far"))
    assert paths(web) == ["/robots.txt", "/near", "/far", "/robots.txt"]
    assert [request.headers["host"].partition(":")[0] for request in web.requests][-1] == "localhost"


async def test_pages_that_redirect_to_each_others_sites_do_not_wait_for_ever(web: WebEmulator) -> None:
    """Each first site is asked while the other one is, and so are their robots.txt, which redirect to each other."""
    hosts = (web.url, f"http://localhost:{web.port}")
    web.publish("/end", "end")
    web.publish("/robots.txt", "", status=302, headers={"Location": f"{hosts[1]}/rules"})
    web.publish("/rules", "", status=302, headers={"Location": f"{hosts[0]}/rules.txt"})
    web.publish("/rules.txt", "User-agent: *\nDisallow: /closed", "text/plain")
    for number, other in enumerate(reversed(hosts)):
        web.publish(f"/{number}", "", status=302, headers={"Location": f"{other}/end"})
        web.fail(f"/{number}", "stall")
    async with fetching(Clock(), allowed=("127.0.0.1", "localhost")) as fetcher, asyncio.timeout(10):
        both = [
            asyncio.create_task(fetcher.get(f"{host}/{number}", for_people=True)) for number, host in enumerate(hosts)
        ]
        await web.wait_for(lambda: web.requests_for("/0") and web.requests_for("/1"))
        web.release()
        assert all(isinstance(answer, Page) for answer in await asyncio.gather(*both))
        assert "asks programs not to" in await reason(ask(fetcher, f"{hosts[0]}/closed"))


async def test_robots_txt_is_redirected_five_times(web: WebEmulator) -> None:
    """One that leads nowhere is none (2.3.1.2)."""
    web.publish("/open", "open")
    for number in range(6):
        web.publish(f"/{number}", "", status=301, headers={"Location": f"/{number - 1}"})
    web.publish("/0", "User-agent: *\nDisallow: /", "text/plain")
    clock = Clock()
    async with fetching(clock) as fetcher:
        web.publish("/robots.txt", "", status=301, headers={"Location": "/4"})
        await reason(ask(fetcher, f"{web.url}/open"))
        for target in ("/5", "ftp://127.0.0.1/", "/nowhere"):
            clock.seconds += 86_400
            web.publish("/robots.txt", "", status=301, headers={"Location": target})
            assert isinstance(await ask(fetcher, f"{web.url}/open"), Page)


async def test_private_address_is_not_dialled_for_robots_txt(web: WebEmulator) -> None:
    """Nor does it close the site to those who may ask there."""
    web.publish("/open", "open")
    async with fetching(Clock()) as fetcher:
        failed = await fetcher.get(f"{web.url}/open", for_people=True, public_only=True)
        assert isinstance(failed, FetchFailed)
        assert "PHIWIRE_ALLOWED_HOSTS" in failed.reason
        assert paths(web) == []
        assert isinstance(await ask(fetcher, f"{web.url}/open"), Page)


async def test_operator_with_the_publishers_permission_reads_all(web: WebEmulator) -> None:
    """A publisher may permit what the file does not say."""
    web.publish("/robots.txt", "User-agent: *\nDisallow: /\nCrawl-delay: 9", "text/plain")
    web.publish("/closed", "closed")
    async with fetching(Clock(), ignored=("LOCALHOST",)) as fetcher:
        assert isinstance(await ask(fetcher, f"http://localhost:{web.port}/closed"), Page)
        assert paths(web) == ["/closed"]
        assert "asks programs not to" in await reason(ask(fetcher, f"{web.url}/closed"))


def saying(body: Callable[[http.StreamResponse], Awaitable[None]], **headers: str) -> Handler:
    """Make a server whose robots.txt is written as it comes."""

    async def handler(request: http.Request) -> http.StreamResponse:
        if request.path != "/robots.txt":
            return http.Response(body=b"page")
        response = http.StreamResponse(headers={name.replace("_", "-"): value for name, value in headers.items()})
        await response.prepare(request)
        await body(response)
        return response

    return handler


async def test_endless_robots_txt_is_read_as_far_as_the_limit() -> None:
    """What follows is left aside (2.5)."""

    async def endless(response: http.StreamResponse) -> None:
        await response.write(b"User-agent: *\nDisallow: /closed\n")
        while True:
            await response.write(b"Disallow: /x\n" * 5_000)
            await asyncio.sleep(0)

    async with serving(saying(endless)) as (fetcher, url):
        assert isinstance(await ask(fetcher, f"{url}/open"), Page)
        assert "asks programs not to" in await reason(ask(fetcher, f"{url}/closed"))


async def test_dripping_robots_txt_is_given_up_and_remembered() -> None:
    """It has no answer, and does not take the time of each page anew."""
    asked = []

    async def drip(response: http.StreamResponse) -> None:
        asked.append("robots.txt")
        while True:
            await response.write(b"#")
            await asyncio.sleep(0.02)

    async with serving(saying(drip), seconds=0.3) as (fetcher, url):
        for _ in range(3):
            assert "did not answer completely" in await reason(ask(fetcher, f"{url}/open"))
    assert asked == ["robots.txt"]


@pytest.mark.parametrize(
    ("body", "encoding", "opens"),
    [(bytes(range(256)) * 100, "identity", True), (b"no gzip", "gzip", False), (b"x", "br", False)],
)
async def test_robots_txt_that_is_no_text(body: bytes, encoding: str, *, opens: bool) -> None:
    """What can be read and holds no rules asks nothing; what cannot be read is no answer."""

    async def write(response: http.StreamResponse) -> None:
        await response.write(body)

    async with serving(saying(write, Content_Encoding=encoding)) as (fetcher, url):
        assert isinstance(await ask(fetcher, f"{url}/open"), Page) is opens


async def test_sites_are_remembered_within_bounds() -> None:
    """The one that was not asked for in the longest time is forgotten."""
    sites, rules = Sites(lambda: NOW), Rules((("/", False),))

    async def answer() -> Rules:
        return rules

    for number in range(MOST_SITES):
        await sites.learn(f"https://{number}.example/robots.txt", answer)
    assert sites.rules("https://0.example/robots.txt") == rules
    await sites.learn("https://new.example/robots.txt", answer)
    assert sites.rules("https://0.example/robots.txt") == rules
    assert sites.rules("https://1.example/robots.txt") is None


async def test_whoever_waits_for_an_asker_that_gave_up_asks() -> None:
    """A source that is removed while it asks leaves nothing behind."""
    sites, asked = Sites(lambda: NOW), asyncio.Event()

    async def never() -> Rules:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def silent() -> Rules:
        raise Silent("it is down")

    first = asyncio.create_task(sites.learn("https://a.example/robots.txt", never))
    await asked.wait()
    second = asyncio.create_task(sites.learn("https://a.example/robots.txt", silent))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(Silent, match="it is down"):
        await second
    with pytest.raises(Silent, match="it is down"):
        sites.rules("https://a.example/robots.txt")


def test_largest_file_is_the_one_of_the_standard() -> None:
    """At least 500 KiB must be read (2.5)."""
    assert robots.LARGEST == 500 * 1024
