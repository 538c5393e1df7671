"""`kill -9` at random moments, under load: nothing is lost, and only what was in flight may come twice."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable

from tests.crash.stage import WAITING, Room, Stage
from tests.emulators.server import Emulator

# An emulator, how many requests of a kind it has had, and how many to wait for at the most.
_Counted = tuple[Emulator, Callable[[], int], int]
# CI kills a few times; `make crash` more often.
KILLS = int(os.environ.get("PHIWIRE_KILLS", "4"))
MOST_WAITING = 4


class Doubts:
    """Of each message the kills at which it was accepted and not settled: so often may it have come once more."""

    def __init__(self, stage: Stage, rooms: list[Room]) -> None:
        self._stage = stage
        self._rooms = rooms
        self._known: Counter[tuple[str, str]] = Counter()
        self.counted: Counter[tuple[str, str]] = Counter()

    def take_in(self) -> None:
        """Count after a kill, when the platforms have taken in what had left."""
        in_flight = {(address, title) for title, address, status in self._stage.rows(WAITING) if status == "sending"}
        for room in self._rooms:
            for title, copies in self._stage.copies(room).items():
                # Accepted in the life that just ended, for what was accepted before is known.
                if (room.address, title) in in_flight and copies > self._known[room.name, title]:
                    self.counted[room.name, title] += 1
                self._known[room.name, title] = copies


async def test_kills_lose_nothing(chance: random.Random, make_stage: Callable[..., Stage]) -> None:
    """The power may go at any instant."""
    stage = make_stage()
    rooms = [
        *stage.rooms(),
        *(stage.chat(f"private {number}", stage.telegram.private_chat(number, "Bea")) for number in (8, 9)),
    ]
    stage.subscribe(*rooms)
    doubts = Doubts(stage, rooms)
    await stage.start()
    for _ in range(KILLS):
        # Chats take one message a second: what they get in so short lives must not pile up.
        await stage.until(lambda: len(stage.rows(WAITING)) < MOST_WAITING * len(rooms))
        stage.publish(len(stage.titles) + chance.randint(1, 2))
        await _random_moment(stage, chance, rooms)
        await stage.kill()
        await stage.process.start()
        # An interpreter takes longer to start than the platforms to take in what had left.
        doubts.take_in()
    await stage.finish(rooms)

    kinds: dict[str, list[int]] = {}
    for room in rooms:
        copies = stage.copies(room)
        again = {title: number - 1 for title, number in copies.items() if number > 1}
        assert all(number <= doubts.counted[room.name, title] for title, number in again.items()), (room.name, again)
        lost = len(stage.missing(room))
        kind = kinds.setdefault(_kind(room), [0, 0, 0, 0])
        in_doubt = sum(doubts.counted[room.name, title] for title in copies)
        for place, number in enumerate((len(copies), lost, in_doubt, sum(again.values()))):
            kind[place] += number
    shown = "; ".join(
        f"{kind} {sent} deliveries, {lost} lost, {in_doubt} in flight at a kill, {again} duplicates"
        for kind, (sent, lost, in_doubt, again) in kinds.items()
    )
    print(f"\n{KILLS} kills: {shown}")
    assert sum(lost for _, lost, _, _ in kinds.values()) == 0
    assert kinds["Slack with history"][3] == 0


def _kind(room: Room) -> str:
    return "Telegram" if room.platform == "telegram" else f"Slack with{'' if room.readable else 'out'} history"


async def _random_moment(stage: Stage, chance: random.Random, rooms: list[Room]) -> None:
    """Wait for the n-th request from now to a platform or to the source, and now and then for the one after."""
    on_telegram = sum(room.platform == "telegram" for room in rooms)
    to_telegram: _Counted = (stage.telegram, lambda: len(stage.telegram.calls("sendMessage")), on_telegram)
    to_slack: _Counted = (
        stage.slack,
        lambda: len(stage.slack.calls("chat.postMessage")),
        len(rooms) - on_telegram,
    )
    to_source: _Counted = (stage.web, lambda: len(stage.web.requests_for("/feed")), 2)
    emulator, count, most = chance.choice([to_telegram, to_telegram, to_slack, to_slack, to_source])
    awaited = count() + chance.randint(1, most)
    await emulator.wait_for(lambda: count() >= awaited, 60)
    # What the bot does next nobody outside sees begin: a few thousandths of a second are any of its moments.
    await emulator.next_change(chance.choice([0.0, chance.random() / 100]))
