"""A PhiWire with a subscribers' door: who is signed in sees every row, who is not the newest five."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from tests.emulators import pages
from tests.emulators.server import Emulator

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOWN_TO_ALL = 5
FORM = """<html><body><form action="/search"><input name="q"></form>
<form action="/session" method="post"><input type="hidden" name="token" value="t-1">
<input name="email"><input type="password" name="secret"></form></body></html>"""


class MembersEmulator(Emulator):
    """A site that knows one subscriber. `session` is the cookie's value that it takes, `fruit` the password."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[pages.Row] = []
        self.session = "s-1"
        self.fruit = "orange"
        self.signed_in = 0
        self.cookies: list[str] = []

    def routes(self) -> list[web.RouteDef]:
        """Name the page, the form and where it leads."""
        return [
            web.get("/wire", self._wire),
            web.get("/away", self._away),
            web.get("/sign-in", self._form),
            web.post("/session", self._sign_in),
        ]

    def received(self) -> str:
        """Tell which cookies came."""
        return f"Cookies: {self.cookies}, signed in {self.signed_in} times"

    async def _wire(self, request: web.Request) -> web.Response:
        self.cookies.append(request.headers.get("Cookie", ""))
        member = request.cookies.get("sid") == self.session
        shown = self.rows if member else self.rows[:SHOWN_TO_ALL]
        hidden = 0 if member else max(0, len(self.rows) - SHOWN_TO_ALL)
        return web.Response(text=pages.phiwire_page(shown, placeholders=hidden), content_type="text/html")

    async def _away(self, request: web.Request) -> web.Response:
        self.cookies.append(request.headers.get("Cookie", ""))
        raise web.HTTPFound(f"http://localhost:{self.port}/wire")

    async def _form(self, _request: web.Request) -> web.Response:
        return web.Response(text=FORM, content_type="text/html")

    async def _sign_in(self, request: web.Request) -> web.Response:
        sent: Mapping[str, object] = dict(await request.post())
        if sent != {"token": "t-1", "email": "ada@example.org", "secret": self.fruit}:
            return web.Response(status=403, text="Wrong")
        self.signed_in += 1
        answer = web.Response(text="Welcome")
        answer.set_cookie("sid", self.session)
        return answer
