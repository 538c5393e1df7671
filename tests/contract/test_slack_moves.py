"""News on its way while Slack's channels change: it waits, goes on, and follows a channel to its new id."""

from __future__ import annotations

from pathlib import Path

from bot.commands.handlers import Commands
from tests.contract.outbox_stage import Stage, on_slack
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_state import SlackUser

AUTHOR = "Marta Quill"


def slack_of(stage: Stage) -> SlackEmulator:
    """Give the stage's Slack."""
    assert isinstance(stage.emulator, SlackEmulator)
    return stage.emulator


def told(stage: Stage) -> Commands:
    """Make what is told of channels."""
    return Commands(stage.database, lambda: stage.now, lambda: None, "Europe/London")


async def test_answer_to_a_message_tells_of_a_new_id(tmp_path: Path) -> None:
    """Slack takes the old one for a while: filters and queue go along, and the next message goes to the new one."""
    async with on_slack(tmp_path) as stage:
        slack = slack_of(stage)
        channel = slack.channel("joint")
        known, old = await stage.follow(channel.id, AUTHOR), channel.id
        channel.id = "C0SHARED"
        slack.workspace.channels["C0SHARED"] = channel
        for _ in range(2):
            await stage.publish(AUTHOR)
            await stage.round(1)
        assert [call.params["channel"] for call in slack.calls("chat.postMessage")] == [old, "C0SHARED"]
        assert (await stage.newest(known))["address"] == "C0SHARED"
        assert len(stage.received("C0SHARED")) == 2


async def test_message_to_a_person_moves_nothing(tmp_path: Path) -> None:
    """People are asked for by their own ids, and Slack answers with those of their conversations."""
    async with on_slack(tmp_path) as stage:
        slack_of(stage).workspace.users["U0OLGA"] = SlackUser("U0OLGA", "olga")
        known = await stage.follow("U0OLGA", AUTHOR)
        await stage.publish(AUTHOR)
        await stage.round(1)
        assert (await stage.newest(known))["address"] == "U0OLGA"


async def test_news_of_an_archived_channel_waits_untried_and_comes_when_it_is_opened(tmp_path: Path) -> None:
    """Nobody tries what Slack has said to be closed, and what waited comes in its order."""
    async with on_slack(tmp_path) as stage:
        slack, commands = slack_of(stage), told(stage)
        channel = slack.channel("committee")
        await stage.follow(channel.id, AUTHOR)
        await commands.suspended("slack", channel.id, "is_archived")
        headlines = [await stage.publish(AUTHOR) for _ in range(2)]
        assert await stage.nothing_is_due()
        stage.advance(hours=3)
        assert await stage.nothing_is_due()
        await commands.returned("slack", channel.id)
        await stage.round(2)
        shown = stage.received(channel.id)
        assert [headline in one for headline, one in zip(headlines, shown, strict=True)] == [True, True]
