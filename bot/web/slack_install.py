"""Pages on which people install the bot in their Slack workspace."""

from __future__ import annotations

import html

from aiohttp import web

from bot.adapters.slack_oauth import BACK, INSTALL, Away, OAuth, Page
from bot.install_states import LASTS

COOKIE = "phiwire_install"
# The address holds a code, which must not be kept, told to others, or shown in a frame.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title} – PhiWire</title>
<style>body{{font:1.1rem/1.6 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1rem}}</style></head>
<body><h1>{title}</h1>
{body}
</body></html>
"""


def routes(oauth: OAuth) -> list[web.RouteDef]:
    """Let browsers begin at INSTALL, and come back from Slack at BACK."""

    async def install(request: web.Request) -> web.Response:
        away = await oauth.begin(request.cookies.get(COOKIE, ""))
        if isinstance(away, Page):
            return _shown(away)
        response = web.Response(status=302, headers=HEADERS | {"Location": away.url})
        _remember(response, away)
        return response

    async def back(request: web.Request) -> web.Response:
        return _shown(await oauth.finish(request.query, request.cookies.get(COOKIE, "")))

    def _remember(response: web.Response, away: Away) -> None:
        # Lax: Slack sends the browser back with a link, and nothing else of another site's brings it along.
        response.set_cookie(
            COOKIE,
            away.browser,
            max_age=int(LASTS.total_seconds()),
            path=oauth.path,
            secure=oauth.is_private,
            httponly=True,
            samesite="Lax",
        )

    return [web.get(INSTALL, install, allow_head=False), web.get(BACK, back, allow_head=False)]


def _shown(page: Page) -> web.Response:
    lines = [f"<p>{html.escape(sentence)}</p>" for sentence in page.sentences]
    if page.link is not None:
        label, address = page.link
        lines.append(f'<p><a href="{html.escape(address)}">{html.escape(label)}</a></p>')
    text = _PAGE.format(title=html.escape(page.title), body="\n".join(lines))
    return web.Response(status=page.status, text=text, content_type="text/html", headers=HEADERS)
