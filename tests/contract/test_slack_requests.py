"""Slack's requests come in by a socket or by signed calls, with the same answers; what others send has no effect."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot import channels
from bot.db import Database
from bot.web.slack import LARGEST
from tests.contract.conversations import NOW, harbour_stories, put_on_the_wire
from tests.contract.slack_talking import SECRET, Talk, Way, talking
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_calls import Calls, encoded, signed
from tests.emulators.slack_payloads import command


@pytest.fixture(params=["socket", "http"])
async def talk(request: pytest.FixtureRequest, slack: SlackEmulator, database: Database) -> AsyncIterator[Talk]:
    """Talk by each of the two ways."""
    way: Way = request.param
    await put_on_the_wire(database, harbour_stories())
    async with talking(slack, database, way) as talk:
        yield talk


@pytest.fixture
async def called(slack: SlackEmulator, database: Database) -> AsyncIterator[tuple[Talk, Calls]]:
    """Talk by calls."""
    async with talking(slack, database, "http") as talk:
        assert slack.calls_out is not None
        yield talk, slack.calls_out


async def test_a_command_is_answered_to_the_person_alone(talk: Talk) -> None:
    """Whichever way it came; others learn of the change at the most."""
    assert "Following `Priya Ashdown`" in await talk.ask("follow Priya Ashdown")
    assert not any("Following" in message.shown for message in talk.slack.messages(talk.channel))


async def test_a_mention_is_a_command(talk: Talk) -> None:
    """People who know GitHub's app type so."""
    await talk.slack.say(talk.channel, talk.ada, "follow Priya Ashdown")
    shown = await talk.slack.wait_for(lambda: talk.slack.ephemerals(talk.channel))
    assert "Following `Priya Ashdown`" in shown[0].shown
    assert shown[0].user == talk.ada.id


async def test_a_mention_in_a_thread_is_answered_there(talk: Talk) -> None:
    """Elsewhere nobody would find the answer."""
    await talk.slack.say(talk.channel, talk.ada, "filters", thread="1700000000.000100")
    shown = await talk.slack.wait_for(lambda: talk.slack.ephemerals(talk.channel))
    assert shown[0].params["thread_ts"] == "1700000000.000100"


async def test_a_message_to_the_app_is_a_command(talk: Talk) -> None:
    """There is nobody else in that conversation, so the answer is a message like any other."""
    direct = talk.slack.direct(talk.ada)
    await talk.slack.say(direct, talk.ada, '/phiwire subscribe "r&amp;d"')
    shown = await talk.slack.wait_for_message(direct, "Subscribed")
    assert '`"r d"`' in shown.shown


async def test_what_the_app_itself_says_is_no_command(talk: Talk) -> None:
    """Or two bots would talk with each other for ever."""
    direct = talk.slack.direct(talk.ada)
    for sign in ({"bot_id": "B0OTHER"}, {"subtype": "message_changed"}):
        await talk.slack.event(
            {"type": "message", "channel_type": "im", "channel": direct.id, "user": talk.ada.id, "text": "follow A B"}
            | sign
        )
    await talk.slack.say(direct, talk.ada, "filters")
    await talk.slack.wait_for_message(direct, "No filters yet")
    assert len(talk.slack.messages(direct)) == 1


async def test_an_event_that_comes_twice_is_answered_once(talk: Talk) -> None:
    """Slack sends again what it did not hear to be acknowledged."""
    direct = talk.slack.direct(talk.ada)
    event = {"type": "message", "channel_type": "im", "channel": direct.id, "user": talk.ada.id, "text": "filters"}
    wrapped = {"type": "event_callback", "team_id": talk.ada.team_id, "event": event, "event_id": "Ev1"}
    await talk.slack.event(wrapped)
    talk.now += timedelta(seconds=4)
    await talk.slack.event(wrapped)
    await talk.slack.say(direct, talk.ada, "help")
    await talk.slack.wait_for_message(direct, "PhiWire Bot")
    await talk.slack.wait_for_message(direct, "No filters yet")
    assert len([one for one in talk.slack.messages(direct) if "No filters yet" in one.shown]) == 1


