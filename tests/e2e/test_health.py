"""A running bot says that it lives, that it is ready, and what it has done; `phiwire status` tells its operator."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import aiohttp

from tests.e2e.process import BotProcess
from tests.e2e.test_wire_to_chat import NEW_ROW, baseline_is_read, publish, settings
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.web import WebEmulator


async def asked(address: str) -> tuple[int, str]:
    """Get an address."""
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        return answer.status, await answer.text()


async def test_running_bot_tells_how_it_is(
    tmp_path: Path,
    telegram: TelegramEmulator,
    slack: SlackEmulator,
    web: WebEmulator,
    bot_process: Callable[..., BotProcess],
    port: int,
) -> None:
    """From the probes to the figures, and in words."""
    publish(web, "list", grown=False)
    listen = f"127.0.0.1:{port}"
    chosen = settings(tmp_path, telegram, slack, web) | {
        "PHIWIRE_LISTEN": listen,
        "PHIWIRE_OPERATORS": "telegram:7,slack:U0MAX",
    }
    process = bot_process(chosen)
    await process.start()
    chat = telegram.private_chat(telegram.user(7, "Ada"))
    await slack.connected()
    await telegram.say(chat, 7, "/follow Marta Quill")
    await telegram.wait_for_message(chat, "Following")
    await baseline_is_read(web)
    publish(web, "list", grown=True)
    await telegram.wait_for_message(chat, NEW_ROW.headline)
    await baseline_is_read(web)

    status, said = await asked(f"http://{listen}/healthz")
    assert (status, said.count("✓"), said.count("✗")) == (200, 7, 0)
    status, said = await asked(f"http://{listen}/readyz")
    assert (status, said) == (200, "✓ database: takes writes\n✓ telegram: connected\n✓ slack: connected\n")
    status, said = await asked(f"http://{listen}/metrics")
    assert status == 200
    assert 'phiwire_sources{health="well"} 3.0' in said
    assert 'phiwire_deliveries_total{outcome="sent",platform="telegram"} 3.0' in said
    assert NEW_ROW.headline not in said

    await telegram.say(chat, 7, "/status")
    await telegram.wait_for_message(chat, "3 sources, all well.")
    assert await process.terminate() == 0

    reading = bot_process(chosen, "status")
    await reading.start()
    assert await reading.ends() == 0
    assert "how long news took, the last 24 hours" in reading.output
    reading = bot_process(chosen, "status", "--json")
    await reading.start()
    assert await reading.ends() == 0
    rows = [json.loads(line) for line in reading.output.splitlines()]
    (lag,) = (row for row in rows if row["table"] == "lag")
    assert (lag["platform"], lag["deliveries"]) == ("telegram", 3)
    assert {"platform": "telegram", "status": "sent", "count": 3, "table": "queue"} in rows
