"""Which addresses may be dialled: a name is resolved once, and what is connected to was checked."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Collection, Iterable

import httpcore
import httpx

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Under this prefix an IPv6 address ends in an IPv4 one (RFC 6052).
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Public for some versions of Python (RFC 6890), and answered by a cloud's own host: what these tell a machine, a source
# must not tell a chat.
_METADATA = (ipaddress.ip_network("192.0.0.0/24"), ipaddress.ip_network("168.63.129.16/32"))
# Seconds for one of several addresses of a name: the next one may answer.
_ONE_OF_SEVERAL = 4.0


class NotPublicError(Exception):
    """A name leads to an address that only this machine or its network can see; nothing was sent there."""


def is_public(address: Address) -> bool:
    """Tell whether anybody on the internet reaches the same machine at an address."""
    if isinstance(address, ipaddress.IPv6Address) and (inside := _inside(address)) is not None:
        return is_public(inside)
    return (
        address.is_global
        and not (address.is_multicast or address.is_reserved or getattr(address, "is_site_local", False))
        and not any(address in network for network in _METADATA)
    )


def _inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Give the IPv4 address that traffic to this one ends at."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


class PublicOnly(httpcore.AsyncNetworkBackend):
    """Connects to public addresses, and to whatever the allowed hosts resolve to."""

    def __init__(self, allowed: Collection[str] = ()) -> None:
        self._allowed = frozenset(host.casefold() for host in allowed)
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (the interface is httpcore's)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to one of a name's addresses. Raises NotPublicError where any of them is not public."""
        addresses = await _resolve(host, port, timeout)
        if host.casefold() not in self._allowed and not all(map(is_public, addresses)):
            raise NotPublicError
        for left, address in enumerate(addresses, 1 - len(addresses)):
            one = timeout if left == 0 or timeout is None else min(timeout, _ONE_OF_SEVERAL)
            try:
                return await self._backend.connect_tcp(str(address), port, one, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if left == 0:
                    raise
        raise httpcore.ConnectError(f"{host} has no address")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


async def _resolve(host: str, port: int, seconds: float | None) -> list[Address]:
    try:
        async with asyncio.timeout(seconds):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError as error:
        raise httpcore.ConnectTimeout(str(error)) from error
    except socket.gaierror as error:
        raise httpcore.ConnectError(str(error)) from error
    return list(dict.fromkeys(ipaddress.ip_address(str(where[0]).partition("%")[0]) for *_, where in found))


class PublicTransport(httpx.AsyncHTTPTransport):
    """httpx's transport over a pool of connections of its own, of which each was dialled by `PublicOnly`."""

    def __init__(self, context: ssl.SSLContext, allowed: Collection[str]) -> None:
        super().__init__(verify=context, trust_env=False)
        # httpx has no parameter for it.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            network_backend=PublicOnly(allowed),
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=5.0,
        )
