"""Both adapters: what a platform answers becomes the outcome that the tables in the documentation name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.adapters import slack_errors, telegram_errors
from bot.adapters.slack import SlackAdapter
from bot.adapters.telegram import TelegramAdapter
from bot.editing_ports import Editing
from bot.membership import Workspace
from bot.model import Channel, Delivery, Entry, Preview, Reason
from bot.outcomes import Ambiguous, Gone, Moved, Outcome, Rejected, Sent, Throttled, Unavailable
from bot.overview_ports import Overview, Viewer
from bot.ports import AdapterError, Findings, Pressed, Question, Reply, Request, Span
from tests.emulators.server import Fault
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
ENTRY = Entry(
    key="k",
    kind="wire",
    headline="Ferry vote survives",
    url="https://example.org/1",
    author="Marta Quill",
    icon="https://example.org/icon.png",
    id=1,
    source="wire",
    source_name="PhiWire",
    first_seen_at=NOW,
)


def delivery(platform: str, address: str, thread: str = "") -> Delivery:
    """Make a delivery to an address."""
    reasons = (Reason(1, "follow", "Marta Quill", "Ada", NOW),)
    return Delivery(11, Channel(1, platform, address, thread), ENTRY, reasons, 1)


class Inbox:
    """Remembers what adapters report, and answers every command alike."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.rights: list[bool] = []
        self.questions: list[Question] = []
        self.events: list[tuple[str, ...]] = []

    @property
    def editing(self) -> Editing:
        """Have nobody edit in forms: how that is done is tested with real filters."""
        raise AssertionError

    async def answer(self, request: Request) -> Reply:
        """Remember the request, and whether the person may write."""
        self.requests.append(request)
        self.rights.append(await request.may_write())
        return ((Span("Understood: "), Span(request.text, code=True)),)

    async def press(self, request: Request) -> Pressed:
        """Remember the press, and whether the person may write."""
        self.requests.append(request)
        self.rights.append(await request.may_write())
        return Pressed(((Span("Understood"),),))

    async def overview(self, viewer: Viewer) -> Overview:
        """Remember who looks."""
        self.events.append(("overview", viewer.platform, viewer.actor_id))
        return Overview()

    async def find(self, question: Question) -> Findings:
        """Find the one entry there is."""
        self.questions.append(question)
        return Findings((ENTRY,))

    async def gone(self, platform: str, address: str, reason: str) -> None:
        """Remember."""
        self.events.append(("gone", platform, address, reason))

    def meet(self, platform: str, workspace_of: Callable[[Request], Workspace]) -> None:
        """Ask nobody."""

    async def suspended(self, platform: str, address: str, reason: str) -> None:
        """Remember."""
        self.events.append(("suspended", platform, address, reason))

    async def renamed(self, platform: str, address: str, title: str) -> None:
        """Remember."""
        self.events.append(("renamed", platform, address, title))

    async def joined(self, request: Request) -> Reply:
        """Say nothing."""
        self.events.append(("joined", request.platform, request.address))
        return ()

    async def returned(self, platform: str, address: str) -> None:
        """Remember."""
        self.events.append(("returned", platform, address))

    async def moved(self, platform: str, old: str, new: str) -> None:
        """Remember."""
        self.events.append(("moved", platform, old, new))

    async def alarm(self, topic: str, sentence: str) -> None:
        """Remember."""
        self.events.append(("alarm", topic, sentence))


@pytest.fixture
def inbox() -> Inbox:
    """Listen."""
    return Inbox()


@pytest.fixture
async def on_telegram(telegram: TelegramEmulator, inbox: Inbox) -> AsyncIterator[TelegramAdapter]:
    """Connect the adapter to it."""
    adapter = TelegramAdapter(telegram.token, telegram.url, [("follow", "f"), ("why", "w")], lambda: NOW)
    await adapter.start(inbox)
    yield adapter
    await adapter.stop_receiving()
    await adapter.close()
    await adapter.close()


