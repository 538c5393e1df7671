"""From the start of a process to its first look at a source, beside the time that its imports alone take."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bot.db import Database
from tests.bench import subscribers
from tests.bench.rows import Row
from tests.bench.workload import Workload
from tests.e2e.process import ROOT, BotProcess, local_settings
from tests.emulators import pages
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.web import WebEmulator

SUBSCRIPTIONS = 10_000
ROUNDS = 5
# What `phiwire run` needs; the clock is the machine's, the same for all of its processes.
IMPORTS = "import bot.cli, time; print(time.monotonic())"


async def measure(subscriptions: int = SUBSCRIPTIONS, rounds: int = ROUNDS) -> list[Row]:
    """Import and start in turn, so many times."""
    with tempfile.TemporaryDirectory() as folder:
        imports, starts = await _take_times(Path(folder), subscriptions, rounds)
    ratio = statistics.median(start / alone for start, alone in zip(starts, imports, strict=True))
    return [
        Row("imports alone", statistics.median(imports), "s"),
        Row(f"start to first poll, {subscriptions:,} filters", statistics.median(starts), "s"),
        Row("start to first poll: of the imports", ratio, "", "<= 1.5"),
    ]


async def _take_times(folder: Path, subscriptions: int, rounds: int) -> tuple[list[float], list[float]]:
    database = Database(folder / "phiwire.db")
    try:
        await database.write(subscribers.fill, Workload().subscriptions(subscriptions))
    finally:
        await asyncio.to_thread(database.close)
    imports, starts = [], []
    async with TelegramEmulator() as telegram, SlackEmulator() as slack, WebEmulator() as web:
        web.publish("/phiwire", pages.phiwire_page([pages.Row("Priya Ashdown", "A quiet week", "/1", "09:00")], "list"))
        sources = folder / "sources.toml"
        sources.write_text(f'[[source]]\nslug="w"\nname="W"\nkind="phiwire"\nurl="{web.url}/phiwire"\n')
        for _ in range(rounds):
            imports.append(await _import_time())
            process = BotProcess(folder, local_settings(telegram, slack, sources))
            looks = len(web.requests_for("/phiwire"))
            began = time.monotonic()
            await process.start()
            starts.append((await web.wait_for_requests("/phiwire", looks + 1))[looks].at - began)
            await process.terminate()
    return imports, starts


async def _import_time() -> float:
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", IMPORTS, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    return float(output) - began
