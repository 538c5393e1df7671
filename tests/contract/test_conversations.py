"""What is typed and what is answered, on a real database, without any platform."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import click
import pytest

from bot import channels, db
from bot.adapters import terminal
from bot.commands.handlers import Commands
from bot.db import Database
from bot.model import Operator
from bot.outbox import store as outbox
from bot.outbox.policy import Suspend
from bot.ports import Request
from bot.wire import source_store
from tests.contract.conversations import NOW, Say, no, publish, unknown, yes


async def test_filter_is_confirmed_with_what_it_would_have_caught(say: Say) -> None:
    """Nobody should wait a day to learn that a filter catches everything, or nothing."""
    answer = await say("subscribe harbour -levy")
    assert "harbour -levy" in answer
    assert "In the last 7 days 30 entries would have matched it (this wire reaches back 1 day), such as:" in answer
    assert "Harbour story 00" in answer
    assert "as it was already" in await say("subscribe HARBOUR -levy")


async def test_numbers_name_what_the_list_shows(say: Say) -> None:
    """A number must not remove what its command does not speak of."""
    for command in ("subscribe harbour", "follow Marta Quill", "mute football"):
        await say(command)
    assert "There is no such filter here" in await say("unmute 1")
    assert "There is no such filter here" in await say("unfollow 3")
    assert "follow Marta Quill" in await say("unsubscribe 2")
    assert "mute football" in await say("unmute 2")
    listed = await say("filters")
    assert "1. subscribe harbour (by Ada)" in listed
    assert "2." not in listed


@pytest.mark.parametrize("typed", ["unfollow Marta QUILL", "unsubscribe “net  zero”", "unmute Football"])
async def test_filters_are_removed_by_their_words(typed: str, say: Say) -> None:
    """However they are written."""
    for command in ("follow Marta Quill", 'subscribe "net zero"', "mute football"):
        await say(command)
    assert "Removed" in await say(typed)


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("mute football 0h", "longer than zero"),
        ("mute football 9999999w", "duration"),
        ("pause xyz", "is not a duration"),
        ("latest 0", "takes a number"),
        ("latest all", "takes a number"),
        ("subscribe (nhs", "add ) here"),
        ("subscribe", "needs something after it"),
        ("follow !!!", "name of an author"),
        ("search …", "needs something after it"),
        ("unsubscribe 7", "There is no such filter here"),
    ],
)
async def test_error_says_what_was_wrong_and_changes_nothing(
    typed: str, part: str, say: Say, database: Database
) -> None:
    """People learn the language from its refusals."""
    assert part in await say(typed)
    assert "No filters yet" in await say("filters")
    assert (await database.read(outbox.next_pause_end, "telegram")) is None


async def test_timed_mute_ends_and_says_when(say: Say) -> None:
    """In the channel's own time."""
    assert "Muted football until 14:00." in await say("mute football 2h")


async def test_stranger_sees_the_latest_five_and_a_subscriber_more(say: Say) -> None:
    """As on the PhiWire itself."""
    stranger = await say("latest 20")
    assert stranger.count("• ") == 5
    assert "Only the latest five" in stranger
    await say("subscribe harbour")
    assert (await say("latest 20")).count("• ") == 20
    assert (await say("latest")).count("• ") == 10


async def test_search_finds_words_in_any_form(say: Say) -> None:
    """Signs in the words are no operators."""
    assert "Harbour story 07" in await say('search "HARBOUR" (07)')
    assert "Nothing on this wire" in await say("search lighthouse")


async def test_only_who_may_changes_filters(say: Say) -> None:
    """Whoever asks may look; a platform that does not answer is no refusal."""
    assert "Only an administrator" in await say("follow Marta Quill", no)
    assert "could not check" in await say("follow Marta Quill", unknown)
    assert "No filters yet" in await say("filters", no)


async def test_why_asks_for_the_message(say: Say) -> None:
    """A message that is none of ours explains nothing."""
    assert "Reply to one of my news messages" in await say("why", replied_to="1")