@pytest.fixture
async def on_slack(slack: SlackEmulator, inbox: Inbox) -> AsyncIterator[SlackAdapter]:
    """Connect the adapter to it."""
    adapter = SlackAdapter("xoxb-test", "xapp-test", slack.url, lambda: NOW)
    await adapter.start(inbox)
    yield adapter
    await adapter.stop_receiving()
    await adapter.close()
    await adapter.close()


def telegram_fault(description: str, status: int = 400) -> Fault:
    """Make an error of Telegram's."""
    return Fault(status=status, description=description)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (
            Fault(status=429, description="Too Many Requests: retry after 7", parameters={"retry_after": 7}),
            Throttled(7),
        ),
        (
            Fault(
                status=400,
                description="Bad Request: group chat was upgraded to a supergroup chat",
                parameters={"migrate_to_chat_id": -100123},
            ),
            Moved("-100123"),
        ),
        (telegram_fault("Forbidden: bot was blocked by the user", 403), Gone("Forbidden: bot was blocked by the user")),
        (telegram_fault("Forbidden: user is deactivated", 403), Gone("Forbidden: user is deactivated")),
        (telegram_fault("Bad Request: chat not found"), Gone("Chat not found", sure=False)),
        (
            telegram_fault("Bad Request: not enough rights to send text messages to the chat"),
            Unavailable("Not enough rights to send text messages to the chat", "channel", 3600),
        ),
        (telegram_fault("Bad Request: TOPIC_CLOSED"), Unavailable("Topic_closed", "channel", 3600)),
        (
            telegram_fault("Bad Request: message thread not found"),
            Unavailable("Message thread not found", "channel", 3600),
        ),
        (telegram_fault("Bad Request: message text is empty"), Rejected("Message text is empty")),
        (
            telegram_fault("Unauthorized", 401),
            Unavailable("Telegram does not accept TELEGRAM_BOT_TOKEN any more", "token", 300, telegram_errors.REMEDY),
        ),
        (telegram_fault("Bad Gateway", 502), Unavailable("Telegram is out of order", "token")),
        (Fault(status=502, body="<html>Bad Gateway</html>"), Unavailable("Telegram is out of order", "token")),
        (Fault(action="drop_before"), Ambiguous("the connection broke")),
        (Fault(action="drop_after"), Ambiguous("the connection broke")),
    ],
)
async def test_telegram_answer_is_an_outcome(
    fault: Fault, outcome: Outcome, telegram: TelegramEmulator, on_telegram: TelegramAdapter
) -> None:
    """The order of the SDK's exceptions is a trap: a 400 is a NetworkError there."""
    chat = telegram.private_chat(7, "Ada")
    telegram.script("sendMessage", fault)
    assert await on_telegram.send(delivery("telegram", str(chat.id))) == outcome


async def test_unreachable_telegram_is_waited_for(telegram: TelegramEmulator, on_telegram: TelegramAdapter) -> None:
    """What never left may be sent again without a second thought."""
    chat = telegram.private_chat(7, "Ada")
    await on_telegram.stop_receiving()
    await telegram.stop()
    outcome = await on_telegram.send(delivery("telegram", str(chat.id)))
    await telegram.start()
    assert outcome == Unavailable("Telegram cannot be reached", "token", None)


async def test_telegram_message_refused_for_its_markup_goes_out_plain(
    telegram: TelegramEmulator, on_telegram: TelegramAdapter
) -> None:
    """News matters more than bold type."""
    chat = telegram.private_chat(7, "Ada")
    telegram.script("sendMessage", telegram_fault("Bad Request: can't parse entities: unsupported start tag"))
    sent = await on_telegram.send(delivery("telegram", str(chat.id)))
    assert isinstance(sent, Sent)
    assert sent.refused == "Can't parse entities: unsupported start tag"
    assert [message.entities for message in telegram.messages(chat) if message.params.get("parse_mode")] == []
    assert "Ferry vote survives" in telegram.messages(chat)[0].text


