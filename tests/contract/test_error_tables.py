"""The tables of errors, row by row: what becomes of the message, its channel, the others, and what operators hear."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from telegram import Bot, error

from bot import channels
from bot.adapters import slack_errors, telegram_errors
from bot.adapters.telegram_request import TelegramRequest, tls
from bot.model import Channel
from bot.outcomes import Outcome, Rejected, Sent, Throttled, Unavailable
from tests.contract.outbox_stage import NOW, Stage, held, on_slack, on_telegram
from tests.emulators.server import Fault
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator

HERE, THERE = "Marta Quill", "Priya Ashdown"
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Play:
    """A stage with two channels, and the fault of a row."""

    stage: Stage
    here: Channel
    there: Channel
    fault: Fault

    async def fails(self, attempts: int = 1) -> float:
        """Publish to `here`, let the first send meet the fault, and say for how long the token is held then."""
        self.stage.script(self.fault)
        await self.stage.publish(HERE)
        return held(await self.stage.round(attempts))

    async def others_go_on(self) -> None:
        """See that the other channel has its news at once."""
        headline = await self.stage.publish(THERE)
        await self.stage.round(1)
        assert headline in self.stage.received(self.there.address)[-1]

    async def arrives(self) -> None:
        """See that what waits here arrives, once."""
        before = len(self.stage.received(self.here.address))
        await self.stage.round(1)
        assert len(self.stage.received(self.here.address)) == before + 1
        state = await self.stage.newest(self.here)
        assert (state["status"], state["hold_reason"], state["held_since"]) == ("sent", "", None)


async def is_throttled(play: Play) -> None:
    """See that the chat waits for as long as it was asked, and nobody else."""
    assert await play.fails() < 0
    state = await play.stage.newest(play.here)
    assert state["status"] == "pending"
    assert NOW + timedelta(seconds=7) <= state["hold_until"] <= NOW + timedelta(seconds=8)
    await play.others_go_on()
    assert await play.stage.nothing_is_due()
    play.stage.advance(seconds=8)
    await play.arrives()


async def moves(play: Play) -> None:
    """See that filters and queue go along, and the message at once."""
    assert isinstance(play.stage.emulator, TelegramEmulator)
    group = play.stage.emulator.group("Lobby", supergroup=True)
    moved = Fault(status=400, description=play.fault.description, parameters={"migrate_to_chat_id": group.id})
    await Play(play.stage, play.here, play.there, moved).fails(attempts=2)
    assert len(play.stage.received(str(group.id))) == 1
    assert (await play.stage.newest(play.here))["address"] == str(group.id)
    headline = await play.stage.publish(HERE)
    await play.stage.round(1)
    assert headline in play.stage.received(str(group.id))[-1]


async def is_gone(play: Play) -> None:
    """See that nothing more is sent there until the bot is brought back; then the filters are what they were."""
    assert await play.fails() < 0
    state = await play.stage.newest(play.here)
    assert (state["status"], state["gone_at"]) == ("failed", NOW)
    await play.stage.publish(HERE)
    assert await play.stage.nothing_is_due()
    await play.others_go_on()
    await play.stage.database.write(channels.returned, play.stage.adapter.platform, play.here.address)
    await play.stage.publish(HERE)
    await play.arrives()


async def is_missing(play: Play) -> None:
    """See that it takes two such answers, ten minutes apart, for the chat to count as gone."""
    assert await play.fails() < 0
    state = await play.stage.newest(play.here)
    assert (state["status"], state["hold_until"]) == ("pending", NOW + timedelta(minutes=10))
    await play.others_go_on()
    play.stage.advance(minutes=10, seconds=-1)
    assert await play.stage.nothing_is_due()
    play.stage.advance(seconds=1)
    play.stage.script(play.fault)
    await play.stage.round(1)
    state = await play.stage.newest(play.here)
    assert (state["status"], state["gone_at"]) == ("failed", play.stage.now)


async def is_suspended(play: Play) -> None:
    """See that it is probed after 1 h, 2 h … 24 h, and at once when somebody uses the bot there."""
    for pause in (1, 2, 4, 8, 16, 24, 24):
        assert await play.fails() < 0
        state = await play.stage.newest(play.here)
        assert (state["status"], state["hold_until"]) == ("pending", play.stage.now + pause * HOUR)
        assert (state["hold_reason"] != "", state["held_since"]) == (True, NOW)
        await play.others_go_on()
        assert await play.stage.nothing_is_due()
        play.stage.advance(hours=pause)
    headline = await play.stage.publish(HERE)
    await play.arrives()
    assert headline in play.stage.received(play.here.address)[-1]
    begin = play.stage.now
    await play.fails()
    assert (await play.stage.newest(play.here))["hold_until"] == begin + HOUR
    platform, address = play.stage.adapter.platform, play.here.address
    await play.stage.database.write(channels.ensure, platform, address, "", "", "Europe/London", begin)
    await play.arrives()


async def goes_out_plain(play: Play) -> None:
    """See that news matters more than layout; operators hear of it once a day."""
    for day, told in enumerate((1, 1, 2)):
        play.stage.advance(hours=23 if day == 1 else 2 * day)
        await play.fails()
        state = await play.stage.newest(play.here)
        assert state["status"] == "sent"
        assert len(play.stage.received(play.here.address)) == day + 1
        notices = await play.stage.notices()
        assert len(notices) == told
    assert "plain text" in notices[0]
    await play.others_go_on()


async def goes_out_bare(play: Play) -> None:
    """See that an address that may not stand on a button costs the buttons, and no more."""
    await play.fails()
    assert isinstance(play.stage.emulator, TelegramEmulator)
    (message,) = play.stage.emulator.state.sent
    assert "reply_markup" not in message.params
    assert message.params["parse_mode"] == "HTML"
    await play.others_go_on()
    assert "reply_markup" in play.stage.emulator.state.sent[-1].params


async def goes_out_unmarked(play: Play) -> None:
    """See that metadata is for us alone."""
    await play.fails()
    assert isinstance(play.stage.emulator, SlackEmulator)
    (message,) = play.stage.emulator.workspace.posted
    assert message.blocks
    assert message.metadata == {}
    await play.others_go_on()


async def is_doubtful(play: Play) -> None:
    """See that what may have arrived is sent once more after a minute, and the others do not wait."""
    assert await play.fails() < 0
    state = await play.stage.newest(play.here)
    assert (state["status"], state["ambiguous"]) == ("pending", 1)
    assert (state["due_at"], state["doubt_since"]) == (NOW + timedelta(minutes=1), NOW)
    await play.others_go_on()
    assert await play.stage.nothing_is_due()
    play.stage.advance(minutes=1)
    play.stage.script(play.fault)
    await play.stage.round(1)
    state = await play.stage.newest(play.here)
    assert (state["status"], state["ambiguous"]) == ("failed", 1)
    assert "may have arrived" in state["error"]


async def is_unavailable(play: Play) -> None:
    """See that everything waits a moment, and nothing is given up, however often."""
    for _ in range(3):
        assert 0 < await play.fails() <= 1.25
        state = await play.stage.newest(play.here)
        assert (state["status"], state["ambiguous"]) == ("pending", 0)
        assert play.stage.now < state["due_at"] <= play.stage.now + timedelta(seconds=1.25)
        play.stage.advance(hours=3)
        await play.stage.publish(THERE)
        await play.stage.round(2)
        assert (await play.stage.newest(play.here))["status"] == "sent"
    assert await play.stage.notices() == []


async def stops(play: Play) -> None:
    """See that nothing is sent on that platform, all is kept, and operators hear of it once, wherever they are."""
    pause = await play.fails()
    assert pause > 290
    for _ in range(2):
        state = await play.stage.newest(play.here)
        assert state["status"] == "pending"
        (notice,) = await play.stage.notices()
        assert "token" in notice or "owners" in notice
        assert await play.stage.nothing_is_due()
        play.stage.advance(seconds=(state["due_at"] - play.stage.now).total_seconds())
        play.stage.script(play.fault)
        await play.stage.round(1)
    play.stage.advance(hours=2)
    await play.stage.round(1)
    assert len(play.stage.received(play.here.address)) == 1
    assert len(await play.stage.notices()) == 1


async def waits(play: Play) -> None:
    """See that nothing is sent on that platform for a while; nobody can do anything about it."""
    assert await play.fails() > 290
    state = await play.stage.newest(play.here)
    assert state["status"] == "pending"
    assert await play.stage.notices() == []
    play.stage.advance(hours=1)
    await play.arrives()


async def is_refused(play: Play) -> None:
    """See that nothing helps this message; the next one is another."""
    await play.fails()
    assert (await play.stage.newest(play.here))["status"] == "failed"
    await play.stage.publish(HERE)
    await play.arrives()


Plot = Callable[[Play], Awaitable[None]]


def telegram(description: str) -> Fault:
    """Make an error of Telegram's, with the status that goes with its first word."""
    statuses = {"Forbidden": 403, "Unauthorized": 401, "Not Found": 404, "Conflict": 409, "Bad Gateway": 502}
    return Fault(status=statuses.get(description.partition(":")[0], 400), description=description)


