"""Sending: our adapters beside the libraries' own clients and bare aiohttp, and the whole way from a feed to a message.

Pacing is left out of the first part: it says what the platforms allow, not what we can. Ours makes each message from
its delivery, the others are given its text. Figures are medians of rounds in turn; CPU is that of the client's process,
without the server's.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import NamedTuple

import aiohttp
from telegram import Bot, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.request import HTTPXRequest

from bot.adapters import slack_markup, telegram_markup
from bot.adapters.slack import LIMITS as SLACK_LIMITS
from bot.adapters.slack import SlackAdapter
from bot.adapters.telegram import ANSWER_TIME, TelegramAdapter
from bot.model import Channel, Delivery, Entry, Reason
from bot.outcomes import Sent
from bot.story import tell
from tests.bench import relay
from tests.bench.answering import AnsweringServer
from tests.bench.rows import Row

MESSAGES = 6400
SUBSCRIPTIONS = 10_000
# As many requests at once as the goals name, and the milliseconds that Telegram takes to answer in one of them.
MANY, FEW = 128, 4
DISTANCE = 80
ROUNDS = 3
# python-telegram-bot's own client takes so many times as long that it sends only a part of the messages.
SLOW_PART = 16
TOKEN = "123456:TEST-token-of-the-bench"  # noqa: S105 - opens nothing
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
ENTRY = Entry(
    key="k",
    kind="wire",
    headline="Ferry vote survives",
    url="https://example.org/1",
    author="Marta Quill",
    id=1,
    source="wire",
    source_name="The Wire",
    first_seen_at=NOW,
)
REASONS = (Reason(1, "follow", "Marta Quill", "Ada", NOW),)

Send = Callable[[int], Awaitable[None]]
Client = Callable[[str], AbstractAsyncContextManager[Send]]


class Flood(NamedTuple):
    """What sending took: messages a second, and the client's CPU in µs a message."""

    rate: float
    cpu: float


