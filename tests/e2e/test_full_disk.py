"""A disk that is full for a while: the bot says so, goes on by itself, and loses and doubles nothing."""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path

from tests.e2e.process import BotProcess
from tests.e2e.test_wire_to_chat import NEW_ITEM, NEW_RELEASE, NEW_ROW, baseline_is_read, publish, settings
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.web import WebEmulator


async def test_news_comes_once_when_there_is_room_again(
    tmp_path: Path,
    telegram: TelegramEmulator,
    slack: SlackEmulator,
    web: WebEmulator,
    bot_process: Callable[..., BotProcess],
) -> None:
    """The process may write no file beyond its first bytes, and then again: no restart is needed."""
    publish(web, "list", grown=False)
    process = bot_process(settings(tmp_path, telegram, slack, web))
    await process.start()
    chat = telegram.private_chat(telegram.user(7, "Ada"))
    await telegram.say(chat, 7, "/follow Marta Quill")
    await telegram.wait_for_message(chat, "Following")
    await baseline_is_read(web)
    _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    publish(web, "list", grown=True)
    await process.says("database_unusable")
    await telegram.say(chat, 7, "/filters")
    await telegram.wait_for_message(chat, "I can write nothing down at the moment")
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (hard, hard))
    await process.says("database_usable_again")
    for headline in (NEW_ROW.headline, NEW_RELEASE.headline, NEW_ITEM.title):
        await telegram.wait_for_message(chat, headline)
    await baseline_is_read(web)
    assert await process.terminate() == 0
    received = [message.text for message in telegram.messages(chat)]
    for headline in (NEW_ROW.headline, NEW_RELEASE.headline, NEW_ITEM.title):
        assert sum(headline in text for text in received) == 1
    assert "Traceback" not in process.errors


async def test_bot_stops_while_the_disk_is_full(
    tmp_path: Path,
    telegram: TelegramEmulator,
    slack: SlackEmulator,
    web: WebEmulator,
    bot_process: Callable[..., BotProcess],
) -> None:
    """Whoever makes room may want to stop it first."""
    publish(web, "list", grown=False)
    process = bot_process(settings(tmp_path, telegram, slack, web))
    await process.start()
    await baseline_is_read(web)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    publish(web, "list", grown=True)
    await process.says("database_unusable")
    assert await process.terminate() == 0
    assert "Traceback" not in process.errors