TELEGRAM: dict[str, tuple[Fault, Plot]] = {
    "RetryAfter": (
        Fault(status=429, description="Too Many Requests: retry after 7", parameters={"retry_after": 7}),
        is_throttled,
    ),
    "ChatMigrated": (telegram("Bad Request: group chat was upgraded to a supergroup chat"), moves),
    "Forbidden": (telegram("Forbidden: the group chat was deleted"), is_gone),
    "InvalidToken 401": (telegram("Unauthorized"), stops),
    "InvalidToken 404": (telegram("Not Found"), stops),
    "Conflict": (telegram("Conflict: terminated by other getUpdates request"), waits),
    "BadRequest": (telegram("Bad Request: chat_id is empty"), is_refused),
    "NetworkError 502": (telegram("Bad Gateway"), is_unavailable),
    "NetworkError page": (Fault(status=504, body="<html>Gateway Time-out</html>"), is_unavailable),
    "dropped before": (Fault(action="drop_before"), is_doubtful),
    "dropped after": (Fault(action="drop_after"), is_doubtful),
    "not enough rights": (telegram("Bad Request: not enough rights to send text messages to the chat"), is_suspended),
    "chat_write_forbidden": (telegram("Forbidden: CHAT_WRITE_FORBIDDEN"), is_suspended),
    "need administrator rights": (
        telegram("Bad Request: need administrator rights in the channel chat"),
        is_suspended,
    ),
    "topic_closed": (telegram("Bad Request: TOPIC_CLOSED"), is_suspended),
    "message thread not found": (telegram("Bad Request: message thread not found"), is_suspended),
    "chat not found": (telegram("Bad Request: chat not found"), is_missing),
    "blocked by the user": (telegram("Forbidden: bot was blocked by the user"), is_gone),
    "deactivated": (telegram("Forbidden: user is deactivated"), is_gone),
    "kicked": (telegram("Forbidden: bot was kicked from the supergroup chat"), is_gone),
    "not a member": (telegram("Forbidden: bot is not a member of the channel chat"), is_gone),
    "can't initiate conversation": (telegram("Forbidden: bot can't initiate conversation with a user"), is_gone),
    "user not found": (telegram("Bad Request: user not found"), is_gone),
    "peer_id_invalid": (telegram("Bad Request: PEER_ID_INVALID"), is_gone),
    "channel_private": (telegram("Bad Request: CHANNEL_PRIVATE"), is_gone),
    "can't parse entities": (telegram("Bad Request: can't parse entities: unexpected end tag"), goes_out_plain),
    "document_invalid": (telegram("Bad Request: DOCUMENT_INVALID"), goes_out_plain),
    "unsupported start tag": (telegram('Bad Request: unsupported start tag "p" at byte offset 0'), goes_out_plain),
    "message is too long": (telegram("Bad Request: message is too long"), goes_out_plain),
    "message caption is too long": (telegram("Bad Request: message caption is too long"), goes_out_plain),
    "button": (telegram("Bad Request: BUTTON_URL_INVALID"), goes_out_bare),
    "reply_markup": (telegram("Bad Request: REPLY_MARKUP_INVALID"), goes_out_bare),
    "reply markup": (telegram("Bad Request: reply markup is too long"), goes_out_bare),
    "wrong http url": (telegram("Bad Request: wrong HTTP URL specified"), goes_out_plain),
    "failed to get http url content": (telegram("Bad Request: failed to get HTTP URL content"), goes_out_plain),
    "wrong type of the web page content": (
        telegram("Bad Request: wrong type of the web page content"),
        goes_out_plain,
    ),
    # Of edits alone; test_edits has what they mean there.
    "message is not modified": (telegram("Bad Request: message is not modified"), is_refused),
    "message to edit not found": (telegram("Bad Request: message to edit not found"), is_refused),
    "can't be edited": (telegram("Bad Request: message can't be edited"), is_refused),
}

