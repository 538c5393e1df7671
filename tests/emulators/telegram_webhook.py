"""Telegram's webhook: each update is sent to the bot's address until it answers with 2xx."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from string import ascii_letters, digits
from typing import TYPE_CHECKING, Any, Protocol

import aiohttp
from yarl import URL

from tests.emulators.telegram_access import Params, bad_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulators.telegram_state import State

ACTIVE = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
TERMINATED = "Conflict: terminated by setWebhook request"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
PORTS = {80, 88, 443, 8443}
SECRET_CHARACTERS = set(ascii_letters + digits + "_-")
# Seconds: the first repetition comes at once, the next ones ever later. Telegram's own unit is a second.
DELAY, LONGEST_DELAY = 0.02, 0.5
ANSWER_TIME = 10.0


@dataclass(frozen=True, slots=True)
class Push:
    """One attempt to deliver an update; the status is 0 where no answer arrived."""

    update_id: int
    status: int


class Server(Protocol):
    """What a webhook needs of its emulator."""

    state: State

    def changed(self) -> None:
        """Wake everybody who waits for something."""

    async def next_change(self, seconds: float) -> bool:
        """Wait for the next record."""


class Webhook:
    """Where updates are pushed to. A server in `--local` mode takes any address, Telegram's own https only.

    Updates of a chat go one after the other, those of different chats side by side. `lose_answers` lets so many answers
    be lost on their way, so that their updates come again.
    """

    def __init__(self, server: Server) -> None:
        self.local = True
        self.params: Params = {}
        self.pushes: list[Push] = []
        self.lose_answers = 0
        self._server = server
        self._state = server.state
        self._error: tuple[int, str] | None = None
        self._pump: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The address; empty where none is set."""
        return str(self.params.get("url", ""))

    def methods(self) -> dict[str, Callable[[Params], Any]]:
        """Name the methods of the Bot API that are about it."""
        return {"setWebhook": self.establish, "deleteWebhook": self.delete, "getWebhookInfo": self.info}

    def establish(self, params: Params) -> bool:
        """Take an address, as far as it can be told from the address that it is a good one."""
        address = URL(params["url"])
        if not address.host:
            return self.delete(params)
        if not self.local and address.scheme != "https":
            bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if not self.local and address.port not in PORTS:
            bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        if not set(params.get("secret_token", "")) <= SECRET_CHARACTERS:
            bad_request("secret token contains unallowed characters")
        self.stop()
        if "allowed_updates" in params:
            self._state.allowed = set(params["allowed_updates"]) or None
        self._drop(params)
        self._error = None
        self.params = params
        self.resume()
        return True

    def delete(self, params: Params) -> bool:
        """Forget the address, and the queue if asked to."""
        self.stop()
        self.params = {}
        self._drop(params)
        return True

    def _drop(self, params: Params) -> None:
        if params.get("drop_pending_updates"):
            self._state.updates.clear()

    def info(self, _params: Params) -> dict[str, Any]:
        """Say how it is going."""
        known = {"url": self.url, "has_custom_certificate": False, "pending_update_count": len(self._state.updates)}
        if self._error is not None:
            known |= {"last_error_date": self._error[0], "last_error_message": self._error[1]}
        return known

    def resume(self) -> None:
        """Push, where there is an address to push to."""
        if self.url and self._pump is None:
            self._pump = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        """Push nothing more; what was not answered stays in the queue."""
        pump, self._pump = self._pump, None
        if pump is not None:
            pump.cancel()

    async def _run(self) -> None:
        busy: set[int] = set()
        timeout = aiohttp.ClientTimeout(total=ANSWER_TIME)
        async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as tasks:
            while True:
                for update in list(self._state.updates):
                    queue = _queue(update)
                    if queue not in busy and len(busy) < self.params.get("max_connections", 40):
                        busy.add(queue)
                        tasks.create_task(self._deliver(session, update, busy))
                await self._server.next_change(60)

    async def _deliver(self, session: aiohttp.ClientSession, update: dict[str, Any], busy: set[int]) -> None:
        delay = 0.0
        while (problem := await self._push(session, update)) is not None:
            self._error = (int(time.time()), problem)
            self._server.changed()
            await asyncio.sleep(delay)
            delay = min(max(2 * delay, DELAY), LONGEST_DELAY)
        self._state.updates = [each for each in self._state.updates if each is not update]
        busy.discard(_queue(update))
        self._server.changed()

    async def _push(self, session: aiohttp.ClientSession, update: dict[str, Any]) -> str | None:
        secret = self.params.get("secret_token")
        try:
            async with session.post(self.url, json=update, headers={HEADER: secret} if secret else {}) as answer:
                status, reason = answer.status, answer.reason
        except (aiohttp.ClientError, OSError, TimeoutError):
            status, reason = 0, ""
        if self.lose_answers and status:
            self.lose_answers -= 1
            status = 0
        self.pushes.append(Push(update["update_id"], status))
        if not status:
            return "Webhook connection closed"
        return None if 200 <= status <= 299 else f"Wrong response from the webhook: {status} {reason}"


def _queue(update: dict[str, Any]) -> int:
    """Return the chat whose updates wait for each other, else who sent it."""
    content = next(value for key, value in update.items() if key != "update_id")
    place: dict[str, Any] = content.get("message", content)
    number: int = place.get("chat", content.get("from", {"id": 0}))["id"]
    return number
