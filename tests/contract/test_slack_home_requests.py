"""The home tab is reached by the socket and by calls, and hands a channel's filters over to their editor."""

from __future__ import annotations

import json

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import channels
from bot.adapters.slack_home import Home
from bot.adapters.slack_requests import Socket
from bot.adapters.turns import Turns
from bot.db import Database
from bot.outbox.pacing import Pacer
from tests.contract.slack_at_home import at_home
from tests.contract.slack_talking import LIMITS, talking
from tests.emulators import slack_homes
from tests.emulators.slack import SlackEmulator

DIVIDER = {"type": "divider"}


async def test_calls_open_the_home_tab_as_the_socket_does(slack: SlackEmulator, database: Database) -> None:
    """Bolt answers both alike."""
    async with talking(slack, database, "http") as talk:
        await talk.ask("follow Marta Quill")
        await slack_homes.open_home(slack, talk.ada)
        await slack.wait_for(lambda: slack.workspace.homes.get(talk.ada.id))
        assert talk.channel.id in slack_homes.shown(slack, talk.ada)


async def test_a_page_that_names_a_channel_as_the_persons_own_opens_nothing(
    slack: SlackEmulator, database: Database
) -> None:
    """What a page carries comes back as it was sent; should somebody ever send another, membership is asked."""
    async with at_home(slack, database) as talk:
        await talk.ask("follow Marta Quill")
        await talk.open(talk.ada)
        talk.channel.members.remove(talk.ada.id)
        page = slack.workspace.homes[talk.ada.id] | {"private_metadata": json.dumps({"direct": talk.channel.id})}
        (pause,) = (each for _, each in slack_homes.buttons(page) if each["text"]["text"] == "Pause")
        await slack_homes.press_element(slack, talk.ada, pause, page)
        await slack.wait_for(lambda: "not in that channel any more" in slack_homes.shown(slack, talk.ada))
        chosen = await database.read(channels.settings, "slack", talk.channel.id, "")
        assert chosen is not None
        assert chosen["paused_until"] is None


async def test_edit_filters_opens_the_editor_where_there_is_one(slack: SlackEmulator, database: Database) -> None:
    """By a trigger that is still good; where it does not open the filters are shown, and to who has left neither."""
    opened: list[tuple[str, str]] = []

    async def edit(client: AsyncWebClient, trigger: str, address: str, user: str) -> bool:
        title = {"type": "plain_text", "text": "Filters"}
        await client.views_open(trigger_id=trigger, view={"type": "modal", "title": title, "blocks": [DIVIDER]})
        opened.append((address, user))
        slack.changed()
        return len(opened) == 1

    async with at_home(slack, database) as talk:
        await talk.ask("follow Marta Quill")
        await talk.adapter.stop_receiving()
        app = AsyncApp(client=AsyncWebClient("xoxb-test", slack.url), request_verification_enabled=False)
        Home(talk.commands, Turns(Pacer(LIMITS)), edit).listen(app)
        socket = Socket(slack.app_token)
        await socket.open(app)
        await talk.open(talk.ada)
        await slack_homes.press(slack, talk.ada, "Edit filters")
        await slack.wait_for(lambda: opened)
        assert "Marta Quill" in await talk.press(talk.ada, "Edit filters")
        await talk.press(talk.ada, "All channels")
        talk.channel.members.remove(talk.ada.id)
        assert "not in that channel any more" in await talk.press(talk.ada, "Edit filters")
        await socket.close()
    assert opened == [(talk.channel.id, talk.ada.id)] * 2