SLACK: dict[str, tuple[Fault, Plot]] = {
    "429": (Fault(status=429, headers={"Retry-After": "7"}), is_throttled),
    "503": (Fault(status=503, body="<html>busy</html>"), is_unavailable),
    "502": (Fault(status=502, body="<html>Bad Gateway</html>"), is_doubtful),
    "dropped before": (Fault(action="drop_before"), is_doubtful),
    "dropped after": (Fault(action="drop_after"), is_doubtful),
    "an unknown one": (Fault(error="invalid_arguments"), is_refused),
}
BY_PLOT: dict[Plot, tuple[str, ...]] = {
    is_suspended: (
        *("channel_not_found", "is_archived", "not_in_channel", "restricted_action*", "ekm_access_denied"),
        *("no_permission", "app_access_restricted", "messages_tab_disabled"),
    ),
    stops: (
        *("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope"),
        *("not_allowed_token_type", "team_access_not_granted", "message_limit_exceeded"),
    ),
    waits: ("org_login_required", "team_added_to_org"),
    is_gone: ("user_not_found",),
    is_unavailable: ("service_unavailable", "request_timeout"),
    is_doubtful: ("fatal_error", "internal_error"),
    goes_out_plain: ("invalid_blocks*", "msg_blocks_too_long", "msg_too_long", "no_text"),
    goes_out_unmarked: ("metadata_too_large", "invalid_metadata_*"),
    is_refused: ("message_not_found", "cant_update_message", "edit_window_closed", "is_inactive"),
}
SLACK |= {
    name: (Fault(error=name.replace("*", "_format" if name.startswith("invalid") else "_read_only_channel")), plot)
    for plot, names in BY_PLOT.items()
    for name in names
}
SLACK |= {
    name: (Fault(error=name, headers={"Retry-After": "7"}), is_throttled) for name in ("ratelimited", "rate_limited")
}


