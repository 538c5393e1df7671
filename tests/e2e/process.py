"""The bot as a real process, as an operator starts it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator

ROOT = Path(__file__).parents[2]
# Seconds after which a test gives up on a process, far beyond what it takes on a busy machine.
PATIENCE = 30.0


def local_settings(telegram: TelegramEmulator, slack: SlackEmulator, sources: Path) -> dict[str, str]:
    """Point the bot at platforms on this machine, with both tokens."""
    return {
        "TELEGRAM_BOT_TOKEN": telegram.token,
        "TELEGRAM_API_URL": telegram.url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.url,
        "PHIWIRE_SOURCES": str(sources),
        "PHIWIRE_ALLOWED_HOSTS": "127.0.0.1",
    }


class BotProcess:
    """`python -m bot run` with settings of the test's own; whatever else is in the environment does not reach it."""

    def __init__(self, folder: Path, settings: Mapping[str, str], *arguments: str) -> None:
        self._folder = folder
        self._settings = settings
        self._arguments = arguments or ("run",)
        self._process: asyncio.subprocess.Process | None = None
        self._reading: list[asyncio.Task[None]] = []
        self._grown = asyncio.Condition()
        self.errors = ""
        self.output = ""

    async def start(self) -> None:
        """Start it, or start it again."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *self._arguments,
            cwd=self._folder,
            env={**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **self._settings},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._reading = [
            asyncio.create_task(self._keep(self._process.stdout, "output")),
            asyncio.create_task(self._keep(self._process.stderr, "errors")),
        ]

    async def _keep(self, stream: asyncio.StreamReader, name: str) -> None:
        while line := await stream.readline():
            async with self._grown:
                setattr(self, name, getattr(self, name) + line.decode())
                self._grown.notify_all()

    @property
    def started(self) -> bool:
        """Tell whether there is or was a process."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """Name the running process."""
        assert self._process is not None
        return self._process.pid

    async def says(self, words: str) -> None:
        """Wait until it has written the words, on either stream."""
        try:
            async with asyncio.timeout(PATIENCE), self._grown:
                await self._grown.wait_for(lambda: words in self.errors or words in self.output)
        except TimeoutError:
            raise AssertionError(f"it never said {words!r}:\n{self.output}\n{self.errors}") from None

    async def terminate(self) -> int:
        """Ask it to stop, and return its exit code."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        return await self.ends()

    async def kill(self) -> None:
        """End it as a power cut would: `kill -9`."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.kill()
        await self.ends()

    async def ends(self) -> int:
        """Wait for its end, and return its exit code."""
        assert self._process is not None
        try:
            async with asyncio.timeout(PATIENCE):
                code = await self._process.wait()
        except TimeoutError:
            self._process.kill()
            raise AssertionError(f"it did not end:\n{self.output}\n{self.errors}") from None
        await asyncio.gather(*self._reading)
        return code
