"""Getting documents over HTTP, within bounds of size, time, redirects and address."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import httpx

from bot.sources import freshness, reasons
from bot.sources.addresses import absolute, host_of, without_secrets
from bot.sources.dialling import PublicTransport
from bot.sources.documents import FetchFailed, Page, Unchanged
from bot.sources.inflating import Inflate
from bot.sources.politeness import ITEM_GAP, LIST_GAP, gap, host_key
from bot.sources.turns import Turns
from bot.sources.visit import Visit

__all__ = ["FetchFailed", "Fetcher", "Page", "Unchanged"]

_MOST_REDIRECTS = 5
# Under way at once, of all hosts together.
_MOST_REQUESTS = 32
# Seconds that an item's own page may take: the others of its poll wait for it.
ITEM_SECONDS = 5.0
_FOR_GOOD = (301, 308)


@dataclass(frozen=True, slots=True)
class _Errand:
    """How one document is asked for: `pause` in seconds before each host is asked."""

    pause: float
    public_only: bool
    cookie: str


class Fetcher:
    """One shared client for all sources. Every expected failure is a value; nothing is retried."""

    def __init__(
        self,
        user_agent: str,
        *,
        seconds: float = 20.0,
        largest: int = 5_000_000,
        allowed_hosts: Collection[str] = (),
        turns: Turns | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Take the limits of one fetch: `seconds` without waiting for turns, `largest` in bytes after decompression.

        `allowed_hosts` may be anywhere, also where only public addresses may be asked.
        """
        self._seconds = seconds
        self._largest = largest
        self._clock = clock
        self._turns = Turns() if turns is None else turns
        self._places = asyncio.Semaphore(_MOST_REQUESTS)
        context = httpx.create_ssl_context(trust_env=False)

        def client(transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
            return httpx.AsyncClient(
                headers={"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"},
                transport=transport,
                trust_env=False,
                follow_redirects=False,
                timeout=httpx.Timeout(seconds, connect=min(10.0, seconds)),
            )

        # Two, for a connection that was made to a private address must not serve who may only ask public ones.
        self._anywhere = client(httpx.AsyncHTTPTransport(verify=context, trust_env=False))
        self._public = client(PublicTransport(context, allowed_hosts))

    async def close(self) -> None:
        """Close all connections. Safe to call twice."""
        await self._anywhere.aclose()
        await self._public.aclose()

    async def get(
        self,
        url: str,
        *,
        etag: str = "",
        last_modified: str = "",
        public_only: bool = False,
        cookie: str = "",
        item: bool = False,
    ) -> Page | Unchanged | FetchFailed:
        """Get one address, following redirects, when it is its host's turn.

        Validators of an earlier answer make the request conditional. A cookie goes to the host that is asked, and to no
        other; `item` is an item's own page: several are asked for one after the other, and may take less time. With
        `public_only`, and after a redirect to another host, private addresses are not even dialled: they would publish
        what only this machine can see.
        """
        seconds = min(ITEM_SECONDS, self._seconds) if item else self._seconds
        headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        errand = _Errand(ITEM_GAP if item else LIST_GAP, public_only=public_only, cookie=cookie)
        try:
            if not absolute("", url):
                raise reasons.Refused(reasons.NO_ADDRESS)
            request = self._anywhere.build_request("GET", url, headers={n: v for n, v in headers.items() if v})
            async with Visit(self._turns, self._places, seconds) as visit:
                return await self._follow(visit, request, errand)
        except reasons.EXPECTED as error:
            return FetchFailed(f"{without_secrets(url)} {reasons.of_error(error, seconds)}")

    async def _follow(self, visit: Visit, request: httpx.Request, errand: _Errand) -> Page | Unchanged | FetchFailed:
        asked, first = host_of(str(request.url)), request.url
        for_good = not (first.username or first.password)
        # By hand, because httpx reads the bodies of redirects without any limit.
        for _ in range(_MOST_REDIRECTS + 1):
            if request.url.scheme not in {"http", "https"} or not request.url.host:
                raise reasons.Refused(reasons.NO_ADDRESS)
            if errand.cookie and host_of(str(request.url)) == asked and request.url.scheme >= first.scheme:
                request.headers["Cookie"] = errand.cookie
            elsewhere = host_of(str(request.url)) != asked
            key = host_key(str(request.url))
            await visit.at(key, gap(key, errand.pause))
            client = self._public if errand.public_only or elsewhere else self._anywhere
            response = await client.send(request, stream=True)
            try:
                if response.next_request is None:
                    answer = await self._answer(response)
                    moved = isinstance(answer, Page) and for_good and request.url != first
                    return replace(answer, moved_to=str(request.url)) if moved and isinstance(answer, Page) else answer
                # Not from https to http: that would give the encryption up for good.
                for_good &= response.status_code in _FOR_GOOD and response.next_request.url.scheme >= request.url.scheme
                request = response.next_request
            finally:
                await response.aclose()
        raise reasons.Refused(
            f"redirects more than {_MOST_REDIRECTS} times; open it in a browser and use the address where it ends"
        )

    async def _answer(self, response: httpx.Response) -> Page | Unchanged | FetchFailed:
        # Links in the page are resolved against its address, and must not carry our password into a chat.
        status, url = response.status_code, str(response.url.copy_with(username=None, password=None))
        # httpx joins fields of one name by commas, as RFC 9110, 5.3 has it.
        header = response.headers
        if status == httpx.codes.NOT_MODIFIED and _is_conditional(response.request):
            return Unchanged(freshness.fresh_for(header, self._clock()) if freshness.says_how_fresh(header) else None)
        if not response.is_success:
            remedy, final = reasons.of_status(status)
            reason = f"{without_secrets(url)} answered {status}: {remedy}"
            return FetchFailed(reason, freshness.retry_after(header, self._clock()), final)
        body = await self._read(response)
        validators = header.get("etag", ""), header.get("last-modified", "")
        content_type, link = header.get("content-type", ""), header.get("link", "")
        return Page(url, body, content_type, *validators, freshness.fresh_for(header, self._clock()), link=link)

    async def _read(self, response: httpx.Response) -> bytes:
        inflate = Inflate(response.headers.get("content-encoding", ""), self._largest)
        async for chunk in response.aiter_raw():
            inflate.feed(chunk)
        return inflate.end()


def _is_conditional(request: httpx.Request) -> bool:
    return "If-None-Match" in request.headers or "If-Modified-Since" in request.headers
