"""Slack's calls to the address of an app: signed requests, what they are answered, and what comes again."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
import urllib.parse
import uuid
from typing import TYPE_CHECKING, Any

import aiohttp

from tests.emulators.slack_socket import Envelope

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.emulators.server import Emulator

# Slack gives an app three seconds, and sends events three times more.
TIMEOUT = 3.0
EVENT_TRIES = 4


def signed(secret: str, body: bytes, timestamp: int) -> dict[str, str]:
    """Sign a body as Slack does (docs.slack.dev/authentication/verifying-requests-from-slack)."""
    base = f"v0:{timestamp}:".encode() + body
    signature = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(timestamp), "X-Slack-Signature": f"v0={signature}"}


def encoded(kind: str, payload: dict[str, Any]) -> tuple[bytes, str]:
    """Write a payload as Slack does: events as JSON, commands as a form, what is pressed as JSON in a form."""
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded"


class Calls:
    """All that an app is called for; `statuses` are what it answered, in order."""

    def __init__(self, emulator: Emulator, url: str, secret: str, clock: Callable[[], float] = time.time) -> None:
        self.url = url
        self.secret = secret
        self.statuses: list[int] = []
        self._emulator = emulator
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, kind: str, payload: dict[str, Any]) -> Envelope:
        """Call the app; an event that is not taken comes again."""
        envelope = Envelope(str(uuid.uuid4()), kind, payload, self._emulator)
        task = asyncio.create_task(self._deliver(envelope))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return envelope

    async def post(self, body: bytes | AsyncIterator[bytes], headers: dict[str, str]) -> tuple[int, str]:
        """Send whatever a test made up, and return what it is answered."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT))
        async with self._session.post(self.url, data=body, headers=headers) as answer:
            return answer.status, await answer.text()

    async def _deliver(self, envelope: Envelope) -> None:
        body, content_type = encoded(envelope.kind, envelope.payload)
        for attempt in range(EVENT_TRIES if envelope.kind == "events_api" else 1):
            again = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": "http_timeout"} if attempt else {}
            headers = signed(self.secret, body, int(self._clock())) | {"Content-Type": content_type} | again
            envelope.sent.append(time.monotonic())
            try:
                status, text = await self.post(body, headers)
            except (TimeoutError, aiohttp.ClientError):
                status, text = 0, ""
            self.statuses.append(status)
            if status == 200:
                envelope.acks.append(_read(text))
                envelope.heard.append(time.monotonic())
                envelope.acked.set()
            self._emulator.changed()
            if status == 200:
                return

    async def close(self) -> None:
        """Call no more."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()


def _read(text: str) -> dict[str, Any]:
    try:
        answer = json.loads(text) if text else {}
    except ValueError:
        return {"text": text}
    return answer if isinstance(answer, dict) else {"text": text}
