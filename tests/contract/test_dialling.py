"""What is dialled, seen from the server that must not be: not even a connection reaches it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.sources.documents import FetchFailed, Page
from bot.sources.fetch import Fetcher
from tests.emulators.web import WebEmulator


@asynccontextmanager
async def fetching(*allowed: str) -> AsyncIterator[Fetcher]:
    """Open a fetcher."""
    fetcher = Fetcher("test", allowed_hosts=allowed)
    try:
        yield fetcher
    finally:
        await fetcher.close()


async def test_private_address_is_not_even_dialled_where_only_public_ones_may_be(web: WebEmulator) -> None:
    """The links of a page are not the owner's choice: they must not reach what only this machine can see."""
    url = web.publish("/inside", "secret")
    async with fetching() as fetcher:
        for asked in (url, url.replace("127.0.0.1", "localhost"), url.replace("127.0.0.1", "[::ffff:127.0.0.1]")):
            answer = await fetcher.get(asked, public_only=True)
            assert isinstance(answer, FetchFailed)
            assert "leads to a private address" in answer.reason
            assert "PHIWIRE_ALLOWED_HOSTS" in answer.reason
        assert web.requests == []
        assert isinstance(await fetcher.get(url), Page)
        # A connection that is there already does not open the door.
        assert isinstance(await fetcher.get(url, public_only=True), FetchFailed)
    assert len(web.requests) == 1


async def test_redirect_to_a_private_address_is_not_followed(web: WebEmulator) -> None:
    """A public page may send us anywhere."""
    web.publish("/inside", "secret")
    web.fail("/out", 302, {"Location": f"http://localhost:{web.port}/inside"})
    async with fetching() as fetcher:
        answer = await fetcher.get(f"{web.url}/out")
    assert isinstance(answer, FetchFailed)
    assert "leads to a private address" in answer.reason
    assert [request.path for request in web.requests] == ["/out"]


async def test_allowed_hosts_may_be_anywhere(web: WebEmulator) -> None:
    """An operator knows their own network."""
    url = web.publish("/inside", "news")
    async with fetching("127.0.0.1") as fetcher:
        assert isinstance(await fetcher.get(url, public_only=True), Page)
        answer = await fetcher.get(url.replace("127.0.0.1", "localhost"), public_only=True)
        assert isinstance(answer, FetchFailed)
