"""Updates by Telegram's webhook: only Telegram's own count, each once, in order, and none is lost."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from bot.adapters.telegram import UPDATES, TelegramAdapter
from bot.adapters.telegram_updates import MOST_WAITING, Webhook
from bot.ports import AdapterError
from bot.web import telegram as door
from bot.web.server import LARGEST, WebServer
from tests.contract.test_adapters import NOW, Inbox
from tests.emulators.server import Fault
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_webhook import HEADER, Push

SECRET = "a-secret_of-the-test"  # noqa: S105 - opens nothing but this test
MENU = [("follow", "f")]
Post = Callable[..., Awaitable[int]]


class Bot:
    """An adapter and the web server at which Telegram calls it."""

    def __init__(self, telegram: TelegramEmulator, port: int, secret: str = SECRET, look_every: float = 60) -> None:
        self.url = f"http://127.0.0.1:{port}{door.PATH}"
        self.webhook = Webhook(self.url, secret, look_every)
        self.server = WebServer("127.0.0.1", port, door.routes(self.webhook))
        self.adapter = TelegramAdapter(telegram.token, telegram.url, MENU, lambda: NOW, webhook=self.webhook)
        self.inbox = Inbox()

    @property
    def heard(self) -> list[str]:
        """What was typed."""
        return [request.text for request in self.inbox.requests]

    async def start(self) -> None:
        """Listen, and have Telegram call."""
        await self.server.start()
        await self.adapter.start(self.inbox)

    async def close(self) -> None:
        """Stop as the app does."""
        await self.adapter.stop_receiving()
        await self.server.close()
        await self.adapter.close()


@pytest.fixture
def port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
async def bot(telegram: TelegramEmulator, port: int) -> AsyncIterator[Bot]:
    """Run it."""
    made = Bot(telegram, port)
    await made.start()
    yield made
    await made.close()
    await made.close()


@pytest.fixture
async def post(bot: Bot) -> AsyncIterator[Post]:
    """Call the bot as somebody would who knows the address, and return the status."""
    async with aiohttp.ClientSession() as session:

        async def send(body: bytes, headers: dict[str, str] | None = None) -> int:
            sent = {HEADER: SECRET} if headers is None else headers
            async with session.post(bot.url, data=io.BytesIO(body), headers=sent) as got:
                return got.status

        yield send


def update(number: int, text: str = "/follow Marta Quill") -> dict[str, Any]:
    """Write an update as Telegram would."""
    ada = {"id": 7, "is_bot": False, "first_name": "Ada"}
    chat = {"id": 7, "type": "private", "first_name": "Ada"}
    return {"update_id": number, "message": {"message_id": number, "date": 0, "chat": chat, "from": ada, "text": text}}


async def test_telegram_calls_instead_of_being_asked(telegram: TelegramEmulator, bot: Bot) -> None:
    """What each chat says is answered in its order, and nothing polls."""
    chats = [telegram.private_chat(number, f"Person {number}") for number in (7, 8, 9)]
    for turn in range(5):
        for chat in chats:
            await telegram.say(chat, chat.id, f"/follow {turn} of {chat.id}")
    for chat in chats:
        await telegram.wait_for_message(chat, f"4 of {chat.id}")
        mine = [text for text in bot.heard if text.endswith(str(chat.id))]
        assert mine == [f"follow {turn} of {chat.id}" for turn in range(5)]
    (call,) = telegram.calls("setWebhook")
    assert call.params["url"] == bot.url
    assert set(call.params["allowed_updates"]) == set(UPDATES)
    assert not call.params.get("drop_pending_updates")
    assert telegram.calls("getUpdates") == []
    assert telegram.webhook.info({})["pending_update_count"] == 0


@pytest.mark.parametrize(
    "headers", [{}, {HEADER: ""}, {HEADER: "wrong"}, {HEADER: SECRET[:-1]}, {HEADER: SECRET + "x"}, {HEADER: "gehéim"}]
)
async def test_forged_update_has_no_effect(bot: Bot, post: Post, headers: dict[str, str]) -> None:
    """Whoever has no secret, or a wrong one, is refused before anything is read, whatever it is."""
    assert await post(json.dumps(update(1)).encode(), headers) == 401
    assert await post(b"nonsense", headers) == 401
    assert await post(json.dumps(update(2, "/follow Genuine")).encode()) == 200
    await bot.adapter.stop_receiving()
    assert bot.heard == ["follow Genuine"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"nonsense", 400),
        (b"\xff\xfe", 400),
        (b"[]", 400),
        (b"{}", 400),
        (b'{"update_id": "1"}', 400),
        (b'{"update_id": true}', 400),
        (b"[" * 100_000, 400),
        (b'{"update_id": ' + b"9" * 5_000 + b"}", 400),
        (b" " * (LARGEST + 1), 413),
    ],
    ids=["empty", "words", "bytes", "list", "nothing in it", "text", "truth", "nested", "long number", "too large"],
)
async def test_garbage_is_refused(bot: Bot, post: Post, body: bytes, status: int) -> None:
    """Even with the secret; what comes next is taken."""
    assert await post(body) == status
    assert await post(json.dumps(update(1)).encode()) == 200
    await bot.adapter.stop_receiving()
    assert bot.heard == ["follow Marta Quill"]


@pytest.mark.parametrize("message", ["words", 5, {"message_id": 1}, {**update(1)["message"], "date": 10**30}])
async def test_update_that_cannot_be_read_holds_nothing_up(bot: Bot, post: Post, message: object) -> None:
    """Refused, it would come again for a day, and its chat's next updates would wait behind it."""
    assert await post(json.dumps({"update_id": 1, "message": message}).encode()) == 200
    assert await post(json.dumps(update(2)).encode()) == 200
    await bot.adapter.stop_receiving()
    assert bot.heard == ["follow Marta Quill"]


