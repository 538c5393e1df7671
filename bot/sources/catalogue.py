"""The list of sources: the built-in catalogue, or a TOML file, checked with every error at once."""

from __future__ import annotations

import difflib
import re
import tomllib
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot import emoji
from bot.durations import parse_duration
from bot.model import ENTRY_KINDS, Source
from bot.sources.kinds import KINDS
from bot.sources.markup import selector_problem

_EMOJI = ("emoji", "custom_emoji")
_TEXTS = ("slug", "name", "kind", "url", "every", "timezone", "icon", *_EMOJI, "organisation", "entry_kind")
_REQUIRED = ("slug", "name", "kind", "url")
_SELECTORS = ("row", "link", "headline", "author", "organisation", "summary", "topic", "time", "icon", "body")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
_CATALOGUE = "the built-in catalogue"


class SourcesError(Exception):
    """The sources cannot be used. `errors` has one sentence for each thing to correct; str() joins them by lines."""

    def __init__(self, errors: Iterable[str]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(self.errors))


def load(path: Path | None) -> tuple[Source, ...]:
    """Read sources from a file, or the built-in catalogue where there is none.

    A file that says `extends = "catalogue"` adds to the catalogue; a source with the slug of one there changes only the
    fields that it gives.

    Raises:
        SourcesError: the file or anything in it is wrong.
    """
    if path is None:
        return _sources(_tables(_builtin(), _CATALOGUE, []), _CATALOGUE, [])
    errors: list[str] = []
    try:
        document = _parse(path.read_bytes().decode("utf-8"), str(path))
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise SourcesError([f"{path}: {reason}; give the path of a file of sources that the bot may read"]) from error
    except UnicodeDecodeError as error:
        raise SourcesError([f"{path}: this is not text in UTF-8; save it as UTF-8"]) from error
    errors += [
        f'{path}: "{key}" is not known here{_nearest(key, ("extends", "source"))}; sources begin with [[source]]'
        for key in document
        if key not in {"extends", "source"}
    ]
    tables = _tables(document, str(path), errors)
    if not tables and not errors:
        errors.append(f"{path}: there is no source in it; begin each one with [[source]]")
    extends = document.get("extends")
    if extends == "catalogue":
        tables = _merged(_tables(_builtin(), _CATALOGUE, []), tables)
    elif extends is not None:
        errors.append(f'{path}: extends can only be "catalogue"; correct it or take the line away')
    return _sources(tables, str(path), errors)


def of_table(table: Mapping[str, Any], place: str) -> Source:
    """Build one source of the fields that a file would have.

    Raises:
        SourcesError: with every problem; `place` says where the fields come from.
    """
    (source,) = _sources([dict(table)], place, [])
    return source


def _builtin() -> dict[str, Any]:
    text = resources.files("bot.sources").joinpath("catalogue.toml").read_text(encoding="utf-8")
    return _parse(text, _CATALOGUE)


