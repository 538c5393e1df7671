"""Hold what a bot sends against the table of the Bot API: names, types, lengths, objects within objects."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from tests.emulators import telegram_specification as specification
from tests.emulators.telegram_specification import Field

# People cannot use more, and Telegram silently drops or rearranges what is beyond: its documentation names no number.
MOST_BUTTONS, MOST_IN_A_ROW = 100, 8
SIMPLE: Mapping[str, Callable[[Any], bool]] = {
    "Integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "Float": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "String": lambda value: isinstance(value, str),
    "Boolean": lambda value: isinstance(value, bool),
    "InputFile": lambda value: not isinstance(value, dict | list | int),
}


class Problem(NamedTuple):
    """What is wrong, for whoever reads a failed test, and what Telegram answers to it."""

    described: str
    answer: str


def check_parameters(method: str, params: Mapping[str, Any]) -> list[Problem]:
    """Return how the parameters of a call differ from the table."""
    return list(_fields(method, method, params))


def _fields(where: str, name: str, values: Mapping[str, Any]) -> Iterator[Problem]:
    fields = specification.fields_of(name)
    for unknown in values.keys() - fields.keys():
        yield _problem(f"{where}: parameter {unknown} is not described")
    for field in fields.values():
        if field.name not in values:
            if field.required:
                missing = f"{where}: parameter {field.name} is required"
                answer = specification.MISSING.get(field.name, missing) if where == name else missing
                yield Problem(missing, answer)
            continue
        wrong = _value(f"{where}.{field.name}", field.kinds, values[field.name])
        yield from wrong or _limits(where, field, values[field.name])
    if name in RULES:
        yield from map(_problem, RULES[name](values))


def _value(where: str, kinds: tuple[str, ...], value: Any) -> list[Problem]:
    """Return what is wrong by that kind which fits best; nothing where one fits."""

    def distance(wrong: list[Problem]) -> tuple[int, int]:
        return sum(each.described.startswith(f"{where}:") for each in wrong), len(wrong)

    return min((_kind(where, kind, value) for kind in kinds), key=distance)


def _kind(where: str, kind: str, value: Any) -> list[Problem]:
    if kind.endswith("[]"):
        if not isinstance(value, list):
            return [_problem(f"{where}: not an array")]
        return [wrong for item in value for wrong in _kind(where, kind.removesuffix("[]"), item)]
    if kind.startswith("="):
        return [] if value == kind[1:] else [_problem(f"{where}: {value!r} is not {kind[1:]!r}")]
    if kind in SIMPLE:
        return [] if SIMPLE[kind](value) else [_problem(f"{where}: {value!r} is not {kind}")]
    if not isinstance(value, dict):
        return [_problem(f"{where}: not a JSON object")]
    if kind in specification.UNIONS:
        meant = [each for each in specification.UNIONS[kind] if _is_meant(each, value)]
        return _value(where, tuple(meant or specification.UNIONS[kind]), value)
    return list(_fields(where, kind, value))


def _is_meant(kind: str, value: Mapping[str, Any]) -> bool:
    named = specification.fields_of(kind).get("type")
    return named is None or named.kinds == (f"={value.get('type')}",)


def _limits(where: str, field: Field, value: Any) -> Iterator[Problem]:
    refusal = field.refusal or f"{field.name.replace('_', ' ')} is invalid"
    size = _size(field.unit, value)
    if size is not None and not field.least <= size <= field.most:
        yield Problem(f"{where}.{field.name}: {refusal}, {size} is not {field.least}-{field.most}", refusal)
    letters = specification.LETTERS.get(field.name)
    if letters is not None and value and not letters.fullmatch(value):
        yield Problem(f"{where}.{field.name}: {refusal}, {value!r} has other letters", refusal)


def _size(unit: str, value: Any) -> int | None:
    """Measure a value; what counts after parsing is measured by whoever parses."""
    if unit == "n":
        return len(value) if isinstance(value, list) else int(value)
    if unit == "b":
        return len(value.encode())
    return len(value) if unit == "c" else None


def _button(button: Mapping[str, Any]) -> Iterator[str]:
    actions = button.keys() - {"text", "style", "icon_custom_emoji_id"}
    if len(actions) != 1:
        yield f"inline keyboard button needs one action, not {sorted(actions)}"
    if not str(button.get("text", "")).strip():
        yield "inline keyboard button text is empty"


def _keyboard(markup: Mapping[str, Any]) -> Iterator[str]:
    rows = markup.get("inline_keyboard", [])
    if max(map(len, rows), default=0) > MOST_IN_A_ROW or sum(map(len, rows)) > MOST_BUTTONS:
        yield f"more than {MOST_IN_A_ROW} buttons in a row, or than {MOST_BUTTONS}"


# What the table cannot say.
RULES: Mapping[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "InlineKeyboardButton": _button,
    "InlineKeyboardMarkup": _keyboard,
}


def _problem(described: str) -> Problem:
    return Problem(described, described)


def decode(method: str, name: str, value: Any) -> Any:
    """Turn a form value into what its JSON would be; a value that is not what it should be stays text."""
    fields = specification.fields_of(method) if method in specification.METHODS else {}
    kinds = fields[name].kinds if name in fields else ()
    if not isinstance(value, str) or kinds == ("String",) or kinds[:1] == ("InputFile",):
        return value
    try:
        decoded = json.loads(value)
    except ValueError:
        return value
    return value if isinstance(decoded, str) else decoded