async def test_other_methods_and_paths_are_refused(bot: Bot) -> None:
    """There is nothing to see."""
    async with aiohttp.ClientSession() as session:
        async with session.get(bot.url, headers={HEADER: SECRET}) as answer:
            assert answer.status == 405
        async with session.post(f"{bot.url}/more", headers={HEADER: SECRET}) as answer:
            assert answer.status == 404


async def test_update_that_comes_twice_runs_once(telegram: TelegramEmulator, bot: Bot) -> None:
    """The bot's answer was lost, so Telegram calls again."""
    chat = telegram.private_chat(7, "Ada")
    telegram.webhook.lose_answers = 2
    await telegram.say(chat, 7, "/unfollow 1")
    await telegram.wait_for(lambda: len(telegram.webhook.pushes) == 3)
    await telegram.say(chat, 7, "/unfollow 2")
    await telegram.wait_for_message(chat, "unfollow 2")
    assert bot.heard == ["unfollow 1", "unfollow 2"]
    number = telegram.webhook.pushes[0].update_id
    assert telegram.webhook.pushes[:3] == [Push(number, 0), Push(number, 0), Push(number, 200)]


async def test_more_than_can_wait_stays_with_telegram(telegram: TelegramEmulator, bot: Bot) -> None:
    """Memory is bounded; what is not taken comes again."""
    taken = [bot.webhook.take({"update_id": number}) for number in range(MOST_WAITING + 1)]
    assert taken == [True] * MOST_WAITING + [False]


async def test_nothing_is_lost_over_a_restart(telegram: TelegramEmulator, port: int) -> None:
    """Telegram keeps what is said meanwhile; the next start has another secret."""
    before, after = Bot(telegram, port), Bot(telegram, port, "another-secret")
    chat = telegram.private_chat(7, "Ada")
    await before.start()
    await telegram.say(chat, 7, "/follow Before")
    await telegram.wait_for_message(chat, "Before")
    await before.adapter.stop_receiving()
    await telegram.say(chat, 7, "/follow Between")
    await telegram.wait_for(lambda: telegram.webhook.pushes[-1].status == 503)
    await before.close()
    await telegram.wait_for(lambda: telegram.webhook.pushes[-1].status == 0)
    await after.server.start()
    await telegram.wait_for(lambda: telegram.webhook.pushes[-1].status == 401)
    await after.adapter.start(after.inbox)
    await telegram.wait_for_message(chat, "Between")
    await after.close()
    assert (before.heard, after.heard) == (["follow Before"], ["follow Between"])


