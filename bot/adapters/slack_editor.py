"""Slack's editor of filters: a modal that is opened at once, filled, and saved without overwriting anybody.

/phiwire edit | views.open, empty | editing.sheet | views.update
edit, add | views.push, empty | editing.form | views.update | each change: editing.trial | views.update
save | editing.save | errors, the form again, or closed and the sheet anew
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot import buttons
from bot.adapters import slack_editor_views as views
from bot.adapters.slack_announcing import announcer
from bot.adapters.slack_commands import PLATFORM, members_may, title
from bot.adapters.slack_editor_views import Where
from bot.adapters.slack_modals import Writing, call, of_its_workspace, remember
from bot.adapters.slack_seen import Seen
from bot.adapters.slack_workspaces import Address, beside, conversation, plain
from bot.adapters.turns import Turns
from bot.editing_ports import Conflict, Draft, Form, Outcome, Problem, Saved
from bot.languages import say, speaking
from bot.ports import Inbox, Reply, Request

# Seconds that saving may take before Slack, which waits three, is told to wait.
PATIENCE = 2.0
# Seconds between two updates of a form: Slack takes about a hundred a minute, and tells of every letter.
PAUSE = 0.3
# How often a form is updated where Slack refuses.
TRIES = 3
# A page that is never reached, so that the last one is shown.
END = 1_000_000
Body = dict[str, Any]


class Editor:
    """Opens the editor, and does what is chosen there."""

    def __init__(self, inbox: Inbox, turns: Turns, address: Address = plain, patience: float = PATIENCE) -> None:
        self._inbox = inbox
        self._turns = turns
        self._address = address
        self._patience = patience
        self._writing: OrderedDict[str, Writing] = OrderedDict()
        self._saving: OrderedDict[str, asyncio.Task[Outcome]] = OrderedDict()
        self._seen = Seen()

    def listen(self, app: AsyncApp) -> None:
        """Have an app hand over what concerns the editor; before whoever takes all commands and buttons."""
        app.command(re.compile("^/"), matchers=[_asks_to_edit])(self._on_command)
        app.action(re.compile(""), matchers=[_is_opener])(self._on_opener)
        ours = [of_its_workspace(self._address)]
        app.action(views.ADD, middleware=ours)(self._on_add)
        app.action(views.ROW, middleware=ours)(self._on_row)
        app.action(views.EARLIER, middleware=ours)(self._on_page)
        app.action(views.LATER, middleware=ours)(self._on_page)
        for name in (views.KIND, views.QUERY, views.NAME):
            app.action(name, middleware=ours)(self._on_change)
        app.options(views.NAME, middleware=ours)(self._on_names)
        app.view(views.FORM, middleware=ours)(self._on_save)

    async def open(
        self,
        client: AsyncWebClient,
        trigger_id: str,
        address: str,
        user_id: str,
        user_name: str = "",
        channel_name: str = "",
    ) -> bool:
        """Open the filters of a channel, by its address, before a person; whether they may is asked here.

        Return whether it opened: a trigger_id lives three seconds. The name of the channel is kept where it is known.
        """
        here = Where(address)
        opened = await call(client.views_open(trigger_id=trigger_id, view=views.waiting(here)))
        if opened is None:
            return False
        request = _request(address, user_id, user_name, channel_name)
        with await self._speaking(request):
            await self._show(client, opened["view"]["id"], here, request)
        return True

    async def _on_command(
        self, ack: AsyncAck, respond: AsyncRespond, command: Body, client: AsyncWebClient, context: AsyncBoltContext
    ) -> None:
        await ack()
        address = self._address(context.team_id, command["channel_id"])
        if self._seen.has(address, command["trigger_id"]):
            return
        user, named = command.get("user_name", ""), title(command)
        if not await self.open(client, command["trigger_id"], address, command["user_id"], user, named):
            await respond(text=_not_opened(), response_type="ephemeral")

    async def _on_opener(
        self, ack: AsyncAck, respond: AsyncRespond, body: Body, client: AsyncWebClient, context: AsyncBoltContext
    ) -> None:
        await ack()
        address, user = self._address(context.team_id, body["channel"]["id"]), body["user"]
        if self._seen.has(address, body["trigger_id"]):
            return
        if not await self.open(client, body["trigger_id"], address, user["id"], _named(user)):
            await respond(text=_not_opened(), response_type="ephemeral", replace_original=False)

    async def _show(
        self, client: AsyncWebClient, view_id: str, here: Where, request: Request, said: Reply = ()
    ) -> None:
        shown = await self._inbox.editing.sheet(request, here.page)
        view = views.notice(shown.said, here) if isinstance(shown, Problem) else views.sheet(shown, here, said)
        await call(client.views_update(view_id=view_id, view=view))

    async def _on_page(self, ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        here = replace(views.where(body["view"]), page=int(body["actions"][0]["value"]))
        with await self._speaking(_asked(body)):
            await self._show(client, body["view"]["id"], here, _asked(body))

    async def _on_add(self, ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await self._begin(client, body, 0)

    async def _on_row(self, ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        action, _, number = body["actions"][0]["selected_option"]["value"].partition(":")
        if action == "edit":
            await self._begin(client, body, int(number))
            return
        here, request = views.where(body["view"]), self._acts(client, body)
        if self._seen.has(here.address, body["trigger_id"]):
            return
        with await self._speaking(request):
            if action == "delete":
                outcome = await self._inbox.editing.remove(request, int(number), here.version)
            else:
                on = action == "urgent"
                outcome = await self._inbox.editing.set_urgent(request, int(number), here.version, on=on)
            await self._show(client, body["view"]["id"], here, request, outcome.said)

    async def _begin(self, client: AsyncWebClient, body: Body, filter_: int) -> None:
        """Put a form over the sheet."""
        here = views.where(body["view"])
        if self._seen.has(here.address, body["trigger_id"]):
            return
        pushed = await call(client.views_push(trigger_id=body["trigger_id"], view=views.waiting(here)))
        if pushed is None:
            return
        with await self._speaking(_asked(body)):
            form = await self._inbox.editing.form(_asked(body), filter_)
            view = views.notice(form.said, here) if isinstance(form, Problem) else views.form(form, here)
        await call(client.views_update(view_id=pushed["view"]["id"], view=view))

    async def _on_change(self, ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        """Try what has been written; only what was written last is shown."""
        await ack()
        view = body["view"]
        writing = self._written(view)
        changes = writing.changes
        async with writing.trying:
            if changes != writing.changes:
                return
            here, draft = views.where(view), views.draft(view)
            with await self._speaking(_asked(body)):
                trial = await self._inbox.editing.trial(_asked(body), draft)
                shown = views.form(Form(draft, trial, until=here.until), here)
            for _ in range(TRIES):
                async with writing.turn:
                    if changes != writing.changes:
                        return
                    updated = await call(client.views_update(view_id=view["id"], view=shown))
                await asyncio.sleep(PAUSE)
                if updated is not None:
                    return

    async def _on_names(self, ack: AsyncAck, body: Body) -> None:
        with await self._speaking(_asked(body)):
            found = await self._inbox.editing.names(_asked(body), body.get("value") or "")
        await ack(options=views.options(found))

    async def _on_save(self, ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        with await self._speaking(_asked(body)):
            await self._save(ack, body, client)

    async def _save(self, ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        view = body["view"]
        here, draft, request = views.where(view), views.draft(view), self._acts(client, body)
        sign = f"{here.address} {body['trigger_id']}"
        is_first = sign not in self._saving
        if is_first:
            saving = asyncio.create_task(self._inbox.editing.save(request, draft), name="save a filter")
            remember(self._saving, sign, saving)
        saving = self._saving[sign]
        # What is still tried must not come after what is answered now.
        async with self._written(view).turn:
            await asyncio.wait({saving}, timeout=self._patience)
            if saving.done():
                await ack(**_answer(saving.result(), draft, view))
            else:
                await ack(response_action="update", view=views.waiting(here))
                late = _after(await saving, draft, here)
                await call(client.views_update(view_id=view["id"], view=late))
        outcome = saving.result()
        if is_first and isinstance(outcome, Saved):
            # What is new stands at the end.
            page = here.page if draft.filter else END
            await self._show(client, view["root_view_id"], Where(here.address, page), request, outcome.said)

    async def _speaking(self, request: Request) -> AbstractContextManager[None]:
        return speaking(await self._inbox.editing.language(request))

    def _written(self, view: Body) -> Writing:
        """Note that a form has changed."""
        sign = f"{views.where(view).address} {view['id']}"
        writing = self._writing.get(sign) or Writing()
        remember(self._writing, sign, writing)
        writing.changes += 1
        return writing

    def _acts(self, client: AsyncWebClient, body: Body) -> Request:
        """Say who changes something, which the channel is told."""
        request = _asked(body)
        there = conversation(request.address)
        return replace(request, announce=announcer(client, self._turns, there, request.address))


def _answer(outcome: Outcome, draft: Draft, view: Body) -> dict[str, Any]:
    """Say what becomes of a form that was sent: closed, with errors beside its fields, or filled anew."""
    if isinstance(outcome, Saved):
        return {}
    if isinstance(outcome, Problem) and outcome.brief:
        return {"response_action": "errors", "errors": {views.field_of_words(view): outcome.brief}}
    return {"response_action": "update", "view": _after(outcome, draft, views.where(view))}


def _after(outcome: Outcome, draft: Draft, here: Where) -> Body:
    """Show in place of a form what came of it."""
    if isinstance(outcome, Saved):
        return views.notice(outcome.said, here)
    again = Form(draft, (), outcome.said, here.until)
    return views.form((isinstance(outcome, Conflict) and outcome.form) or again, here)


async def _asks_to_edit(command: Body) -> bool:
    return (command.get("text") or "").strip().casefold() == "edit"


async def _is_opener(action: Body) -> bool:
    press = buttons.decode(action.get("value") or "")
    return press is not None and press.action == "edit"


def _not_opened() -> str:
    return say("The editor did not open in time. Nothing was changed: please try again.")


def _asked(body: Body) -> Request:
    """Say who does something in a view, and to which channel."""
    user = body["user"]
    return _request(views.where(body["view"]).address, user["id"], _named(user))


def _named(user: Body) -> str:
    return str(user.get("username") or user.get("name") or "")


def _request(address: str, user_id: str, user_name: str, title: str = "") -> Request:
    return Request(
        platform=PLATFORM,
        address=address,
        title=title,
        text="edit",
        actor=f"@{user_name or user_id}",
        actor_id=beside(address, user_id),
        is_private=True,
        may_write=members_may,
        has_editor=True,
    )
