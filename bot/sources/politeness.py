"""Decide how long a host is left alone between two requests."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

# Seconds between the end of a request and the start of the next to the same host: for lists, and for items' own pages.
LIST_GAP = 1.0
ITEM_GAP = 0.2
# A site that asks for more is told that we heard it, but news must come.
LONGEST_GAP = 60.0

_MOST_HOSTS = 2_048


def host_key(url: str) -> str:
    """Name the server behind an address: its host, and on this machine the port, for there each is one of its own."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return ""
    return f"{host}:{port or parts.scheme}" if _is_here(host) else host


def gap(key: str, usual: float, asked: float = 0.0) -> float:
    """Say how many seconds must pass: the usual ones or those that the site asks for; none on this machine."""
    if _is_here(key.rpartition(":")[0]):
        return 0.0
    return max(usual, min(asked, LONGEST_GAP))


def wait(ended_at: float | None, pause: float, now: float) -> float:
    """Say how many seconds are left of a pause; a clock that was set back does not make it longer."""
    return 0.0 if ended_at is None else min(max(ended_at + pause - now, 0.0), pause)


@lru_cache(_MOST_HOSTS)
def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
