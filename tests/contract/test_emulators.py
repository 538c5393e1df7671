"""The emulators, met by the real SDKs: what they scripted must surface as the SDKs' own exceptions and events."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import feedparser
import pytest
from selectolax.lexbor import LexborHTMLParser
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters, Update
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)
from telegram.ext import Application, ApplicationBuilder, MessageHandler, filters

from tests.emulators import pages
from tests.emulators.server import Fault
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator, parse_html
from tests.emulators.web import WebEmulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def telegram(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TelegramEmulator]:
    """Run a Telegram that nobody may have made mistakes with; the SDK's RetryAfter warns without this setting."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    async with TelegramEmulator() as emulator:
        yield emulator
    assert emulator.violations == []


@pytest.fixture
async def bot(telegram: TelegramEmulator) -> AsyncIterator[Bot]:
    """Talk to it with the real SDK."""
    async with Bot(telegram.token, base_url=f"{telegram.url}/bot") as real:
        yield real


async def test_message_is_kept_as_people_read_it(telegram: TelegramEmulator, bot: Bot) -> None:
    """Tests compare what a chat shows, so markup must be parsed away and kept beside."""
    chat = telegram.private_chat(1, "Ada")
    sent = await bot.send_message(chat.id, "<b>Budget</b> &amp; more", parse_mode=ParseMode.HTML)
    shown = await telegram.wait_for_message(chat, contains="Budget & more")
    assert (shown.text, shown.html, shown.message_id) == ("Budget & more", "<b>Budget</b> &amp; more", sent.message_id)
    assert sent.entities[0].type == "bold"


async def test_throttle_surfaces_as_retry_after(telegram: TelegramEmulator, bot: Bot) -> None:
    """The seconds to wait are the only thing a sender may go by."""
    chat = telegram.private_chat(1, "Ada")
    telegram.script(
        "sendMessage",
        Fault(status=429, description="Too Many Requests: retry after 7", parameters={"retry_after": 7}),
    )
    with pytest.raises(RetryAfter) as caught:
        await bot.send_message(chat.id, "x")
    assert caught.value._retry_after.total_seconds() == 7
    assert telegram.messages(chat) == []


async def test_kicked_and_blocked_bot_is_forbidden(telegram: TelegramEmulator, bot: Bot) -> None:
    """A bot that goes on writing to people who left it is banned."""
    group, chat = telegram.group("Lobby", admins=[1]), telegram.private_chat(2, "Bea")
    telegram.kick_bot(group)
    telegram.block(2)
    with pytest.raises(Forbidden, match="bot was kicked from the group chat"):
        await bot.send_message(group.id, "x")
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(chat.id, "x")
    updates = await bot.get_updates()
    assert [update.my_chat_member.new_chat_member.status for update in updates if update.my_chat_member] == [
        "kicked"
    ] * 2


async def test_migrated_group_names_its_new_id(telegram: TelegramEmulator, bot: Bot) -> None:
    """Subscriptions must follow a group whose address changes."""
    group = telegram.group("Lobby", admins=[1], members=[2])
    new = telegram.migrate(group)
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(group.id, "x")
    assert caught.value.new_chat_id == new.id
    assert [update.message.migrate_to_chat_id for update in await bot.get_updates() if update.message] == [new.id, None]
    await bot.send_message(new.id, "x")


async def test_bad_html_is_refused_and_remembered() -> None:
    """A headline with a stray bracket must never reach Telegram unescaped."""
    async with TelegramEmulator() as telegram, Bot(telegram.token, base_url=f"{telegram.url}/bot") as bot:
        chat = telegram.private_chat(1, "Ada")
        with pytest.raises(BadRequest, match="an't parse entities: unsupported start tag"):
            await bot.send_message(chat.id, "<p>x</p>", parse_mode=ParseMode.HTML)
        assert len(telegram.violations) == 1