def with_custom_emoji(chat: str) -> Delivery:
    """Make a delivery whose source has a custom emoji."""
    made = delivery("telegram", chat)
    return replace(made, entry=replace(made.entry, emoji="🏛", custom_emoji="5368324170671202286"))


async def test_telegram_shows_the_custom_emoji_of_a_source(
    telegram: TelegramEmulator, on_telegram: TelegramAdapter
) -> None:
    """Where the bot may not send it, Telegram shows the plain one in it."""
    chat = telegram.private_chat(7, "Ada")
    assert isinstance(await on_telegram.send(with_custom_emoji(str(chat.id))), Sent)
    (message,) = telegram.messages(chat)
    assert message.text.splitlines()[1] == "Marta Quill · 🏛 PhiWire · 12:00"
    (custom,) = [each for each in message.entities if each["type"] == "custom_emoji"]
    assert custom["custom_emoji_id"] == "5368324170671202286"


@pytest.mark.parametrize("edits", [False, True])
@pytest.mark.parametrize(
    "problem", ["DOCUMENT_INVALID", "can't parse entities: invalid custom emoji identifier specified"]
)
async def test_telegram_message_with_a_refused_custom_emoji_keeps_the_rest(
    problem: str, edits: bool, telegram: TelegramEmulator, on_telegram: TelegramAdapter
) -> None:
    """It is bold as ever, with the plain emoji, and nobody is alarmed; so is its correction."""
    chat = telegram.private_chat(7, "Ada")
    wanted = with_custom_emoji(str(chat.id))
    if edits:
        first = await on_telegram.send(wanted)
        assert isinstance(first, Sent)
        wanted = replace(wanted, edits=first.message_ref, entry=replace(wanted.entry, headline="Ferry vote fails"))
    telegram.script("editMessageText" if edits else "sendMessage", telegram_fault(f"Bad Request: {problem}"))
    sent = await on_telegram.send(wanted)
    assert isinstance(sent, Sent)
    assert not sent.refused
    (message,) = telegram.messages(chat)
    assert message.text.splitlines()[1].startswith("Marta Quill · 🏛 PhiWire · 12:00")
    kinds = {each["type"] for each in message.entities}
    assert "bold" in kinds
    assert "custom_emoji" not in kinds


async def test_telegram_message_names_its_preview_and_its_topic(
    telegram: TelegramEmulator, on_telegram: TelegramAdapter
) -> None:
    """The preview shows the article, small; a topic's news stays in the topic."""
    group = telegram.group("Lobby", [telegram.user(7, "Ada")], topics=True)
    thread = telegram.topic(group)
    sent = await on_telegram.send(delivery("telegram", str(group.id), str(thread)))
    (message,) = telegram.messages(group, thread)
    assert sent == Sent(str(message.message_id))
    assert '"prefer_small_media"' in str(message.params["link_preview_options"]).replace("'", '"')


@pytest.mark.parametrize(
    ("preview", "shown"),
    [
        ("small", {"url": ENTRY.url, "prefer_small_media": True}),
        ("large", {"url": ENTRY.url, "prefer_large_media": True}),
        ("none", {"is_disabled": True}),
    ],
)
async def test_telegram_message_comes_as_its_channel_wants_it(
    preview: Preview, shown: dict[str, object], telegram: TelegramEmulator, on_telegram: TelegramAdapter
) -> None:
    """With or without a sound and a preview, and the hour is the channel's."""
    chat = telegram.private_chat(7, "Ada")
    wanted = delivery("telegram", str(chat.id))
    channel = replace(wanted.channel, silent=preview == "none", preview=preview, timezone="Asia/Kolkata")
    await on_telegram.send(replace(wanted, channel=channel))
    (message,) = telegram.messages(chat)
    assert message.params["link_preview_options"] == shown
    assert message.params.get("disable_notification", False) is (preview == "none")
    assert "17:30" in message.text


