"""A WebSub hub (w3.org/TR/websub): takes subscriptions, asks back, and sends what is published, signed."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

import httpx
from aiohttp import web

from tests.emulators.server import Emulator, Fault


class HubEmulator(Emulator):
    """A hub whose every step is taken by the test."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []

    def routes(self) -> list[web.RouteDef]:
        """Take subscriptions."""
        return [web.post("/hub", self._subscribe)]

    def received(self) -> str:
        """List the subscriptions so far."""
        return f"Asked: {[form.get('hub.topic') for form in self.forms]}"

    async def ask_back(self, form: Mapping[str, str], lease: str = "864000", **changed: str) -> tuple[int, str]:
        """Ask whether the subscriber meant it (section 5.3); return the status and the body of its answer."""
        asked = {
            "hub.mode": form["hub.mode"],
            "hub.topic": form["hub.topic"],
            "hub.challenge": "quay-4711",
            "hub.lease_seconds": lease,
        } | {f"hub.{name}": value for name, value in changed.items()}
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(form["hub.callback"], params=asked)
        return answer.status_code, answer.text

    async def send(
        self, form: Mapping[str, str], body: str, *, secret: str | None = None, method: str = "sha256"
    ) -> int:
        """Send what is new (section 7), signed with the subscriber's secret; return the status of its answer."""
        key = form["hub.secret"] if secret is None else secret
        digest = hmac.new(key.encode(), body.encode(), getattr(hashlib, method)).hexdigest()
        headers = {"Content-Type": "application/rss+xml", "X-Hub-Signature": f"{method}={digest}" if key else ""}
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.post(form["hub.callback"], content=body.encode(), headers=headers)).status_code

    async def _subscribe(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}

        async def accept() -> web.StreamResponse:
            self.forms.append(form)
            self.changed()
            return web.Response(status=202)

        return await self.perform("/hub", request, accept, _refuse)


def _refuse(fault: Fault) -> web.Response:
    return web.Response(status=fault.status, text=fault.body or "")
