"""The operator's file of names that mean the same author or organisation: "Iain Duncan Smith" = ["IDS"]."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from bot.filters import people
from bot.filters.people import NO_ALIASES, Aliases


class AliasesError(Exception):
    """The file of aliases cannot be used; the message says every problem with its remedy."""


def load(path: Path | None) -> Aliases:
    """Read the file; without one there are no aliases. Raises AliasesError."""
    if path is None:
        return NO_ALIASES
    try:
        content = path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise AliasesError(f"There is no file {path}: correct PHIWIRE_ALIASES, or leave it empty.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise AliasesError(f"{path} cannot be read ({error}): make it a text file that this user may read.") from error
    try:
        return read(tomllib.loads(content))
    except tomllib.TOMLDecodeError as error:
        example = '"Iain Duncan Smith" = ["IDS"]'
        raise AliasesError(f"{path} is no TOML: {error}. Write lines like {example}.") from error
    except AliasesError as error:
        raise AliasesError("\n".join(f"{path}: {line}" for line in str(error).splitlines())) from error


def read(table: Mapping[str, object]) -> Aliases:
    """Read a table of names with their other names. Raises AliasesError with every problem."""
    problems: list[str] = []
    groups: dict[str, tuple[str, ...]] = {}
    for name, others in table.items():
        if not isinstance(others, list) or not all(isinstance(each, str) for each in others):
            problems.append(f'"{name}" needs a list of names in quotation marks, such as ["IDS"].')
            continue
        group = tuple(dict.fromkeys(people.name(each) for each in (name, *others)))
        if "" in group:
            problems.append(f'"{name}": one of its names has no letters.')
        for each in dict.fromkeys(each.replace("-", " ") for each in group):
            if each in groups:
                problems.append(f'"{name}": the name "{each}" stands in another line, too; a name means one person.')
            groups[each] = group
    if problems:
        raise AliasesError("\n".join(problems))
    return Aliases(groups)
