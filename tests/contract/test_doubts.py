"""Messages that may have arrived: looked for where that is possible, else sent again or not, as the policy says."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.adapters import slack_history
from bot.outbox import store
from bot.outbox.policy import Repeats
from tests.contract.outbox_stage import Stage, on_slack, on_telegram
from tests.emulators.server import Fault
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_state import SlackChannel
from tests.emulators.telegram import TelegramEmulator

AUTHOR = "Marta Quill"
ACCEPTED, LOST, STALLED = Fault(action="drop_after"), Fault(action="drop_before"), Fault(action="stall")
HISTORIES = ("channels:history", "groups:history", "im:history")


def slack_of(stage: Stage) -> SlackEmulator:
    """Give the stage's Slack."""
    assert isinstance(stage.emulator, SlackEmulator)
    return stage.emulator


def telegram_of(stage: Stage) -> TelegramEmulator:
    """Give the stage's Telegram."""
    assert isinstance(stage.emulator, TelegramEmulator)
    return stage.emulator


def conversation(slack: SlackEmulator, kind: str) -> SlackChannel:
    """Make a public or private channel, or a conversation with one person."""
    if kind == "direct":
        return slack.workspace.channels.setdefault("D1", SlackChannel("D1", "", direct=True))
    return slack.channel("newsroom", private=kind == "private")


async def loses_an_answer(stage: Stage, address: str, fault: Fault, repeats: Repeats = "retry") -> None:
    """Send what is not answered, and go on a minute later."""
    await stage.follow(address, AUTHOR)
    stage.script(fault)
    await stage.publish(AUTHOR)
    await stage.round(1, repeats)
    stage.advance(minutes=1)


async def crashes(stage: Stage, address: str, repeats: Repeats = "retry") -> None:
    """Die between acceptance and settle, and start again a second later."""
    channel = await stage.follow(address, AUTHOR)
    stage.script(STALLED)
    await stage.publish(AUTHOR)
    await stage.die_when(lambda: stage.received(address), repeats)
    stage.advance(seconds=1)
    assert (await stage.newest(channel))["ambiguous"] == 1


@pytest.mark.parametrize("kind", ["public", "private", "direct"])
@pytest.mark.parametrize("repeats", ["retry", "drop"])
async def test_slack_message_that_arrived_is_found(kind: str, repeats: Repeats, tmp_path: Path) -> None:
    """Its answer was lost, and it does not come twice."""
    async with on_slack(tmp_path, *HISTORIES) as stage:
        channel = conversation(slack_of(stage), kind)
        await loses_an_answer(stage, channel.id, ACCEPTED, repeats)
        await stage.round(1, repeats)
        (message,) = slack_of(stage).messages(channel)
        state = await stage.newest(await stage.follow(channel.id, AUTHOR))
        assert (state["status"], state["message_ref"]) == ("sent", message.ts)
        assert len(slack_of(stage).calls("chat.postMessage")) == 1


@pytest.mark.parametrize("repeats", ["retry", "drop"])
async def test_slack_message_that_did_not_arrive_is_sent(repeats: Repeats, tmp_path: Path) -> None:
    """However often it is lost: what was looked for and not found is no doubt."""
    async with on_slack(tmp_path, *HISTORIES) as stage:
        channel = conversation(slack_of(stage), "public")
        await loses_an_answer(stage, channel.id, LOST, repeats)
        for _ in range(3):
            stage.script(LOST)
            await stage.round(1, repeats)
            stage.advance(minutes=5)
        await stage.round(1, repeats)
        assert len(slack_of(stage).messages(channel)) == 1
        assert len(slack_of(stage).calls("conversations.history")) == 4


async def test_slack_message_of_before_a_crash_is_found(tmp_path: Path) -> None:
    """At the next start, before it is sent again; also after hours in which the bot was down."""
    async with on_slack(tmp_path, *HISTORIES) as stage:
        channel = conversation(slack_of(stage), "public")
        await crashes(stage, channel.id)
        stage.advance(hours=5)
        await stage.round(1)
        assert len(slack_of(stage).messages(channel)) == 1
        assert (await stage.newest(await stage.follow(channel.id, AUTHOR)))["status"] == "sent"


async def test_another_bots_message_is_not_ours(tmp_path: Path) -> None:
    """Two bots in one channel, of two databases, number their deliveries alike."""
    async with on_slack(tmp_path, *HISTORIES) as stage:
        slack = slack_of(stage)
        channel = conversation(slack, "public")
        await loses_an_answer(stage, channel.id, LOST)
        mark = {"event_type": slack_history.EVENT_TYPE, "event_payload": {"delivery_id": 1}}
        slack.workspace.posted.append(
            slack.workspace.message(channel.id, slack.workspace.new_ts(), {"bot_id": "B0OTHER", "metadata": mark})
        )
        await stage.round(1)
        assert len(slack.messages(channel)) == 2


