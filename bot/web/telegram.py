"""What Telegram sends to its webhook (core.telegram.org/bots/api#setwebhook)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from bot.adapters.telegram_updates import Webhook

PATH = "/telegram"
SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (the name of a header)
# Seconds that a body may take to arrive.
BODY_TIME = 30.0


def routes(webhook: Webhook) -> list[web.RouteDef]:
    """Let Telegram reach us at PATH, by the secret that it was given.

    What is answered with anything but 200 comes again.
    """

    async def receive(request: web.Request) -> web.Response:
        # Before anything is read: nobody else can make us work.
        if not webhook.knows(request.headers.get(SECRET, "")):
            raise web.HTTPUnauthorized(text="Only Telegram may call here.")
        try:
            async with asyncio.timeout(BODY_TIME):
                update = _update(await request.read())
        except TimeoutError:
            raise web.HTTPRequestTimeout(text="The body took too long.") from None
        if update is None:
            raise web.HTTPBadRequest(text="That is no update.")
        if not webhook.take(update):
            raise web.HTTPServiceUnavailable(text="Not now.")
        return web.Response()

    return [web.post(PATH, receive)]


def _update(body: bytes) -> dict[str, Any] | None:
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return update if isinstance(update, dict) and type(update.get("update_id")) is int else None