async def test_pause_holds_back_and_resume_catches_up(say: Say, database: Database) -> None:
    """The newest come, the others are named."""
    await say("follow Marta Quill")
    assert "Paused until 14:00" in await say("pause 2h")
    await publish(database, *(f"story {number}" for number in range(13)))
    assert await database.write(outbox.claim, "telegram", NOW, 9) == ()
    resumed = await say("resume")
    assert "10 messages waiting" in resumed
    assert "and 3 more" in resumed
    assert "not paused" in await say("resume")


async def test_chat_that_takes_nothing_is_told_so(say: Say, database: Database) -> None:
    """“Subscribed”, and then silence, is the worst answer."""
    await say("follow Marta Quill")
    await publish(database, "Ferry vote survives")
    (delivery,) = await database.write(outbox.claim, "telegram", NOW, 9)
    await database.write(outbox.settle, delivery, Suspend(NOW + timedelta(hours=1), "not_in_channel"), NOW)
    assert "could not be posted here: not_in_channel" in await say("filters")
    assert len(await database.write(outbox.claim, "telegram", NOW, 9)) == 1
    assert "could not be posted" not in await say("filters")


async def test_sources_tell_how_they_are(say: Say, database: Database) -> None:
    """A wire that is blind says so; its addresses are the operator's."""
    await database.write(source_store.commit_failure, "wire", NOW, NOW, "it answered 500")
    answer = await say("sources")
    assert "⚠ The Wire — silent since 12:00: it answered 500" in answer
    assert "example.org" not in answer


async def test_sources_tell_of_one_that_answers_and_is_ill(say: Say, database: Database) -> None:
    """Whoever waits for news learns that there is none to see."""

    def fall_ill(connection: sqlite3.Connection) -> None:
        connection.execute(
            "UPDATE sources SET trouble = 'quiet', trouble_since = ? WHERE slug = 'wire'", (db.to_text(NOW),)
        )

    await database.write(fall_ill)
    answer = await say("sources")
    assert "⚠ The Wire — answers, but has brought nothing since 12:00, which is unusual for it" in answer


async def test_alarm_of_an_adapter_reaches_the_operators_once_a_day(database: Database) -> None:
    """And wakes whoever sends; so does a bot that is brought back."""
    now, rung = [NOW], []
    operators = (Operator("slack", "U0MAX"),)
    commands = Commands(database, lambda: now[0], lambda: rung.append(now[0]), "Europe/London", operators=operators)
    for moment in (NOW, NOW + timedelta(hours=23), NOW + timedelta(hours=25)):
        now[0] = moment
        await commands.alarm("telegram conflict", "⚠ Another program polls")
    assert rung == [NOW, NOW + timedelta(hours=25)]
    assert [each.entry.headline for each in await database.write(outbox.claim, "slack", now[0], 9)] == [
        "⚠ Another program polls"
    ]
    await commands.returned("telegram", "7")
    assert len(rung) == 3


async def test_forget_says_what_it_would_erase_and_erases_it_when_told(say: Say, database: Database) -> None:
    """Nobody should lose two hundred filters by a word."""
    await say("follow Marta Quill")
    await say("mute football")
    await publish(database, "Ferry vote survives")
    for asked in ("forget", "forget it all"):
        answer = await say(asked)
        assert "2 filters, 0 removed filters, the record of 0 messages, 1 message that waits to be sent" in answer
        assert "To do it: /forget everything. Nothing was changed." in answer
    assert "Only an administrator" in await say("forget everything", no)
    assert "could not check" in await say("forget everything", unknown)
    assert "1. follow Marta Quill" in await say("filters")
    assert "I know nothing of this channel any more" in await say("forget everything")
    assert await database.read(channels.find, "telegram", "7", "") is None
    assert await database.write(outbox.claim, "telegram", NOW, 9) == ()
    assert "No filters yet" in await say("filters")
    assert "no change of filters here" in await say("undo")
    assert "Reply to one of my news messages" in await say("why")