@pytest.mark.parametrize(
    ("kind", "repeats", "copies"),
    [
        ("public", "retry", 2),
        ("public", "drop", 1),
        ("direct", "retry", 2),
        ("direct", "drop", 2),
    ],
)
@pytest.mark.parametrize("chatter", [0, slack_history.PAGE * slack_history.MOST_PAGES + 1])
async def test_slack_history_that_cannot_be_read_leaves_it_to_the_policy(
    kind: str, repeats: Repeats, copies: int, chatter: int, tmp_path: Path
) -> None:
    """The app was not given its scope, or more was said since than is read."""
    async with on_slack(tmp_path, *(HISTORIES if chatter else ())) as stage:
        slack = slack_of(stage)
        channel = conversation(slack, kind)
        await loses_an_answer(stage, channel.id, ACCEPTED, repeats)
        for _ in range(chatter):
            said = {"text": "hello", "bot_id": "B0OTHER"}
            slack.workspace.posted.append(slack.workspace.message(channel.id, slack.workspace.new_ts(), said))
        await stage.round(1, repeats)
        assert len(slack.calls("chat.postMessage")) == copies
        state = await stage.newest(await stage.follow(channel.id, AUTHOR))
        assert state["status"] == ("sent" if copies > 1 else "failed")
        assert copies > 1 or "may have arrived" in state["error"]


@pytest.mark.parametrize(
    "faults",
    [
        [Fault(status=429, headers={"Retry-After": "7"})],
        [LOST, LOST],  # the HTTP client itself asks once more, as it may where nothing is changed
        [Fault(error="fatal_error")],
        [Fault(error="token_revoked")],
    ],
)
async def test_look_that_fails_is_made_again(faults: list[Fault], tmp_path: Path) -> None:
    """Nothing was sent, so nothing is in doubt that was not before."""
    async with on_slack(tmp_path, *HISTORIES) as stage:
        channel = conversation(slack_of(stage), "public")
        await loses_an_answer(stage, channel.id, ACCEPTED)
        slack_of(stage).script("conversations.history", *faults)
        await stage.round(1)
        state = await stage.newest(await stage.follow(channel.id, AUTHOR))
        assert (state["status"], state["ambiguous"]) == ("pending", 1)
        stage.advance(minutes=6)
        await stage.round(1)
        assert len(slack_of(stage).messages(channel)) == 1
        assert (await stage.newest(await stage.follow(channel.id, AUTHOR)))["status"] == "sent"


@pytest.mark.parametrize("doubt", ["answer", "crash"])
@pytest.mark.parametrize(
    ("kind", "repeats", "copies"),
    [
        ("private", "retry", 2),
        ("private", "drop", 2),
        ("group", "retry", 2),
        ("group", "drop", 1),
        ("channel", "retry", 2),
        ("channel", "drop", 1),
    ],
)
async def test_telegram_goes_by_the_policy(
    kind: str, repeats: Repeats, copies: int, doubt: str, tmp_path: Path
) -> None:
    """Nobody can look there: one person may get a copy, many only where the operator wants it so."""
    async with on_telegram(tmp_path) as stage:
        telegram = telegram_of(stage)
        chats = {
            "private": lambda: telegram.private_chat(7, "Ada"),
            "group": lambda: telegram.group("Lobby", supergroup=True),
            "channel": lambda: telegram.channel("Wire"),
        }
        address = str(chats[kind]().id)
        if doubt == "answer":
            await loses_an_answer(stage, address, ACCEPTED, repeats)
        else:
            await crashes(stage, address, repeats)
        if doubt == "crash" or copies > 1:
            await stage.round(1, repeats)
        assert len(stage.received(address)) == copies
        state = await stage.newest(await stage.follow(address, AUTHOR))
        assert state["status"] == ("sent" if copies > 1 else "failed")
        # What is dropped holds nobody up.
        headline = await stage.publish(AUTHOR)
        await stage.round(1, repeats)
        assert headline in stage.received(address)[-1]


async def test_crashes_in_a_row_lose_nothing(tmp_path: Path) -> None:
    """A crash is nobody's answer: what was claimed is sent again after each."""
    async with on_telegram(tmp_path) as stage:
        address = str(telegram_of(stage).group("Lobby", supergroup=True).id)
        channel = await stage.follow(address, AUTHOR)
        await stage.publish(AUTHOR)
        for number in range(1, 7):
            (claimed,) = await stage.database.write(store.claim, "telegram", stage.now, 9)
            assert claimed.ambiguous == number - 1
            await stage.database.write(store.recover, stage.now)
        await stage.round(1)
        assert len(stage.received(address)) == 1
        assert (await stage.newest(channel))["status"] == "sent"
