"""Getting documents over HTTP, within bounds of size, time, redirects and address."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

import httpx

from bot.sources.addresses import absolute, host_of, without_secrets
from bot.sources.dialling import NotPublicError, PublicTransport
from bot.sources.documents import FetchFailed, Page, Unchanged
from bot.sources.inflate import Inflate, Refused
from bot.sources.politeness import ITEM_GAP, LIST_GAP, gap, host_key
from bot.sources.turns import Turns

__all__ = ["FetchFailed", "Fetcher", "Page", "Unchanged"]

_MOST_REDIRECTS = 5
# Under way at once, of all hosts together.
_MOST_REQUESTS = 32
_LONGEST_WAIT = 7 * 86_400.0
# Addresses that stay read: the same sources are asked again and again.
_MOST_ADDRESSES = 2_048
_MAX_AGE = re.compile(r"(?<![\w-])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE | re.ASCII)
_NO_ADDRESS = "is no web address; use one that begins with http:// or https://"
_REMEDIES = {
    400: "the server does not understand the address; check url",
    401: "the address needs a login; check url, or ask the publisher for an open address",
    403: "the server refuses this client; open the address in a browser, and set another user agent if it works there",
    404: "the address is gone; look for its new address and change url",
    406: "the server has no form of this document for us; check url",
    410: "the address is gone for good; look for its new address and change url",
    429: "the server asks for fewer requests; poll it less often",
    451: "the server may not show this document here; use another source",
}


# Client errors that pass: RFC 9110, 15.5.9; RFC 8470, 5.2; RFC 6585, 4.
_PASSING = (408, 425, 429)
_FOR_GOOD = (301, 308)


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
        """Take the limits of one fetch: `seconds` in total, `largest` in bytes after decompression.

        `allowed_hosts` may be anywhere, also where only public addresses may be asked.
        """
        self._seconds = seconds
        self._largest = largest
        self._clock = clock
        self._turns = Turns() if turns is None else turns
        self._requests = asyncio.Semaphore(_MOST_REQUESTS)
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
        other; `item` is an item's own page, of which several are asked for one after the other. With `public_only`, and
        after a redirect to another host, private addresses are not even dialled: they would publish what only this
        machine can see.
        """
        key = _host_key(url)
        if not key:
            return FetchFailed(f"{without_secrets(url)} {_NO_ADDRESS}")
        headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        # First the host's turn, then a place among all requests: a queue at one host must not take them from others.
        turn = await self._turns.take(key, gap(key, ITEM_GAP if item else LIST_GAP))
        try:
            async with self._requests, asyncio.timeout(self._seconds):
                given = {name: value for name, value in headers.items() if value}
                request = self._anywhere.build_request("GET", _parsed(url), headers=given)
                return await self._follow(request, public_only=public_only, cookie=cookie)
        except TimeoutError:
            return FetchFailed(
                f"{without_secrets(url)} did not answer completely within {self._seconds:g} seconds; try it later"
            )
        except (httpx.HTTPError, httpx.InvalidURL, NotPublicError, Refused, ValueError, OSError) as error:
            return FetchFailed(f"{without_secrets(url)} {self._reason(error)}")
        finally:
            turn.end()

    async def _follow(
        self, request: httpx.Request, *, public_only: bool, cookie: str
    ) -> Page | Unchanged | FetchFailed:
        first = request.url
        asked = host = host_of(str(first))
        for_good = not (first.username or first.password)
        # By hand, because httpx reads the bodies of redirects without any limit.
        for _ in range(_MOST_REDIRECTS + 1):
            if request.url.scheme not in {"http", "https"} or not request.url.host:
                raise Refused(_NO_ADDRESS)
            if cookie and host == asked and request.url.scheme >= first.scheme:
                request.headers["Cookie"] = cookie
            client = self._public if public_only or host != asked else self._anywhere
            response = await client.send(request, stream=True)
            try:
                if response.next_request is None:
                    answer = await self._answer(response)
                    moved = isinstance(answer, Page) and for_good and request.url != first
                    return replace(answer, moved_to=str(request.url)) if moved and isinstance(answer, Page) else answer
                # Not from https to http: that would give the encryption up for good.
                for_good &= response.status_code in _FOR_GOOD and response.next_request.url.scheme >= request.url.scheme
                request = response.next_request
                host = host_of(str(request.url))
            finally:
                await response.aclose()
        raise Refused(
            f"redirects more than {_MOST_REDIRECTS} times; open it in a browser and use the address where it ends"
        )

    async def _answer(self, response: httpx.Response) -> Page | Unchanged | FetchFailed:
        status = response.status_code
        if status == httpx.codes.NOT_MODIFIED and _is_conditional(response.request):
            # There is nothing to read, but only a connection that was read to the end is used again.
            async for _ in response.aiter_raw():
                pass
            return Unchanged(_fresh_for(response) if "cache-control" in response.headers else None)
        # Links in the page are resolved against its address, and must not carry our password into a chat.
        where = response.url
        url = str(where.copy_with(username=None, password=None) if where.userinfo else where)
        if not response.is_success:
            remedy = _REMEDIES.get(status) or (
                "the server is in trouble; try it later"
                if response.is_server_error
                else "this is no document; check url"
            )
            final = response.is_client_error and status not in _PASSING
            reason = f"{without_secrets(url)} answered {status}: {remedy}"
            return FetchFailed(reason, self._retry_after(response), final)
        body = await self._read(response)
        # httpx joins fields of one name by commas, as RFC 9110, 5.3 has it.
        header = response.headers.get
        validators = header("etag", ""), header("last-modified", "")
        content_type, link = header("content-type", ""), header("link", "")
        return Page(url, body, content_type, *validators, _fresh_for(response), link=link)

    async def _read(self, response: httpx.Response) -> bytes:
        inflate = Inflate(response.headers.get("content-encoding", ""), self._largest)
        async for chunk in response.aiter_raw():
            inflate.feed(chunk)
        return inflate.end()

    def _retry_after(self, response: httpx.Response) -> float | None:
        """Read Retry-After, in seconds or as a date: RFC 9110, 10.2.3."""
        value = response.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return min(float(value[:10]), _LONGEST_WAIT)
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return min(max((aware - self._clock()).total_seconds(), 0.0), _LONGEST_WAIT)

    def _reason(self, error: Exception) -> str:
        causes = _causes(error)
        if isinstance(error, Refused):
            return str(error)
        if isinstance(error, NotPublicError):
            return (
                "leads to a private address; check where it leads, and if it is meant, put its host into "
                "PHIWIRE_ALLOWED_HOSTS"
            )
        if isinstance(error, httpx.TimeoutException):
            return f"did not answer within {self._seconds:g} seconds; try it later"
        if any(isinstance(cause, socket.gaierror) for cause in causes):
            return "has a host that cannot be found; check its spelling and this machine's network"
        if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
            return "has a certificate that cannot be trusted; open it in a browser to see why"
        if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL | ValueError):
            return _NO_ADDRESS
        if isinstance(error, httpx.ConnectError):
            return "refuses connections; check host and port, or try it later"
        if isinstance(error, httpx.RemoteProtocolError):
            return "broke off its answer or does not speak HTTP; try it later"
        return f"could not be read ({type(error).__name__}); try it later"


@lru_cache(_MOST_ADDRESSES)
def _host_key(url: str) -> str:
    """Name the server to be asked, "" where the address is none of the web."""
    return host_key(url) if absolute("", url) else ""


@lru_cache(_MOST_ADDRESSES)
def _parsed(url: str) -> httpx.URL:
    return httpx.URL(url)


def _fresh_for(response: httpx.Response) -> float:
    """Read for how many seconds an answer stays fresh: RFC 9111, 4.2; what a cache on the way has used up is over."""
    control = response.headers.get("cache-control", "")
    age = response.headers.get("age", "").strip()
    fresh = None if "no-cache" in control.lower() or "no-store" in control.lower() else _MAX_AGE.search(control)
    used = int(age[:9]) if age.isascii() and age.isdigit() else 0
    return float(max(0, int(fresh[1]) - used)) if fresh else 0.0


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in found:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found


def _is_conditional(request: httpx.Request) -> bool:
    return "If-None-Match" in request.headers or "If-Modified-Since" in request.headers
