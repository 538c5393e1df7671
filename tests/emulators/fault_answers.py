"""What servers do wrong below the document: statuses, redirects, lengths, compression, headers, and silence."""

from __future__ import annotations

import gzip
import zlib
from itertools import count
from typing import TYPE_CHECKING

from tests.emulators.faults import MUCH, XML, Exchange, answers, named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.emulators.faults import Fault

_OK = "HTTP/1.1 200 OK\r\n"
_HEAD = f"{_OK}Content-Type: {XML}\r\n"
_BOMB = gzip.compress(bytes(50_000_000))


async def _stall(exchange: Exchange) -> None:
    await exchange.hold()


async def _stall_in_headers(exchange: Exchange) -> None:
    await exchange.write(_OK, "Content-Ty")
    await exchange.hold()


async def _stall_in_body(exchange: Exchange) -> None:
    body = exchange.document.body
    await exchange.write(_HEAD, f"Content-Length: {len(body)}\r\n\r\n", body[: len(body) // 2])
    await exchange.hold()


async def _drip(exchange: Exchange) -> None:
    await exchange.write(_HEAD, "Content-Length: 1000000\r\n\r\n")
    while True:
        await exchange.write(" ")
        await exchange.breathe()


async def _drip_headers(exchange: Exchange) -> None:
    await exchange.write(_OK, "X-Slow: ")
    while True:
        await exchange.write("x")
        await exchange.breathe()


async def _endless_headers(exchange: Exchange) -> None:
    await exchange.write(_OK)
    for number in count():
        await exchange.write(f"X-{number}: {'x' * 1000}\r\n")


async def _endless_body(exchange: Exchange) -> None:
    await exchange.write(_HEAD, "Transfer-Encoding: chunked\r\n\r\n")
    while True:
        await exchange.write(f"{MUCH:x}\r\n", b" " * MUCH, "\r\n")


async def _endless_bomb(exchange: Exchange) -> None:
    stream = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    await exchange.write(_HEAD, "Content-Encoding: gzip\r\n\r\n")
    while True:
        await exchange.write(stream.compress(bytes(1_000_000)) + stream.flush(zlib.Z_SYNC_FLUSH))


async def _endless_empty_members(exchange: Exchange) -> None:
    """Send members without any content: nothing grows, so no limit of size ends it."""
    await exchange.write(_HEAD, "Content-Encoding: gzip\r\n\r\n")
    while True:
        await exchange.write(gzip.compress(b"") * 100)


async def _endless_redirect(exchange: Exchange) -> None:
    await exchange.write("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n\r\n")
    while True:
        await exchange.write(bytes(MUCH))


async def _closed_at_once(exchange: Exchange) -> None:
    await exchange.write("")


async def _closed_in_headers(exchange: Exchange) -> None:
    await exchange.write(_OK, "Content-Type: text")


async def _closed_in_body(exchange: Exchange) -> None:
    await exchange.answer(length=len(exchange.document.body) + 100)


async def _closed_in_a_chunk(exchange: Exchange) -> None:
    await exchange.write(_HEAD, "Transfer-Encoding: chunked\r\n\r\nffff\r\n", exchange.document.body)


async def _broken_chunk(exchange: Exchange) -> None:
    await exchange.write(_HEAD, "Transfer-Encoding: chunked\r\n\r\nzz\r\n", exchange.document.body)


async def _cut_by_its_length(exchange: Exchange) -> None:
    """Say that it is shorter than it is: what is beyond was never sent, as far as HTTP goes."""
    await exchange.answer(length=exchange.document.body.index(b"</item>") + len(b"</item>"))


async def _two_lengths(exchange: Exchange) -> None:
    await exchange.answer(None, "200 OK", ("Content-Length", "7"))


async def _no_length(exchange: Exchange) -> None:
    await exchange.write(_HEAD, "\r\n", exchange.document.body)


async def _http_0_9(exchange: Exchange) -> None:
    await exchange.write(exchange.document.body)


async def _http_1_0(exchange: Exchange) -> None:
    await exchange.write("HTTP/1.0 200\r\n\r\n", exchange.document.body)


def _raw(text: str | bytes) -> Fault:
    async def fault(exchange: Exchange) -> None:
        await exchange.write(text)

    return fault


def _packed(pack: str, cut: int | None = None, *, twice: bool = False) -> Fault:
    async def fault(exchange: Exchange) -> None:
        bare = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        body, middle = exchange.document.body, len(exchange.document.body) // 2
        packed = {
            "gzip": gzip.compress(body),
            "members": gzip.compress(body[:middle]) + gzip.compress(body[middle:]),
            "zlib": zlib.compress(body),
            "deflate": bare.compress(body) + bare.flush(),
        }[pack]
        encoding = "gzip" if pack in {"gzip", "members"} else "deflate"
        packed = gzip.compress(packed) if twice else packed
        named = f"{encoding}, gzip" if twice else encoding
        await exchange.answer(packed[:cut], "200 OK", ("Content-Encoding", named))

    return fault


def _bomb(body: bytes, encoding: str = "gzip", status: str = "200 OK", *headers: tuple[str, str]) -> Fault:
    return answers(body, status, ("Content-Encoding", encoding), *headers)


def _with_headers(*headers: tuple[str, str]) -> Fault:
    return answers(None, "200 OK", *headers)


def _redirect(location: str, status: str = "302 Found", body: bytes = b"") -> Fault:
    async def fault(exchange: Exchange) -> None:
        port = exchange.server.url.rpartition(":")[2]
        await exchange.answer(body, status, ("Location", location.format(port=port, path=exchange.path)))

    return fault


def _chain(hops: int, status: str = "302 Found") -> Fault:
    async def fault(exchange: Exchange) -> None:
        path, _, at = exchange.path.partition("~")
        if int(at or 0) == hops:
            document = exchange.server.document(path)
            await exchange.answer(document.body, content_type=document.content_type)
        else:
            await exchange.answer(b"", status, ("Location", f"{path}~{int(at or 0) + 1}"))

    return fault


async def _wants_its_cookie(exchange: Exchange) -> None:
    """Redirect to the same address until the cookie comes back."""
    if exchange.cookies:
        await exchange.answer()
    else:
        await exchange.answer(b"", "302 Found", ("Location", exchange.path), ("Set-Cookie", "seen=yes; Path=/"))


def _statuses(codes: Sequence[str], *headers: tuple[str, str]) -> Mapping[str, Fault]:
    return {code[:3]: answers(b"<p>Sorry</p>", code, *headers, content_type="text/html") for code in codes}


STALLS: Mapping[str, Fault] = {
    "stall before the headers": _stall,
    "stall in the headers": _stall_in_headers,
    "stall in the body": _stall_in_body,
    "drip of a body": _drip,
    "drip of headers": _drip_headers,
}
ANSWERS: Mapping[str, Fault] = named(
    STALLS,
    {
        "endless headers": _endless_headers,
        "endless chunked body": _endless_body,
        "endless bomb": _endless_bomb,
        "endless empty members": _endless_empty_members,
        "endless body of a redirect": _endless_redirect,
        "closed at once": _closed_at_once,
        "closed in the headers": _closed_in_headers,
        "closed in the body": _closed_in_body,
        "closed in a chunk": _closed_in_a_chunk,
        "broken chunk": _broken_chunk,
        "length too short": _cut_by_its_length,
        "two lengths": _two_lengths,
        "no length": _no_length,
        "HTTP/0.9": _http_0_9,
        "HTTP/1.0 without headers": _http_1_0,
        "SSH": _raw("SSH-2.0-OpenSSH_9.0\r\n"),
        "random bytes": _raw(bytes(range(256)) * 4),
        "status of words": _raw("HTTP/1.1 fine OK\r\n\r\n"),
        "length of words": _raw(_OK + "Content-Length: some\r\n\r\nx"),
        "negative length": _raw(_OK + "Content-Length: -1\r\n\r\nx"),
        "header without a name": _raw(_OK + ": x\r\n\r\nx"),
        "NUL in a header": _raw(_OK + "X: \0\r\n\r\nx"),
        "switch of protocols": _raw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
        "gzip": _packed("gzip"),
        "gzip in members": _packed("members"),
        "deflate": _packed("zlib"),
        "bare deflate": _packed("deflate"),
        "gzip cut short": _packed("gzip", -9),
        "gzip without its end": _packed("gzip", -1),
        "gzip of nothing": _packed("gzip", 0),
        "gzip in gzip": _packed("gzip", twice=True),
        "gzip that is none": answers(None, "200 OK", ("Content-Encoding", "gzip")),
        "compression not asked for": answers(b"x", "200 OK", ("Content-Encoding", "br")),
        "gzip bomb": _bomb(_BOMB),
        "gzip bomb of many members": _bomb(gzip.compress(bytes(90_000)) * 500),
        "deflate bomb": _bomb(zlib.compress(bytes(50_000_000)), "deflate"),
        "bomb in a redirect": _bomb(_BOMB, "gzip", "302 Found", ("Location", "/elsewhere")),
        "bomb in an error": _bomb(_BOMB, status="500 Internal Server Error"),
        "20 MB": answers(b" " * 20_000_000),
        "thousands of headers": _with_headers(*((f"X-{number}", "x") for number in range(5_000))),
        "huge header": _with_headers(("X-Huge", "x" * 1_000_000)),
        "headers twice": _with_headers(("Content-Type", "text/html"), ("ETag", '"a"'), ("ETag", '"b"')),
        "header named in other letters": _with_headers(("X-É", "x")),
        "header in other letters": _with_headers(("X", "é\xff"), ("Link", "<é>; rel=hub")),
        "cookies": _with_headers(*(("Set-Cookie", f"c{number}={'x' * 100}; Path=/") for number in range(200))),
        "cookie that must come back": _wants_its_cookie,
        "odd hints": _with_headers(("Cache-Control", "max-age=" + "9" * 999), ("Link", '<[>; rel="hub"')),
        "redirect to itself": _redirect("{path}"),
        "redirect by a chain": _chain(5),
        "redirect by a permanent chain": _chain(3, "301 Moved Permanently"),
        "redirect by too long a chain": _chain(6),
        "redirect to a private address": _redirect("http://localhost:{port}{path}"),
        "redirect to a file": _redirect("file:///etc/hostname"),
        "redirect to ftp": _redirect("ftp://127.0.0.1/x"),
        "redirect to javascript": _redirect("javascript:alert(1)"),
        "redirect to data": _redirect("data:text/xml,<rss/>"),
        "redirect to no address": _redirect("http://[broken"),
        "redirect to no host": _redirect("https://"),
        "redirect to no port": _redirect("http://127.0.0.1:99999/"),
        "redirect without an address": answers(b"", "302 Found"),
        "redirect to nothing": _redirect(""),
        "redirect to TLS on a plain port": _redirect("https://127.0.0.1:{port}{path}"),
        "choice of several": answers(b"", "300 Multiple Choices"),
        "204": answers(b"", "204 No Content"),
        "206": answers(b"<rss", "206 Partial Content", ("Content-Range", "bytes 0-3/1000")),
        "304 that was not asked for": answers(b"", "304 Not Modified"),
    },
    _statuses(
        [
            "401 Unauthorized",
            "402 Payment Required",
            "403 Forbidden",
            "404 Not Found",
            "406 Not Acceptable",
            "410 Gone",
            "418 I'm a teapot",
            "429 Too Many Requests",
            "451 Unavailable For Legal Reasons",
            "500 Internal Server Error",
            "502 Bad Gateway",
            "503 Service Unavailable",
            "599 Unheard Of",
            "999 No",
        ]
    ),
    {
        "429 for some seconds": answers(b"", "429 Too Many Requests", ("Retry-After", "7200")),
        "503 until a date": answers(b"", "503 Down", ("Retry-After", "Wed, 04 Mar 2026 14:00:00 GMT")),
        "503 until nonsense": answers(b"", "503 Down", ("Retry-After", "soon")),
        "503 for ever": answers(b"", "503 Down", ("Retry-After", "9" * 400)),
    },
)
