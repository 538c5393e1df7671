"""What platforms do wrong below their own errors: half an answer, a slow one, a page."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.adapters.slack import SlackAdapter
from bot.adapters.telegram import TelegramAdapter
from bot.outcomes import Ambiguous, Sent
from tests.contract.test_adapters import NOW, Inbox, delivery
from tests.emulators.server import Fault
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator

# Of a gateway or a hotel's network, which says with 200 that all is well.
PAGE = Fault(body="<html><title>Sign in</title></html>", headers={"Content-Type": "text/html"})


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


@pytest.mark.parametrize(
    ("fault", "arrives"), [(Fault(action="cut"), True), (Fault(action="drop_after"), True), (PAGE, False)]
)
async def test_answer_that_cannot_be_read_leaves_doubt(
    fault: Fault,
    arrives: bool,
    telegram: TelegramEmulator,
    slack: SlackEmulator,
    on_telegram: TelegramAdapter,
    on_slack: SlackAdapter,
) -> None:
    """Whether the message arrived it does not say, so that the policy for doubts decides, and nothing is given up."""
    chat, channel = telegram.private_chat(7, "Ada"), slack.channel("newsroom")
    telegram.script("sendMessage", fault)
    slack.script("chat.postMessage", fault)
    assert isinstance(await on_telegram.send(delivery("telegram", str(chat.id))), Ambiguous)
    assert isinstance(await on_slack.send(delivery("slack", channel.id)), Ambiguous)
    assert bool(telegram.messages(chat)) is bool(slack.messages(channel)) is arrives


async def test_answer_that_trickles_is_read_to_its_end(
    telegram: TelegramEmulator, slack: SlackEmulator, on_telegram: TelegramAdapter, on_slack: SlackAdapter
) -> None:
    """A few bytes at a time are slow, and no doubt."""
    chat, channel = telegram.private_chat(7, "Ada"), slack.channel("newsroom")
    telegram.script("sendMessage", Fault(action="trickle"))
    slack.script("chat.postMessage", Fault(action="trickle"))
    assert await on_telegram.send(delivery("telegram", str(chat.id))) == Sent("1")
    assert isinstance(await on_slack.send(delivery("slack", channel.id)), Sent)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(action="cut"),
        Fault(action="trickle"),
        Fault(action="drop_after"),
        Fault(status=502, body="<html>Bad Gateway</html>"),
        Fault(status=429, description="Too Many Requests: retry after 1", parameters={"retry_after": 1}),
        PAGE,
    ],
)
async def test_poll_that_fails_loses_no_command(
    fault: Fault, telegram: TelegramEmulator, on_telegram: TelegramAdapter, inbox: Inbox
) -> None:
    """What was not read was not confirmed: Telegram gives it again, and it runs once."""
    chat = telegram.private_chat(7, "Ada")
    polls = len(telegram.calls("getUpdates"))
    telegram.script("getUpdates", fault)
    await telegram.say(chat, 7, "/follow Harbour")
    await telegram.say(chat, 7, "/follow Ferries")
    await telegram.wait_for_message(chat, "follow Ferries")
    await telegram.wait_for(lambda: len(telegram.calls("getUpdates")) > polls + 1)
    assert [request.text for request in inbox.requests] == ["follow Harbour", "follow Ferries"]
