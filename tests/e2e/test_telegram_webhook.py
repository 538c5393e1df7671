"""A running bot that Telegram calls: what people type comes in, what others send does not, and polling takes over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.process import BotProcess
from tests.e2e.test_wire_to_chat import NEW_ROW, baseline_is_read, publish, settings
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_webhook import HEADER
from tests.emulators.web import WebEmulator

Make = Callable[..., BotProcess]


async def test_commands_come_by_the_webhook(
    tmp_path: Path, telegram: TelegramEmulator, slack: SlackEmulator, web: WebEmulator, bot_process: Make, port: int
) -> None:
    """From the first command over a crash, in which Telegram keeps what is typed, to polling."""
    publish(web, "list", grown=False)
    listen = f"127.0.0.1:{port}"
    chosen = settings(tmp_path, telegram, slack, web) | {
        "PHIWIRE_TELEGRAM_UPDATES": "webhook",
        "PHIWIRE_LISTEN": listen,
        "PHIWIRE_PUBLIC_URL": f"http://{listen}/",
        "PHIWIRE_LOG_LEVEL": "debug",
    }
    process = bot_process(chosen)
    await process.start()
    chat = telegram.private_chat(telegram.user(7, "Ada"))
    await process.says("telegram_ready")
    await telegram.say(chat, 7, "/follow Marta Quill")
    await telegram.wait_for_message(chat, "Following")
    async with aiohttp.ClientSession() as session:
        for headers in ({}, {HEADER: "forged"}):
            async with session.post(telegram.webhook.url, data=b"{}", headers=headers) as answer:
                assert answer.status == 401
    await baseline_is_read(web)
    publish(web, "list", grown=True)
    await telegram.wait_for_message(chat, NEW_ROW.headline)

    secrets = {telegram.webhook.params["secret_token"]}
    await process.kill()
    await telegram.say(chat, 7, "/mute budget")
    await telegram.wait_for(lambda: telegram.webhook.pushes[-1].status == 0)
    again = bot_process(chosen)
    await again.start()
    await telegram.wait_for_message(chat, "Muted", timeout=30)
    secrets.add(telegram.webhook.params["secret_token"])
    assert telegram.calls("getUpdates") == []
    assert len(secrets) == 2
    assert await again.terminate() == 0
    for secret in secrets:
        assert secret not in process.errors + process.output + again.errors + again.output

    polling = bot_process(chosen | {"PHIWIRE_TELEGRAM_UPDATES": "poll"})
    await telegram.say(chat, 7, "/why not ferry")
    await polling.start()
    await telegram.wait_for(lambda: telegram.calls("getUpdates"), 30)
    before = len(telegram.messages(chat))
    await telegram.say(chat, 7, "/filters")
    # The only answer that names both.
    await telegram.wait_for(lambda: any(_lists_filters(each.text) for each in telegram.messages(chat)[before:]))
    assert telegram.webhook.url == ""
    assert "telegram_conflict" not in polling.errors
    assert await polling.terminate() == 0


def _lists_filters(text: str) -> bool:
    return "Marta Quill" in text and "budget" in text


@pytest.mark.parametrize("command", ["run", "check"])
async def test_webhook_without_an_address_is_refused_in_one_sentence(
    command: str, telegram: TelegramEmulator, bot_process: Make
) -> None:
    """The sentence names what is missing."""
    chosen = {"TELEGRAM_BOT_TOKEN": telegram.token, "PHIWIRE_TELEGRAM_UPDATES": "webhook"}
    process = bot_process(chosen, command)
    await process.start()
    assert await process.ends() == 2
    (line,) = process.errors.strip().splitlines()
    assert "PHIWIRE_PUBLIC_URL is missing: PHIWIRE_TELEGRAM_UPDATES=webhook needs it" in line


async def test_address_that_telegram_does_not_take_ends_the_start(
    tmp_path: Path, telegram: TelegramEmulator, slack: SlackEmulator, web: WebEmulator, bot_process: Make, port: int
) -> None:
    """It is the only platform, so there is nothing to run for."""
    telegram.webhook.local = False
    listen = f"127.0.0.1:{port}"
    chosen = settings(tmp_path, telegram, slack, web) | {
        "SLACK_BOT_TOKEN": "",
        "SLACK_APP_TOKEN": "",
        "PHIWIRE_TELEGRAM_UPDATES": "webhook",
        "PHIWIRE_LISTEN": listen,
        "PHIWIRE_PUBLIC_URL": f"http://{listen}",
    }
    process = bot_process(chosen)
    await process.start()
    assert await process.ends() == 2
    assert "Traceback" not in process.errors
    assert f"Telegram does not take http://{listen}/telegram as its webhook" in process.errors.strip().splitlines()[-1]