async def test_lost_answer_is_an_accepted_message(telegram: TelegramEmulator, bot: Bot) -> None:
    """Only the emulator knows that an unanswered message arrived: this is what makes a send ambiguous."""
    chat = telegram.private_chat(1, "Ada")
    telegram.script("sendMessage", Fault(action="drop_before"), Fault(action="drop_after"), Fault(action="stall"))
    with pytest.raises(NetworkError):
        await bot.send_message(chat.id, "never arrived")
    with pytest.raises(NetworkError):
        await bot.send_message(chat.id, "arrived")
    with pytest.raises(TimedOut):
        await bot.send_message(chat.id, "arrived late", read_timeout=0.1)
    assert [sent.text for sent in telegram.messages(chat)] == ["arrived", "arrived late"]


async def test_stalled_answer_comes_on_release(telegram: TelegramEmulator, bot: Bot) -> None:
    """A slow platform must be told from a dead one."""
    chat = telegram.private_chat(1, "Ada")
    telegram.script("sendMessage", Fault(action="stall"))
    sending = asyncio.create_task(bot.send_message(chat.id, "x"))
    await telegram.wait_for_message(chat)
    assert not sending.done()
    telegram.release()
    assert (await sending).text == "x"


async def test_second_poller_is_a_conflict_for_the_first(telegram: TelegramEmulator, bot: Bot) -> None:
    """Two processes with one token must not share out the updates."""
    first = asyncio.create_task(bot.get_updates(timeout=30))
    await telegram.wait_for(lambda: telegram.calls("getUpdates"))
    async with Bot(telegram.token, base_url=f"{telegram.url}/bot") as other:
        second = asyncio.create_task(other.get_updates(timeout=30))
        with pytest.raises(Conflict):
            await first
        await telegram.say(telegram.private_chat(1, "Ada"), 1, "/start")
        (update,) = await second
        assert await other.get_updates(offset=update.update_id + 1) == ()


async def test_wrong_token_and_unknown_chat_are_told_apart(telegram: TelegramEmulator, bot: Bot) -> None:
    """One stops the bot, the other one channel."""
    with pytest.raises(InvalidToken):
        async with Bot("123456:other", base_url=f"{telegram.url}/bot"):
            pass
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(-5, "x")


async def test_topics_exist_until_they_are_closed_or_deleted(telegram: TelegramEmulator, bot: Bot) -> None:
    """General has no thread id, and a message must not spill from one topic into another."""
    group = telegram.group("Lobby", admins=[1], topics=True)
    topic = telegram.topic(group)
    await bot.send_message(group.id, "x", message_thread_id=topic)
    assert [sent.thread for sent in telegram.messages(group)] == [topic]
    telegram.close_topic(group, topic)
    with pytest.raises(BadRequest, match="Topic_closed"):
        await bot.send_message(group.id, "x", message_thread_id=topic)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(group.id, "x", message_thread_id=1)


