"""The whole way as a real process: from start to first poll, from publication to delivery, and what it takes.

Publication to delivery is given beyond the poll interval of one second: what is above zero is ours; below zero the
page was published late in the interval.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from tests.bench import starting
from tests.bench.rows import Row
from tests.e2e.process import BotProcess, local_settings
from tests.emulators import pages
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.web import WebEmulator

INTERVAL = 1.0
ROUNDS = 20


async def measure(rounds: int = ROUNDS, subscriptions: int = starting.SUBSCRIPTIONS) -> list[Row]:
    """Start the bot between emulators, publish so many rows one by one, and time each delivery on both platforms."""
    return await starting.measure(subscriptions, min(rounds, starting.ROUNDS)) + await _deliveries(rounds)


async def _deliveries(rounds: int) -> list[Row]:
    rows = [pages.Row("Priya Ashdown", "A quiet week, for once", "/wire/0", "09:00")]
    async with TelegramEmulator() as telegram, SlackEmulator() as slack, WebEmulator() as web:
        web.publish("/phiwire", pages.phiwire_page(rows, "list"))
        with tempfile.TemporaryDirectory() as folder:
            process = BotProcess(Path(folder), _settings(Path(folder), telegram, slack, web))
            began = time.monotonic()
            await process.start()
            (first,) = await web.wait_for_requests("/phiwire", 1)
            chat = telegram.private_chat(telegram.user(7, "Ada"))
            await telegram.say(chat, 7, "/follow Marta Quill")
            await telegram.wait_for_message(chat, "Following")
            channel = slack.channel("newsroom")
            await slack.connected()
            await slack.command(channel, slack.user("bea"), "/phiwire", "subscribe ferry")
            await web.wait_for_requests("/phiwire", 2)
            took: dict[str, list[float]] = {"telegram": [], "slack": []}
            for number in range(1, rounds + 1):
                headline = f"Ferry vote number {number:03d}"
                rows.insert(0, pages.Row("Marta Quill", headline, f"/wire/{number}", "09:00"))
                published = time.monotonic()
                web.publish("/phiwire", pages.phiwire_page(rows[:5], "list"))
                took["telegram"].append((await telegram.wait_for_message(chat, headline)).at - published)
                took["slack"].append((await slack.wait_for_message(channel, headline)).at - published)
            memory = _resident(process.pid)
            stopping = time.monotonic()
            code = await process.terminate()
            stopped = time.monotonic()
    figures = [Row("start to first poll, empty database", first.at - began, "s", "<= 2")]
    for platform, seconds in took.items():
        beyond = [each - INTERVAL for each in seconds]
        figures.append(Row(f"publication to {platform}, beyond interval, median", statistics.median(beyond), "s"))
        figures.append(Row(f"publication to {platform}, beyond interval, most", max(beyond), "s", "<= 1"))
    figures.append(Row("resident memory", memory, "MB", "<= 150"))
    figures.append(Row("stop on SIGTERM", stopped - stopping, "s"))
    figures.append(Row("exit code", code, "", "== 0"))
    return figures


def _settings(folder: Path, telegram: TelegramEmulator, slack: SlackEmulator, web: WebEmulator) -> dict[str, str]:
    sources = folder / "sources.toml"
    sources.write_text(
        f'[[source]]\nslug="w"\nname="W"\nkind="phiwire"\nurl="{web.url}/phiwire"\nevery="{INTERVAL:g}s"\n'
    )
    return local_settings(telegram, slack, sources)


def _resident(pid: int) -> float:
    """Read a process's resident memory in megabytes (proc(5), VmRSS)."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1000
