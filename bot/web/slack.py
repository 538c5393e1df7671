"""What Slack calls where it does not come by Socket Mode: commands, events, buttons, views."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from aiohttp import web

from bot.adapters.slack_requests import Calls

PATH = "/slack/events"
# Where browsers come back to that install the app in a workspace.
BACK = "/slack/oauth_redirect"
# Bytes: Slack's largest views and messages are a tenth of that.
LARGEST = 1_000_000
# Seconds that a body may take to arrive.
BODY_TIME = 10.0


def routes(calls: Calls) -> list[web.RouteDef]:
    """Let Slack reach us at PATH, by its signature."""

    async def receive(request: web.Request) -> web.Response:
        body = await _body(request)
        if body.startswith(b"ssl_check=1&"):
            # Slack looks after certificates without signing, and wants nothing done.
            return web.Response()
        if not calls.is_signed(body, request.headers):
            raise web.HTTPUnauthorized(text="Only Slack may call here.")
        answer = await calls.take(body, request.headers)
        return web.Response(status=answer.status, text=answer.body, content_type=answer.content_type)

    return [web.post(PATH, receive)]


async def _body(request: web.Request) -> bytes:
    if (request.content_length or 0) > LARGEST:
        raise _too_large()
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIME):
            async for piece in request.content.iter_any():
                body += piece
                if len(body) > LARGEST:
                    raise _too_large()
    except TimeoutError:
        raise web.HTTPRequestTimeout(text="The body took too long.") from None
    return bytes(body)


def _too_large() -> web.HTTPException:
    too_large = web.HTTPRequestEntityTooLarge(LARGEST, LARGEST + 1, text="That is more than Slack sends.")
    too_large.headers["Connection"] = "close"
    assert too_large.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return too_large
