"""What WebSub hubs ask of us and send us (w3.org/TR/websub, sections 5.2, 5.3 and 7)."""

from __future__ import annotations

import asyncio

from aiohttp import web

from bot.wire.hubs import Hubs

PATH = "/websub"
# Seconds that a body may take to arrive.
BODY_TIME = 30.0


def routes(hubs: Hubs) -> list[web.RouteDef]:
    """Let hubs reach us under PATH, each by the token that it was given."""

    async def confirm(request: web.Request) -> web.Response:
        asked = request.query
        mode, topic, challenge = (asked.get(f"hub.{name}", "") for name in ("mode", "topic", "challenge"))
        hub = await hubs.find(request.match_info["token"])
        if hub is None or not await hubs.confirm(hub, mode, topic, asked.get("hub.lease_seconds", "")):
            raise web.HTTPNotFound(text="Nobody here asked for that.")
        # As plain text and nothing else, for it is the caller's own words.
        return web.Response(text=challenge, content_type="text/plain", headers={"X-Content-Type-Options": "nosniff"})

    async def receive(request: web.Request) -> web.Response:
        hub = await hubs.find(request.match_info["token"])
        if hub is None:
            # The word for it in section 7: then the hub may forget us.
            raise web.HTTPGone(text="Nobody here listens to that any more.")
        try:
            async with asyncio.timeout(BODY_TIME):
                body = await request.read()
        except TimeoutError:
            raise web.HTTPRequestTimeout(text="The body took too long.") from None
        headers = request.headers
        await hubs.receive(hub, body, headers.get("Content-Type", ""), headers.get("X-Hub-Signature", ""))
        return web.Response(status=204)

    return [web.get(f"{PATH}/{{token}}", confirm, allow_head=False), web.post(f"{PATH}/{{token}}", receive)]