async def measure(
    messages: int = MESSAGES, subscriptions: int = SUBSCRIPTIONS, rounds: int = relay.ROUNDS
) -> list[Row]:
    """Send from every client in turn, so that noise hits all alike, then relay the news of a page and of a feed."""
    async with AnsweringServer() as server:
        figures = await _far(f"{server.url}/{DISTANCE}", messages)
        figures += await _near(f"{server.url}/0", messages // 4)
        figures += await _slack(f"{server.url}/0", messages // 4)
    return figures + await relay.measure(subscriptions, rounds)


async def _far(url: str, messages: int) -> list[Row]:
    at_once = min(MANY, messages)
    took = await _floods({"ours": _ours, "bare": _bare}, url, at_once, messages)
    library = await _flood(_library, url, at_once, max(messages // SLOW_PART, at_once))
    ideal = at_once / DISTANCE * 1000
    ours, bare = _median(took["ours"]), _median(took["bare"])
    about = f"telegram, {at_once} over {DISTANCE} ms"
    return [
        Row(about, ours.rate, "msg/s"),
        Row(f"{about}: of the ideal", ours.rate / ideal, "", ">= 0.8" if at_once == MANY else ""),
        Row(f"{about}: CPU", ours.cpu, "µs/msg"),
        Row(f"{about}: library's client", library.rate, "msg/s"),
        Row(f"{about}: that of the ideal", library.rate / ideal, ""),
        Row(f"{about}: bare aiohttp", bare.rate, "msg/s"),
        Row(f"{about}: bare of the ideal", bare.rate / ideal, ""),
    ]


async def _near(url: str, messages: int) -> list[Row]:
    took = await _floods({"ours": _ours, "library": _library, "bare": _bare}, url, FEW, messages)
    ours, library, bare = (_median(floods) for floods in took.values())
    ratio = statistics.median(mine.cpu / other.cpu for mine, other in zip(took["ours"], took["library"], strict=True))
    about = f"telegram, {FEW} at once"
    return [
        Row(about, ours.rate, "msg/s"),
        Row(f"{about}: library's client", library.rate, "msg/s"),
        Row(f"{about}: bare aiohttp", bare.rate, "msg/s"),
        Row(f"{about}: CPU", ours.cpu, "µs/msg"),
        Row(f"{about}: CPU, library's client", library.cpu, "µs/msg"),
        Row(f"{about}: CPU, bare aiohttp", bare.cpu, "µs/msg"),
        Row(f"{about}: CPU, of the library's", ratio, "", "<= 0.4"),
    ]


async def _slack(url: str, messages: int) -> list[Row]:
    took = await _floods({"ours": _our_slack, "bare": _bare_slack}, url, SLACK_LIMITS.in_flight, messages)
    ours, bare = (_median(floods) for floods in took.values())
    about = f"slack, {SLACK_LIMITS.in_flight} at once"
    return [
        Row(about, ours.rate, "msg/s"),
        Row(f"{about}: bare aiohttp", bare.rate, "msg/s"),
        Row(f"{about}: CPU", ours.cpu, "µs/msg"),
        Row(f"{about}: CPU, bare aiohttp", bare.cpu, "µs/msg"),
    ]


async def _floods(clients: dict[str, Client], url: str, at_once: int, messages: int) -> dict[str, list[Flood]]:
    took: dict[str, list[Flood]] = {name: [] for name in clients}
    for _ in range(ROUNDS):
        for name, client in clients.items():
            took[name].append(await _flood(client, url, at_once, messages))
    return took


async def _flood(client: Client, url: str, at_once: int, messages: int) -> Flood:
    """Send so many, so many at once; before it is timed every connection has carried one."""
    async with client(url) as send:
        await asyncio.gather(*(send(number) for number in range(at_once)))
        numbers = iter(range(messages))

        async def work() -> None:
            for number in numbers:
                await send(number)

        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(work() for _ in range(at_once)))
        cpu, took = time.process_time() - cpu, time.perf_counter() - began
    return Flood(messages / took, cpu / messages * 1e6)


def _median(floods: list[Flood]) -> Flood:
    return Flood(statistics.median(each.rate for each in floods), statistics.median(each.cpu for each in floods))


def _delivery(platform: str, number: int) -> Delivery:
    return Delivery(number, Channel(1, platform, str(number + 1)), ENTRY, REASONS, 1)


@contextlib.asynccontextmanager
async def _ours(url: str) -> AsyncIterator[Send]:
    adapter = TelegramAdapter(TOKEN, url, [], lambda: NOW)
    await adapter.check()

    async def send(number: int) -> None:
        outcome = await adapter.send(_delivery("telegram", number))
        assert isinstance(outcome, Sent), outcome

    yield send
    await adapter.close()


@contextlib.asynccontextmanager
async def _library(url: str) -> AsyncIterator[Send]:
    html = telegram_markup.story(tell(_delivery("telegram", 1), NOW))
    preview = LinkPreviewOptions(url=ENTRY.url, prefer_small_media=True)
    # As the library makes it for itself, but with the time that a slow answer may take.
    client = HTTPXRequest(
        connection_pool_size=256,
        connect_timeout=ANSWER_TIME,
        read_timeout=ANSWER_TIME,
        write_timeout=ANSWER_TIME,
        pool_timeout=ANSWER_TIME,
    )
    async with Bot(TOKEN, f"{url}/bot", request=client) as bot:

        async def send(number: int) -> None:
            await bot.send_message(str(number + 1), html, parse_mode=ParseMode.HTML, link_preview_options=preview)

        yield send


@contextlib.asynccontextmanager
async def _bare(url: str) -> AsyncIterator[Send]:
    message = {
        "text": telegram_markup.story(tell(_delivery("telegram", 1), NOW)),
        "parse_mode": ParseMode.HTML,
        "link_preview_options": {"url": ENTRY.url, "prefer_small_media": True},
    }
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=256)) as session:

        async def send(number: int) -> None:
            body = {"chat_id": str(number + 1), **message}
            async with session.post(f"{url}/bot{TOKEN}/sendMessage", json=body) as answer:
                json.loads(await answer.read())

        yield send


@contextlib.asynccontextmanager
async def _our_slack(url: str) -> AsyncIterator[Send]:
    adapter = SlackAdapter("xoxb-test", "xapp-test", f"{url}/api/", lambda: NOW)
    await adapter.check()

    async def send(number: int) -> None:
        outcome = await adapter.send(_delivery("slack", number))
        assert isinstance(outcome, Sent), outcome

    yield send
    await adapter.close()


@contextlib.asynccontextmanager
async def _bare_slack(url: str) -> AsyncIterator[Send]:
    told = tell(_delivery("slack", 1), NOW)
    message = {"text": slack_markup.notification(told), "blocks": slack_markup.blocks(told, icon=False)}
    async with aiohttp.ClientSession() as session:

        async def send(number: int) -> None:
            body = {"channel": str(number + 1), **message}
            async with session.post(f"{url}/api/chat.postMessage", json=body) as answer:
                json.loads(await answer.read())

        yield send
