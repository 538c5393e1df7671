"""A server that misbehaves on purpose, by the names of its faults: each is written to the socket byte by byte."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

XML = "application/rss+xml; charset=utf-8"
# As much as fits into no buffer between two sockets.
MUCH = 1 << 16


@dataclass(frozen=True, slots=True)
class Document:
    """What a path shows while nothing is wrong."""

    body: bytes = b""
    content_type: str = XML


class Exchange:
    """One request, and the socket on which anything at all may be answered."""

    def __init__(
        self, server: FaultServer, path: str, cookies: str, document: Document, writer: asyncio.StreamWriter
    ) -> None:
        self.server = server
        self.path = path
        self.cookies = cookies
        self.document = document
        self._writer = writer
        self._released = server.released

    async def write(self, *parts: str | bytes) -> None:
        """Write, and wait until the other side has read most of it."""
        for part in parts:
            self._writer.write(part.encode("latin-1") if isinstance(part, str) else part)
        await self._writer.drain()
        # A socket with room lets nobody else run.
        await asyncio.sleep(0)

    async def hold(self) -> None:
        """Do nothing until the server is told to `release` what it holds."""
        self.server.holds.set()
        await self._released.wait()

    async def breathe(self) -> None:
        """Let the other side run, and fail where the fault is over."""
        self.server.holds.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._released.wait(), 0.01)
        if self._released.is_set():
            raise ConnectionAbortedError

    async def answer(
        self,
        body: bytes | None = None,
        status: str = "200 OK",
        *headers: tuple[str, str],
        content_type: str | None = None,
        length: int | None = None,
    ) -> None:
        """Answer as HTTP wants it, but for what is given: the path's own document where there is no body."""
        body = self.document.body if body is None else body
        kind = self.document.content_type if content_type is None else content_type
        lines = [("Content-Type", kind)] if kind else []
        lines += [("Content-Length", str(len(body) if length is None else length)), ("Connection", "close"), *headers]
        await self.write(
            f"HTTP/1.1 {status}\r\n", "".join(f"{name}: {value}\r\n" for name, value in lines), "\r\n", body
        )


Fault = Callable[[Exchange], Awaitable[None]]


class FaultServer:
    """Shows documents, except where a path has a fault. Every answer has a connection of its own."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.url = ""
        self.requests: list[str] = []
        self.cookies: list[str] = []
        self.holds = asyncio.Event()
        self.released = asyncio.Event()
        self._tls = tls
        self._documents: dict[str, Document] = {}
        self._faults: dict[str, Fault] = {}
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    def publish(self, path: str, body: str | bytes, content_type: str = XML) -> None:
        """Show a document at a path while it has no fault."""
        self._documents[path] = Document(body.encode() if isinstance(body, str) else body, content_type)

    def document(self, path: str) -> Document:
        """Give what a path shows while it has no fault."""
        return self._documents[path]

    def misbehave(self, path: str, fault: Fault) -> None:
        """Answer a path with a fault from now on."""
        self._faults[path] = fault

    def behave(self) -> None:
        """End every fault, those under way included."""
        self._faults.clear()
        self.release()

    def release(self) -> None:
        """Let those go on who hold an answer back."""
        self.released.set()
        self.released, self.holds = asyncio.Event(), asyncio.Event()

    async def hung_up(self) -> None:
        """Wait until nobody keeps a connection open."""
        while self._open:
            await asyncio.wait(self._open)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=self._tls, limit=MUCH)
        scheme = "http" if self._tls is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        # Whoever asked may hang up at any time, and does.
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._answer(reader, writer)
        writer.close()
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await writer.wait_closed()
        self._open.discard(task)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        start = await reader.readexactly(1)
        if start == b"\x16":
            # Somebody speaks TLS to a port that does not.
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return
        head = (start + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        path = head.split(" ", 2)[1]
        cookies = next((line[7:].strip() for line in head.splitlines() if line.lower().startswith("cookie:")), "")
        self.requests.append(path)
        self.cookies.append(cookies)
        document = self._documents.get(path.partition("~")[0], Document())
        fault = next((fault for start, fault in self._faults.items() if path.startswith(start)), Exchange.answer)
        await fault(Exchange(self, path, cookies, document, writer))


def answers(
    body: bytes | None = None, status: str = "200 OK", *headers: tuple[str, str], content_type: str | None = None
) -> Fault:
    """Make a fault of an answer that is well-formed HTTP."""

    async def fault(exchange: Exchange) -> None:
        await exchange.answer(body, status, *headers, content_type=content_type)

    return fault


def named(*tables: Mapping[str, Fault]) -> dict[str, Fault]:
    """Join tables of faults, none of which may have a name twice."""
    joined = {name: fault for table in tables for name, fault in table.items()}
    assert len(joined) == sum(map(len, tables))
    return joined
