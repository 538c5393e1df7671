"""A person in front of a modal: what they see, type, choose, press, send and close."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.emulators import slack_rules, slack_view_rules

if TYPE_CHECKING:
    from tests.emulators.slack import SlackEmulator
    from tests.emulators.slack_socket import Envelope
    from tests.emulators.slack_state import SlackUser
    from tests.emulators.slack_views import Stack

Found = tuple[dict[str, Any], dict[str, Any]]


class Modal:
    """The views that a person has open, of which they see the topmost; `errors` stand beside its fields."""

    def __init__(self, slack: SlackEmulator, user: SlackUser, stack: Stack) -> None:
        self.views = slack.workspace_of(user).modals
        self.slack = slack
        self.user = user
        self.stack = stack
        self.errors: dict[str, str] = {}

    @property
    def view(self) -> dict[str, Any]:
        """The topmost view."""
        assert self.stack.views, "the modal is closed"
        return self.stack.views[-1]

    @property
    def shown(self) -> str:
        """All that there is to read, without marks, with what stands in the fields of text."""
        fields = [
            field["value"] or ""
            for name in self.view["state"]["values"].values()
            for field in name.values()
            if "value" in field
        ]
        return "\n".join([_read([self.view["title"], *self.view["blocks"]]), *fields])

    @property
    def labels(self) -> list[str]:
        """What can be pressed and filled in: the labels of fields, buttons and options."""
        texts = [block["label"]["text"] for block in self.view["blocks"] if "label" in block]
        for block in self.view["blocks"]:
            for element in slack_view_rules.elements(block):
                texts += [element["text"]["text"]] if "text" in element else []
                texts += [option["text"]["text"] for option in element.get("options") or ()]
        return texts

    def find(self, label: str) -> Found:
        """Return the block and the element of a field or a button, by its label."""
        for block in self.view["blocks"]:
            for element in slack_view_rules.elements(block):
                named = block.get("label") or element.get("text") or {"text": ""}
                if named["text"] == label:
                    return block, element
        raise AssertionError(f"no {label!r} in {self.labels}")

    async def until(self, text: str, *, views: int = 0) -> Modal:
        """Wait until something is shown, by as many views as that."""
        await self.slack.wait_for(
            lambda: self.stack.views and text in self.shown and (not views or len(self.stack.views) == views),
            5,
            f"no {text!r} in {self.shown if self.stack.views else 'a closed modal'!r}",
        )
        return self

    async def type(self, label: str, words: str) -> Modal:
        """Write into a field of text; where Slack would, the app is told."""
        block, element = self.find(label)
        assert element["type"] == "plain_text_input"
        self._fill(block, element, {"type": element["type"], "value": words or None})
        on = element.get("dispatch_action_config", {}).get("trigger_actions_on", ["on_enter_pressed"])
        if block.get("dispatch_action") and "on_character_entered" in on:
            await self._act(block, element, {"value": words})
        return self

    async def choose(self, label: str, text: str, typed: str = "") -> Modal:
        """Choose an option by how it begins, of those that come when something is typed where they are asked for."""
        block, element = self.find(label)
        offered = await self.suggested(label, typed) if element["type"] == "external_select" else element["options"]
        chosen = next((option for option in offered if option["text"]["text"].startswith(text)), None)
        assert chosen is not None, f"no {text!r} in {offered}"
        self._fill(block, element, {"type": element["type"], "selected_option": chosen})
        if block.get("dispatch_action"):
            await self._act(block, element, {"selected_option": chosen})
        return self

    async def suggested(self, label: str, typed: str) -> list[dict[str, Any]]:
        """Type into a field of choices, and return those that the app offers."""
        block, element = self.find(label)
        if len(typed) < element.get("min_query_length", 3):
            return []
        about = {"action_id": element["action_id"], "block_id": block["block_id"], "value": typed}
        answer = await self._send({"type": "block_suggestion", "container": self._container(), **about})
        options: list[dict[str, Any]] = answer["options"]
        wrong = [problem for option in options for problem in slack_view_rules.check_option(option)]
        self.slack.violations += wrong + ["more than 100 options"] * (len(options) > 100)
        return options

    async def tick(self, label: str, *texts: str) -> Modal:
        """Tick the boxes that begin so, and no others."""
        block, element = self.find(label)
        chosen = [option for option in element["options"] if option["text"]["text"].startswith(texts)] if texts else []
        self._fill(block, element, {"type": "checkboxes", "selected_options": chosen})
        return self

    async def press(self, label: str) -> Modal:
        """Press a button."""
        block, element = self.find(label)
        await self._act(block, element, {"value": element.get("value", ""), "text": element["text"]})
        return self

    async def pick(self, row: str, text: str) -> Modal:
        """Open the menu of the first row that shows something, and pick from it."""
        rows = [block for block in self.view["blocks"] if "accessory" in block]
        block = next(
            (block for block in rows if row in re.sub("[`*]", "", "\n".join(slack_rules.readable(block["text"])))), None
        )
        assert block is not None, f"no row with {row!r} in {self.shown}"
        chosen = next(option for option in block["accessory"]["options"] if option["text"]["text"] == text)
        await self._act(block, block["accessory"], {"selected_option": chosen})
        return self

    async def submit(self) -> Modal:
        """Send the form; Slack itself refuses one whose fields are empty."""
        view = self.view
        self.errors = {
            block["block_id"]: "Please complete this required field."
            for block in view["blocks"]
            if block["type"] == "input" and not block.get("optional") and self._is_empty(block)
        }
        if not self.errors:
            self.take(view["id"], await self._send({"type": "view_submission", "response_urls": []}))
        return self

    def take(self, view_id: str, answer: dict[str, Any]) -> None:
        """Do what the app answers to a form."""
        views, action = self.views, answer.get("response_action")
        if action == "errors":
            fields = {block["block_id"] for block in self.view["blocks"] if block["type"] == "input"}
            self.errors = answer["errors"]
            self.slack.violations += [f"no field {name}" for name in self.errors if name not in fields]
        elif action in {"update", "push"} and views.refusal(answer.get("view")) is None:
            if action == "update":
                views.replace(view_id, answer["view"])
            else:
                views.put(self.stack, answer["view"])
        elif action == "clear":
            self.stack.views.clear()
        elif action is None:
            self.stack.views.pop()
        self.slack.changed()

    async def close(self) -> None:
        """Go back to the view below, or close the last one; an app that wants to know is told."""
        view = self.stack.views.pop()
        if view["notify_on_close"]:
            await self.slack.interact(self.user, {"type": "view_closed", "view": view, "is_cleared": False})

    def submission(self) -> dict[str, Any]:
        """Return what sending the form as it stands would send, to be sent by a test itself."""
        return {"type": "view_submission", "view": dict(self.view), "response_urls": []}

    def _is_empty(self, block: dict[str, Any]) -> bool:
        (field,) = self.view["state"]["values"][block["block_id"]].values()
        return not (field.get("value") or field.get("selected_option") or field.get("selected_options"))

    def _fill(self, block: dict[str, Any], element: dict[str, Any], field: dict[str, Any]) -> None:
        self.view["state"]["values"][block["block_id"]][element["action_id"]] = field

    def _container(self) -> dict[str, Any]:
        return {"type": "view", "view_id": self.view["id"]}

    async def _act(self, block: dict[str, Any], element: dict[str, Any], done: dict[str, Any]) -> None:
        action = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]} | done
        await self._send({"type": "block_actions", "container": self._container(), "actions": [action]})

    def _send(self, payload: dict[str, Any]) -> Envelope:
        return self.slack.interact(self.user, payload | {"view": _copied(self.view)})


def _read(blocks: Any) -> str:
    return re.sub("[`*]", "", "\n".join(slack_rules.readable(blocks)))


def _copied(view: dict[str, Any]) -> dict[str, Any]:
    values = {name: dict(fields) for name, fields in view["state"]["values"].items()}
    return view | {"state": {"values": values}}
