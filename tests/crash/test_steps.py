"""`kill -9` at every named step from a source's answer to the last settle: docs/reliability.md says what may follow."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime

import pytest

from bot import channels, db
from bot.filters import store as filters
from bot.filters.matcher import DELIVERIES
from tests.crash.stage import Room, Stage
from tests.emulators.server import Fault

MakeStage = Callable[..., Stage]
Step = Callable[[Stage, list[Room]], Awaitable[None]]
ONCE = {"private": 1, "group": 1, "readable": 1, "unreadable": 1}
# Where nobody can look, what was accepted and not settled is sent again, once.
DOUBTFUL = {"private": 2, "group": 2, "readable": 1, "unreadable": 2}
# Under `drop` it is not, where several people read: it came once if it was accepted, else never, and its row says so.
DROPPED = {"private": 2, "group": 1, "readable": 1, "unreadable": 1}
NEVER = {"private": 1, "group": 0, "readable": 1, "unreadable": 0}
SENDS, EDITS = ("sendMessage", "chat.postMessage"), ("editMessageText", "chat.update")
# Where what is to be sent is the newest entry's.
NEWEST = "(SELECT max(id) FROM entries WHERE source = 'feed')"


def hold(stage: Stage, rooms: list[Room], fault: Fault, methods: tuple[str, str] = SENDS) -> None:
    """Let the next request to each room meet a fault."""
    for room in rooms:
        if room.platform == "telegram":
            stage.telegram.script(methods[0], fault)
        else:
            stage.slack.script(methods[1], fault)


async def news_comes(stage: Stage) -> None:
    """Publish one more item."""
    stage.publish(len(stage.titles) + 1)


async def arrives(stage: Stage, rooms: list[Room], words: str) -> None:
    """Wait until something can be read in every room."""
    for emulator, platform in ((stage.telegram, "telegram"), (stage.slack, "slack")):
        texts = [room.texts for room in rooms if room.platform == platform]
        await emulator.wait_for(functools.partial(_all_say, texts, words), 30)


def _all_say(texts: list[Callable[[], list[str]]], words: str) -> bool:
    return all(words in "".join(each()) for each in texts)


def calls(stage: Stage, methods: tuple[str, str]) -> int:
    """Count the requests so far."""
    return len(stage.telegram.calls(methods[0])) + len(stage.slack.calls(methods[1]))


async def are_called(stage: Stage, number: int, methods: tuple[str, str] = SENDS) -> None:
    """Wait until so many requests have come; the last may be to either."""
    await stage.until(lambda: calls(stage, methods) >= number)


def statuses(stage: Stage) -> set[str]:
    """List the statuses that the newest entry's deliveries have."""
    return {status for (status,) in stage.rows(f"SELECT DISTINCT status FROM deliveries WHERE entry = {NEWEST}")}


async def fetched(stage: Stage, _rooms: list[Room]) -> None:
    """Go on until the source has answered; the entry is not committed."""
    before = stage.rows(f"SELECT {NEWEST}")
    stage.freeze("INSERT ON entries")
    await news_comes(stage)
    await stage.is_frozen()
    assert stage.rows(f"SELECT {NEWEST}") == before


async def entered(stage: Stage, _rooms: list[Room]) -> None:
    """Go on until the entry is committed; no delivery is."""
    stage.freeze("INSERT ON deliveries")
    await news_comes(stage)
    await stage.is_frozen()
    assert stage.rows("SELECT count(*) FROM entries WHERE source = 'feed' AND matched_at IS NULL") == [(1,)]
    assert statuses(stage) == set()


async def fanned_out(stage: Stage, _rooms: list[Room]) -> None:
    """Go on until all deliveries are committed; none is claimed."""
    stage.freeze("UPDATE ON deliveries", "NEW.status = 'sending'")
    await news_comes(stage)
    await stage.is_frozen()
    assert statuses(stage) == {"pending"}


async def claimed(stage: Stage, rooms: list[Room]) -> None:
    """Go on until the claim is committed; no platform has accepted anything."""
    before = calls(stage, SENDS)
    hold(stage, rooms, Fault(action="stall_before"))
    await news_comes(stage)
    await are_called(stage, before + len(rooms))
    assert statuses(stage) == {"sending"}
    assert not any(stage.titles[-1] in text for room in rooms for text in room.texts())


async def accepted(stage: Stage, rooms: list[Room]) -> None:
    """Go on until the platforms have accepted; their answers are on the way."""
    hold(stage, rooms, Fault(action="stall"))
    await news_comes(stage)
    await arrives(stage, rooms, stage.titles[-1])
    assert statuses(stage) == {"sending"}


async def answered(stage: Stage, rooms: list[Room]) -> None:
    """Go on until the answers are there; no settle is committed."""
    await accepted(stage, rooms)
    stage.freeze("UPDATE ON deliveries", "NEW.status = 'sent'")
    stage.telegram.release()
    stage.slack.release()
    await stage.is_frozen()
    assert statuses(stage) == {"sending"}


async def settled(stage: Stage, rooms: list[Room]) -> None:
    """Go on until all is settled."""
    await news_comes(stage)
    await arrives(stage, rooms, stage.titles[-1])
    await stage.until(lambda: statuses(stage) == {"sent"})


