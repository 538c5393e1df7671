"""The home tab shows people their own channels, and what they press there does what typing does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot import channels
from bot.db import Database
from bot.outbox import store as outbox
from bot.outbox.policy import Settle
from tests.contract.conversations import NOW, harbour_stories, publish, put_on_the_wire
from tests.contract.slack_at_home import AtHome, at_home
from tests.emulators import slack_homes
from tests.emulators.server import Fault
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_modals import Modal
from tests.emulators.slack_state import SlackChannel


@pytest.fixture
async def talk(slack: SlackEmulator, database: Database) -> AsyncIterator[AtHome]:
    """Look at a home tab on a day with thirty entries."""
    await put_on_the_wire(database, harbour_stories())
    async with at_home(slack, database) as talk:
        yield talk


async def _send_all(talk: AtHome) -> None:
    """Let what waits be delivered, as the sender would note it."""
    while claimed := await talk.database.write(outbox.claim, "slack", talk.now, 100):
        for delivery in claimed:
            await talk.database.write(outbox.settle, delivery, Settle("sent", "1.2", ""), talk.now)


async def _number(talk: AtHome, channel: SlackChannel) -> int:
    found = await talk.database.read(channels.find, "slack", channel.id, "")
    assert found is not None
    return found.id


async def test_whoever_has_nothing_yet_learns_what_this_is_and_has_a_filter_after_one_press(talk: AtHome) -> None:
    """An empty page would send people away."""
    shown = await talk.open(talk.ada)
    assert "watches the political wire" in shown
    assert "Tap an example below" in shown
    assert len(talk.labels(talk.ada)) == 3
    shown = await talk.press(talk.ada, "Follow Priya Ashdown")
    assert "Following" in shown
    assert "1 filter." in shown
    direct = talk.slack.direct(talk.ada)
    await publish(talk.database, "Marsh bill")
    assert "Priya Ashdown" in await talk.ask("filters", channel=direct)


async def test_the_latest_news_come_as_a_message(talk: AtHome) -> None:
    """A page is no place to read them."""
    await talk.open(talk.ada)
    slack_homes.press(talk.slack, talk.ada, "The latest five")
    message = await talk.slack.wait_for_message(talk.slack.direct(talk.ada), "Harbour story 00")
    assert "Harbour story 04" in message.shown


async def test_a_channel_stands_with_its_state_and_what_came(talk: AtHome) -> None:
    """Whoever looks after ten channels sees at a glance which of them needs something."""
    await talk.ask("follow Marta Quill")
    shown = await talk.open(talk.ada)
    assert f"#{talk.channel.id}" in shown
    assert "1 filter. Nothing came in the last 7 days." in shown
    assert "Nothing has been sent there yet." in shown
    await publish(talk.database, "Marsh bill", "Lagoon vote")
    await _send_all(talk)
    shown = await talk.open(talk.ada)
    assert "2 messages in the last 7 days." in shown
    assert "Last, 12:00: Lagoon vote" in shown
    assert "Messages come at once." in shown


async def test_a_time_is_told_in_the_readers_zone(talk: AtHome) -> None:
    """Slack knows where its reader is, we do not."""
    await talk.ask("follow Marta Quill")
    await publish(talk.database, "Marsh bill")
    await _send_all(talk)
    await talk.open(talk.ada)
    view = talk.slack.workspace.homes[talk.ada.id]
    dates = [part for part in _parts(view["blocks"]) if part.get("type") == "date"]
    assert dates == [
        {
            "type": "date",
            "timestamp": int(NOW.timestamp()),
            "format": "{date_short_pretty} {time}",
            "fallback": "12:00",
        }
    ]


def _parts(value: object) -> list[dict[str, object]]:
    if isinstance(value, dict):
        return [value, *(part for each in value.values() for part in _parts(each))]
    return [part for each in value for part in _parts(each)] if isinstance(value, list) else []


async def test_a_pause_is_pressed_and_ended_there(talk: AtHome) -> None:
    """And the record says who did it."""
    await talk.ask("follow Marta Quill")
    await talk.open(talk.ada)
    shown = await talk.press(talk.ada, "Pause")
    assert "Paused until somebody resumes" in shown
    assert "Resume" in talk.labels(talk.ada)
    assert "Messages come at once." in await talk.press(talk.ada, "Resume")
    assert await _audited(talk) == [("@ada", "pause"), ("@ada", "resume")]
    # And the channel learns of it.
    await talk.slack.wait_for_message(talk.channel, "ada paused this channel until somebody resumes")
    await talk.slack.wait_for_message(talk.channel, "ada resumed this channel.")


async def _audited(talk: AtHome) -> list[tuple[str, str]]:
    found = await talk.database.read(
        lambda connection: connection.execute(
            "SELECT actor, action FROM audit WHERE action IN ('pause', 'resume') ORDER BY id"
        ).fetchall()
    )
    return [(row["actor"], row["action"]) for row in found]


async def test_a_pause_until_a_time_says_until_when(talk: AtHome) -> None:
    """Or somebody would resume what resumes by itself."""
    await talk.ask("follow Marta Quill")
    await talk.ask("pause 2h")
    assert "Paused until 14:00" in await talk.open(talk.ada)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("not_in_channel", "I am not in this channel. Type /invite @PhiWire there."),
        ("is_archived", "This channel is archived"),
        ("restricted_action", "Messages cannot be posted there: restricted_action"),
    ],
)
async def test_a_channel_that_takes_nothing_says_why_and_stands_first(talk: AtHome, reason: str, said: str) -> None:
    """It waits for somebody to mend it."""
    well = talk.room("aldeburgh", talk.ada)
    for channel in (well, talk.channel):
        await talk.ask("follow Marta Quill", channel=channel)
    until = NOW + timedelta(hours=1)
    await talk.database.write(channels.suspend, await _number(talk, talk.channel), until, reason, NOW)
    shown = await talk.open(talk.ada)
    assert said in shown
    assert shown.index(talk.channel.id) < shown.index(well.id)


async def test_settings_open_in_place_and_lead_back_and_so_do_filters_where_no_editor_opens(talk: AtHome) -> None:
    """They are the same as elsewhere."""
    talk.slack.workspace.modals.seconds = 0
    await talk.ask("follow Marta Quill")
    await talk.open(talk.ada)
    shown = await talk.press(talk.ada, "Settings")
    assert "Time zone: Europe/London" in shown
    assert f"#{talk.channel.id}" in shown
    shown = await talk.press(talk.ada, "Corrections: on")
    assert "Corrections: off" in talk.labels(talk.ada)
    assert "settings zone Europe/Cardiff" in await talk.press(talk.ada, "Time zone")
    await talk.press(talk.ada, "‹ Back")
    assert "Your channels" in await talk.press(talk.ada, "Done")
    assert "Marta Quill" in await talk.press(talk.ada, "Edit filters")
    shown = await talk.press(talk.ada, "✕ 1")
    assert "None yet." in shown
    assert "No filters yet." in await talk.press(talk.ada, "All channels")


async def test_fifty_channels_come_in_pages(talk: AtHome) -> None:
    """Slack takes a hundred blocks; a page stays where it was when something is pressed on it."""
    rooms = [talk.room(f"ward-{number:02d}", talk.ada) for number in range(50)]
    for room in rooms:
        await talk.ask("follow Marta Quill", channel=room)
    shown = await talk.open(talk.ada)
    assert [room.id in shown for room in rooms] == [True] * 10 + [False] * 40
    assert "1/5" in talk.labels(talk.ada)
    shown = await talk.press(talk.ada, "›")
    assert [room.id in shown for room in rooms] == [False] * 10 + [True] * 10 + [False] * 30
    shown = await talk.press(talk.ada, "Pause", 3)
    assert rooms[13].id in shown
    assert "Paused until somebody resumes" in shown
    assert "2/5" in talk.labels(talk.ada)


async def test_a_channel_of_others_is_never_shown(talk: AtHome) -> None:
    """Its name and its filters are theirs, even where the person has changed them while they were in it."""
    secret = talk.room("secret", talk.ada, talk.bob, private=True)
    await talk.ask("follow Marta Quill", channel=secret)
    assert secret.id in await talk.open(talk.ada)
    secret.members.remove(talk.ada.id)
    talk.now += timedelta(minutes=1)
    shown = await talk.open(talk.ada)
    assert secret.id not in shown
    assert "secret" not in shown
    assert secret.id in await talk.open(talk.bob)


async def test_channels_of_elsewhere_are_never_shown(talk: AtHome) -> None:
    """Another workspace has the bot, too, or the channel is on another platform."""
    await talk.ask("follow Marta Quill")
    for platform, address in (("slack", "C0ELSEWHERE"), ("telegram", talk.channel.id)):
        await talk.database.write(channels.ensure, platform, address, "", "Elsewhere", "Europe/London", NOW)
    shown = await talk.open(talk.ada)
    assert "Elsewhere" not in shown
    assert "C0ELSEWHERE" not in shown
    assert shown.count(talk.channel.id) == 1


async def test_a_press_by_somebody_who_has_left_changes_nothing(talk: AtHome) -> None:
    """What Slack showed them before is not taken back by Slack."""
    await talk.ask("follow Marta Quill")
    await talk.open(talk.ada)
    talk.channel.members.remove(talk.ada.id)
    shown = await talk.press(talk.ada, "Edit filters")
    assert "You are not in that channel any more. Nothing was changed." in shown
    assert "Marta Quill" not in shown
    assert talk.channel.id not in shown
    assert await _audited(talk) == []


async def test_a_press_while_slack_does_not_say_who_is_where_changes_nothing(talk: AtHome) -> None:
    """Rights are asked at each press."""
    await talk.ask("follow Marta Quill")
    await talk.open(talk.ada)
    talk.slack.script("users.conversations", Fault(status=503))
    shown = await talk.press(talk.ada, "Pause")
    assert "could not ask Slack whether you are in that channel" in shown
    assert await _audited(talk) == []


async def test_where_slack_does_not_say_who_is_where_only_links_are_shown(
    slack: SlackEmulator, database: Database
) -> None:
    """An app without the scopes: channels that the person has changed, which Slack names to its members alone."""
    async with at_home(slack, database, scopes=()) as talk:
        other = talk.room("other", talk.bob)
        await talk.ask("follow Marta Quill")
        await talk.ask("follow Priya Ashdown", talk.bob, other)
        shown = await talk.open(talk.ada)
        assert "could not learn in which channels you are" in shown
        assert f"#{talk.channel.id}" in shown
        assert other.id not in shown
        assert "filter." not in shown
        assert "Edit filters" not in talk.labels(talk.ada)


async def test_membership_is_asked_once_in_a_while_and_at_each_press(talk: AtHome) -> None:
    """Slack limits how often it may be asked."""
    await talk.ask("follow Marta Quill")
    for _ in range(3):
        await talk.open(talk.ada)
    assert len(talk.slack.calls("users.conversations")) == 1
    await talk.press(talk.ada, "Pause")
    assert len(talk.slack.calls("users.conversations")) == 2


async def test_hostile_titles_and_headlines_stay_text(talk: AtHome) -> None:
    """The emulator refuses what would alert people or break a link; here they are read as they were written."""
    direct = talk.slack.direct(talk.ada)
    await talk.ask("follow Marta Quill", channel=direct)
    await talk.ask("follow Marta Quill")
    headline = "<!channel> *bold* <https://evil.example|tap> `x` \u202eabc & <@U123>"
    await publish(talk.database, headline)
    await _send_all(talk)
    shown = await talk.open(talk.ada)
    assert "<!channel> *bold* <https://evil.example|tap>" in shown
    kinds = {part["type"] for part in _parts(talk.slack.workspace.homes[talk.ada.id]["blocks"]) if "type" in part}
    assert "mrkdwn" not in kinds


async def test_the_page_is_said_in_the_language_of_its_reader(talk: AtHome) -> None:
    """It is theirs alone: the one that their own conversation has chosen."""
    await talk.ask("settings language cymraeg", channel=talk.slack.direct(talk.ada))
    await talk.ask("follow Marta Quill")
    shown = await talk.open(talk.ada)
    assert "Eich sianeli" in shown
    assert "1 hidlydd." in shown
    talk.slack.workspace.modals.seconds = 0
    await talk.press(talk.ada, "Golygu hidlyddion")
    assert "‹ Pob sianel" in talk.labels(talk.ada)
    talk.channel.members.remove(talk.ada.id)
    assert "Dydych chi ddim yn y sianel honno bellach." in await talk.press(talk.ada, "✕ 1")


async def test_filters_of_a_channel_open_in_their_editor(talk: AtHome) -> None:
    """Over the home tab, which stays as it is."""
    await talk.ask("follow Marta Quill")
    await talk.open(talk.ada)
    await slack_homes.press(talk.slack, talk.ada, "Edit filters")
    (stack,) = await talk.slack.wait_for(lambda: talk.slack.workspace.modals.stacks)
    await Modal(talk.slack, talk.ada, stack).until("1. follow Marta Quill")
