"""Ports for servers that a test starts, ends and starts again."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator


@contextlib.contextmanager
def held_port() -> Iterator[int]:
    """Find a port that nobody listens on, and that nobody else is given until the end.

    A port that was only found is anybody's again: another test's server or client may get it before ours listens, or
    between its end and its new start. What is bound and does not listen refuses callers, and lets a server listen that
    shares addresses as well, as asyncio's do.
    """
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield int(held.getsockname()[1])
