"""Modals of the emulated Slack: stacks of views, triggers that open them, and what stands in their fields."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.emulators import slack_rules, slack_view_rules
from tests.emulators.slack_state import APP_ID, BOT_ID, TEAM_ID

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulators.slack_state import Answer, Params

MOST_VIEWS = 3
FILLED = {"plain_text_input", "static_select", "external_select", "radio_buttons", "checkboxes"}


@dataclass(slots=True, eq=False)
class Stack:
    """The views that one person has open, the topmost last."""

    user: str
    views: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Trigger:
    """What somebody did, when, and in which stack of views, if in one."""

    user: str
    at: float
    stack: Stack | None


class Views:
    """All open modals; a trigger opens or pushes one, within `seconds`."""

    def __init__(self, violations: list[str], new_hash: Callable[[], str], team_id: str = TEAM_ID) -> None:
        self._team_id = team_id
        self.seconds = 3.0
        self.stacks: list[Stack] = []
        self._violations = violations
        self._new_hash = new_hash
        self._numbers = itertools.count(1)
        self._triggers: dict[str, Trigger | None] = {}
        self.known: dict[str, Callable[[Params], Answer]] = {
            "views.open": self.open,
            "views.push": self.push,
            "views.update": self.update,
        }

    @property
    def open_views(self) -> list[dict[str, Any]]:
        """All views that are open."""
        return [view for stack in self.stacks for view in stack.views]

    def put_trigger(self, trigger: str, user: str, view_id: str = "") -> None:
        """Remember what somebody did, perhaps in a view."""
        self._triggers[trigger] = Trigger(user, time.monotonic(), self.stack_of(view_id))

    def stack_of(self, view_id: str) -> Stack | None:
        """Return the stack of a view."""
        return next((stack for stack in self.stacks if any(view["id"] == view_id for view in stack.views)), None)

    def _take(self, params: Params) -> Trigger | str:
        name = str(params.get("trigger_id"))
        if name not in self._triggers:
            return "invalid_trigger_id"
        trigger = self._triggers[name]
        if trigger is None:
            return "exchanged_trigger_id"
        if time.monotonic() - trigger.at > self.seconds:
            return "expired_trigger_id"
        return trigger

    def open(self, params: Params) -> Answer:
        """Open a modal with a trigger that is known, unused and young."""
        trigger = self._take(params)
        if isinstance(trigger, str):
            return {"ok": False, "error": trigger}
        return self._begin(params, Stack(trigger.user))

    def push(self, params: Params) -> Answer:
        """Put a modal over the one in which somebody did something."""
        trigger = self._take(params)
        if isinstance(trigger, str):
            return {"ok": False, "error": trigger}
        if trigger.stack is None or trigger.stack not in self.stacks:
            return {"ok": False, "error": "not_found"}
        if len(trigger.stack.views) >= MOST_VIEWS:
            return {"ok": False, "error": "push_limit_reached"}
        return self._begin(params, trigger.stack)

    def _begin(self, params: Params, stack: Stack) -> Answer:
        if refusal := self.refusal(params.get("view")):
            return refusal
        self._triggers[str(params["trigger_id"])] = None
        if stack not in self.stacks:
            self.stacks.append(stack)
        return {"ok": True, "view": self.put(stack, params["view"])}

    def put(self, stack: Stack, view: dict[str, Any]) -> dict[str, Any]:
        """Put a view on a stack."""
        number = f"V{next(self._numbers):08d}"
        root = stack.views[0]["id"] if stack.views else number
        previous = stack.views[-1]["id"] if stack.views else None
        stack.views.append(self._kept(view, {"id": number, "root_view_id": root, "previous_view_id": previous}))
        return stack.views[-1]

    def _kept(self, view: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
        """Return a view as Slack keeps it: what stands in fields whose ids stay, stays."""
        stood = old.get("state", {}).get("values", {})
        blocks = [{"block_id": f"b{number}"} | block for number, block in enumerate(view["blocks"])]
        values: dict[str, dict[str, Any]] = {}
        for block in blocks:
            for element in slack_view_rules.elements(block):
                if element["type"] in FILLED:
                    name = element["action_id"]
                    kept = stood.get(block["block_id"], {}).get(name)
                    is_same = kept is not None and kept["type"] == element["type"]
                    values.setdefault(block["block_id"], {})[name] = kept if is_same else _initial(element)
        ids = {name: old[name] for name in ("id", "root_view_id", "previous_view_id")}
        about = {"team_id": self._team_id, "app_id": APP_ID, "bot_id": BOT_ID, "hash": self._new_hash()}
        optional = {"private_metadata": "", "callback_id": "", "notify_on_close": False, "clear_on_close": False}
        return optional | view | ids | about | {"blocks": blocks, "state": {"values": values}}

    def replace(self, view_id: str, view: dict[str, Any]) -> dict[str, Any] | None:
        """Put a view in the place of an open one; None where that is closed."""
        for stack in self.stacks:
            for place, old in enumerate(stack.views):
                if old["id"] == view_id:
                    stack.views[place] = self._kept(view, old)
                    return stack.views[place]
        return None

    def update(self, params: Params) -> Answer:
        """Replace an open modal."""
        old = next((view for view in self.open_views if view["id"] == params.get("view_id")), None)
        if old is None:
            return {"ok": False, "error": "not_found"}
        if params.get("hash") not in (None, old["hash"]):
            return {"ok": False, "error": "hash_conflict"}
        return self.refusal(params.get("view")) or {"ok": True, "view": self.replace(old["id"], params["view"])}

    def refusal(self, view: Any) -> Answer | None:
        """Return the refusal of a view that Slack or our own rules forbid."""
        wrong = slack_rules.check_view(view) or slack_view_rules.check(view)
        self._violations += wrong
        if not wrong:
            return None
        return {"ok": False, "error": "invalid_arguments", "response_metadata": {"messages": wrong}}


def _initial(element: dict[str, Any]) -> dict[str, Any]:
    match element["type"]:
        case "plain_text_input":
            return {"type": element["type"], "value": element.get("initial_value")}
        case "checkboxes":
            return {"type": element["type"], "selected_options": element.get("initial_options", [])}
        case kind:
            return {"type": kind, "selected_option": element.get("initial_option")}