@pytest.mark.parametrize(
    ("policy", "steps"),
    [
        ("retry", [(step, ONCE) for step in (fetched, entered, fanned_out, claimed, settled)]),
        ("retry", ((accepted, DOUBTFUL), (answered, DOUBTFUL))),
        ("drop", ((claimed, NEVER), (accepted, DROPPED), (answered, DROPPED))),
    ],
    ids=["outside the instant of doubt", "within, retry", "within, drop"],
)
async def test_kill_when_news_is(
    policy: str, steps: Iterable[tuple[Step, dict[str, int]]], make_stage: MakeStage
) -> None:
    """Nothing is lost, and nothing comes twice but where the policy for doubts says so."""
    stage = make_stage(PHIWIRE_AMBIGUOUS=policy)
    rooms = stage.rooms()
    stage.subscribe(*rooms)
    await stage.start()
    for step, copies in steps:
        await step(stage, rooms)
        await stage.kill()
        await stage.process.start()
        await stage.comes_to_rest(rooms)
        title = stage.titles[-1]
        assert {room.name: stage.copies(room)[title] for room in rooms} == copies, step.__name__
        failed = stage.rows(f"SELECT error FROM deliveries WHERE status = 'failed' AND entry = {NEWEST}")
        assert len(failed) == (2 if policy == "drop" else 0)
        assert all("it may have arrived, nobody can tell" in error for (error,) in failed)
    assert await stage.process.terminate() == 0


async def test_kill_in_the_middle_of_a_fan_out(make_stage: MakeStage) -> None:
    """Deliveries are committed by thousands: those that were are not made again, those that were not still come."""
    stage = make_stage()
    early = stage.rooms()
    late = [stage.chat(f"late {number}", stage.telegram.private_chat(number, "Bea")) for number in (20, 21)]
    stage.subscribe(*early)
    now = datetime.now(UTC)
    # Of a platform that is not there, so that nothing but their rows comes of them.
    with contextlib.closing(db.connect(stage.path)) as connection, db.transaction(connection):
        for number in range(DELIVERIES):
            channel = channels.ensure(connection, "terminal", str(number), "", "", "UTC", now)
            filters.add(connection, channel.id, "match", "ferry", "Ada", now)
    stage.subscribe(*late)
    await stage.start()
    stage.freeze("INSERT ON deliveries", f"NEW.channel > {DELIVERIES}")
    await news_comes(stage)
    await stage.is_frozen()
    assert stage.rows("SELECT count(*) FROM deliveries") == [(DELIVERIES,)]
    await stage.kill()
    in_flight = stage.rows(
        "SELECT c.address FROM deliveries AS d JOIN channels AS c ON c.id = d.channel WHERE d.status = 'sending'"
    )
    await stage.process.start()
    await stage.comes_to_rest([*early, *late])
    assert await stage.process.terminate() == 0
    number = DELIVERIES + len(early) + len(late)
    assert stage.rows("SELECT count(*), count(DISTINCT channel) FROM deliveries") == [(number, number)]
    for room in (*early, *late):
        most = 2 if (room.address,) in in_flight and not room.readable else 1
        assert 1 <= stage.copies(room)[stage.titles[-1]] <= most


async def edit_claimed(stage: Stage, rooms: list[Room], words: str) -> None:
    """Go on until the edit is claimed; no platform has accepted it."""
    before = calls(stage, EDITS)
    hold(stage, rooms, Fault(action="stall_before"), EDITS)
    stage.publish(2, corrected=words)
    await are_called(stage, before + len(rooms), EDITS)
    assert not any(words in text for room in rooms for text in room.texts())


async def edit_accepted(stage: Stage, rooms: list[Room], words: str) -> None:
    """Go on until the platforms have changed the messages; their answers are on the way."""
    hold(stage, rooms, Fault(action="stall"), EDITS)
    stage.publish(2, corrected=words)
    await arrives(stage, rooms, words)


async def edit_answered(stage: Stage, rooms: list[Room], words: str) -> None:
    """Go on until the answers are there; no settle is committed."""
    await edit_accepted(stage, rooms, words)
    stage.freeze("UPDATE ON deliveries", "NEW.status = 'sent' AND OLD.status = 'sending'")
    stage.telegram.release()
    stage.slack.release()
    await stage.is_frozen()


async def test_kill_when_a_correction_is_under_way(make_stage: MakeStage) -> None:
    """An edit may be made twice, for that changes nothing: one message a room, and it is the corrected one."""
    stage = make_stage()
    rooms = stage.rooms()
    stage.subscribe(*rooms)
    await stage.start()
    await settled(stage, rooms)
    for revision, step in enumerate((edit_claimed, edit_accepted, edit_answered), 2):
        words = f"corrected {revision} times"
        await step(stage, rooms, words)
        assert statuses(stage) == {"sending"}
        await stage.kill()
        await stage.process.start()
        await arrives(stage, rooms, words)
        await stage.until(functools.partial(_is_sent, stage, revision))
        assert [len(room.texts()) for room in rooms] == [1] * len(rooms), step.__name__
    await stage.finish(rooms)


def _is_sent(stage: Stage, revision: int) -> bool:
    return stage.rows("SELECT DISTINCT status, revision FROM deliveries") == [("sent", revision)]