def rows() -> Iterator[object]:
    """List the rows of both tables."""
    for platform, table in (("telegram", TELEGRAM), ("slack", SLACK)):
        for name, (fault, plot) in table.items():
            yield pytest.param(platform, fault, plot, id=f"{platform} {name}")


def test_no_row_of_the_tables_is_left_out() -> None:
    """Whoever adds a row says here what it does."""
    assert set(telegram_errors.MEANINGS) <= set(TELEGRAM)
    assert set(slack_errors.MEANINGS) | {str(status) for status in slack_errors.STATUSES} <= set(SLACK)


@contextlib.asynccontextmanager
async def on(platform: str, folder: Path) -> AsyncIterator[tuple[Stage, list[str]]]:
    """Set the stage on a platform, with four addresses that can be written to."""
    if platform == "telegram":
        async with on_telegram(folder) as stage:
            assert isinstance(stage.emulator, TelegramEmulator)
            yield stage, [str(stage.emulator.private_chat(number, f"Person {number}").id) for number in range(7, 11)]
    else:
        async with on_slack(folder) as stage:
            assert isinstance(stage.emulator, SlackEmulator)
            yield stage, [stage.emulator.channel(f"room-{number}").id for number in range(7, 11)]


@pytest.mark.parametrize(("platform", "fault", "plot"), [*rows()])
async def test_row(platform: str, fault: Fault, plot: Plot, tmp_path: Path) -> None:
    """A row is played through adapter, sender and database."""
    async with on(platform, tmp_path) as (stage, (here, there, *_)):
        await plot(Play(stage, await stage.follow(here, HERE), await stage.follow(there, THERE), fault))


