"""The PhiWire's session: with a subscriber's cookie or sign-in it sees all rows, without one the newest five."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urljoin, urlsplit

import httpx

from bot.model import Credentials, Source
from bot.sources import kinds, phiwire
from bot.sources.addresses import host_of
from bot.sources.documents import FetchFailed, Page, Unchanged, Unreadable
from bot.sources.fetch import Fetcher
from bot.sources.markup import decode, parse

# A form that refuses us is not asked all day: sites close accounts for less.
BETWEEN_TRIES = timedelta(minutes=15)
SIGN_IN_TIME = 20.0
_LARGEST_FORM = 2_000_000
_NEW_COOKIE = "its session has lapsed; copy a new cookie from a browser into PHIWIRE_SESSION_COOKIE and start again"


_REFUSED = (
    "it was signed in, and was shown no more than others; check PHIWIRE_SESSION_USER, PHIWIRE_SESSION_PASSWORD and "
    "the subscription"
)


class _SignInFailed(Exception):  # noqa: N818 - never leaves this module
    """The message says why, and what to do."""


class Session:
    """Keeps one source signed in. `problem` says what is wrong and what to do, empty where all is well."""

    def __init__(self, credentials: Credentials, user_agent: str, clock: Callable[[], datetime]) -> None:
        self._credentials = credentials
        self._user_agent = user_agent
        self._clock = clock
        self._cookie = credentials.cookie
        self._tried_at: datetime | None = None
        self.problem = ""

    def is_of(self, source: Source) -> bool:
        """Tell whether it is this source's session."""
        return source.kind == "phiwire" and source.slug == self._credentials.slug

    async def cookie(self, source: Source) -> str:
        """Give the value of the Cookie header for the source's own host, empty where nobody is signed in."""
        if not self._cookie:
            await self._sign_in(source)
        return self._cookie

    async def lapsed(self, source: Source) -> bool:
        """Take note that the page showed what everybody sees, and sign in again where that can be done by a form.

        Return whether there is a new cookie to look with.
        """
        if not self._credentials.form:
            self.problem = _NEW_COOKIE
            return False
        if self._cookie:
            self._cookie, self.problem = "", _REFUSED
        return await self._sign_in(source)

    def works(self) -> None:
        """Take note that the page showed all it has."""
        self.problem = ""

    async def _sign_in(self, source: Source) -> bool:
        now = self._clock()
        if self._tried_at is not None and now - self._tried_at < BETWEEN_TRIES:
            return False
        self._tried_at = now
        try:
            async with asyncio.timeout(SIGN_IN_TIME):
                self._cookie = await self._submit(source)
        except _SignInFailed as error:
            self.problem = str(error)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError, ValueError, Unreadable):
            self.problem = "its sign-in form does not answer; check PHIWIRE_SESSION_FORM, or try it later"
        return bool(self._cookie)

    async def _submit(self, source: Source) -> str:
        given = self._credentials
        if not _is_safe(given.form, source.url):
            raise _SignInFailed("PHIWIRE_SESSION_FORM must be an https address on the source's own host; correct it")
        async with httpx.AsyncClient(headers={"User-Agent": self._user_agent}, trust_env=False) as client:
            action, hidden = await self._form(client)
            if not _is_safe(action, source.url):
                raise _SignInFailed("its sign-in form leads to another host; sign in with PHIWIRE_SESSION_COOKIE")
            filled = hidden | {given.fields[0]: given.user, given.fields[1]: given.password}
            answer = await client.post(action, data=filled)
            if answer.is_error:
                raise _SignInFailed(
                    f"its sign-in form answered {answer.status_code}; check PHIWIRE_SESSION_USER, "
                    "PHIWIRE_SESSION_PASSWORD and PHIWIRE_SESSION_FIELDS"
                )
            cookie = "; ".join(f"{each.name}={each.value}" for each in client.cookies.jar)
        if not cookie:
            raise _SignInFailed("its sign-in form set no cookie; check PHIWIRE_SESSION_FORM and PHIWIRE_SESSION_FIELDS")
        return cookie

    async def _form(self, client: httpx.AsyncClient) -> tuple[str, dict[str, str]]:
        """Read where the form leads and its hidden fields; a form that cannot be found is at its own address."""
        given = self._credentials
        answer = await client.get(given.form)
        if len(answer.content) > _LARGEST_FORM:
            return given.form, {}
        tree = parse(decode(Page(given.form, answer.content, answer.headers.get("content-type", ""))))
        for form in tree.css("form"):
            inputs = [
                (each.attributes.get("name") or "", each.attributes.get("value") or "") for each in form.css("input")
            ]
            if given.fields[1] in {name for name, _ in inputs}:
                hidden = {name: value for name, value in inputs if name and name not in given.fields}
                return urljoin(given.form, form.attributes.get("action") or given.form), hidden
        return given.form, {}


def _is_safe(form: str, source: str) -> bool:
    """Tell whether a password may go there: to the source's own host, and not in the clear but on this machine."""
    host = host_of(form)
    return (
        host != ""
        and host.removeprefix("www.") == host_of(source).removeprefix("www.")
        and (urlsplit(form).scheme == "https" or host in {"localhost", "127.0.0.1", "::1"})
    )


async def ask(
    fetcher: Fetcher, session: Session | None, source: Source, etag: str, last_modified: str
) -> Page | Unchanged | FetchFailed:
    """Get a source's document, as a subscriber where there is a session for it."""
    for_people = kinds.KINDS[source.kind].for_people
    get = partial(fetcher.get, source.url, public_only=source.public_only, for_people=for_people)
    if session is None or not session.is_of(source):
        return await get(etag=etag, last_modified=last_modified)
    answer = await get(etag=etag, last_modified=last_modified, cookie=await session.cookie(source))
    if not isinstance(answer, Page):
        return answer
    if not phiwire.is_signed_out(answer):
        session.works()
    elif await session.lapsed(source):
        again = await get(cookie=await session.cookie(source))
        if isinstance(again, Page) and not phiwire.is_signed_out(again):
            session.works()
            return again
    return answer
