"""The demonstration's web site: a PhiWire page, press releases and a feed, growing while one watches."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.demo.news import News, Post, Release, Row
from bot.model import Source

_SECOND = timedelta(seconds=1)
VISIBLE = 5
ROWS = 25
PLACEHOLDER = "PoliticsHome | Only the latest five entries on the PhiWire are visible to non-subscribers"
LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True)
class _Published:
    number: int
    news: News
    at: datetime


@dataclass
class Site:
    """Serves what was published, newest first."""

    clock: Callable[[], datetime]
    _published: list[_Published] = field(default_factory=list)
    _runner: web.AppRunner | None = None
    _address: str = ""

    def publish(self, news: News) -> None:
        """Put something on its page."""
        self._published.insert(0, _Published(len(self._published) + 1, news, self.clock()))

    def sources(self) -> tuple[Source, ...]:
        """Name the site's sources, as a sources file would."""
        return (
            Source("phiwire", "PhiWire", "phiwire", f"{self._address}/phiwire", _SECOND),
            Source(
                "coastal",
                "Press releases",
                "press_releases",
                f"{self._address}/releases",
                _SECOND,
                entry_kind="release",
            ),
            Source("briefing", "The Briefing", "feed", f"{self._address}/feed.xml", _SECOND),
        )

    async def start(self) -> None:
        """Listen on a free port of this machine alone."""
        application = web.Application()
        application.router.add_get("/phiwire", self._phiwire)
        application.router.add_get("/releases", self._releases)
        application.router.add_get("/releases/{number}", self._release)
        application.router.add_get("/feed.xml", self._feed)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        listening = web.TCPSite(self._runner, "127.0.0.1", 0)
        await listening.start()
        self._address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Close the port."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _phiwire(self, _request: web.Request) -> web.Response:
        rows = [each for each in self._published if isinstance(each.news, Row)][:VISIBLE]
        shown = "".join(map(_row, rows)) + f"<li>{PLACEHOLDER}</li>" * (ROWS - len(rows))
        return _page("Phi Wire Hand Picked Politics - Live", f"<ul>{shown}</ul>")

    async def _releases(self, _request: web.Request) -> web.Response:
        releases = [(each, each.news) for each in self._published if isinstance(each.news, Release)]
        links = "".join(
            f'<li><a href="/releases/{each.number}">{html.escape(f"{release.organisation}: {release.title}")}</a></li>'
            for each, release in releases
        )
        return _page("Press Releases", f"<h1>Press Releases</h1><ul>{links}</ul>")

    async def _release(self, request: web.Request) -> web.Response:
        for each in self._published:
            if str(each.number) == request.match_info["number"] and isinstance(each.news, Release):
                return _page("Press Release", _release_body(each.news))
        raise web.HTTPNotFound

    async def _feed(self, _request: web.Request) -> web.Response:
        items = "".join(_item(each, each.news) for each in self._published if isinstance(each.news, Post))
        feed = (
            '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<channel><title>The Briefing</title><link>{self._address}</link>{items}</channel></rss>"
        )
        return web.Response(text=feed, content_type="application/rss+xml")


def _page(title: str, body: str) -> web.Response:
    page = f"<!doctype html><html lang=en><title>{html.escape(title)}</title><body>{body}</body></html>"
    return web.Response(text=page, content_type="text/html")


def _row(each: _Published) -> str:
    assert isinstance(each.news, Row)
    line = f"{each.news.author} | {each.news.headline}" if each.news.author else each.news.headline
    return (
        f'<li><a href="/wire/{each.number}">{html.escape(line)}</a>'
        f'<ul><li><img src="/icon.png" alt="source icon"></li><li>{each.at.astimezone(LONDON):%H:%M}</li></ul></li>'
    )


def _release_body(release: Release) -> str:
    paragraphs = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in release.paragraphs)
    return (
        f"<h2>Press Releases</h2><h1>{html.escape(f'{release.organisation}: {release.title}')}</h1>"
        f"<p>{html.escape(release.organisation)} press release</p>{paragraphs}"
        f"<p>{html.escape(f'{release.office}, {release.speaker}, said:')}</p>"
        f"<p>“{html.escape(release.quotation)}”</p><p>Latest on {html.escape(release.topic)}</p>"
    )


def _item(each: _Published, post: Post) -> str:
    return (
        f"<item><guid isPermaLink='false'>briefing-{each.number}</guid><title>{html.escape(post.title)}</title>"
        f"<dc:creator>{html.escape(post.author)}</dc:creator><description>{html.escape(post.summary)}</description>"
        f"<pubDate>{format_datetime(each.at)}</pubDate></item>"
    )