async def test_killed_process_leaves_its_updates_to_the_next(telegram: TelegramEmulator, bot: Bot) -> None:
    """What a dead bot was given but never confirmed must be given again."""
    poll = (
        f"import urllib.request as r; r.urlopen({telegram.url!r} + '/bot{telegram.token}/getUpdates?timeout=30').read()"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", poll)
    await telegram.wait_for(lambda: telegram.calls("getUpdates"))
    process.kill()
    await process.wait()
    await telegram.say(telegram.private_chat(1, "Ada"), 1, "/start")
    assert [update.message.text for update in await bot.get_updates(timeout=5) if update.message] == ["/start"]


async def test_outage_ends_on_the_same_address(telegram: TelegramEmulator, bot: Bot) -> None:
    """A platform that was away comes back with all that it knew, where it was."""
    chat = telegram.private_chat(1, "Ada")
    await telegram.stop()
    with pytest.raises(NetworkError):
        await bot.send_message(chat.id, "x")
    await telegram.start()
    await bot.send_message(chat.id, "y")
    assert [sent.text for sent in telegram.messages(chat)] == ["y"]


async def test_members_admins_and_menus_are_kept(telegram: TelegramEmulator, bot: Bot) -> None:
    """Rights are asked of the platform at every write."""
    group = telegram.group("Lobby", admins=[1, 2], members=[3])
    assert [admin.status for admin in await bot.get_chat_administrators(group.id)] == ["creator", "administrator"]
    telegram.set_status(group, 2, "member")
    assert [(await bot.get_chat_member(group.id, user)).status for user in (1, 2, 3)] == ["creator", "member", "member"]
    assert (await bot.get_chat(group.id)).title == "Lobby"
    await bot.set_my_commands([BotCommand("follow", "Follow an author")])
    assert [command.command for command in await bot.get_my_commands()] == ["follow"]


async def test_buttons_and_edits_go_round(telegram: TelegramEmulator, bot: Bot) -> None:
    """Edits replace what people see, and only offered buttons can be pressed."""
    chat = telegram.private_chat(1, "Ada")
    asked = await telegram.say(chat, 1, "/list")
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Delete", callback_data="f:1:del")]])
    sent = await bot.send_message(chat.id, "1. x", reply_markup=keyboard, reply_parameters=ReplyParameters(asked))
    query = telegram.send_press(chat, 1, sent.message_id, "f:1:del")
    await bot.answer_callback_query(query, "Deleted")
    assert (await telegram.wait_for_answer(query))["text"] == "Deleted"
    await bot.edit_message_text("none left", chat.id, sent.message_id)
    with pytest.raises(BadRequest, match="not modified"):
        await bot.edit_message_text("none left", chat.id, sent.message_id)
    assert [(shown.text, shown.edits) for shown in telegram.messages(chat)] == [("none left", 1)]


@pytest.mark.parametrize(
    ("text", "options", "problem"),
    [
        ("x" * 4097, {}, "message is too long"),
        ("<b> </b>", {"parse_mode": "HTML"}, "text must be non-empty"),
        ("x", {"api_kwargs": {"nonsense": 1}}, "nonsense is not described"),
        ("x", {"api_kwargs": {"disable_notification": "perhaps"}}, "is not Boolean"),
        (
            "x",
            {"reply_markup": InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data="é" * 33)]])},
            "DATA_INV",
        ),
    ],
)
async def test_mistakes_of_the_bot_are_violations(text: str, options: dict[str, Any], problem: str) -> None:
    """What Telegram would refuse, or silently ignore, must fail a test that looks only at `violations`."""
    async with TelegramEmulator() as telegram, Bot(telegram.token, base_url=f"{telegram.url}/bot") as bot:
        with pytest.raises(BadRequest):
            await bot.send_message(telegram.private_chat(1, "Ada").id, text, **options)
        assert [problem in violation for violation in telegram.violations] == [True]


def test_html_is_counted_as_telegram_counts() -> None:
    """The limit of 4096 is on code points after parsing."""
    assert parse_html("<b>\U0001f600 &amp;</b>") == ("\U0001f600 &", [{"type": "bold", "offset": 0, "length": 4}])


async def test_polling_application_receives_what_people_say(telegram: TelegramEmulator) -> None:
    """The end-to-end tests drive the bot by what people type, through the SDK's own polling."""
    heard: asyncio.Queue[Update] = asyncio.Queue()

    async def hear(update: Update, _context: object) -> None:
        await heard.put(update)

    application: Application[Any, Any, Any, Any, Any, Any] = (
        ApplicationBuilder().token(telegram.token).base_url(f"{telegram.url}/bot").build()
    )
    application.add_handler(MessageHandler(filters.ALL, hear))
    group = telegram.group("Lobby", admins=[1], members=[2])
    async with application:
        assert application.updater is not None
        await application.start()
        await application.updater.start_polling()
        await telegram.say(group, 2, "hello everybody")
        await telegram.say(group, 2, "/follow@phiwire_test_bot Ada Example")
        update = await asyncio.wait_for(heard.get(), 10)
        await application.updater.stop()
        await application.stop()
    assert update.message is not None
    assert update.message.text == "/follow@phiwire_test_bot Ada Example"
    assert update.message.parse_entities(["bot_command"]).popitem()[1] == "/follow@phiwire_test_bot"
    assert heard.empty()


