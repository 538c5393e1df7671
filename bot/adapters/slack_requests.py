"""The two ways by which Slack's requests come in: a socket that the bot opens, or calls to its own web server.

Bolt answers both alike; whoever called by HTTP is known by the signature of what they sent
(docs.slack.dev/authentication/verifying-requests-from-slack).
"""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Protocol

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_sdk.signature import Clock, SignatureVerifier

log = structlog.get_logger("bot.slack")

SIGNATURE, TIMESTAMP = "X-Slack-Signature", "X-Slack-Request-Timestamp"
# Seconds by which a request may be older or newer than now, as Slack recommends.
WINDOW = 300
# Signatures that are remembered, each until its request would be too old anyway.
MOST_REMEMBERED = 20_000
_SECONDS = re.compile("[0-9]{1,12}")


class Intake(Protocol):
    """A way by which requests come in."""

    async def open(self, app: AsyncApp) -> None:
        """Begin to have requests answered by an app."""

    async def close(self) -> None:
        """Take nothing more. Safe to call at any time."""


class Socket:
    """Socket Mode, which needs no address."""

    def __init__(self, app_token: str) -> None:
        self._app_token = app_token
        self._handler: AsyncSocketModeHandler | None = None

    async def open(self, app: AsyncApp) -> None:
        """Connect."""
        self._handler = AsyncSocketModeHandler(app, self._app_token, logger=logging.getLogger("slack_socket"))
        await self._handler.connect_async()  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        """Close the socket; answers under way use the Web API and finish."""
        handler, self._handler = self._handler, None
        if handler is not None:
            await handler.close_async()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered."""

    status: int
    body: str = ""
    content_type: str = "text/plain"


class Calls:
    """Slack's calls to the bot's web server, each signed with the app's secret and taken once."""

    def __init__(self, signing_secret: str, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._verifier = SignatureVerifier(signing_secret, _Clock(clock))
        # By signature, when it was signed; the oldest first.
        self._taken: OrderedDict[str, float] = OrderedDict()
        self._app: AsyncApp | None = None

    async def open(self, app: AsyncApp) -> None:
        """Have calls answered."""
        self._app = app

    async def close(self) -> None:
        """Answer no more: Slack calls again, a few times."""
        self._app = None

    def is_signed(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Tell whether Slack has sent this, within the last minutes and for the first time."""
        signature, timestamp = headers.get(SIGNATURE, ""), headers.get(TIMESTAMP, "")
        # The library compares in constant time, but reads whatever it is given as a number.
        if not _SECONDS.fullmatch(timestamp) or not signature.isascii():
            return False
        try:
            is_valid = self._verifier.is_valid(body, timestamp, signature)
        except UnicodeDecodeError:
            # Slack sends text, and the library signs nothing else.
            return False
        return is_valid and signature not in self._taken

    async def take(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Answer a call that is signed."""
        if self._app is None:
            return Answer(HTTPStatus.SERVICE_UNAVAILABLE, "Not now.")
        self._forget_old()
        self._taken[headers[SIGNATURE]] = float(headers[TIMESTAMP])
        request = AsyncBoltRequest(body=body.decode("utf-8", "replace"), headers=dict(headers))
        answered = await self._app.async_dispatch(request)
        if answered.status != HTTPStatus.OK:
            # Slack sends it again, perhaps within the same second.
            self._taken.pop(headers[SIGNATURE], None)
        kind = answered.headers.get("content-type", [""])[0].partition(";")[0]
        return Answer(answered.status, answered.body or "", kind or "text/plain")

    def _forget_old(self) -> None:
        oldest = self._clock().timestamp() - WINDOW
        while self._taken:
            signature, signed_at = next(iter(self._taken.items()))
            if signed_at >= oldest and len(self._taken) < MOST_REMEMBERED:
                return
            del self._taken[signature]


class _Clock(Clock):
    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock().timestamp()
