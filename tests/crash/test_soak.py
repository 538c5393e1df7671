"""News all the time, and five in a hundred of all answers wrong, in every way: nothing is lost or stays behind."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import Callable

from tests.crash.stage import Room, Stage
from tests.emulators.server import Emulator, Fault, fair

# CI soaks for some seconds; `make soak` for ten minutes.
SECONDS = float(os.environ.get("PHIWIRE_SOAK_SECONDS", "12"))
SHARE = 0.05
# Of messages that may have arrived nobody knows for a minute: too long for CI, which plays them one by one elsewhere.
IS_LONG = SECONDS > 60
# Seconds between two items, as many as a group of Telegram takes, and until all has gone that waits in the end.
BETWEEN, PATIENCE = (4.0, 600.0) if IS_LONG else (1.0, 60.0)

PAGE = {"body": "<html><title>Sorry</title></html>", "headers": {"Content-Type": "text/html"}}
SLOW = {"stalls": Fault(action="stall"), "trickles": Fault(action="trickle")}
BROKEN = {
    "dropped before": Fault(action="drop_before"),
    "dropped after": Fault(action="drop_after"),
    "cut": Fault(action="cut"),
    "held and dropped": Fault(action="stall_before"),
    "a page": Fault(**PAGE),  # type: ignore[arg-type]
}
TELEGRAM = SLOW | {
    "429": Fault(status=429, description="Too Many Requests: retry after 1", parameters={"retry_after": 1}),
    "500": Fault(status=500, description="Internal Server Error"),
    "502": Fault(status=502, **PAGE),  # type: ignore[arg-type]
}
SLACK = SLOW | {
    "429": Fault(status=429, headers={"Retry-After": "1"}),
    "503": Fault(status=503, **PAGE),  # type: ignore[arg-type]
}
UNCLEAR = {"500": Fault(status=500, error="fatal_error"), "502": Fault(status=502, **PAGE)}  # type: ignore[arg-type]
WEB = (
    SLOW
    | BROKEN
    | {
        "429": Fault(status=429, headers={"Retry-After": "1"}),
        "500": Fault(status=500, body="Sorry"),
        "502": Fault(status=502, **PAGE),  # type: ignore[arg-type]
    }
)
SENDS = ("sendMessage", "chat.postMessage")


class Weather:
    """Makes a share of an emulator's answers wrong, and counts them."""

    def __init__(self, chance: random.Random, clear: dict[str, Fault], unclear: dict[str, Fault]) -> None:
        self._chance = chance
        self._clear = clear
        self._all = clear | unclear
        self.answers = 0
        self.faults: Counter[str] = Counter()
        self.unheard = 0

    def over(self, emulator: Emulator) -> Weather:
        """Begin."""
        emulator.weather = self
        return self

    def __call__(self, name: str) -> Fault | None:
        """Give one request in twenty its fault."""
        self.answers += 1
        if self._chance.random() >= SHARE:
            return None
        among = self._clear if name in SENDS and not IS_LONG else self._all
        kind = self._chance.choice(sorted(among))
        self.faults[kind] += 1
        self.unheard += name in SENDS and kind in {"dropped after", "cut"}
        return among[kind]


def crowd(stage: Stage) -> list[Room]:
    """Make many rooms of every kind."""
    telegram, slack = stage.telegram, stage.slack
    return [
        *(
            stage.chat(f"private {number}", telegram.private_chat(number, f"Person {number}"))
            for number in range(7, 27)
        ),
        *(stage.chat(f"group {number}", telegram.group(f"Group {number}", supergroup=True)) for number in range(3)),
        *(stage.conversation(f"open {number}", slack.channel(f"open-{number}")) for number in range(4)),
        *(stage.conversation(f"shut {number}", slack.channel(f"shut-{number}", private=True)) for number in range(4)),
    ]


async def test_soak(chance: random.Random, make_stage: Callable[..., Stage]) -> None:
    """What passes must leave no trace but a delay."""
    stage = make_stage()
    weathers = [
        Weather(chance, TELEGRAM, BROKEN).over(stage.telegram),
        Weather(chance, SLACK, BROKEN | UNCLEAR).over(stage.slack),
        Weather(chance, WEB, {}).over(stage.web),
    ]
    rooms = crowd(stage)
    stage.subscribe(*rooms)
    await stage.start()
    disconnects = await _publish(stage, chance)
    for emulator in (stage.telegram, stage.slack, stage.web):
        emulator.weather = fair
        emulator.release()
    await _still_answers(stage)
    await stage.finish(rooms, PATIENCE)

    failed = stage.rows("SELECT error, count(*) FROM deliveries WHERE status <> 'sent' GROUP BY error")
    again = Counter[str]()
    for room in rooms:
        kind = "Telegram" if room.platform == "telegram" else f"Slack with{'' if room.readable else 'out'} history"
        again[kind] += sum(copies - 1 for copies in stage.copies(room).values() if copies)
    lost = sum(len(stage.missing(room)) for room in rooms)
    answers, faults = sum(weather.answers for weather in weathers), sum((each.faults for each in weathers), Counter())
    print(
        f"\n{SECONDS:g} s, {len(stage.wanted) * len(rooms)} deliveries, {lost} lost, "
        f"{sum(number for _, number in failed)} given up with a reason; duplicates: {dict(again)}; "
        f"{faults.total()} of {answers} answers faulty: {dict(faults)}; {disconnects} disconnects of Socket Mode"
    )
    assert lost == 0
    assert again["Slack with history"] == 0
    assert again["Telegram"] <= weathers[0].unheard
    assert again["Slack without history"] <= weathers[1].unheard
    assert all("it may have arrived, nobody can tell" in error for error, _ in failed)


async def _publish(stage: Stage, chance: random.Random) -> int:
    """Publish, type and rotate connections for as long as it takes, and count the rotations."""
    now = asyncio.get_running_loop().time
    begin, disconnects = now(), 0
    while now() < begin + SECONDS:
        stage.publish(len(stage.titles) + 1)
        next_at = now() + BETWEEN
        await stage.web.wait_for(lambda at=next_at: now() >= at, 60)  # type: ignore[misc]
        stage.telegram.release()
        stage.slack.release()
        stage.web.release()
        if chance.random() < SHARE or not disconnects:
            disconnects += 1
            await stage.slack.disconnect()
        if chance.random() < SHARE:
            await stage.telegram.say(stage.telegram.state.chats[7], 7, "/filters")
    return disconnects


async def _still_answers(stage: Stage) -> None:
    """Let people on both platforms type, who get an answer as ever."""
    await stage.telegram.say(stage.telegram.state.chats[8], 8, "/filters")
    await stage.telegram.wait_for_message(stage.telegram.state.chats[8], "1. ", 60)
    channel = next(iter(stage.slack.workspace.channels.values()))
    result = await stage.slack.command(channel, stage.slack.user("bea"), "/phiwire", "filters", timeout=60)
    assert "1. " in result.text
