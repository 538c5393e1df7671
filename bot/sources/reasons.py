"""Why no document came: sentences for people, with a remedy."""

from __future__ import annotations

import socket
import ssl

import httpx

from bot.sources.dialling import NotPublicError

NO_ADDRESS = "is no web address; use one that begins with http:// or https://"
NO_REDIRECT = "redirects to what is no web address; open it in a browser and use the address where it ends"
_REMEDIES = {
    204: "the server has no document there; check url",
    205: "the server has no document there; check url",
    206: "the server sent only a part of the document; try it later",
    400: "the server does not understand the address; check url",
    401: "the address needs a login; check url, or ask the publisher for an open address",
    403: "the server refuses this client; open the address in a browser, and set another user agent if it works there",
    404: "the address is gone; look for its new address and change url",
    406: "the server has no form of this document for us; check url",
    410: "the address is gone for good; look for its new address and change url",
    429: "the server asks for fewer requests; poll it less often",
    451: "the server may not show this document here; use another source",
}
# Client errors that pass: RFC 9110, 15.5.9; RFC 8470, 5.2; RFC 6585, 4.
_PASSING = (408, 425, 429)


class Refused(Exception):  # noqa: N818 - a step's way out, never leaves the fetcher
    """The answer may not be read on; the message is the reason, without its subject."""


class Astray(Refused):
    """The answer leads nowhere."""


class Closed(Refused):
    """The site's robots.txt asks programs not to read this."""


# What a request may raise; all else is a mistake of ours.
EXPECTED = (httpx.HTTPError, httpx.InvalidURL, NotPublicError, Refused, ValueError, OSError)


def may_not(robots_txt: str, host: str) -> str:
    """Give the rest of a sentence that begins with the address of a page which a site closes to programs."""
    return f"may not be read: {robots_txt} asks programs not to; {_permission(host)}"


def nobody_knows(problem: str, host: str) -> str:
    """Give the rest of a sentence about a page of a site whose robots.txt has this problem."""
    return f"may not be read before its site says whether programs may: {problem}; or {_permission(host)}"


def _permission(host: str) -> str:
    return f"use the site's feed, or ask the publisher, and with their permission put {host} into PHIWIRE_IGNORE_ROBOTS"


def of_status(status: int) -> tuple[str, bool]:
    """Give the remedy for a status that brings no document, and whether asking again later is of no use."""
    if httpx.codes.is_server_error(status):
        return _REMEDIES.get(status, "the server is in trouble; try it later"), False
    remedy = _REMEDIES.get(status, "this is no document; check url")
    return remedy, httpx.codes.is_client_error(status) and status not in _PASSING


def of_error(error: Exception, seconds: float) -> str:
    """Give the rest of a sentence that begins with the address; `seconds` is the time that there was."""
    causes = _causes(error)
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, NotPublicError):
        return (
            "leads to a private address; check where it leads, and if it is meant, put its host into "
            "PHIWIRE_ALLOWED_HOSTS"
        )
    if isinstance(error, httpx.TimeoutException):
        return f"did not answer within {seconds:g} seconds; try it later"
    if isinstance(error, TimeoutError):
        return f"did not answer completely within {seconds:g} seconds; try it later"
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return "has a host that cannot be found; check its spelling and this machine's network"
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return "has a certificate that cannot be trusted; open it in a browser to see why"
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL | ValueError):
        return NO_ADDRESS
    if isinstance(error, httpx.ConnectError):
        return "refuses connections; check host and port, or try it later"
    if isinstance(error, httpx.RemoteProtocolError):
        return "broke off its answer or does not speak HTTP; try it later"
    return f"could not be read ({type(error).__name__}); try it later"


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in found:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found