async def test_polling_again_deletes_the_webhook(telegram: TelegramEmulator, port: int) -> None:
    """Else every poll is a conflict; and polling gives way to a webhook."""
    chat = telegram.private_chat(7, "Ada")
    bots = Bot(telegram, port), Bot(telegram, port)
    polling, inbox = TelegramAdapter(telegram.token, telegram.url, MENU, lambda: NOW), Inbox()
    await bots[0].start()
    await bots[0].close()
    await telegram.say(chat, 7, "/follow Polled")
    await polling.start(inbox)
    await telegram.wait_for_message(chat, "Polled")
    assert telegram.webhook.url == ""
    await polling.close()
    await bots[1].start()
    await telegram.say(chat, 7, "/follow Called")
    await telegram.wait_for_message(chat, "Called")
    await bots[1].close()
    assert [request.text for request in inbox.requests] == ["follow Polled"]
    assert [event for event in inbox.events if event[0] == "alarm"] == []


async def test_address_that_telegram_does_not_take_is_said_in_a_sentence(telegram: TelegramEmulator, port: int) -> None:
    """Waiting would not help."""
    telegram.webhook.local = False
    bot = Bot(telegram, port)
    with pytest.raises(AdapterError, match="PHIWIRE_PUBLIC_URL must be an https address") as raised:
        await bot.start()
    await bot.close()
    assert bot.url in str(raised.value)


async def test_name_that_cannot_be_looked_up_for_a_moment_is_tried_again(telegram: TelegramEmulator, port: int) -> None:
    """Like a Telegram that does not answer."""
    words = "Bad Request: bad webhook: Failed to resolve host: Temporary failure in name resolution"
    telegram.script("setWebhook", Fault(status=400, description=words))
    bot = Bot(telegram, port)
    await bot.start()
    assert telegram.webhook.url == bot.url
    await bot.close()


async def test_operators_learn_that_telegram_does_not_get_through(telegram: TelegramEmulator, port: int) -> None:
    """A proxy that is down or a certificate that has expired shows nowhere else."""
    bot = Bot(telegram, port, look_every=0.02)
    await bot.start()
    await bot.server.close()
    await telegram.say(telegram.private_chat(7, "Ada"), 7, "/follow Marta Quill")
    await telegram.wait_for(lambda: [event for event in bot.inbox.events if event[1] == "telegram webhook"])
    (kind, _, sentence, *_) = bot.inbox.events[0]
    await bot.close()
    assert kind == "alarm"
    assert f"does not get through to {bot.url} (Webhook connection closed)" in sentence


async def test_webhook_that_another_program_took_is_set_again(telegram: TelegramEmulator, port: int) -> None:
    """The operators learn of it."""
    bot = Bot(telegram, port, look_every=0.02)
    await bot.start()
    telegram.webhook.establish({"url": "http://127.0.0.1:9/theirs"})
    await telegram.wait_for(lambda: telegram.webhook.url == bot.url)
    await bot.close()
    assert [event[:2] for event in bot.inbox.events] == [("alarm", "telegram webhook taken")]


@pytest.mark.parametrize("ending", ["", "/", "/bot", "/bot/"])
async def test_bot_api_server_of_ones_own(telegram: TelegramEmulator, ending: str) -> None:
    """Its address is http on this machine, written as people write it."""
    adapter = TelegramAdapter(telegram.token, telegram.url + ending, MENU, lambda: NOW)
    try:
        assert await adapter.check() == "@phiwire_test_bot"
    finally:
        await adapter.close()