async def test_telegram_group_lets_administrators_write(
    telegram: TelegramEmulator, on_telegram: TelegramAdapter, inbox: Inbox
) -> None:
    """In groups only administrators change filters; one who stays anonymous is one."""
    ada, bob = telegram.user(7, "Ada"), telegram.user(8, "Bob")
    group = telegram.group("Lobby", [ada], [bob])
    for person in (ada, bob, None):
        await telegram.say(group, person, "/follow Marta Quill")
    await telegram.wait_for(lambda: len(telegram.messages(group)) == 3)
    assert inbox.rights == [True, False, True]
    assert {request.address for request in inbox.requests} == {str(group.id)}


async def test_telegram_group_hears_what_is_meant_for_it(
    telegram: TelegramEmulator, on_telegram: TelegramAdapter, inbox: Inbox
) -> None:
    """Another bot's commands, chatter and edited messages are none of ours."""
    ada = telegram.user(7, "Ada")
    group = telegram.group("Lobby", [ada], bot="administrator")
    number = await telegram.say(group, ada, "/follow Marta Quill")
    await telegram.say(group, ada, "/follow Marta Quill", edited=True)
    await telegram.say(group, ada, "good morning")
    await telegram.say(group, ada, "/weather London")
    await telegram.say(group, ada, "/why@other_bot")
    await telegram.say(group, ada, "/weather! London")
    await telegram.say(group, ada, "/why", reply_to=number)
    await telegram.wait_for(lambda: len(telegram.messages(group)) == 2)
    assert [request.text.strip() for request in inbox.requests] == ["follow Marta Quill", "why"]
    assert inbox.requests[1].replied_to == str(number)


@pytest.mark.parametrize(
    "typed", ["/follow! Marta Quill", "/follow!@phiwire_test_bot Marta Quill", "/follow@phiwire_test_bot! Marta Quill"]
)
async def test_telegram_group_hears_what_is_urgent(
    telegram: TelegramEmulator, on_telegram: TelegramAdapter, inbox: Inbox, typed: str
) -> None:
    """As it is written in the documents, or as it comes about behind a command that the menu has written."""
    ada = telegram.user(7, "Ada")
    group = telegram.group("Lobby", [ada])
    await telegram.say(group, ada, typed)
    await telegram.wait_for_message(group)
    assert [request.text for request in inbox.requests] == ["follow! Marta Quill"]


async def test_telegram_bot_that_leaves_restricted_is_gone(
    telegram: TelegramEmulator, on_telegram: TelegramAdapter, inbox: Inbox
) -> None:
    """Its status stays "restricted"; that it is no member any more stands beside it."""
    group = telegram.group("Lobby", [telegram.user(7, "Ada")])
    telegram.restrict(group, telegram.state.bot)
    telegram.leave_restricted(group, telegram.state.bot)
    await telegram.wait_for(lambda: len(inbox.events) > 1)
    assert inbox.events == [
        ("returned", "telegram", str(group.id)),
        ("gone", "telegram", str(group.id), "the bot was removed or blocked"),
    ]


