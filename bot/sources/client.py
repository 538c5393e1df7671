"""Ask over HTTP, and do no more: what httpx's own client does around a request costs as much as a poll may."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterable, Mapping
from urllib.parse import unquote

import httpx

_ALWAYS = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
# What a redirect is asked with is this request's own, or another host's.
_NOT_CARRIED = ("Host", "Cookie", "Authorization")


class Client:
    """Sends requests over connections that it keeps. Redirects, cookies and limits are the caller's."""

    def __init__(self, transport: httpx.AsyncBaseTransport, user_agent: str, timeout: httpx.Timeout) -> None:
        self._transport = transport
        self._headers = {"User-Agent": user_agent, **_ALWAYS}
        self._extensions = {"timeout": timeout.as_dict()}

    async def close(self) -> None:
        """Close all connections. Safe to call twice."""
        await self._transport.aclose()

    def get(self, url: httpx.URL, headers: Mapping[str, str]) -> httpx.Request:
        """Make a request for a document; a name and password in the address are its credentials."""
        return httpx.Request("GET", url, headers=self._with(url, headers), extensions=self._extensions)

    def post(self, url: httpx.URL, form: Mapping[str, str]) -> httpx.Request:
        """Make a request that posts a form."""
        return httpx.Request("POST", url, headers=self._with(url, {}), data=dict(form), extensions=self._extensions)

    async def send(self, request: httpx.Request) -> httpx.Response:
        """Give the answer, of which the body is still to be read; the caller closes it. Raises httpx.HTTPError."""
        response = await self._transport.handle_async_request(request)
        response.request = request
        return response

    def _with(self, url: httpx.URL, headers: Mapping[str, str]) -> dict[str, str]:
        return {**self._headers, **(_credentials(url) if url.userinfo else {}), **headers}


def redirected(response: httpx.Response) -> httpx.Request | None:
    """Make the request that a redirect asks for; None where the answer is no redirect. Raises httpx.InvalidURL."""
    if not response.has_redirect_location:
        return None
    request = response.request
    url = request.url.join(response.headers["Location"])
    if url.scheme and not url.host:
        # "https:///path": servers mean themselves.
        url = url.copy_with(host=request.url.host)
    headers = request.headers.copy()
    kept = headers.get("Authorization", "") if _is_for(request.url, url) else ""
    for name in _NOT_CARRIED:
        headers.pop(name, None)
    if url.userinfo:
        headers.update(_credentials(url))
    elif kept:
        headers["Authorization"] = kept
    return httpx.Request("GET", url, headers=headers, extensions=request.extensions)


def body(response: httpx.Response) -> AsyncIterable[bytes]:
    """Give the body as it comes, not decompressed."""
    assert isinstance(response.stream, httpx.AsyncByteStream)
    return response.stream


def _is_for(given: httpx.URL, url: httpx.URL) -> bool:
    """Tell whether credentials for one address are for another, too: of the same server, or its encrypted side."""
    encrypted = (given.scheme, url.scheme) == ("http", "https") and given.port is None and url.port is None
    return given.host == url.host and (encrypted or (given.scheme, given.port) == (url.scheme, url.port))


def _credentials(url: httpx.URL) -> dict[str, str]:
    """Give the header of RFC 7617 for the name and password in an address."""
    name, _, password = url.userinfo.decode("ascii").partition(":")
    pair = f"{unquote(name)}:{unquote(password)}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}
