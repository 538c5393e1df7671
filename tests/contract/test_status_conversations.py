"""What `status` and `missed` answer: to a channel about itself, to an operator about everything."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import click
import pytest

from bot import channels, db
from bot.adapters import terminal
from bot.commands.handlers import Commands
from bot.db import Database
from bot.flow import sight
from bot.flow.stages import Alarm, Change
from bot.model import Item, Operator
from bot.outbox import store as outbox
from bot.outbox.policy import Decision, Retry, Settle
from bot.ports import Request
from bot.wire import source_store
from tests.contract.conversations import NOW, Say, publish, publish_items, yes

ADA = Operator("telegram", "7")
Ask = Callable[..., Awaitable[str]]


@pytest.fixture
def ask(database: Database) -> Ask:
    """Type as Ada, who runs the bot, in her own chat or elsewhere."""
    commands = Commands(database, lambda: NOW, lambda: None, "Europe/London", operators=(ADA,))

    async def typed(text: str, **differently: object) -> str:
        request = Request("telegram", "7", text, "Ada", yes, actor_id="7", is_private=True)
        return click.unstyle(terminal.reply(await commands.answer(replace(request, **differently))))  # type: ignore[arg-type]

    return typed


async def settle(database: Database, decision: Decision, seconds: float = 2) -> None:
    """Claim a delivery and settle it."""
    (delivery,) = await database.write(outbox.claim, "telegram", NOW, 1)
    await database.write(outbox.settle, delivery, decision, NOW + timedelta(seconds=seconds))


async def test_status_of_a_channel_that_has_nothing(say: Say) -> None:
    """It says so."""
    answer = await say("status")
    assert "No filters yet; nothing waits." in answer
    assert "Nothing has been sent here yet." in answer


async def test_status_tells_a_channel_its_last_deliveries(say: Say, database: Database) -> None:
    """When, which, and what became of each; and nothing of anybody else's."""
    await say("follow Marta Quill")
    await publish(database, "Ferry vote survives", "Night ferry confirmed", "Levy is back", "Port opens")
    await settle(database, Settle("sent", "m1"))
    await settle(database, Settle("failed", error="message is too long"))
    await settle(database, Retry(NOW + timedelta(minutes=5), "throttled for 300 s", "address"))
    answer = await say("status")
    assert "1 filter; 2 messages waiting." in answer
    assert "The next message is tried at 12:05" in answer
    assert "• Ferry vote survives — sent, 12:00" in answer
    assert "• Night ferry confirmed — failed: message is too long, 12:00" in answer
    assert "• Levy is back — waits, 12:00" in answer
    assert "24 hours" not in answer
    await say("pause 2h")
    assert "Paused until 14:00: /resume lets messages through." in await say("status")


async def test_status_tells_an_operator_everything(ask: Ask, database: Database) -> None:
    """Queue, delays, failures, sources in trouble, and alarms that are not over."""
    await ask("follow Marta Quill")
    items = [
        Item(key, "wire", f"Ferry {key}", author="Marta Quill", published_at=NOW - timedelta(minutes=3))
        for key in ("one", "two", "three")
    ]
    await publish_items(database, *items)
    await settle(database, Settle("sent", "m1"), 11)
    await settle(database, Settle("failed", error="it was refused 3 times"))
    await database.write(source_store.commit_failure, "wire", NOW, NOW, "it answered 500")
    alarm = Change(Alarm("slack", NOW, NOW), "⚠ Slack has taken no message for 15 minutes")
    await database.write(sight.tell, [alarm], (), (), NOW)
    answer = await ask("status")
    assert "⚠ Slack has taken no message for 15 minutes (told 12:00)" in answer
    assert "telegram: 1 pending, 1 failed, 1 sent, the oldest due for 0 s" in answer
    assert "telegram, the last 24 hours: published → seen 3 min (95%: 3 min), seen → sent 10 s (95%: 10 s)" in answer
    assert "⚠ telegram: 1 failed: it was refused … times" in answer
    assert "1 of 1 source in trouble:" in answer
    assert "⚠ The Wire — silent since 12:00: it answered 500" in answer


@pytest.mark.parametrize(
    "differently",
    [
        {"is_private": False, "address": "-1007"},
        {"actor_id": "8", "address": "8"},
        {"platform": "slack"},
        {"actor_id": ""},
    ],
)
async def test_status_tells_nobody_else_of_everything(differently: dict[str, object], ask: Ask) -> None:
    """Neither other people, nor those who read along in a group."""
    assert "sources" not in await ask("status", **differently)
    assert "1 source, all well." in await ask("status")


async def test_nothing_is_missed_where_all_came(say: Say, database: Database) -> None:
    """What waits is not missed: it will come."""
    assert "No filters yet" in await say("missed 3h")
    await say("follow Marta Quill")
    assert "Nothing was missed in the last 3h" in await say("missed 3h")
    await publish(database, "Ferry vote survives", "Night ferry confirmed")
    await settle(database, Settle("sent", "m1"))
    assert "Nothing was missed in the last 3h" in await say("missed 3h")


async def test_missed_lists_what_failed_expired_or_never_was_ours(say: Say, database: Database) -> None:
    """With links, the newest last; what is muted was not wanted."""
    items = [
        Item(
            key,
            "wire",
            f"Ferry {key}",
            f"https://example.org/{key}",
            author="Marta Quill",
            published_at=NOW - timedelta(minutes=minutes),
        )
        for key, minutes in (("older", 50), ("failed", 40), ("expired", 30), ("sent", 20), ("football", 10))
    ]
    await publish_items(database, items[0])
    await say("subscribe ferry")
    await say("mute football")
    await publish_items(database, *items[1:])
    await settle(database, Settle("sent", "m1"))
    await settle(database, Settle("failed", error="message is too long"))
    await database.write(channels.gone, "telegram", "7", "blocked", NOW)
    answer = await say("missed 3 hours")
    assert "3 entries that your filters want did not come in the last 3h" in answer
    assert ": 1 failed, 1 expired, 1 never sent here." in answer
    listed = [line.split(" — ")[0] for line in answer.splitlines() if line.startswith("• ")]
    assert listed[0] == "• Marta Quill | Ferry older"
    assert "Ferry football" not in answer
    assert len(listed) == 3


async def test_missed_goes_on_where_the_list_ends(say: Say) -> None:
    """Thirty harbour stories of the last half hour were there before the channel was."""
    await say("subscribe harbour")
    answer = await say("missed 1h")
    assert answer.count("• ") == 25
    assert answer.index("Harbour story 29") < answer.index("Harbour story 05")
    assert "and 5 more that are newer: /missed 5m." in answer
    rest = await say("missed 5m")
    assert [f"Harbour story 0{number}" in rest for number in range(7)] == [True] * 6 + [False]


async def test_what_was_old_when_its_source_was_new_is_not_missed(say: Say, database: Database) -> None:
    """Where nothing says how old it is."""

    def forget_times(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE entries SET published_at = NULL")
        connection.execute("UPDATE sources SET baseline_at = ?", (db.to_text(NOW),))

    await database.write(forget_times)
    await say("subscribe harbour")
    assert "Nothing was missed" in await say("missed 1h")


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("missed", "needs something after it, such as /missed 3h"),
        ("missed yesterday", "is not a duration"),
        ("missed 8d", "further than 7 days"),
    ],
)
async def test_missed_says_what_it_takes(typed: str, part: str, say: Say) -> None:
    """People learn the language from its refusals."""
    await say("subscribe harbour")
    assert part in await say(typed)
