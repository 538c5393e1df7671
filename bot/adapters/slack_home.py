"""Slack's home tab: all the channels that a person manages, each a press away from what can be done with it.

opened, pressed | acknowledge | who sits where | inbox.overview | views.publish

What a button does is asked of Slack again when it is pressed: whoever has left a channel learns nothing of it.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import aiohttp
import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import buttons
from bot.adapters import slack_errors, slack_home_views, slack_markup
from bot.adapters.slack_announcing import DIRECT, announcer
from bot.adapters.slack_commands import PLATFORM
from bot.adapters.slack_home_views import ACTION, Button, Here, View
from bot.adapters.slack_publishing import Publisher
from bot.adapters.slack_seats import Seats
from bot.adapters.slack_seen import Seen
from bot.adapters.slack_workspaces import Address, plain
from bot.adapters.turns import Turns
from bot.languages import speaking
from bot.outcomes import Throttled
from bot.overview_ports import Viewer
from bot.ports import Inbox, Pressed, Reply, Request, RightsUnknownError
from bot.sentences import say_line

log = structlog.get_logger("bot.slack")

Body = dict[str, Any]
Edit = Callable[[AsyncWebClient, str, str, str], Awaitable[bool]]
"""Opens the editor of filters: client, trigger_id, the channel's address, the person's id. Tells whether it opened."""
# What of a card is shown in place of the channels.
_SHOWN: frozenset[buttons.Action] = frozenset({"filters", "panel"})


class Home:
    """The home tabs of all people, of each workspace by the client that Bolt has for it.

    `address` makes addresses and ids of persons that no other workspace has. `edit` opens the editor; without one, or
    where it does not open, the filters are shown with buttons that remove.
    """

    def __init__(
        self,
        inbox: Inbox,
        turns: Turns,
        edit: Edit | None = None,
        address: Address = plain,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._inbox = inbox
        self._turns = turns
        self._edit = edit
        self._address = address
        self._seats = Seats(address, monotonic)
        self._publisher = Publisher(monotonic, sleep)
        self._seen = Seen()

    def listen(self, app: AsyncApp) -> None:
        """Have an app hand over who opens the home tab, and what is pressed there."""
        app.event("app_home_opened")(self._on_opened)
        app.action(ACTION)(self._on_press)

    async def _on_opened(self, event: Body, body: Body, client: AsyncWebClient, context: AsyncBoltContext) -> None:
        team, user = context.team_id or "", event["user"]
        if event.get("tab") != "home" or self._seen.has(self._address(team, user), body["event_id"]):
            return
        await self._publish(client, team, user, Here(str(event.get("channel") or "")))

    async def _on_press(self, ack: AsyncAck, body: Body, action: Body, client: AsyncWebClient) -> None:
        await ack()
        view = body.get("view") or {}
        button = slack_home_views.read_button(action["action_id"], str(action.get("value") or ""))
        team, user = _team(body), body["user"]["id"]
        sign = f"{body['trigger_id']} {action['action_id']}"
        if button is None or button.where == "link" or self._seen.has(self._address(team, user), sign):
            return
        here = slack_home_views.read_here(str(view.get("private_metadata") or ""))
        match button.where:
            case "turn":
                await self._publish(client, team, user, replace(here, page=button.page))
            case "back":
                await self._publish(client, team, user, here)
            case _:
                with speaking(here.language):
                    await self._press(client, body, here, button)

    async def _press(self, client: AsyncWebClient, body: Body, here: Here, button: Button) -> None:
        team, user = _team(body), body["user"]["id"]
        if refusal := await self._refusal(client, team, user, here, button):
            await self._publish(client, team, user, here, refusal)
            return
        request = _request(body, button, functools.partial(self._address, team))
        request = replace(request, announce=announcer(client, self._turns, button.conversation, request.address))
        press = buttons.decode(button.press)
        is_edit = press is not None and press.action == "filters" and button.where == "card"
        if is_edit and self._edit is not None and await self._edit(client, body["trigger_id"], request.address, user):
            return
        pressed = await self._inbox.press(request)
        if pressed.said:
            await self._say(client, request.address, pressed)
        if pressed.panel is None or not _is_shown(press, button):
            await self._publish(client, team, user, here, pressed.toast)
            return
        # What a press has done stands in the panel, too; what it could not do does not.
        done = pressed.toast if pressed.alert else ()
        shown = slack_home_views.panel(pressed.panel, button.conversation, here, done)
        await self._publisher.publish(client, team, user, functools.partial(_made, shown))

    async def _refusal(self, client: AsyncWebClient, team: str, user: str, here: Here, button: Button) -> Reply:
        """Refuse whoever is no member of a channel now; nothing where they are, or where it is their own."""
        if button.conversation == here.direct and here.direct.startswith(DIRECT):
            return ()
        try:
            places = await self._seats.now(client, team, user)
        except RightsUnknownError:
            return (
                say_line(
                    "I could not ask Slack whether you are in that channel. Nothing was changed: try again later."
                ),
            )
        if any(place.address == self._address(team, button.conversation) for place in places):
            return ()
        return (say_line("You are not in that channel any more. Nothing was changed."),)

    async def _publish(self, client: AsyncWebClient, team: str, user: str, here: Here, done: Reply = ()) -> None:
        async def make() -> View:
            overview = await self._inbox.overview(await self._viewer(client, team, user, here))
            with speaking(overview.language):
                return slack_home_views.home(overview, here, done)

        await self._publisher.publish(client, team, user, make)

    async def _viewer(self, client: AsyncWebClient, team: str, user: str, here: Here) -> Viewer:
        direct = self._address(team, here.direct) if here.direct else ""
        person = self._address(team, user)
        try:
            places = await self._seats.of(client, team, user)
        except RightsUnknownError:
            names = await self._seats.names(client, user)
            actors = tuple(f"@{name}" for name in names)
            return Viewer(PLATFORM, person, actors, direct, within=self._address(team, ""))
        return Viewer(PLATFORM, person, (), direct, places)

    async def _say(self, client: AsyncWebClient, address: str, pressed: Pressed) -> None:
        """Write what a press has everybody read, such as the latest news, into the conversation."""
        conversation = slack_home_views.conversation(address)
        words = slack_markup.reply(pressed.said)

        async def post() -> Throttled | None:
            try:
                await client.chat_postMessage(channel=conversation, text=words, unfurl_links=False, unfurl_media=False)
            except SlackApiError as problem:
                outcome = slack_errors.outcome(problem)
                if isinstance(outcome, Throttled):
                    return outcome
                log.warning("slack_answer_refused", problem=str(problem.response.get("error", "")))
            except (aiohttp.ClientError, TimeoutError) as problem:
                log.warning("slack_answer_lost", problem=type(problem).__name__)
            return None

        await self._turns.send(address, post, group=False)


def _is_shown(press: buttons.Press | None, button: Button) -> bool:
    """Tell whether a panel takes the place of the channels; else these are shown again, as they are by then."""
    if press is None or press.action == "close":
        return False
    return button.where == "panel" or press.action in _SHOWN


def _team(body: Body) -> str:
    # What an organisation's installation gets may name the person's workspace alone.
    return str((body.get("team") or {}).get("id") or body["user"].get("team_id") or "")


def _request(body: Body, button: Button, address: Callable[[str], str]) -> Request:
    """Write a press as a request; the person is a member of the channel, or alone in it."""
    user = body["user"]
    return Request(
        platform=PLATFORM,
        address=address(button.conversation),
        text=button.press,
        actor=f"@{user.get('username') or user['id']}",
        actor_id=address(user["id"]),
        is_private=True,  # nobody else sees what the page says
        may_write=_members_may,
        has_buttons=True,
    )


async def _members_may() -> bool:
    """Let members change filters, as they may by commands."""
    return True


async def _made(view: View) -> View:
    return view
