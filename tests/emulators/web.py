"""The public web: pages and feeds with ETags, and whatever goes wrong with them."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from aiohttp import web

from tests.emulators.server import Emulator, Fault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

WebAction = Literal["drop", "stall"]
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class WebRequest:
    """One request: `path` with its query, headers with lower-case names, and the monotonic time of arrival."""

    path: str
    headers: Mapping[str, str]
    at: float
    method: str = "GET"


@dataclass(frozen=True, slots=True)
class Published:
    """What a path answers."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class WebEmulator(Emulator):
    """A web server that publishes what a test tells it to."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[WebRequest] = []
        self._published: dict[str, Published] = {}

    def routes(self) -> list[web.RouteDef]:
        """Take every path."""
        return [web.route("*", "/{path:.*}", self._handle)]

    def received(self) -> str:
        """List the requests so far."""
        return "Requests: " + (", ".join(f"{request.method} {request.path}" for request in self.requests) or "none")

    def publish(
        self,
        path: str,
        body: str | bytes,
        content_type: str = HTML,
        etag: bool | str = True,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Answer `path` with `body` from now on, and return its whole address.

        A path with a query answers exactly that query, one without answers any. `etag` is made from the body, given,
        or left out; a `Last-Modified` among the headers is honoured too.
        """
        data = body.encode() if isinstance(body, str) else body
        sent = {"Content-Type": content_type, **(headers or {})}
        if etag:
            sent["ETag"] = etag if isinstance(etag, str) else f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        self._published[path] = Published(data, status, sent)
        return f"{self.url}{path}"

    def withdraw(self, path: str) -> None:
        """Answer `path` with 404 from now on."""
        del self._published[path]

    def fail(
        self,
        path: str,
        how: int | WebAction,
        headers: Mapping[str, str] | None = None,
        *,
        body: str = "",
        times: int = 1,
    ) -> None:
        """Let the next requests for `path` fail: a status, "drop" closes the socket, "stall" waits for `release()`."""
        if isinstance(how, int):
            fault = Fault(status=how, headers=headers or {}, body=body)
        else:
            fault = Fault(action="drop_before" if how == "drop" else "stall")
        self.script(path, *[fault] * times)

    def requests_for(self, path: str) -> list[WebRequest]:
        """Return the requests for `path`, whatever their query unless `path` has one."""
        return [request for request in self.requests if path in (request.path, request.path.partition("?")[0])]

    def wait_for_requests(self, path: str, count: int = 1, timeout: float = 30) -> Awaitable[list[WebRequest]]:
        """Return the requests for `path` as soon as there are `count` of them."""
        return self.wait_for(
            lambda: requests if len(requests := self.requests_for(path)) >= count else None,
            timeout,
            f"fewer than {count} requests for {path}",
        )

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path_qs if request.path_qs in self._published.keys() | self._faults.keys() else request.path
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append(WebRequest(request.path_qs, headers, time.monotonic(), request.method))
        self.changed()

        async def accept() -> web.StreamResponse:
            return self._answer(path, request)

        return await self.perform(path, request, accept, _refuse)

    def _answer(self, path: str, request: web.Request) -> web.Response:
        published = self._published.get(path)
        if published is None:
            return web.Response(status=404, text="Not found")
        if published.status == 200 and _unchanged(published.headers, request.headers):
            # RFC 9110, 15.4.5.
            named = ("ETag", "Last-Modified", "Cache-Control", "Expires", "Age")
            kept = {name: published.headers[name] for name in named if name in published.headers}
            return web.Response(status=304, headers=kept)
        return web.Response(status=published.status, body=published.body, headers=published.headers)


def _unchanged(sent: Mapping[str, str], asked: Mapping[str, str]) -> bool:
    if "If-None-Match" in asked:
        known = {tag.strip().removeprefix("W/") for tag in asked["If-None-Match"].split(",")}
        return "ETag" in sent and ("*" in known or sent["ETag"].removeprefix("W/") in known)
    return "Last-Modified" in sent and sent["Last-Modified"] == asked.get("If-Modified-Since")


def _refuse(fault: Fault) -> web.Response:
    return web.Response(status=fault.status, headers=fault.headers, text=fault.body or "")
