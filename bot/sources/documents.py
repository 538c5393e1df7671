"""What a fetch brings back, and the exception for a document that is not what it should be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Page:
    """A fetched document. `url` is the final address, after redirects; header fields are empty where not sent.

    `fresh_for` is for how many seconds the server says that it will not change. `moved_to` is the address to ask from
    now on, where every redirect was permanent (RFC 9110, 15.4.2 and 15.4.9), else empty; it counts only once the
    document was read, for logins and notices move people, too.
    `link` holds all Link fields of the answer, joined by commas.
    """

    url: str
    body: bytes
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    fresh_for: float = 0.0
    moved_to: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The server says that nothing changed since the validators that were sent, nor will in `fresh_for` seconds.

    None where it does not say: then what it said before holds (RFC 9111, 4.3.4).
    """

    fresh_for: float | None = None


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """No document came. `reason` is a sentence for people; `retry_after`, in seconds, is what the server asked for.

    `final` says that asking again later will not help: the address is wrong, gone or closed to us. `closed` says that
    the site's robots.txt asks programs not to read it, which may change.
    """

    reason: str
    retry_after: float | None = None
    final: bool = False
    closed: bool = False


class Fetches(Protocol):
    """What completing an item needs of a fetcher."""

    async def get(
        self, url: str, *, public_only: bool = False, for_people: bool = False, item: bool = False
    ) -> Page | Unchanged | FetchFailed:
        """Get one address, once; every expected failure is a value."""


class NotNow(Exception):  # noqa: N818 - reads as what it says, "except NotNow"
    """An item's own page does not answer at the moment; later it may."""


class Unreadable(Exception):  # noqa: N818 - reads as what it says, "except Unreadable"
    """A document is not what it was, or not of its kind. The message is one sentence: the problem and the remedy."""