async def test_telegram_life_of_a_chat_is_reported(
    telegram: TelegramEmulator, on_telegram: TelegramAdapter, inbox: Inbox
) -> None:
    """Blocked, unblocked, removed, moved: the channel's row must know."""
    ada = telegram.user(7, "Ada")
    chat = telegram.private_chat(ada)
    group = telegram.group("Lobby", [ada])
    telegram.block(ada)
    telegram.unblock(ada)
    telegram.set_status(group, telegram.state.bot, "administrator")
    new = telegram.migrate(group)
    await telegram.say(chat, ada, "hello")
    await telegram.wait_for(lambda: bool(telegram.messages(chat)))
    assert ("gone", "telegram", str(chat.id), "the bot was removed or blocked") in inbox.events
    assert ("returned", "telegram", str(chat.id)) in inbox.events
    assert ("returned", "telegram", str(group.id)) in inbox.events
    assert ("moved", "telegram", str(group.id), str(new.id)) in inbox.events


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault(status=429, headers={"Retry-After": "7"}), Throttled(7)),
        (Fault(error="ratelimited", headers={"Retry-After": "9"}), Throttled(9)),
        (Fault(error="not_in_channel"), Unavailable("not_in_channel", "channel", 3600)),
        (Fault(error="channel_not_found"), Unavailable("channel_not_found", "channel", 3600)),
        (Fault(error="is_archived"), Unavailable("is_archived", "channel", 3600)),
        (Fault(error="user_not_found"), Gone("user_not_found")),
        (Fault(error="org_login_required"), Unavailable("Slack answers org_login_required", "token", 3600)),
        (Fault(status=503, body="<html>busy</html>"), Unavailable("Slack answered 503", "token")),
        (
            Fault(error="token_revoked"),
            Unavailable("Slack answers token_revoked to SLACK_BOT_TOKEN", "token", 300, slack_errors.REMEDY),
        ),
        (Fault(error="invalid_arguments"), Rejected("invalid_arguments")),
        (Fault(error="fatal_error"), Ambiguous("Slack answered fatal_error")),
        (Fault(error="service_unavailable"), Unavailable("Slack answered service_unavailable", "token")),
        (Fault(action="drop_before"), Ambiguous("Slack did not answer (ServerDisconnectedError)")),
        (Fault(action="drop_after"), Ambiguous("Slack did not answer (ServerDisconnectedError)")),
    ],
)
async def test_slack_answer_is_an_outcome(
    fault: Fault, outcome: Outcome, slack: SlackEmulator, on_slack: SlackAdapter
) -> None:
    """Slack names its errors; each means one thing for the queue."""
    channel = slack.channel("newsroom")
    slack.script("chat.postMessage", fault)
    assert await on_slack.send(delivery("slack", channel.id)) == outcome


async def test_unreachable_slack_is_waited_for(slack: SlackEmulator, on_slack: SlackAdapter) -> None:
    """What never left may be sent again without a second thought."""
    channel = slack.channel("newsroom")
    await on_slack.stop_receiving()
    await slack.stop()
    await on_slack.send(delivery("slack", channel.id))  # may find a connection of before, cut off: that is ambiguous
    outcome = await on_slack.send(delivery("slack", channel.id))
    await slack.start()
    assert outcome == Unavailable("Slack cannot be reached", "token", None)


async def test_slack_message_refused_for_its_blocks_goes_out_plain(
    slack: SlackEmulator, on_slack: SlackAdapter
) -> None:
    """News matters more than layout."""
    channel = slack.channel("newsroom")
    slack.script("chat.postMessage", *[Fault(error="invalid_blocks")] * 3)
    assert isinstance(await on_slack.send(delivery("slack", channel.id)), Sent)
    (message,) = slack.messages(channel)
    assert "Ferry vote survives" in message.text
    assert not message.blocks


async def test_icon_that_slack_cannot_fetch_is_left_out_from_then_on(
    slack: SlackEmulator, on_slack: SlackAdapter
) -> None:
    """Slack refuses all blocks for one icon that it cannot fetch."""
    channel = slack.channel("newsroom")
    slack.script("chat.postMessage", Fault(error="invalid_blocks"))
    for _ in range(2):
        assert isinstance(await on_slack.send(delivery("slack", channel.id)), Sent)
    assert len(slack.calls("chat.postMessage")) == 3
    for message in slack.messages(channel):
        assert message.blocks
        assert "icon.png" not in str(message.blocks)


async def test_slack_message_carries_icon_and_delivery(slack: SlackEmulator, on_slack: SlackAdapter) -> None:
    """The delivery id in the metadata makes a lost answer recoverable."""
    channel = slack.channel("newsroom")
    sent = await on_slack.send(delivery("slack", channel.id))
    (message,) = slack.messages(channel)
    assert sent == Sent(message.ts)
    assert message.metadata == {"event_type": "phiwire_delivery", "event_payload": {"delivery_id": 11}}
    assert "https://example.org/icon.png" in str(message.blocks)
    assert message.text == "Marta Quill: Ferry vote survives (PhiWire)"