@pytest.fixture
async def slack() -> AsyncIterator[SlackEmulator]:
    """Run a workspace that asks again soon."""
    async with SlackEmulator(ack_timeout=0.2) as emulator:
        yield emulator
    assert emulator.violations == []


@pytest.fixture
async def client(slack: SlackEmulator) -> AsyncIterator[AsyncWebClient]:
    """Talk to it with the real SDK and one shared session."""
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(slack.bot_token, base_url=slack.url, session=session, retry_handlers=[])


@asynccontextmanager
async def running(slack: SlackEmulator, app: AsyncApp) -> AsyncIterator[AsyncApp]:
    """Run a Bolt app over Socket Mode."""
    handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=1)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await slack.connected()
    yield app
    await handler.close_async()  # type: ignore[no-untyped-call]


@pytest.fixture
async def app(slack: SlackEmulator, client: AsyncWebClient) -> AsyncIterator[AsyncApp]:
    """Run an ordinary Bolt app."""
    async with running(slack, AsyncApp(client=client)) as app:
        yield app


async def test_slack_message_is_kept_with_its_metadata(slack: SlackEmulator, client: AsyncWebClient) -> None:
    """The delivery id in the metadata is what reconciles a crash."""
    channel = slack.channel("news")
    metadata = {"event_type": "story", "event_payload": {"delivery_id": 5}}
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "<https://a.example/1|Budget &amp; more>"}}]
    answer = await client.chat_postMessage(
        channel=channel.id, text="Budget", blocks=blocks, metadata=metadata, unfurl_links=False, unfurl_media=False
    )
    sent = await slack.wait_for_message(channel, contains="Budget & more")
    assert (sent.ts, sent.metadata, sent.blocks) == (answer["ts"], metadata, blocks)


async def test_slack_refusals_surface_as_sdk_errors(slack: SlackEmulator, client: AsyncWebClient) -> None:
    """Outcomes are decided by status, Retry-After and error code."""
    channel = slack.channel("news")
    slack.script("chat.postMessage", Fault(status=429, headers={"Retry-After": "7"}), Fault(error="is_archived"))
    with pytest.raises(SlackApiError) as throttled:
        await client.chat_postMessage(channel=channel.id, text="x", unfurl_links=False, unfurl_media=False)
    assert (throttled.value.response.status_code, throttled.value.response.headers["Retry-After"]) == (429, "7")
    with pytest.raises(SlackApiError, match="is_archived"):
        await client.chat_postMessage(channel=channel.id, text="x", unfurl_links=False, unfurl_media=False)
    outside = slack.channel("outside", bot_is_member=False)
    with pytest.raises(SlackApiError, match="not_in_channel"):
        await client.chat_postMessage(channel=outside.id, text="x", unfurl_links=False, unfurl_media=False)
    with pytest.raises(SlackApiError, match="invalid_auth"):
        await client.auth_test(token="xoxb-other")  # noqa: S106
    assert slack.messages(channel) == []


async def test_slash_command_gets_its_ack_and_replies(slack: SlackEmulator, app: AsyncApp) -> None:
    """People see the ack's own text first, then what goes to the response_url."""

    async def follow(ack: AsyncAck, respond: AsyncRespond, command: dict[str, str]) -> None:
        await ack("One moment")
        await respond(f"Following {command['text']}")

    app.command("/phiwire")(follow)
    result = await slack.command(slack.channel("news"), "U1", "/phiwire", "Ada Example", replies=2)
    assert [reply.text for reply in result.replies] == ["One moment", "Following Ada Example"]


