"""Slack's own samples of what it sends: the emulator invents no fields, and the bot survives them empty.

They stay outside the project. Their fields hold nothing, which is the poorest input that has the right shape.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.db import Database
from tests.contract.slack_talking import Talk, Way, talking
from tests.emulators import slack_homes, slack_life
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_socket import Envelope

SAMPLES = Path(__file__).parents[2].parent / "shared" / "specs" / "slack"
SENT = ("events", "interactive-components", "slash-commands", "views")
KINDS = {"events": "events_api", "slash-commands": "slash_commands"}
Payload = dict[str, Any]


def sample(name: str) -> Payload:
    """Read one of Slack's samples."""
    path = SAMPLES / name
    if not path.is_file():
        pytest.skip("the samples are not here: ../shared/specs is absent")
    read: Payload = json.loads(path.read_text("utf-8"))
    return read


def names(value: Any, before: str = "") -> Iterator[str]:
    """List the fields of a payload by their ways from its root; those of a list are of any of its items."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{before}.{name}"
            yield from names(inner, f"{before}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from names(inner, before)


async def emulated(slack: SlackEmulator) -> dict[str, Envelope]:
    """Send one of each, by the name of its sample."""
    ada = slack.user("ada")
    channel, private = slack.channel("harbour"), slack.channel("whips", private=True)
    return {
        "events/AppMentionPayload": slack.say(channel, ada, "filters"),
        "events/MessagePayload": slack.say(slack.direct(ada), ada, "filters"),
        "events/AppHomeOpenedPayload": slack_homes.open_home(slack, ada),
        "events/ChannelArchivePayload": slack_life.archive(slack, channel, ada),
        "events/ChannelUnarchivePayload": slack_life.unarchive(slack, channel, ada),
        "events/ChannelRenamePayload": slack_life.rename(slack, channel, "quays"),
        "events/GroupArchivePayload": slack_life.archive(slack, private, ada),
        "events/MemberJoinedChannelPayload": slack_life.invite(slack, channel, ada),
        "events/ChannelIdChangedPayload": slack_life.change_id(slack, channel, "C9"),
        "events/ChannelDeletedPayload": slack_life.delete(slack, channel, ada),
    }


async def test_emulated_events_have_the_fields_of_slacks_own(slack: SlackEmulator) -> None:
    """Or the bot would learn to read what nobody sends."""
    for name, envelope in (await emulated(slack)).items():
        official = set(names(sample(f"{name}.json")))
        invented = set(names(envelope.payload)) - official
        assert invented == set(), name


@pytest.fixture(params=["socket", "http"])
async def talk(request: pytest.FixtureRequest, slack: SlackEmulator, database: Database) -> AsyncIterator[Talk]:
    """Talk by each of the two ways."""
    way: Way = request.param
    async with talking(slack, database, way) as talk:
        yield talk


async def test_empty_payloads_of_every_kind_do_nothing(
    talk: Talk, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """The bot goes on, says nothing, and logs no error."""
    if not SAMPLES.is_dir():
        pytest.skip("the samples are not here: ../shared/specs is absent")
    sent: list[Envelope] = []
    for folder in SENT:
        for path in sorted((SAMPLES / folder).glob("*.json")):
            payload: Payload = json.loads(path.read_text("utf-8"))
            if folder == "events":
                payload["type"] = "event_callback"
            sent.append(talk.slack.give(KINDS.get(folder, "interactive"), payload))
    assert len(sent) > 20
    await talk.slack.wait_for(lambda: all(each.sent for each in sent))
    assert "No filters yet" in await talk.ask("filters")
    assert talk.slack.workspace.posted == []
    assert [each.message for each in caplog.records if each.levelno >= logging.ERROR] == []
    assert "[error" not in capsys.readouterr().out
