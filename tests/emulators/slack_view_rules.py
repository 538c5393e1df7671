"""What Slack accepts in views, beyond what it accepts in blocks (docs.slack.dev/reference/views, /block-kit)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_VIEW = 250_000
LONGEST_ID = 255
PRIVATE_METADATA = 3000
TITLES = 24
LABEL = 2000
OPTION_TEXT, OPTION_VALUE = 75, 150
BUTTON_TEXT, BUTTON_VALUE = 75, 2000
PLACEHOLDER = 150
# The fewest and the most options of an element.
OPTIONS = {"overflow": (1, 5), "radio_buttons": (1, 10), "checkboxes": (1, 10), "static_select": (1, 100)}


def check(view: dict[str, Any]) -> list[str]:
    """Return what is wrong with a view whose blocks are in order."""
    return [*_check_frame(view), *(wrong for block in view["blocks"] for wrong in _check_block(block))]


def _check_frame(view: dict[str, Any]) -> Iterator[str]:
    for name in ("title", "submit", "close"):
        part = view.get(name)
        if part is not None and (part.get("type") != "plain_text" or not 1 <= len(part["text"]) <= TITLES):
            yield f"{name} {part} is not 1 to {TITLES} characters of plain text"
    if len(view.get("private_metadata", "")) > PRIVATE_METADATA:
        yield f"private_metadata of more than {PRIVATE_METADATA} characters"
    if len(view.get("callback_id", "")) > LONGEST_ID:
        yield f"a callback_id of more than {LONGEST_ID} characters"
    if view["type"] == "modal" and "submit" not in view and any(block["type"] == "input" for block in view["blocks"]):
        yield "a modal with input blocks needs a submit"
    if len(json.dumps(view)) > LARGEST_VIEW:
        yield f"a view of more than {LARGEST_VIEW} bytes"


def _check_block(block: dict[str, Any]) -> Iterator[str]:
    if len(block.get("block_id", "")) > LONGEST_ID:
        yield f"a block_id of more than {LONGEST_ID} characters"
    found = elements(block)
    names = [element["action_id"] for element in found if "action_id" in element]
    if len(names) != len(set(names)):
        yield "two elements of a block have the same action_id"
    if block["type"] == "input" and not 1 <= len(block["label"]["text"]) <= LABEL:
        yield f"a label of {len(block['label']['text'])} characters"
    for element in found:
        yield from _check_element(element)


def elements(block: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what can be pressed or filled in in a block."""
    found = [block.get("element"), block.get("accessory"), *(block.get("elements") or ())]
    return [each for each in found if isinstance(each, dict) and "action_id" in each]


def _check_element(element: dict[str, Any]) -> Iterator[str]:
    kind = element["type"]
    if len(element["action_id"]) > LONGEST_ID:
        yield f"an action_id of more than {LONGEST_ID} characters"
    if kind == "button" and len(element["text"]["text"]) > BUTTON_TEXT:
        yield f"a button's text of more than {BUTTON_TEXT} characters"
    if kind == "button" and len(element.get("value", "")) > BUTTON_VALUE:
        yield f"a button's value of more than {BUTTON_VALUE} characters"
    if len(element.get("placeholder", {}).get("text", "")) > PLACEHOLDER:
        yield f"a placeholder of more than {PLACEHOLDER} characters"
    options = element.get("options") or []
    fewest, most = OPTIONS.get(kind, (0, 0))
    if not fewest <= len(options) <= most:
        yield f"{kind} has {len(options)} options, not {fewest} to {most}"
    chosen = [element[name] for name in ("initial_option",) if name in element] + element.get("initial_options", [])
    yield from (wrong for option in [*options, *chosen] for wrong in check_option(option))
    if options and any(option not in options for option in chosen):
        yield "an initial option is none of the options"
    if "initial_options" in element and not element["initial_options"]:
        yield "initial_options are empty"


def check_option(option: dict[str, Any]) -> Iterator[str]:
    """Return what is wrong with an option."""
    if not 1 <= len(option["text"]["text"]) <= OPTION_TEXT:
        yield f"an option's text of {len(option['text']['text'])} characters, not 1 to {OPTION_TEXT}"
    if not 1 <= len(option.get("value", "")) <= OPTION_VALUE:
        yield f"an option's value of {len(option.get('value', ''))} characters, not 1 to {OPTION_VALUE}"
