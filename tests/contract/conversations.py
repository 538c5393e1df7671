"""What conversations are made of: a wire with thirty entries, Ada who types, and news that comes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

from bot.db import Database
from bot.filters.matcher import Matcher
from bot.model import Item, Source
from bot.ports import RightsUnknownError
from bot.wire import source_store, store
from bot.wire.entry_store import Arrival

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
WIRE = Source("wire", "The Wire", "phiwire", "https://example.org")
OTHER = Source("other", "The Other", "feed", "https://example.com")
Say = Callable[..., Awaitable[str]]


async def yes() -> bool:
    """Let the person write."""
    return True


async def no() -> bool:
    """Refuse."""
    return False


async def unknown() -> bool:
    """Not know."""
    raise RightsUnknownError


def harbour_stories() -> list[Item]:
    """Write thirty entries of the last half hour."""
    return [
        Item(f"k{n}", "wire", f"Harbour story {n:02d}", author="Priya Ashdown", published_at=NOW - timedelta(minutes=n))
        for n in range(30)
    ]


async def put_on_the_wire(database: Database, items: Sequence[Item], source: Source = WIRE) -> None:
    """Commit a poll of a source; its first is its baseline."""
    await database.write(source_store.put_source, source, "file")
    new = [Arrival(item, item) for item in items]
    await database.write(store.commit_poll, source, NOW, NOW, new=new)


async def publish(database: Database, *headlines: str) -> None:
    """Bring news through wire and matcher."""
    await publish_items(database, *(Item(headline, "wire", headline, author="Marta Quill") for headline in headlines))


async def publish_items(database: Database, *items: Item) -> None:
    """Bring items through wire and matcher."""
    new = [Arrival(item, item) for item in items]
    seen = NOW + timedelta(seconds=1)
    await database.write(store.commit_poll, WIRE, seen, seen, new=new)
    matcher = Matcher()
    while (await database.write(matcher.match, NOW)).more:
        pass
