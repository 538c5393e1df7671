"""Answer `source`: what is watched, with a look at it first. A slow site keeps nobody waiting."""

from __future__ import annotations

import asyncio
import dataclasses
import difflib
import re
import sqlite3
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import structlog

from bot import audit
from bot.commands import replies, source_replies
from bot.commands.call import Call
from bot.db import Database
from bot.model import Source
from bot.ports import Reply
from bot.sources import trial
from bot.sources.addresses import without_secrets
from bot.sources.fetch import Fetcher
from bot.sources.trial import Tried
from bot.wire import source_store

log = structlog.get_logger("bot.commands")

# Seconds for one look, which may ask a page and several places where its feed may be.
PATIENCE = 60.0


class Sourcing:
    """Looks after the sources for operators. What a chat names may be at public addresses only."""

    def __init__(self, database: Database, open_fetcher: Callable[[], Fetcher], patience: float) -> None:
        self._database = database
        self._open_fetcher = open_fetcher
        self._patience = patience

    async def source(self, call: Call) -> Reply:
        """Answer source, and what is typed after it."""
        verb, _, rest = call.argument.partition(" ")
        rest = rest.strip()
        match verb.casefold(), bool(rest):
            case "list", False:
                return source_replies.listed(await self._database.read(source_store.sources))
            case "remove", True:
                return await self._remove(call, rest)
            case "add", True:
                return await self._add(call, rest)
            case "test", True:
                return await self._test(call, rest)
            case _:
                return source_replies.how()

    async def _remove(self, call: Call, slug: str) -> Reply:
        if await self._database.write(_remove, call, slug):
            return source_replies.removed(slug)
        known = [each.slug for each in await self._database.read(source_store.sources)]
        return source_replies.unknown(slug, _nearest(slug, known))

    async def _add(self, call: Call, argument: str) -> Reply:
        written, _, name = argument.partition(" ")
        url = _address(written)
        if not url:
            if await self._database.write(_restore, call, written):
                return source_replies.restored(written)
            return source_replies.no_address(written)
        name = name.strip()
        wanted = _wanted(url, name)

        async def add(tried: Tried) -> Reply:
            if tried.found is not None and trial.needs_a_choice(tried.found):
                return source_replies.choices(tried.found)
            title = tried.found.found[0].title if tried.found is not None else ""
            chosen = name or title or wanted.name
            source = dataclasses.replace(wanted, name=chosen, kind=tried.kind, url=tried.url)
            added, is_new = await self._database.write(_put, call, source)
            if not is_new:
                return source_replies.watched_already(added)
            return source_replies.added(added, tried, call.channel.timezone, call.now)

        return await self._look(call, wanted, None, add)

    async def _test(self, call: Call, argument: str) -> Reply:
        known = {each.slug: each for each in await self._database.read(source_store.sources)}
        source, url = known.get(argument), _address(argument)
        if source is None and not url:
            return source_replies.unknown(argument, _nearest(argument, list(known)))

        async def show(tried: Tried) -> Reply:
            return source_replies.tried(tried, call.channel.timezone, call.now)

        if source is not None:
            return await self._look(call, source, source.kind, show)
        return await self._look(call, _wanted(url, ""), None, show)

    async def _look(
        self, call: Call, wanted: Source, kind: str | None, then: Callable[[Tried], Awaitable[Reply]]
    ) -> Reply:
        """Look at a source beside all else where the platform takes an answer later, and say so at once."""
        looking = self._looked(call, wanted, kind, then)
        if call.request.later is None:
            return await looking
        call.request.later(looking)
        return source_replies.looking(without_secrets(wanted.url))

    async def _looked(
        self, call: Call, wanted: Source, kind: str | None, then: Callable[[Tried], Awaitable[Reply]]
    ) -> Reply:
        """Look, within the time there is. Never raises: an operator is told what to do."""
        fetcher = self._open_fetcher()
        try:
            async with asyncio.timeout(self._patience):
                tried = await trial.try_source(wanted, kind, call.now, fetcher)
            return await then(tried)
        except TimeoutError:
            return source_replies.too_slow(without_secrets(wanted.url), self._patience)
        except trial.NoFeedError as error:
            return source_replies.no_feed(str(error))
        except trial.TrialError as error:
            return source_replies.refused(str(error))
        except Exception:  # whatever an address answers, one look must not silence the bot
            log.exception("look_broke", platform=call.request.platform)
            return replies.broken()
        finally:
            await fetcher.close()


def _address(written: str) -> str:
    """Read an address as people write it, such as example.org/news; empty where it is none."""
    if " " in written:
        return ""
    if re.match("https?://", written, re.IGNORECASE):
        return written
    return f"https://{written}" if re.fullmatch(r"[\w-]+(\.[\w-]+)+(:\d+)?([/?].*)?", written) else ""


def _wanted(url: str, name: str) -> Source:
    """Make a source of what was typed; its address is checked when it is fetched."""
    name = name or urlsplit(url).hostname or url
    return Source(trial.slug_of(name), name, "feed", url, public_only=True)


def _nearest(slug: str, known: list[str]) -> str:
    return next(iter(difflib.get_close_matches(trial.slug_of(slug), known, n=1, cutoff=0.5)), "")


def _remove(connection: sqlite3.Connection, call: Call, slug: str) -> bool:
    done = source_store.remove_source(connection, slug, call.now)
    if done:
        audit.record(connection, call.channel.id, call.request.actor, "source remove", slug, call.now)
    return done


def _restore(connection: sqlite3.Connection, call: Call, slug: str) -> bool:
    done = source_store.restore_source(connection, slug)
    if done:
        audit.record(connection, call.channel.id, call.request.actor, "source add", slug, call.now)
    return done


def _put(connection: sqlite3.Connection, call: Call, wanted: Source) -> tuple[Source, bool]:
    """Watch a source under a slug that no other has or had; one that is watched already stays as it is."""
    for known in source_store.sources(connection):
        if known.url == wanted.url:
            return known, False
    taken = source_store.slugs(connection)
    base, number = trial.slug_of(wanted.name), 1
    slug = base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    source = dataclasses.replace(wanted, slug=slug)
    source_store.put_source(connection, source, "added")
    detail = f"{slug} {without_secrets(source.url)}"
    audit.record(connection, call.channel.id, call.request.actor, "source add", detail, call.now)
    return source, True
