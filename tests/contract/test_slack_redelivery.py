"""Whatever Slack sends a second time, for it did not hear the first acknowledged, is done and answered once."""

from __future__ import annotations

import pytest

from bot.db import Database
from tests.contract import slack_acts
from tests.contract.slack_acts import Act
from tests.contract.slack_news import bring
from tests.contract.slack_talking import talking
from tests.emulators.slack import SlackEmulator

SHOWS = ("chat.postMessage", "chat.postEphemeral", "response_url", "views.open", "views.publish")


@pytest.mark.parametrize("lost", [False, True], ids=["repeated", "unheard"])
@pytest.mark.parametrize(
    ("act", "shown"),
    [
        (slack_acts.command, 2),
        (slack_acts.mention, 2),
        (slack_acts.message, 1),
        (slack_acts.press, 2),
        (slack_acts.shortcut, 1),
        (slack_acts.editor, 1),
        (slack_acts.invitation, 1),
    ],
)
async def test_what_comes_twice_is_done_once(database: Database, act: Act, shown: int, *, lost: bool) -> None:
    """Each kind; what is changed is also told to the channel once."""
    async with SlackEmulator(ack_timeout=0.2) as slack, talking(slack, database, "socket") as talk:
        for typed in ("subscribe ferry", "subscribe quays"):
            await talk.ask(typed)
            await slack.wait_for_message(talk.channel, typed.removeprefix("subscribe "))
        news = await bring(talk)
        before = len(slack.requests)
        if lost:
            slack.socket.hang_ups = 1
        else:
            slack.socket.repeats = 1
        await act(talk, news)
        sent = list(slack.socket.envelopes.values())[-1]
        await slack.wait_for(lambda: len(sent.sent) == 2 and sent.acks)
        await slack.wait_for(lambda: sum(each.method in SHOWS for each in slack.requests[before:]) >= shown)
        await talk.ask("help")
        assert sum(each.method in SHOWS for each in slack.requests[before:]) == shown + 1
        assert slack.violations == []
