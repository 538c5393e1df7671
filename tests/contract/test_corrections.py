"""Corrected messages on both platforms: edited in place, answered where that is impossible, never sent again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.adapters.slack import SlackAdapter
from bot.adapters.telegram import TelegramAdapter
from bot.model import Channel, Delivery, Entry, Reason, Version
from bot.outcomes import Rejected, Sent
from tests.contract.test_adapters import Inbox
from tests.emulators.server import Fault
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator

NOW = datetime(2026, 3, 4, 12, 5, tzinfo=UTC)
ENTRY = Entry(
    key="k",
    kind="wire",
    headline="Ferry fund opens",
    url="https://example.org/1",
    author="Marta Quill",
    id=1,
    source="wire",
    source_name="PhiWire",
    first_seen_at=NOW,
)
CORRECTED = replace(ENTRY, headline="Ferry fund closes", revision=2)
BEFORE = Version("Ferry fund opens", "Marta Quill", "", withdrawn=False)


def delivery(platform: str, address: str) -> Delivery:
    """Make a delivery to an address."""
    return Delivery(
        11, Channel(1, platform, address), ENTRY, (Reason(1, "follow", "Marta Quill", "Ada", NOW),), attempts=1
    )


def correction(sent: Delivery, message_ref: str) -> Delivery:
    """Make the correction of what was sent."""
    return replace(sent, entry=CORRECTED, edits=message_ref, before=BEFORE)


@pytest.fixture
async def on_telegram(telegram: TelegramEmulator) -> AsyncIterator[TelegramAdapter]:
    """Connect an adapter to Telegram."""
    adapter = TelegramAdapter(telegram.token, telegram.url, [], lambda: NOW)
    await adapter.check()
    yield adapter
    await adapter.close()


@pytest.fixture
async def on_slack(slack: SlackEmulator) -> AsyncIterator[SlackAdapter]:
    """Connect an adapter to Slack."""
    adapter = SlackAdapter("xoxb-test", "xapp-test", slack.url, lambda: NOW)
    await adapter.start(Inbox())
    yield adapter
    await adapter.stop_receiving()
    await adapter.close()


async def test_telegram_message_is_edited_in_place(telegram: TelegramEmulator, on_telegram: TelegramAdapter) -> None:
    """The old headline is struck through, and nobody's phone rings again."""
    chat = telegram.private_chat(7, "Ada")
    sent = delivery("telegram", str(chat.id))
    outcome = await on_telegram.send(sent)
    assert isinstance(outcome, Sent)
    assert await on_telegram.send(correction(sent, outcome.message_ref)) == outcome
    (message,) = telegram.messages(chat)
    assert message.edits == 1
    assert message.text.startswith(
        "Ferry fund opens\nFerry fund closes\nMarta Quill · 📰 PhiWire · 12:05 · updated 12:05"
    )
    assert "<s>Ferry fund opens</s>" in message.html


async def test_telegram_edit_that_was_made_already_is_made(
    telegram: TelegramEmulator, on_telegram: TelegramAdapter
) -> None:
    """A crash after Telegram's answer has it made again."""
    chat = telegram.private_chat(7, "Ada")
    sent = delivery("telegram", str(chat.id))
    outcome = await on_telegram.send(sent)
    assert isinstance(outcome, Sent)
    for _ in range(2):
        assert await on_telegram.send(correction(sent, outcome.message_ref)) == outcome
    assert len(telegram.messages(chat)) == 1


async def test_telegram_message_that_cannot_be_edited_is_answered(
    telegram: TelegramEmulator, on_telegram: TelegramAdapter
) -> None:
    """The correction stands below it, as a reply."""
    chat = telegram.private_chat(7, "Ada")
    sent = delivery("telegram", str(chat.id))
    outcome = await on_telegram.send(sent)
    assert isinstance(outcome, Sent)
    telegram.script("editMessageText", Fault(status=400, description="Bad Request: message can't be edited"))
    assert await on_telegram.send(correction(sent, outcome.message_ref)) == outcome
    _, answer = telegram.messages(chat)
    assert answer.params["reply_parameters"]["message_id"] == int(outcome.message_ref)
    assert "Ferry fund closes" in answer.text


async def test_telegram_message_that_was_deleted_is_left_alone(
    telegram: TelegramEmulator, on_telegram: TelegramAdapter
) -> None:
    """Somebody did not want it there."""
    chat = telegram.private_chat(7, "Ada")
    sent = delivery("telegram", str(chat.id))
    outcome = await on_telegram.send(correction(sent, "4711"))
    assert isinstance(outcome, Rejected)
    assert telegram.messages(chat) == []


async def test_slack_message_is_edited_in_place(slack: SlackEmulator, on_slack: SlackAdapter) -> None:
    """The old headline is struck through."""
    channel = slack.channel("newsroom")
    sent = delivery("slack", channel.id)
    outcome = await on_slack.send(sent)
    assert isinstance(outcome, Sent)
    assert await on_slack.send(correction(sent, outcome.message_ref)) == outcome
    (message,) = slack.messages(channel)
    assert message.edits == 1
    assert "updated 12:05" in message.shown
    strikes = [e for e in message.blocks[0]["elements"][0]["elements"] if e.get("style") == {"strike": True}]
    assert [each["text"] for each in strikes] == ["Ferry fund opens\n"]
    assert message.metadata["event_payload"] == {"delivery_id": 11}


@pytest.mark.parametrize("problem", ["edit_window_closed", "cant_update_message"])
async def test_slack_message_that_cannot_be_edited_has_its_correction_in_its_thread(
    problem: str, slack: SlackEmulator, on_slack: SlackAdapter
) -> None:
    """Some workspaces let nobody edit anything."""
    channel = slack.channel("newsroom")
    sent = delivery("slack", channel.id)
    outcome = await on_slack.send(sent)
    assert isinstance(outcome, Sent)
    slack.script("chat.update", Fault(error=problem))
    assert await on_slack.send(correction(sent, outcome.message_ref)) == outcome
    _, answer = slack.messages(channel)
    assert answer.params["thread_ts"] == outcome.message_ref


async def test_slack_message_that_was_deleted_is_left_alone(slack: SlackEmulator, on_slack: SlackAdapter) -> None:
    """Somebody did not want it there."""
    channel = slack.channel("newsroom")
    outcome = await on_slack.send(correction(delivery("slack", channel.id), "1700000000.000100"))
    assert isinstance(outcome, Rejected)
    assert slack.messages(channel) == []


async def test_a_burst_is_one_message_of_headlines(
    telegram: TelegramEmulator, on_telegram: TelegramAdapter, slack: SlackEmulator, on_slack: SlackAdapter
) -> None:
    """With links, authors and times, and with what was left out."""
    chat, channel = telegram.private_chat(7, "Ada"), slack.channel("newsroom")
    entries = tuple(replace(ENTRY, id=n, headline=f"Quay {n} opens") for n in range(1, 13))
    for adapter, made in (
        (on_telegram, delivery("telegram", str(chat.id))),
        (on_slack, delivery("slack", channel.id)),
    ):
        assert isinstance(await adapter.send(replace(made, folded=entries, left_out=37, left_among=49)), Sent)
    (message,) = telegram.messages(chat)
    assert message.text.splitlines() == [
        "12 entries at once",
        *(f"• Marta Quill | Quay {n} opens — PhiWire, 12:05" for n in range(1, 13)),
        "and 37 more: /latest 49",
    ]
    (posted,) = slack.messages(channel)
    assert "<https://example.org/1|Quay 12 opens>" in posted.text
    assert "and 37 more: `/phiwire latest 49`" in posted.text
