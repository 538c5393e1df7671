"""What polling keeps in memory, as a fresh process: `python -m tests.bench.resident imports`, or `bot SOURCES PORTS`.

Prints the most megabytes that were resident, and how many TLS contexts were made.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import ssl
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

# What the project is laid down to stand on, as a whole.
LIBRARIES = ("httpx", "feedparser", "selectolax.lexbor", "sqlite_utils", "telegram.ext", "slack_bolt.async_app")
# What `phiwire run` imports to serve both platforms.
ROOMS = ("bot.app", "bot.adapters.telegram", "bot.adapters.slack")
LOOKS = 3


class Resident(NamedTuple):
    """Megabytes at the most, and the TLS contexts that were made."""

    megabytes: float
    contexts: int


async def of(*arguments: str) -> Resident:
    """Run this module with arguments, and give what it found."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.resident",
        *arguments,
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    return Resident(*json.loads(printed))


async def _poll_all(folder: Path, count: int, ports: Sequence[str]) -> None:
    # Late, so that the bare imports are bare.
    from bot import logs  # noqa: PLC0415
    from tests.bench import poll  # noqa: PLC0415

    logs.configure("error", "text", ())
    kinds = [poll.sources(ports, kind, (count + at) // 3) for at, kind in enumerate(poll.KINDS)]
    with closing(await poll.Bot.open(folder, [each for kind in kinds for each in kind])) as bot:
        for _ in range(LOOKS):
            # All at once, as after a start.
            await asyncio.gather(*map(bot.poll, bot.sources))
        await bot.settle()


def _peak() -> float:
    """Read the most resident memory in megabytes (proc(5), VmHWM): getrusage would count the parent's, too."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1000


def _main() -> None:
    what, *rest = sys.argv[1:]
    made = [0]
    new: Callable[..., ssl.SSLContext] = ssl.SSLContext.__new__

    def count(*arguments: Any, **named: Any) -> ssl.SSLContext:
        made[0] += 1
        return new(*arguments, **named)

    for name in LIBRARIES if what == "imports" else (*LIBRARIES, *ROOMS):
        importlib.import_module(name)
    if what == "bot":
        number, *ports = rest
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(ssl.SSLContext, "__new__", count):
            asyncio.run(_poll_all(Path(folder), int(number), ports))
    print(json.dumps([_peak(), *made]))


if __name__ == "__main__":
    _main()
