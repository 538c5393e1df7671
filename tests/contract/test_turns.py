"""Politeness as a server sees it: one request at a time to each host, pauses between, and nobody held up by others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.sources.documents import Page
from bot.sources.fetch import Fetcher
from bot.sources.turns import Turns
from bot.sources.visit import Visit
from tests.emulators.web import WebEmulator


class Clock:
    """A clock that goes on when somebody sleeps, and remembers how long."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        """Tell the seconds."""
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        """Sleep as long as it takes to note it."""
        self.slept.append(round(seconds, 3))
        self.seconds += seconds


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    """Open a fetcher."""
    made = Fetcher("test", seconds=5)
    yield made
    await made.close()


async def test_host_is_left_alone_between_two_requests() -> None:
    """As long as is asked for, and not because of other hosts."""
    clock = Clock()
    turns = Turns(clock.monotonic, clock.sleep)
    for host, pause in (("a.example", 1.0), ("b.example", 1.0), ("a.example", 0.2), ("a.example", 1.0)):
        (await turns.take(host, pause)).end()
    assert clock.slept == [0.2, 1.0]


async def test_host_is_asked_one_at_a_time_and_others_meanwhile(web: WebEmulator, fetcher: Fetcher) -> None:
    """A slow host holds nobody up but those who want the same one."""
    web.publish("/feed", "feed")
    web.fail("/feed", "stall")
    elsewhere = web.url.replace("127.0.0.1", "localhost")
    slow = asyncio.create_task(fetcher.get(f"{web.url}/feed"))
    await web.wait_for_requests("/feed")
    next_one = asyncio.create_task(fetcher.get(f"{web.url}/feed?next"))
    assert isinstance(await fetcher.get(f"{elsewhere}/feed"), Page)
    assert [request.path for request in web.requests] == ["/feed", "/feed"]
    web.release()
    assert isinstance(await slow, Page)
    assert isinstance(await next_one, Page)


async def test_turn_that_is_given_up_is_the_next_ones() -> None:
    """A source that is removed while it waits must not hold its host for ever."""
    turns = Turns()
    first = await turns.take("a.example", 0)
    waiting = asyncio.create_task(turns.take("a.example", 0))
    await asyncio.sleep(0)
    waiting.cancel()
    first.end()
    first.end()
    async with asyncio.timeout(5):
        (await turns.take("a.example", 0)).end()


async def test_queue_at_one_host_takes_no_place_from_others(web: WebEmulator, fetcher: Fetcher) -> None:
    """A hundred sources of one slow site must not be all that is polled."""
    web.publish("/feed", "feed")
    web.fail("/feed", "stall")
    elsewhere = web.url.replace("127.0.0.1", "localhost")
    queue = [asyncio.create_task(fetcher.get(f"{web.url}/feed?{number}")) for number in range(100)]
    first = asyncio.create_task(fetcher.get(f"{web.url}/feed"))
    await web.wait_for_requests("/feed")
    assert isinstance(await fetcher.get(f"{elsewhere}/feed"), Page)
    web.release()
    assert all(isinstance(answer, Page) for answer in await asyncio.gather(first, *queue))


async def test_redirects_between_hosts_do_not_wait_for_each_other(web: WebEmulator) -> None:
    """Each has what the other wants, unless the first turn ends before the second is asked for."""
    fetcher = Fetcher("test", seconds=5, allowed_hosts=("127.0.0.1", "localhost"))
    hosts = (web.url, web.url.replace("127.0.0.1", "localhost"))
    web.publish("/end", "end")
    for number, other in enumerate(reversed(hosts)):
        web.publish(f"/{number}", "", status=302, headers={"Location": f"{other}/end"})
        web.fail(f"/{number}", "stall")
    both = [asyncio.create_task(fetcher.get(f"{host}/{number}")) for number, host in enumerate(hosts)]
    await web.wait_for(lambda: len(web.requests) == 2)
    web.release()
    assert all(isinstance(answer, Page) for answer in await asyncio.gather(*both))
    await fetcher.close()


async def test_redirect_waits_for_the_turn_of_the_host_it_leads_to(web: WebEmulator) -> None:
    """A redirect is no way to ask a host two things at a time."""
    fetcher = Fetcher("test", seconds=5, allowed_hosts=("localhost",))
    elsewhere = web.url.replace("127.0.0.1", "localhost")
    web.publish("/end", "end")
    web.publish("/feed", "feed")
    web.publish("/out", "", status=302, headers={"Location": f"{elsewhere}/end"})
    web.fail("/feed", "stall")
    slow = asyncio.create_task(fetcher.get(f"{elsewhere}/feed"))
    await web.wait_for_requests("/feed")
    redirected = asyncio.create_task(fetcher.get(f"{web.url}/out"))
    await web.wait_for_requests("/out")
    # Its first host is free again, so that it waits for the second.
    assert isinstance(await fetcher.get(f"{web.url}/end?other"), Page)
    assert [request.path for request in web.requests] == ["/feed", "/out", "/end?other"]
    web.release()
    assert isinstance(await slow, Page)
    assert isinstance(await redirected, Page)
    await fetcher.close()


async def test_waiting_for_a_turn_takes_no_time_of_the_request() -> None:
    """The last of a long queue would fail for nothing: one that has no time at all fails only when it is its turn."""
    turns, places = Turns(), asyncio.Semaphore(1)
    had = []

    async def visit() -> None:
        async with Visit(turns, places, 0) as visiting:
            await visiting.at("a.example", 0)
            had.append("turn")
            await asyncio.Event().wait()

    held = await turns.take("a.example", 0)
    waiting = asyncio.create_task(visit())
    for _ in range(9):
        await asyncio.sleep(0)
    assert not waiting.done()
    held.end()
    with pytest.raises(TimeoutError):
        await waiting
    assert had == ["turn"]
    async with asyncio.timeout(5), places:
        (await turns.take("a.example", 0)).end()
