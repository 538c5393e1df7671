"""Commands that come twice or out of order: each runs once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.adapters.slack import SlackAdapter
from bot.adapters.telegram import TelegramAdapter
from tests.contract.test_adapters import NOW, Inbox
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator


@pytest.fixture
def inbox() -> Inbox:
    """Listen."""
    return Inbox()


@pytest.fixture
async def on_telegram(telegram: TelegramEmulator, inbox: Inbox) -> AsyncIterator[TelegramAdapter]:
    """Connect an adapter to it."""
    adapter = TelegramAdapter(telegram.token, telegram.url, [("follow", "f")], lambda: NOW)
    await adapter.start(inbox)
    yield adapter
    await adapter.close()


@pytest.fixture
async def slack() -> AsyncIterator[SlackEmulator]:
    """Run a Slack that is quick to send again what is not acknowledged."""
    async with SlackEmulator(ack_timeout=0.3) as emulator:
        yield emulator
    assert emulator.violations == []


@pytest.fixture
async def on_slack(slack: SlackEmulator, inbox: Inbox) -> AsyncIterator[SlackAdapter]:
    """Connect an adapter to it."""
    adapter = SlackAdapter(slack.bot_token, slack.app_token, slack.url, lambda: NOW)
    await adapter.start(inbox)
    yield adapter
    await adapter.close()


async def test_update_that_comes_twice_runs_once(
    telegram: TelegramEmulator, on_telegram: TelegramAdapter, inbox: Inbox
) -> None:
    """`/unfollow 1` typed once must not remove two filters."""
    chat = telegram.private_chat(7, "Ada")
    for number in range(3):
        await telegram.say(chat, 7, f"/unfollow {number}")
        await telegram.wait_for_message(chat, f"unfollow {number}")
    await telegram.wait_for(lambda: len(telegram.state.confirmed) == 3)
    telegram.repeat_updates(2)
    await telegram.wait_for(lambda: not telegram.state.again)
    await telegram.say(chat, 7, "/follow Ferries")
    await telegram.wait_for_message(chat, "follow Ferries")
    assert [request.text for request in inbox.requests] == ["unfollow 0", "unfollow 1", "unfollow 2", "follow Ferries"]


async def test_updates_out_of_order_run_once_each(
    telegram: TelegramEmulator, on_telegram: TelegramAdapter, inbox: Inbox
) -> None:
    """The newest comes first: what is confirmed by its number is not what was read last."""
    chat = telegram.private_chat(7, "Ada")
    telegram.send_backwards()
    typed = [f"unfollow {number}" for number in range(3)]
    for text in typed:
        await telegram.say(chat, 7, f"/{text}")
    for text in [*typed, "follow Ferries"]:
        if text == "follow Ferries":
            telegram.send_backwards(backwards=False)
            await telegram.wait_for(lambda: not telegram.state.updates)
            await telegram.say(chat, 7, f"/{text}")
        await telegram.wait_for_message(chat, text)
    assert sorted(request.text for request in inbox.requests) == sorted([*typed, "follow Ferries"])


async def test_envelope_whose_ack_is_lost_runs_once(slack: SlackEmulator, on_slack: SlackAdapter, inbox: Inbox) -> None:
    """Slack rotates connections; what was not acknowledged on the old one comes again on the new."""
    await slack.connected()
    slack.socket.hang_ups = 1
    channel = slack.channel("newsroom")
    result = await slack.command(channel, slack.user("bea"), "/phiwire", "unsubscribe 1", timeout=30)
    assert len(result.envelope.sent) == 2
    await slack.command(channel, slack.user("ada"), "/phiwire", "filters", timeout=30)
    assert [request.text for request in inbox.requests] == ["unsubscribe 1", "filters"]
    assert len(result.replies) == 1


async def test_envelope_that_comes_twice_runs_once(slack: SlackEmulator, on_slack: SlackAdapter, inbox: Inbox) -> None:
    """Also where the first one was acknowledged."""
    await slack.connected()
    slack.socket.repeats = 1
    channel = slack.channel("newsroom")
    result = await slack.command(channel, slack.user("bea"), "/phiwire", "unsubscribe 1")
    await slack.wait_for(lambda: len(result.envelope.acks) == 2)
    await slack.command(channel, slack.user("ada"), "/phiwire", "filters")
    assert [request.text for request in inbox.requests] == ["unsubscribe 1", "filters"]
