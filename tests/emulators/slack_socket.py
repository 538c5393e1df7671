"""Socket Mode: connections that the bot opens, envelopes sent through them, and their acknowledgements."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import WSCloseCode, WSMsgType, web

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.emulators.server import Emulator


@dataclass(slots=True, eq=False)
class Envelope:
    """Something sent to the bot; awaiting it returns the payload of its first acknowledgement, within 10 s.

    `sent` and `heard` are the monotonic times of its sendings and its acknowledgements.
    """

    id: str
    kind: str
    payload: dict[str, Any]
    emulator: Emulator
    acked: asyncio.Event = field(default_factory=asyncio.Event)
    sent: list[float] = field(default_factory=list)
    acks: list[dict[str, Any]] = field(default_factory=list)
    heard: list[float] = field(default_factory=list)
    unheard: bool = False

    def __await__(self) -> Generator[Any, None, dict[str, Any]]:
        return self._first_ack().__await__()

    async def _first_ack(self) -> dict[str, Any]:
        return (await self.emulator.wait_for(lambda: self.acks, what=f"no ack of {self.kind}"))[0]

    def as_json(self, attempt: int) -> dict[str, Any]:
        """Return what goes over the wire at an attempt, counted from 0."""
        message = {
            "envelope_id": self.id,
            "type": self.kind,
            "payload": self.payload,
            "accepts_response_payload": self.kind != "events_api",
        }
        if self.kind == "events_api" or attempt:
            message |= {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
        return message


class Socket:
    """All Socket Mode connections of an app: each envelope goes through one of them."""

    def __init__(self, emulator: Emulator, ack_timeout: float) -> None:
        self.emulator = emulator
        self.ack_timeout = ack_timeout
        self.connections: list[web.WebSocketResponse] = []
        self.opened = 0
        self.tickets: set[str] = set()
        self.envelopes: dict[str, Envelope] = {}
        self.unacked: list[Envelope] = []
        # How many of the next envelopes take the connections with them, so that their acks are lost, and how many come
        # twice although they were acknowledged.
        self.hang_ups = 0
        self.repeats = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = itertools.count()
        self._connected = asyncio.Event()

    def ticket(self) -> str:
        """Return a ticket to open one connection with."""
        ticket = uuid.uuid4().hex
        self.tickets.add(ticket)
        return ticket

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Hold one connection: say hello, then take acknowledgements until it closes."""
        if request.query.get("ticket") not in self.tickets:
            return web.Response(status=403, text="no such ticket")
        connection = web.WebSocketResponse(autoping=True)
        await connection.prepare(request)
        self.opened += 1
        await connection.send_json(
            {
                "type": "hello",
                "num_connections": len(self.connections) + 1,
                "connection_info": {"app_id": "A0EMULATOR"},
                "debug_info": {"host": "applink-emulator", "build_number": 1, "approximate_connection_time": 18060},
            }
        )
        self.connections.append(connection)
        self._connected.set()
        self.emulator.changed()
        try:
            async for message in connection:
                if message.type == WSMsgType.TEXT:
                    self._acknowledge(message.json())
        finally:
            self._forget(connection)
            self.emulator.changed()
        return connection

    def _forget(self, connection: web.WebSocketResponse) -> None:
        if connection in self.connections:
            self.connections.remove(connection)
        if not self.connections:
            self._connected.clear()

    def _acknowledge(self, message: dict[str, Any]) -> None:
        envelope = self.envelopes.get(message.get("envelope_id", ""))
        if envelope is not None and not envelope.unheard:
            envelope.acks.append(message.get("payload") or {})
            envelope.heard.append(time.monotonic())
            envelope.acked.set()
        self.emulator.changed()

    def send(self, kind: str, payload: dict[str, Any]) -> Envelope:
        """Send something as soon as a connection is open, and once more if it is not acknowledged in time."""
        envelope = Envelope(str(uuid.uuid4()), kind, payload, self.emulator)
        self.envelopes[envelope.id] = envelope
        task = asyncio.create_task(self._deliver(envelope))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return envelope

    async def _deliver(self, envelope: Envelope) -> None:
        for attempt in range(2):
            envelope.unheard = False
            await self._send(envelope.as_json(attempt))
            envelope.sent.append(time.monotonic())
            if self.hang_ups:
                self.hang_ups -= 1
                envelope.unheard = True
                await self.disconnect("refresh_requested")
            self.emulator.changed()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(envelope.acked.wait(), self.ack_timeout)
                if attempt or not self.repeats:
                    return
                self.repeats -= 1
        self.unacked.append(envelope)
        self.emulator.changed()

    async def _send(self, message: dict[str, Any]) -> None:
        while True:
            await self._connected.wait()
            connection = self.connections[next(self._turn) % len(self.connections)]
            try:
                await connection.send_json(message)
            except ConnectionError:
                self._forget(connection)
            else:
                return

    async def disconnect(self, reason: str) -> None:
        """Ask the bot to reconnect and close every connection."""
        for connection in list(self.connections):
            self._forget(connection)
            with contextlib.suppress(ConnectionError):
                await connection.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink"}})
                await connection.close(code=WSCloseCode.GOING_AWAY)

    async def close(self) -> None:
        """Stop delivering and close every connection."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in list(self.connections):
            self._forget(connection)
            await connection.close(code=WSCloseCode.GOING_AWAY)