def _parse(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SourcesError([f"{file}: this is not TOML: {error}; correct that line"]) from error


def _tables(document: Mapping[str, Any], file: str, errors: list[str]) -> list[dict[str, Any]]:
    """Give the [[source]] tables; the same slug twice in one file is an error."""
    found = document.get("source", [])
    if not isinstance(found, list) or not all(isinstance(table, dict) for table in found):
        errors.append(f"{file}: sources must be written as [[source]], with two brackets; correct that line")
        return []
    slugs = [table["slug"] for table in found if isinstance(table.get("slug"), str)]
    errors += [
        f'{file}: the slug "{slug}" is there {slugs.count(slug)} times; give each source its own'
        for slug in dict.fromkeys(slugs)
        if slugs.count(slug) > 1
    ]
    return found


def _merged(base: list[dict[str, Any]], own: list[dict[str, Any]]) -> list[dict[str, Any]]:
    changes = {table["slug"]: table for table in own if isinstance(table.get("slug"), str)}
    known = {table["slug"] for table in base}
    return [table | changes.get(table["slug"], {}) for table in base] + [t for t in own if t.get("slug") not in known]


def _sources(tables: list[dict[str, Any]], file: str, errors: list[str]) -> tuple[Source, ...]:
    built = [_source(table, number, file, errors) for number, table in enumerate(tables, 1)]
    if errors:
        raise SourcesError(errors)
    return tuple(source for source in built if source is not None)


def _source(table: Mapping[str, Any], number: int, file: str, errors: list[str]) -> Source | None:
    """Build one source, or note everything that is wrong with it."""
    slug = table.get("slug")
    where = f'{file}: source "{slug}"' if isinstance(slug, str) and slug else f"{file}: source {number}"
    text = {key: table[key].strip() for key in _TEXTS if isinstance(table.get(key), str)}
    select = table.get("select", {})
    problems = [*_field_problems(table), *_value_problems(text), *_select_problems(select)]
    if text.get("kind") == "page" and isinstance(select, dict) and "row" not in select:
        problems.append('the kind page needs a selector for its rows; add row = "…" under [source.select]')
    errors += [f"{where}: {problem}" for problem in problems]
    if problems:
        return None
    given: dict[str, Any] = {key: value for key, value in text.items() if key != "every" and value}
    return Source(**given, every=parse_duration(text["every"]) if text.get("every") else None, select=select)


def _field_problems(table: Mapping[str, Any]) -> Iterator[str]:
    for key in table:
        if key not in (*_TEXTS, "select"):
            yield f'"{key}" is no field of a source{_nearest(key, (*_TEXTS, "select"))}; correct it or take it away'
    for key in _TEXTS:
        if key in table and not isinstance(table[key], str):
            yield f'{key} must be text; put it in quotation marks, {key} = "…"'
        elif key in _REQUIRED and not table.get(key, "").strip():
            yield f'{key} is missing; add {key} = "…"'


def _value_problems(text: Mapping[str, str]) -> Iterator[str]:
    kind, zone = text.get("kind"), text.get("timezone")
    if text.get("slug") and not _SLUG.fullmatch(text["slug"]):
        yield "a slug has small letters, digits and hyphens only, such as bbc-politics; correct it"
    if kind and kind not in KINDS:
        yield f'"{kind}" is not a kind{_nearest(kind, KINDS)}; use one of {", ".join(KINDS)}'
    for key in ("url", "icon"):
        if text.get(key) and not _is_web(text[key]):
            yield f'{key} = "{_without_user(text[key])}" is no web address; begin it with https:// or http://'
    if text.get("emoji") and not emoji.is_emoji(text["emoji"]):
        yield f'emoji = "{text["emoji"]}" is not one emoji; give one such as 🏛'
    if text.get("custom_emoji") and not emoji.is_number(text["custom_emoji"]):
        number = text["custom_emoji"]
        yield f'custom_emoji = "{number}" is not the number of a custom emoji; give one such as 5368324170671202286'
    try:
        parse_duration(text.get("every") or "1s")
    except ValueError as error:
        yield f"every: {error}"
    if zone and not _is_timezone(zone):
        near = _nearest(zone, zoneinfo.available_timezones())
        yield f'"{zone}" is not a time zone{near}; use a name such as Europe/London'
    if text.get("entry_kind", "wire") not in ENTRY_KINDS:
        yield f'entry_kind can be {" or ".join(ENTRY_KINDS)}, not "{text["entry_kind"]}"; correct it'


def _select_problems(select: Any) -> Iterator[str]:
    if not isinstance(select, dict):
        yield "select must be a table; write it as [source.select] with one selector a line"
        return
    for key, selector in select.items():
        if key not in _SELECTORS:
            yield f'"{key}" is nothing that can be selected{_nearest(key, _SELECTORS)}; use {", ".join(_SELECTORS)}'
        elif not isinstance(selector, str):
            yield f'the selector {key} must be text; put it in quotation marks, {key} = "…"'
        elif problem := selector_problem(selector):
            yield f'the selector {key} = "{selector}" {problem}; correct it'


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def _without_user(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//…@", url)


def _is_timezone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _nearest(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f' (did you mean "{near[0]}"?)' if near else ""
