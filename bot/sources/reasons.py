"""Why no document came: sentences for people, with a remedy."""

from __future__ import annotations

import socket
import ssl

import httpx

from bot.languages import say, sentence
from bot.sources.dialling import NotPublicError

NO_ADDRESS = sentence("{address} is no web address; use one that begins with http:// or https://")
NO_REDIRECT = sentence(
    "{address} redirects to what is no web address; open it in a browser and use the address where it ends"
)
TOO_MANY_REDIRECTS = sentence(
    "{address} redirects more than {most} times; open it in a browser and use the address where it ends"
)
ANSWERED = sentence("{address} answered {status}: {remedy}")
_IN_TROUBLE = sentence("the server is in trouble; try it later")
_NO_DOCUMENT = sentence("this is no document; check url")
_REMEDIES = {
    204: sentence("the server has no document there; check url"),
    205: sentence("the server has no document there; check url"),
    206: sentence("the server sent only a part of the document; try it later"),
    400: sentence("the server does not understand the address; check url"),
    401: sentence("the address needs a login; check url, or ask the publisher for an open address"),
    403: sentence(
        "the server refuses this client; open the address in a browser, and set another user agent if it works there"
    ),
    404: sentence("the address is gone; look for its new address and change url"),
    406: sentence("the server has no form of this document for us; check url"),
    410: sentence("the address is gone for good; look for its new address and change url"),
    429: sentence("the server asks for fewer requests; poll it less often"),
    451: sentence("the server may not show this document here; use another source"),
}
# Client errors that pass: RFC 9110, 15.5.9; RFC 8470, 5.2; RFC 6585, 4.
_PASSING = (408, 425, 429)


class Refused(Exception):  # noqa: N818 - a step's way out, never leaves the fetcher
    """The answer may not be read on; the message is said about an address, which fills its field with others."""

    def __init__(self, message: str, **fields: object) -> None:
        super().__init__(message)
        self._message = message
        self._fields = fields

    def about(self, address: str) -> str:
        """Say the reason."""
        return say(self._message, address=address, **self._fields)


class Astray(Refused):
    """The answer leads nowhere."""


class Closed(Refused):
    """The site's robots.txt asks programs not to read this."""


# What a request may raise; all else is a mistake of ours.
EXPECTED = (httpx.HTTPError, httpx.InvalidURL, NotPublicError, Refused, ValueError, OSError)


def may_not(robots_txt: str, host: str) -> Closed:
    """Say of a page that its site closes it to programs."""
    return Closed(
        sentence("{address} may not be read: {robots_txt} asks programs not to; {remedy}"),
        robots_txt=robots_txt,
        remedy=_permission(host),
    )


def nobody_knows(problem: str, host: str) -> Refused:
    """Say of a page that its site's robots.txt has this problem."""
    return Refused(
        sentence("{address} may not be read before its site says whether programs may: {problem}; or {remedy}"),
        problem=problem,
        remedy=_permission(host),
    )


def _permission(host: str) -> str:
    return say(
        "use the site's feed, or ask the publisher, and with their permission put {host} into {setting}",
        host=host,
        setting="PHIWIRE_IGNORE_ROBOTS",
    )


def of_status(status: int) -> tuple[str, bool]:
    """Give the remedy for a status that brings no document, and whether asking again later is of no use."""
    if httpx.codes.is_server_error(status):
        return say(_REMEDIES.get(status, _IN_TROUBLE)), False
    return say(_REMEDIES.get(status, _NO_DOCUMENT)), httpx.codes.is_client_error(status) and status not in _PASSING


def of_error(address: str, error: Exception, seconds: float) -> str:
    """Say why an address brought nothing; `seconds` is the time that there was."""
    if isinstance(error, Refused):
        return error.about(address)
    limit = f"{seconds:g}"
    return say(_message(error), address=address, seconds=limit, error=type(error).__name__, setting=_ALLOWING)


def _message(error: Exception) -> str:
    for kinds, message in _BEFORE_CAUSES:
        if isinstance(error, kinds):
            return message
    causes = _causes(error)
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return sentence("{address} has a host that cannot be found; check its spelling and this machine's network")
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return sentence("{address} has a certificate that cannot be trusted; open it in a browser to see why")
    for kinds, message in _AFTER_CAUSES:
        if isinstance(error, kinds):
            return message
    return sentence("{address} could not be read ({error}); try it later")


_ALLOWING = "PHIWIRE_ALLOWED_HOSTS"
_Kinds = tuple[type[Exception], ...]
# The first that fits counts: some are also of kinds that stand below.
_BEFORE_CAUSES: tuple[tuple[_Kinds, str], ...] = (
    (
        (NotPublicError,),
        sentence(
            "{address} leads to a private address; check where it leads, and if it is meant, "
            "put its host into {setting}"
        ),
    ),
    ((httpx.TimeoutException,), sentence("{address} did not answer within {seconds} seconds; try it later")),
    ((TimeoutError,), sentence("{address} did not answer completely within {seconds} seconds; try it later")),
)
_AFTER_CAUSES: tuple[tuple[_Kinds, str], ...] = (
    ((httpx.UnsupportedProtocol, httpx.InvalidURL, ValueError), NO_ADDRESS),
    ((httpx.ConnectError,), sentence("{address} refuses connections; check host and port, or try it later")),
    (
        (httpx.RemoteProtocolError,),
        sentence("{address} broke off its answer or does not speak HTTP; try it later"),
    ),
)


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in found:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found
