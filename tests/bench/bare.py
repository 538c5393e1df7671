"""The way from a page to a message with nothing between: what its steps cost where nobody looks after anything.

One thread does one thing after the other: get, parse, look up, insert and commit, match, insert and commit, post. It
knows its page's markup by heart, keeps two tables without an index more than it needs, and of filters our index only.
Nothing that goes wrong is handled, explained, paced, or sent twice as seldom as can be.
"""

from __future__ import annotations

import io
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path

import aiohttp
import feedparser
import httpx
from selectolax.lexbor import LexborHTMLParser

from bot.filters.document import Document
from bot.filters.index import Index
from bot.model import Item
from tests.bench.workload import Wanted

# Key, headline and author of what a document shows.
Shown = tuple[str, str, str]

_TABLES = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE entries (key TEXT PRIMARY KEY, headline TEXT, author TEXT);
CREATE TABLE deliveries (id INTEGER PRIMARY KEY, entry TEXT, channel INTEGER, status TEXT);
"""


def read_page(body: bytes) -> list[Shown]:
    """Read a page whose markup is known."""
    shown = []
    for link in LexborHTMLParser(body).css("li > a"):
        author, _, headline = link.text().partition(" | ")
        shown.append((link.attributes["href"] or "", headline, author))
    return shown


def read_feed(body: bytes) -> list[Shown]:
    """Read a feed with the bare library."""
    read = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    return [(each.id, each.title, each.get("author", "")) for each in read.entries]


READERS = {"phiwire": read_page, "feed": read_feed}


class Bare:
    """The whole bot, if nothing could go wrong."""

    def __init__(
        self,
        url: str,
        kind: str,
        connection: sqlite3.Connection,
        index: Index,
        sources: httpx.AsyncClient,
        platform: aiohttp.ClientSession,
    ) -> None:
        self._url = url
        self._read = READERS[kind]
        self._connection = connection
        self._index = index
        self._sources = sources
        self._platform = platform
        self._has_baseline = False

    async def look(self) -> None:
        """Poll, and post what is new to all who want it; the first look is a baseline."""
        answer = await self._sources.get(f"{self._url}/feed")
        new = self._new(self._read(answer.content))
        for channel, text in self._deliveries(new) if self._has_baseline else ():
            await self._post(channel, text)
        self._has_baseline = True

    def _new(self, shown: Sequence[Shown]) -> list[Shown]:
        known = self._connection.execute
        new = [each for each in shown if known("SELECT 1 FROM entries WHERE key = ?", each[:1]).fetchone() is None]
        with self._connection:
            self._connection.executemany("INSERT INTO entries VALUES (?, ?, ?)", new)
        return new

    def _deliveries(self, new: Sequence[Shown]) -> list[tuple[int, str]]:
        made = []
        for key, headline, author in new:
            hits = self._index.hits(Document(Item(key, "wire", headline, key, author=author)))
            made += [(channel, key, f"{headline}\n{author}") for channel in sorted({hit >> 32 for hit in hits})]
        with self._connection:
            self._connection.executemany(
                "INSERT INTO deliveries (channel, entry, status) VALUES (?, ?, 'sending')",
                [(channel, key) for channel, key, _ in made],
            )
        return [(channel, text) for channel, _, text in made]

    async def _post(self, channel: int, text: str) -> None:
        message = {"chat_id": channel, "text": text}
        async with self._platform.post(f"{self._url}/0/bot123456:TEST/sendMessage", json=message) as answer:
            await answer.read()


@asynccontextmanager
async def opened(url: str, kind: str, folder: Path, wanted: Sequence[Wanted]) -> AsyncIterator[Bare]:
    """Open its file and its connections."""
    index = Index()
    for each in wanted:
        index.put(each.number, each.kind, each.query)
    with closing(sqlite3.connect(folder / "bare.db")) as connection:
        connection.executescript(_TABLES)
        async with httpx.AsyncClient(trust_env=False) as sources, aiohttp.ClientSession() as platform:
            yield Bare(url, kind, connection, index, sources, platform)
