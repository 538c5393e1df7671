"""How python-telegram-bot speaks HTTP here: over one aiohttp session, each request sent once."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import aiohttp
import httpx
from telegram import error
from telegram.request import BaseRequest, RequestData

# More than may be in flight, so that no request ever waits for another one's connection.
CONNECTIONS = 256
# Seconds for which an idle connection is kept. Servers close theirs later, so that no message meets a closing one.
KEPT = 15.0
HEADERS = {"Content-Type": "application/json", "User-Agent": BaseRequest.USER_AGENT}
Timeout = Any  # seconds, None for no limit, or BaseRequest.DEFAULT_NONE, whose type the library keeps for itself


class _Plain(NamedTuple):
    """The part of the library's RequestData that `do_request` reads."""

    parameters: Mapping[str, object]
    contains_files: bool = False


def tls() -> ssl.SSLContext:
    """Trust the authorities of pages and of the library's own client, for a system may have none; this takes 25 ms."""
    context: ssl.SSLContext = httpx.create_ssl_context(trust_env=False)
    return context


class TelegramRequest(BaseRequest):
    """Connections to one Bot API server, for sending or for polling, with `answer_time` seconds for each answer.

    What has failed was sent at most once: aiohttp repeats only what is idempotent, and every method is a POST. The
    exceptions are the library's, with aiohttp's as their cause. Proxies named in the environment are not used.
    """

    __slots__ = ("_answer_time", "_connect_time", "_context", "_in_flight", "_session", "_timeout")

    def __init__(self, context: ssl.SSLContext, connect_time: float, answer_time: float) -> None:
        self._context = context
        self._connect_time = connect_time
        self._answer_time = answer_time
        self._timeout = _timeout(connect_time, answer_time)
        self._in_flight = 0
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Say how many seconds an answer may take, to which the library adds those of a long poll."""
        return self._answer_time

    async def initialize(self) -> None:
        """Open the session; connections are made when they are needed."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=KEPT, ssl=self._context),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=HEADERS,
                # Compressing a few hundred bytes costs more than it saves.
                skip_auto_headers=("Accept-Encoding",),
                timeout=self._timeout,
                trust_env=False,
            )

    async def shutdown(self) -> None:
        """Close the session and its connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def call(self, url: str, parameters: Mapping[str, object]) -> Any:
        """Call a method and return its result as it came; the library would take as long again to make a Message of it.

        Raises:
            TelegramError: what any of the bot's methods raises.
        """
        return await self.post(url, cast("RequestData", _Plain(parameters)))

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Timeout = BaseRequest.DEFAULT_NONE,
        write_timeout: Timeout = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 (a few kilobytes fit into any buffer)
        connect_timeout: Timeout = BaseRequest.DEFAULT_NONE,
        pool_timeout: Timeout = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 (connecting includes the wait for a place)
    ) -> tuple[int, bytes]:
        """Send a request and return status and body of its answer.

        Raises:
            TimedOut: in time came no connection (its cause is a ConnectionTimeoutError) or no answer.
            NetworkError: there was no connection (its cause is a ClientConnectorError), or it broke.
            TelegramError: there are files to send.
        """
        if self._session is None:
            raise RuntimeError("not initialized")
        if request_data is not None and request_data.contains_files:
            raise error.TelegramError("Sending files is not implemented")
        timeout = self._timeout
        if read_timeout is not self.DEFAULT_NONE or connect_timeout is not self.DEFAULT_NONE:
            timeout = _timeout(
                self._connect_time if connect_timeout is self.DEFAULT_NONE else connect_timeout,
                self._answer_time if read_timeout is self.DEFAULT_NONE else read_timeout,
            )
        body = None if request_data is None else json.dumps(request_data.parameters).encode()
        if not self._in_flight:
            # After a rest two turns of the loop, in which it sees what was closed meanwhile: nobody could tell whether
            # a message that is written to such a connection has arrived.
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        self._in_flight += 1
        try:
            async with self._session.request(
                method, url, data=body, timeout=timeout, allow_redirects=False
            ) as response:
                return response.status, await response.read()
        # In words without the address, for the token is in it.
        except TimeoutError as problem:
            raise error.TimedOut(type(problem).__name__) from problem
        except aiohttp.ClientConnectorError as problem:
            raise error.NetworkError(str(problem)) from problem
        except (aiohttp.ClientError, OSError) as problem:
            raise error.NetworkError(type(problem).__name__) from problem
        finally:
            self._in_flight -= 1


def _timeout(connect: float | None, answer: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, connect=connect, sock_connect=connect, sock_read=answer)
