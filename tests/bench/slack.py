"""People type on Slack: so many commands in so many seconds from so many channels, while news goes out to others.

First in several workspaces that call the bot by signed HTTP, then in one by Socket Mode. The bot's loops and the
emulated Slack share a process and its one processor, so the figures are what they are at the most. A command is
acknowledged when Slack has heard so, and answered when Slack has the answer. At Slack's pace answers take the places of
deliveries, which wait for theirs; whether the bot itself is slower is measured without its pace.
"""

from __future__ import annotations

import asyncio
import math
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bot.adapters.slack import LIMITS
from bot.outbox.pacing import Limits
from bot.text import count
from tests.bench.relay import is_waiting
from tests.bench.rows import Row
from tests.bench.slack_stages import Set, Stage, many_workspaces, one_workspace
from tests.bench.workload import Workload
from tests.emulators.slack_socket import Envelope
from tests.emulators.slack_state import CommandResult

COMMANDS, CHANNELS, SECONDS, WORKSPACES = 500, 50, 60, 5
# What the goals are for.
WHOLE = (COMMANDS, CHANNELS, SECONDS)
# Beside those who type, so many channels get every piece of news, one in so many seconds.
READERS, EVERY = 10, 4
# Slack tells the person that a command failed after three seconds, and by Socket Mode sends it again.
ACKNOWLEDGED = 3
PATIENCE = 60.0
FREE = Limits(token_per_second=100_000, burst=1000, in_flight=128, second=0.001)
# What people type, in the order in which one channel does.
TYPED = ("follow {author}", "filters", "latest", "subscribe {query}", "status", "preview {query}", "help", "undo")


class Figures(NamedTuple):
    """Seconds that acknowledgements, answers and deliveries took, and how many never came."""

    acknowledged: list[float]
    answers: list[float]
    lost: int
    unheard: int
    deliveries: list[float]
    undelivered: int


class Load(NamedTuple):
    """What is typed: so many commands, from so many channels, in so many seconds."""

    commands: int
    channels: int
    seconds: int


async def measure(
    commands: int = COMMANDS, channels: int = CHANNELS, seconds: int = SECONDS, workspaces: int = WORKSPACES
) -> list[Row]:
    """Measure many workspaces, then one."""
    load = Load(commands, channels, seconds)
    many = await _rows(count(workspaces, "workspace"), many_workspaces(workspaces), load)
    return many + await _rows("Socket Mode", one_workspace, load)


async def _rows(about: str, run: Set, load: Load) -> list[Row]:
    """Let news go out alone, then with people who type, without and with Slack's pace."""
    goals = load == WHOLE
    alone = await _measure(run, FREE, Load(0, load.channels, max(load.seconds // 4, 1)))
    free = await _measure(run, FREE, load)
    paced = await _measure(run, LIMITS, load)
    ratio = statistics.median(free.deliveries) / statistics.median(alone.deliveries)
    return [
        Row(f"{about}: commands in {load.seconds} s", load.commands, ""),
        Row(f"{about}: acknowledged, last", max(paced.acknowledged), "s", f"<= {ACKNOWLEDGED}"),
        Row(f"{about}: acknowledged, median", _median(paced.acknowledged), "ms"),
        Row(f"{about}: unheard, or sent again", paced.unheard + free.unheard, "", "== 0"),
        Row(f"{about}: answer, median", _median(paced.answers), "ms", "<= 200" if goals else ""),
        Row(f"{about}: answer, p95", _late(paced.answers), "ms"),
        Row(f"{about}: commands lost", paced.lost + free.lost, "", "== 0"),
        Row(f"{about}: delivery, median", _median(paced.deliveries), "ms"),
        Row(f"{about}: delivery, p95", _late(paced.deliveries), "ms"),
        Row(f"{about}: delivery alone, no pace", _median(alone.deliveries), "ms"),
        Row(f"{about}: delivery beside, no pace", _median(free.deliveries), "ms"),
        Row(f"{about}: beside, of alone", ratio, "", "<= 1.5" if goals else ""),
        Row(f"{about}: deliveries lost", paced.undelivered + free.undelivered, "", "== 0"),
    ]


def _median(times: Sequence[float]) -> float:
    return statistics.median(times) * 1000


def _late(times: Sequence[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)] * 1000


async def _measure(run: Set, limits: Limits, load: Load) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        async with run(Path(folder), limits, load.channels, READERS) as stage:
            typing = asyncio.create_task(_type(stage, load))
            told = await _publish(stage, load.seconds)
            answered = await asyncio.gather(*await typing, return_exceptions=True)
            await _settled(stage)
        return _figures(stage, [each for each in answered if isinstance(each, CommandResult)], load.commands, told)


async def _type(stage: Stage, load: Load) -> list[asyncio.Task[CommandResult]]:
    """Type evenly, but for a little chance, one person after the other; nobody waits for anybody's answer."""
    workload, chance = Workload(), random.Random(1)
    queries = [each.query for each in workload.subscriptions(2000) if each.kind == "match"]
    typed, people, began = [], stage.people, time.monotonic()
    for number in range(load.commands):
        await asyncio.sleep(began + (number + chance.random()) * load.seconds / load.commands - time.monotonic())
        room = people[number % len(people)]
        text = TYPED[number // len(people) % len(TYPED)]
        author, query = f"Author {chance.randrange(500)}", queries[number % len(queries)]
        words = text.format(author=author, query=query)
        typing = stage.slack.command(room.channel, room.person, "/phiwire", words, timeout=PATIENCE)
        typed.append(asyncio.create_task(typing))
    return typed


async def _publish(stage: Stage, seconds: int) -> dict[str, float]:
    """Put news on the wire, and say when, by its headline."""
    told = {}
    for number in range(math.ceil(seconds / EVERY)):
        headline = f"Harbour levy vote {number:04d}"
        told[headline] = time.monotonic()
        await stage.publish(headline)
        await asyncio.sleep(min(EVERY, seconds))
    return told


async def _settled(stage: Stage) -> None:
    """Wait until everything was delivered."""
    async with asyncio.timeout(PATIENCE):
        while await stage.database.read(is_waiting):
            await asyncio.sleep(0.1)


def _figures(stage: Stage, answered: Sequence[CommandResult], commands: int, told: dict[str, float]) -> Figures:
    envelopes = [each.envelope for each in stage.slack.results.values()]
    readers = {reader.channel.id for reader in stage.readers}
    deliveries = [
        sent.at - next(at for headline, at in told.items() if headline in sent.shown)
        for sent in stage.slack.workspace.posted
        if sent.channel in readers
    ]
    return Figures(
        [_acknowledged(each) for each in envelopes] or [0.0],
        [each.replies[0].at - each.envelope.sent[0] for each in answered] or [0.0],
        commands - len(answered),
        sum(len(each.sent) > 1 or not each.heard for each in envelopes),
        deliveries,
        len(told) * len(readers) - len(deliveries),
    )


def _acknowledged(envelope: Envelope) -> float:
    return envelope.heard[0] - envelope.sent[0] if envelope.heard else math.inf
