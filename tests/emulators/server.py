"""A server on an ephemeral local port that remembers what it received: the base of all emulators."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from aiohttp import web

from tests.emulators.rates import Rates

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from types import TracebackType
    from typing import Self

T = TypeVar("T")
Action = Literal["drop_before", "drop_after", "cut", "stall", "stall_before", "trickle"]
# A trickled answer comes in so many pieces, so many seconds apart.
PIECES, BREATH = 100, 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to one request: an answer given in place of the usual one, or something done to the connection.

    `drop_before` closes the socket and forgets the request, `drop_after` accepts it and closes the socket unanswered,
    `cut` closes it in the middle of the answer, `trickle` answers a few bytes at a time. `stall` accepts the request
    and answers only after `release()`, `stall_before` forgets it and closes the socket then. `body` is sent as it is,
    for answers that are not JSON.
    """

    status: int = 200
    action: Action | None = None
    description: str = ""
    error: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None


def drop(request: web.Request) -> web.Response:
    """Close the socket under a request; the returned response goes nowhere."""
    if request.transport is not None:
        request.transport.close()
    return web.Response()


def fair(_name: str) -> Fault | None:
    """Let nothing go wrong that is not scripted."""
    return None


class Emulator:
    """An aiohttp server for tests: start, stop, scripted faults, and waiting without sleeping.

    `rates` refuse what comes too soon; an answer takes `answer_time` seconds where a bench wants to be far away.
    `weather` is asked for the fault of each request for which none is scripted, by its name.
    """

    def __init__(self) -> None:
        self.port = 0
        self.stopping = False
        self.weather: Callable[[str], Fault | None] = fair
        self._runner: web.AppRunner | None = None
        self._changed = asyncio.Event()
        self._released = asyncio.Event()
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self.rates: Rates | None = None
        self.answer_time = 0.0

    @property
    def url(self) -> str:
        """The address of the running server, without a final slash."""
        assert self.port, "the emulator is not started yet"
        return f"http://127.0.0.1:{self.port}"

    def routes(self) -> list[web.RouteDef]:
        """Name the handlers; called at each start."""
        raise NotImplementedError

    def received(self) -> str:
        """Describe everything received so far, for the message of a failed wait."""
        raise NotImplementedError

    async def start(self) -> None:
        """Listen on an ephemeral port, or on the same port as before when started again."""
        app = web.Application(client_max_size=64 * 1024**2)
        app.add_routes(self.routes())
        app.on_shutdown.append(self._shut_down)
        self.stopping = False
        self._runner = web.AppRunner(app, shutdown_timeout=1.0, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close the port and every connection; safe to call twice."""
        runner, self._runner = self._runner, None
        if runner is not None:
            self.stopping = True
            self.release()
            self.changed()
            await runner.cleanup()

    async def close_connections(self) -> None:
        """Close what outlives a request, such as websockets."""

    async def _shut_down(self, _app: web.Application) -> None:
        await self.close_connections()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def changed(self) -> None:
        """Wake everybody who waits for something; to be called after every record."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def next_change(self, seconds: float) -> bool:
        """Wait for the next record, and tell whether one came in time."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return False
        return True

    async def wait_for(
        self,
        predicate: Callable[[], T | None],
        timeout: float = 30,  # noqa: ASYNC109 - a test names its patience in one place
        what: str = "",
    ) -> T:
        """Return the first true value of `predicate`, asked anew after every record.

        Raises:
            AssertionError: none came in time; the message describes everything received.

        """
        try:
            async with asyncio.timeout(timeout):
                while not (value := predicate()):
                    await self._changed.wait()
                return value
        except TimeoutError:
            raise AssertionError(f"{what or 'nothing awaited'} within {timeout} s. {self.received()}") from None

    def script(self, name: str, *faults: Fault) -> None:
        """Let the next requests to `name` meet these faults, one each."""
        self._faults[name].extend(faults)

    def release(self) -> None:
        """Answer every request that a `stall` holds back."""
        self._released.set()
        self._released = asyncio.Event()

    async def perform(
        self,
        name: str,
        request: web.Request,
        accept: Callable[[], Awaitable[web.StreamResponse]],
        refuse: Callable[[Fault], web.StreamResponse],
        address: object = None,
    ) -> web.StreamResponse:
        """Answer a request as scripted, or by `accept` where nothing is scripted and `rates` allow it."""
        faults = self._faults[name]
        fault = faults.popleft() if faults else self.weather(name) or self._beyond(name, address)
        if fault is None:
            response = await accept()
            if self.answer_time:
                await asyncio.sleep(self.answer_time)
            return response
        if fault.action is None:
            return refuse(fault)
        released = self._released
        if fault.action == "stall_before":
            await released.wait()
        if fault.action in {"drop_before", "stall_before"}:
            return drop(request)
        response = await accept()
        if fault.action == "drop_after":
            return drop(request)
        if fault.action in {"cut", "trickle"}:
            return await self._piecemeal(request, response, released, whole=fault.action == "trickle")
        await released.wait()
        return response

    def _beyond(self, name: str, address: object) -> Fault | None:
        """Return what a request beyond the limits gets."""
        seconds = None if self.rates is None else self.rates.refusal(name, str(address))
        if seconds is None:
            return None
        return Fault(
            status=429,
            description=f"Too Many Requests: retry after {seconds}",
            parameters={"retry_after": seconds},
            headers={"Retry-After": str(seconds)},
        )

    async def _piecemeal(
        self, request: web.Request, response: web.StreamResponse, released: asyncio.Event, *, whole: bool
    ) -> web.StreamResponse:
        """Send an answer a few bytes at a time, or half of it. What is released comes at once."""
        assert isinstance(response, web.Response)
        body = response.body if isinstance(response.body, bytes) else b""
        headers = {"Content-Type": response.headers.get("Content-Type", ""), "Content-Length": str(len(body))}
        answer = web.StreamResponse(status=response.status, headers=headers)
        await answer.prepare(request)
        if not whole:
            await answer.write(body[: len(body) // 2])
            drop(request)
            return answer
        size = max(len(body) // PIECES, 1)
        with contextlib.suppress(ConnectionError):
            for start in range(0, len(body), size):
                await answer.write(body[start : start + size])
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(released.wait(), BREATH)
            await answer.write_eof()
        return answer
