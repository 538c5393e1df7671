"""What Slack accepts as buttons and menus (docs.slack.dev/reference/block-kit)."""

from __future__ import annotations

from typing import Any

from tests.emulators import slack_rules as rules


def check_elements(blocks: Any) -> list[str]:
    """Return what is wrong with the buttons and menus of a message (docs.slack.dev/reference/block-kit)."""
    wrong, names = [], []
    for block in blocks if isinstance(blocks, list) else []:
        if len(block.get("block_id") or "") > 255:
            wrong.append("block_id: more than 255 characters")
        for element in block.get("elements") or [] if block.get("type") == "actions" else []:
            names.append(element.get("action_id"))
            wrong += [f"{element.get('type')}: {problem}" for problem in _check_element(element)]
    if len(names) != len(set(names)):
        wrong.append(f"two elements have the same action_id: {names}")
    return wrong


def _check_element(element: dict[str, Any]) -> list[str]:
    wrong = [] if 1 <= len(element.get("action_id") or "") <= 255 else ["action_id: not 1 to 255 characters"]
    if element.get("type") == "button":
        longest, pressable = 2000, [element]
    elif element.get("type") == "overflow":
        # 150 by now, 75 for as long as menus exist: clients may be older.
        longest, pressable = 75, element.get("options") or []
        if not 1 <= len(pressable) <= 5:
            wrong.append(f"{len(pressable)} options, not 1 to 5")
    else:
        return wrong
    for each in pressable:
        text = each.get("text") or {}
        if text.get("type") != "plain_text" or not 1 <= len(text.get("text", "")) <= 75:
            wrong.append(f"a label that is not plain text of 1 to 75 characters: {text}")
        if not 1 <= len(each.get("value", "")) <= longest:
            wrong.append(f"a value that is not 1 to {longest} characters: {each.get('value')!r}")
        if "url" in each and len(each["url"]) > rules.URL_LIMIT:
            wrong.append("an address that is too long")
    return wrong
