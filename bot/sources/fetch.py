"""Getting documents over HTTP, within bounds of size, time, redirects and address."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar

import httpx

from bot.sources import freshness, reasons, robots
from bot.sources.addresses import absolute, host_of, without_secrets
from bot.sources.client import Client, body, redirected
from bot.sources.dialling import NotPublicError, PublicTransport
from bot.sources.documents import FetchFailed, Page, Unchanged
from bot.sources.inflating import Inflate, TooLarge
from bot.sources.places import Places
from bot.sources.politeness import ITEM_GAP, LIST_GAP, gap, host_key
from bot.sources.robots import Rules
from bot.sources.sites import Silent, Sites
from bot.sources.turns import Turns
from bot.sources.visit import Visit

__all__ = ["FetchFailed", "Fetcher", "Page", "Unchanged"]

_MOST_REDIRECTS = 5
# Under way at once, of all hosts together.
_MOST_REQUESTS = 32
# Seconds that an item's own page may take: the others of its poll wait for it.
ITEM_SECONDS = 5.0
# And a site's robots.txt.
ROBOTS_SECONDS = 10.0
# Addresses that stay read: the same sources are asked again and again.
_MOST_ADDRESSES = 2_048
_FOR_GOOD = (301, 308)
_WITHOUT_DOCUMENT = (204, 205, 206)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Errand:
    """How one document is asked for: `pause` in seconds before each host is asked."""

    pause: float
    public_only: bool
    is_list: bool = False
    for_people: bool = False
    cookie: str = ""


class Fetcher:
    """One shared client for all sources. Every expected failure is a value; nothing is retried."""

    def __init__(
        self,
        user_agent: str,
        *,
        seconds: float = 20.0,
        largest: int = 5_000_000,
        allowed_hosts: Collection[str] = (),
        ignore_robots: Collection[str] = (),
        turns: Turns | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Take the limits of one fetch: `seconds` without waiting for turns, `largest` in bytes after decompression.

        `allowed_hosts` may be anywhere, also where only public addresses may be asked; the publishers of the hosts in
        `ignore_robots` permit what their robots.txt does not.
        """
        self._seconds = seconds
        self._largest = largest
        self._clock = clock
        self._agent = robots.token(user_agent)
        self._sites = Sites(clock)
        self._ignored = frozenset(host.casefold() for host in ignore_robots)
        self._turns = Turns() if turns is None else turns
        self._places = asyncio.Semaphore(_MOST_REQUESTS)
        # Fetching is quicker than reading: without it a thousand documents would lie in memory after a start.
        self.reading = Places()
        context = httpx.create_ssl_context(trust_env=False)

        timeout = httpx.Timeout(seconds, connect=min(10.0, seconds))
        # Two, for a connection that was made to a private address must not serve who may only ask public ones.
        self._anywhere = Client(httpx.AsyncHTTPTransport(verify=context, trust_env=False), user_agent, timeout)
        self._public = Client(PublicTransport(context, allowed_hosts), user_agent, timeout)

    async def close(self) -> None:
        """Close all connections. Safe to call twice."""
        await self._anywhere.close()
        await self._public.close()

    async def get(
        self,
        url: str,
        *,
        etag: str = "",
        last_modified: str = "",
        public_only: bool = False,
        for_people: bool = False,
        cookie: str = "",
        item: bool = False,
    ) -> Page | Unchanged | FetchFailed:
        """Get one address, following redirects, when it is its host's turn.

        Validators of an earlier answer make the request conditional. A cookie goes to the host that is asked, and to no
        other. What is `for_people` is read where the site's robots.txt lets programs read it. `item` is an item's own
        page: several are asked for one after the other, and may take less time. With `public_only`, and after a
        redirect to another host, private addresses are not even dialled: they would publish what only this machine can
        see.
        """
        seconds = min(ITEM_SECONDS, self._seconds) if item else self._seconds
        headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        errand = _Errand(ITEM_GAP if item else LIST_GAP, public_only, not item, for_people, cookie)
        try:
            if not _is_address(url):
                raise reasons.Refused(reasons.NO_ADDRESS)
            given = {name: value for name, value in headers.items() if value}
            request = self._anywhere.get(_parsed(url), given)
            async with Visit(self._turns, self._places, seconds) as visit:
                return await self._follow(visit, request, errand, self._answer)
        except reasons.EXPECTED as error:
            reason = reasons.of_error(without_secrets(url), error, seconds)
            return FetchFailed(reason, closed=isinstance(error, reasons.Closed))

    async def post(self, url: str, form: Mapping[str, str], *, public_only: bool = False) -> FetchFailed | None:
        """Post a form, following no redirect. None where the server takes it."""
        client = self._public if public_only else self._anywhere
        try:
            request = client.post(httpx.URL(url), form)
            async with Visit(self._turns, self._places, self._seconds) as visit:
                await visit.at(host_key(url), gap(host_key(url), ITEM_GAP))
                response = await client.send(request)
                await response.aclose()
        except reasons.EXPECTED as error:
            return FetchFailed(reasons.of_error(without_secrets(url), error, self._seconds))
        if response.is_success:
            return None
        return FetchFailed(f"{without_secrets(url)} answered {response.status_code} to what we posted")

    async def _follow(
        self,
        visit: Visit,
        request: httpx.Request,
        errand: _Errand,
        read: Callable[[httpx.Response, bool], Awaitable[T]],
    ) -> T:
        """Read the answer at the end of all redirects; `read` is told whether it is to be asked for there for good."""
        first = request.url
        for_good = not (first.username or first.password)
        # Some sites redirect until their cookie comes back. It ends with the request: no source marks us, or others.
        cookies = httpx.Cookies()
        # By hand, because httpx reads the bodies of redirects without any limit.
        for _ in range(_MOST_REDIRECTS + 1):
            if cookies:
                cookies.set_cookie_header(request)
            response = await self._send(visit, request, first, errand)
            if "set-cookie" in response.headers:
                cookies.extract_cookies(response)
            try:
                following = redirected(response)
                if following is None:
                    return await read(response, for_good and request.url != first)
                # Not from https to http: that would give the encryption up for good.
                for_good &= response.status_code in _FOR_GOOD and following.url.scheme >= request.url.scheme
                request = following
            except httpx.InvalidURL as error:
                raise reasons.Astray(reasons.NO_REDIRECT) from error
            finally:
                await response.aclose()
        raise reasons.Astray(reasons.TOO_MANY_REDIRECTS, most=_MOST_REDIRECTS)

    async def _send(self, visit: Visit, request: httpx.Request, first: httpx.URL, errand: _Errand) -> httpx.Response:
        url = request.url
        elsewhere = False
        if url is not first:
            if not absolute("", str(url)):
                raise reasons.Astray(reasons.NO_REDIRECT)
            elsewhere = host_of(str(url)) != host_of(str(first))
        if errand.cookie and not elsewhere and url.scheme >= first.scheme:
            request.headers["Cookie"] = errand.cookie
        public_only = errand.public_only or elsewhere
        delay = await self._permit(visit, url, public_only=public_only) if errand.for_people else 0.0
        key = _host_key(str(url))
        await visit.at(key, gap(key, errand.pause, delay))
        if errand.is_list:
            await self.reading.wait()
        return await (self._public if public_only else self._anywhere).send(request)

    async def _permit(self, visit: Visit, url: httpx.URL, *, public_only: bool) -> float:
        """Give the seconds that a site wants between pages. Raises Refused where its robots.txt lets us read none."""
        if {url.host, url.raw_host.decode("ascii")} & self._ignored:
            return 0.0
        place = url.copy_with(raw_path=b"/robots.txt", fragment=None, username=None, password=None)
        site = str(place)
        try:
            rules = self._sites.rules(site)
            if rules is None:
                visit.leave()
                rules = await self._sites.learn(site, lambda: self._ask(visit, place, public_only=public_only))
        except Silent as silent:
            raise reasons.nobody_knows(str(silent), url.host) from silent
        if not rules.allow(url.raw_path.decode("ascii")):
            raise reasons.may_not(site, url.host)
        return rules.crawl_delay

    async def _ask(self, visit: Visit, place: httpx.URL, *, public_only: bool) -> Rules:
        """Ask for robots.txt, in time and a turn of its own; the turn is left to the page."""
        seconds = min(ROBOTS_SECONDS, self._seconds)
        request = self._anywhere.get(place, {})
        try:
            async with Visit(self._turns, self._places, seconds) as asking:
                try:
                    return await self._follow(asking, request, _Errand(LIST_GAP, public_only), self._rules)
                finally:
                    visit.follow(asking)
        except NotPublicError:
            # Whoever may ask there is not bound by that.
            raise
        except reasons.Astray:
            # As if there were none: RFC 9309, 2.3.1.2.
            return Rules()
        except reasons.EXPECTED as error:
            raise Silent(reasons.of_error(str(place), error, seconds)) from error

    async def _rules(self, response: httpx.Response, _moved: bool) -> Rules:
        if response.is_server_error:
            remedy, _ = reasons.of_status(response.status_code)
            raise reasons.Refused(reasons.ANSWERED, status=response.status_code, remedy=remedy)
        if not response.is_success:
            # There is none: RFC 9309, 2.3.1.3.
            return Rules()
        inflate = _inflate(response, robots.LARGEST)
        try:
            async for chunk in body(response):
                inflate.feed(chunk)
            rules = inflate.end()
        except TooLarge:
            rules = inflate.beginning
        # Beside the loop: half a megabyte of rules takes a quarter of a second.
        return await asyncio.to_thread(robots.read, rules, self._agent)

    async def _answer(self, response: httpx.Response, moved: bool) -> Page | Unchanged | FetchFailed:
        # httpx joins fields of one name by commas, as RFC 9110, 5.3 has it.
        status, header = response.status_code, response.headers
        if status == httpx.codes.NOT_MODIFIED and _is_conditional(response.request):
            # There is nothing to read, but only a connection that was read to the end is used again.
            async for _ in body(response):
                pass
            return Unchanged(freshness.fresh_for(header, self._clock()) if freshness.says_how_fresh(header) else None)
        # Links in the page are resolved against its address, and must not carry our password into a chat.
        where = response.url
        url = str(where.copy_with(username=None, password=None) if where.userinfo else where)
        if not response.is_success or status in _WITHOUT_DOCUMENT:
            remedy, final = reasons.of_status(status)
            reason = reasons.Refused(reasons.ANSWERED, status=status, remedy=remedy).about(without_secrets(url))
            return FetchFailed(reason, freshness.retry_after(header, self._clock()), final)
        inflate = _inflate(response, self._largest)
        async for chunk in body(response):
            inflate.feed(chunk)
        validators = header.get("etag", ""), header.get("last-modified", "")
        content_type, link = header.get("content-type", ""), header.get("link", "")
        fresh_for = freshness.fresh_for(header, self._clock())
        moved_to = str(response.url) if moved else ""
        return Page(url, inflate.end(), content_type, *validators, fresh_for, moved_to, link)


@lru_cache(_MOST_ADDRESSES)
def _is_address(url: str) -> bool:
    return bool(absolute("", url))


@lru_cache(_MOST_ADDRESSES)
def _parsed(url: str) -> httpx.URL:
    return httpx.URL(url)


_host_key = lru_cache(_MOST_ADDRESSES)(host_key)


def _inflate(response: httpx.Response, largest: int) -> Inflate:
    return Inflate(response.headers.get("content-encoding", ""), largest)


def _is_conditional(request: httpx.Request) -> bool:
    return "If-None-Match" in request.headers or "If-Modified-Since" in request.headers
