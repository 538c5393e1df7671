"""What calls of the emulated Slack say, and how they are refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from tests.emulators.server import Fault
    from tests.emulators.slack_state import Params

RATE_LIMITED = {429: "ratelimited", 503: "service_unavailable"}


async def params(request: web.Request) -> Params:
    """Read the parameters of a call: of its address, as JSON, or of a form."""
    read: Params = dict(request.query)
    if request.content_type == "application/json":
        read |= await request.json()
        return read
    read |= dict(await request.post())
    for name in ("blocks", "metadata", "view", "attachments"):
        if isinstance(read.get(name), str):
            read[name] = json.loads(read[name])
    return read


def refuse(fault: Fault) -> web.Response:
    """Answer as scripted."""
    if fault.body is not None:
        return web.Response(status=fault.status, text=fault.body, headers=fault.headers)
    error = fault.error or RATE_LIMITED.get(fault.status, "internal_error")
    return web.json_response({"ok": False, "error": error}, status=fault.status, headers=fault.headers)