async def test_old_message_is_told_to_be_too_old(database: Database) -> None:
    """What is not remembered any more is no mistake of whoever asks."""
    commands = Commands(database, lambda: NOW, lambda: None, "Europe/London", kept=timedelta(days=30))
    request = Request("telegram", "7", "why", "Ada", yes, replied_to="m99")
    answer = click.unstyle(terminal.reply(await commands.answer(request)))
    assert "came longer ago than the 30 days that I remember" in answer
    much_later = Commands(database, lambda: NOW + timedelta(days=40), lambda: None, "UTC", kept=timedelta(days=30))
    request = Request("telegram", "7", "why not harbour story 07", "Ada", yes)
    answer = click.unstyle(terminal.reply(await much_later.answer(request)))
    assert "I remember for 30 days what I sent, so it may have come here" in answer


async def test_settings_are_shown_with_the_words_that_change_them(say: Say) -> None:
    """Where there are no buttons; whoever asks may look."""
    answer = await say("settings", no)
    for line in (
        "• Filters: 0 — /filters",
        "• Messages: come at once — /pause, /pause 2h",
        "• Corrections: on — /settings corrections off",
        "• Silent: off — /settings silent on",
        "• Link preview: small — /settings preview large, /settings preview none",
        "• Buttons: on — /settings buttons off",
        "• Time zone: Europe/London, where it is 12:00 — /settings zone Europe/Cardiff",
        "• Template: none — /settings template",
    ):
        assert line in answer.splitlines()


@pytest.mark.parametrize(
    ("typed", "said", "shown"),
    [
        ("settings silent on", "without a sound", "Silent: on"),
        ("settings SILENT On", "without a sound", "Silent: on"),
        ("settings preview none", "without a preview", "Link preview: none"),
        ("settings preview large", "with a large preview", "Link preview: large"),
        ("settings buttons off", "no buttons", "Buttons: off"),
        ("settings corrections off", "stay as they were sent", "Corrections: off"),
        ("settings zone Asia/Kolkata", "Asia/Kolkata, where it is 17:30", "Time zone: Asia/Kolkata"),
        ("settings zone cardiff", "Europe/London, where it is 12:00", "Time zone: Europe/London"),
    ],
)
async def test_settings_are_changed_by_words(typed: str, said: str, shown: str, say: Say) -> None:
    """By whoever may."""
    assert "Only an administrator" in await say(typed, no)
    assert "Silent: off" in await say("settings")
    assert said in await say(typed)
    assert shown in await say("settings")


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("settings zone Europe/Lundon", "Did you mean /settings zone Europe/London?"),
        ("settings zone Cardif", "Did you mean /settings zone Cardiff (Europe/London)?"),
        ("settings zone nowhere at all", "I know no time zone or city nowhere at all."),
        ("settings preview huge", "There is silent on or off, preview small, large or none"),
        ("settings colour red", "There is silent on or off"),
        ("settings silent", "There is silent on or off"),
    ],
)
async def test_settings_that_are_none_change_nothing(typed: str, part: str, say: Say) -> None:
    """And say what there is."""
    before = await say("settings")
    answer = await say(typed)
    assert part in answer
    assert "Nothing was changed" in answer
    assert await say("settings") == before


async def test_settings_are_recorded(say: Say, database: Database) -> None:
    """Whoever wonders why a phone is silent finds out who wished so."""
    await say("settings silent on")
    await say("settings zone Paris")

    def trail(connection: sqlite3.Connection) -> list[tuple[str, ...]]:
        return [tuple(row) for row in connection.execute("SELECT actor, action, detail FROM audit ORDER BY id")]

    assert await database.read(trail) == [("Ada", "silent", "on"), ("Ada", "timezone", "Europe/Paris")]


async def test_edit_says_what_to_type_where_there_is_no_editor(say: Say) -> None:
    """People read of it where others use Slack."""
    answer = await say("edit")
    assert "There is an editor on Slack alone." in answer
    assert "unsubscribe NUMBER removes one" in answer
    assert "open an editor" not in await say("help")