async def test_unacknowledged_envelope_is_sent_once_more(slack: SlackEmulator, client: AsyncWebClient) -> None:
    """A bot that was too slow sees the same event twice and may act on it once."""
    seen = []
    again = asyncio.Event()

    async def joined(body: dict[str, object]) -> None:
        seen.append(body["event_id"])
        if len(seen) == 1:
            await again.wait()
        again.set()

    async with running(slack, AsyncApp(client=client, process_before_response=True)) as app:
        app.event("member_joined_channel")(joined)
        channel = slack.channel("news")
        envelope = slack.event({"type": "member_joined_channel", "user": "U0BOT", "channel": channel.id})
        assert await envelope == {}
        await slack.wait_for(lambda: len(envelope.acks) == 2)
    assert len(envelope.sent) == len(seen) == 2
    assert len(set(seen)) == 1


async def test_event_waits_for_a_connection(slack: SlackEmulator, client: AsyncWebClient) -> None:
    """What happens on Slack while the bot starts must reach it."""
    envelope = slack.event({"type": "app_uninstalled"})
    app = AsyncApp(client=client)

    async def uninstalled() -> None:
        """Take note of nothing."""

    app.event("app_uninstalled")(uninstalled)
    async with running(slack, app):
        assert await asyncio.wait_for(envelope, 10) == {}


async def test_modal_opens_only_with_a_fresh_trigger(slack: SlackEmulator, app: AsyncApp) -> None:
    """A trigger_id is good for one view."""
    view: dict[str, Any] = {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Filters"},
        "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "None yet"}}],
    }

    async def filters_(ack: AsyncAck, command: dict[str, str], client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=view)
        with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
            await client.views_open(trigger_id=command["trigger_id"], view=view)

    app.command("/phiwire")(filters_)
    await slack.command(slack.channel("news"), "U1", "/phiwire", "filters", replies=0)
    await slack.wait_for(lambda: len(slack.calls("views.open")) == 2)
    assert [opened["blocks"] for opened in slack.workspace.modals.open_views] == [
        [{"block_id": "b0"} | view["blocks"][0]]
    ]


async def test_bot_reconnects_when_asked_to(slack: SlackEmulator, app: AsyncApp) -> None:
    """Slack closes every socket now and then, and events must not be lost by it."""
    heard = asyncio.Event()

    async def renamed() -> None:
        heard.set()

    app.event("channel_rename")(renamed)
    await slack.disconnect()
    await slack.event({"type": "channel_rename", "channel": {"id": "C1", "name": "x"}})
    await asyncio.wait_for(heard.wait(), 10)
    await slack.connected(times=2)


GOOD = {"text": "x", "unfurl_links": False, "unfurl_media": False}


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        (GOOD | {"text": ""}, "text is empty"),
        ({"text": "x"}, "unfurl_links has to be given"),
        (GOOD | {"text": "<!channel> x"}, "alerts everybody"),
        (GOOD | {"text": "a < b"}, "angle brackets"),
        (GOOD | {"text": "this & that"}, "ampersand"),
        (GOOD | {"blocks": [{"type": "divider"}] * 51}, "51 blocks"),
        (GOOD | {"blocks": [{"type": "section", "text": {"type": "plain_text", "text": "x" * 3001}}]}, "3000"),
        (
            GOOD | {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2700}}] * 5},
            "13500 characters",
        ),
        (GOOD | {"blocks": [{"type": "image", "image_url": "ftp://a.example/x", "alt_text": "x"}]}, "not an http"),
        (GOOD | {"blocks": [{"type": "context", "elements": []}]}, "context"),
        (GOOD | {"blocks": [{"type": "nonsense"}]}, "unknown to the emulator"),
    ],
)
async def test_mistakes_on_slack_are_violations(message: dict[str, Any], problem: str) -> None:
    """What Slack would refuse, or what would alert a whole company, must fail a test."""
    async with SlackEmulator() as slack, aiohttp.ClientSession() as session:
        client = AsyncWebClient(slack.bot_token, base_url=slack.url, session=session)
        with pytest.raises(SlackApiError):
            await client.api_call("chat.postMessage", json={"channel": slack.channel("news").id, **message})
        assert any(problem in violation for violation in slack.violations), slack.violations


@pytest.fixture
async def web() -> AsyncIterator[WebEmulator]:
    """Run a web server."""
    async with WebEmulator() as emulator:
        yield emulator


