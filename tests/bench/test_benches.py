"""Each bench runs and prints its rows; what it measures is for people to read, never for a test to judge."""

from __future__ import annotations

from tests.bench import cadence, commands, deliver, fanout, match, outbox, pipeline, poll, slack


async def test_match_measures_what_it_promises() -> None:
    """The index and the regular expressions agree, or it raises; so few filters have no goals."""
    rows = {row.name: row for row in await match.measure(subscriptions=300, rounds=1)}
    assert rows["headline: times faster than it"].value > 1
    assert rows["release: hits"].value > 0
    assert {row.goal for row in rows.values()} == {""}


async def test_pipeline_measures_what_it_promises() -> None:
    """A bench that no longer runs measures nothing."""
    rows = await pipeline.measure(rounds=1, subscriptions=300)
    assert {row.goal for row in rows} == {"<= 2", "<= 1.5", "<= 1", "<= 150", "== 0", ""}
    assert all(isinstance(row.value, float | int) for row in rows)


async def test_commands_measures_what_it_promises() -> None:
    """Every command has its answer and every piece of news its readers; so few have no goals for time."""
    rows = {row.name: row for row in await commands.measure(commands=16, chats=16, seconds=1)}
    assert {row.value for name, row in rows.items() if name.endswith("lost")} == {0}
    assert {row.goal for row in rows.values()} == {"== 0", ""}


async def test_slack_measures_what_it_promises() -> None:
    """Every command is acknowledged in time and answered, and news comes beside; so few have no goals for time."""
    rows = {row.name: row for row in await slack.measure(commands=16, channels=8, seconds=1, workspaces=3)}
    for way in ("3 workspaces", "Socket Mode"):
        missing = ("unheard, or sent again", "commands lost", "deliveries lost")
        assert {rows[f"{way}: {what}"].value for what in missing} == {0}
        assert 0 < rows[f"{way}: acknowledged, last"].value <= 3
        assert rows[f"{way}: answer, median"].value > 0
    assert {row.goal for row in rows.values()} == {"<= 3", "== 0", ""}


async def test_deliver_measures_what_it_promises() -> None:
    """Every message is accepted, or it raises; so few in flight have no goal, nor have so few filters."""
    rows = {row.name: row for row in await deliver.measure(messages=16, subscriptions=3000, rounds=4)}
    assert {row.goal for row in rows.values()} == {"<= 0.4", ""}
    assert rows["telegram, 16 over 80 ms: of the ideal"].value < 1
    assert rows["PhiWire page to message: items that are wanted"].value <= 4


async def test_fanout_measures_what_it_promises() -> None:
    """Every channel has its delivery, however few there are."""
    rows = {row.name: row for row in await fanout.measure(channels=20, rounds=1)}
    assert rows["deliveries"].goal == "== 20"
    assert rows["deliveries"].value == 20
    assert rows["fan-out over bare insert"].goal == "<= 5"


async def test_cadence_measures_what_it_promises() -> None:
    """Every invented entry is seen by each plan, with as many requests; so few sources wander off the budget."""
    rows = {row.name: row for row in await cadence.measure(sources=3)}
    assert rows["entries"].value > 0
    assert 0.5 < rows["oracle: requests, of the rhythm's"].value < 1.5
    assert {row.goal for row in rows.values()} == {"<= 0.5", "<= 0.3", "<= 0.85", "<= 1.15", "<= 1.02", ""}


async def test_poll_measures_what_it_promises() -> None:
    """The bot and the bare client look at the same feeds; however many there are, one TLS context serves them."""
    rows = {row.name: row for row in await poll.measure(sources=9, rounds=1)}
    assert rows["unchanged, 304: times the bare client"].goal == "<= 1.5"
    assert rows["TLS contexts of all sources"].value == 1
    assert all(row.value > 0 for row in rows.values())


async def test_outbox_measures_what_it_promises() -> None:
    """Nothing is refused, however short the backlog is."""
    rows = {row.name: row for row in await outbox.measure(seconds=1, backlog=200, settles=20)}
    assert rows["telegram: messages"].value == 31
    assert {row.value for name, row in rows.items() if name.endswith("refused (429)")} == {0}
    assert {row.goal for row in rows.values()} == {"<= 1.03", ">= 0.9", "== 0", "<= 30", "<= 2", "<= 1.3", ""}
