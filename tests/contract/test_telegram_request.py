"""Our client under python-telegram-bot: it sends once, and says what is known of a message that failed."""

from __future__ import annotations

import asyncio
import contextlib
import io
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest
from telegram import Bot, error

from bot.adapters import telegram_errors
from bot.adapters.telegram import LIMITS
from bot.adapters.telegram_request import TelegramRequest, tls
from bot.outcomes import Ambiguous, Unavailable
from tests.emulators.server import Fault
from tests.emulators.telegram import TOKEN, TelegramEmulator

PATIENCE = 10.0
IMPATIENCE = 0.05


def a_bot(url: str, connect_time: float = PATIENCE, answer_time: float = PATIENCE) -> Bot:
    """Make a bot with our client, which waits so many seconds for connections and answers."""
    sending, polling = (TelegramRequest(tls(), connect_time, answer_time) for _ in range(2))
    return Bot(TOKEN, f"{url}/bot", request=sending, get_updates_request=polling)


@pytest.fixture
async def bot(telegram: TelegramEmulator) -> AsyncIterator[Bot]:
    """Connect a bot."""
    async with a_bot(telegram.url) as connected:
        yield connected


@pytest.mark.parametrize("action", ["drop_before", "drop_after"])
async def test_broken_connection_is_not_tried_again(action: str, telegram: TelegramEmulator, bot: Bot) -> None:
    """On a connection that was used before, too, where HTTP clients like to try again by themselves."""
    chat = telegram.private_chat(7, "Ada")
    await bot.send_message(chat.id, "one")
    telegram.script("sendMessage", Fault(action=action))  # type: ignore[arg-type]
    with pytest.raises(error.NetworkError) as caught:
        await bot.send_message(chat.id, "two")
    assert isinstance(caught.value.__cause__, aiohttp.ServerDisconnectedError)
    assert telegram_errors.outcome(caught.value) == Ambiguous("the connection broke")
    assert len(telegram.calls("sendMessage")) == 2


async def test_answer_that_does_not_come_leaves_doubt(telegram: TelegramEmulator) -> None:
    """Telegram has the message, or it has not."""
    chat = telegram.private_chat(7, "Ada")
    async with a_bot(telegram.url, answer_time=IMPATIENCE) as bot:
        telegram.script("sendMessage", Fault(action="stall"))
        with pytest.raises(error.TimedOut) as caught:
            await bot.send_message(chat.id, "one")
    telegram.release()
    assert telegram_errors.outcome(caught.value) == Ambiguous("Telegram did not answer in time")


async def test_connection_that_does_not_come_leaves_none() -> None:
    """A server that has stopped to accept: nothing has left this machine."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server, contextlib.ExitStack() as waiting:
        address = server.getsockname()
        for _ in range(2):  # one more than its backlog; then the system answers nobody
            client = waiting.enter_context(socket.socket())
            client.settimeout(0)
            client.connect_ex(address)
        with pytest.raises(error.TimedOut) as caught:
            async with a_bot(f"http://{address[0]}:{address[1]}", connect_time=IMPATIENCE):
                pass
    assert telegram_errors.outcome(caught.value) == Unavailable("Telegram cannot be reached", "token", None)
    assert TOKEN not in str(caught.value)


async def test_address_that_is_none_leaves_none() -> None:
    """Waiting does not help, but nothing is lost by it."""
    with pytest.raises(error.NetworkError) as caught:
        async with a_bot("nowhere"):
            pass
    assert telegram_errors.outcome(caught.value) == Unavailable("Telegram cannot be reached", "token", None)
    assert TOKEN not in str(caught.value)


async def test_slow_telegram_gets_as_many_as_may_be_in_flight(telegram: TelegramEmulator, bot: Bot) -> None:
    """No message waits for another one's connection, and none for the poll's."""
    chats = [telegram.private_chat(number, "Ada") for number in range(1, LIMITS.in_flight + 1)]
    telegram.script("sendMessage", *[Fault(action="stall")] * len(chats))
    async with asyncio.TaskGroup() as tasks:
        polling = tasks.create_task(bot.get_updates(timeout=10))
        sending = [tasks.create_task(bot.send_message(chat.id, "one")) for chat in chats]
        await telegram.wait_for(lambda: len(telegram.calls("sendMessage")) == len(chats))
        await telegram.wait_for(lambda: bool(telegram.calls("getUpdates")))
        telegram.release()
        await asyncio.wait(sending)
        await telegram.say(chats[0], 1, "hello")
        assert [update.message and update.message.text for update in await polling] == ["hello"]


async def test_proxy_of_the_environment_is_not_used(
    telegram: TelegramEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sets one for another program must not read our token."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with a_bot(telegram.url) as bot:
        assert (await bot.get_me()).is_bot


async def test_files_are_refused_by_name(telegram: TelegramEmulator, bot: Bot) -> None:
    """The bot sends none; whoever adds one learns where it is missing."""
    chat = telegram.private_chat(7, "Ada")
    with pytest.raises(error.TelegramError, match="not implemented"):
        await bot.send_document(chat.id, io.BytesIO(b"text"))


async def test_client_can_be_closed_and_opened_again(telegram: TelegramEmulator, bot: Bot) -> None:
    """A start that fails closes what the next one opens."""
    await bot.shutdown()
    with pytest.raises(error.NetworkError, match="not initialized"):
        await bot.get_me()
    await bot.initialize()
    assert (await bot.get_me()).is_bot