async def test_page_is_sent_once_while_it_does_not_change(web: WebEmulator) -> None:
    """Polite polling asks with the ETag and is answered 304."""
    url = web.publish("/wire", pages.phiwire_page([pages.Row("Ada Example", "Tea & trade", "/a", "17:52")]))
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as first:
            page, etag = await first.text(), first.headers["ETag"]
        async with session.get(url, headers={"If-None-Match": etag}) as second:
            assert second.status == 304
        web.publish("/wire", "new")
        async with session.get(url, headers={"If-None-Match": etag}) as third:
            assert await third.text() == "new"
    assert "Ada Example | Tea &amp; trade" in page
    assert [request.headers.get("if-none-match") for request in web.requests] == [None, etag, etag]


async def test_faults_of_the_web_come_as_scripted_and_pass(web: WebEmulator) -> None:
    """Every kind of failure must be followed by a recovery that a test can see."""
    url = web.publish("/feed", pages.rss([pages.FeedItem("x", "http://a.example/1")]), "application/rss+xml")
    web.fail("/feed", 503, {"Retry-After": "120"})
    web.fail("/feed", "drop", times=2)  # aiohttp asks again once, at once
    web.fail("/feed", "stall")
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
        async with session.get(url) as refused:
            assert (refused.status, refused.headers["Retry-After"]) == (503, "120")
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await session.get(url)
        with pytest.raises(TimeoutError):
            await session.get(url, timeout=aiohttp.ClientTimeout(0.1))
        async with session.get(url) as recovered:
            assert recovered.status == 200
        assert len(await web.wait_for_requests("/feed", 5)) == 5


async def test_failed_wait_tells_everything_received(web: WebEmulator) -> None:
    """A test that fails must say what happened instead."""
    async with aiohttp.ClientSession() as session, session.get(f"{web.url}/other"):
        pass
    with pytest.raises(AssertionError, match="GET /other"):
        await web.wait_for_requests("/wire", timeout=0.01)


@pytest.mark.parametrize("markup", ["list", "table", "divs"])
def test_page_holds_rows_and_placeholders_in_any_markup(markup: pages.Markup) -> None:
    """Structure is configuration: the same rows must be readable from whatever markup."""
    rows = [pages.Row("", "<b>No author</b>", "/1", "09:01"), pages.Row("Ada Example", "A | B", "/2", "08:59")]
    tree = LexborHTMLParser(pages.phiwire_page(rows, markup, placeholders=3))
    assert [link.text() for link in tree.css("a")] == ["<b>No author</b>", "Ada Example | A | B"]
    assert [clock.text() for clock in tree.css(".time")] == ["09:01", "08:59"]
    assert len(tree.css("img[alt='source icon']")) == 2
    assert len(tree.css(".wire-item")) == 5


def test_feeds_are_read_by_a_real_parser() -> None:
    """A feed that no parser understands would test nothing."""
    item = pages.FeedItem("Tea & trade", "http://a.example/1", "k1", "Ada Example", "<p>x</p>", categories=["trade"])
    for document in (pages.rss([item]), pages.atom([item])):
        parsed = feedparser.parse(document)
        (entry,) = parsed.entries
        found = (entry.title, entry.link, entry.id, entry.author, entry.summary, entry.tags[0].term)
        assert found == ("Tea & trade", "http://a.example/1", "k1", "Ada Example", "<p>x</p>", "trade")
        assert not parsed.bozo


def test_press_release_shows_who_said_what() -> None:
    """The labels of a release are what its parser goes by."""
    release = pages.Release(
        "Tea Office", "More tea", "/r/1", ["One."], [pages.Said("Minister", "Bea Poe", "Yes")], "Tea"
    )
    text = LexborHTMLParser(pages.press_release_page(release)).body
    assert text is not None
    for part in (
        "Tea Office: More tea",
        "Tea Office press release",
        "Minister, Bea Poe, said:",
        '"Yes"',
        "Latest on Tea",
    ):
        assert part in text.text()
    assert "/r/1" in pages.press_release_list([release])
