"""`kill -9` at random moments, under load: nothing is lost, and at most what was in flight comes twice."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.process import BotProcess, local_settings
from tests.emulators import pages
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.web import WebEmulator

# CI kills a few times; `make crash` more often.
KILLS = int(os.environ.get("PHIWIRE_KILLS", "6"))
CHATS = 3


def items(number: int) -> list[pages.FeedItem]:
    """Make a feed, newest first."""
    return [
        pages.FeedItem(f"Ferry news number {n:04d}.", f"https://example.org/{n}", f"id-{n}", "Marta Quill")
        for n in range(number, 0, -1)
    ]


@pytest.mark.parametrize("seed", [random.SystemRandom().randrange(10**6)])
async def test_kills_lose_nothing(
    seed: int,
    tmp_path: Path,
    telegram: TelegramEmulator,
    slack: SlackEmulator,
    web: WebEmulator,
    bot_process: Callable[..., BotProcess],
) -> None:
    """The power may go at any instant; the seed is in the test's name."""
    chance = random.Random(seed)
    web.publish("/feed", pages.rss(items(1)), "application/rss+xml")
    sources = tmp_path / "sources.toml"
    sources.write_text(f'[[source]]\nslug="f"\nname="F"\nkind="feed"\nurl="{web.url}/feed"\nevery="1s"\n')
    # Each message by itself: one that lists many would hide which of them came twice.
    process = bot_process(local_settings(telegram, slack, sources) | {"PHIWIRE_BURST": "1000"})
    await process.start()
    chats = [telegram.private_chat(telegram.user(number, f"Person {number}")) for number in range(1, CHATS + 1)]
    for number, chat in enumerate(chats, 1):
        await telegram.say(chat, number, "/follow Marta Quill")
        await telegram.wait_for_message(chat, "Following")
    channel = slack.channel("newsroom")
    await slack.connected()
    await slack.command(channel, slack.user("bea"), "/phiwire", "subscribe ferry")
    await web.wait_for_requests("/feed", 2)

    published = 1
    for _ in range(KILLS):
        published += chance.randint(1, 2)
        web.publish("/feed", pages.rss(items(published)), "application/rss+xml")
        # Somewhere between the poll and the last settle: at the n-th request to a platform from now.
        calls = len(telegram.calls("sendMessage")) + len(slack.calls("chat.postMessage"))
        moment = chance.randint(1, CHATS + 1)
        await telegram.wait_for(lambda: bool(telegram.calls("sendMessage")))
        await web.wait_for_requests("/feed", len(web.requests_for("/feed")) + chance.randint(1, 2))
        if chance.random() < 0.7:
            await _at_call(telegram, slack, calls + moment)
        await process.kill()
        polls = len(web.requests_for("/feed"))
        await process.start()

    # A signal in the first instants of an interpreter's life meets nobody who could handle it.
    await web.wait_for_requests("/feed", polls + 1)
    wanted = [item.title for item in items(published)[:-1]]
    for title in wanted:
        for chat in chats:
            await telegram.wait_for_message(chat, title, timeout=60)
        await slack.wait_for_message(channel, title, timeout=60)
    assert await process.terminate() == 0

    received = [Counter(_titles(wanted, [m.text for m in telegram.messages(chat)])) for chat in chats]
    received.append(Counter(_titles(wanted, [m.shown for m in slack.messages(channel)])))
    lost = [title for counts in received for title in wanted if counts[title] == 0]
    duplicates = [sum(counts.values()) - len(wanted) for counts in received]
    print(f"{KILLS} kills, {len(wanted) * len(received)} deliveries, {len(lost)} lost, {sum(duplicates)} duplicates")
    assert lost == []
    # At most one message of a channel is in flight when the power goes.
    assert max(duplicates) <= KILLS


async def _at_call(telegram: TelegramEmulator, slack: SlackEmulator, number: int) -> None:
    """Wait for the so-manieth send, counted over both platforms; Telegram's are the most."""
    await telegram.wait_for(
        lambda: len(telegram.calls("sendMessage")) + len(slack.calls("chat.postMessage")) >= number, timeout=20
    )


def _titles(wanted: list[str], texts: list[str]) -> list[str]:
    return [title for text in texts for title in wanted if title in text and "Following" not in text]
