"""A server that answers at once or after a while, in a process of its own: so lean that it measures its clients.

    POST /MS/…/METHOD     a message, accepted after so many milliseconds; Telegram's getMe as well
    PUT /feed             what GET /feed answers from now on
    GET /times            when each /feed was answered, and when each message came, by this machine's monotonic clock

`python -m tests.bench.answering` says its port and goes on until its standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from types import TracebackType
from typing import Self

import aiohttp

from tests.e2e.process import ROOT

_FROM = {"id": 100200300, "is_bot": True, "first_name": "PhiWire", "username": "phiwire_test_bot"}
_ME = _FROM | {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
_TEXT = "Ferry vote survives\nMarta Quill · The Wire · 12:00\n\nWhy: follow Marta Quill"
_ENTITIES = [(0, 19, "bold"), (0, 19, "text_link"), (52, 4, "italic"), (57, 18, "code")]
_MESSAGE = {
    "message_id": 12345,
    "from": _FROM,
    "chat": {"id": 7001, "first_name": "Ada", "username": "ada_invented", "type": "private"},
    "date": 1772625600,
    "text": _TEXT,
    "entities": [{"offset": at, "length": length, "type": kind} for at, length, kind in _ENTITIES],
    "link_preview_options": {"url": "https://example.org/1", "prefer_small_media": True},
}
_POSTED = {"ok": True, "channel": "C1", "ts": "1772625600.000100", "message": {"type": "message", "text": _TEXT}}
_ANSWERS = {
    "getMe": {"ok": True, "result": _ME},
    "sendMessage": {"ok": True, "result": _MESSAGE},
    "chat.postMessage": _POSTED,
    "auth.test": {"ok": True, "user": "phiwire", "team": "Lobby"},
    "apps.connections.open": {"ok": True, "url": "ws://127.0.0.1:9/"},
}
MESSAGES = ("sendMessage", "chat.postMessage")


class AnsweringServer:
    """The server's process, as long as the context lasts."""

    def __init__(self) -> None:
        self.url = ""

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            __name__,
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{int(await self._process.stdout.readline())}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    async def publish(self, body: str) -> None:
        """Answer /feed with this from now on."""
        async with aiohttp.ClientSession() as client, client.put(f"{self.url}/feed", data=body.encode()):
            pass

    async def times(self) -> tuple[list[float], list[float]]:
        """Say when each request for the feed was answered to its last byte, and when each message had come."""
        async with aiohttp.ClientSession() as client, client.get(f"{self.url}/times") as answer:
            times = await answer.json()
        return times["fed"], times["sent"]


class _Record:
    def __init__(self) -> None:
        self.feed = b""
        self.fed: list[float] = []
        self.sent: list[float] = []
        self.answers = {method: _response(answer) for method, answer in _ANSWERS.items()}


class _Connection(asyncio.Protocol):
    """HTTP/1.1 with lengths, one request after the other: what our clients send."""

    def __init__(self, record: _Record) -> None:
        self._record = record
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, rest = self._received.partition(b"\r\n\r\n")
        _, named, length = head.lower().partition(b"content-length:")
        size = int(length.split(b"\r\n", 1)[0]) if named else 0
        if end and len(rest) >= size:
            self._received = b""
            verb, path, _ = head.split(b" ", 2)
            self._answer(verb.decode(), path.decode(), rest)

    def _answer(self, verb: str, path: str, body: bytes) -> None:
        record, (_, first, *_), method = self._record, path.split("/"), path.rpartition("/")[2]
        if path == "/feed" and verb == "PUT":
            record.feed = body
            self._write(_response({}))
        elif path == "/feed":
            self._write(_head(len(record.feed), "application/rss+xml") + record.feed)
            record.fed.append(time.monotonic())
        elif path == "/robots.txt":
            self._write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        elif path == "/times":
            self._write(_response({"fed": record.fed, "sent": record.sent}))
        else:
            if method in MESSAGES:
                record.sent.append(time.monotonic())
            if wait := int(first) / 1000:
                asyncio.get_running_loop().call_later(wait, self._write, record.answers[method])
            else:
                self._write(record.answers[method])

    def _write(self, answer: bytes) -> None:
        assert self._transport is not None
        self._transport.write(answer)


def _response(answer: object) -> bytes:
    body = json.dumps(answer).encode()
    return _head(len(body), "application/json") + body


def _head(length: int, kind: str) -> bytes:
    return (
        f"HTTP/1.1 200 OK\r\nServer: nginx/1.18.0\r\nDate: Wed, 04 Mar 2026 12:00:00 GMT\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {length}\r\nConnection: keep-alive\r\nAccess-Control-Allow-Origin: *\r\n\r\n"
    ).encode()


async def _serve() -> None:
    loop, record = asyncio.get_running_loop(), _Record()
    async with await loop.create_server(lambda: _Connection(record), "127.0.0.1", 0) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
