"""A thousand feeds on loopback, in a process of their own: `python -m tests.bench.feeds PORTS` prints its ports.

/changed/N     another body each time: one item came, the oldest left
/validated/N   the same body with an ETag; 304 to whoever has it
/same/N        the same body without validators
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import cycle, islice
from pathlib import Path

from tests.bench.workload import Workload

KINDS = ("changed", "validated", "same")
ITEMS = 30
ETAG = '"one"'
BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)

_HEAD = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>Feed</title>'
    b"<link>https://example.org/</link><description>Invented news</description>"
)
_TAIL = b"</channel></rss>\n"


class Feeds:
    """What each path answers; items are numbered, and come one a request where a feed changes."""

    def __init__(self) -> None:
        self._texts = [(each.headline, each.body[:300]) for each in Workload().releases(10)]
        self._asked: Counter[str] = Counter()

    def answer(self, path: str, etag: str) -> bytes:
        """Give the whole answer to a request for a path with an If-None-Match, empty where there was none."""
        kind = path.split("/")[1]
        if kind == "validated" and etag == ETAG:
            return f"HTTP/1.1 304 Not Modified\r\nETag: {ETAG}\r\n\r\n".encode()
        if kind == "changed":
            self._asked[path] += 1
        body = self.body(path, self._asked[path])
        validator = f"ETag: {ETAG}\r\n" if kind == "validated" else ""
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: {len(body)}\r\n{validator}\r\n"
        return head.encode() + body

    def body(self, path: str, newest: int) -> bytes:
        """Write a feed of which so many items have come since its beginning."""
        return _HEAD + b"".join(self._item(path, number) for number in range(newest, newest - ITEMS, -1)) + _TAIL

    def _item(self, path: str, number: int) -> bytes:
        headline, summary = self._texts[number % len(self._texts)]
        address = f"https://example.org{path}/{number}"
        at = format_datetime(BEGIN + timedelta(minutes=30 * number))
        return (
            f"<item><title>{headline} {number}</title><link>{address}</link><description>{summary}</description>"
            f'<pubDate>{at}</pubDate><guid isPermaLink="true">{address}</guid></item>'
        ).encode()


class _Connection(asyncio.Protocol):
    """As little of HTTP/1.1 as GET on a kept connection needs."""

    def __init__(self, feeds: Feeds) -> None:
        self._feeds = feeds
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received and self._transport is not None:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            first, *fields = head.decode("latin-1").split("\r\n")
            given = dict(field.lower().split(": ", 1) for field in fields)
            self._transport.write(self._feeds.answer(first.split(" ")[1], given.get("if-none-match", "")))


@contextlib.asynccontextmanager
async def serving(ports: int) -> AsyncIterator[list[str]]:
    """Start the feeds in another process, and give the beginnings of their addresses, one a port."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.feeds",
        str(ports),
        cwd=Path(__file__).parents[2],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = await process.stdout.readline()
        yield [f"http://127.0.0.1:{port}" for port in line.decode().split()]
    finally:
        process.stdin.close()
        await process.wait()


def addresses(ports: list[str], kind: str, number: int) -> list[str]:
    """Give the addresses of so many feeds of a kind, their ports taking turns."""
    return [f"{port}/{kind}/{at}" for at, port in enumerate(islice(cycle(ports), number))]


async def _serve(ports: int) -> None:
    feeds, loop = Feeds(), asyncio.get_running_loop()
    servers = [await loop.create_server(lambda: _Connection(feeds), "127.0.0.1", 0) for _ in range(ports)]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    # Until whoever started it lets go of its input, by ending or being ended.
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