@pytest.mark.parametrize(
    ("platform", "throttled", "is_held"),
    [
        ("telegram", 2, False),
        ("telegram", 3, True),
        ("slack", 1, False),
        ("slack", 2, True),
    ],
)
async def test_limit_of_several_chats_is_the_tokens(
    platform: str, throttled: int, is_held: bool, tmp_path: Path
) -> None:
    """One chat's limit is its own; where several meet theirs at the same time, it is not they who send too much."""
    fault = (TELEGRAM["RetryAfter"] if platform == "telegram" else SLACK["429"])[0]
    async with on(platform, tmp_path) as (stage, addresses):
        for address in addresses[:throttled]:
            await stage.follow(address, HERE)
        stage.script(*[fault] * throttled)
        await stage.publish(HERE)
        assert (held(await stage.round(throttled)) > 5) is is_held
        stage.advance(seconds=8)
        await stage.round(throttled)
        assert [len(stage.received(address)) for address in addresses[:throttled]] == [1] * throttled


async def test_recovered_token_may_die_again(tmp_path: Path) -> None:
    """Operators hear of each time, not of each attempt."""
    async with on("telegram", tmp_path) as (stage, _):
        dead = Unavailable("refused", "token", 300, "Copy it again.")
        for outcome, told in ((dead, 1), (dead, 1), (Sent("1"), 1), (dead, 2), (dead, 2)):
            await stage.alarms.hear("telegram", outcome, stage.now)
            assert len(await stage.notices()) == told
            stage.advance(minutes=5)


async def test_edits_on_telegram(telegram: TelegramEmulator) -> None:
    """A message that is as it should be is a success; one that cannot be changed is let be."""
    chat = telegram.private_chat(7, "Ada")
    request, polling = (TelegramRequest(tls(), 9, 9) for _ in range(2))
    address = f"{telegram.url}/bot"
    async with Bot(telegram.token, base_url=address, request=request, get_updates_request=polling) as bot:
        ours = await bot.send_message(chat.id, "Levy")
        theirs = await telegram.say(chat, 7, "hello")
        problems: list[error.TelegramError] = []
        for number in (ours.message_id, theirs, 999):
            with pytest.raises(error.BadRequest) as caught:
                await bot.edit_message_text("Levy", chat.id, number)
            problems.append(caught.value)
        telegram.script("editMessageText", TELEGRAM["RetryAfter"][0], Fault(action="drop_after"))
        for _ in range(2):
            with pytest.raises(error.TelegramError) as failed:
                await bot.edit_message_text("Levy vote", chat.id, ours.message_id)
            problems.append(failed.value)
    found = [telegram_errors.edit_outcome(problem, "5") for problem in problems]
    assert found == [
        Sent("5"),
        Rejected("Message can't be edited"),
        Rejected("Message to edit not found"),
        Throttled(7),
        Unavailable("the connection broke", "token"),
    ]


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("message_not_found", Rejected("message_not_found")),
        ("cant_update_message", Rejected("cant_update_message")),
        ("edit_window_closed", Rejected("edit_window_closed")),
        ("is_inactive", Rejected("is_inactive")),
        ("fatal_error", Unavailable("Slack answered fatal_error", "token")),
        ("is_archived", Unavailable("is_archived", "channel", 3600)),
    ],
)
async def test_edits_on_slack(name: str, outcome: Outcome, slack: SlackEmulator) -> None:
    """A message that cannot be changed is let be; an edit may be made twice, so there is no doubt."""
    slack.script("chat.update", Fault(error=name))
    client = AsyncWebClient(slack.bot_token, base_url=slack.url)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_update(channel="C1", ts="1.000100", text="Levy vote")
    assert slack_errors.edit_outcome(caught.value) == outcome