def _follow(talk: Talk) -> bytes:
    typed = ("/phiwire", "follow Forged Name")
    payload = command(talk.ada, talk.channel, typed, talk.slack.trigger(), "http://127.0.0.1:9/nowhere")
    return encoded("slash_commands", payload)[0]


async def _nothing_is_known(talk: Talk) -> bool:
    return await talk.database.read(channels.find, "slack", talk.channel.id, "") is None


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    "forge",
    [
        lambda _body, _now: {},
        lambda body, now: signed("another secret", body, now),
        lambda body, now: signed(SECRET, body + b"&text=more", now),
        lambda body, now: signed(SECRET, body, now - 301),
        lambda body, now: signed(SECRET, body, now + 301),
        lambda body, now: signed(SECRET, body, now) | {"X-Slack-Request-Timestamp": str(now - 1)},
        lambda body, now: signed(SECRET, body, now) | {"X-Slack-Request-Timestamp": "9" * 5000},
        lambda body, now: signed(SECRET, body, now) | {"X-Slack-Request-Timestamp": "soon"},
        lambda body, now: signed(SECRET, body, now) | {"X-Slack-Signature": "v0=é"},
    ],
    ids=["unsigned", "secret", "body", "old", "new", "time", "endless", "no-time", "not-ascii"],
)
async def test_what_slack_has_not_signed_just_now_has_no_effect(called: tuple[Talk, Calls], forge: object) -> None:
    """Whoever finds the address must not change filters."""
    talk, calls = called
    assert callable(forge)
    body = _follow(talk)
    status, _ = await calls.post(body, FORM | forge(body, int(NOW.timestamp())))
    assert status == 401
    assert await _nothing_is_known(talk)


async def test_bytes_that_are_no_text_are_refused_like_all_that_is_unsigned(
    called: tuple[Talk, Calls], caplog: pytest.LogCaptureFixture
) -> None:
    """Or anybody could fill the log with errors."""
    _, calls = called
    headers = FORM | signed("another secret", b"", int(NOW.timestamp()))
    assert (await calls.post(b"text=\xff\xfe", headers))[0] == 401
    assert caplog.records == []


async def test_a_call_that_is_repeated_word_by_word_has_no_effect(called: tuple[Talk, Calls]) -> None:
    """Somebody may have listened: Slack itself signs anew what it sends again."""
    talk, calls = called
    body = _follow(talk)
    headers = FORM | signed(SECRET, body, int(NOW.timestamp()))
    assert [(await calls.post(body, headers))[0] for _ in range(3)] == [200, 401, 401]


@pytest.mark.parametrize("told", [True, False])
async def test_what_is_larger_than_anything_of_slacks_is_not_read(called: tuple[Talk, Calls], *, told: bool) -> None:
    """Not even when it is signed, and not where it does not say its size."""
    talk, calls = called
    body = b"text=" + b"x" * LARGEST

    async def pieces() -> AsyncIterator[bytes]:
        yield body

    headers = FORM | signed(SECRET, body, int(NOW.timestamp()))
    status, _ = await calls.post(body if told else pieces(), headers)
    assert status == 413
    assert await _nothing_is_known(talk)


async def test_slack_learns_that_the_address_is_ours(called: tuple[Talk, Calls]) -> None:
    """It asks with a challenge when the address is written into the app's settings."""
    _, calls = called
    body = json.dumps({"type": "url_verification", "token": "x", "challenge": "3eZbrw1a"}).encode()
    headers = {"Content-Type": "application/json"} | signed(SECRET, body, int(NOW.timestamp()))
    status, answer = await calls.post(body, headers)
    assert (status, answer) == (200, '{"challenge": "3eZbrw1a"}')


async def test_slack_looks_after_the_certificate_without_signing(called: tuple[Talk, Calls]) -> None:
    """That is answered, and nothing else."""
    _, calls = called
    body = urllib.parse.urlencode({"ssl_check": "1", "token": "x"}).encode()
    assert await calls.post(body, FORM) == (200, "")


async def test_a_bot_that_stops_has_slack_call_again(called: tuple[Talk, Calls]) -> None:
    """What comes after its last answer is not lost."""
    talk, calls = called
    await talk.adapter.stop_receiving()
    body = _follow(talk)
    status, _ = await calls.post(body, FORM | signed(SECRET, body, int(NOW.timestamp())))
    assert status == 503
