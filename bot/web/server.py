"""Listen on one address, and close in order."""

from __future__ import annotations

import errno
from collections.abc import Iterable

import structlog
from aiohttp import web

log = structlog.get_logger("bot.web")

# Bytes of a request's body, after decompression: a pushed feed is as large as a fetched one.
LARGEST = 5_000_000
# Seconds that requests under way have when the server stops.
STOP_TIME = 3.0


class ListenError(Exception):
    """The server cannot listen; the message says why and what to do."""


class WebServer:
    """The routes that the rooms bring, on one host and port. Port 0 takes any that is free; `port` tells which."""

    def __init__(self, host: str, port: int, routes: Iterable[web.RouteDef]) -> None:
        self._host = host
        self.port = port
        application = web.Application(client_max_size=LARGEST)
        application.add_routes(routes)
        # No log of requests: addresses hold tokens.
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=STOP_TIME, handle_signals=False)

    async def start(self) -> None:
        """Listen. Raises ListenError."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self.port)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise ListenError(_sentence(self._host, self.port, error)) from error
        self.port = self._runner.addresses[0][1]
        log.info("listening", host=self._host, port=self.port)

    async def close(self) -> None:
        """Stop listening, and finish the requests under way. Safe to call twice."""
        await self._runner.cleanup()


def _sentence(host: str, port: int, error: OSError) -> str:
    where = f"PHIWIRE_LISTEN: the bot cannot listen on {host}:{port}"
    if error.errno == errno.EADDRINUSE:
        return f"{where}, for another program does: end that one, or choose another port."
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"{where}, for this user may not: choose a port above 1023."
    return f"{where} ({error.strerror or error}): 127.0.0.1 is this machine alone, 0.0.0.0 all its addresses."