async def test_slack_command_is_answered_to_the_person_alone(
    slack: SlackEmulator, on_slack: SlackAdapter, inbox: Inbox
) -> None:
    """A channel is not a place to try out filters in."""
    channel = slack.channel("newsroom")
    result = await slack.command(channel, slack.user("bea"), "/phiwire", 'subscribe "net zero" &amp; more')
    assert "Understood" in result.text
    (request,) = inbox.requests
    assert (request.address, request.text, request.actor) == (channel.id, 'subscribe "net zero" & more', "@bea")
    assert slack.messages(channel) == []


async def test_slack_message_is_named_by_its_link(slack: SlackEmulator, on_slack: SlackAdapter, inbox: Inbox) -> None:
    """Slash commands cannot be replies."""
    link = "https://team.slack.com/archives/C1/p1700000000000100"
    await slack.command(slack.channel("newsroom"), slack.user("bea"), "/phiwire", f"why {link}")
    assert (inbox.requests[0].text, inbox.requests[0].replied_to) == ("why", "1700000000.000100")


async def test_wrong_telegram_token_is_named(telegram: TelegramEmulator, inbox: Inbox) -> None:
    """An operator reads this line and knows what to do."""
    adapter = TelegramAdapter("1:wrong", telegram.url, [], lambda: NOW)
    try:
        with pytest.raises(AdapterError, match=r"TELEGRAM_BOT_TOKEN.*BotFather"):
            await adapter.start(inbox)
        with pytest.raises(AdapterError, match="TELEGRAM_BOT_TOKEN"):
            await adapter.check()
    finally:
        await adapter.close()


@pytest.mark.parametrize(("bot", "app", "named"), [("xoxb-no", "xapp-test", "BOT"), ("xoxb-test", "xapp-no", "APP")])
async def test_wrong_slack_token_is_named(bot: str, app: str, named: str, slack: SlackEmulator, inbox: Inbox) -> None:
    """There are two, and people swap them."""
    adapter = SlackAdapter(bot, app, slack.url, lambda: NOW)
    try:
        with pytest.raises(AdapterError, match=f"SLACK_{named}_TOKEN"):
            await adapter.start(inbox)
    finally:
        await adapter.close()


async def test_check_says_who_we_are(
    telegram: TelegramEmulator, on_telegram: TelegramAdapter, slack: SlackEmulator, on_slack: SlackAdapter
) -> None:
    """An operator recognises the bot's name."""
    assert (await on_telegram.check()).startswith("@")
    assert " in " in await on_slack.check()


async def test_start_waits_out_what_passes(telegram: TelegramEmulator, inbox: Inbox) -> None:
    """A limit or a broken answer at the wrong moment must not keep the bot from starting."""
    adapter = TelegramAdapter(telegram.token, telegram.url, [], lambda: NOW)
    telegram.script("getMe", Fault(status=429, description="Too Many Requests", parameters={"retry_after": 1}))
    telegram.script("deleteWebhook", telegram_fault("Bad Gateway", 502))
    try:
        await adapter.start(inbox)
        chat = telegram.private_chat(7, "Ada")
        await telegram.say(chat, 7, "hello")
        await telegram.wait_for(lambda: bool(telegram.messages(chat)))
    finally:
        await adapter.stop_receiving()
        await adapter.close()


async def test_second_poller_is_told_to_the_operators(
    telegram: TelegramEmulator, on_telegram: TelegramAdapter, inbox: Inbox
) -> None:
    """Two programs with one token take each other's commands; each learns of it by a 409."""
    other = TelegramAdapter(telegram.token, telegram.url, [], lambda: NOW)
    theirs = Inbox()
    try:
        await other.start(theirs)
        await telegram.wait_for(lambda: inbox.events or theirs.events)
    finally:
        await other.stop_receiving()
        await other.close()
    (kind, topic, sentence), *_ = [*inbox.events, *theirs.events]
    assert (kind, topic) == ("alarm", "telegram conflict")
    assert "409" in sentence
    assert "Stop the other program" in sentence
