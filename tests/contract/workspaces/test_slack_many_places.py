"""Many workspaces and their channels: what Slack tells of one, or answers, concerns no other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from slack_sdk.errors import SlackApiError

from bot import channels
from bot.adapters import slack_errors
from bot.outbox.reasons import INSTALLED_AGAIN
from bot.outcomes import Gone, Unavailable
from tests.contract.conversations import NOW
from tests.contract.slack_installing import Bot
from tests.contract.workspaces.desks import Desk, publish, sending
from tests.emulators.slack_many import ManySlack


async def until(state: Callable[[], Awaitable[object]], wanted: object) -> None:
    """Wait until something is as it should be."""
    async with asyncio.timeout(10):
        while await state() != wanted:
            pass


async def addresses(bot: Bot) -> list[str]:
    """List the addresses of all channels that get something."""
    return await bot.database.read(
        lambda connection: [
            row["address"]
            for row in connection.execute("SELECT address FROM channels WHERE gone_at IS NULL ORDER BY address")
        ]
    )


async def test_what_becomes_of_a_channel_concerns_its_workspace_alone(
    bot: Bot, slack: ManySlack, desks: tuple[Desk, Desk]
) -> None:
    """Ids of channels are unique within a workspace."""
    here, there = desks
    await slack.tell(there.team, {"type": "channel_archive", "channel": here.room.id, "user": "U1"}, NOW.timestamp())
    await slack.tell(here.team, {"type": "channel_archive", "channel": here.room.id, "user": "U1"}, NOW.timestamp())

    async def held() -> list[str]:
        return [each.address for each in await bot.database.read(channels.held)]

    await until(held, [here.address])
    await slack.tell(here.team, {"type": "channel_deleted", "channel": here.room.id}, NOW.timestamp())

    async def there_are() -> list[str]:
        return await addresses(bot)

    await until(there_are, [there.address])


async def test_channel_with_a_new_id_stays_its_workspaces(bot: Bot, slack: ManySlack, desks: tuple[Desk, Desk]) -> None:
    """Whether Slack tells of it, or a message is answered with it."""
    here, there = desks
    changed = {"type": "channel_id_changed", "old_channel_id": here.room.id, "new_channel_id": "C0NEW"}
    await slack.tell(here.team, changed, NOW.timestamp())

    async def there_are() -> list[str]:
        return await addresses(bot)

    await until(there_are, sorted([f"{here.team.id}/C0NEW", there.address]))
    here.room.id, there.room.id = "C0NEW", "C0SHARED"
    here.team.workspace.channels["C0NEW"] = here.room
    there.team.workspace.channels["C0SHARED"] = there.room
    await publish(bot, "Ferry vote survives")
    async with sending(bot):
        await slack.wait_for_message(there.room, "Ferry vote survives")
        await until(there_are, sorted([f"{here.team.id}/C0NEW", f"{there.team.id}/C0SHARED"]))


async def test_channel_that_invites_the_bot_is_greeted_by_its_workspaces_token(
    bot: Bot, slack: ManySlack, desks: tuple[Desk, Desk]
) -> None:
    """Under an address that names it."""
    here, _ = desks
    room = slack.channel_of(here.team, "quays")
    joined = {
        "type": "member_joined_channel",
        "user": here.team.workspace.bot_user_id,
        "channel": room.id,
        "channel_type": "C",
        "inviter": here.ada.id,
    }
    await slack.tell(here.team, joined, NOW.timestamp())
    assert "PhiWire Bot" in (await slack.wait_for_message(room)).shown
    assert "Following" in await bot.ask("follow Marta Quill", here.ada, room)
    assert f"{here.team.id}/{room.id}" in await addresses(bot)


async def test_workspace_without_the_bot_has_nobody_who_may(
    bot: Bot, slack: ManySlack, desks: tuple[Desk, Desk]
) -> None:
    """Who has a token no more cannot be asked about; the other is."""
    here, there = desks
    await bot.workspaces.remove(here.team.id, "the test says so")
    assert "not installed" in await here.ask("subscribe quays")
    assert "Subscribed" in await there.ask("subscribe quays")


async def test_messages_that_learn_together_that_a_token_has_ended_end_alike(
    bot: Bot, slack: ManySlack, desks: tuple[Desk, Desk]
) -> None:
    """None of them waits for an installation that nobody has made; after one they do not end what is new."""
    here, _ = desks
    access = await bot.workspaces.access(here.address)
    slack.revoke(here.team, "token_revoked")
    with pytest.raises(SlackApiError) as problem:
        await access.client.auth_test()
    refused = slack_errors.outcome(problem.value)
    judged = [await bot.workspaces.judged(access, refused) for _ in range(2)]
    assert [type(each) for each in judged] == [Gone, Gone]
    bot.now += timedelta(minutes=1)
    await here.install()
    assert await bot.workspaces.judged(access, refused) == Unavailable(INSTALLED_AGAIN, "token")
